//! The cells of a histogram: which one a value belongs to, and which values belong to one.
//!
//! A [`Layout`] numbers the cells of one histogram in the order of their values: one for negatives,
//! one for zero and what is below the range, the native buckets, one for what is above the range.
//! A value's native bucket comes from the bits of the `f64` (see `octave`): one look into a table
//! that all schemas share, additions, one compare, one shift. Declared bounds split native buckets;
//! a layout that has such splits goes another way after a compare that it always fails, so that they
//! cost nothing where nobody declared any.
//!
//! This is pure arithmetic on plain data: it holds no counts, takes no logarithm and rounds nothing.

mod native;
mod octave;
#[cfg(test)]
mod tests;

use std::fmt;
use std::ops::RangeInclusive;
use std::sync::Arc;

pub(crate) use octave::power_of_two;

use crate::error::Error;

/// The cell of values below zero.
const NEGATIVES: u32 = 0;

/// The cell of zero, and of what is above zero and not above the range's lower bound.
const ZERO: u32 = 1;

/// The cell of the lowest native bucket, or of its first part.
const FIRST_NATIVE: u32 = 2;

/// Cells that every layout has besides the native buckets.
const SPECIAL_CELLS: u32 = 3;

const SCHEMAS: RangeInclusive<i8> = -4..=8;
const EXPONENTS: RangeInclusive<i32> = -1022..=Layout::MAX_EXPONENT;

/// The cells of a histogram: base-2 exponential buckets over a stated range, split at declared bounds.
///
/// The native buckets are those of a schema `s`: bucket `i` holds the values above 2^((i-1)/2^s)
/// and up to 2^(i/2^s), that one included. So `2^s` buckets make an octave, and at the default schema
/// 5 a bucket's upper bound is 2.2 % above its lower one. The counts of two histograms with one schema
/// can be added bucket by bucket, and those of a finer schema can be made coarser, without any error.
///
/// The cells are numbered from 0 in the order of their values: negatives, the zero bucket (0 up to the
/// range's lower bound, included), the native buckets, what is above the range. A declared bound
/// splits the native bucket that holds it, so that counts up to the declared bound are exact as well.
/// A declared bound that is a native one already splits nothing.
///
/// # Units
///
/// Those of the histogram's values; seconds for [`timer`](Layout::timer).
///
/// # Examples
///
/// ```
/// use tachograph::Layout;
///
/// let layout = Layout::new(5, -30, 15, &[0.1, 0.3])?;
/// let cell = layout.cell(0.1).unwrap();
/// let (lower, upper) = layout.cell_bounds(cell);
/// assert!(lower < 0.1 && upper == 0.1);
/// assert_eq!(layout.cell(0.1000001), Some(cell + 1));
/// assert_eq!(layout.cell_bounds(cell + 1).0, 0.1);
/// # Ok::<(), tachograph::Error>(())
/// ```
///
/// # Source
///
/// [OpenTelemetry metrics data model, ExponentialHistogram](https://opentelemetry.io/docs/specs/otel/metrics/data-model/#exponentialhistogram)
/// (whose bucket `i` is `i + 1` here) and the
/// [Prometheus native histograms specification](https://prometheus.io/docs/specs/native_histograms/)
/// (whose zero threshold is the range's lower bound).
#[derive(Clone, PartialEq)]
pub struct Layout {
    /// Where the range begins, as an [`octave::position`].
    origin: u64,
    /// How far the range reaches from there; 0 sends every value the slower way.
    limit: u64,
    /// How far the number of a native bucket stands above the lowest bit of a position.
    shift: u32,
    cells: u32,
    schema: i8,
    min_exponent: i32,
    max_exponent: i32,
    bounds: Vec<f64>,
    splits: Option<Arc<Splits>>,
}

impl Layout {
    /// The schema of [`timer`](Layout::timer) and [`histogram`](Layout::histogram): 32 buckets an octave.
    pub const DEFAULT_SCHEMA: i8 = 5;

    /// The most bounds that one layout may declare.
    pub const MAX_BOUNDS: usize = 256;

    /// The most cells that one layout may have.
    pub const MAX_CELLS: u32 = 65_536;

    /// The greatest exponent that can be asked for: sums of what lies below stay finite.
    pub const MAX_EXPONENT: i32 = 900;

    /// The layout of a timer: the default schema, 2^-30 (about a nanosecond) to 2^15 seconds (nine hours).
    #[must_use]
    pub const fn timer() -> Layout {
        Layout::timer_in(0)
    }

    /// The layout of a timer whose unit is about 2^-`exponent` seconds: about the same range.
    pub(crate) const fn timer_in(exponent: i32) -> Layout {
        Layout::without_bounds(Layout::DEFAULT_SCHEMA, exponent - 30, exponent + 15)
    }

    /// The layout of a histogram: the default schema, 2^-30 (about 1e-9) to 2^34 (about 1.7e10).
    #[must_use]
    pub const fn histogram() -> Layout {
        Layout::without_bounds(Layout::DEFAULT_SCHEMA, -30, 34)
    }

    /// A layout without native buckets, so that [`native_cell`](Layout::native_cell) has none for any
    /// value: it stands where the layout is not known yet.
    ///
    /// It still has a cell for negatives, one for 0 to 1, and one for what is above.
    #[must_use]
    pub const fn empty() -> Layout {
        Layout::without_bounds(Layout::DEFAULT_SCHEMA, 0, 0)
    }

    /// A layout of `schema` over the range 2^`min_exponent` to 2^`max_exponent`, split at `bounds`.
    ///
    /// The buckets of a schema below 0 span several octaves; such a range is widened on both sides to
    /// whole buckets. [`exponents`](Layout::exponents) tells the result.
    ///
    /// # Errors
    ///
    /// When `schema` is outside -4..=8 or an exponent outside -1022..=900; when the range is empty, or
    /// its lower bound is below 2^-1022 after widening; when a bound is not finite, not above zero, not
    /// above the one before, or outside the range; when there are more bounds than
    /// [`MAX_BOUNDS`](Layout::MAX_BOUNDS) or more cells than [`MAX_CELLS`](Layout::MAX_CELLS).
    ///
    /// # Examples
    ///
    /// ```
    /// use tachograph::Layout;
    ///
    /// let layout = Layout::new(-1, -3, 5, &[])?;
    /// assert_eq!(layout.exponents(), (-4, 6));
    /// assert_eq!(layout.cells(), 3 + 5);
    ///
    /// let error = Layout::new(5, -30, 15, &[0.3, 0.1]).unwrap_err();
    /// assert_eq!(error.to_string(), "bucket bound 0.1 follows 0.3: sort the bounds and give each one once");
    /// # Ok::<(), tachograph::Error>(())
    /// ```
    pub fn new(
        schema: i8,
        min_exponent: i32,
        max_exponent: i32,
        bounds: &[f64],
    ) -> Result<Layout, Error> {
        check_range(schema, min_exponent, max_exponent)?;
        let octaves = 1 << (-schema).max(0);
        let lowest = min_exponent.div_euclid(octaves) * octaves;
        let highest = -(-max_exponent).div_euclid(octaves) * octaves;
        if lowest < *EXPONENTS.start() {
            return Err(Error::invalid(format!(
                "min_exponent {min_exponent} lies inside a bucket of schema {schema} that begins below \
                 2^{}: use at least {}",
                EXPONENTS.start(),
                lowest + octaves
            )));
        }
        let mut layout = Layout::without_bounds(schema, lowest, highest);
        check_bounds(bounds, &layout)?;
        layout.split_at(bounds);
        if layout.cells > Layout::MAX_CELLS {
            return Err(Error::invalid(format!(
                "a histogram of schema {schema} over 2^{lowest}..=2^{highest} takes {} cells: lower the \
                 schema or narrow the range to stay within {}",
                layout.cells,
                Layout::MAX_CELLS
            )));
        }
        Ok(layout)
    }

    /// The range's ends are whole buckets of the schema, inside [`EXPONENTS`] or just widened from it.
    const fn without_bounds(schema: i8, min_exponent: i32, max_exponent: i32) -> Layout {
        let coarser = (8 - schema) as u32;
        let finest = ((max_exponent - min_exponent) * octave::BUCKETS_PER_OCTAVE) as u64;
        let below = (min_exponent + octave::EXPONENT_BIAS) * octave::BUCKETS_PER_OCTAVE;
        Layout {
            // The bucket that ends at the range's lower bound is the last one outside of it.
            origin: (below as u64 + 1) << octave::POSITION_SHIFT,
            limit: finest << octave::POSITION_SHIFT,
            shift: octave::POSITION_SHIFT + coarser,
            cells: SPECIAL_CELLS + (finest >> coarser) as u32,
            schema,
            min_exponent,
            max_exponent,
            bounds: Vec::new(),
            splits: None,
        }
    }

    /// Declares bounds that were checked, in a layout that has none.
    fn split_at(&mut self, bounds: &[f64]) {
        let natives = self.cells - SPECIAL_CELLS;
        let mut at: Vec<(u32, f64)> = Vec::new();
        for bound in bounds {
            // The range's lower bound has no native bucket: it closes the zero bucket.
            if let Some(cell) = self.native_cell(*bound) {
                let native = cell - FIRST_NATIVE;
                if *bound != self.native_upper(native) {
                    at.push((native, *bound));
                }
            }
        }
        self.bounds = bounds.to_vec();
        if at.is_empty() {
            return;
        }
        self.cells += at.len() as u32;
        let mut splits_below = 0;
        let first_cells = (0..=natives).map(|native| {
            while at.get(splits_below).is_some_and(|(split, _)| *split < native) {
                splits_below += 1;
            }
            FIRST_NATIVE + native + splits_below as u32
        });
        self.splits = Some(Arc::new(Splits {
            limit: self.limit,
            first_cells: first_cells.collect(),
            values: at.iter().map(|(_, bound)| *bound).collect(),
        }));
        self.limit = 0;
    }

    /// The schema: 2^schema native buckets make an octave. -4..=8.
    pub fn schema(&self) -> i8 {
        self.schema
    }

    /// The range that has native buckets: above the first value, up to the second one, included.
    pub fn range(&self) -> (f64, f64) {
        let [lower, upper] = [self.min_exponent, self.max_exponent]
            .map(|exponent| octave::bound(exponent * octave::BUCKETS_PER_OCTAVE));
        (lower, upper)
    }

    /// The range as powers of two: 2^first to 2^second.
    pub fn exponents(&self) -> (i32, i32) {
        (self.min_exponent, self.max_exponent)
    }

    /// The declared bounds, ascending.
    pub fn bounds(&self) -> &[f64] {
        &self.bounds
    }

    /// How many cells there are in all, `3..=65_536`.
    pub fn cells(&self) -> u32 {
        self.cells
    }

    /// The cell of a value inside the range; `None` for every other value: NaN, infinities, negatives,
    /// zero, and what is below or above the range.
    ///
    /// This is the path of a recording; [`cell`](Layout::cell) is complete.
    #[inline(always)]
    #[must_use]
    pub fn native_cell(&self, value: f64) -> Option<u32> {
        match self.unsplit_cell(value) {
            Some(cell) => Some(cell as u32),
            None => self.split_cell(value),
        }
    }

    /// As [`native_cell`](Layout::native_cell), but for layouts that have splits always `None`.
    #[inline(always)]
    pub(crate) fn unsplit_cell(&self, value: f64) -> Option<usize> {
        let place = octave::position(value).wrapping_sub(self.origin);
        // What is below the range wraps to a high place, what is negative or not finite has one.
        // The shift is 44..=56; `wrapping_shr` only spares debug builds a check.
        (place < self.limit)
            .then(|| place.wrapping_shr(self.shift) as usize + FIRST_NATIVE as usize)
    }

    #[cold]
    #[inline(never)]
    fn split_cell(&self, value: f64) -> Option<u32> {
        let place = octave::position(value).wrapping_sub(self.origin);
        let splits = self.splits.as_ref()?;
        if place >= splits.limit {
            return None;
        }
        let (first_cell, within) = splits.of_native((place >> self.shift) as usize);
        Some(first_cell + within.partition_point(|split| *split < value) as u32)
    }

    /// The cell of a value; `None` for NaN and the infinities.
    ///
    /// A higher value never has a lower cell. -0.0 is zero.
    ///
    /// # Examples
    ///
    /// ```
    /// use tachograph::Layout;
    ///
    /// let layout = Layout::timer();
    /// assert_eq!(layout.cell(-1.0), Some(0));
    /// assert_eq!(layout.cell(0.0), Some(1));
    /// assert_eq!(layout.cell(1e-9), Some(5));
    /// assert_eq!(layout.cell(1e6), Some(layout.cells() - 1));
    /// assert_eq!(layout.cell(f64::NAN), None);
    /// ```
    #[must_use]
    pub fn cell(&self, value: f64) -> Option<u32> {
        if let Some(cell) = self.native_cell(value) {
            return Some(cell);
        }
        if !value.is_finite() {
            return None;
        }
        Some(match value {
            value if value < 0.0 => NEGATIVES,
            value if value <= self.range().0 => ZERO,
            _ => self.cells - 1,
        })
    }

    /// The values of a cell: above the first, up to the second, included.
    ///
    /// Native bounds are irrational except at whole octaves; each is given as the largest `f64` that
    /// is not above it, so that for every `f64` the answer is exact: a value is in the cell when it is
    /// above the first and not above the second. The exceptions are the two ends: negatives are `(-inf, 0.0)`,
    /// zero not included, and the zero bucket begins with 0.0, included. What is above the range ends
    /// with +inf.
    ///
    /// # Panics
    ///
    /// When `cell` is not below [`cells`](Layout::cells).
    ///
    /// # Examples
    ///
    /// ```
    /// use tachograph::Layout;
    ///
    /// let layout = Layout::timer();
    /// assert_eq!(layout.cell_bounds(0), (f64::NEG_INFINITY, 0.0));
    /// assert_eq!(layout.cell_bounds(1), (0.0, 1.0 / f64::from(1 << 30)));
    /// assert_eq!(layout.cell_bounds(layout.cells() - 1), (32_768.0, f64::INFINITY));
    /// let (lower, upper) = layout.cell_bounds(layout.cell(0.25).unwrap());
    /// assert!(lower < 0.25 && upper == 0.25);
    /// ```
    #[must_use]
    pub fn cell_bounds(&self, cell: u32) -> (f64, f64) {
        assert!(cell < self.cells, "cell {cell} of a histogram that has {}", self.cells);
        let (lower, upper) = self.range();
        if cell == NEGATIVES {
            return (f64::NEG_INFINITY, 0.0);
        }
        if cell == ZERO {
            return (0.0, lower);
        }
        if cell == self.cells - 1 {
            return (upper, f64::INFINITY);
        }
        let Some(splits) = &self.splits else {
            let native = cell - FIRST_NATIVE;
            return (self.native_lower(native), self.native_upper(native));
        };
        let native = splits.first_cells.partition_point(|first| *first <= cell) - 1;
        let (first_cell, within) = splits.of_native(native);
        let part = (cell - first_cell) as usize;
        let lower = part.checked_sub(1).map(|before| within[before]);
        let upper = within.get(part).copied();
        (
            lower.unwrap_or_else(|| self.native_lower(native as u32)),
            upper.unwrap_or_else(|| self.native_upper(native as u32)),
        )
    }

    /// The lower bound of a native bucket, counted from 0 at the range's lower bound.
    fn native_lower(&self, native: u32) -> f64 {
        let finest_per_native = 1 << (8 - self.schema);
        octave::bound(
            self.min_exponent * octave::BUCKETS_PER_OCTAVE + native as i32 * finest_per_native,
        )
    }

    fn native_upper(&self, native: u32) -> f64 {
        self.native_lower(native + 1)
    }
}

impl fmt::Debug for Layout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Layout")
            .field("schema", &self.schema)
            .field("min_exponent", &self.min_exponent)
            .field("max_exponent", &self.max_exponent)
            .field("bounds", &self.bounds)
            .finish_non_exhaustive()
    }
}

/// Where declared bounds split native buckets.
#[derive(Clone, PartialEq)]
struct Splits {
    /// How far the range reaches, in place of the layout's own `limit`.
    limit: u64,
    /// The first cell of each native bucket, and after the last one the cell above the range.
    first_cells: Vec<u32>,
    /// The declared bounds that are not native ones, ascending.
    values: Vec<f64>,
}

impl Splits {
    /// The first cell of a native bucket, and the declared bounds within it.
    fn of_native(&self, native: usize) -> (u32, &[f64]) {
        let splits_below =
            |native: usize| (self.first_cells[native] - FIRST_NATIVE) as usize - native;
        (self.first_cells[native], &self.values[splits_below(native)..splits_below(native + 1)])
    }
}

fn check_range(schema: i8, min_exponent: i32, max_exponent: i32) -> Result<(), Error> {
    if !SCHEMAS.contains(&schema) {
        return Err(Error::invalid(format!(
            "histogram schema {schema} is unknown: use {} (coarse) to {} (fine)",
            SCHEMAS.start(),
            SCHEMAS.end()
        )));
    }
    for (what, exponent) in [("min_exponent", min_exponent), ("max_exponent", max_exponent)] {
        if !EXPONENTS.contains(&exponent) {
            return Err(Error::invalid(format!(
                "{what} {exponent} is out of range: use {} to {}",
                EXPONENTS.start(),
                EXPONENTS.end()
            )));
        }
    }
    if min_exponent >= max_exponent {
        return Err(Error::invalid(format!(
            "the histogram range 2^{min_exponent}..=2^{max_exponent} is empty: raise max_exponent above \
             {min_exponent}"
        )));
    }
    Ok(())
}

fn check_bounds(bounds: &[f64], layout: &Layout) -> Result<(), Error> {
    if bounds.len() > Layout::MAX_BOUNDS {
        return Err(Error::invalid(format!(
            "{} bucket bounds are declared: declare at most {}",
            bounds.len(),
            Layout::MAX_BOUNDS
        )));
    }
    let mut previous = None;
    for bound in bounds {
        check_bound(*bound, previous, layout)?;
        previous = Some(*bound);
    }
    Ok(())
}

fn check_bound(bound: f64, previous: Option<f64>, layout: &Layout) -> Result<(), Error> {
    let (lower, upper) = layout.range();
    let refusal = if !bound.is_finite() {
        "is not finite: remove it (a bucket up to +Inf is always there)".to_owned()
    } else if bound <= 0.0 {
        "is not above zero: remove it (negatives have a cell of their own)".to_owned()
    } else if let Some(previous) = previous.filter(|previous| *previous >= bound) {
        format!("follows {previous:?}: sort the bounds and give each one once")
    } else if bound < lower {
        let remedy = range_remedy(octave::exponents_about(bound).0);
        format!("is below the range, which begins at 2^{}: {remedy}", layout.min_exponent)
    } else if bound > upper {
        let remedy = range_remedy(octave::exponents_about(bound).1);
        format!("is above the range, which ends at 2^{}: {remedy}", layout.max_exponent)
    } else {
        return Ok(());
    };
    Err(Error::invalid(format!("bucket bound {bound:?} {refusal}")))
}

/// What to do about a bound outside the range, which one to 2^`exponent` would take in.
fn range_remedy(exponent: i32) -> String {
    if EXPONENTS.contains(&exponent) {
        format!("widen the range to 2^{exponent} or remove the bound")
    } else {
        "remove it (no range goes that far)".to_owned()
    }
}

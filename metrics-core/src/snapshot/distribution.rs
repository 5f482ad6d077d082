//! A histogram at one moment: counts in the cells of a layout, and what was measured besides them.
//!
//! Only the cells from the first to the last that holds a value are kept. Their sum is the count, so
//! the two cannot disagree; every estimate (quantile, standard deviation) is made from them, and is
//! kept within the smallest and the greatest value. Differences and sums of two histograms are exact
//! in every count.

use std::iter;
use std::sync::Arc;

use crate::bucket::Layout;
use crate::error::Error;
use crate::snapshot::rank;

/// The distribution of a histogram's values at one moment.
///
/// # Examples
///
/// ```
/// let registry = tachograph::Registry::new();
/// let sizes = registry.histogram("size_bytes", &[]).unwrap();
/// for size in [10.0, 20.0, 30.0] {
///     sizes.record(size);
/// }
/// let snapshot = registry.snapshot();
/// let sizes = snapshot.histogram("size_bytes", &[]).unwrap();
/// assert_eq!((sizes.count(), sizes.sum(), sizes.mean()), (3, 60.0, Some(20.0)));
/// assert_eq!((sizes.min(), sizes.max()), (Some(10.0), Some(30.0)));
/// assert!((sizes.quantile(0.5).unwrap() / 20.0 - 1.0).abs() < 0.011);
/// ```
#[derive(Debug, Clone)]
pub struct HistogramSnapshot {
    layout: Arc<Layout>,
    /// The cell of `counts[0]`. Neither the first nor the last of `counts` is zero.
    first: u32,
    counts: Vec<u64>,
    count: u64,
    sum: f64,
    /// No value lies outside; infinite where nothing is known. Meaningless when `count` is zero.
    min: f64,
    max: f64,
    /// `min` and `max` were recorded, both.
    exact: bool,
}

/// A range of values and how many were in it: `lower < value <= upper`.
///
/// The bucket of values below zero has no lower bound and excludes zero; the one above it, the zero
/// bucket, includes it; the one above the layout's range has no upper bound.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bucket {
    /// Where the bucket begins, exclusive.
    pub lower: f64,
    /// Where it ends, inclusive.
    pub upper: f64,
    /// How many values were in it.
    pub count: u64,
}

/// What is known of the smallest and the greatest value of a histogram.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Extremes {
    /// These two were recorded.
    Exact(f64, f64),
    /// No value lies outside of these two, which may be infinite. The edges of the filled cells
    /// narrow them.
    Within(f64, f64),
}

impl HistogramSnapshot {
    /// `counts` are those of the cells from `first` on, zeros at both ends allowed.
    pub(crate) fn new(
        layout: Arc<Layout>,
        first: u32,
        counts: Vec<u64>,
        sum: f64,
        extremes: Extremes,
    ) -> HistogramSnapshot {
        let (count, min, max, exact) = (0, 0.0, 0.0, false);
        let mut made =
            HistogramSnapshot { layout, first, counts: Vec::new(), count, sum, min, max, exact };
        made.fill(first, counts, sum, extremes);
        made
    }

    /// Holds other values from now on, in the same layout. Returns the room of those before.
    pub(super) fn fill(
        &mut self,
        first: u32,
        mut counts: Vec<u64>,
        sum: f64,
        extremes: Extremes,
    ) -> Vec<u64> {
        counts.truncate(counts.iter().rposition(|count| *count > 0).map_or(0, |last| last + 1));
        let empty = counts.iter().take_while(|count| **count == 0).count();
        counts.drain(..empty);
        let first = first + empty as u32;
        let before = std::mem::replace(&mut self.counts, counts);
        self.first = first;
        self.count = self.counts.iter().fold(0, |sum: u64, count| sum.saturating_add(*count));
        if self.count == 0 {
            // A reader can be between a record's sum and its cell: without a value there is no sum.
            (self.sum, self.min, self.max, self.exact) = (0.0, 0.0, 0.0, false);
            return before;
        }
        let (lowest_lower, lowest_upper) = self.layout.cell_bounds(first);
        let (highest_lower, highest_upper) =
            self.layout.cell_bounds(first + self.counts.len() as u32 - 1);
        let (low, high, exact) = match extremes {
            Extremes::Exact(min, max) => (min, max, true),
            Extremes::Within(low, high) => (lowest_lower.max(low), highest_upper.min(high), false),
        };
        // Extremes that were read before the last values came can leave the outer cells uncovered.
        let covers = low <= high && low <= lowest_upper && high >= highest_lower;
        (self.min, self.max) = if covers { (low, high) } else { (lowest_lower, highest_upper) };
        self.exact = exact && covers;
        // A sum beyond the range of f64 stays at its end, so that differences of sums are numbers.
        self.sum = sum.clamp(f64::MIN, f64::MAX);
        before
    }

    /// How many values there are: the sum of the buckets.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// The sum of the values.
    pub fn sum(&self) -> f64 {
        self.sum
    }

    /// The smallest value, or what no value lies below; see
    /// [`is_range_exact`](HistogramSnapshot::is_range_exact). `None` when nothing is known.
    pub fn min(&self) -> Option<f64> {
        (self.count > 0 && self.min.is_finite()).then_some(self.min)
    }

    /// The greatest value, or what no value lies above; see
    /// [`is_range_exact`](HistogramSnapshot::is_range_exact). `None` when nothing is known.
    pub fn max(&self) -> Option<f64> {
        (self.count > 0 && self.max.is_finite()).then_some(self.max)
    }

    /// True when [`min`](HistogramSnapshot::min) and [`max`](HistogramSnapshot::max) are values that
    /// were recorded. False when they are edges of buckets: after a reset, and in the result of
    /// [`since`](HistogramSnapshot::since) for a histogram that had values before.
    pub fn is_range_exact(&self) -> bool {
        self.exact
    }

    /// The mean; `None` without values.
    pub fn mean(&self) -> Option<f64> {
        (self.count > 0).then(|| self.within_range(self.sum / self.count as f64))
    }

    /// An estimate of the standard deviation (of these values, not of a population they stand for),
    /// as if each value were at the middle of its bucket; `None` without values.
    pub fn stddev(&self) -> Option<f64> {
        let mean = self.mean()?;
        // Scaled, so that no square overflows or vanishes.
        let scale =
            self.cells().fold(0.0, |scale: f64, (cell, _)| scale.max(self.middle(cell).abs()));
        if scale == 0.0 {
            return Some(0.0);
        }
        let squares = self.cells().map(|(cell, count)| {
            let distance = self.middle(cell) / scale - mean / scale;
            distance * distance * count as f64
        });
        Some((squares.sum::<f64>() / self.count as f64).sqrt() * scale)
    }

    /// An estimate of the value that a share `q`, `0.0..=1.0`, of the values did not exceed; `None`
    /// without values and for any other `q`.
    ///
    /// It is the geometric middle of the bucket that holds the value of rank `ceil(q * count)`
    /// (nearest rank, at least 1), kept within [`min`](HistogramSnapshot::min) and
    /// [`max`](HistogramSnapshot::max). Inside the layout's range its relative error is therefore at
    /// most half a bucket, `2^(1 / (2 * 2^schema)) - 1`: 1.1 % at schema 5. The zero bucket counts as
    /// 0, values below zero as the smallest, values above the range as the greatest value. The first
    /// and the last rank are the extremes themselves where those are exact.
    pub fn quantile(&self, q: f64) -> Option<f64> {
        if self.count == 0 || !(0.0..=1.0).contains(&q) {
            return None;
        }
        let rank = rank(q, self.count);
        if self.exact && rank == 1 {
            return Some(self.min);
        }
        if self.exact && rank == self.count {
            return Some(self.max);
        }
        let mut below: u64 = 0;
        let holds_rank = |(_, count): &(u32, u64)| {
            below = below.saturating_add(*count);
            below >= rank
        };
        self.cells().find(holds_rank).map(|(cell, _)| self.middle(cell))
    }

    /// The buckets that hold values, in ascending order.
    pub fn buckets(&self) -> impl Iterator<Item = Bucket> {
        self.cells().map(|(cell, count)| {
            let (lower, upper) = self.layout.cell_bounds(cell);
            Bucket { lower, upper, count }
        })
    }

    /// How many values are at most `bound`: exact where `bound` is one of the layout's declared or
    /// native bounds, is at least [`max`](HistogramSnapshot::max), or lies outside of all values.
    /// Elsewhere the values in the bucket that `bound` cuts are left out. 0 for NaN.
    pub fn count_at_most(&self, bound: f64) -> u64 {
        if self.count > 0 && bound >= self.max {
            return self.count;
        }
        let at_most = self.buckets().take_while(|bucket| bucket.upper <= bound);
        at_most.fold(0, |sum: u64, bucket| sum.saturating_add(bucket.count))
    }

    /// The layout of the buckets.
    pub fn layout(&self) -> &Layout {
        &self.layout
    }

    /// Adds the values of `other`, for instance those of another thread, process or label. Every
    /// count is exact.
    ///
    /// # Errors
    ///
    /// When the two have different layouts.
    pub fn merge(&mut self, other: &HistogramSnapshot) -> Result<(), Error> {
        if !self.has_layout_of(other) {
            return Err(Error::invalid(format!(
                "a histogram of {} cannot take one of {}: record both with one schema, range and bounds",
                describe(&self.layout),
                describe(&other.layout)
            )));
        }
        if other.count == 0 {
            return Ok(());
        }
        if self.count == 0 {
            self.clone_from(other);
            return Ok(());
        }
        let first = self.first.min(other.first);
        let end = self.end().max(other.end());
        self.counts.reserve((end - first) as usize - self.counts.len());
        self.counts.splice(0..0, iter::repeat_n(0, (self.first - first) as usize));
        self.counts.resize((end - first) as usize, 0);
        self.first = first;
        let shared = self.counts.iter_mut().skip((other.first - first) as usize);
        for (count, more) in shared.zip(&other.counts) {
            *count = count.saturating_add(*more);
        }
        self.count = self.count.saturating_add(other.count);
        self.sum = (self.sum + other.sum).clamp(f64::MIN, f64::MAX);
        self.min = self.min.min(other.min);
        self.max = self.max.max(other.max);
        self.exact &= other.exact;
        Ok(())
    }

    /// What came after `earlier`; see [`Snapshot::since`](crate::Snapshot::since).
    #[must_use]
    pub fn since(&self, earlier: &HistogramSnapshot) -> HistogramSnapshot {
        self.difference(earlier).unwrap_or_else(|| self.clone())
    }

    /// What came after `earlier`, or `None` when some cell shrank: a reset came in between.
    pub(super) fn difference(&self, earlier: &HistogramSnapshot) -> Option<HistogramSnapshot> {
        if !self.has_layout_of(earlier) {
            return None;
        }
        if earlier.count == 0 {
            return Some(self.clone());
        }
        let skip = earlier.first.checked_sub(self.first)? as usize;
        let mut counts = self.counts.clone();
        for (count, before) in
            counts.get_mut(skip..skip + earlier.counts.len())?.iter_mut().zip(&earlier.counts)
        {
            *count = count.checked_sub(*before)?;
        }
        let extremes = Extremes::Within(self.min, self.max);
        let sum = self.sum - earlier.sum;
        Some(HistogramSnapshot::new(Arc::clone(&self.layout), self.first, counts, sum, extremes))
    }

    /// The cells that hold values, in ascending order.
    pub(crate) fn cells(&self) -> impl Iterator<Item = (u32, u64)> {
        (self.first..).zip(self.counts.iter().copied()).filter(|(_, count)| *count > 0)
    }

    /// How many values are in a cell.
    pub(super) fn count_in(&self, cell: u32) -> u64 {
        let place = cell.checked_sub(self.first);
        place.and_then(|place| self.counts.get(place as usize)).copied().unwrap_or(0)
    }

    /// The value that stands for those of each cell, and how many there are.
    pub(crate) fn values(&self) -> impl Iterator<Item = (f64, u64)> {
        self.cells().map(|(cell, count)| (self.middle(cell), count))
    }

    /// The cell after the last.
    fn end(&self) -> u32 {
        self.first + self.counts.len() as u32
    }

    /// The value that stands for those of a cell.
    fn middle(&self, cell: u32) -> f64 {
        let (lower, upper) = self.layout.cell_bounds(cell);
        self.within_range(if lower < 0.0 {
            f64::NEG_INFINITY
        } else if lower == 0.0 {
            0.0
        } else {
            // Two roots, because the product of two large bounds would overflow.
            lower.sqrt() * upper.sqrt()
        })
    }

    /// Keeps an estimate within the extremes; what stays infinite becomes the nearest known edge.
    fn within_range(&self, value: f64) -> f64 {
        let (lower, upper) = self.layout.range();
        let value = value.clamp(self.min, self.max);
        if value.is_finite() { value } else { value.clamp(lower.min(0.0), upper) }
    }

    fn has_layout_of(&self, other: &HistogramSnapshot) -> bool {
        Arc::ptr_eq(&self.layout, &other.layout) || self.layout == other.layout
    }
}

/// A layout in words, for an error.
fn describe(layout: &Layout) -> String {
    let (low, high) = layout.exponents();
    let bounds = layout.bounds();
    let declared =
        if bounds.is_empty() { String::new() } else { format!(" with the bounds {bounds:?}") };
    format!("schema {} over 2^{low}..=2^{high}{declared}", layout.schema())
}

#[cfg(test)]
mod tests;

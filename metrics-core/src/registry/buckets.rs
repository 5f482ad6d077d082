//! How finely, and over which range, a histogram or timer tells values apart.

use crate::bucket::Layout;
use crate::error::Error;
use crate::kind::Kind;
use crate::unit::Unit;

/// The buckets of a histogram or timer, for [`Registry::histogram_with`](crate::Registry::histogram_with)
/// and [`Registry::timer_with`](crate::Registry::timer_with).
///
/// What is not said is the default: schema 5, 2^-30 ..= 2^34 for histograms and 2^-30 ..= 2^15
/// seconds for timers (about the same in a timer's own unit), no declared bounds.
///
/// # Examples
///
/// ```
/// use tachograph::{Buckets, Registry};
///
/// let registry = Registry::new();
/// let buckets = Buckets::new().schema(3).range(1e-3, 1e3).bounds(&[0.1, 0.3, 1.0]);
/// let latency = registry.histogram_with("latency_seconds", &[], buckets).unwrap();
/// for value in [0.05, 0.1, 0.2, 0.7] {
///     latency.record(value);
/// }
/// let snapshot = registry.snapshot();
/// let seen = snapshot.histogram("latency_seconds", &[]).unwrap();
/// assert_eq!(seen.count_at_most(0.1), 2); // exact, since 0.1 is declared
/// ```
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Buckets {
    schema: Option<i8>,
    range: Option<(f64, f64)>,
    bounds: Vec<f64>,
}

impl Buckets {
    /// The defaults.
    pub fn new() -> Buckets {
        Buckets::default()
    }

    /// 2^`schema` buckets for each factor of two: -4 (one for each factor of 65,536) to 8 (256).
    pub fn schema(mut self, schema: i8) -> Buckets {
        self.schema = Some(schema);
        self
    }

    /// The range in which values are told apart, both above zero, rounded outwards to powers of two.
    pub fn range(mut self, lowest: f64, highest: f64) -> Buckets {
        self.range = Some((lowest, highest));
        self
    }

    /// Bounds at which counts shall be exact: above zero, rising, inside the range, at most 256.
    pub fn bounds(mut self, bounds: &[f64]) -> Buckets {
        self.bounds = bounds.to_vec();
        self
    }

    /// The layout that this describes for a metric of `kind` whose values have `unit`.
    pub(crate) fn layout(&self, kind: Kind, unit: Option<Unit>) -> Result<Layout, Error> {
        let default = default_layout(kind, unit);
        let (lowest, highest) = match self.range {
            None => default.exponents(),
            Some((lowest, highest)) => {
                if !(lowest.is_normal() && highest.is_normal() && 0.0 < lowest && lowest < highest)
                {
                    return Err(Error::invalid(format!(
                        "range {lowest:?} to {highest:?}: give two positive numbers, the lower one first"
                    )));
                }
                (exponent_below(lowest), exponent_above(highest))
            }
        };
        Layout::new(self.schema.unwrap_or(default.schema()), lowest, highest, &self.bounds)
    }
}

/// The layout of a metric for which nothing was said.
pub(crate) fn default_layout(kind: Kind, unit: Option<Unit>) -> Layout {
    match unit.and_then(Unit::of_a_second) {
        _ if kind != Kind::Timer => Layout::histogram(),
        Some((_, exponent)) => Layout::timer_in(exponent),
        None => Layout::timer(),
    }
}

/// The largest `e` with 2^e <= `value`, for a normal `value`: its exponent field.
fn exponent_below(value: f64) -> i32 {
    (value.to_bits() >> 52 & 0x7ff) as i32 - 1023
}

/// The smallest `e` with `value` <= 2^e.
fn exponent_above(value: f64) -> i32 {
    let power_of_two = value.to_bits() & ((1 << 52) - 1) == 0;
    exponent_below(value) + i32::from(!power_of_two)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_rounded_outwards_to_powers_of_two() {
        for (range, exponents) in [
            ((1.0, 2.0), (0, 1)),
            ((1.5, 2.5), (0, 2)),
            ((1e-3, 1e3), (-10, 10)),
            ((0.5, 1.0), (-1, 0)),
        ] {
            let layout =
                Buckets::new().range(range.0, range.1).layout(Kind::Histogram, None).unwrap();
            assert_eq!(layout.exponents(), exponents, "{range:?}");
        }
    }

    #[test]
    fn a_range_that_is_none_is_refused_by_its_values() {
        for (low, high) in
            [(0.0, 1.0), (2.0, 1.0), (1.0, 1.0), (-1.0, 1.0), (f64::NAN, 1.0), (1.0, f64::INFINITY)]
        {
            let error = Buckets::new().range(low, high).layout(Kind::Timer, None).unwrap_err();
            assert!(error.is_invalid());
            assert!(error.to_string().contains(&format!("{low:?}")), "{error}");
        }
    }
}

//! The `le` buckets of a histogram: which bounds, and the counts up to each.
//!
//! Bounds that a program declared are all of them. Without any, they are a few powers of two, which are
//! bounds of native buckets in every schema, so that their counts are exact too. They depend on nothing
//! that changes while the program runs: a set of buckets that moved would break every rate over it.

use std::ptr;

use crate::bucket::{Layout, power_of_two};
use crate::encode::digits::push_bound;
use crate::snapshot::HistogramSnapshot;

/// Steps between the bounds of a layout that declares none: so there are at most eleven.
const STEPS: i32 = 10;

/// Where durations mostly lie, 60 ns to a minute, as exponents of two: a bound at each factor of 8.
const OF_SECONDS: (i32, i32) = (-24, 6);

/// Where other values mostly lie, 0.0002 to 268 million: a bound at each factor of 16.
const OF_OTHERS: (i32, i32) = (-12, 28);

/// The bounds of one layout, ready to be written.
#[derive(Debug)]
pub(super) struct Bounds<'a> {
    layout: &'a Layout,
    /// Ascending; the last one is infinite.
    bounds: Vec<Bound>,
}

#[derive(Debug)]
struct Bound {
    /// The last cell that is not above it.
    cell: u32,
    /// `le="0.25"} `
    text: String,
}

impl<'a> Bounds<'a> {
    /// The bounds of a metric whose values are seconds, or are not.
    pub(super) fn new(layout: &'a Layout, is_of_seconds: bool) -> Bounds<'a> {
        let values = values(layout, is_of_seconds);
        let bound = |value: &f64| {
            let mut text = String::from("le=\"");
            push_bound(*value, &mut text);
            text.push_str("\"} ");
            Some(Bound { cell: layout.cell(*value)?, text })
        };
        let mut bounds: Vec<Bound> = values.iter().filter_map(bound).collect();
        bounds.push(Bound { cell: layout.cells(), text: String::from("le=\"+Inf\"} ") });
        Bounds { layout, bounds }
    }

    /// True for the layout that they were made of, which the series of a metric mostly share.
    pub(super) fn are_of(&self, layout: &Layout) -> bool {
        ptr::eq(self.layout, layout) || self.layout == layout
    }

    /// Each bound's text with how many values are at most that.
    pub(super) fn counts(
        &self,
        histogram: &HistogramSnapshot,
    ) -> impl Iterator<Item = (&str, u64)> {
        let texts = self.bounds.iter().map(|bound| bound.text.as_str());
        texts.zip(counts_up_to(histogram, self.cells()))
    }

    /// For each bound the last cell that is not above it.
    pub(super) fn cells(&self) -> impl Iterator<Item = u32> {
        self.bounds.iter().map(|bound| bound.cell)
    }
}

/// How many values are in each of these cells, which ascend, and below.
pub(super) fn counts_up_to(
    histogram: &HistogramSnapshot,
    last: impl Iterator<Item = u32>,
) -> impl Iterator<Item = u64> {
    let mut cells = histogram.cells().peekable();
    let mut total: u64 = 0;
    last.map(move |last| {
        while let Some((_, count)) = cells.next_if(|(cell, _)| *cell <= last) {
            total = total.saturating_add(count);
        }
        total
    })
}

/// Where the buckets end of a metric whose values are seconds, or are not; but for the last one.
pub(super) fn values(layout: &Layout, is_of_seconds: bool) -> Vec<f64> {
    let declared = layout.bounds().to_vec();
    if declared.is_empty() { powers_of_two(layout, is_of_seconds) } else { declared }
}

/// At most eleven powers of two inside the layout's range, 1 among them where it is inside.
fn powers_of_two(layout: &Layout, is_of_seconds: bool) -> Vec<f64> {
    let range = layout.exponents();
    let timer = Layout::timer().exponents();
    // A timer in another unit than seconds has their range, moved by so many powers of two.
    let moved = range.0 - timer.0;
    let (low, high) = if is_of_seconds && range == (timer.0 + moved, timer.1 + moved) {
        (OF_SECONDS.0 + moved, OF_SECONDS.1 + moved)
    } else if range == Layout::histogram().exponents() {
        if is_of_seconds { OF_SECONDS } else { OF_OTHERS }
    } else {
        // A range that was chosen says itself where the values lie.
        range
    };
    let octaves = 1 << (-layout.schema()).max(0);
    let step = next_multiple((high - low + STEPS - 1) / STEPS, octaves).max(octaves);
    let first = next_multiple(low, step);
    (first..=high).step_by(step as usize).map(power_of_two).collect()
}

/// The smallest multiple of `step` that is not below `number`.
fn next_multiple(number: i32, step: i32) -> i32 {
    -(-number).div_euclid(step) * step
}

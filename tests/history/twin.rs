//! The naive twin: it keeps every value with its time, and looks through all of them.

use tachograph::{Aggregation, HistogramSnapshot, Kind, Snapshot, Value, Window};

use super::clock::nanos;
use super::ticks::Ticks;

/// Half a bucket of schema 5: by as much a quantile may be off.
const HALF_A_BUCKET: f64 = 0.0109;

/// What a bucket of schema 5 ends at, in terms of what it begins at.
const BUCKET: f64 = 1.021_9;

/// One series as it was recorded.
pub(crate) struct Twin {
    pub(crate) name: &'static str,
    pub(crate) kind: Kind,
    /// All values with their time: of a counter what it was incremented by; of a gauge what a tick saw.
    values: Vec<(u64, f64)>,
    /// What a gauge shows now; 0 before it is set.
    pub(crate) level: f64,
    /// The last value that was recorded before a reset.
    forgotten_until: u64,
}

/// What was asked for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Asked {
    pub(crate) after: u64,
    /// None: until now.
    pub(crate) until: Option<u64>,
    pub(crate) now: u64,
}

impl Twin {
    pub(crate) fn new(name: &'static str, kind: Kind) -> Twin {
        Twin { name, kind, values: Vec::new(), level: 0.0, forgotten_until: 0 }
    }

    pub(crate) fn add(&mut self, at: u64, value: f64) {
        assert!(self.values.last().is_none_or(|(last, _)| *last <= at), "not in order");
        self.values.push((at, value));
    }

    /// What was recorded is still part of windows; but of a summary it is no longer kept as it was.
    pub(crate) fn reset(&mut self) {
        self.level = 0.0;
        self.forgotten_until = self.values.last().map_or(0, |(at, _)| *at);
    }

    fn within(&self, from: u64, to: u64) -> &[(u64, f64)] {
        let place = |at: u64| self.values.partition_point(|(time, _)| *time <= at);
        &self.values[place(from)..place(to)]
    }

    /// Compares all that can be asked of a window with what was recorded in the span that it shall cover.
    pub(crate) fn check(&self, window: Option<&Window>, ticks: &Ticks, asked: Asked) {
        let what = format!("{}, {asked:?}", self.name);
        // From the tick before it, or the slot's beginning, to now or to the end of a slot.
        let from = ticks.border(asked.after);
        let to = asked.until.map_or(asked.now, |until| ticks.border_from(until));
        let window = window.unwrap_or_else(|| panic!("{what}: nothing"));
        let span = window.span();
        assert_eq!((nanos(span.from()), nanos(span.to())), (from, to), "{what}: {span:?}");
        assert_eq!(window.kind(), self.kind, "{what}");
        let seconds = ticks.covered(from, to);
        assert!((span.covered().as_secs_f64() - seconds).abs() < 1e-6, "{what}: {span:?}");
        assert_eq!(span.has_gap(), seconds + 1e-6 < (to - from) as f64 / 1e9, "{what}: {span:?}");

        let mut values: Vec<f64> = self.within(from, to).iter().map(|(_, value)| *value).collect();
        match self.kind {
            Kind::Counter | Kind::Rate => self.check_counts(window, ticks, seconds, &what),
            Kind::Gauge => {
                if asked.until.is_none() && asked.now > ticks.last() {
                    // What it shows now counts as one more tick.
                    values.push(self.level);
                }
                self.check_gauge_rate(window, ticks, values[values.len() - 1], &what);
                check_gauge(window, values, &what);
            }
            Kind::Summary => {
                let since = self.within(from, u64::MAX).len();
                let is_kept = since <= 10_000 && self.forgotten_until <= from;
                assert_eq!(window.samples().is_some(), is_kept, "{what}: {since} since then");
                near(window.rate(), values.len() as f64 / seconds, 1e-9, &what);
                if is_kept {
                    check_exactly(window, values, &what);
                } else {
                    check_distribution(window, values, 0.0, &what);
                }
            }
            _ => {
                near(window.rate(), values.len() as f64 / seconds, 1e-9, &what);
                // A timer's durations are whole ticks of its clock.
                let slack = if self.kind == Kind::Timer { 100e-9 } else { 0.0 };
                check_distribution(window, values, slack, &what);
            }
        }
    }

    /// Parts of a window lie side by side, and each has what was recorded in its span.
    pub(crate) fn check_parts(&self, parts: &[Option<Window>], ticks: &Ticks, asked: Asked) {
        let mut at = ticks.border(asked.after);
        for part in parts.iter().flatten() {
            let (from, to) = (nanos(part.span().from()), nanos(part.span().to()));
            assert_eq!(from, at, "{}, {asked:?}: {parts:?}", self.name);
            at = to;
            let values = self.within(from, to).iter().map(|(_, value)| *value);
            let is_counter = matches!(self.kind, Kind::Counter | Kind::Rate);
            let count = if is_counter { values.sum() } else { values.count() as f64 };
            let is_present = to == asked.now && to > ticks.last();
            let more = if self.kind == Kind::Gauge && is_present { 1.0 } else { 0.0 };
            let found = part.aggregate(Aggregation::Count);
            assert_eq!(found, Some(count + more), "{}, {asked:?}: {part:?}", self.name);
        }
        assert_eq!(at, asked.now, "{}, {asked:?}: {parts:?}", self.name);
    }

    /// What a snapshot of a window says of it.
    pub(crate) fn check_over(&self, over: &Snapshot, ticks: &Ticks, asked: Asked) {
        let values = self.within(ticks.border(asked.after), asked.now);
        let sum = values.iter().map(|(_, value)| value).sum::<f64>();
        let series = over.series().iter().find(|series| series.name() == self.name).unwrap();
        match series.value() {
            Value::Counter(increase) | Value::Rate(increase) => assert_eq!(*increase as f64, sum),
            Value::Gauge(value) => assert_eq!(*value, self.level),
            Value::Histogram(found) => assert_eq!(found.count(), values.len() as u64),
            Value::Timer(found) => assert_eq!(found.count(), values.len() as u64),
            Value::Summary(found) => assert_eq!(found.count(), values.len() as u64),
            other => panic!("{other:?}"),
        }
    }

    /// The rate of a gauge is how it changed from what it was when the window begins, or when it was first seen.
    fn check_gauge_rate(&self, window: &Window, ticks: &Ticks, end: f64, what: &str) {
        let (from, to) = (nanos(window.span().from()), nanos(window.span().to()));
        let before = self.values.iter().rev().find(|(at, _)| *at <= from);
        let (begin, change) = match before {
            Some((_, value)) => (from, end - value),
            None => (self.values[0].0.min(to), end - self.values.first().map_or(end, |(_, v)| *v)),
        };
        let seconds = ticks.covered(begin, to);
        // Where a slot has several ticks, the first of them is not known that well.
        let slack = if before.is_some() { 1e-6 } else { 1.0 };
        match window.rate() {
            Some(rate) => assert!(
                (rate * seconds - change).abs() <= slack * rate.abs() + 1e-9,
                "{what}: {change} in {seconds} s, not {rate}"
            ),
            None => assert!(before.is_none() && seconds <= slack, "{what}: {seconds}"),
        }
    }

    fn check_counts(&self, window: &Window, ticks: &Ticks, seconds: f64, what: &str) {
        let (from, to) = (nanos(window.span().from()), nanos(window.span().to()));
        let sum_in = |from, to| self.within(from, to).iter().map(|(_, value)| value).sum::<f64>();
        let increase = sum_in(from, to);
        assert_eq!(window.aggregate(Aggregation::Sum), Some(increase), "{what}");
        assert_eq!(window.aggregate(Aggregation::Count), Some(increase), "{what}");
        near(window.rate(), increase / seconds, 1e-9, what);
        near(window.aggregate(Aggregation::Average), increase / seconds, 1e-9, what);
        let mut rates: Vec<(f64, f64)> = Vec::new();
        for (from, to) in ticks.slots(from, to) {
            let seconds = ticks.covered(from, to);
            if seconds > 0.0 {
                rates.push((sum_in(from, to) / seconds, seconds));
            }
        }
        let least = rates.iter().map(|(rate, _)| *rate).fold(f64::INFINITY, f64::min);
        let most = rates.iter().map(|(rate, _)| *rate).fold(0.0, f64::max);
        let weights: f64 = rates.iter().map(|(_, weight)| weight).sum();
        let mean = rates.iter().map(|(rate, weight)| rate * weight).sum::<f64>() / weights;
        let squares = rates.iter().map(|(rate, weight)| (rate - mean).powi(2) * weight);
        let stddev = (squares.sum::<f64>() / weights).sqrt();
        let found =
            [Aggregation::Min, Aggregation::Max, Aggregation::StdDev].map(|a| window.aggregate(a));
        let [min, max, deviation] = found.map(Option::unwrap);
        let mut values: Vec<f64> = rates.iter().map(|(rate, _)| *rate).collect();
        values.sort_by(f64::total_cmp);
        check_ranges(window, &values, 1e-9, 1e-9, what);
        near(Some(min), least, 1e-9, what);
        near(Some(max), most, 1e-9, what);
        assert!(
            (deviation - stddev).abs() <= 1e-6 * (1.0 + mean),
            "{what}: {deviation}, not {stddev}"
        );
        rates.sort_by(|one, other| one.0.total_cmp(&other.0));
        for (aggregation, q) in QUANTILES {
            let found = window.aggregate(aggregation).unwrap();
            // The weight of all lower ones does not reach the share, and with its equals it does.
            let below: f64 = rates.iter().filter(|(r, _)| *r < found - 1e-9).map(|(_, w)| w).sum();
            let until: f64 = rates.iter().filter(|(r, _)| *r <= found + 1e-9).map(|(_, w)| w).sum();
            assert!(below <= q * weights + 1e-6 && until >= q * weights - 1e-6, "{what}: {q}");
        }
    }
}

const QUANTILES: [(Aggregation, f64); 4] = [
    (Aggregation::Median, 0.5),
    (Aggregation::P95, 0.95),
    (Aggregation::P99, 0.99),
    (Aggregation::Quantile(0.25), 0.25),
];

fn near(found: Option<f64>, expected: f64, by: f64, what: &str) {
    let found = found.unwrap_or_else(|| panic!("{what}: None, not {expected}"));
    let off = (found - expected).abs();
    assert!(off <= by * expected.abs().max(1e-12), "{what}: {found}, not {expected}");
}

/// By nearest rank.
fn quantile(sorted: &[f64], q: f64) -> f64 {
    sorted[((q * sorted.len() as f64 - 1e-9).ceil() as usize).max(1) - 1]
}

/// The sum, the mean, the standard deviation and the root mean square.
fn moments(values: &[f64]) -> [f64; 4] {
    let (count, sum) = (values.len() as f64, values.iter().sum::<f64>());
    let mean = sum / count;
    let variance = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / count;
    let square = values.iter().map(|value| value * value).sum::<f64>() / count;
    [sum, mean, variance.sqrt(), square.sqrt()]
}

fn check_nothing(window: &Window, what: &str) {
    assert_eq!(window.aggregate(Aggregation::Sum), Some(0.0), "{what}");
    assert_eq!(window.aggregate(Aggregation::Count), Some(0.0), "{what}");
    for aggregation in
        [Aggregation::Average, Aggregation::Min, Aggregation::Max, Aggregation::StdDev]
            .into_iter()
            .chain(QUANTILES.map(|(aggregation, _)| aggregation))
    {
        assert_eq!(window.aggregate(aggregation), None, "{what}: {aggregation}");
    }
    assert_eq!(window.buckets(5), [], "{what}");
}

fn check_gauge(window: &Window, mut values: Vec<f64>, what: &str) {
    let [sum, mean, stddev, square] = moments(&values);
    near(window.aggregate(Aggregation::Sum), sum, 1e-9, what);
    near(window.aggregate(Aggregation::Average), mean, 1e-9, what);
    assert_eq!(window.aggregate(Aggregation::Count), Some(values.len() as f64), "{what}");
    values.sort_by(f64::total_cmp);
    assert_eq!(window.aggregate(Aggregation::Min), values.first().copied(), "{what}");
    assert_eq!(window.aggregate(Aggregation::Max), values.last().copied(), "{what}");
    let deviation = window.aggregate(Aggregation::StdDev).unwrap();
    assert!((deviation - stddev).abs() <= 1.5 * HALF_A_BUCKET * square, "{what}: {deviation}");
    for (aggregation, q) in QUANTILES {
        near(window.aggregate(aggregation), quantile(&values, q), HALF_A_BUCKET, what);
    }
    check_ranges(window, &values, HALF_A_BUCKET, 1e-9, what);
}

fn check_exactly(window: &Window, mut values: Vec<f64>, what: &str) {
    let samples = window.samples().unwrap();
    let found: Vec<f64> = samples.iter().map(tachograph::Sample::value).collect();
    assert_eq!(found, values, "{what}");
    if values.is_empty() {
        return check_nothing(window, what);
    }
    let [sum, mean, stddev, _] = moments(&values);
    near(window.aggregate(Aggregation::Sum), sum, 1e-9, what);
    near(window.aggregate(Aggregation::Average), mean, 1e-9, what);
    near(window.aggregate(Aggregation::StdDev), stddev, 1e-6, what);
    assert_eq!(window.aggregate(Aggregation::Count), Some(values.len() as f64), "{what}");
    values.sort_by(f64::total_cmp);
    assert_eq!(window.aggregate(Aggregation::Min), values.first().copied(), "{what}");
    assert_eq!(window.aggregate(Aggregation::Max), values.last().copied(), "{what}");
    for (aggregation, q) in QUANTILES {
        assert_eq!(window.aggregate(aggregation), Some(quantile(&values, q)), "{what}");
    }
    check_ranges(window, &values, 0.0, 0.0, what);
}

/// Each recorded number may differ from the twin's by `slack`.
fn check_distribution(window: &Window, mut values: Vec<f64>, slack: f64, what: &str) {
    let histogram = window.histogram().unwrap();
    let count = values.len() as f64;
    assert_eq!(histogram.count(), values.len() as u64, "{what}");
    if values.is_empty() {
        return check_nothing(window, what);
    }
    assert_eq!(window.aggregate(Aggregation::Count), Some(count), "{what}");
    let [sum, mean, stddev, square] = moments(&values);
    let off = |aggregation| window.aggregate(aggregation).unwrap();
    assert!((off(Aggregation::Sum) - sum).abs() <= 1e-9 * sum + slack * count, "{what}");
    assert!((off(Aggregation::Average) - mean).abs() <= 1e-9 * mean + slack, "{what}");
    let deviation = off(Aggregation::StdDev);
    assert!(
        (deviation - stddev).abs() <= 1.5 * HALF_A_BUCKET * square + slack,
        "{what}: {deviation}"
    );
    values.sort_by(f64::total_cmp);
    let (least, most) = (values[0], values[values.len() - 1]);
    let (min, max) = (off(Aggregation::Min), off(Aggregation::Max));
    assert!(min <= least + slack && min * BUCKET >= least - slack, "{what}: min {min} of {least}");
    assert!(max >= most - slack && max <= most * BUCKET + slack, "{what}: max {max} of {most}");
    for (aggregation, q) in QUANTILES {
        let (found, exact) = (off(aggregation), quantile(&values, q));
        assert!(
            (found - exact).abs() <= HALF_A_BUCKET * exact + slack,
            "{what}: {found}, not {exact}"
        );
    }
    check_buckets(histogram, &values, slack, what);
    check_ranges(window, &values, HALF_A_BUCKET, slack, what);
}

/// Each bucket holds the values that lie in it, but those at its very bounds.
fn check_buckets(histogram: &HistogramSnapshot, sorted: &[f64], slack: f64, what: &str) {
    for bucket in histogram.buckets() {
        let until = |bound: f64| sorted.partition_point(|value| *value <= bound) as u64;
        let least = until(bucket.upper - slack).saturating_sub(until(bucket.lower + slack));
        let most = until(bucket.upper + slack) - until(bucket.lower - slack);
        assert!(
            (least..=most).contains(&bucket.count),
            "{what}: {bucket:?}, not {least} to {most}"
        );
    }
}

/// Ranges of equal width hold all values, from the least to the greatest, each in its own: above its lower bound and up to its
/// upper one, but for what lies at a bound as nearly as it is known.
fn check_ranges(window: &Window, sorted: &[f64], share: f64, slack: f64, what: &str) {
    let ranges = window.buckets(7);
    assert_eq!(ranges.iter().map(|range| range.count).sum::<u64>(), sorted.len() as u64, "{what}");
    let ends = [Aggregation::Min, Aggregation::Max].map(|end| window.aggregate(end).unwrap());
    assert_eq!([ranges[0].lower, ranges[ranges.len() - 1].upper], ends, "{what}");
    assert!(ranges.windows(2).all(|pair| pair[0].upper == pair[1].lower), "{what}");
    if ends[0] == ends[1] {
        assert_eq!(ranges.len(), 1, "{what}");
        return;
    }
    assert_eq!(ranges.len(), 7, "{what}");
    let width = (ends[1] - ends[0]) / 7.0;
    for (place, range) in ranges.iter().enumerate() {
        assert!(
            (range.upper - range.lower - width).abs() <= 1e-9 * (ends[0].abs() + ends[1].abs()),
            "{what}"
        );
        let until = |bound: f64, by: f64| {
            let bound = bound + by * (share * bound.abs() + slack);
            sorted.partition_point(|value| *value <= bound) as u64
        };
        // The first range holds what lies at its lower bound, too.
        let [below, at_most_below] =
            [1.0, -1.0].map(|by| if place == 0 { 0 } else { until(range.lower, by) });
        let least = until(range.upper, -1.0).saturating_sub(below);
        let most = if place == 6 { sorted.len() as u64 } else { until(range.upper, 1.0) };
        let holds = least..=most - at_most_below;
        assert!(holds.contains(&range.count), "{what}: {range:?}, not {holds:?}");
    }
}

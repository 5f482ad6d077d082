//! Lookups and differences of whole snapshots.

use std::sync::Arc;

use super::*;
use crate::bucket::Layout;
use crate::kind::Kind;
use crate::name::Name;
use crate::unit::Unit;

fn series(name: &str, labels: &[(&str, &str)], value: Value) -> Series {
    let (name, labels) = (Name::new(name).unwrap(), Labels::new(labels).unwrap());
    Series::new(name, labels, Some(Unit::Count), Some(Arc::from("help")), value)
}

/// A histogram of ones and twos.
fn histogram(ones: u64, twos: u64) -> HistogramSnapshot {
    let layout = Arc::new(Layout::histogram());
    let mut counts = vec![0; layout.cells() as usize];
    counts[layout.cell(1.0).unwrap() as usize] = ones;
    counts[layout.cell(2.0).unwrap() as usize] = twos;
    let sum = (ones + 2 * twos) as f64;
    let extremes =
        Extremes::Exact(if ones > 0 { 1.0 } else { 2.0 }, if twos > 0 { 2.0 } else { 1.0 });
    HistogramSnapshot::new(layout, 0, counts, sum, extremes)
}

fn timer(ones: u64, twos: u64, self_seconds: u64) -> TimerSnapshot {
    TimerSnapshot::new(histogram(ones, twos), 1.0, Duration::from_secs(self_seconds))
}

fn snapshot(series: Vec<Series>, seconds: u64) -> Snapshot {
    Snapshot::new(Parts {
        series,
        taken_at: SystemTime::UNIX_EPOCH + Duration::from_secs(1_000 + seconds),
        elapsed: Duration::from_secs(seconds),
        overhead: Overhead {
            clock: "tsc",
            series: 3,
            shards: seconds,
            shards_refused: 1,
            abandoned: 4,
            reserved_bytes: 1 << 30,
            accessible_bytes: 1 << 20,
            dropped: vec![("nan", seconds), ("discarded", 2)],
            overflowed: vec![("cap", 2 * seconds)],
            timer_calls: 1_000 * seconds,
            histogram_calls: 500 * seconds,
            timer_ns: 23.0,
            histogram_ns: 2.5,
            summary_calls: 10 * seconds,
            summary_ns: 50.0,
        },
        lints: Vec::new(),
        presentation: Arc::default(),
    })
}

#[test]
fn finds_every_series_whatever_the_order_of_labels() {
    let taken = snapshot(
        vec![
            series("b", &[("x", "1"), ("y", "2")], Value::Counter(3)),
            series("c", &[], Value::Histogram(histogram(1, 2))),
            series("b", &[], Value::Counter(1)),
            series("a", &[("k", "v")], Value::Gauge(-0.5)),
            series("b", &[("x", "1")], Value::Counter(2)),
            series("ba", &[], Value::Timer(timer(0, 1, 1))),
        ],
        1,
    );
    let order: Vec<_> = taken.series().iter().map(|one| (one.name(), one.labels().len())).collect();
    assert_eq!(order, [("a", 1), ("b", 0), ("b", 1), ("b", 2), ("ba", 0), ("c", 0)]);
    assert_eq!(taken.gauge("a", &[("k", "v")]), Some(-0.5));
    assert_eq!(taken.counter("b", &[]), Some(1));
    assert_eq!(taken.counter("b", &[("x", "1")]), Some(2));
    assert_eq!(taken.counter("b", &[("x", "1"), ("y", "2")]), Some(3));
    assert_eq!(taken.counter("b", &[("y", "2"), ("x", "1")]), Some(3));
    assert_eq!(taken.histogram("c", &[]).unwrap().count(), 3);
    assert_eq!(taken.timer("ba", &[]).unwrap().total(), Duration::from_secs(2));
}

#[test]
fn finds_nothing_that_is_not_there() {
    let taken = snapshot(vec![series("b", &[("x", "1")], Value::Counter(2))], 1);
    let too_many = vec![("x", "1"); Labels::MAX + 1];
    for (name, labels) in [
        ("a", &[][..]),
        ("b", &[]),
        ("b", &[("x", "2")]),
        ("b", &[("x", "1"), ("x", "1")]),
        ("b", &[("x", "1"), ("y", "1")]),
        ("c", &[("x", "1")]),
        ("b", &too_many),
    ] {
        assert_eq!(taken.counter(name, labels), None, "{name} {labels:?}");
    }
    assert_eq!(taken.gauge("b", &[("x", "1")]), None);
    assert!(taken.histogram("b", &[("x", "1")]).is_none());
    assert!(taken.timer("b", &[("x", "1")]).is_none());
}

#[test]
fn a_series_tells_what_it_is() {
    let one = series("jobs", &[("k", "v")], Value::Timer(timer(1, 0, 1)));
    assert_eq!((one.name(), one.kind(), one.unit()), ("jobs", Kind::Timer, Some(Unit::Count)));
    assert_eq!((one.description(), one.labels().get("k")), (Some("help"), Some("v")));
    assert_eq!(series("a", &[], Value::Counter(0)).kind(), Kind::Counter);
    assert_eq!(series("a", &[], Value::Gauge(0.0)).kind(), Kind::Gauge);
    assert_eq!(series("a", &[], Value::Histogram(histogram(1, 1))).kind(), Kind::Histogram);
}

#[test]
fn since_gives_what_came_between() {
    let earlier = snapshot(
        vec![
            series("gone", &[], Value::Counter(9)),
            series("counter", &[], Value::Counter(5)),
            series("reset", &[], Value::Counter(50)),
            series("gauge", &[], Value::Gauge(7.0)),
            series("histogram", &[], Value::Histogram(histogram(1, 3))),
            series("timer", &[], Value::Timer(timer(2, 2, 5))),
            series("reset_timer", &[], Value::Timer(timer(9, 9, 20))),
            series("other_kind", &[], Value::Gauge(1.0)),
        ],
        10,
    );
    let later = snapshot(
        vec![
            series("counter", &[], Value::Counter(8)),
            series("reset", &[], Value::Counter(4)),
            series("gauge", &[], Value::Gauge(6.0)),
            series("histogram", &[], Value::Histogram(histogram(1, 5))),
            series("timer", &[], Value::Timer(timer(5, 2, 7))),
            series("reset_timer", &[], Value::Timer(timer(1, 1, 2))),
            series("new", &[("k", "v")], Value::Counter(1)),
            series("other_kind", &[], Value::Counter(2)),
        ],
        14,
    );
    let between = later.since(&earlier);
    assert_eq!(between.series().len(), 8);
    assert_eq!(between.counter("counter", &[]), Some(3));
    assert_eq!(between.counter("reset", &[]), Some(4));
    assert_eq!(between.counter("new", &[("k", "v")]), Some(1));
    assert_eq!(between.counter("other_kind", &[]), Some(2));
    assert_eq!(between.gauge("gauge", &[]), Some(6.0));
    let histogram = between.histogram("histogram", &[]).unwrap();
    assert_eq!((histogram.count(), histogram.sum(), histogram.is_range_exact()), (2, 4.0, false));
    assert_eq!(histogram.max(), Some(2.0));
    assert!(histogram.min().unwrap() > 1.9);
    let timer = between.timer("timer", &[]).unwrap();
    assert_eq!((timer.count(), timer.total()), (3, Duration::from_secs(3)));
    assert_eq!(timer.self_total(), Duration::from_secs(2));
    let reset = between.timer("reset_timer", &[]).unwrap();
    assert_eq!((reset.count(), reset.self_total()), (2, Duration::from_secs(2)));
    assert_eq!(between.elapsed(), Duration::from_secs(4));
    assert_eq!(between.taken_at(), later.taken_at());
    assert_eq!(earlier.since(&later).elapsed(), Duration::ZERO);
}

#[test]
fn overhead_of_a_window_counts_its_calls_only() {
    let (earlier, later) = (snapshot(Vec::new(), 10), snapshot(Vec::new(), 14));
    assert_eq!(later.overhead().cost(), Duration::from_nanos(14 * (23_000 + 1_250 + 500)));
    let window = later.since(&earlier);
    let overhead = window.overhead();
    assert_eq!((overhead.timer_calls(), overhead.histogram_calls()), (4_000, 2_000));
    assert_eq!(overhead.summary_calls(), 40);
    assert_eq!(overhead.cost(), Duration::from_nanos(4 * (23_000 + 1_250 + 500)));
    assert_eq!(overhead.dropped(), [("nan", 4), ("discarded", 0)]);
    assert_eq!((overhead.overflowed()[0].1, overhead.shards(), overhead.series()), (8, 14, 3));
    assert_eq!((overhead.shards_refused(), overhead.abandoned()), (1, 4));
    assert_eq!((overhead.reserved_bytes(), overhead.accessible_bytes()), (1 << 30, 1 << 20));
    assert_eq!(Overhead::default().cost(), Duration::ZERO);
}

#[test]
fn a_timer_speaks_in_durations() {
    let one = timer(3, 1, 4);
    assert_eq!((one.count(), one.total()), (4, Duration::from_secs(5)));
    assert_eq!(
        (one.min(), one.max()),
        (Some(Duration::from_secs(1)), Some(Duration::from_secs(2)))
    );
    assert_eq!((one.mean(), one.quantile(0.0)), (Some(Duration::from_millis(1_250)), one.min()));
    assert_eq!((one.quantile(2.0), one.histogram().sum()), (None, 5.0));
    let deviation = one.stddev().unwrap().as_secs_f64();
    assert!((deviation - 0.433).abs() < 0.01, "{deviation}");
    let idle = timer(0, 0, 4);
    assert_eq!((idle.min(), idle.max(), idle.mean(), idle.stddev()), (None, None, None, None));
    assert_eq!((idle.total(), idle.self_total()), (Duration::ZERO, Duration::ZERO));
}

#[test]
fn timers_merge_and_never_have_more_self_time_than_time() {
    let mut one = timer(3, 1, 4);
    one.merge(&timer(1, 0, 900)).unwrap();
    assert_eq!((one.count(), one.total()), (5, Duration::from_secs(6)));
    assert_eq!(one.self_total(), Duration::from_secs(5));
    let other = HistogramSnapshot::new(
        Arc::new(Layout::timer()),
        0,
        vec![1],
        0.0,
        Extremes::Exact(-1.0, -1.0),
    );
    let other = TimerSnapshot::new(other, 1.0, Duration::ZERO);
    assert!(one.merge(&other).unwrap_err().is_invalid());
    assert_eq!((one.count(), one.self_total()), (5, Duration::from_secs(5)));
    assert_eq!(other.min(), Some(Duration::ZERO), "a negative time is none");
}

#[test]
fn a_time_beyond_every_duration_is_the_greatest() {
    let layout = Arc::new(Layout::timer());
    let cells = layout.cells();
    let counts =
        HistogramSnapshot::new(layout, cells - 1, vec![2], f64::MAX, Extremes::Exact(1e300, 1e300));
    let timer = TimerSnapshot::new(counts, 1.0, Duration::from_secs(1));
    assert_eq!((timer.total(), timer.max()), (Duration::MAX, Some(Duration::MAX)));
}

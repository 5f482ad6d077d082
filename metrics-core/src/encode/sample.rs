//! Snapshots for the tests of encoders.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use crate::arena::Values;
use crate::bucket::Layout;
use crate::label::Labels;
use crate::name::Name;
use crate::presentation::Presentation;
use crate::registry::Lint;
use crate::snapshot::{
    Extremes, HistogramSnapshot, Overhead, Parts, Series, Snapshot, SummarySnapshot, TimerSnapshot,
    Value,
};
use crate::unit::Unit;

/// The second that everything is registered at.
const REGISTERED: u64 = 1_767_225_600;

pub(super) fn series(name: &str, labels: &[(&str, &str)], value: Value) -> Series {
    described(name, labels, None, None, value)
}

pub(super) fn described(
    name: &str,
    labels: &[(&str, &str)],
    unit: Option<Unit>,
    description: Option<&str>,
    value: Value,
) -> Series {
    let (name, labels) = (Name::new(name).unwrap(), Labels::new(labels).unwrap());
    let series = Series::new(name, labels, unit, description.map(Arc::from), value);
    series.registered(SystemTime::UNIX_EPOCH + Duration::from_secs(REGISTERED))
}

pub(super) fn counter(name: &str, labels: &[(&str, &str)], total: u64) -> Series {
    series(name, labels, Value::Counter(total))
}

pub(super) fn gauge(name: &str, labels: &[(&str, &str)], value: f64) -> Series {
    series(name, labels, Value::Gauge(value))
}

pub(super) fn histogram(name: &str, labels: &[(&str, &str)], values: &[f64]) -> Series {
    series(name, labels, Value::Histogram(values_of(Layout::histogram(), values)))
}

pub(super) fn summary(name: &str, labels: &[(&str, &str)], values: &[f64]) -> Series {
    let histogram = values_of(Layout::histogram(), values);
    let kept = Values { values: values.into(), came: values.len() as u64 };
    series(name, labels, Value::Summary(SummarySnapshot::new(histogram, kept)))
}

/// `own` is the share of the time that is self time.
pub(super) fn timer(name: &str, labels: &[(&str, &str)], seconds: &[f64], own: f64) -> Series {
    let histogram = values_of(Layout::timer(), seconds);
    let own = Duration::from_secs_f64(histogram.sum() * own);
    described(
        name,
        labels,
        Some(Unit::Seconds),
        None,
        Value::Timer(TimerSnapshot::new(histogram, 1.0, own)),
    )
}

pub(super) fn values_of(layout: Layout, values: &[f64]) -> HistogramSnapshot {
    let mut counts = vec![0; layout.cells() as usize];
    for value in values {
        counts[layout.cell(*value).unwrap() as usize] += 1;
    }
    let min = values.iter().copied().fold(f64::INFINITY, f64::min);
    let max = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    HistogramSnapshot::new(
        Arc::new(layout),
        0,
        counts,
        values.iter().sum(),
        Extremes::Exact(min, max),
    )
}

pub(super) fn snapshot(series: Vec<Series>) -> Snapshot {
    shown(series, Presentation::default())
}

/// A snapshot of a registry with that presentation.
pub(super) fn shown(series: Vec<Series>, presentation: Presentation) -> Snapshot {
    Snapshot::new(Parts {
        series,
        taken_at: SystemTime::UNIX_EPOCH + Duration::new(REGISTERED + 7, 500_000_000),
        elapsed: Duration::from_millis(7_500),
        overhead: Overhead {
            clock: "tsc",
            series: 12,
            shards: 5,
            reserved_bytes: 5 << 28,
            accessible_bytes: 5 << 18,
            dropped: vec![("nan", 0), ("infinite", 2)],
            overflowed: vec![("cap", 1), ("no_room", 0)],
            timer_calls: 4,
            histogram_calls: 9,
            timer_ns: 23.0,
            histogram_ns: 2.5,
            ..Overhead::default()
        },
        lints: vec![Lint::new("jobs_total", "ends in `_total`, \"but\" is a gauge".to_owned())],
        presentation: Arc::new(presentation),
    })
}

/// One of everything that the formats have a rule for.
pub(super) fn everything() -> Snapshot {
    let declared = Layout::new(3, -10, 10, &[0.1, 0.25, 1.0, 1_000.0]).unwrap();
    let late = Value::Histogram(values_of(declared, &[0.05, 0.1, 0.2, 1.0, 1.5, 2_000.0]));
    let help = "How late: by \"schedule\", in C:\\time\nnot by clock ";
    let lines = |labels: &[_], total| {
        let help = Some("Lines that were read.");
        described("lines_total", labels, None, help, Value::Counter(total))
    };
    snapshot(vec![
        lines(&[("file", "a.txt")], 3),
        lines(&[("file", "C:\\new\"\nline"), ("state", "größe ☃")], u64::MAX),
        described("sent_bytes_total", &[], Some(Unit::Bytes), None, Value::Counter(1_048_576)),
        counter("jobs", &[], 12),
        counter("jobs_total", &[], 13),
        gauge("temperature", &[("zone", "")], -0.5),
        gauge("temperature", &[("zone", "a")], f64::NAN),
        gauge("temperature", &[("zone", "b")], f64::INFINITY),
        gauge("temperature", &[("zone", "c")], f64::NEG_INFINITY),
        gauge("temperature", &[("zone", "d")], 1e300),
        described(
            "delay_seconds",
            &[("le", "mine"), ("to", "x")],
            Some(Unit::Seconds),
            Some(help),
            late,
        ),
        gauge("delay_seconds_count", &[], 4.0),
        histogram("change", &[], &[-3.0, 0.0, 1.5]),
        histogram("empty", &[], &[]),
        timer("function_duration_seconds", &[("function", "index::walk")], &[0.001, 0.25], 0.5),
        timer("function_duration_seconds", &[("function", "index::work")], &[], 1.0),
        counter("http.requests", &[("status.code", "200"), ("status_code", "200")], 5),
        counter("http-requests", &[("__name__", "x")], 6),
        gauge("queue depth", &[("a.b", "1")], 7.0),
        gauge("queue depth", &[("a_b", "1")], 8.0),
        series("mails", &[("to", "x")], Value::Rate(30)),
        series("mails_per_run_total", &[], Value::Rate(15)),
        summary("order_euros", &[], &[19.95, 7.5, 7.0]),
        summary("order_euros", &[("quantile", "mine"), ("shop", "n\"")], &[1.5]),
        summary("order_refunds", &[("shop", "n")], &[-1.5]),
        summary("order_none", &[], &[]),
    ])
}

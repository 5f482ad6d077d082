//! What a real Prometheus makes of one registry in each format: its numbers, its quantiles, its labels.

use std::time::Duration;

use tachograph::{Buckets, Registry, Snapshot};

use crate::prometheus::{Prometheus, job};
use crate::random::Random;
use crate::responder::{Bodies, Responder};
use crate::{FORMATS, body};

const HOSTILE: &str = "C:\\new\"\nline {a=\"b\"} # EOF größe 🦀 \u{202e}";

/// What is recorded to `waits_seconds`, and to some others: within four octaves, so that all buckets are kept.
fn waits() -> Vec<f64> {
    let mut random = Random(5);
    (0..997).map(|_| 0.06 * 2_f64.powf((random.next() % 4_000) as f64 / 1_000.0)).collect()
}

/// What is recorded to `wide`: forty octaves, so that buckets are put together.
fn wide() -> Vec<f64> {
    let mut random = Random(6);
    (0..997).map(|_| 2_f64.powf((random.next() % 40_000) as f64 / 1_000.0 - 20.0)).collect()
}

fn scene() -> Snapshot {
    let registry = Registry::new();
    registry.counter("lines_total", &[("file", HOSTILE)]).unwrap().increment(123_456_789);
    registry.rate("mails_total", &[]).unwrap().increment(30);
    registry.gauge("temperature", &[]).unwrap().set(-0.25);
    let orders = registry.summary("orders", &[]).unwrap();
    (1..=100).for_each(|order| orders.record(order));
    let timer = registry.timer("job_seconds", &[]).unwrap();
    (1..=50).for_each(|job| timer.record(Duration::from_millis(job)));
    let of = |name: &str, buckets: Buckets, values: &[f64]| {
        let histogram = registry.histogram_with(name, &[("of", HOSTILE)], buckets).unwrap();
        values.iter().for_each(|value| histogram.record(*value));
    };
    of("waits_seconds", Buckets::new(), &waits());
    of("wide", Buckets::new(), &wide());
    of("declared", Buckets::new().bounds(&[0.1, 0.3]), &[0.05, 0.1, 0.1000001, 0.3, 7.0]);
    of("empty", Buckets::new(), &[]);
    of("finest", Buckets::new().schema(8).range(0.01, 4.0), &waits());
    of("coarsest", Buckets::new().schema(-4), &wide());
    of("outside", Buckets::new().range(1.0, 16.0), &[-5.0, -0.1, -1e9, 2.0, 100.0, 1e9]);
    registry.snapshot()
}

#[test]
fn prometheus_tells_what_was_recorded() {
    let snapshot = scene();
    let bodies: Bodies =
        FORMATS.iter().map(|format| (format!("/{format}"), body(format, &snapshot))).collect();
    let responder = Responder::start(bodies);
    let jobs = FORMATS.map(|format| job(format, responder.address(), &format!("/{format}")));
    let Some(server) = Prometheus::start("scraped", &jobs.concat()) else { return };
    server.wait_until_up(FORMATS.len());
    for format in FORMATS {
        check_numbers(&server, format);
    }
    for format in ["text", "openmetrics"] {
        let at_most =
            |le: &str| server.number(&format!("declared_bucket{{job=\"{format}\",le=\"{le}\"}}"));
        assert_eq!(["0.1", "0.3", "+Inf"].map(at_most), [2.0, 4.0, 5.0], "{format}");
    }
    check_counts(&server, &snapshot);
    check_quantiles(&server, &snapshot);
    check_outside(&server);
}

fn check_numbers(server: &Prometheus, format: &str) {
    let number = |name: &str| server.number(&format!("{name}{{job=\"{format}\"}}"));
    assert_eq!(number("lines_total"), 123_456_789.0, "{format}");
    assert_eq!(number("mails_total"), 30.0, "{format}");
    assert_eq!(number("temperature"), -0.25, "{format}");
    assert_eq!(number("orders_sum"), 5_050.0, "{format}");
    assert_eq!(number("orders_count"), 100.0, "{format}");
    let median = server.number(&format!("orders{{job=\"{format}\",quantile=\"0.5\"}}"));
    assert_eq!(median, 50.0, "{format}");
    let own = number("job_self_seconds_total");
    assert!((own - 1.275).abs() < 1e-4, "{format}: {own}");
    let lines = server.query(&format!("lines_total{{job=\"{format}\"}}"));
    assert_eq!(lines[0].labels["file"], HOSTILE, "{format}");
}

/// Native histograms have all values and their sum, also the empty one, and at both ends of the schemas.
fn check_counts(server: &Prometheus, snapshot: &Snapshot) {
    for name in ["waits_seconds", "wide", "declared", "empty", "finest", "coarsest", "outside"] {
        let recorded = snapshot.histogram(name, &[("of", HOSTILE)]).unwrap();
        let of = |function: &str| {
            let found = server.query(&format!("{function}({name}{{job=\"protobuf\"}})"));
            assert_eq!((found.len(), &*found[0].labels["of"]), (1, HOSTILE), "{name}");
            server.number(&format!("{function}({name}{{job=\"protobuf\"}})"))
        };
        assert_eq!(of("histogram_count"), recorded.count() as f64, "{name}");
        assert_eq!(of("histogram_sum"), recorded.sum(), "{name}");
    }
    let jobs = server.number("histogram_count(job_seconds{job=\"protobuf\"})");
    assert_eq!(jobs, 50.0);
}

/// Both take the bucket that holds the value of rank `q * count`, which is no whole number here. Ours is its geometric
/// middle; Prometheus' lies anywhere in it, by where the rank lies among its values. So they differ by half a bucket at
/// most, and by a whole one where Prometheus' is that of a coarser schema, in which ours lies.
fn check_quantiles(server: &Prometheus, snapshot: &Snapshot) {
    // How many of the buckets of an octave are left: in `wide` there would be more than 160.
    for (name, per_octave, is_whole) in
        [("waits_seconds", 32.0, true), ("wide", 4.0, false), ("finest", 32.0, false)]
    {
        let recorded = snapshot.histogram(name, &[("of", HOSTILE)]).unwrap();
        for q in [0.01, 0.1, 0.5, 0.9, 0.95, 0.99] {
            let theirs =
                server.number(&format!("histogram_quantile({q}, {name}{{job=\"protobuf\"}})"));
            let ours = recorded.quantile(q).unwrap();
            let octaves = (theirs / ours).log2().abs();
            let most = if is_whole { 0.5 } else { 1.0 } / per_octave;
            assert!(octaves <= most + 1e-9, "{name} {q}: {theirs} and {ours}");
        }
    }
}

/// Three of six are below zero, and two above the range, whose upper end is 16.
fn check_outside(server: &Prometheus) {
    let number = |expression: &str| server.number(expression);
    let outside = "outside{job=\"protobuf\"}";
    assert_eq!(number(&format!("histogram_fraction(-Inf, 0, {outside})")), 0.5);
    assert_eq!(number(&format!("histogram_fraction(16, +Inf, {outside})")), 2.0 / 6.0);
    let highest = number(&format!("histogram_quantile(1, {outside})"));
    assert!((16.0..17.0).contains(&highest), "{highest}");
    let lowest = number(&format!("histogram_quantile(0.1, {outside})"));
    assert!((-1.1..0.0).contains(&lowest), "{lowest}");
}

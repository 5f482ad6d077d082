//! What serving costs: `cargo bench --bench serve`.
//!
//! *A body* is put together for a request without any socket, as the endpoint does it: for one of so many series, in each
//! format, nanoseconds for each series, beside copying a body of the same length. Half of the series are counters, a
//! quarter gauges, an eighth histograms and timers each, with values in a few octaves. Allocations are those of a body that is
//! put together again while nothing but totals has changed; they must not grow with the series.
//!
//! *A scrape* is one connection over loopback, from its opening to the last byte of a body of 1,000 series: alone, and
//! beside 1,000 connections that stall in four ways. Three times as much as the mark for the slowest of them is an error.
//!
//! Recording goes on in another thread all the while.

#[path = "../../tests/support/allocations.rs"]
mod allocations;
#[path = "../support/machine.rs"]
mod machine;
mod scrape;

use std::hint::black_box;
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::thread;
use std::time::{Duration, Instant};

use tachograph::Registry;
use tachograph_export::{Endpoint, Responder};

const SERIES: [usize; 2] = [1_000, 10_000];
const ROUNDS: usize = 40;
/// How long a scrape may take beside connections that stall.
const MARK: Duration = Duration::from_millis(250);

const FORMATS: [(&str, &str); 4] = [
    ("text", "text/plain;version=0.0.4"),
    ("OpenMetrics", "application/openmetrics-text;version=1.0.0"),
    (
        "protobuf",
        "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited",
    ),
    ("JSON", "application/json"),
];

fn main() -> ExitCode {
    println!("{}\n", machine::describe());
    println!(
        "{:<28}{:>12}{:>12}{:>14}{:>14}",
        "a body", "ns/series", "bytes", "of a copy", "allocations"
    );
    let registries = SERIES.map(service);
    let mut is_steady = true;
    for (format, accept) in FORMATS {
        let rows = registries.each_ref().map(|registry| body(registry, accept));
        for (series, row) in SERIES.iter().zip(&rows) {
            let name = format!("{format}, {series} series");
            let per_series = row.nanoseconds / *series as f64;
            let bytes = row.bytes / series;
            let ratio = row.nanoseconds / row.copy;
            println!(
                "{name:<28}{per_series:>12.1}{bytes:>12}{ratio:>13.1}x{:>14}",
                row.allocations
            );
        }
        // JSON copies what it shows of a summary's values and of names.
        is_steady &= format == "JSON" || rows[1].allocations <= rows[0].allocations + 16;
    }
    let slowest = scrape::show(&registries[0]);
    if !is_steady {
        println!("allocations grow with the series");
        return ExitCode::FAILURE;
    }
    if slowest > 3 * MARK {
        println!("a scrape took {slowest:.1?}");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

/// So many series, of all kinds.
fn service(series: usize) -> Registry {
    let registry = Registry::builder().max_series(20_000).build();
    for number in 0..series {
        let path = format!("/some/path/{number}");
        let labels = [("method", "GET"), ("path", path.as_str())];
        let refused = match number % 8 {
            0..4 => registry.counter("requests_total", &labels).map(|it| it.increment(1)).err(),
            4 | 5 => registry.gauge("level", &labels).map(|it| it.set(number as f64)).err(),
            6 => {
                let sizes = registry.histogram("size_bytes", &labels);
                sizes.map(|it| (1..50).for_each(|size| it.record(size * 64))).err()
            }
            _ => {
                let jobs = registry.timer("job_seconds", &labels);
                let record = |it: tachograph::Timer| {
                    (1..50).for_each(|time| it.record(Duration::from_micros(time * 10)));
                };
                jobs.map(record).err()
            }
        };
        assert!(refused.is_none(), "{refused:?}");
    }
    registry
}

/// What one body takes.
struct Body {
    nanoseconds: f64,
    bytes: usize,
    /// Nanoseconds for a copy of it.
    copy: f64,
    allocations: u64,
}

fn body(registry: &Registry, accept: &'static str) -> Body {
    let responder = Endpoint::new().responder(registry).expect("settings that make sense");
    let mut row = Body { nanoseconds: f64::MAX, bytes: 0, copy: f64::MAX, allocations: u64::MAX };
    while_recording(registry, || {
        for _ in 0..ROUNDS {
            let began = Instant::now();
            let (bytes, allocations) = allocations::counted(|| answer(&responder, accept));
            row.nanoseconds = row.nanoseconds.min(began.elapsed().as_secs_f64() * 1e9);
            row.allocations = row.allocations.min(allocations);
            row.bytes = bytes.len();
            let began = Instant::now();
            black_box(bytes.to_vec());
            row.copy = row.copy.min(began.elapsed().as_secs_f64() * 1e9);
        }
    });
    row
}

fn answer(responder: &Responder, accept: &'static str) -> Vec<u8> {
    let request = http::Request::get("/metrics").header("accept", accept).body(());
    let response = responder.respond(&request.expect("a request").into_parts().0);
    assert_eq!(response.status(), 200);
    // It is the only one that has it, so nothing is copied.
    response.into_body().into()
}

/// Something is recorded all the while, by another thread.
fn while_recording(registry: &Registry, work: impl FnOnce()) {
    let over = AtomicBool::new(false);
    let requests = registry.counter("busy_total", &[]).expect("a counter");
    thread::scope(|scope| {
        scope.spawn(|| {
            while !over.load(Relaxed) {
                (0..1_000).for_each(|_| requests.increment(1));
                thread::sleep(Duration::from_micros(100));
            }
        });
        work();
        over.store(true, Relaxed);
    });
}

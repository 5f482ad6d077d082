//! Scrapes while programs record, register and fail.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::thread;
use std::time::{Duration, Instant};

use tachograph::Registry;
use tachograph_export::Endpoint;

use crate::ask::{get, unpacked};
use crate::message::MetricFamily;
use crate::strict::{Dialect, Family, families};
use crate::{binary, serve, shop};

const PROTOBUF: &str = "accept: application/vnd.google.protobuf;\
                        proto=io.prometheus.client.MetricFamily;encoding=delimited";

#[test]
fn a_collector_that_panics_costs_no_scrape() {
    let registry = shop();
    registry.add_collector("bad", |_| -> () { panic!("as it happens") }).unwrap();
    let (_server, address) = serve(&registry, &Endpoint::new());
    for _ in 0..3 {
        let response = get(address, "/metrics", &[]);
        assert_eq!(response.status, 200);
        assert!(response.text().contains("orders_total{shop=\"north\"} 3\n"));
    }
}

/// So many at least, however slow the machine is.
const SCRAPES_MIN: u32 = 8;

#[test]
fn nothing_goes_backwards_while_others_record_and_register() {
    let lasting = if std::env::var("TACHOGRAPH_SOAK").is_ok() { 60 } else { 0 };
    let registry = shop();
    let (_server, address) = serve(&registry, &Endpoint::new());
    let over = AtomicBool::new(false);
    thread::scope(|scope| {
        let (registry, over) = (&registry, &over);
        for _ in 0..4 {
            scope.spawn(|| record(registry, over));
        }
        for thread in 0..2 {
            scope.spawn(move || register(registry, thread, over));
        }
        let (mut last, mut scrapes) = (HashMap::new(), 0);
        let until = Instant::now() + Duration::from_secs(lasting);
        while scrapes < SCRAPES_MIN || Instant::now() < until {
            for (accept, dialect) in [
                ("accept: text/plain", Dialect::Prometheus),
                ("accept: application/openmetrics-text", Dialect::OpenMetrics),
            ] {
                let body = String::from_utf8(scraped(address, accept)).unwrap();
                let found = families(&body, dialect).unwrap_or_else(|what| panic!("{what}"));
                totals_of_text(&found).for_each(|(key, total)| grows(key, total, &mut last));
            }
            let found = binary::families(&scraped(address, PROTOBUF));
            totals_of_binary(&found).for_each(|(key, total)| grows(key, total, &mut last));
            scrapes += 3;
        }
        over.store(true, Relaxed);
        println!("{scrapes} scrapes");
        assert!(last.contains_key("calls_total []"));
    });
}

fn record(registry: &Registry, over: &AtomicBool) {
    let calls = registry.counter("calls_total", &[]).unwrap();
    let sizes = registry.histogram("size_bytes", &[]).unwrap();
    let times = registry.timer("call_seconds", &[]).unwrap();
    let level = registry.gauge("level", &[]).unwrap();
    let kept = registry.summary("kept_euros", &[]).unwrap();
    let mut number = 0_u64;
    while !over.load(Relaxed) {
        number += 1;
        calls.increment(1);
        sizes.record(number % 10_000);
        times.time(|| level.increment(0.5));
        if number % 1_000 == 0 {
            kept.record(number % 77);
        }
    }
}

/// Up to the cap of series, and beyond it.
fn register(registry: &Registry, thread: usize, over: &AtomicBool) {
    for number in 0..3_000 {
        if over.load(Relaxed) {
            return;
        }
        let label = format!("{thread}-{number}");
        // Beyond the cap they are refused, which a caller by name is told.
        if let Ok(counter) = registry.counter("made_total", &[("number", &label)]) {
            counter.increment(1);
        }
        if let Ok(histogram) = registry.histogram("made_seconds", &[("number", &label)]) {
            histogram.record(number);
        }
        thread::sleep(Duration::from_micros(200));
    }
}

fn scraped(address: SocketAddr, accept: &str) -> Vec<u8> {
    unpacked(&get(address, "/metrics", &[accept, "accept-encoding: gzip"]).body)
}

/// What can only grow is at least what it was, in whatever format that was said.
fn grows(key: String, total: f64, last: &mut HashMap<String, f64>) {
    let before = last.get(&key).copied().unwrap_or(0.0);
    assert!(total >= before, "{key}: {total} after {before}");
    last.insert(key, total);
}

/// Counters, buckets, and counts and sums of what is never below zero.
fn totals_of_text(families: &[Family]) -> impl Iterator<Item = (String, f64)> {
    let families = families.iter().filter(|family| family.kind != "gauge");
    let samples = families.flat_map(|family| &family.samples);
    samples
        .filter(|sample| sample.labels.iter().all(|(key, _)| key != "quantile"))
        .map(|sample| (format!("{} {:?}", sample.name, sample.labels), sample.value))
}

/// The same, but for buckets.
fn totals_of_binary(families: &[MetricFamily]) -> impl Iterator<Item = (String, f64)> {
    families.iter().flat_map(|family| {
        family.metric.iter().flat_map(move |metric| {
            let labels = metric.label.iter().map(|it| (it.name.clone(), it.value.clone()));
            let mut labels: Vec<(String, String)> = labels.collect();
            labels.sort();
            let counter = metric.counter.iter().map(|it| ("", it.value));
            let histogram = metric
                .histogram
                .iter()
                .flat_map(|it| [("_count", it.sample_count as f64), ("_sum", it.sample_sum)]);
            let summary = metric
                .summary
                .iter()
                .flat_map(|it| [("_count", it.sample_count as f64), ("_sum", it.sample_sum)]);
            let all = counter.chain(histogram).chain(summary);
            let all =
                all.map(|(suffix, total)| (format!("{}{suffix} {labels:?}", family.name), total));
            all.collect::<Vec<_>>()
        })
    })
}

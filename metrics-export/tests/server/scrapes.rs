//! Scrapes while programs record, register and fail.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::thread;
use std::time::{Duration, Instant};

use tachograph::Registry;
use tachograph_export::Endpoint;

use crate::ask::{get, unpacked};
use crate::strict::{Dialect, Family, families};
use crate::{serve, shop};

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
                let response = get(address, "/metrics", &[accept, "accept-encoding: gzip"]);
                let body = String::from_utf8(unpacked(&response.body)).unwrap();
                let found = families(&body, dialect).unwrap_or_else(|what| panic!("{what}"));
                grows(&found, &mut last);
                scrapes += 1;
            }
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

/// Counters, buckets, counts and sums of what is never below zero are at least what they were.
fn grows(families: &[Family], last: &mut HashMap<String, f64>) {
    for family in families.iter().filter(|family| family.kind != "gauge") {
        for sample in &family.samples {
            if sample.labels.iter().any(|(key, _)| key == "quantile") {
                continue;
            }
            let key = format!("{} {:?}", sample.name, sample.labels);
            let before = last.get(&key).copied().unwrap_or(0.0);
            assert!(sample.value >= before, "{key}: {} after {before}", sample.value);
            last.insert(key, sample.value);
        }
    }
}

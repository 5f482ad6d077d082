//! This project's crate: the macros at the place of use, and handles that are kept.

use std::hint::black_box;
use std::sync::Arc;

use tachograph::{Format, Registry, counter, gauge, histogram, registry, timed};

use crate::case::{Case, Column, Exposition, Peer, nothing, series, total};

const PACKAGES: &[&str] = &["tachograph"];

/// More of a name than any exposition here has.
const SERIES_MAX: u32 = 100_000;

pub fn peers() -> Vec<Peer> {
    vec![macros(), handles()]
}

fn macros() -> Peer {
    let cases = vec![
        Case::new(
            Column::Counter,
            |_| counter!("events_total").increment(1),
            || recorded("events_total"),
        ),
        Case::new(
            Column::FixedLabels,
            |_| counter!("requests_total", "method" => "GET", "status" => "200").increment(1),
            || recorded("requests_total"),
        ),
        Case::new(
            Column::RunTimeLabel,
            |inputs| counter!("hits_total", "path" => inputs.path()).increment(1),
            || recorded("hits_total"),
        ),
        Case::new(
            Column::Gauge,
            |inputs| gauge!("queue_length").set(inputs.number()),
            || recorded("queue_length"),
        ),
        Case::new(
            Column::Histogram,
            |inputs| histogram!("response_seconds").record(inputs.seconds()),
            || recorded("response_seconds_count"),
        ),
        Case::new(Column::Timer, |_| timed_call(), || recorded("timed_seconds_count")),
    ];
    Peer { title: "tachograph, macros", packages: PACKAGES, cases, exposition: Some(exposition()) }
}

#[timed("timed_seconds")]
fn timed_call() {
    nothing();
}

fn handles() -> Peer {
    let of = |name, labels: &[(&str, &str)]| registry().counter(name, labels).expect("a counter");
    let events = of("held_events_total", &[]);
    let requests = of("held_requests_total", &[("method", "GET"), ("status", "200")]);
    let queue = registry().gauge("held_queue_length", &[]).expect("a gauge");
    let response = registry().histogram("held_response_seconds", &[]).expect("a histogram");
    let timer = registry().timer("held_timed_seconds", &[]).expect("a timer");
    let cases = vec![
        Case::new(
            Column::Counter,
            move |_| black_box(&events).increment(1),
            || recorded("held_events_total"),
        ),
        Case::new(
            Column::FixedLabels,
            move |_| black_box(&requests).increment(1),
            || recorded("held_requests_total"),
        ),
        Case::new(
            Column::Gauge,
            move |inputs| black_box(&queue).set(inputs.number()),
            || recorded("held_queue_length"),
        ),
        Case::new(
            Column::Histogram,
            move |inputs| black_box(&response).record(inputs.seconds()),
            || recorded("held_response_seconds_count"),
        ),
        Case::new(
            Column::Timer,
            move |_| black_box(&timer).time(nothing),
            || recorded("held_timed_seconds_count"),
        ),
    ];
    Peer { title: "tachograph, handles", packages: PACKAGES, cases, exposition: None }
}

fn recorded(name: &str) -> u64 {
    total(&registry().render(Format::Prometheus), name)
}

fn exposition() -> Exposition {
    let registry = Arc::new(Registry::builder().max_series(SERIES_MAX).build());
    let growing = registry.clone();
    let grow = move |size| {
        for number in 0..size {
            let (name, path) = series(number);
            growing.counter(&name, &[("path", &path)]).expect("a counter").absolute(1);
        }
    };
    Exposition {
        grow: Box::new(grow),
        render: Box::new(move || registry.render(Format::Prometheus)),
    }
}

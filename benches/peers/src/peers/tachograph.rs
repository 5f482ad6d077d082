//! This project's crate: the macros at the place of use, and handles that are kept.

use std::cell::RefCell;
use std::hint::black_box;
use std::sync::{Arc, LazyLock};

use tachograph::{Reader, Registry, counter, gauge, histogram, registry, timed};
use tachograph_export::{MetricsBridge, Protobuf};

use crate::case::{Case, Column, Exposition, Format, Peer, nothing, series, total};
use crate::input::Inputs;

const PACKAGES: &[&str] = &["tachograph"];

/// More of a name than any exposition here has.
const SERIES_MAX: u32 = 100_000;

pub fn peers() -> Vec<Peer> {
    vec![macros(), handles(), bridged()]
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
    Peer { title: "tachograph, macros", packages: PACKAGES, cases, exposition: Some(scraped()) }
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
    let exposition = Some(asked_once());
    Peer { title: "tachograph, handles", packages: PACKAGES, cases, exposition }
}

/// The macros of `metrics`, whose recorder is our bridge.
fn bridged() -> Peer {
    static BRIDGE: LazyLock<MetricsBridge> = LazyLock::new(MetricsBridge::new);
    fn case(
        column: Column,
        record: impl Fn(Inputs) + Send + Sync + 'static,
        name: &'static str,
    ) -> Case {
        let in_bridge = move |calls| {
            metrics::with_local_recorder(&*BRIDGE, || {
                (0..calls).for_each(|number| record(Inputs::new(number)));
            });
        };
        Case::in_batches(column, in_bridge, move || recorded(name))
    }
    let cases = vec![
        case(
            Column::Counter,
            |_| metrics::counter!("bridged_events_total").increment(1),
            "bridged_events_total",
        ),
        case(
            Column::FixedLabels,
            |_| {
                metrics::counter!("bridged_requests_total", "method" => "GET", "status" => "200")
                    .increment(1);
            },
            "bridged_requests_total",
        ),
        case(
            Column::RunTimeLabel,
            |inputs| {
                metrics::counter!("bridged_hits_total", "path" => inputs.path()).increment(1);
            },
            "bridged_hits_total",
        ),
        case(
            Column::Gauge,
            |inputs| metrics::gauge!("bridged_queue_length").set(inputs.number() as f64),
            "bridged_queue_length",
        ),
        case(
            Column::Histogram,
            |inputs| metrics::histogram!("bridged_response_seconds").record(inputs.seconds()),
            "bridged_response_seconds_count",
        ),
    ];
    Peer { title: "metrics, macros, into tachograph", packages: PACKAGES, cases, exposition: None }
}

fn recorded(name: &str) -> u64 {
    total(&registry().render(tachograph::Format::Prometheus), name)
}

/// A registry, and what adds series to it.
fn growing() -> (Arc<Registry>, impl Fn(usize)) {
    let registry = Arc::new(Registry::builder().max_series(SERIES_MAX).build());
    let growing = registry.clone();
    let grow = move |size| {
        for number in 0..size {
            let (name, path) = series(number);
            growing.counter(&name, &[("path", &path)]).expect("a counter").absolute(1);
        }
    };
    (registry, grow)
}

/// As the endpoint does it: by a renderer that is kept, with room for as much as the last time.
fn scraped() -> Exposition {
    let (registry, grow) = growing();
    let text = |registry: &Registry, format| {
        let renderer = RefCell::new((registry.renderer(), 0));
        move || {
            let (renderer, bytes) = &mut *renderer.borrow_mut();
            let mut body = String::with_capacity(*bytes);
            renderer.write_to(format, &mut body);
            *bytes = body.len();
            body.into_bytes()
        }
    };
    let reader: RefCell<Reader> = RefCell::new(registry.reader());
    let protobuf = move || {
        let mut body = Vec::new();
        Protobuf::new().encode(reader.borrow_mut().read(), &mut body);
        body
    };
    Exposition::new(grow)
        .body(Format::Text, text(&registry, tachograph::Format::Prometheus))
        .body(Format::OpenMetrics, text(&registry, tachograph::Format::OpenMetrics))
        .body(Format::Protobuf, protobuf)
}

/// By a snapshot for each body.
fn asked_once() -> Exposition {
    let (registry, grow) = growing();
    let text = |format| {
        let registry = registry.clone();
        move || registry.render(format).into_bytes()
    };
    Exposition::new(grow)
        .body(Format::Text, text(tachograph::Format::Prometheus))
        .body(Format::OpenMetrics, text(tachograph::Format::OpenMetrics))
}

//! `opentelemetry` with its SDK: instruments that are kept, attributes at the place of use. Its text is
//! that of `opentelemetry-prometheus`.

use std::hint::black_box;
use std::time::Instant;

use opentelemetry::KeyValue;
use opentelemetry::metrics::{Counter, Meter, MeterProvider as _};
use opentelemetry_sdk::metrics::SdkMeterProvider;
use prometheus::Registry;

use super::prometheus::text;
use crate::case::{Case, Column, Exposition, FAMILIES, Format, Peer, nothing, series, total};
use crate::input::BOUNDS;

const PACKAGES: &[&str] = &["opentelemetry", "opentelemetry_sdk", "opentelemetry-prometheus"];

pub fn peer() -> Peer {
    let (registry, provider) = provider();
    let meter = provider.meter("peers");
    let events = meter.u64_counter("events").build();
    let requests = meter.u64_counter("requests").build();
    let hits = meter.u64_counter("hits").build();
    let queue = meter.u64_gauge("queue_length").build();
    let [response, timed] = ["response", "timed"].map(|name| {
        meter.f64_histogram(name).with_unit("s").with_boundaries(BOUNDS.to_vec()).build()
    });
    let recorded = |name| {
        // What is dropped shuts down; so whoever reads keeps it.
        let (registry, provider) = (registry.clone(), provider.clone());
        move || {
            let _kept = &provider;
            total(&text(&registry), name)
        }
    };
    let cases = vec![
        Case::new(
            Column::Counter,
            move |_| black_box(&events).add(1, &[]),
            recorded("events_total"),
        ),
        Case::new(
            Column::FixedLabels,
            move |_| {
                let attributes = [KeyValue::new("method", "GET"), KeyValue::new("status", "200")];
                black_box(&requests).add(1, &attributes);
            },
            recorded("requests_total"),
        ),
        Case::new(
            Column::RunTimeLabel,
            move |inputs| {
                // A text that is known at run time only is owned.
                let path = inputs.path().to_owned();
                black_box(&hits).add(1, &[KeyValue::new("path", path)]);
            },
            recorded("hits_total"),
        ),
        Case::new(
            Column::Gauge,
            move |inputs| black_box(&queue).record(inputs.number(), &[]),
            recorded("queue_length"),
        ),
        Case::new(
            Column::Histogram,
            move |inputs| black_box(&response).record(inputs.seconds(), &[]),
            recorded("response_seconds_count"),
        ),
        Case::new(
            Column::Timer,
            move |_| {
                let start = Instant::now();
                nothing();
                black_box(&timed).record(start.elapsed().as_secs_f64(), &[]);
            },
            recorded("timed_seconds_count"),
        ),
    ];
    Peer { title: "opentelemetry_sdk", packages: PACKAGES, cases, exposition: Some(exposition()) }
}

fn provider() -> (Registry, SdkMeterProvider) {
    let registry = Registry::new();
    let exporter = opentelemetry_prometheus::exporter().with_registry(registry.clone());
    let reader = exporter.build().expect("an exporter");
    (registry, SdkMeterProvider::builder().with_reader(reader).build())
}

fn exposition() -> Exposition {
    let (registry, provider) = provider();
    let meter: Meter = provider.meter("peers");
    let family = |number| {
        let name = series(number).0;
        let name = name.strip_suffix("_total").expect("a counter's name").to_owned();
        meter.u64_counter(name).build()
    };
    let families: Vec<Counter<u64>> = (0..FAMILIES).map(family).collect();
    let grow = move |size| {
        for number in 0..size {
            families[number % FAMILIES].add(1, &[KeyValue::new("path", series(number).1)]);
        }
    };
    let render = move || {
        let _kept = &provider;
        text(&registry)
    };
    Exposition::new(grow).body(Format::Text, move || render().into_bytes())
}

//! `metrics`, the most used one, with the recorder of `metrics-exporter-prometheus`: the macros at the
//! place of use, and handles that are kept, as its docs advise for hot paths.
//!
//! Its histograms keep all values until somebody drains them; what the exporter's own thread does for
//! that every five seconds is done after each batch here.

use std::hint::black_box;
use std::time::Instant;

use metrics::{counter, gauge, histogram};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};

use crate::case::{Case, Column, Exposition, Format, Peer, nothing, series, total};
use crate::input::BOUNDS;

const PACKAGES: &[&str] = &["metrics", "metrics-exporter-prometheus"];

pub fn peers() -> Vec<Peer> {
    let recorder = builder().install_recorder().expect("the first global recorder");
    vec![macros(&recorder), handles(&recorder)]
}

fn builder() -> PrometheusBuilder {
    PrometheusBuilder::new().set_buckets(&BOUNDS).expect("bounds")
}

fn macros(recorder: &PrometheusHandle) -> Peer {
    let recorded = |name| reader(recorder, name);
    let cases = vec![
        Case::new(
            Column::Counter,
            |_| counter!("events_total").increment(1),
            recorded("events_total"),
        ),
        Case::new(
            Column::FixedLabels,
            |_| counter!("requests_total", "method" => "GET", "status" => "200").increment(1),
            recorded("requests_total"),
        ),
        Case::new(
            Column::RunTimeLabel,
            |inputs| counter!("hits_total", "path" => inputs.path()).increment(1),
            recorded("hits_total"),
        ),
        Case::new(
            Column::Gauge,
            |inputs| gauge!("queue_length").set(inputs.number() as f64),
            recorded("queue_length"),
        ),
        with_upkeep(
            recorder,
            Case::new(
                Column::Histogram,
                |inputs| histogram!("response_seconds").record(inputs.seconds()),
                recorded("response_seconds_count"),
            ),
        ),
        with_upkeep(
            recorder,
            Case::new(
                Column::Timer,
                |_| {
                    let start = Instant::now();
                    nothing();
                    histogram!("timed_seconds").record(start.elapsed());
                },
                recorded("timed_seconds_count"),
            ),
        ),
    ];
    Peer { title: "metrics, macros", packages: PACKAGES, cases, exposition: Some(exposition()) }
}

fn handles(recorder: &PrometheusHandle) -> Peer {
    let recorded = |name| reader(recorder, name);
    let events = counter!("held_events_total");
    let requests = counter!("held_requests_total", "method" => "GET", "status" => "200");
    let queue = gauge!("held_queue_length");
    let response = histogram!("held_response_seconds");
    let timed = histogram!("held_timed_seconds");
    let cases = vec![
        Case::new(
            Column::Counter,
            move |_| black_box(&events).increment(1),
            recorded("held_events_total"),
        ),
        Case::new(
            Column::FixedLabels,
            move |_| black_box(&requests).increment(1),
            recorded("held_requests_total"),
        ),
        Case::new(
            Column::Gauge,
            move |inputs| black_box(&queue).set(inputs.number() as f64),
            recorded("held_queue_length"),
        ),
        with_upkeep(
            recorder,
            Case::new(
                Column::Histogram,
                move |inputs| black_box(&response).record(inputs.seconds()),
                recorded("held_response_seconds_count"),
            ),
        ),
        with_upkeep(
            recorder,
            Case::new(
                Column::Timer,
                move |_| {
                    let start = Instant::now();
                    nothing();
                    black_box(&timed).record(start.elapsed());
                },
                recorded("held_timed_seconds_count"),
            ),
        ),
    ];
    Peer { title: "metrics, handles", packages: PACKAGES, cases, exposition: None }
}

fn reader(recorder: &PrometheusHandle, name: &'static str) -> impl Fn() -> u64 + 'static {
    let recorder = recorder.clone();
    move || total(&recorder.render(), name)
}

fn with_upkeep(recorder: &PrometheusHandle, case: Case) -> Case {
    let recorder = recorder.clone();
    case.around(|| {}, move || recorder.run_upkeep())
}

fn exposition() -> Exposition {
    let recorder = builder().build_recorder();
    let handle = recorder.handle();
    let grow = move |size| {
        metrics::with_local_recorder(&recorder, || {
            for number in 0..size {
                let (name, path) = series(number);
                counter!(name, "path" => path).absolute(1);
            }
        });
    };
    // Its binary form needs a compiler of protocols to be built.
    Exposition::new(grow).body(Format::Text, move || handle.render().into_bytes())
}

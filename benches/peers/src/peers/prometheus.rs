//! `prometheus`: `with_label_values` at the place of use, and children that are kept, as its docs advise.

use std::hint::black_box;

use prometheus::{
    Encoder as _, Histogram, HistogramOpts, IntCounter, IntCounterVec, IntGauge, Opts,
    ProtobufEncoder, Registry, TextEncoder,
};

use crate::case::{Case, Column, Exposition, FAMILIES, Format, Peer, nothing, series, total};

const PACKAGES: &[&str] = &["prometheus"];

pub fn peers() -> Vec<Peer> {
    vec![handles(), lookups()]
}

fn handles() -> Peer {
    let registry = Registry::new();
    let recorded = |name| reader(&registry, name);
    let events = IntCounter::new("events_total", "Events.").expect("a counter");
    let requests = counters("requests_total", &["method", "status"]);
    let get = requests.with_label_values(&["GET", "200"]);
    let queue = IntGauge::new("queue_length", "Its length.").expect("a gauge");
    let [response, timed] = ["response_seconds", "timed_seconds"].map(|name| {
        Histogram::with_opts(HistogramOpts::new(name, "Seconds.")).expect("a histogram")
    });
    registry.register(Box::new(events.clone())).expect("a new name");
    registry.register(Box::new(requests)).expect("a new name");
    registry.register(Box::new(queue.clone())).expect("a new name");
    registry.register(Box::new(response.clone())).expect("a new name");
    registry.register(Box::new(timed.clone())).expect("a new name");
    let cases = vec![
        Case::new(Column::Counter, move |_| black_box(&events).inc(), recorded("events_total")),
        Case::new(Column::FixedLabels, move |_| black_box(&get).inc(), recorded("requests_total")),
        Case::new(
            Column::Gauge,
            move |inputs| black_box(&queue).set(inputs.number() as i64),
            recorded("queue_length"),
        ),
        Case::new(
            Column::Histogram,
            move |inputs| black_box(&response).observe(inputs.seconds()),
            recorded("response_seconds_count"),
        ),
        Case::new(
            Column::Timer,
            move |_| {
                let _timer = black_box(&timed).start_timer();
                nothing();
            },
            recorded("timed_seconds_count"),
        ),
    ];
    let exposition = Some(exposition());
    Peer { title: "prometheus, handles", packages: PACKAGES, cases, exposition }
}

fn lookups() -> Peer {
    let registry = Registry::new();
    let recorded = |name| reader(&registry, name);
    let requests = counters("requests_total", &["method", "status"]);
    let hits = counters("hits_total", &["path"]);
    registry.register(Box::new(requests.clone())).expect("a new name");
    registry.register(Box::new(hits.clone())).expect("a new name");
    let cases = vec![
        Case::new(
            Column::FixedLabels,
            move |_| requests.with_label_values(&["GET", "200"]).inc(),
            recorded("requests_total"),
        ),
        Case::new(
            Column::RunTimeLabel,
            move |inputs| hits.with_label_values(&[inputs.path()]).inc(),
            recorded("hits_total"),
        ),
    ];
    Peer { title: "prometheus, with_label_values", packages: PACKAGES, cases, exposition: None }
}

fn counters(name: &str, labels: &[&str]) -> IntCounterVec {
    IntCounterVec::new(Opts::new(name, "So many."), labels).expect("counters")
}

fn reader(registry: &Registry, name: &'static str) -> impl Fn() -> u64 + 'static {
    let registry = registry.clone();
    move || total(&text(&registry), name)
}

/// As the crate's docs write it; `opentelemetry-prometheus` is read like this as well.
pub fn text(registry: &Registry) -> String {
    let mut text = Vec::new();
    TextEncoder::new().encode(&registry.gather(), &mut text).expect("memory");
    String::from_utf8(text).expect("UTF-8")
}

fn exposition() -> Exposition {
    let registry = Registry::new();
    let families: Vec<IntCounterVec> =
        (0..FAMILIES).map(|number| counters(&series(number).0, &["path"])).collect();
    for family in &families {
        registry.register(Box::new(family.clone())).expect("a new name");
    }
    let grow = move |size| {
        for number in 0..size {
            families[number % FAMILIES].with_label_values(&[&series(number).1]).inc();
        }
    };
    let binary = registry.clone();
    Exposition::new(grow).body(Format::Text, move || text(&registry).into_bytes()).body(
        Format::Protobuf,
        move || {
            let mut body = Vec::new();
            ProtobufEncoder::new().encode(&binary.gather(), &mut body).expect("memory");
            body
        },
    )
}

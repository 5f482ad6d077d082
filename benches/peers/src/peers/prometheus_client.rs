//! `prometheus-client`: metrics that are kept, and families at the place of use.

use std::hint::black_box;
use std::sync::Arc;
use std::time::Instant;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

use crate::case::{Case, Column, Exposition, FAMILIES, Format, Peer, nothing, series, total};
use crate::input::BOUNDS;

const PACKAGES: &[&str] = &["prometheus-client"];

#[derive(Debug, Clone, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Request {
    method: &'static str,
    status: &'static str,
}

const GET: Request = Request { method: "GET", status: "200" };

#[derive(Debug, Clone, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Path {
    path: String,
}

pub fn peers() -> Vec<Peer> {
    vec![handles(), lookups()]
}

fn handles() -> Peer {
    let events = Counter::<u64>::default();
    let requests = Family::<Request, Counter>::default();
    let get = requests.get_or_create(&GET).clone();
    let queue = Gauge::<i64>::default();
    let [response, timed] = [(); 2].map(|()| Histogram::new(BOUNDS));
    let mut registry = Registry::default();
    registry.register("events", "Events", events.clone());
    registry.register("requests", "Requests", requests);
    registry.register("queue_length", "Its length", queue.clone());
    registry.register("response_seconds", "Seconds", response.clone());
    registry.register("timed_seconds", "Seconds", timed.clone());
    let registry = Arc::new(registry);
    let recorded = |name| reader(&registry, name);
    let cases = vec![
        Case::new(
            Column::Counter,
            move |_| {
                black_box(&events).inc();
            },
            recorded("events_total"),
        ),
        Case::new(
            Column::FixedLabels,
            move |_| {
                black_box(&get).inc();
            },
            recorded("requests_total"),
        ),
        Case::new(
            Column::Gauge,
            move |inputs| {
                black_box(&queue).set(inputs.number() as i64);
            },
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
                let start = Instant::now();
                nothing();
                black_box(&timed).observe(start.elapsed().as_secs_f64());
            },
            recorded("timed_seconds_count"),
        ),
    ];
    let exposition = Some(exposition());
    Peer { title: "prometheus-client, handles", packages: PACKAGES, cases, exposition }
}

fn lookups() -> Peer {
    let requests = Family::<Request, Counter>::default();
    let hits = Family::<Path, Counter>::default();
    let mut registry = Registry::default();
    registry.register("requests", "Requests", requests.clone());
    registry.register("hits", "Hits", hits.clone());
    let registry = Arc::new(registry);
    let recorded = |name| reader(&registry, name);
    let cases = vec![
        Case::new(
            Column::FixedLabels,
            move |_| {
                requests.get_or_create(&GET).inc();
            },
            recorded("requests_total"),
        ),
        Case::new(
            Column::RunTimeLabel,
            move |inputs| {
                hits.get_or_create(&Path { path: inputs.path().to_owned() }).inc();
            },
            recorded("hits_total"),
        ),
    ];
    Peer { title: "prometheus-client, families", packages: PACKAGES, cases, exposition: None }
}

fn reader(registry: &Arc<Registry>, name: &'static str) -> impl Fn() -> u64 + 'static {
    let registry = registry.clone();
    move || total(&text(&registry), name)
}

fn text(registry: &Registry) -> String {
    let mut text = String::new();
    encode(&mut text, registry).expect("memory");
    text
}

fn exposition() -> Exposition {
    let families: Vec<Family<Path, Counter>> = (0..FAMILIES).map(|_| Family::default()).collect();
    let mut registry = Registry::default();
    for (number, family) in families.iter().enumerate() {
        // The encoder adds the suffix.
        let name = series(number).0;
        let name = name.strip_suffix("_total").expect("a counter's name");
        registry.register(name, "So many", family.clone());
    }
    let grow = move |size| {
        for number in 0..size {
            families[number % FAMILIES].get_or_create(&Path { path: series(number).1 }).inc();
        }
    };
    // It writes OpenMetrics only, and its binary form is another one than that of Prometheus.
    Exposition::new(grow).body(Format::OpenMetrics, move || text(&registry).into_bytes())
}

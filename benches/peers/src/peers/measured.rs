//! `measured`: label groups whose values are enums, or texts that a set interns.

use std::hint::black_box;
use std::sync::Arc;

use lasso::ThreadedRodeo;
use measured::label::StaticLabelSet;
use measured::metric::MetricFamilyEncoding;
use measured::metric::histogram::Thresholds;
use measured::metric::name::MetricName;
use measured::text::BufferedTextEncoder;
use measured::{Counter, CounterVec, FixedCardinalityLabel, Gauge, Histogram, LabelGroup};

use crate::case::{Case, Column, Exposition, FAMILIES, Format, Peer, nothing, series, total};
use crate::input::{BOUNDS, Inputs};

const PACKAGES: &[&str] = &["measured"];

#[derive(Clone, Copy, FixedCardinalityLabel)]
enum Method {
    Get,
    #[allow(dead_code, reason = "a set of one would take no lookup")]
    Post,
}

#[derive(Clone, Copy, FixedCardinalityLabel)]
enum Status {
    Ok,
    #[allow(dead_code, reason = "a set of one would take no lookup")]
    NotFound,
}

#[derive(Clone, Copy, LabelGroup)]
#[label(set = RequestSet)]
struct Request {
    method: Method,
    status: Status,
}

#[derive(Clone, Copy, LabelGroup)]
#[label(set = PathSet)]
struct Path<'a> {
    #[label(dynamic_with = ThreadedRodeo, default)]
    path: &'a str,
}

pub fn peers() -> Vec<Peer> {
    let events = Arc::new(Counter::new());
    let requests = Arc::new(CounterVec::with_label_set(RequestSet {
        method: StaticLabelSet::new(),
        status: StaticLabelSet::new(),
    }));
    let hits = Arc::new(CounterVec::<PathSet>::new());
    let queue = Arc::new(Gauge::new());
    let [response, timed] =
        [(); 2].map(|()| Arc::new(Histogram::with_metadata(Thresholds::with_buckets(BOUNDS))));
    let cases = vec![
        Case::new(
            Column::Counter,
            recorder(&events, |events, _| black_box(events).inc()),
            reader(&events, "events_total"),
        ),
        Case::new(
            Column::FixedLabels,
            recorder(&requests, |requests, _| {
                requests.inc(Request { method: black_box(Method::Get), status: Status::Ok });
            }),
            reader(&requests, "requests_total"),
        ),
        Case::new(
            Column::RunTimeLabel,
            recorder(&hits, |hits, inputs| hits.inc(Path { path: inputs.path() })),
            reader(&hits, "hits_total"),
        ),
        Case::new(
            Column::Gauge,
            recorder(&queue, |queue, inputs| black_box(queue).set(inputs.number() as i64)),
            reader(&queue, "queue_length"),
        ),
        Case::new(
            Column::Histogram,
            recorder(&response, |response, inputs| black_box(response).observe(inputs.seconds())),
            reader(&response, "response_seconds_count"),
        ),
        Case::new(
            Column::Timer,
            recorder(&timed, |timed, _| {
                let _timer = black_box(timed).start_timer();
                nothing();
            }),
            reader(&timed, "timed_seconds_count"),
        ),
    ];
    vec![Peer { title: "measured", packages: PACKAGES, cases, exposition: Some(exposition()) }]
}

type Encoder = BufferedTextEncoder;

fn recorder<M, F: Fn(&M, Inputs)>(metric: &Arc<M>, record: F) -> impl Fn(Inputs) + use<M, F> {
    let metric = metric.clone();
    move |inputs| record(&metric, inputs)
}

/// Reads one metric, whose family has the name without `_count`.
fn reader<M>(metric: &Arc<M>, name: &'static str) -> impl Fn() -> u64 + 'static
where
    M: MetricFamilyEncoding<Encoder> + 'static,
{
    let metric = metric.clone();
    move || total(&text([(name.trim_end_matches("_count"), &*metric)]), name)
}

fn text<'a, M: MetricFamilyEncoding<Encoder> + 'a>(
    families: impl IntoIterator<Item = (&'a str, &'a M)>,
) -> String {
    let mut encoder = Encoder::new();
    for (name, family) in families {
        let name = MetricName::try_from_str(name).expect("a name");
        family.collect_family_into(name, &mut encoder).expect("memory");
    }
    String::from_utf8(encoder.finish().into()).expect("UTF-8")
}

fn exposition() -> Exposition {
    let families: Arc<Vec<(String, CounterVec<PathSet>)>> =
        Arc::new((0..FAMILIES).map(|number| (series(number).0, CounterVec::new())).collect());
    let growing = families.clone();
    let grow = move |size| {
        for number in 0..size {
            growing[number % FAMILIES].1.inc(Path { path: &series(number).1 });
        }
    };
    let render = move || text(families.iter().map(|(name, family)| (name.as_str(), family)));
    Exposition::new(grow).body(Format::Text, move || render().into_bytes())
}

//! Calls as the docs of `metrics` 0.24 show them, through its name. Nothing here knows of another crate.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};

use metrics::{
    Counter, Gauge, Histogram, IntoF64, Label, counter, describe_counter, describe_gauge,
    describe_histogram, gauge, histogram,
};

const NAME: &str = "constant_total";
const KEY: &str = "service";
const VALUE: &str = "http";

static LABELS: [Label; 2] =
    [Label::from_static_parts("region", "eu"), Label::from_static_parts("zone", "a")];
static SHARED: LazyLock<Counter> = LazyLock::new(|| counter!("shared_total"));

/// As programs keep their metrics together.
#[derive(Clone, Debug)]
pub struct Metrics {
    requests: metrics::Counter,
    connections: Gauge,
    latency: Histogram,
}

impl Metrics {
    fn new(service: &'static str) -> Metrics {
        Metrics {
            requests: metrics::counter!("requests_total", "service" => service),
            connections: metrics::gauge!("connections", "service" => service),
            latency: metrics::histogram!("latency_seconds", "service" => service),
        }
    }
}

/// As libraries wrap the macros.
macro_rules! count {
    ($name:literal $(, $($labels:tt)*)?) => {
        ::metrics::counter!(concat!("wrapped_", $name) $(, $($labels)*)?).increment(1)
    };
}

macro_rules! observe {
    ($name:expr, $value:expr $(, $key:expr => $label:expr)* $(,)?) => {
        metrics::histogram!($name $(, $key => $label)*).record($value)
    };
}

fn set<T: IntoF64>(gauge: &metrics::Gauge, value: T) {
    gauge.set(value.into_f64());
}

/// Says what is recorded.
pub fn describe() {
    const TEXT: &str = "Made of constants.";
    describe_counter!(NAME, TEXT);
    describe_counter!("described_total", metrics::Unit::Bytes, "What was sent.");
    describe_gauge!(String::from("described_depth"), metrics::Unit::Count, "What waits.",);
    describe_histogram!(format!("{}_sizes", "described"), metrics::Unit::Bytes, String::from("Sizes."));
    metrics::describe_histogram!("latency_seconds", metrics::Unit::Seconds, "How long.");
    if let Some(unit) = metrics::Unit::from_string("kibibytes") {
        describe_gauge!("described_memory", unit, format!("Memory, in {}.", unit.as_canonical_label()));
    }
}

/// Records into every form once.
pub fn record() {
    names_and_labels();
    collections();
    options();
    methods();
}

fn names_and_labels() {
    counter!("plain_total").increment(1);
    counter!("plain_total",).increment(1);
    counter!(NAME).increment(17);
    let name = String::from("owned_total");
    counter!(name).increment(1);
    counter!(format!("{}_total", "formatted")).increment(1);

    let (status, path) = (200_u16, Arc::<str>::from("/"));
    let method: Cow<'static, str> = Cow::Borrowed("GET");
    counter!("labelled_total", "service" => "http").increment(1);
    counter!("labelled_total", KEY => VALUE, "status" => status.to_string(),).increment(1);
    counter!("labelled_total", "path" => path, "method" => method).increment(1);
    counter!(format!("labelled_{status}_total"), "key" => format!("{VALUE}!")).increment(1);

    count!("total");
    count!("total", "kind" => "literal");
    count!("total", &[("kind", "slice")]);
    observe!("observed_seconds", Instant::now().elapsed());
    observe!(format!("observed_{VALUE}"), 2.0, KEY => VALUE);
    SHARED.increment(1);
}

fn collections() {
    let value = "woo";
    let labels = [("dynamic_key", format!("{value}!"))];
    counter!("array_total", &labels).increment(12);
    counter!("inline_total", &[("uvw", "xyz")]).increment(1);
    counter!("slice_total", &labels[..]).increment(1);
    counter!("none_total", vec![]).increment(1);
    counter!("none_total", vec![],).increment(1);
    counter!("iter_total", LABELS.iter()).increment(1);
    let owned = vec![(String::from("foo"), String::from("bar"))];
    counter!("owned_pairs_total", &owned).increment(1);
    let hashed = HashMap::from([("customer", String::from("acme"))]);
    counter!("hashed_total", &hashed).increment(1);
    let sorted = BTreeMap::from([(String::from("customer"), "acme")]);
    counter!("sorted_total", &sorted).increment(1);
    let mut labels: Vec<metrics::Label> = hashed.iter().map(Into::into).collect();
    labels.push(metrics::Label::new("attempt", 2.to_string()));
    labels.extend(owned.iter().map(Label::from));
    let keys: Vec<&str> = labels.iter().map(Label::key).collect();
    assert_eq!((keys, labels[1].value()), (vec!["customer", "attempt", "foo"], "2"));
    counter!("labels_total", labels.clone()).increment(1);
    counter!("labels_total", labels.iter()).increment(1);
    counter!("labels_total", labels).increment(1);
}

fn options() {
    counter!(target: "rendering", "target_total").increment(1);
    gauge!(level: metrics::Level::DEBUG, "level").set(1.0);
    histogram!(description: "Rendering.", "rendering_bytes").record(1.0);
    counter!(
        description: "super counter",
        unit: metrics::Unit::Bytes,
        target: ::core::module_path!(),
        level: metrics::Level::INFO,
        "super_total",
        "label1" => "value1",
        "label2" => "value2"
    )
    .increment(1);
    let labels = [("foo", "bar")];
    gauge!(level: metrics::Level::WARN, target: "rendering", "option_labels", &labels,).set(1.0);
    assert_eq!(metrics::Level::try_from("debug").ok(), Some(metrics::Level::DEBUG));
    assert!(metrics::Level::DEBUG < metrics::Level::ERROR);
}

fn methods() {
    let metrics = Metrics::new("http");
    let also = metrics.clone();
    let threads = [metrics, also].map(|metrics| {
        std::thread::spawn(move || {
            metrics.requests.increment(3_usize as _);
            metrics.connections.increment(2.0);
            metrics.connections.decrement(1.0);
            metrics.latency.record(Duration::from_millis(250));
            metrics.latency.record_many(0.5, 3);
        })
    });
    for thread in threads {
        thread.join().expect("recording does not panic");
    }
    counter!("absolute_total").absolute(42);
    counter!("absolute_total").absolute(41);
    set(&gauge!("set"), 7_u32);
    set(&gauge!("set_seconds"), Duration::from_secs(2));
    histogram!("numbers").record(1);
    histogram!("numbers").record(2.5_f32);
    let answer: Result<u64, u64> = Err(4);
    match answer {
        Ok(bytes) => counter!("answers_bytes_total").increment(bytes),
        Err(_) => counter!("errors_total", "stage" => "answer").increment(1),
    }
}

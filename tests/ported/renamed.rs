//! `forms.rs` with another crate under the name of `metrics`, and what it recorded.

mod forms;

/// Every counter that it makes, with its total.
const COUNTERS: [(&str, &[(&str, &str)], u64); 26] = [
    ("absolute_total", &[], 42),
    ("array_total", &[("dynamic_key", "woo!")], 12),
    ("constant_total", &[], 17),
    ("errors_total", &[("stage", "answer")], 1),
    ("formatted_total", &[], 1),
    ("hashed_total", &[("customer", "acme")], 1),
    ("inline_total", &[("uvw", "xyz")], 1),
    ("iter_total", &[("region", "eu"), ("zone", "a")], 1),
    ("labelled_200_total", &[("key", "http!")], 1),
    ("labelled_total", &[("method", "GET"), ("path", "/")], 1),
    ("labelled_total", &[("service", "http")], 1),
    ("labelled_total", &[("service", "http"), ("status", "200")], 1),
    ("labels_total", &[("attempt", "2"), ("customer", "acme"), ("foo", "bar")], 3),
    ("none_total", &[], 2),
    ("owned_pairs_total", &[("foo", "bar")], 1),
    ("owned_total", &[], 1),
    ("plain_total", &[], 2),
    ("requests_total", &[("service", "http")], 6),
    ("shared_total", &[], 1),
    ("slice_total", &[("dynamic_key", "woo!")], 1),
    ("sorted_total", &[("customer", "acme")], 1),
    ("super_total", &[("label1", "value1"), ("label2", "value2")], 1),
    ("target_total", &[], 1),
    ("wrapped_total", &[], 1),
    ("wrapped_total", &[("kind", "literal")], 1),
    ("wrapped_total", &[("kind", "slice")], 1),
];

fn main() {
    forms::describe();
    forms::record();
    let snapshot = metrics::registry().snapshot();
    for (name, labels, total) in COUNTERS {
        assert_eq!(snapshot.counter(name, labels), Some(total), "{name}");
    }
    let is_counter = |series: &&metrics::Series| {
        series.kind() == metrics::Kind::Counter && !series.name().starts_with("tachograph_")
    };
    let counters = snapshot.series().iter().filter(is_counter);
    assert_eq!(counters.count(), COUNTERS.len());
    assert_eq!(snapshot.gauge("connections", &[("service", "http")]), Some(2.0));
    assert_eq!(snapshot.gauge("set_seconds", &[]), Some(2.0));
    let latency = snapshot.histogram("latency_seconds", &[("service", "http")]).unwrap();
    assert_eq!((latency.count(), latency.sum()), (8, 3.5));
    let about = |name: &str| {
        let series = snapshot.series().iter().find(|series| series.name() == name).unwrap();
        (series.unit(), series.description())
    };
    assert_eq!(about("constant_total"), (None, Some("Made of constants.")));
    assert_eq!(about("super_total"), (Some(metrics::Unit::Bytes), Some("super counter")));
    assert_eq!(about("latency_seconds"), (Some(metrics::Unit::Seconds), Some("How long.")));
    assert!(metrics::registry().lints().is_empty(), "{:?}", metrics::registry().lints());
}

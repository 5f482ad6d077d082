//! Bodies read back as messages: one of each kind, and what options change.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use prost::Message;
use tachograph::{Buckets, Registry, Snapshot, Unit};

use super::message::{self, MetricFamily, MetricType};
use super::*;

fn decoded(body: &[u8]) -> Vec<MetricFamily> {
    let (mut rest, mut families) = (body, Vec::new());
    while !rest.is_empty() {
        families.push(MetricFamily::decode_length_delimited(&mut rest).unwrap());
    }
    families
}

fn encoded(options: Protobuf, snapshot: &Snapshot) -> Vec<MetricFamily> {
    let mut body = Vec::new();
    options.encode(snapshot, &mut body);
    decoded(&body)
}

/// The one family of that name.
fn named<'a>(families: &'a [MetricFamily], name: &str) -> &'a MetricFamily {
    let mut found = families.iter().filter(|family| family.name == name);
    let family = found.next().unwrap();
    assert_eq!(found.count(), 0, "{name}");
    family
}

fn one_of_each() -> Snapshot {
    let registry = Registry::builder().label("zone", "a").build();
    registry.counter("sent_bytes_total", &[("to", "x")]).unwrap().increment(7);
    registry.describe("sent_bytes_total", Some(Unit::Bytes), " What was sent. ").unwrap();
    registry.counter("_total", &[]).unwrap().increment(2);
    registry.gauge("depth", &[]).unwrap().set(-1.5);
    registry.rate("mails", &[]).unwrap().increment(3);
    let sizes = registry.histogram_with("sizes", &[], Buckets::new().bounds(&[0.1, 3.0])).unwrap();
    [0.05, 0.1, 2.9, 3.1].iter().for_each(|size| sizes.record(*size));
    registry.timer("job_seconds", &[("le", "1")]).unwrap().record(Duration::from_millis(250));
    let orders = registry.summary("orders", &[]).unwrap();
    (1..=100).for_each(|order| orders.record(order));
    registry.summary("none", &[]).unwrap();
    registry.snapshot()
}

#[test]
fn each_kind_is_its_message() {
    let before = SystemTime::now();
    let snapshot = one_of_each();
    let families = encoded(Protobuf::new(), &snapshot);
    let names: Vec<&str> = families.iter().map(|family| &*family.name).collect();
    let expected: Vec<String> =
        snapshot.families().map(|family| family.name().to_owned()).collect();
    assert_eq!(names, expected);

    let sent = named(&families, "sent_bytes_total");
    assert_eq!(
        (sent.r#type(), &*sent.help, &*sent.unit),
        (MetricType::Counter, "What was sent.", "bytes")
    );
    let labels = &sent.metric[0].label;
    let labels: Vec<_> = labels.iter().map(|one| (&*one.name, &*one.value)).collect();
    assert_eq!(labels, [("to", "x"), ("zone", "a")]);
    let counter = sent.metric[0].counter.unwrap();
    assert_eq!(counter.value, 7.0);
    let created = counter.created_timestamp.unwrap();
    let created = UNIX_EPOCH + Duration::new(created.seconds as u64, created.nanos as u32);
    assert!(created >= before && created <= SystemTime::now());

    let total = named(&families, "_total");
    assert_eq!(
        (total.r#type(), total.metric[0].untyped.unwrap().value),
        (MetricType::Untyped, 2.0)
    );
    assert_eq!(named(&families, "depth").metric[0].gauge.unwrap().value, -1.5);
    let mails = named(&families, "mails");
    assert_eq!(
        (mails.r#type(), mails.metric[0].counter.unwrap().value),
        (MetricType::Counter, 3.0)
    );

    let job = &named(&families, "job_seconds").metric[0];
    assert_eq!(job.label[0].name, "exported_le");
    let durations = job.histogram.as_ref().unwrap();
    assert_eq!((durations.sample_count, durations.bucket.len()), (1, 0));
    assert!((durations.sample_sum - 0.25).abs() < 1e-6);
    assert!(durations.created_timestamp.is_some());
    // A quarter is the upper bound of bucket -2 * 32.
    let index = durations.positive_span[0].offset;
    assert!((-64..=-63).contains(&index), "{index}");
    let own = named(&families, "job_self_seconds_total");
    assert_eq!((own.r#type(), &*own.unit), (MetricType::Counter, "seconds"));
    assert!((own.metric[0].counter.unwrap().value - 0.25).abs() < 1e-6);

    let orders = named(&families, "orders").metric[0].summary.as_ref().unwrap();
    assert_eq!((orders.sample_count, orders.sample_sum), (100, 5_050.0));
    let quantiles: Vec<(f64, f64)> =
        orders.quantile.iter().map(|one| (one.quantile, one.value)).collect();
    assert_eq!(quantiles, [(0.5, 50.0), (0.9, 90.0), (0.95, 95.0), (0.99, 99.0)]);
    let none = named(&families, "none").metric[0].summary.as_ref().unwrap();
    assert!(none.quantile.iter().all(|one| one.value.is_nan()));
}

#[test]
fn classic_buckets_are_those_that_were_declared_or_those_of_the_text() {
    let snapshot = one_of_each();
    let of = |options: Protobuf, name: &str| -> Vec<(f64, u64)> {
        let families = encoded(options, &snapshot);
        let histogram = named(&families, name).metric[0].histogram.as_ref().unwrap();
        let buckets = histogram.bucket.iter();
        buckets.map(|bucket| (bucket.upper_bound, bucket.cumulative_count)).collect()
    };
    let all = Protobuf::new().all_classic_buckets();
    assert_eq!(of(Protobuf::new(), "sizes"), [(0.1, 2), (3.0, 3)]);
    assert_eq!(of(all, "sizes"), [(0.1, 2), (3.0, 3)]);
    assert_eq!(of(Protobuf::new(), "job_seconds"), []);
    let job = of(all, "job_seconds");
    assert_eq!((job.len(), job[0], job[10]), (11, (2_f64.powi(-24), 0), (64.0, 1)));
}

#[test]
fn families_that_are_asked_for_are_as_among_all() {
    let snapshot = one_of_each();
    let all = encoded(Protobuf::new(), &snapshot);
    for asked in ["job_seconds_count", "job_self_seconds_total", "orders_sum", "depth", "nobody"] {
        let mut body = b"before".to_vec();
        Protobuf::new().encode_matching(&snapshot, &|name| name == asked, &mut body);
        let some = decoded(&body[b"before".len()..]);
        assert_eq!(some.len(), usize::from(asked != "nobody"), "{asked}");
        assert!(some.iter().all(|family| all.contains(family)), "{asked}");
    }
}

#[test]
fn memory_of_one_series_leaves_nothing_in_the_next() {
    let registry = Registry::new();
    let bounds = Buckets::new().bounds(&[1.0]);
    let many = registry.histogram_with("a", &[("x", "long"), ("y", "1")], bounds).unwrap();
    (1..500).for_each(|value| many.record(value));
    [-1.0, 0.0].iter().for_each(|value| many.record(*value));
    registry.histogram("b", &[]).unwrap();
    registry.gauge("c", &[("z", "")]).unwrap();
    registry.histogram("d", &[]).unwrap().record(1);
    let families = encoded(Protobuf::new(), &registry.snapshot());
    let empty = named(&families, "b").metric[0].clone();
    let mut expected = message::Histogram {
        schema: 5,
        zero_threshold: 2_f64.powi(-30),
        ..message::Histogram::default()
    };
    expected.created_timestamp = empty.histogram.as_ref().unwrap().created_timestamp;
    assert_eq!(empty.label, []);
    assert_eq!(empty.histogram, Some(expected));
    let gauge = &named(&families, "c").metric[0];
    assert_eq!((gauge.label.len(), gauge.histogram.is_none()), (1, true));
    let last = named(&families, "d").metric[0].histogram.clone().unwrap();
    assert_eq!((last.positive_delta, last.negative_delta, last.zero_count), (vec![1], vec![], 0));
}

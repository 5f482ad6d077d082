//! A registry from the outside: what it hands out by name, what a snapshot says of it, and what reset,
//! remove and the end of a registry do. In the files beside it: what it refuses and notes, its buckets,
//! and random use against a naive twin.

#[path = "registry/buckets.rs"]
mod buckets;
#[path = "registry/limits.rs"]
mod limits;
#[path = "support/random.rs"]
mod random;
#[path = "registry/twin.rs"]
mod twin;

use std::thread;
use std::time::Duration;

use tachograph::{Error, Kind, Registry, Series, Snapshot, Unit, Value};

use random::Random;

type Pairs<'a> = &'a [(&'a str, &'a str)];

const KINDS: [Kind; 4] = [Kind::Counter, Kind::Gauge, Kind::Histogram, Kind::Timer];

/// Registers a series of that kind, at the caller's place, and records `times` into it.
#[track_caller]
fn record(
    registry: &Registry,
    kind: Kind,
    name: &str,
    labels: Pairs<'_>,
    times: u64,
) -> Result<(), Error> {
    match kind {
        Kind::Counter => registry.counter(name, labels)?.increment(times),
        Kind::Gauge => registry.gauge(name, labels)?.increment(times),
        Kind::Histogram => registry.histogram(name, labels)?.record_many(3.0, times as usize),
        Kind::Timer => {
            let timer = registry.timer(name, labels)?;
            (0..times).for_each(|_| timer.record(Duration::from_millis(5)));
        }
        other => panic!("{other}"),
    }
    Ok(())
}

/// How much was recorded into a series by `record`.
fn recorded(value: &Value) -> u64 {
    match value {
        Value::Counter(total) => *total,
        Value::Gauge(value) => *value as u64,
        Value::Histogram(histogram) => histogram.count(),
        Value::Timer(timer) => timer.count(),
        other => panic!("{other:?}"),
    }
}

fn named<'a>(snapshot: &'a Snapshot, name: &'a str) -> impl Iterator<Item = &'a Series> {
    snapshot.series().iter().filter(move |series| series.name() == name)
}

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        (self.next() >> 11) % limit
    }

    fn fraction(&mut self) -> f64 {
        self.below(1 << 53) as f64 / (1_u64 << 53) as f64
    }
}

fn lints_about(registry: &Registry, name: &str) -> Vec<String> {
    let lints = registry.lints().into_iter().filter(|lint| lint.metric() == name);
    lints.map(|lint| lint.message().to_owned()).collect()
}

// ---- by name ----

#[test]
fn every_kind_is_found_again_by_name_and_labels_in_any_order() {
    let registry = Registry::new();
    let one_way: Pairs<'_> = &[("b", "2"), ("a", "1"), ("c", "")];
    let other_way: Pairs<'_> = &[("c", ""), ("b", "2"), ("a", "1")];
    for kind in KINDS {
        for labels in [one_way, other_way] {
            record(&registry, kind, kind.as_str(), labels, 2).unwrap();
        }
        record(&registry, kind, kind.as_str(), &[], 1).unwrap();
        record(&registry, kind, kind.as_str(), &[("a", "1")], 3).unwrap();
    }
    let snapshot = registry.snapshot();
    assert_eq!(snapshot.series().len(), 12);
    for kind in KINDS {
        let found: Vec<(Vec<(&str, &str)>, u64)> = named(&snapshot, kind.as_str())
            .map(|series| {
                assert_eq!(series.kind(), kind);
                (series.labels().iter().collect(), recorded(series.value()))
            })
            .collect();
        let all = vec![("a", "1"), ("b", "2"), ("c", "")];
        assert_eq!(found, [(vec![], 1), (vec![("a", "1")], 3), (all, 4)], "{kind}");
    }
    assert_eq!(snapshot.counter("counter", other_way), Some(4));
    assert_eq!(snapshot.gauge("gauge", one_way), Some(4.0));
    assert_eq!(snapshot.histogram("histogram", other_way).unwrap().sum(), 12.0);
    assert_eq!(snapshot.timer("timer", other_way).unwrap().count(), 4);
    for wrong in [
        &[("a", "2")] as Pairs<'_>,
        &[("a", "1"), ("b", "2")],
        &[("b", "1")],
        &[("a", "1"), ("a", "1")],
    ] {
        assert_eq!(snapshot.counter("counter", wrong), None, "{wrong:?}");
    }
    assert_eq!(snapshot.gauge("counter", one_way), None, "another kind");
    assert!(snapshot.timer("histogram", one_way).is_none(), "a timer is not a histogram");
}

#[test]
fn texts_that_run_into_one_another_are_told_apart() {
    let registry = Registry::new();
    let all: [(&str, Pairs<'_>); 7] = [
        ("ab", &[("c", "d")]),
        ("a", &[("bc", "d")]),
        ("a", &[("b", "cd")]),
        ("a", &[("b", "c"), ("d", "")]),
        ("a", &[("b", "c\0d")]),
        ("a", &[("b", "\n\"\\ü🦀")]),
        ("ü", &[]),
    ];
    for (times, (name, labels)) in (1..).zip(all) {
        registry.counter(name, labels).unwrap().increment(times);
    }
    let snapshot = registry.snapshot();
    for (times, (name, labels)) in (1..).zip(all) {
        assert_eq!(snapshot.counter(name, labels), Some(times), "{name} {labels:?}");
    }
}

#[test]
fn registries_of_the_same_names_are_apart() {
    let (one, other) = (Registry::new(), Registry::new());
    one.counter("calls_total", &[]).unwrap().increment(1);
    other.gauge("calls_total", &[]).unwrap().set(7);
    tachograph::histogram!("calls_total").record(3);
    assert_eq!(one.snapshot().counter("calls_total", &[]), Some(1));
    assert_eq!(other.snapshot().gauge("calls_total", &[]), Some(7.0));
    assert_eq!(tachograph::registry().snapshot().histogram("calls_total", &[]).unwrap().count(), 1);
    assert_eq!((one.snapshot().series().len(), other.snapshot().series().len()), (1, 1));
    one.reset("calls_total");
    assert_eq!(other.snapshot().gauge("calls_total", &[]), Some(7.0));
}

#[test]
fn several_threads_that_register_the_same_get_the_same() {
    let registry = Registry::new();
    thread::scope(|scope| {
        for lane in 0..4 {
            let registry = &registry;
            scope.spawn(move || {
                for number in 0..50 {
                    let number = ((number + lane * 13) % 50).to_string();
                    for kind in KINDS {
                        record(registry, kind, kind.as_str(), &[("number", &number)], 1).unwrap();
                    }
                }
            });
        }
    });
    let snapshot = registry.snapshot();
    assert_eq!(snapshot.series().len(), 200);
    assert!(snapshot.series().iter().all(|series| recorded(series.value()) == 4));
}

#[test]
fn many_series_are_all_found_and_sorted() {
    let (names, each) = if cfg!(debug_assertions) { (10, 1_000) } else { (25, 2_000) };
    let registry = Registry::new();
    let numbers: Vec<String> = (0..each).map(|number| number.to_string()).collect();
    for name in 0..names {
        let title = format!("many_{name}");
        for (place, number) in numbers.iter().enumerate() {
            registry
                .counter(&title, &[("number", number)])
                .unwrap()
                .increment((name * each + place) as u64);
        }
    }
    let snapshot = registry.snapshot();
    assert_eq!(snapshot.series().len(), names * each);
    assert_eq!(snapshot.overhead().series(), (names * each) as u64);
    let key = |series: &Series| (series.name().to_owned(), series.labels().clone());
    assert!(snapshot.series().windows(2).all(|two| key(&two[0]) < key(&two[1])));
    for name in 0..names {
        let title = format!("many_{name}");
        for (place, number) in numbers.iter().enumerate() {
            let expected = (name * each + place) as u64;
            assert_eq!(snapshot.counter(&title, &[("number", number)]), Some(expected));
        }
    }
    assert_eq!(registry.reset("many_3"), each);
    let later = registry.snapshot();
    assert!(named(&later, "many_3").all(|series| recorded(series.value()) == 0));
    assert_eq!(recorded(named(&later, "many_4").nth(1).unwrap().value()), 4 * each as u64 + 1);
}

// ---- reset, remove, since ----

#[test]
fn a_reset_starts_one_name_from_zero_for_every_kind() {
    let registry = Registry::new();
    for kind in KINDS {
        for name in
            [kind.as_str(), "unlike"].into_iter().take(if kind == Kind::Gauge { 2 } else { 1 })
        {
            record(&registry, kind, name, &[], 3).unwrap();
            record(&registry, kind, name, &[("k", "v")], 4).unwrap();
        }
    }
    assert_eq!(registry.reset("nothing of that name"), 0);
    for kind in KINDS {
        assert_eq!(registry.reset(kind.as_str()), 2);
        let snapshot = registry.snapshot();
        assert_eq!(snapshot.series().len(), 10, "a reset removes nothing");
        assert!(
            named(&snapshot, kind.as_str()).all(|series| recorded(series.value()) == 0),
            "{kind}"
        );
        assert_eq!(snapshot.gauge("unlike", &[("k", "v")]), Some(4.0));
    }
    let rest = registry.snapshot();
    assert_eq!(rest.histogram("histogram", &[]).unwrap().sum(), 0.0);
    assert_eq!(rest.histogram("histogram", &[]).unwrap().min(), None);
    assert_eq!(rest.timer("timer", &[]).unwrap().total(), Duration::ZERO);
    assert_eq!(rest.timer("timer", &[]).unwrap().self_total(), Duration::ZERO);
    for round in 1..=2 {
        for kind in KINDS {
            record(&registry, kind, kind.as_str(), &[("k", "v")], 2).unwrap();
            let snapshot = registry.snapshot();
            let counts: Vec<u64> =
                named(&snapshot, kind.as_str()).map(|series| recorded(series.value())).collect();
            assert_eq!(counts, [0, 2], "{kind}, round {round}");
            assert_eq!(registry.reset(kind.as_str()), 2);
        }
    }
}

#[test]
fn a_removed_series_stays_out_until_it_is_recorded_to() {
    for kind in KINDS {
        let registry = Registry::new();
        record(&registry, kind, "gone", &[], 3).unwrap();
        record(&registry, kind, "gone", &[("k", "v")], 3).unwrap();
        record(&registry, kind, "stays", &[], 1).unwrap();
        assert_eq!(registry.remove("gone"), 2, "{kind}");
        assert_eq!(registry.remove("gone"), 0, "{kind}: they are out");
        assert_eq!(registry.remove("never was"), 0);
        // Looking it up is not recording to it.
        record(&registry, kind, "gone", &[], 0).unwrap();
        for _ in 0..2 {
            assert_eq!(registry.snapshot().series().len(), 1, "{kind}");
        }
        record(&registry, kind, "gone", &[("k", "v")], 2).unwrap();
        for _ in 0..2 {
            let snapshot = registry.snapshot();
            let counts: Vec<u64> =
                named(&snapshot, "gone").map(|series| recorded(series.value())).collect();
            assert_eq!(counts, [2], "{kind}: from zero");
        }
        assert_eq!(registry.remove("gone"), 1, "{kind}");
    }
}

#[test]
fn a_gauge_that_is_set_comes_back_whatever_it_is_set_to() {
    let registry = Registry::new();
    let gauge = registry.gauge("level", &[]).unwrap();
    for value in [5.0, 0.0, -0.0, f64::NAN] {
        gauge.set(1.0);
        registry.remove("level");
        assert_eq!(registry.snapshot().gauge("level", &[]), None);
        gauge.set(value);
        let seen = registry.snapshot().gauge("level", &[]).expect("it was recorded to");
        assert!(seen == value || seen.is_nan() && value.is_nan(), "{seen}");
    }
}

#[test]
fn since_tells_what_came_after_a_snapshot() {
    let registry = Registry::new();
    for kind in KINDS {
        record(&registry, kind, kind.as_str(), &[], 5).unwrap();
        record(&registry, kind, kind.as_str(), &[("k", "reset")], 5).unwrap();
    }
    let earlier = registry.snapshot();
    let nothing = registry.snapshot().since(&earlier);
    assert_eq!(nothing.counter("counter", &[]), Some(0));
    assert_eq!(nothing.histogram("histogram", &[]).unwrap().count(), 0);
    assert_eq!(nothing.histogram("histogram", &[]).unwrap().sum(), 0.0);
    for kind in KINDS {
        record(&registry, kind, kind.as_str(), &[], 2).unwrap();
        record(&registry, kind, kind.as_str(), &[("k", "new")], 3).unwrap();
    }
    let later = registry.snapshot();
    let since = later.since(&earlier);
    assert_eq!(since.elapsed(), later.elapsed() - earlier.elapsed());
    for kind in KINDS {
        let counts: Vec<u64> =
            named(&since, kind.as_str()).map(|series| recorded(series.value())).collect();
        let present = if kind == Kind::Gauge { [7, 3, 5] } else { [2, 3, 0] };
        assert_eq!(counts, present, "{kind}");
    }
    assert_eq!(since.histogram("histogram", &[]).unwrap().sum(), 6.0);
    let total = since.timer("timer", &[]).unwrap().total();
    assert!(total.abs_diff(Duration::from_millis(10)) < Duration::from_micros(1), "{total:?}");

    // A total that shrank is one that began anew.
    for kind in KINDS {
        registry.reset(kind.as_str());
        record(&registry, kind, kind.as_str(), &[], 1).unwrap();
        let since = registry.snapshot().since(&later);
        assert_eq!(recorded(named(&since, kind.as_str()).next().unwrap().value()), 1, "{kind}");
    }
}

#[test]
fn a_blank_description_keeps_no_other_from_being_the_first() {
    let registry = Registry::new();
    registry.counter("early_total", &[]).unwrap();
    for name in ["early_total", "late_total"] {
        registry.describe(name, None, " ").unwrap();
        registry.describe(name, None, "What there is.").unwrap();
    }
    registry.counter("late_total", &[]).unwrap();
    for series in registry.snapshot().series() {
        assert_eq!(series.description(), Some("What there is."), "{}", series.name());
    }
    assert_eq!(registry.lints(), []);
}

#[test]
fn descriptions_of_what_is_never_recorded_have_a_bound() {
    let registry = Registry::new();
    for number in 0..10_000 {
        registry.describe(&format!("never_{number}"), None, "Never.").unwrap();
    }
    let refused = registry.describe("one_more", None, "One more.").unwrap_err();
    assert!(refused.is_overflow() && refused.to_string().contains("10000"), "{refused}");
    // Those that are known can be said more of, and so can what is there.
    registry.describe("never_7", Some(Unit::Bytes), "").unwrap();
    registry.gauge("one_more", &[]).unwrap();
    registry.describe("one_more", None, "One more.").unwrap();
    assert_eq!(registry.snapshot().series()[0].description(), Some("One more."));
}

#[test]
fn handles_outlive_their_registry() {
    let registry = Registry::new();
    let counter = registry.counter("left_total", &[]).unwrap();
    let gauge = registry.gauge("left", &[]).unwrap();
    let histogram = registry.histogram("left_bytes", &[]).unwrap();
    let timer = registry.timer("left_seconds", &[]).unwrap();
    counter.increment(1);
    let guard = timer.start();
    let before = Registry::new().snapshot().overhead().abandoned();
    drop(registry);
    let another = Registry::new();
    assert!(another.snapshot().overhead().abandoned() >= before + 4);
    for _ in 0..3 {
        counter.increment(1);
        gauge.increment(1);
        histogram.record(1);
    }
    drop(guard);
    drop(timer.start());
    assert_eq!((counter.value(), gauge.value(), histogram.count(), timer.count()), (4, 3.0, 3, 2));
    // Their memory is nobody else's.
    record(&another, Kind::Counter, "left_total", &[], 1).unwrap();
    assert_eq!((another.snapshot().counter("left_total", &[]), counter.value()), (Some(1), 4));
}

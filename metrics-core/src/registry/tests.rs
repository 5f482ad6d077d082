//! The catalogue against what the directory says of it: a forked child, and whoever reads the memory
//! of a dead process, has nothing else.

use super::*;
use crate::label::Labels;

/// Everything that a snapshot would say of the series, and where their cells are.
fn contents(index: &Index) -> Vec<String> {
    let series = index.list().into_iter().map(|series| {
        format!(
            "{} {:?} {} {:?} {:?} {:?}",
            series.name(),
            series.labels(),
            series.kind(),
            series.family().about(),
            series.created(),
            series.request(),
        )
    });
    series.collect()
}

/// A registry with something of everything. Few cells, since room is short under Miri.
fn filled() -> Registry {
    let registry = Registry::builder().max_series(2).build();
    let buckets = || Buckets::new().schema(-1).range(0.1, 100.0).bounds(&[0.3, 1.0, 64.0]);
    registry.describe("early_total", Some(Unit::Count), "Before it was there").unwrap();
    for value in ["ü\n\"", "", "third", "fourth"] {
        registry.counter("early_total", &[("k", value), ("a", "b")]).unwrap();
    }
    registry.gauge("level", &[]).unwrap();
    registry.describe("level", None, "Afterwards, and").unwrap();
    registry.describe("level", Some(Unit::Bytes), "Afterwards, and").unwrap();
    registry.histogram_with("sizes", &[("z", "1")], buckets()).unwrap();
    registry.histogram_with("sizes", &[("y", "1")], buckets()).unwrap();
    registry.timer_with("latency_seconds", &[], buckets()).unwrap();
    registry
}

/// As a forked child makes it.
fn rebuilt(registry: &Registry) -> Index {
    let index = Index::new(registry.shared.number, registry.shared.settings);
    index.rebuild();
    index
}

#[test]
fn a_catalogue_made_from_the_directory_is_the_same() {
    let (registry, another) = (filled(), filled());
    let rebuilt = rebuilt(&registry);
    assert_eq!(contents(&rebuilt), contents(registry.index()));
    assert_eq!(rebuilt.len(), 3 + 1 + 2 + 1, "with the overflow series of the counter");
    assert_ne!(contents(&rebuilt), contents(another.index()), "other slots");
    let nobody = Index::new(u32::MAX, registry.shared.settings);
    nobody.rebuild();
    assert_eq!(contents(&nobody), [""; 0]);
}

#[test]
fn a_rebuilt_catalogue_goes_on_where_the_first_one_was() {
    let registry = filled();
    let rebuilt = rebuilt(&registry);
    let wanted = |name, labels| Wanted {
        capped: true,
        ..Wanted::plain(Kind::Counter, name, labels, Place::here())
    };
    let known = rebuilt.series(&wanted("early_total", &[("a", "b"), ("k", "")])).unwrap();
    let first = registry.index().series(&wanted("early_total", &[("a", "b"), ("k", "")])).unwrap();
    assert_eq!(format!("{:?}", known.request()), format!("{:?}", first.request()));
    // Those of labels known at run time are out until they are recorded to, and take no place.
    assert_eq!(known.removals() % 2, 1);
    let more = rebuilt.series(&wanted("early_total", &[("k", "fifth")])).unwrap();
    assert!(!more.labels().is_overflow());
    // The kind is known, and where it comes from.
    let error = rebuilt.series(&wanted("level", &[])).unwrap_err();
    assert!(error.is_conflict());
    assert!(error.to_string().contains("is already a gauge (registered at "), "{error}");
    assert!(error.to_string().contains("tests.rs:"), "{error}");
    // A new series is known to whoever reads the directory next.
    rebuilt.series(&wanted("new_total", &[("k", "v")])).unwrap();
    let third = self::rebuilt(&registry);
    assert_eq!(contents(&third), contents(&rebuilt));
    assert_eq!(third.len(), registry.index().len() + 2, "with the fifth value of the counter");
}

#[test]
fn totals_are_found_through_either_catalogue() {
    let registry = filled();
    let rebuilt = rebuilt(&registry);
    registry.counter("early_total", &[("k", ""), ("a", "b")]).unwrap().increment(3);
    registry.histogram("sizes", &[("z", "1")]).unwrap().record(0.3);
    registry.timer("latency_seconds", &[]).unwrap().record(std::time::Duration::from_secs(1));
    let of = |index: &Index| {
        let series = index.list();
        let requests: Vec<_> = series.iter().map(|series| series.request()).collect();
        arena::read(&requests)
    };
    assert_eq!(of(&rebuilt), of(registry.index()));
    assert!(of(&rebuilt).contains(&arena::Reading::Counter(3)));
}

#[test]
fn the_same_series_is_one_holder_for_all_who_ask() {
    let registry = filled();
    let labels: [&[(&str, &str)]; 2] = [&[("k", ""), ("a", "b")], &[("a", "b"), ("k", "")]];
    let ask = |labels| {
        let plain = Wanted::plain(Kind::Counter, "early_total", labels, Place::here());
        let wanted = Wanted { capped: true, ..plain };
        std::ptr::from_ref(registry.index().series(&wanted).unwrap()).addr()
    };
    assert_eq!(ask(labels[0]), ask(labels[1]));
    assert_ne!(ask(labels[0]), ask(&[Labels::OVERFLOW]));
}

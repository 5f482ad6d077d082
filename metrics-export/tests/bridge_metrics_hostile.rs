//! What cannot be recorded, or has no bound, does no harm through the bridge.

#![cfg(feature = "metrics")]

use metrics::{Label, counter, gauge, histogram, with_local_recorder};
use tachograph::{Labels, Registry};
use tachograph_export::MetricsBridge;

fn dropped(reason: &str) -> u64 {
    let snapshot = tachograph::registry().snapshot();
    snapshot.counter("tachograph_dropped_total", &[("reason", reason)]).unwrap_or(0)
}

#[test]
fn what_is_refused_is_dropped_and_counted_and_told() {
    let registry = Registry::new();
    let [conflicts, invalid] = ["conflict", "invalid"].map(dropped);
    with_local_recorder(&MetricsBridge::of(&registry), || {
        gauge!("thing").set(1);
        for _ in 0..3 {
            counter!("thing").increment(1);
            counter!("thing", "k" => "v").absolute(1);
            histogram!("thing").record(1);
            counter!("").increment(1);
            counter!("a\0b").increment(1);
            counter!("n".repeat(10_000)).increment(1);
            counter!("c_total", "" => "v").increment(1);
            counter!("c_total", "k" => "v".repeat(100_000)).increment(1);
            counter!("c_total", "k" => "1", "k" => "2").increment(1);
            let many: Vec<_> = (0..200).map(|n| Label::new(format!("k{n}"), "v")).collect();
            counter!("c_total", many).increment(1);
        }
    });
    assert_eq!(registry.snapshot().gauge("thing", &[]), Some(1.0));
    assert_eq!(registry.snapshot().series().len(), 1);
    assert_eq!(dropped("conflict") - conflicts, 9);
    assert_eq!(dropped("invalid") - invalid, 21);
    let lints = registry.lints();
    assert!(lints.iter().any(|lint| lint.message().contains("the crate `metrics`")), "{lints:?}");
}

#[test]
fn values_that_are_no_numbers_are_dropped_as_elsewhere() {
    let registry = Registry::new();
    let before = dropped("not_finite");
    with_local_recorder(&MetricsBridge::of(&registry), || {
        histogram!("h").record(f64::NAN);
        histogram!("h").record_many(f64::INFINITY, 2);
        gauge!("g").increment(f64::NEG_INFINITY);
        histogram!("h").record(-1.0);
        gauge!("set").set(f64::NAN);
    });
    let snapshot = registry.snapshot();
    assert_eq!(snapshot.histogram("h", &[]).unwrap().count(), 1);
    assert!(snapshot.gauge("set", &[]).unwrap().is_nan());
    assert!(dropped("not_finite") >= before + 3);
}

#[test]
fn labels_without_bound_end_in_one_series_and_nothing_is_lost() {
    let registry = Registry::builder().max_series(5).build();
    let bridge = MetricsBridge::of(&registry);
    with_local_recorder(&bridge, || {
        for _ in 0..2 {
            for user in 0..1_000 {
                counter!("by_user_total", "user" => user.to_string()).increment(1);
            }
        }
    });
    let snapshot = registry.snapshot();
    assert_eq!(snapshot.series().len(), 6);
    assert_eq!(snapshot.counter("by_user_total", &[("user", "4")]), Some(2));
    assert_eq!(snapshot.counter("by_user_total", &[Labels::OVERFLOW]), Some(2 * 995));
}

#[test]
fn labels_that_found_no_place_have_one_as_soon_as_there_is_room() {
    let registry = Registry::builder().max_series(1).build();
    let bridge = MetricsBridge::of(&registry);
    let add = |user: &'static str| {
        with_local_recorder(&bridge, || counter!("by_user_total", "user" => user).increment(1));
    };
    add("first");
    add("second");
    registry.remove("by_user_total");
    add("second");
    let total = |user| registry.snapshot().counter("by_user_total", &[("user", user)]);
    assert_eq!((total("first"), total("second")), (None, Some(1)));
}

#[test]
fn more_series_than_a_bridge_remembers_are_all_recorded() {
    const SERIES: usize = if cfg!(miri) { 50 } else { 17_000 };
    let registry = Registry::builder().max_series(20_000).build();
    let bridge = MetricsBridge::of(&registry);
    with_local_recorder(&bridge, || {
        for _ in 0..2 {
            for number in 0..SERIES {
                counter!("many_total", "number" => number.to_string()).increment(1);
            }
        }
    });
    let snapshot = registry.snapshot();
    assert_eq!(snapshot.series().len(), SERIES);
    for number in [0, SERIES / 2, SERIES - 1] {
        let found = snapshot.counter("many_total", &[("number", &number.to_string())]);
        assert_eq!(found, Some(2));
    }
}

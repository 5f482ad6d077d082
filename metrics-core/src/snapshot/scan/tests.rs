//! Which series a snapshot leaves out, and that nothing of them is lost.

use std::sync::Barrier;
use std::thread;

use super::*;
use crate::label::Labels;

const MINUTE: Duration = Duration::from_secs(60);

/// The values of the label `k` of the series in a snapshot, in their order.
fn values(snapshot: &Snapshot) -> Vec<&str> {
    snapshot.series().iter().filter_map(|series| series.labels().get("k")).collect()
}

#[test]
fn series_that_stand_still_are_left_out_and_lose_nothing() {
    let registry = Registry::builder().max_series(2).idle_timeout(5 * MINUTE).build();
    let counter = registry.counter("requests_total", &[("k", "a")]).unwrap();
    let histogram = registry.histogram("sizes", &[("k", "b")]).unwrap();
    let gauge = registry.gauge("depth", &[("k", "c")]).unwrap();
    let timer = registry.timer("wait_seconds", &[("k", "d")]).unwrap();
    counter.increment(3);
    histogram.record(1.5);
    gauge.set(2.5);
    timer.record(Duration::from_millis(1));
    let at = |minutes: u32| registry.snapshot_at(minutes * MINUTE);
    assert_eq!(values(&at(10)), ["c", "a", "b", "d"]);
    assert_eq!(values(&at(14)), ["c", "a", "b", "d"], "not yet");
    counter.increment(1);
    histogram.record(-1.5);
    assert_eq!(values(&at(15)), ["a", "b"], "the others stand still for five minutes");
    assert_eq!(values(&at(19)), ["a", "b"]);
    // What comes back holds all that was recorded, before and after.
    gauge.increment(1);
    timer.record(Duration::from_millis(1));
    let snapshot = at(20);
    assert_eq!(values(&snapshot), ["c", "d"]);
    assert_eq!(snapshot.gauge("depth", &[("k", "c")]), Some(3.5));
    assert_eq!(snapshot.timer("wait_seconds", &[("k", "d")]).unwrap().count(), 2);
    counter.increment(1);
    assert_eq!(at(21).counter("requests_total", &[("k", "a")]), Some(5));
}

#[test]
fn idle_series_give_their_places_back_and_handles_stay_their_own() {
    let registry = Registry::builder().max_series(2).idle_timeout(MINUTE).build();
    let ask = |value: &str| registry.counter("requests_total", &[("k", value)]).unwrap();
    let handles: Vec<_> = ["a", "b", "c"].iter().map(|value| ask(value)).collect();
    handles.iter().for_each(|handle| handle.increment(1));
    assert_eq!(values(&registry.snapshot_at(MINUTE)), ["a", "b"], "and the overflow");
    assert_eq!(values(&registry.snapshot_at(2 * MINUTE)), [""; 0]);
    ask("d").increment(5);
    ask("e").increment(6);
    // The handle that was held meanwhile writes where it always did.
    handles[0].increment(10);
    let snapshot = registry.snapshot_at(3 * MINUTE);
    let of = |value| snapshot.counter("requests_total", &[("k", value)]);
    assert_eq!((of("a"), of("b"), of("d"), of("e")), (Some(11), None, Some(5), Some(6)));
    // It has its place again, so there is none for another one.
    ask("f").increment(1);
    let overflow = [Labels::OVERFLOW];
    assert_eq!(registry.snapshot_at(3 * MINUTE).counter("requests_total", &overflow), Some(2));
}

#[test]
fn places_are_given_back_ten_times_and_no_more() {
    let registry = Registry::builder().max_series(2).idle_timeout(MINUTE).build();
    for round in 0..20_u32 {
        for number in 0..2 {
            let value = format!("{round}-{number}");
            registry.counter("requests_total", &[("k", &value)]).unwrap().increment(1);
        }
        registry.snapshot_at(round * 2 * MINUTE);
        registry.snapshot_at((round * 2 + 1) * MINUTE);
    }
    assert_eq!(registry.index().len(), 20 + 1, "with the overflow series");
    let overflow = [Labels::OVERFLOW];
    assert_eq!(registry.snapshot().counter("requests_total", &overflow), Some(20));
}

#[test]
fn series_of_the_programs_text_are_never_idle() {
    let registry = Registry::builder().idle_timeout(MINUTE).build();
    let plain = crate::registry::Wanted::plain(
        crate::kind::Kind::Counter,
        "starts_total",
        &[("k", "literal")],
        crate::registry::Place::here(),
    );
    registry.index().series(&plain).unwrap();
    for minutes in 0..10 {
        assert_eq!(values(&registry.snapshot_at(minutes * MINUTE)), ["literal"]);
    }
}

#[test]
fn removed_series_stay_out_until_recorded_to_also_where_they_were_idle() {
    let registry = Registry::builder().idle_timeout(MINUTE).build();
    let counter = registry.counter("requests_total", &[("k", "a")]).unwrap();
    counter.increment(3);
    registry.snapshot_at(MINUTE);
    assert_eq!(values(&registry.snapshot_at(2 * MINUTE)), [""; 0]);
    registry.remove("requests_total");
    assert_eq!(values(&registry.snapshot_at(3 * MINUTE)), [""; 0]);
    // The same total as when it was idle, but recorded since.
    counter.increment(3);
    let snapshot = registry.snapshot_at(4 * MINUTE);
    assert_eq!(snapshot.counter("requests_total", &[("k", "a")]), Some(3));
}

#[test]
fn series_that_are_recorded_to_are_never_idle_whatever_they_hold() {
    let registry = Registry::builder().idle_timeout(MINUTE).build();
    let ones = registry.histogram("ones", &[("k", "ones")]).unwrap();
    let timer = registry.timer("wait_seconds", &[("k", "wait")]).unwrap();
    let counter = registry.counter("requests_total", &[("k", "requests")]).unwrap();
    // Counts and sums whose bits make up for each other where they are only mixed.
    ones.record_many(1, 1 << 20);
    for minutes in 1..20 {
        ones.record_many(1, 10_001);
        timer.record(Duration::ZERO);
        counter.increment(1);
        assert_eq!(values(&registry.snapshot_at(minutes * MINUTE)), ["ones", "requests", "wait"]);
    }
}

#[test]
fn reset_series_come_back_also_with_the_total_they_had() {
    for minutes_before in [1, 2] {
        let registry = Registry::builder().idle_timeout(MINUTE).build();
        let counter = registry.counter("requests_total", &[("k", "a")]).unwrap();
        let gauge = registry.gauge("depth", &[("k", "b")]).unwrap();
        counter.increment(3);
        gauge.set(3);
        // Once it is in when it is reset, once out.
        for minute in 1..=minutes_before {
            registry.snapshot_at(minute * MINUTE);
        }
        registry.reset("requests_total");
        registry.reset("depth");
        counter.increment(3);
        gauge.set(3);
        let snapshot = registry.snapshot_at((minutes_before + 1) * MINUTE);
        assert_eq!(snapshot.counter("requests_total", &[("k", "a")]), Some(3));
        assert_eq!(snapshot.gauge("depth", &[("k", "b")]), Some(3.0));
    }
}

#[test]
fn snapshots_at_once_leave_nothing_out_that_was_recorded_to() {
    const ROUNDS: u32 = if cfg!(miri) { 20 } else { 2_000 };
    let registry = Registry::builder().idle_timeout(MINUTE).build();
    let counter = registry.counter("requests_total", &[("k", "a")]).unwrap();
    let barrier = Barrier::new(2);
    let look = |records: bool| {
        let mut missing = 0;
        for round in 0..ROUNDS {
            if records {
                counter.increment(1);
            }
            barrier.wait();
            missing += u32::from(registry.snapshot_at(round * 2 * MINUTE).series().is_empty());
            barrier.wait();
        }
        missing
    };
    let missing = thread::scope(|scope| {
        let other = scope.spawn(|| look(false));
        look(true) + other.join().unwrap()
    });
    // Both look at the same minute, so that neither sees it stand still.
    assert_eq!(missing, 0);
}

#[test]
fn held_handles_may_bring_more_back_than_the_cap() {
    let registry = Registry::builder().max_series(2).idle_timeout(MINUTE).build();
    let mut handles = Vec::new();
    for round in 0..12_u32 {
        for number in 0..2 {
            let value = format!("{round}-{number}");
            handles.push(registry.counter("requests_total", &[("k", &value)]).unwrap());
            handles.last().unwrap().increment(1);
        }
        registry.snapshot_at(round * 2 * MINUTE);
        registry.snapshot_at((round * 2 + 1) * MINUTE);
    }
    handles.iter().for_each(|handle| handle.increment(1));
    let snapshot = registry.snapshot_at(100 * MINUTE);
    // Ten times the cap, as is documented, and the overflow; and no record is lost.
    assert_eq!(snapshot.series().len(), 20 + 1);
    let sum: u64 = snapshot
        .series()
        .iter()
        .map(|series| match series.value() {
            Value::Counter(total) => *total,
            other => panic!("no counter: {other:?}"),
        })
        .sum();
    assert_eq!(sum, 48);
    // Nor is there place for more before some of them stand still again.
    registry.counter("requests_total", &[("k", "new")]).unwrap().increment(1);
    assert_eq!(registry.snapshot_at(100 * MINUTE).series().len(), 20 + 1);
}

#[test]
fn series_that_the_programs_text_asks_for_later_stay_and_free_their_place() {
    let registry = Registry::builder().max_series(1).idle_timeout(MINUTE).build();
    registry.counter("starts_total", &[("k", "a")]).unwrap().increment(1);
    let plain = crate::registry::Wanted::plain(
        crate::kind::Kind::Counter,
        "starts_total",
        &[("k", "a")],
        crate::registry::Place::here(),
    );
    registry.index().series(&plain).unwrap();
    registry.counter("starts_total", &[("k", "b")]).unwrap().increment(1);
    assert_eq!(values(&registry.snapshot_at(MINUTE)), ["a", "b"]);
    assert_eq!(values(&registry.snapshot_at(3 * MINUTE)), ["a"]);
}

#[test]
fn same_label_raced_at_the_last_place_is_one_series_for_all() {
    const REGISTRIES: usize = if cfg!(miri) { 10 } else { 2_000 };
    let registries: Vec<Registry> =
        (0..REGISTRIES).map(|_| Registry::builder().max_series(1).build()).collect();
    for registry in &registries {
        // The overflow series is there already, so that a lookup can end at it without a lock.
        for value in ["x", "y"] {
            registry.counter("requests_total", &[("k", value)]).unwrap().increment(1);
        }
        registry.change_settings(|settings| settings.max_series = 2);
    }
    let barrier = Barrier::new(2);
    let run = || {
        for registry in &registries {
            barrier.wait();
            registry.counter("requests_total", &[("k", "a")]).unwrap().increment(1);
        }
    };
    thread::scope(|scope| {
        scope.spawn(run);
        run();
    });
    for registry in &registries {
        assert_eq!(registry.snapshot().counter("requests_total", &[("k", "a")]), Some(2));
        assert_eq!(registry.snapshot().counter("requests_total", &[Labels::OVERFLOW]), Some(1));
    }
}

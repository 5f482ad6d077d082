//! Gauges: any value that is set, and only numbers that are added.

use std::sync::Barrier;
use std::thread;
use std::time::Duration;

use tachograph::{Gauge, Registry};

use super::{Drops, NOT_NUMBERS, NUMBERS, assert_dropped, turn};

fn bits(gauge: Gauge) -> u64 {
    gauge.value().to_bits()
}

#[test]
fn a_gauge_holds_any_value_that_is_set() {
    let _turn = turn();
    let registry = Registry::new();
    let before = Drops::now();
    let gauge = registry.gauge("any", &[]).unwrap();
    for value in NUMBERS.into_iter().chain(NOT_NUMBERS) {
        gauge.set(value);
        assert!(
            bits(gauge) == value.to_bits() || value.is_nan() && gauge.value().is_nan(),
            "{value:?}"
        );
        let seen = registry.snapshot().gauge("any", &[]).unwrap();
        assert!(seen.to_bits() == value.to_bits() || value.is_nan() && seen.is_nan(), "{value:?}");
    }
    gauge.set(u64::MAX);
    assert_eq!(gauge.value(), u64::MAX as f64);
    gauge.set(Duration::from_millis(250));
    assert_eq!(gauge.value(), 0.25);
    gauge.set(-7_i32);
    assert_eq!(gauge.value(), -7.0);
    assert_dropped(&before, &[], "a set is never refused");
}

#[test]
fn increments_of_what_is_no_number_are_refused_before_and_after_a_set() {
    let _turn = turn();
    let registry = Registry::new();
    for set_first in [false, true] {
        let name = if set_first { "set" } else { "unset" };
        let gauge = registry.gauge(name, &[]).unwrap();
        if set_first {
            gauge.set(3.0);
        } else {
            gauge.increment(3.0);
        }
        let before = Drops::now();
        for value in NOT_NUMBERS {
            gauge.increment(value);
            gauge.decrement(value);
            assert_eq!(gauge.value(), 3.0, "{name}, {value}");
        }
        assert_dropped(&before, &[("not_finite", 8)], name);
        gauge.increment(1.5);
        gauge.decrement(0.5);
        assert_eq!(gauge.value(), 4.0, "{name}");
    }
}

#[test]
fn a_gauge_does_not_leave_the_numbers_by_increments() {
    let _turn = turn();
    let registry = Registry::new();
    for set_first in [false, true] {
        for (end, step) in [(f64::MAX, f64::MAX), (f64::MIN, -1e300)] {
            let gauge = registry
                .gauge("far", &[("set", &set_first.to_string()), ("end", &end.to_string())])
                .unwrap();
            if set_first {
                gauge.set(0.0);
            }
            gauge.increment(end);
            let before = Drops::now();
            gauge.increment(step);
            gauge.decrement(-step);
            assert_dropped(&before, &[("sum_overflow", 2)], "beyond the end");
            assert_eq!(gauge.value(), end, "set first: {set_first}");
            gauge.decrement(end);
            assert_eq!(gauge.value(), 0.0, "set first: {set_first}");
        }
    }
}

#[test]
fn increments_of_several_threads_stay_numbers_and_can_be_reset() {
    let _turn = turn();
    let registry = Registry::new();
    let gauge = registry.gauge("far", &[]).unwrap();
    for (end, round) in [(f64::MAX, 1), (f64::MIN, 2)] {
        // All at once, so that each holds a shard of its own.
        let together = Barrier::new(3);
        thread::scope(|scope| {
            for _ in 0..3 {
                scope.spawn(|| {
                    gauge.increment(end);
                    together.wait();
                });
            }
        });
        assert!(gauge.value().is_finite(), "round {round}: {}", gauge.value());
        assert!(registry.snapshot().gauge("far", &[]).unwrap().is_finite());
        registry.reset("far");
        assert_eq!(gauge.value(), 0.0, "round {round}");
    }
}

#[test]
fn a_gauge_adds_before_its_first_set_and_from_it_on() {
    let _turn = turn();
    let registry = Registry::new();
    let gauge = registry.gauge("semantics", &[]).unwrap();
    let from_threads = |amount: f64| {
        thread::scope(|scope| {
            for _ in 0..3 {
                scope.spawn(|| (0..1_000).for_each(|_| gauge.increment(amount)));
            }
        });
    };
    assert_eq!(gauge.value(), 0.0);
    from_threads(2.0);
    gauge.decrement(500);
    assert_eq!(gauge.value(), 5_500.0, "the sum over all threads, without a set");
    gauge.set(10.0);
    assert_eq!(gauge.value(), 10.0, "a set replaces what was added before");
    from_threads(1.0);
    assert_eq!(gauge.value(), 3_010.0, "from there on all threads add to what was set");
    thread::spawn(move || gauge.set(-1.0)).join().unwrap();
    gauge.decrement(1.0);
    assert_eq!(gauge.value(), -2.0);
    registry.reset("semantics");
    assert_eq!(gauge.value(), 0.0);
    from_threads(0.5);
    assert_eq!(gauge.value(), 1_500.0, "after a reset it adds as if never set");
}

#[test]
fn a_gauge_at_infinity_stays_there_until_it_is_set() {
    let _turn = turn();
    let registry = Registry::new();
    let gauge = registry.gauge("lost", &[]).unwrap();
    let before = Drops::now();
    for value in [f64::INFINITY, f64::NEG_INFINITY] {
        gauge.set(value);
        gauge.increment(1.0);
        gauge.decrement(f64::MAX);
        assert_eq!(gauge.value(), value);
    }
    gauge.set(f64::NAN);
    gauge.increment(1.0);
    assert!(gauge.value().is_nan());
    gauge.set(0.0);
    gauge.increment(1.0);
    assert_eq!(gauge.value(), 1.0);
    assert_dropped(&before, &[], "finite increments are taken");
}

#[test]
fn increments_of_a_set_gauge_lose_none_between_threads() {
    let _turn = turn();
    let registry = Registry::new();
    let gauge = registry.gauge("raced", &[]).unwrap();
    gauge.set(0.0);
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..10_000 {
                    gauge.increment(3.0);
                    gauge.decrement(1.0);
                }
            });
        }
    });
    assert_eq!(gauge.value(), 80_000.0);
}

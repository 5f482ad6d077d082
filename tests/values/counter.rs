//! Counters: every amount, and totals that someone else keeps.

use std::thread;

use tachograph::{Format, Registry};

use super::turn;

#[test]
fn a_counter_takes_every_amount_and_wraps() {
    let _turn = turn();
    let registry = Registry::new();
    let counter = registry.counter("amounts_total", &[]).unwrap();
    let mut expected = 0_u64;
    for amount in [0, 1, 1 << 32, (1 << 53) + 1, u64::MAX, 1, u64::MAX, u64::MAX / 2] {
        counter.increment(amount);
        expected = expected.wrapping_add(amount);
        assert_eq!(counter.value(), expected);
    }
}

#[test]
fn absolute_only_raises() {
    let _turn = turn();
    let registry = Registry::new();
    let counter = registry.counter("absolute_total", &[]).unwrap();
    for (value, total) in
        [(0, 0), (10, 10), (3, 10), (11, 11), (0, 11), (u64::MAX - 5, u64::MAX - 5)]
    {
        counter.absolute(value);
        assert_eq!(counter.value(), total, "after absolute({value})");
    }
    counter.increment(5);
    assert_eq!(counter.value(), u64::MAX);
    counter.absolute(u64::MAX);
    assert_eq!(counter.value(), u64::MAX);
}

#[test]
fn absolute_counts_what_was_incremented_before_and_after() {
    let _turn = turn();
    let registry = Registry::new();
    let counter = registry.counter("mixed_total", &[]).unwrap();
    counter.increment(4);
    counter.absolute(10);
    assert_eq!(counter.value(), 10);
    counter.increment(2);
    assert_eq!(counter.value(), 12);
    counter.absolute(11);
    assert_eq!(counter.value(), 12);
    counter.absolute(20);
    assert_eq!(counter.value(), 20);
    thread::spawn(move || counter.increment(1)).join().unwrap();
    assert_eq!(counter.value(), 21);
}

#[test]
fn absolute_with_concurrent_increments_loses_none_and_never_goes_back() {
    let _turn = turn();
    let registry = Registry::new();
    let counter = registry.counter("raced_total", &[]).unwrap();
    const INCREMENTS: u64 = 20_000;
    const ABSOLUTES: u64 = 2_000;
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| (0..INCREMENTS).for_each(|_| counter.increment(1)));
        }
        scope.spawn(|| (1..=ABSOLUTES).for_each(|step| counter.absolute(step * 10)));
        let mut last = 0;
        for _ in 0..ABSOLUTES {
            let now = counter.value();
            assert!(now >= last, "{now} after {last}");
            last = now;
        }
    });
    // Each increment came before or after the greatest absolute value; none counts twice.
    let total = counter.value();
    assert!(total >= (ABSOLUTES * 10).max(2 * INCREMENTS), "{total}");
    assert!(total <= ABSOLUTES * 10 + 2 * INCREMENTS, "{total}");
    counter.absolute(1_000_000);
    assert_eq!(counter.value(), 1_000_000);
}

#[test]
fn absolute_after_a_reset_goes_on_from_where_the_total_was() {
    let _turn = turn();
    let registry = Registry::new();
    let counter = registry.counter("reset_total", &[]).unwrap();
    counter.increment(3);
    counter.absolute(1_000);
    registry.reset("reset_total");
    assert_eq!(counter.value(), 0);
    for (value, total) in [(7, 0), (1_000, 0), (1_005, 5), (900, 5)] {
        counter.absolute(value);
        assert_eq!(counter.value(), total, "after absolute({value})");
    }
    counter.increment(1);
    counter.absolute(1_006);
    assert_eq!(counter.value(), 6);
}

#[test]
fn a_total_that_somebody_else_keeps_has_no_rate_of_the_run() {
    let registry = Registry::new();
    registry.counter("packets_total", &[]).unwrap().absolute(1_000);
    registry.counter("calls_total", &[]).unwrap().increment(1_000);
    // A reader finds out later, too.
    let mut reader = registry.reader();
    reader.read();
    let late = registry.counter("late_total", &[]).unwrap();
    late.increment(1);
    reader.read();
    late.absolute(1_000);
    for table in [registry.snapshot(), reader.read().clone()].map(|it| it.render(Format::Table)) {
        let rate_of = |name: &str| {
            let line = table.lines().find(|line| line.starts_with(name)).unwrap();
            line.split_whitespace().last().unwrap().to_owned()
        };
        assert_eq!((rate_of("packets_total"), rate_of("late_total")), ("–".into(), "–".into()));
        assert!(rate_of("calls_total").ends_with("/s"), "{table}");
    }
}

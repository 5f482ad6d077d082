//! Timers: every duration that fits, and those that do not.

use std::time::Duration;

use tachograph::Registry;

use super::{Drops, assert_dropped, assert_sane, turn};

#[test]
fn a_timer_takes_every_duration_that_fits() {
    let _turn = turn();
    const YEAR: Duration = Duration::from_secs(365 * 24 * 3600);
    let registry = Registry::new();
    let before = Drops::now();
    for duration in [
        Duration::ZERO,
        Duration::from_nanos(1),
        Duration::from_nanos(999),
        Duration::from_micros(1),
        Duration::from_millis(20),
        Duration::from_secs(1),
        // Around the width of a pending sample, and the upper end of the buckets.
        Duration::from_secs(5 * 60),
        Duration::from_secs(10 * 60),
        Duration::from_secs(60 * 60),
        Duration::from_secs(32_768),
        YEAR,
        5 * YEAR,
    ] {
        let what = format!("{duration:?}");
        let timer = registry.timer("duration_seconds", &[("value", what.as_str())]).unwrap();
        timer.record(duration);
        timer.record(duration);
        let seen = timer.snapshot();
        assert_eq!(seen.count(), 2, "{what}");
        // A tick is at most some tens of nanoseconds; the rate of ticks is rounded to an f64.
        let near = |found: Duration, expected: Duration| {
            assert!(
                found.abs_diff(expected) <= Duration::from_nanos(100) + expected / 1_000_000_000,
                "{what}: {found:?}"
            );
        };
        near(seen.total(), 2 * duration);
        near(seen.self_total(), 2 * duration);
        near(seen.min().unwrap(), duration);
        near(seen.max().unwrap(), duration);
        near(seen.mean().unwrap(), duration);
        assert_eq!(seen.stddev().unwrap(), Duration::ZERO, "{what}");
        assert!(seen.self_total() <= seen.total());
        assert_sane(seen.histogram(), &what);
    }
    assert_dropped(&before, &[], "all of them fit");
}

#[test]
fn a_duration_that_does_not_fit_is_counted_and_changes_nothing() {
    let _turn = turn();
    let registry = Registry::new();
    let timer = registry.timer("endless_seconds", &[]).unwrap();
    timer.record(Duration::from_secs(1));
    let before = Drops::now();
    timer.record(Duration::MAX);
    timer.record(Duration::from_secs(u64::MAX));
    assert_dropped(&before, &[("too_long", 2)], "endless");
    assert_eq!((timer.count(), timer.snapshot().total().as_secs_f64().round()), (1, 1.0));
}

#[test]
fn the_total_of_a_timer_stays_at_its_limit() {
    let _turn = turn();
    let registry = Registry::new();
    let timer = registry.timer("ages_seconds", &[]).unwrap();
    let decade = Duration::from_secs(5 * 365 * 24 * 3600);
    let mut last = Duration::ZERO;
    for _ in 0..500 {
        timer.record(decade);
        let seen = timer.snapshot();
        assert!(seen.total() >= last && seen.self_total() <= seen.total());
        last = seen.total();
    }
    assert_eq!(timer.count(), 500);
    assert_sane(timer.snapshot().histogram(), "ages");
}

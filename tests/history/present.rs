//! What a metric says of itself: when it was updated, and all that was ever recorded.

use std::time::Duration;

use tachograph::Registry;

use super::clock::{BEGIN, Clock, SECOND, nanos};

#[test]
fn a_metric_was_updated_at_the_last_tick_that_saw_something_new() {
    for name in ["jobs_total", "depth", "sizes", "work_seconds", "orders"] {
        let (clock, registry) = (Clock::new(), Registry::new());
        registry.counter("jobs_total", &[]).unwrap();
        registry.gauge("depth", &[]).unwrap().set(1);
        registry.histogram("sizes", &[]).unwrap();
        registry.timer("work_seconds", &[]).unwrap();
        registry.summary("orders", &[]).unwrap();
        let history = clock.builder(&registry).build().unwrap();
        let metric = history.metric(name, &[]).unwrap();
        let updated = || metric.updated_at().map(|at| (nanos(at) - BEGIN) as f64 / 1e9);
        assert_eq!(updated(), None, "{name}");
        clock.tick(&history, SECOND);
        assert_eq!(updated(), None, "{name}: nothing came in that second");
        clock.forward(SECOND / 2);
        metric.record(4.0).unwrap();
        assert_eq!(updated(), Some(1.5), "{name}: something came since the last tick");
        clock.tick(&history, SECOND / 2);
        for _ in 0..3 {
            clock.tick(&history, SECOND);
            assert_eq!(updated(), Some(2.0), "{name}");
        }
        assert_eq!(registry.reset(name), 1);
        metric.record(5.0).unwrap();
        clock.tick(&history, SECOND);
        assert_eq!(updated(), Some(6.0), "{name}");
    }
}

#[test]
fn a_gauge_that_is_no_number_is_not_updated_by_staying_so() {
    let (clock, registry) = (Clock::new(), Registry::new());
    let ratio = registry.gauge("ratio", &[]).unwrap();
    let history = clock.builder(&registry).build().unwrap();
    let metric = history.metric("ratio", &[]).unwrap();
    let updated = || metric.updated_at().map(|at| (nanos(at) - BEGIN) as f64 / 1e9);
    ratio.set(f64::NAN);
    for _ in 0..3 {
        clock.tick(&history, SECOND);
        assert_eq!(updated(), Some(1.0));
    }
    ratio.set(0.5);
    clock.tick(&history, SECOND);
    assert_eq!(updated(), Some(4.0));
}

#[test]
fn the_rate_of_a_gauge_is_that_between_the_ticks_that_saw_it() {
    let (clock, registry) = (Clock::new(), Registry::new());
    let level = registry.gauge("tank_liters", &[]).unwrap();
    level.set(f64::NAN);
    let history = clock.builder(&registry).build().unwrap();
    let rate = |seconds| {
        let metric = history.metric("tank_liters", &[]).unwrap();
        metric.window(Duration::from_secs(seconds)).and_then(|window| window.rate())
    };
    let tick = |value: f64| {
        level.set(value);
        assert!(clock.tick(&history, SECOND));
    };
    (0..50).for_each(|_| tick(f64::NAN));
    assert_eq!(rate(60), None, "there was no value");
    tick(100.0);
    assert_eq!(rate(60), None, "nothing is known of how it came there");
    (1..=9).for_each(|second| tick(100.0 + 2.0 * f64::from(second)));
    assert_eq!(rate(60), Some(2.0), "18 in the 9 s between the ticks that saw it");
    assert_eq!(rate(5), Some(2.0), "from what it was when the window begins");
    // Away for a while, but back in the end.
    (0..3).for_each(|_| tick(f64::NAN));
    assert_eq!(rate(60), None, "it is not known where it went");
    (0..5).for_each(|_| tick(118.0));
    assert_eq!(rate(10), Some(4.0 / 10.0), "114 before it left, 118 in the end");
    clock.forward(SECOND / 2);
    level.set(119);
    assert_eq!(rate(3), Some(1.0 / 3.5));
}

#[test]
fn what_was_ever_recorded_is_more_than_any_window_has() {
    let (clock, registry) = (Clock::new(), Registry::new());
    let jobs = registry.counter("jobs_total", &[]).unwrap();
    let sizes = registry.histogram("sizes", &[]).unwrap();
    let work = registry.timer("work_seconds", &[]).unwrap();
    let depth = registry.gauge("depth", &[]).unwrap();
    // Before the history began: in no window.
    jobs.increment(100);
    [0.5, 64.0].iter().for_each(|value| sizes.record(*value));
    work.record(Duration::from_secs(2));
    depth.set(-7);
    let builder = clock.builder(&registry).retention(Duration::from_secs(60));
    let history = builder.build().unwrap();
    for second in 0..300_u64 {
        jobs.increment(second % 4);
        sizes.record(4);
        depth.set(second as f64);
        assert!(clock.tick(&history, SECOND));
    }
    let metric = |name| history.metric(name, &[]).unwrap();
    let jobs = metric("jobs_total");
    assert_eq!((jobs.total(), jobs.count(), jobs.current()), (Some(550.0), Some(550), Some(550.0)));
    let sizes = metric("sizes");
    assert_eq!((sizes.total(), sizes.count()), (Some(1_264.5), Some(302)));
    assert_eq!((sizes.min(), sizes.max()), (Some(0.5), Some(64.0)));
    assert_eq!(sizes.current(), Some(4.0), "the mean of the last minute");
    let work = metric("work_seconds");
    assert_eq!((work.count(), work.current()), (Some(1), None), "nothing came in the last minute");
    let depth = metric("depth");
    assert_eq!((depth.total(), depth.count(), depth.current()), (Some(299.0), None, Some(299.0)));
    // Of a gauge and of rates, what is kept: the last minute, and up to one more, since slots are whole.
    let least = depth.min().unwrap();
    assert!((179.0..=240.0).contains(&least) && depth.max() == Some(299.0), "{least}");
    assert!(jobs.min().is_some_and(|rate| (0.0..=1.4).contains(&rate)), "{:?}", jobs.min());
    assert_eq!(jobs.max(), Some(3.0));
}

#[test]
fn a_value_at_a_bound_lies_in_the_lower_range() {
    let (clock, registry) = (Clock::new(), Registry::new());
    let history = clock.builder(&registry).build().unwrap();
    registry.summary("orders", &[]).unwrap();
    let depth = registry.gauge("depth", &[]).unwrap();
    let orders = history.metric("orders", &[]).unwrap();
    for value in 0..=8 {
        clock.forward(SECOND / 2);
        orders.record(f64::from(value)).unwrap();
        depth.set(5);
        clock.tick(&history, SECOND / 2);
    }
    let ranges = |name: &str, n: usize| -> Vec<(f64, f64, u64)> {
        let ranges = history.metric(name, &[]).unwrap().buckets(n);
        ranges.iter().map(|range| (range.lower, range.upper, range.count)).collect()
    };
    let four = [(0.0, 2.0, 3), (2.0, 4.0, 2), (4.0, 6.0, 2), (6.0, 8.0, 2)];
    assert_eq!(ranges("orders", 4), four);
    assert_eq!(ranges("orders", 1), [(0.0, 8.0, 9)]);
    assert_eq!(ranges("orders", 0), []);
    // Nine ticks, the last of them at the present moment, all of one value.
    assert_eq!(ranges("depth", 4), [(5.0, 5.0, 9)]);
    clock.forward(SECOND / 4);
    assert_eq!(ranges("depth", 4), [(5.0, 5.0, 10)]);
}

//! Series that begin anew: what came before stays in windows, and nothing is ever negative.

use std::time::Duration;

use tachograph::{
    Aggregation, Counter, Gauge, Histogram, History, Rate, Registry, Summary, Timer, Window,
};

use super::clock::{Clock, MINUTE, SECOND};

/// Those whose values are counted; a gauge is beside them.
const NAMES: [&str; 5] = ["jobs_total", "mails", "sizes", "work_seconds", "orders"];

/// One series of each kind, recorded to together.
struct All {
    clock: Clock,
    registry: Registry,
    history: History,
    counter: Counter,
    rate: Rate,
    histogram: Histogram,
    timer: Timer,
    summary: Summary,
    gauge: Gauge,
}

impl All {
    fn new() -> All {
        let (clock, registry) = (Clock::new(), Registry::new());
        All {
            counter: registry.counter(NAMES[0], &[]).unwrap(),
            rate: registry.rate(NAMES[1], &[]).unwrap(),
            histogram: registry.histogram(NAMES[2], &[]).unwrap(),
            timer: registry.timer(NAMES[3], &[]).unwrap(),
            summary: registry.summary(NAMES[4], &[]).unwrap(),
            gauge: registry.gauge("depth", &[]).unwrap(),
            history: clock.builder(&registry).build().unwrap(),
            clock,
            registry,
        }
    }

    /// Records the same value so often.
    fn record(&self, times: u64) {
        for _ in 0..times {
            self.clock.forward(1);
            self.counter.increment(1);
            self.rate.increment(1);
            self.histogram.record(4);
            self.timer.record(Duration::from_millis(20));
            self.history.metric(NAMES[4], &[]).unwrap().record(4.0).unwrap();
            self.gauge.increment(1);
        }
    }

    fn tick(&self) {
        assert!(self.clock.tick(&self.history, SECOND));
    }

    fn each(&self, with: impl Fn(&Registry, &str) -> usize) {
        for name in NAMES.into_iter().chain(["depth"]) {
            assert_eq!(with(&self.registry, name), 1, "{name}");
        }
    }

    fn window(&self, name: &str) -> Window {
        let metric = self.history.metric(name, &[]).unwrap();
        metric.window(Duration::from_nanos(MINUTE)).unwrap()
    }

    /// What is in the window of all, and that nothing of it is negative.
    fn check(&self, count: u64, what: &str) {
        for name in NAMES {
            let window = self.window(name);
            let what = format!("{name} {what}");
            assert_eq!(window.aggregate(Aggregation::Count), Some(count as f64), "{what}");
            let covered = window.span().covered().as_secs_f64();
            assert!((window.rate().unwrap() - count as f64 / covered).abs() < 1e-9, "{what}");
            let each = match name {
                "jobs_total" | "mails" => 1.0,
                "work_seconds" => 0.02,
                _ => 4.0,
            };
            let sum = window.aggregate(Aggregation::Sum).unwrap();
            // A timer's durations are whole ticks of the processor's clock.
            assert!((sum - each * count as f64).abs() < 1e-6, "{what}: {sum}");
            assert!(window.aggregate(Aggregation::Min).is_none_or(|min| min >= 0.0), "{what}");
        }
    }
}

#[test]
fn a_reset_is_seen_though_more_came_after_it_than_there_was() {
    for after in [0, 1, 3, 5, 100] {
        for is_ticked in [false, true] {
            let all = All::new();
            all.record(3);
            all.tick();
            all.each(Registry::reset);
            all.record(after);
            if is_ticked {
                all.tick();
            }
            all.check(3 + after, &format!("{after} after a reset"));
            all.record(2);
            all.tick();
            all.check(5 + after, &format!("{after} after a reset, and two more"));
        }
    }
}

#[test]
fn what_came_between_the_last_tick_and_a_reset_is_in_no_window() {
    for (lost, after) in [(1, 0), (4, 4), (4, 9), (7, 1)] {
        let all = All::new();
        all.record(3);
        all.tick();
        all.record(lost);
        all.check(3 + lost, "before it");
        all.each(Registry::reset);
        // Since it may have been a long time, nobody knows of which second it was.
        all.check(3, "behind it");
        all.record(after);
        all.tick();
        all.check(3 + after, &format!("{after} after it, {lost} lost"));
    }
}

#[test]
fn a_series_that_was_removed_and_came_back_goes_on() {
    for ticks in 0..3 {
        let all = All::new();
        all.record(3);
        all.tick();
        all.each(Registry::remove);
        for _ in 0..ticks {
            all.tick();
            let over = all.history.over(Duration::from_secs(60));
            assert_eq!(over.series().len(), 0, "{over:?}");
        }
        all.record(5);
        all.check(8, &format!("after {ticks} ticks without it"));
        all.tick();
        all.tick();
        all.check(8, &format!("after {ticks} ticks without it and two with it"));
        // Of the gauge three ticks, with no value in between.
        let depth = all.window("depth");
        assert_eq!(depth.aggregate(Aggregation::Count), Some(3.0));
        assert_eq!(depth.aggregate(Aggregation::Sum), Some(3.0 + 5.0 + 5.0));
        assert_eq!(depth.rate().map(|rate| rate > 0.0), Some(true));
    }
}

#[test]
fn many_resets_make_no_more_than_was_recorded() {
    let all = All::new();
    let mut recorded = 0;
    for round in 0..200_u64 {
        let times = round * 7 % 5;
        all.record(times);
        recorded += times;
        all.tick();
        if round % 3 == 0 {
            all.each(Registry::reset);
        }
        if round < 59 {
            all.check(recorded, &format!("round {round}"));
        }
    }
    for name in NAMES {
        let metric = all.history.metric(name, &[]).unwrap();
        let window = metric.window(Duration::MAX).unwrap();
        assert_eq!(window.aggregate(Aggregation::Count), Some(recorded as f64), "{name}");
    }
    assert!(all.summary.samples().len() < recorded as usize, "most were forgotten with a reset");
}

#[test]
fn what_somebody_else_kept_before_a_counter_was_new_is_no_increase() {
    let (clock, registry) = (Clock::new(), Registry::new());
    let history = clock.builder(&registry).build().unwrap();
    let minute = Duration::from_secs(60);
    let increase = || history.over(minute).counter("packets_total", &[]);
    assert!(clock.tick(&history, SECOND));
    clock.forward(SECOND / 2);
    // A machine has counted a thousand since it was started, and the program three.
    let packets = registry.counter("packets_total", &[]).unwrap();
    packets.absolute(1_000);
    packets.increment(3);
    assert_eq!(increase(), Some(3));
    assert!(clock.tick(&history, SECOND));
    assert_eq!(increase(), Some(3));
    packets.absolute(1_010);
    assert_eq!(increase(), Some(10));
    assert!(clock.tick(&history, SECOND));
    assert_eq!(increase(), Some(10));
}

//! Clocks that do what clocks do: go back, jump, stand still.

use std::time::Duration;

use tachograph::{Aggregation, Counter, Gauge, Histogram, History, Registry, Window};

use super::clock::{BEGIN, Clock, HOUR, MINUTE, SECOND, nanos, time};

struct Scene {
    clock: Clock,
    history: History,
    jobs: Counter,
    depth: Gauge,
    sizes: Histogram,
}

impl Scene {
    fn new() -> Scene {
        let (clock, registry) = (Clock::new(), Registry::new());
        Scene {
            jobs: registry.counter("jobs_total", &[]).unwrap(),
            depth: registry.gauge("depth", &[]).unwrap(),
            sizes: registry.histogram("sizes", &[]).unwrap(),
            history: clock.builder(&registry).build().unwrap(),
            clock,
        }
    }

    /// One of each for each of so many seconds.
    fn live(&self, seconds: u64) {
        for _ in 0..seconds {
            self.jobs.increment(1);
            self.sizes.record(8);
            self.depth.set(3);
            assert!(self.clock.tick(&self.history, SECOND));
        }
    }

    fn window(&self, name: &str, length: u64) -> Option<Window> {
        self.history.metric(name, &[]).unwrap().window(Duration::from_nanos(length))
    }

    /// The increase in a window, and how much of it was watched, in seconds.
    fn jobs(&self, length: u64) -> (f64, f64) {
        let window = self.window("jobs_total", length).unwrap();
        let increase = window.aggregate(Aggregation::Sum).unwrap();
        assert!(window.rate().unwrap() >= 0.0);
        assert!(window.aggregate(Aggregation::Min).unwrap() >= 0.0);
        let sizes = self.window("sizes", length).unwrap();
        assert_eq!(sizes.aggregate(Aggregation::Count), Some(increase));
        (increase, window.span().covered().as_secs_f64())
    }
}

#[test]
fn a_clock_that_is_set_back_loses_nothing_and_makes_no_negative_rates() {
    for back in [SECOND / 2, 3 * SECOND, HOUR, 10 * HOUR, BEGIN] {
        let scene = Scene::new();
        scene.live(20);
        scene.clock.set(scene.clock.now() - back.min(scene.clock.now()));
        scene.jobs.increment(1);
        scene.sizes.record(8);
        // Between the two, the history stands where it was.
        assert_eq!(scene.jobs(HOUR).0, 21.0, "{back}");
        scene.live(9);
        let (increase, covered) = scene.jobs(HOUR);
        assert_eq!(increase, 30.0, "{back}");
        // Half a second back, the next tick is half a second later than the last; else one interval has passed.
        let step = if back < SECOND { 0.5 } else { 1.0 };
        assert!((covered - (28.0 + step)).abs() < 1e-6, "{back}: {covered}");
        let last = scene.window("jobs_total", 5 * SECOND).unwrap();
        assert_eq!(last.aggregate(Aggregation::Sum), Some(5.0), "{back}");
        assert_eq!(last.span().to(), time(scene.clock.now()), "{back}");
    }
}

#[test]
fn a_machine_that_sleeps_leaves_a_gap_that_no_rate_counts() {
    for gap in [11 * SECOND, 7 * MINUTE, 3 * HOUR] {
        let scene = Scene::new();
        scene.live(20);
        scene.clock.forward(gap - SECOND);
        // As if it fell asleep in the middle of its work.
        scene.live(1);
        scene.live(19);
        let window = scene.window("jobs_total", gap + MINUTE).unwrap();
        assert!(window.span().has_gap(), "{gap}");
        assert_eq!(window.span().covered(), Duration::from_secs(40), "{gap}");
        assert_eq!(window.aggregate(Aggregation::Sum), Some(40.0), "{gap}");
        assert_eq!(window.rate(), Some(1.0), "{gap}");
        assert_eq!(window.aggregate(Aggregation::Max), Some(1.0), "{gap}");
        let gauge = scene.window("depth", gap + MINUTE).unwrap();
        assert_eq!(gauge.aggregate(Aggregation::Count), Some(40.0), "{gap}");
        // A window behind the gap has none.
        assert!(!scene.window("jobs_total", 15 * SECOND).unwrap().span().has_gap(), "{gap}");
        // One in its middle reaches over it, and says so.
        let metric = scene.history.metric("jobs_total", &[]).unwrap();
        let asleep = BEGIN + 20 * SECOND;
        let inside = metric.between(time(asleep + SECOND), time(asleep + 2 * SECOND));
        assert!(inside.unwrap().span().has_gap(), "{gap}");
    }
}

#[test]
fn nearer_ticks_than_a_gap_are_watched_whole() {
    let scene = Scene::new();
    let mut passed = 0;
    for spacing in [300, 700, 1_000, 4_999, 10_000, 500, 9_999, 1_700] {
        scene.jobs.increment(2);
        scene.sizes.record_many(8, 2);
        let ticked = scene.clock.tick(&scene.history, spacing * (SECOND / 1_000));
        // Half an interval after the last one is a tick; less is left to the next one.
        assert_eq!(ticked, passed % 1_000 + spacing >= 500 && spacing != 300, "{spacing}");
        passed += spacing;
    }
    assert_eq!(scene.jobs(HOUR), (16.0, passed as f64 / 1e3));
    assert!(!scene.window("jobs_total", HOUR).unwrap().span().has_gap());
}

#[test]
fn ticks_at_one_instant_are_one_and_nothing_is_lost() {
    let scene = Scene::new();
    scene.live(3);
    for _ in 0..5 {
        scene.jobs.increment(1);
        scene.sizes.record(8);
        assert!(!scene.clock.tick(&scene.history, 0));
    }
    assert_eq!(scene.jobs(HOUR), (8.0, 3.0));
    scene.live(1);
    assert_eq!(scene.jobs(HOUR), (9.0, 4.0));
    assert_eq!(scene.history.usage().ticks(), 4);
}

#[test]
fn windows_at_the_edges_of_what_is_known() {
    let scene = Scene::new();
    // Before any tick, and in no time at all.
    assert!(scene.window("jobs_total", MINUTE).is_none());
    scene.clock.forward(SECOND / 4);
    assert_eq!(scene.jobs(MINUTE), (0.0, 0.25));
    scene.clock.set(BEGIN);
    scene.live(30);

    let metric = scene.history.metric("jobs_total", &[]).unwrap();
    let now = scene.clock.now();
    let sum = |from, to| {
        let window = metric.between(time(from), time(to))?;
        Some((
            nanos(window.span().from()),
            nanos(window.span().to()),
            window.aggregate(Aggregation::Sum)?,
        ))
    };
    let at = |second: u64| BEGIN + second * SECOND;
    assert_eq!(sum(at(10), at(20)), Some((at(10), at(20), 10.0)));
    // The wrong way round, empty, in the future, before the beginning.
    assert_eq!(sum(at(20), at(10)), None);
    assert_eq!(sum(at(20), at(20)), None);
    assert_eq!(sum(now + SECOND, now + MINUTE), None);
    assert_eq!(sum(at(0) - HOUR, at(0) - MINUTE), None);
    assert_eq!(sum(at(0) - HOUR, at(3)), Some((at(0), at(3), 3.0)));
    assert_eq!(sum(at(28), now + HOUR), Some((at(28), now, 2.0)));
    assert_eq!(sum(0, u64::MAX / 2), Some((at(0), now, 30.0)));

    // Longer than anything that is kept, and of no length.
    let all = metric.window(Duration::MAX).unwrap();
    assert_eq!((all.aggregate(Aggregation::Sum), nanos(all.span().from())), (Some(30.0), at(0)));
    assert!(metric.window(Duration::ZERO).is_none());
    assert!(scene.history.metric("nothing", &[]).is_none());
    let jobs = scene.history.over(Duration::from_secs(10)).counter("jobs_total", &[]);
    assert_eq!(jobs, Some(10));
}

#[test]
fn ticks_before_there_is_any_series_are_no_part_of_its_time() {
    let (clock, registry) = (Clock::new(), Registry::new());
    let history = clock.builder(&registry).build().unwrap();
    for _ in 0..100 {
        assert!(clock.tick(&history, SECOND));
    }
    assert!(history.metrics().is_empty() && history.metric("jobs_total", &[]).is_none());
    assert!(history.over(Duration::MAX).series().is_empty());
    let jobs = registry.counter("jobs_total", &[]).unwrap();
    let window = |length| history.metric("jobs_total", &[]).unwrap().window(length);
    // It came since the last tick, and no time has passed since then.
    assert!(window(Duration::MAX).is_none());
    for second in 1..=100 {
        jobs.increment(2);
        assert!(clock.tick(&history, SECOND));
        let all = window(Duration::MAX).unwrap();
        assert_eq!(nanos(all.span().from()), BEGIN + 100 * SECOND);
        assert_eq!(all.span().covered(), Duration::from_secs(second));
        assert_eq!(
            (all.aggregate(Aggregation::Sum), all.rate()),
            (Some(2.0 * second as f64), Some(2.0))
        );
        assert_eq!(all.aggregate(Aggregation::Min), Some(2.0));
    }
}

#[test]
fn the_past_ends_where_the_retention_does() {
    let (clock, registry) = (Clock::new(), Registry::new());
    let jobs = registry.counter("jobs_total", &[]).unwrap();
    let builder = clock.builder(&registry).retention(Duration::from_secs(600));
    let history = builder.build().unwrap();
    for _ in 0..2_000 {
        jobs.increment(1);
        clock.tick(&history, SECOND);
    }
    let all = history.metric("jobs_total", &[]).unwrap().window(Duration::MAX).unwrap();
    let seconds = all.span().covered().as_secs();
    assert!((600..=661).contains(&seconds), "{seconds}");
    assert_eq!(all.aggregate(Aggregation::Sum), Some(seconds as f64));
    assert_eq!(history.usage().oldest(), all.span().from());
}

#[test]
fn parts_follow_each_other_without_a_hole() {
    let scene = Scene::new();
    scene.live(120);
    scene.clock.forward(SECOND / 2);
    scene.jobs.increment(7);
    let metric = scene.history.metric("jobs_total", &[]).unwrap();
    for count in [1, 2, 7, 12, 60] {
        let parts = metric.parts(Duration::from_secs(60), count);
        assert_eq!(parts.len(), count);
        let known: Vec<&Window> = parts.iter().flatten().collect();
        let sum: f64 = known.iter().filter_map(|part| part.aggregate(Aggregation::Sum)).sum();
        let (from, to) = (known[0].span().from(), known[known.len() - 1].span().to());
        assert_eq!(nanos(to), scene.clock.now(), "{count}");
        let seconds = (nanos(to) - nanos(from)) / SECOND;
        assert_eq!(sum, seconds as f64 + 7.0, "{count}");
        for pair in known.windows(2) {
            assert_eq!(pair[0].span().to(), pair[1].span().from(), "{count}");
        }
    }
    assert!(metric.parts(Duration::from_secs(60), 0).is_empty());
}

#[test]
fn what_a_metric_records_has_the_time_of_the_historys_clock() {
    let (clock, registry) = (Clock::new(), Registry::new());
    let history = clock.builder(&registry).build().unwrap();
    let orders = registry.summary("orders", &[]).unwrap();
    registry.rate("mails", &[]).unwrap();
    clock.tick(&history, SECOND);
    clock.forward(SECOND / 2);
    let metric = history.metric("orders", &[]).unwrap();
    metric.record(7.5).unwrap();
    history.metric("mails", &[]).unwrap().record(30.0).unwrap();
    assert_eq!(orders.samples()[0].time(), Some(time(clock.now())));
    clock.forward(SECOND / 2);
    let window = metric.window(Duration::from_secs(1)).unwrap();
    assert_eq!(window.samples().unwrap().len(), 1);
    // A rate is what it was over the last minute, of which two seconds are known.
    assert_eq!(history.metric("mails", &[]).unwrap().current(), Some(15.0));
    assert_eq!(history.metric("mails", &[]).unwrap().total(), Some(30.0));
    assert!(metric.record(f64::NAN).is_err());
    assert!(history.metric("mails", &[]).unwrap().record(0.5).unwrap_err().is_invalid());
}

#[test]
fn a_series_is_not_charged_for_a_gap_before_it_came() {
    let (clock, registry) = (Clock::new(), Registry::new());
    let history = clock.builder(&registry).build().unwrap();
    for _ in 0..5 {
        clock.tick(&history, SECOND);
    }
    // All of it in one minute, which is a slot of its own later.
    clock.tick(&history, 20 * SECOND);
    clock.tick(&history, SECOND);
    let late = registry.histogram("late", &[]).unwrap();
    for _ in 0..400 {
        late.record(1);
        clock.tick(&history, SECOND);
    }
    let window = history.metric("late", &[]).unwrap().window(Duration::from_secs(3_600)).unwrap();
    assert_eq!(nanos(window.span().from()), BEGIN + 26 * SECOND);
    assert_eq!(window.span().covered(), Duration::from_secs(400));
    assert_eq!((window.rate(), window.span().has_gap()), (Some(1.0), false));
}

#[test]
fn a_past_window_has_the_slots_that_it_touches_at_any_age() {
    let scene = Scene::new();
    scene.live(3 * 3_600);
    let ask = |name: &str, from: u64, to: u64| {
        let metric = scene.history.metric(name, &[]).unwrap();
        let window = metric.between(time(BEGIN + from), time(BEGIN + to)).unwrap();
        let (after, until) = (nanos(window.span().from()), nanos(window.span().to()));
        assert_eq!(window.aggregate(Aggregation::Count), Some(((until - after) / SECOND) as f64));
        assert_eq!(window.span().covered(), Duration::from_nanos(until - after));
        (after - BEGIN, until - BEGIN)
    };
    // How long ago, and the grid of slots of that age: one ends with each tick that is the first one in its stretch.
    for (ago, grid) in [(2 * HOUR, MINUTE), (40 * MINUTE, 10 * SECOND), (3 * MINUTE, SECOND)] {
        let is_border = |at: &u64| (BEGIN + at) / grid != (BEGIN + at - SECOND) / grid;
        let ticks = (0..=3 * 3_600).map(|second| second * SECOND);
        let borders: Vec<u64> = ticks.filter(is_border).collect();
        for place in 0..60 {
            let from = 3 * HOUR - ago + place * SECOND + SECOND / 4;
            for length in [1, SECOND / 8, 3 * SECOND, 11 * SECOND, 61 * SECOND] {
                let after = borders[borders.partition_point(|border| *border <= from) - 1];
                let until = borders[borders.partition_point(|border| *border < from + length)];
                let expected = (after, until);
                for name in ["jobs_total", "depth", "sizes"] {
                    let found = ask(name, from, from + length);
                    assert_eq!(found, expected, "{name} {ago} ago, {place} s, {length} ns");
                }
            }
        }
    }
}

/// Records into a summary in the middle of each of so many seconds, and ticks at their ends.
fn count_on(clock: &Clock, history: &History, from: u64, seconds: u64) {
    for value in from..from + seconds {
        clock.forward(SECOND / 2);
        history.metric("orders", &[]).unwrap().record(value as f64).unwrap();
        assert!(clock.tick(history, SECOND / 2));
    }
}

#[test]
fn a_summary_claims_no_samples_that_a_clock_dated_wrong() {
    for back in [2 * SECOND, 10 * SECOND, 3 * HOUR, BEGIN / 2] {
        let (clock, registry) = (Clock::new(), Registry::new());
        registry.summary("orders", &[]).unwrap();
        let history = clock.builder(&registry).build().unwrap();
        let metric = history.metric("orders", &[]).unwrap();
        // How many there are of the last seconds, and whether they are known one by one: then they are the last ones.
        let check = |length: u64, last: u64, is_exact: bool| {
            let what = format!("{length} s of {last}, {} s back", back / SECOND);
            let window = metric.window(Duration::from_secs(length)).unwrap();
            let count = window.aggregate(Aggregation::Count);
            assert_eq!(count, Some(length.min(last) as f64), "{what}");
            assert_eq!(window.rate(), Some(1.0), "{what}");
            let samples = window.samples().map(|all| all.iter().map(|sample| sample.value()));
            let expected = (last - length.min(last)..last).map(|value| value as f64);
            assert_eq!(
                samples.map(Iterator::collect::<Vec<_>>),
                is_exact.then(|| expected.collect::<Vec<_>>()),
                "{what}"
            );
        };
        count_on(&clock, &history, 0, 20);
        [5, 20, 60].iter().for_each(|length| check(*length, 20, true));
        clock.set(clock.now() - back);
        // No tick has found it yet.
        check(5, 20, false);
        count_on(&clock, &history, 20, 10);
        // Of the ten seconds since then, the first is that in which it was found; and it shows once more what it showed before,
        // unless that is long ago.
        check(9, 30, back > 20 * SECOND);
        [10, 11, 15, 30, 60].iter().for_each(|length| check(*length, 30, false));
        // It shows no more what it showed before.
        count_on(&clock, &history, 30, 10);
        [5, 9].iter().for_each(|length| check(*length, 40, true));
        [20, 60].iter().for_each(|length| check(*length, 40, false));
    }
}

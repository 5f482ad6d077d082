//! What a history takes, and what becomes of answers where it may not take enough.

use std::time::Duration;

use tachograph::{Aggregation, History, HistoryUsage, Registry};

use super::clock::{BEGIN, Clock, SECOND, nanos};

/// Series of all kinds, of which each does the same in each second.
struct Busy {
    registry: Registry,
    count: usize,
}

const BUCKETS: [f64; 3] = [0.001, 0.5, 40.0];

impl Busy {
    fn new(count: usize) -> Busy {
        Busy { registry: Registry::new(), count }
    }

    /// One second of all series; of those that record at all.
    fn live(&self, second: u64) {
        for number in 0..self.count {
            let name = format!("s{number}");
            let registry = &self.registry;
            match number % 4 {
                0 => registry.counter(&name, &[]).unwrap().increment(by(number)),
                1 => registry.gauge(&name, &[]).unwrap().set((second % 100) as f64),
                2 => {
                    let histogram = registry.histogram(&name, &[]).unwrap();
                    BUCKETS.iter().for_each(|value| histogram.record(*value));
                }
                _ => {
                    let timer = registry.timer(&name, &[]).unwrap();
                    BUCKETS.iter().for_each(|s| timer.record(Duration::from_secs_f64(*s)));
                }
            }
        }
    }

    /// Every answer is exact for the span that it says it covers.
    fn check(&self, history: &History, length: u64) {
        let usage = history.usage();
        let (now, oldest) = (BEGIN + usage.ticks() * SECOND, nanos(usage.oldest()));
        for number in 0..self.count {
            let metric = history.metric(&format!("s{number}"), &[]).unwrap();
            let Some(window) = metric.window(Duration::from_nanos(length)) else {
                assert!(usage.refused() > 0);
                continue;
            };
            let span = window.span();
            assert_eq!(nanos(span.to()), now, "s{number}");
            if usage.refused() == 0 {
                // All that was asked for, as far as anything is known.
                let wanted = oldest.max(now.saturating_sub(length));
                assert!(nanos(span.from()) <= wanted, "s{number} {span:?} {usage:?}");
            }
            let seconds = (nanos(span.to()) - nanos(span.from())) / SECOND;
            assert_eq!(
                span.covered(),
                Duration::from_secs(seconds),
                "s{number} {span:?} {usage:?}"
            );
            let expected = match number % 4 {
                0 => seconds * by(number),
                1 => seconds,
                _ => seconds * BUCKETS.len() as u64,
            };
            let found = window.aggregate(Aggregation::Count);
            assert_eq!(found, Some(expected as f64), "s{number} over {seconds} s");
            if number % 4 == 2 {
                let sum = BUCKETS.iter().sum::<f64>() * seconds as f64;
                assert!((window.aggregate(Aggregation::Sum).unwrap() / sum - 1.0).abs() < 1e-9);
            }
        }
    }
}

fn by(number: usize) -> u64 {
    1 + number as u64 % 7 * 1_000
}

/// What the documentation of `History` says that so many series of each kind take at most. `changed` are the slots in
/// which they changed.
fn formula(usage: &HistoryUsage, of_each_kind: usize, changed: usize) -> usize {
    let buckets = BUCKETS.len();
    let per_slot = 11 + (62 + 4) + (16 + 13 * buckets) + (24 + 13 * buckets);
    // 15 factors of two lie between the least value and the greatest.
    let per_series = 4 * 700 + 2 * 8 * 16 * 32;
    let series = of_each_kind * (per_series + per_slot * changed);
    let slots: usize = usage.slots().iter().sum();
    // Half of it as room to grow; and slots, of which there is room for up to twice as many.
    series * 3 / 2 + 64 * (slots + 16)
}

#[test]
fn what_is_taken_lies_within_the_documented_formula() {
    let (clock, busy) = (Clock::new(), Busy::new(20));
    let history = clock.builder(&busy.registry).build().unwrap();
    let check = |is_busy: bool, ticks: u64, changed: Option<usize>| {
        for second in 0..ticks {
            if is_busy {
                busy.live(second);
            }
            assert!(clock.tick(&history, SECOND));
        }
        let usage = history.usage();
        assert_eq!((usage.series(), usage.refused(), usage.thinned()), (20, 0, [0; 3]));
        let changed = changed.unwrap_or_else(|| usage.slots().iter().sum());
        let limit = formula(&usage, 5, changed);
        assert!(usage.bytes() <= limit, "{} of {limit} bytes after {usage:?}", usage.bytes());
        assert!(
            usage.bytes() * 8 > limit,
            "{} of {limit} bytes: the formula is idle",
            usage.bytes()
        );
        usage
    };
    for ticks in [1, 30, 300, 1_200, 1_200] {
        check(true, ticks, None);
    }
    // An idle hour forgets the busy one, but for the slots of a minute.
    let usage = check(false, 4_000, Some(60));
    assert_eq!(usage.slots()[2], (1 + 30 + 300 + 1_200 + 1_200 + 4_000) / 60);
}

#[test]
fn at_the_limit_the_finest_ring_goes_first_and_answers_stay_exact() {
    const LIMIT: usize = 1 << 20;
    let (clock, busy) = (Clock::new(), Busy::new(1_000));
    let history = clock.builder(&busy.registry).memory_limit(LIMIT).build().unwrap();
    let mut finest_alone = false;
    for second in 0..100 {
        busy.live(second);
        assert!(clock.tick(&history, SECOND));
        let usage = history.usage();
        assert!(usage.bytes() <= LIMIT, "{usage:?}");
        let [finest, tens, minutes] = usage.thinned();
        finest_alone |= finest > 0 && tens == 0;
        assert!(tens == 0 || finest > 0, "{usage:?}");
        assert!(minutes == 0 || tens > 0, "{usage:?}");
        // Nothing is old enough to go by itself: each slot that is missing was thinned, and counted.
        let tick = BEGIN + (second + 1) * SECOND;
        let ended = [SECOND, 10 * SECOND, 60 * SECOND].map(|grid| tick / grid - BEGIN / grid);
        let counted: Vec<u64> = usage
            .slots()
            .iter()
            .zip(usage.thinned())
            .map(|(kept, gone)| *kept as u64 + gone)
            .collect();
        assert_eq!(counted, ended, "{usage:?}");
        if second % 30 == 29 {
            for length in [5, 60, 100] {
                busy.check(&history, length * SECOND);
            }
        }
    }
    assert!(finest_alone, "{:?}", history.usage());
}

#[test]
fn series_that_there_is_no_memory_for_are_counted_and_taken_up_when_there_is() {
    let (clock, busy) = (Clock::new(), Busy::new(2_500));
    let history = clock.builder(&busy.registry).memory_limit(1 << 20).build().unwrap();
    // Too many even without any past: half of them come when there is no room any more.
    let half = Busy { registry: busy.registry.clone(), count: 1_800 };
    for second in 0..5 {
        half.live(second);
        clock.tick(&history, SECOND);
    }
    for second in 0..5 {
        busy.live(second);
        clock.tick(&history, SECOND);
    }
    let usage = history.usage();
    assert!(usage.refused() > 0 && usage.series() + usage.refused() == 2_500, "{usage:?}");
    busy.check(&history, 3 * SECOND);
}

#[test]
fn the_limit_holds_for_many_more_series_than_there_is_room_for() {
    const LIMIT: usize = 1 << 20;
    let (clock, registry) = (Clock::new(), Registry::new());
    let history = clock.builder(&registry).memory_limit(LIMIT).build().unwrap();
    let counter = |number: u32| {
        let (name, label) = (format!("s{}", number / 1_000), (number % 1_000).to_string());
        registry.counter(&name, &[("number", &*label)]).unwrap()
    };
    let counters: Vec<tachograph::Counter> = (0..20_000).map(counter).collect();
    for _ in 0..6 {
        counters.iter().for_each(|counter| counter.increment(1));
        assert!(clock.tick(&history, SECOND));
        let usage = history.usage();
        assert!(usage.bytes() <= LIMIT, "{usage:?}");
        assert_eq!(usage.series() + usage.refused(), 20_000, "{usage:?}");
        assert!(usage.series() > 500, "{usage:?}");
        // What is known keeps its past: those that are refused would not fit in place of it.
        assert_eq!(usage.thinned(), [0; 3], "{usage:?}");
    }
    let minute = |name, number| {
        let metric = history.metric(name, &[("number", number)]).unwrap();
        metric.window(Duration::from_secs(60))
    };
    assert_eq!(minute("s0", "0").unwrap().aggregate(Aggregation::Sum), Some(6.0));
    assert!(minute("s19", "999").is_none());
}

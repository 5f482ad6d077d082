//! Answers about an hour, and what a day takes.

use std::hint::black_box;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::SeqCst;
use std::time::{Duration, SystemTime};

use tachograph::{Aggregation, History, Metric, Registry};

use super::{Row, Times, seconds_of};

const HOUR: Duration = Duration::from_secs(3_600);

/// A clock that shows what it is told.
#[derive(Clone)]
pub(crate) struct Clock {
    begin: SystemTime,
    seconds: Arc<AtomicU64>,
}

impl Clock {
    pub(crate) fn new() -> Clock {
        Clock { begin: SystemTime::now(), seconds: Arc::default() }
    }

    fn now(&self) -> SystemTime {
        self.begin + Duration::from_secs(self.seconds.load(SeqCst))
    }

    pub(crate) fn history(&self, registry: &Registry) -> History {
        let clock = self.clone();
        let builder = History::builder().registry(registry).memory_limit(1 << 30);
        builder.clock(move || clock.now()).build().unwrap()
    }

    pub(crate) fn tick(&self, history: &History) {
        self.seconds.fetch_add(1, SeqCst);
        history.tick(self.now());
    }
}

/// A value of the number-th record: over ten factors of two, most of them low.
fn value(number: u64) -> f64 {
    let random = number.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40;
    let unit = (random as f64 + 1.0) / (1_u64 << 24) as f64;
    (-10.0 * unit.ln()).exp2().min(1e9)
}

const PLAIN_VALUES: u64 = 10_000;

/// Nine aggregates of plain values, each by itself as a collector of values computes them.
fn naive(values: &[f64]) -> [f64; 9] {
    let count = values.len() as f64;
    let sum: f64 = black_box(values).iter().sum();
    let mean = black_box(values).iter().sum::<f64>() / count;
    let least = black_box(values).iter().copied().fold(f64::INFINITY, f64::min);
    let most = black_box(values).iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let quantile = |q: f64| {
        let mut sorted = black_box(values).to_vec();
        sorted.sort_unstable_by(f64::total_cmp);
        sorted[(q * count) as usize]
    };
    let squares: f64 = black_box(values).iter().map(|value| (value - mean).powi(2)).sum();
    let quantiles = [0.5, 0.95, 0.99].map(quantile);
    let [median, p95, p99] = quantiles;
    [sum, mean, least, most, count, median, p95, p99, (squares / count).sqrt()]
}

/// How long it takes, so many times; before each one, `prepare` is called.
pub(crate) fn times(count: usize, mut prepare: impl FnMut(), mut work: impl FnMut()) -> Times {
    let time = || {
        prepare();
        seconds_of(&mut work)
    };
    Times::of(std::iter::repeat_with(time).take(count).collect())
}

/// Nine aggregates of an hour.
pub(crate) fn rows() -> Vec<Row> {
    let plain: Vec<f64> = (0..PLAIN_VALUES).map(value).collect();
    let floor = times(
        20,
        || (),
        || {
            black_box(naive(&plain));
        },
    );
    let clock = Clock::new();
    let registry = Registry::new();
    let sizes = registry.histogram("sizes", &[]).unwrap();
    let busy = registry.histogram("busy", &[]).unwrap();
    let summary = registry.summary("kept", &[]).unwrap();
    let history = clock.history(&registry);
    let mut number = 0;
    for _ in 0..3_700 {
        for _ in 0..3 {
            sizes.record(value(number));
            number += 1;
        }
        (0..300).for_each(|more| busy.record(value(number * 300 + more)));
        summary.record_sample(tachograph::Sample::new(value(number)).at(clock.now()));
        clock.tick(&history);
    }
    let mut rows = Vec::new();
    for series in [1_000, 10_000] {
        for number in 0..series {
            let label = (number % 1_000).to_string();
            let name = format!("other_{}", number / 1_000);
            registry.counter(&name, &[("number", &*label)]).unwrap().increment(1);
        }
        clock.tick(&history);
        let [metric, busy] = ["sizes", "busy"].map(|name| history.metric(name, &[]).unwrap());
        let nine = Aggregation::ALL;
        // Behind a tick, nothing that was put together before is of use.
        let tick = || clock.tick(&history);
        let calls = times(200, tick, || {
            for aggregation in nine {
                black_box(metric.aggregate(aggregation, HOUR).unwrap().value());
            }
        });
        let one_window = |metric: &Metric| {
            times(200, tick, || {
                let window = metric.window(HOUR).unwrap();
                black_box(nine.map(|aggregation| window.aggregate(aggregation).unwrap()));
            })
        };
        let (window, busy_window) = (one_window(&metric), one_window(&busy));
        let mut push = |name: String, times: Times, mark| {
            let ratio = (times.median / floor.median, "of 10,000 plain values");
            rows.push(Row { name, times, ratio, mark });
        };
        let beside = format!("beside {series} series");
        push(format!("9 aggregates of an hour, 9 calls, {beside}"), calls, Some(100e-6));
        push(format!("9 aggregates of an hour, 1 window, {beside}"), window, Some(100e-6));
        if series == 1_000 {
            push(
                "  with 300 values in each second, 1 window".to_owned(),
                busy_window,
                Some(100e-6),
            );
            let kept = history.metric("kept", &[]).unwrap();
            let exact = times(50, tick, || {
                let window = kept.window(HOUR).unwrap();
                assert!(window.samples().is_some());
                black_box(nine.map(|aggregation| window.aggregate(aggregation).unwrap()));
            });
            push("  of a summary, exact, 1 window".to_owned(), exact, None);
        }
    }
    rows
}

/// What a series takes after a day.
pub(crate) fn show_memory() {
    let (busy, most, idle) = ("busy", "at most", "idle");
    println!("{:<58}{busy:>10}{most:>10}{idle:>10}{most:>10}", "bytes of a series after a day");
    for (kind, name) in
        ["counter", "gauge", "histogram, 20 of 130 buckets a second", "timer, the same"]
            .into_iter()
            .enumerate()
    {
        // Many, so that what all share is little for each; but few of those that take long.
        let (busy, busy_most) = after_a_day(kind, true, if kind == 0 { 100 } else { 20 });
        let (idle, idle_most) = after_a_day(kind, false, 100);
        println!("{name:<58}{busy:>10}{busy_most:>10}{idle:>10}{idle_most:>10}");
    }
}

/// The most that the documentation of `History` allows a series, of so many that share a history.
fn most(kind: usize, is_busy: bool, slots: [usize; 3], series: usize) -> usize {
    // In how many buckets the values of a slot of each ring can lie.
    let entry = |ring: usize| match kind {
        0 => 11,
        1 => [11, 62 + 4 * 10, 62 + 4 * 60][ring],
        _ => 24 + 2 * [20, 130, 130][ring],
    };
    let changed = |ring: usize| if is_busy { slots[ring] } else { slots[ring].min(1) };
    let past: usize = (0..3).map(|ring| changed(ring) * entry(ring)).sum();
    let present = 700 + if kind > 1 { 8 * 130 } else { 0 };
    (present + past) * 3 / 2 + 64 * slots.iter().sum::<usize>() / series
}

/// What a series takes, and the most that it may.
fn after_a_day(kind: usize, is_busy: bool, series: usize) -> (usize, usize) {
    let (clock, registry) = (Clock::new(), Registry::new());
    let history = clock.history(&registry);
    let numbers: Vec<String> = (0..series).map(|number| number.to_string()).collect();
    let labels =
        |number: &str| -> Vec<(&'static str, String)> { vec![("number", number.to_owned())] };
    let record: Vec<Box<dyn Fn(u64)>> = numbers
        .iter()
        .map(|number| -> Box<dyn Fn(u64)> {
            let owned = labels(number);
            let pairs: Vec<(&str, &str)> = owned.iter().map(|(k, v)| (*k, &**v)).collect();
            // Over four factors of two, twenty times.
            let values =
                |second: u64| (0..20).map(move |n| 100.0 + value(second * 20 + n) % 1_500.0);
            match kind {
                0 => {
                    let counter = registry.counter("x", &pairs).unwrap();
                    Box::new(move |second| counter.increment(1 + second % 200))
                }
                1 => {
                    let gauge = registry.gauge("x", &pairs).unwrap();
                    Box::new(move |second| gauge.set(value(second)))
                }
                2 => {
                    let histogram = registry.histogram("x", &pairs).unwrap();
                    Box::new(move |second| values(second).for_each(|value| histogram.record(value)))
                }
                _ => {
                    let timer = registry.timer("x", &pairs).unwrap();
                    Box::new(move |second| {
                        let durations =
                            values(second).map(|value| Duration::from_secs_f64(value * 1e-6));
                        durations.for_each(|duration| timer.record(duration));
                    })
                }
            }
        })
        .collect();
    for second in 0..86_400 {
        if is_busy || second == 0 {
            record.iter().for_each(|record| record(second));
        }
        clock.tick(&history);
    }
    let usage = history.usage();
    (usage.bytes() / series, most(kind, is_busy, usage.slots(), series))
}

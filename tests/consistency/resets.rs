//! Nothing goes back while other series are reset and removed, and what is removed stays out.

use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};
use std::sync::atomic::{AtomicBool, AtomicU64, fence};
use std::thread;

use tachograph::{Counter, Gauge, Histogram, Registry, Snapshot, Timer, Value};

use super::watch::{Watch, series_of};
use super::{Finally, RECORDS, Random, TWO, snapshots_wanted, threads_in_a_row};

/// One series of every kind, all recorded to together.
#[derive(Clone, Copy)]
struct Four {
    counter: Counter,
    gauge: Gauge,
    histogram: Histogram,
    timer: Timer,
}

impl Four {
    fn new(registry: &Registry, prefix: &str, labels: &[(&str, &str)]) -> Four {
        let name = |rest: &str| format!("{prefix}_{rest}");
        Four {
            counter: registry.counter(&name("total"), labels).unwrap(),
            gauge: registry.gauge(&name("gauge"), labels).unwrap(),
            histogram: registry.histogram(&name("values"), labels).unwrap(),
            timer: registry.timer(&name("seconds"), labels).unwrap(),
        }
    }

    /// Returns how many samples its timer took.
    fn record(&self, step: u64) -> u64 {
        self.counter.increment(1);
        self.gauge.increment(1);
        self.histogram.record(step % 50 + 1);
        drop(self.timer.start());
        if step % 4 != 0 {
            return 1;
        }
        self.timer.record(TWO[step as usize / 4 % 2]);
        2
    }
}

const PARTS: [&str; 4] = ["total", "gauge", "values", "seconds"];

/// Nothing of what is reset may ever be more than was recorded, as a difference that wrapped would be.
fn assert_within(snapshot: &Snapshot, most: u64) {
    for series in series_of(snapshot, "reset") {
        let what = format!("{}{:?}", series.name(), series.labels());
        match series.value() {
            Value::Counter(total) => assert!(*total <= most, "{what}: {total} of {most}"),
            Value::Gauge(value) => {
                assert!((0.0..=most as f64).contains(value), "{what}: {value} of {most}")
            }
            Value::Histogram(seen) => {
                assert!(seen.count() <= most, "{what}: {} of {most}", seen.count());
                assert!((0.0..=50.0 * most as f64).contains(&seen.sum()), "{what}: {}", seen.sum());
            }
            Value::Timer(seen) => {
                assert!(seen.count() <= 2 * most, "{what}: {} of {most}", seen.count());
                assert!(seen.self_total() <= seen.total(), "{what}");
            }
            _ => unreachable!("every kind is above"),
        }
    }
}

#[test]
fn nothing_goes_back_while_others_are_reset_and_removed() {
    let registry = Registry::new();
    let kept: Vec<Four> =
        ["a", "b"].map(|label| Four::new(&registry, "growing", &[("label", label)])).to_vec();
    let reset: Vec<Four> =
        ["a", "b"].map(|label| Four::new(&registry, "reset", &[("label", label)])).to_vec();
    // Noted before a step is recorded.
    let begun = AtomicU64::new(0);
    let looks = AtomicU64::new(0);
    let done = AtomicBool::new(false);
    let samples = thread::scope(|scope| {
        let readers = [0, 1].map(|_| {
            scope.spawn(|| {
                let _end = Finally(|| done.store(true, Release));
                let mut watch = Watch::new("growing");
                while !done.load(Acquire) {
                    let snapshot = registry.snapshot();
                    // Acquire: pairs with the Release below: what was recorded was begun.
                    fence(Acquire);
                    assert_within(&snapshot, begun.load(Relaxed));
                    watch.look(snapshot);
                    looks.fetch_add(1, Relaxed);
                }
            })
        });
        let resetting = scope.spawn(|| {
            let mut random = Random(7);
            while !done.load(Acquire) {
                let name = format!("reset_{}", PARTS[random.next() as usize % 4]);
                if random.next() % 3 == 0 {
                    registry.remove(&name);
                } else {
                    assert_eq!(registry.reset(&name), 2);
                }
            }
        });
        let recorders = [0, 1, 2].map(|lane| {
            let (kept, reset, begun, looks, done) = (&kept, &reset, &begun, &looks, &done);
            scope.spawn(move || {
                let mut samples = 0;
                for step in 0..threads_in_a_row() * RECORDS {
                    if looks.load(Relaxed) >= snapshots_wanted() || done.load(Relaxed) {
                        break;
                    }
                    begun.fetch_add(1, Relaxed);
                    fence(Release);
                    reset[(step + lane) as usize % 2].record(step);
                    samples += kept[step as usize / 7 % 2].record(step);
                }
                samples
            })
        });
        let end = Finally(|| done.store(true, Release));
        let samples = recorders.map(|recorder| recorder.join().unwrap()).iter().sum::<u64>();
        drop(end);
        resetting.join().unwrap();
        readers.into_iter().for_each(|reader| reader.join().unwrap());
        samples
    });
    let rest = registry.snapshot();
    let steps = begun.load(Relaxed);
    let mut totals = [0; 4];
    for series in series_of(&rest, "growing") {
        match series.value() {
            Value::Counter(total) => totals[0] += total,
            Value::Gauge(value) => totals[1] += *value as u64,
            Value::Histogram(seen) => totals[2] += seen.count(),
            Value::Timer(seen) => totals[3] += seen.count(),
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(totals, [steps, steps, steps, samples]);

    // At rest a reset is exact, and what was removed comes back with its first record.
    for part in PARTS {
        let name = format!("reset_{part}");
        registry.reset(&name);
        registry.remove(&name);
    }
    assert_eq!(series_of(&registry.snapshot(), "reset").count(), 0);
    let samples: u64 = (1..=3).map(|step| reset[0].record(step)).sum();
    let snapshot = registry.snapshot();
    assert_eq!(snapshot.counter("reset_total", &[("label", "a")]), Some(3));
    assert_eq!(snapshot.gauge("reset_gauge", &[("label", "a")]), Some(3.0));
    let values = snapshot.histogram("reset_values", &[("label", "a")]).unwrap();
    assert_eq!((values.count(), values.sum()), (3, 9.0));
    assert_eq!(snapshot.timer("reset_seconds", &[("label", "a")]).unwrap().count(), samples);
    assert_eq!(snapshot.counter("reset_total", &[("label", "b")]), None);
}

#[test]
fn what_is_removed_while_others_read_stays_out_until_it_is_recorded_to() {
    let registry = Registry::new();
    let others: Vec<Counter> = (0..300)
        .map(|number| registry.counter("other_total", &[("number", &number.to_string())]).unwrap())
        .collect();
    let removed = registry.counter("removed_total", &[]).unwrap();
    let (done, snapshots) = (AtomicBool::new(false), AtomicU64::new(0));
    thread::scope(|scope| {
        scope.spawn(|| {
            while !done.load(Acquire) {
                drop(registry.snapshot());
                snapshots.fetch_add(1, Release);
            }
        });
        let _end = Finally(|| done.store(true, Release));
        let rounds = if cfg!(debug_assertions) { 100 } else { 400 };
        for round in 0..rounds {
            others[round % others.len()].increment(1);
            removed.increment(1);
            registry.remove("removed_total");
            // Whoever read before the removal has done with it after the next but one.
            let begun = snapshots.load(Acquire);
            while snapshots.load(Acquire) < begun + 2 {
                thread::yield_now();
            }
            let seen = registry.snapshot().counter("removed_total", &[]);
            assert_eq!(seen, None, "round {round}: nothing was recorded since");
            // Whoever notices first that it is back, it is back for all.
            removed.increment(1);
            let seen = registry.snapshot().counter("removed_total", &[]);
            assert_eq!(seen, Some(1), "round {round}: it was recorded to");
        }
    });
}

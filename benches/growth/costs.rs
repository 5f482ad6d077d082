//! The measurements behind the rows.

use std::sync::{Arc, Barrier, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use tachograph::{Counter, Format, Histogram, Registry, Timer};

use crate::memory::resident_bytes;

/// Rounds of which the least counts.
const ROUNDS: usize = 30;

/// A thread of these benches needs little, and there are many.
const STACK_BYTES: usize = 64 * 1024;

/// Series on a registry of their own, under one name.
fn series<T>(count: usize, make: impl Fn(&Registry, &str) -> T) -> (Registry, Vec<T>) {
    let registry = Registry::builder().max_series(1 << 20).build();
    let made = (0..count).map(|number| make(&registry, &number.to_string())).collect();
    (registry, made)
}

fn counters(count: usize) -> (Registry, Vec<Counter>) {
    series(count, |registry, number| {
        registry.counter("counters_total", &[("number", number)]).expect("a counter")
    })
}

fn histograms(count: usize) -> (Registry, Vec<Histogram>) {
    series(count, |registry, number| {
        registry.histogram("histograms", &[("number", number)]).expect("a histogram")
    })
}

fn timers(count: usize) -> (Registry, Vec<Timer>) {
    series(count, |registry, number| {
        registry.timer("timers_seconds", &[("number", number)]).expect("a timer")
    })
}

/// So many threads, none of which ends before all is over. `before` runs when they are there, `after`
/// when all of them have recorded.
fn with_threads<B, A>(
    count: usize,
    record: impl Fn(usize) + Send + Sync + 'static,
    before: impl FnOnce() -> B,
    after: impl FnOnce(B) -> A,
) -> A {
    let [there, begin, recorded, over] = [(); 4].map(|()| Arc::new(Barrier::new(count + 1)));
    let record = Arc::new(record);
    let threads: Vec<_> = (0..count)
        .map(|number| {
            let turns = [&there, &begin, &recorded, &over].map(Arc::clone);
            let record = record.clone();
            let work = move || {
                let [there, begin, recorded, over] = turns;
                there.wait();
                begin.wait();
                record(number);
                recorded.wait();
                over.wait();
            };
            thread::Builder::new().stack_size(STACK_BYTES).spawn(work).expect("a thread")
        })
        .collect();
    there.wait();
    let before = before();
    begin.wait();
    recorded.wait();
    let after = after(before);
    over.wait();
    threads.into_iter().for_each(|thread| thread.join().expect("a thread that ends"));
    after
}

/// As above, where nothing is to be done before.
fn after_threads<T>(
    count: usize,
    record: impl Fn(usize) + Send + Sync + 'static,
    then: impl FnOnce() -> T,
) -> T {
    with_threads(count, record, || (), |()| then())
}

/// The least time of a call, in nanoseconds, after one that does not count.
fn least(mut call: impl FnMut()) -> f64 {
    call();
    let times = (0..ROUNDS).map(|_| {
        let start = Instant::now();
        call();
        start.elapsed()
    });
    nanoseconds(times.min().unwrap_or_default())
}

fn nanoseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e9
}

/// A snapshot of counters that every thread used.
pub(crate) fn snapshot_of_counters(threads: usize, series: usize) -> f64 {
    let (registry, counters) = counters(series);
    let record = move |_| counters.iter().for_each(|counter| counter.increment(1));
    after_threads(threads, record, || {
        let first = registry.snapshot().counter("counters_total", &[("number", "0")]);
        assert_eq!(first, Some(threads as u64), "every thread counted");
        least(|| drop(registry.snapshot()))
    })
}

/// A snapshot of histograms, of which each thread used five, with values over a factor of ten.
pub(crate) fn snapshot_of_histograms(threads: usize, series: usize) -> f64 {
    let (registry, histograms) = histograms(series);
    let record = move |number| {
        for histogram in histograms.iter().cycle().skip(number * 5).take(5) {
            (100..1_000).for_each(|value| histogram.record(value));
        }
    };
    after_threads(threads, record, || least(|| drop(registry.snapshot())))
}

/// The same of timers.
pub(crate) fn snapshot_of_timers(threads: usize, series: usize) -> f64 {
    let (registry, timers) = timers(series);
    let record = move |number| {
        for timer in timers.iter().cycle().skip(number * 5).take(5) {
            (100..1_000).for_each(|value| timer.record(Duration::from_micros(value)));
        }
    };
    after_threads(threads, record, || least(|| drop(registry.snapshot())))
}

/// The Prometheus text of a snapshot of counters, by series.
pub(crate) fn exposition(series: usize) -> f64 {
    let (registry, counters) = counters(series);
    for (number, counter) in counters.iter().enumerate() {
        counter.increment(number as u64 * 1_000);
    }
    let snapshot = registry.snapshot();
    let mut out = String::new();
    let took = least(|| {
        out.clear();
        snapshot.write_to(Format::Prometheus, &mut out);
    });
    assert_eq!(out.lines().filter(|line| line.starts_with("counters_total{")).count(), series);
    took / series as f64
}

/// The resident bytes that a thread takes for counters it uses.
pub(crate) fn memory_of_counters(threads: usize, used: usize) -> f64 {
    let (_registry, counters) = counters(200);
    memory_by_thread(threads, move || {
        counters.iter().take(used).for_each(|counter| counter.increment(1));
    })
}

/// The same of histograms, with values over a factor of ten.
pub(crate) fn memory_of_histograms(threads: usize, used: usize) -> f64 {
    let (_registry, histograms) = histograms(200);
    memory_by_thread(threads, move || {
        for histogram in histograms.iter().take(used) {
            (100..1_000).for_each(|value| histogram.record(value));
        }
    })
}

fn memory_by_thread(threads: usize, record: impl Fn() + Send + Sync + 'static) -> f64 {
    let resident = || resident_bytes().unwrap_or(f64::NAN);
    let record = move |_| record();
    with_threads(threads, record, resident, |before| resident() - before) / threads as f64
}

/// The first record of a thread that gets a shard of its own, beside so many others.
pub(crate) fn first_record(threads: usize) -> f64 {
    beside_threads(threads, |counter| {
        // Each stays until the last one has recorded, so that none leaves its shard to another.
        let took = Arc::new(Mutex::new(Vec::new()));
        let keep = took.clone();
        let record = move |_| {
            // One at a time: none waits for the lock that shards are given out under.
            let mut keep = keep.lock().expect("no panic");
            let start = Instant::now();
            counter.increment(1);
            keep.push(start.elapsed());
        };
        after_threads(64, record, || {
            let took = took.lock().expect("no panic");
            nanoseconds(took.iter().copied().min().unwrap_or_default())
        })
    })
}

/// The first record of a thread that goes on with a shard which another one left.
pub(crate) fn first_record_in_a_free_shard(threads: usize) -> f64 {
    beside_threads(threads, |counter| {
        let rounds = (0..64).map(|_| {
            let thread = thread::spawn(move || {
                let start = Instant::now();
                counter.increment(1);
                start.elapsed()
            });
            thread.join().expect("a thread that ends")
        });
        // The first one leaves its shard.
        nanoseconds(rounds.skip(1).min().unwrap_or_default())
    })
}

/// What the end of a thread takes that has recorded.
///
/// The destructors of a thread's locals run in the reverse order of their first use. So the time between
/// one that was first used after the record and one that was used before it is the recorder's; where the
/// order is another, there is no figure.
pub(crate) fn thread_exit(threads: usize) -> f64 {
    thread_local! {
        static LAST: Stamp = const { Stamp(&ENDED) };
        static FIRST: Stamp = const { Stamp(&BEGAN) };
    }
    static BEGAN: Mutex<Option<Instant>> = Mutex::new(None);
    static ENDED: Mutex<Option<Instant>> = Mutex::new(None);

    /// Notes when it is dropped.
    struct Stamp(&'static Mutex<Option<Instant>>);

    impl Drop for Stamp {
        fn drop(&mut self) {
            *self.0.lock().expect("no panic") = Some(Instant::now());
        }
    }

    beside_threads(threads, |counter| {
        let exits = (0..256).map(|_| {
            let life = move || {
                LAST.with(|_| ());
                counter.increment(1);
                FIRST.with(|_| ());
            };
            thread::spawn(life).join().expect("a thread that ends");
            let [began, ended] = [&BEGAN, &ENDED].map(|at| at.lock().expect("no panic").take());
            let took =
                ended.zip(began).and_then(|(ended, began)| ended.checked_duration_since(began));
            took.map_or(f64::NAN, nanoseconds)
        });
        exits.fold(f64::INFINITY, f64::min)
    })
}

/// What `measure` says beside threads that have recorded and live on.
fn beside_threads(threads: usize, measure: impl FnOnce(Counter) -> f64) -> f64 {
    let (_registry, counters) = counters(1);
    let counter = counters[0];
    after_threads(threads, move |_| counter.increment(1), || measure(counter))
}

/// Registering one more series where so many are.
pub(crate) fn registration(there: usize) -> f64 {
    let (registry, _counters) = counters(there);
    let more = 200;
    let mut next = there;
    let took = least(|| {
        for _ in 0..more {
            let number = next.to_string();
            next += 1;
            let made = registry.counter("counters_total", &[("number", number.as_str())]);
            made.expect("a counter");
        }
    });
    took / more as f64
}

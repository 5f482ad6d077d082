//! Snapshots while everybody records: no total, count, bucket or sum ever goes back, and at rest all
//! of them are exact.
//!
//! `TACHOGRAPH_SOAK=1` makes it run twenty times as long.

#[path = "support/random.rs"]
mod random;
#[path = "consistency/resets.rs"]
mod resets;
#[path = "consistency/watch.rs"]
mod watch;

use std::ops::AddAssign;
use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};
use std::sync::atomic::{AtomicBool, AtomicU64};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::Duration;

use tachograph::{Registry, Snapshot, Value, counter, gauge, histogram, timed, timer};

use random::Random;
use watch::{Watch, assert_timer_not_below};

const RECORDERS: u64 = 4;

/// How much a thread records before another takes its place.
const RECORDS: u64 = 200;

fn times() -> u64 {
    if std::env::var_os("TACHOGRAPH_SOAK").is_some() { 20 } else { 1 }
}

/// How many snapshots the readers of a test take together before the recorders stop.
fn snapshots_wanted() -> u64 {
    times() * if cfg!(debug_assertions) { 600 } else { 4_000 }
}

/// How many threads follow one another at most, where readers come to nothing.
fn threads_in_a_row() -> u64 {
    times() * 20_000
}

/// Random durations are less than 2^36 ns, about a minute, and 2 s on average: the most that all
/// recorders come to, 320 million of them, is then below a billion seconds, and neither
/// nanoseconds nor ticks in a `u64` have an end before ten billion.
const RANDOM_SHIFT: u64 = 28;

/// How often each registering thread registers one series of each kind, at most.
const NEW_SERIES: u64 = 60;

/// Runs its closure on drop, so that everybody ends when a check panics.
struct Finally<F: FnMut()>(F);

impl<F: FnMut()> Drop for Finally<F> {
    fn drop(&mut self) {
        (self.0)();
    }
}

/// Takes snapshots until `done`, and one more.
fn read_until(done: &AtomicBool, registry: &Registry, mut also: impl FnMut(&Snapshot)) -> u64 {
    let mut watch = Watch::new("");
    loop {
        let last = done.load(Acquire);
        let snapshot = registry.snapshot();
        also(&snapshot);
        watch.look(snapshot);
        if last {
            return watch.looks;
        }
    }
}

// ---- everybody records ----

/// What was recorded, as the recorders count it themselves.
#[derive(Debug, Default, Clone, Copy, PartialEq)]
struct Recorded {
    steps: u64,
    calls: u64,
    inner_calls: u64,
    two: [u64; 2],
    random_ns: u64,
    mixed: u64,
    values: u64,
    values_sum: u64,
}

impl AddAssign for Recorded {
    fn add_assign(&mut self, more: Recorded) {
        self.steps += more.steps;
        self.calls += more.calls;
        self.inner_calls += more.inner_calls;
        self.two[0] += more.two[0];
        self.two[1] += more.two[1];
        self.random_ns = self.random_ns.checked_add(more.random_ns).expect("room for the sum");
        self.mixed += more.mixed;
        self.values += more.values;
        self.values_sum += more.values_sum;
    }
}

const TWO: [Duration; 2] = [Duration::from_millis(5), Duration::from_millis(80)];

#[timed("inner_seconds")]
fn inner(random: &mut Random) -> u64 {
    random.next()
}

/// Timed calls inside a timed call, one of them recursive.
#[timed("outer_seconds")]
fn outer(random: &mut Random, depth: u64, recorded: &mut Recorded) -> u64 {
    recorded.calls += 1;
    recorded.inner_calls += 1;
    let found = inner(random);
    if depth > 0 { outer(random, depth - 1, recorded) } else { found }
}

fn record(lane: u64, seed: u64) -> Recorded {
    let mut random = Random(seed);
    let mut recorded = Recorded::default();
    for step in 0..RECORDS {
        recorded.steps += 1;
        let draw = outer(&mut random, step % 3, &mut recorded);
        let which = (draw >> 20) as usize % 2;
        timer!("two_seconds").record(TWO[which]);
        recorded.two[which] += 1;
        let nanos = draw >> (RANDOM_SHIFT + draw % 32);
        timer!("random_seconds").record(Duration::from_nanos(nanos));
        recorded.random_ns += nanos;
        // Pending ones and ones recorded at once, in one series.
        let mixed = timer!("mixed_seconds");
        {
            let guard = mixed.start();
            mixed.record(TWO[which]);
            if draw & 1 << 30 == 0 {
                guard.discard();
                recorded.mixed += 1;
            } else {
                drop(guard);
                drop(mixed.start_detached());
                recorded.mixed += 3;
            }
        }
        let value = draw >> 50;
        histogram!("values").record(value);
        histogram!("values").record_many(value, 2);
        recorded.values += 3;
        recorded.values_sum += 3 * value;
        counter!("steps_total").increment(1);
        counter!("drawn_total", "lane" => lane, "which" => which).increment(2);
        gauge!("growing_gauge").increment(3);
        gauge!("lane_gauge").set(lane);
    }
    recorded
}

/// Registers series of every kind, a few for each snapshot, and records into each twice.
fn register(lane: u64, looked: &Receiver<()>) -> u64 {
    let registry = tachograph::registry();
    let lane = lane.to_string();
    let mut registered = 0;
    while registered < NEW_SERIES && looked.recv().is_ok() {
        let number = registered.to_string();
        let labels = [("lane", lane.as_str()), ("number", number.as_str())];
        for _ in 0..2 {
            registry.counter("new_total", &labels).unwrap().increment(1);
            registry.timer("new_seconds", &labels).unwrap().record(TWO[0]);
            drop(registry.timer("new_seconds", &labels).unwrap().start());
            registry.histogram(&format!("new_values_{number}"), &labels).unwrap().record(7);
            registry.gauge("growing_new", &labels).unwrap().increment(1);
        }
        registered += 1;
    }
    registered
}

#[test]
fn nothing_goes_back_while_all_record_and_some_register() {
    let (done, looks) = (AtomicBool::new(false), AtomicU64::new(0));
    let (done, looks) = (&done, &looks);
    let (recorded, registered, snapshots) = thread::scope(|scope| {
        let readers = [0, 1].map(|reader| {
            let (look, looked) = mpsc::channel();
            let registering = scope.spawn(move || register(reader, &looked));
            let reading = scope.spawn(move || {
                let _end = Finally(|| done.store(true, Release));
                // Reading one handle goes another way than reading all.
                let (steps, mixed) = (counter!("steps_total"), timer!("mixed_seconds"));
                read_until(done, tachograph::registry(), |snapshot| {
                    looks.fetch_add(1, Relaxed);
                    // Nobody listens any more when all is registered.
                    let _ = look.send(());
                    if reader == 0 {
                        assert!(steps.value() >= snapshot.counter("steps_total", &[]).unwrap_or(0));
                        if let Some(seen) = snapshot.timer("mixed_seconds", &[]) {
                            assert_timer_not_below(&mixed.snapshot(), seen, "read alone");
                        }
                    }
                    let lane = snapshot.gauge("lane_gauge", &[]).unwrap_or(0.0);
                    assert!((0..RECORDERS).any(|known| known as f64 == lane), "{lane}");
                })
            });
            (reading, registering)
        });
        let recorders: Vec<_> = (0..RECORDERS)
            .map(|lane| {
                scope.spawn(move || {
                    let mut recorded = Recorded::default();
                    for round in 0..threads_in_a_row() {
                        if looks.load(Relaxed) >= snapshots_wanted() || done.load(Relaxed) {
                            break;
                        }
                        let seed =
                            (round * RECORDERS + lane + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
                        recorded += thread::spawn(move || record(lane, seed)).join().unwrap();
                    }
                    recorded
                })
            })
            .collect();
        let end = Finally(|| done.store(true, Release));
        let mut recorded = Recorded::default();
        recorders.into_iter().for_each(|recorder| recorded += recorder.join().unwrap());
        drop(end);
        let ended = readers
            .map(|(reading, registering)| (reading.join().unwrap(), registering.join().unwrap()));
        (recorded, ended.map(|(_, registered)| registered), ended.map(|(snapshots, _)| snapshots))
    });
    println!(
        "{snapshots:?} snapshots of {} steps, {registered:?} times four series registered",
        recorded.steps
    );
    assert!(snapshots.iter().all(|snapshots| *snapshots > 1));
    assert_exact(&tachograph::registry().snapshot(), recorded, registered);
}

/// A tick of the clock is at most this long, and a sample is rounded to whole ticks.
const TICK: Duration = Duration::from_nanos(50);

fn assert_near(found: Duration, expected: Duration, samples: u64) {
    let samples = u32::try_from(samples).unwrap();
    assert!(found.abs_diff(expected) <= TICK * samples, "{found:?} instead of {expected:?}");
}

fn assert_exact(rest: &Snapshot, recorded: Recorded, registered: [u64; 2]) {
    let steps = recorded.steps;
    assert_eq!(rest.counter("steps_total", &[]), Some(steps));
    assert_eq!(rest.gauge("growing_gauge", &[]), Some((3 * steps) as f64));
    let of_name =
        |name: &'static str| rest.series().iter().filter(move |series| series.name() == name);
    let drawn = of_name("drawn_total").map(|series| match series.value() {
        Value::Counter(total) => *total,
        other => panic!("{other:?}"),
    });
    assert_eq!(drawn.sum::<u64>(), 2 * steps);

    let values = rest.histogram("values", &[]).unwrap();
    assert_eq!((values.count(), values.sum()), (recorded.values, recorded.values_sum as f64));

    let two = rest.timer("two_seconds", &[]).unwrap();
    let counts: Vec<u64> = two.histogram().buckets().map(|bucket| bucket.count).collect();
    assert_eq!(counts, recorded.two);
    let total = TWO[0] * recorded.two[0] as u32 + TWO[1] * recorded.two[1] as u32;
    assert_near(two.total(), total, steps);
    assert_eq!(two.self_total(), two.total());

    let random = rest.timer("random_seconds", &[]).unwrap();
    assert_eq!(random.count(), steps);
    assert_near(random.total(), Duration::from_nanos(recorded.random_ns), steps);
    assert_eq!(rest.timer("mixed_seconds", &[]).unwrap().count(), recorded.mixed);

    // What was not spent in the inner ones is the outer ones' own.
    let [outer, inner] =
        ["outer_seconds", "inner_seconds"].map(|name| rest.timer(name, &[]).unwrap());
    assert_eq!((outer.count(), inner.count()), (recorded.calls, recorded.inner_calls));
    assert_eq!(inner.self_total(), inner.total());
    assert!(outer.self_total() < outer.total());

    let new: u64 = registered.iter().sum();
    for (name, records) in [("new_total", 2), ("new_seconds", 4), ("growing_new", 2)] {
        assert_eq!(of_name(name).count() as u64, new, "{name}");
        for series in of_name(name) {
            let found = match series.value() {
                Value::Counter(total) => *total,
                Value::Timer(timer) => timer.count(),
                Value::Gauge(value) => *value as u64,
                other => panic!("{other:?}"),
            };
            assert_eq!(found, records, "{name}{:?}", series.labels());
        }
    }
}

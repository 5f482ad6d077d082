//! Threads come and go: what they recorded stays, and nothing else of them does.
//!
//! `TACHOGRAPH_SOAK=1` makes it 100,000 threads.

#![cfg(target_os = "linux")]

#[path = "support/apart.rs"]
mod apart;
#[path = "support/memory.rs"]
mod memory;

use std::cell::Cell;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::SeqCst;
use std::sync::{Arc, Barrier};
use std::thread;
use std::time::Duration;

use tachograph::{Snapshot, counter, gauge, histogram, registry, timed, timer};

/// How many threads there are at any time.
const TOGETHER: u64 = 8;
const RECORDS_PER_THREAD: u64 = 12;
/// What six records, the half of a thread's, measure and sum up to.
const MEASURED: Duration = Duration::from_micros(5);
const LEVEL: u64 = 3;
/// Histogram values are below this.
const VALUES: u64 = 100;
const COLOURS: [&str; 3] = ["red", "green", "blue"];

fn threads() -> u64 {
    if apart::soak() { 100_000 } else { 8_000 }
}

#[timed]
fn timed_work() -> u64 {
    timed_inner_work()
}

#[timed(name = "thread_inner_seconds")]
fn timed_inner_work() -> u64 {
    std::hint::black_box(7)
}

/// Six records, on behalf of thread `number`.
fn record(number: u64) {
    counter!("thread_records_total").increment(1);
    counter!("thread_colours_total", "colour" => COLOURS[number as usize % COLOURS.len()])
        .increment(2);
    gauge!("thread_level").increment(LEVEL);
    histogram!("thread_values").record(number % VALUES);
    timer!("thread_wait_seconds").record(MEASURED);
    timed_work();
}

/// Records once more when its thread has ended.
#[derive(Default)]
struct AtEnd(Cell<Option<u64>>);

impl Drop for AtEnd {
    fn drop(&mut self) {
        if let Some(number) = self.0.get() {
            record(number);
        }
    }
}

thread_local! {
    /// Set before the first record of a thread, so that its destructor runs after the recorder's own.
    static LATE: AtEnd = const { AtEnd(Cell::new(None)) };
    /// Set after the first record, so that its destructor runs while the thread has its shard.
    static EARLY: AtEnd = const { AtEnd(Cell::new(None)) };
}

/// The life of thread `number`: twelve records, half of them or all in its destructors. It does not
/// end before the other seven have begun.
fn live(number: u64, together: &Barrier) {
    match number % 4 {
        0 => {
            record(number);
            record(number);
        }
        1 => {
            LATE.with(|late| late.0.set(Some(number)));
            record(number);
        }
        2 => {
            record(number);
            EARLY.with(|early| early.0.set(Some(number)));
        }
        // The first record of this thread is one of its destructors'.
        _ => {
            LATE.with(|late| late.0.set(Some(number)));
            EARLY.with(|early| early.0.set(Some(number)));
        }
    }
    together.wait();
}

fn check_totals(snapshot: &Snapshot, threads: u64) {
    let halves = 2 * threads;
    assert_eq!(snapshot.counter("thread_records_total", &[]), Some(halves));
    for (place, colour) in COLOURS.iter().enumerate() {
        let of_colour = (0..threads).filter(|number| number % 3 == place as u64).count() as u64;
        let labels = [("colour", *colour)];
        assert_eq!(
            snapshot.counter("thread_colours_total", &labels),
            Some(of_colour * 4),
            "{colour}"
        );
    }
    assert_eq!(snapshot.gauge("thread_level", &[]), Some((halves * LEVEL) as f64));
    let values = snapshot.histogram("thread_values", &[]).expect("it was recorded to");
    let sum: u64 = (0..threads).map(|number| 2 * (number % VALUES)).sum();
    assert_eq!((values.count(), values.sum()), (halves, sum as f64));
    assert_eq!((values.min(), values.max()), (Some(0.0), Some((VALUES - 1) as f64)));
    assert_eq!(values.buckets().map(|bucket| bucket.count).sum::<u64>(), halves);
    // A power of two is a bound of its own, so these counts are exact.
    for value in [0.5, 1.0, 2.0, 4.0, 64.0] {
        let of_value =
            (0..threads).filter(|number| (number % VALUES) as f64 <= value).count() as u64;
        assert_eq!(values.count_at_most(value), 2 * of_value, "at most {value}");
    }
    let waits = snapshot.timer("thread_wait_seconds", &[]).expect("it was recorded to");
    assert_eq!(waits.count(), halves);
    assert_eq!(waits.total(), waits.self_total());
    let off = waits.total().abs_diff(MEASURED * u32::try_from(halves).expect("some threads"));
    // A duration is rounded to a tick, which is at most some nanoseconds.
    assert!(off < Duration::from_nanos(10) * halves as u32, "{off:?} off");
    let function = [("function", "threads::timed_work")];
    let outer = snapshot.timer("function_duration_seconds", &function).expect("it was called");
    let inner = snapshot.timer("thread_inner_seconds", &[]).expect("it was called");
    assert_eq!((outer.count(), inner.count()), (halves, halves));
    assert!(inner.total() <= outer.total());
    assert_eq!(inner.total(), inner.self_total());
    let sum = outer.self_total() + inner.total();
    assert!(sum.abs_diff(outer.total()) < Duration::from_nanos(10), "{sum:?} {:?}", outer.total());
}

#[test]
fn threads_leave_their_records_and_nothing_else() {
    apart::run("threads_leave_their_records_and_nothing_else", || {
        let threads = threads();
        let tenth = threads / 10;
        in_parallel(0, tenth);
        let before = memory::address_space_and_memory();
        in_parallel(tenth, threads);
        let after = memory::address_space_and_memory();
        let virtual_grown = after.0.saturating_sub(before.0);
        let resident_grown = after.1.saturating_sub(before.1);

        let snapshot = registry().snapshot();
        let overhead = snapshot.overhead();
        eprintln!(
            "{threads} threads, {} records: {} shards; grown since a tenth of them: {resident_grown} \
             bytes of memory, {virtual_grown} of address space",
            threads * RECORDS_PER_THREAD,
            overhead.shards(),
        );
        check_totals(&snapshot, threads);
        assert!(overhead.shards() <= TOGETHER + 8, "{} shards", overhead.shards());
        assert_eq!(overhead.shards_refused(), 0);
        assert!(
            overhead.dropped().iter().all(|(_, count)| *count == 0),
            "{:?}",
            overhead.dropped()
        );
        // What the allocator of the system keeps for threads is bounded; a page a thread is not.
        assert!(resident_grown < 4 << 20, "{resident_grown} bytes");
        assert!(virtual_grown < 1 << 30, "{virtual_grown} bytes");
    });
}

/// Starts and ends threads `from..to`, eight at a time, while someone reads.
fn in_parallel(from: u64, to: u64) {
    let over = AtomicBool::new(false);
    let together = Arc::new(Barrier::new(TOGETHER as usize));
    thread::scope(|scope| {
        scope.spawn(|| read_until(&over));
        for first in (from..to).step_by(TOGETHER as usize) {
            let eight = (first..first + TOGETHER).map(|number| {
                let together = Arc::clone(&together);
                thread::spawn(move || live(number, &together))
            });
            for thread in eight.collect::<Vec<_>>() {
                thread.join().expect("no thread panics");
            }
        }
        over.store(true, SeqCst);
    });
}

/// Takes snapshots, in which no total may ever be less than in the one before.
fn read_until(over: &AtomicBool) {
    let mut before = totals();
    while !over.load(SeqCst) {
        let now = totals();
        for (before, now) in before.iter().zip(now) {
            assert!(*before <= now, "{before} before, {now} now");
        }
        before = now;
    }
}

fn totals() -> [u64; 5] {
    let snapshot = registry().snapshot();
    let function = [("function", "threads::timed_work")];
    [
        snapshot.counter("thread_records_total", &[]).unwrap_or(0),
        snapshot.gauge("thread_level", &[]).unwrap_or(0.0) as u64,
        snapshot.histogram("thread_values", &[]).map_or(0, |values| values.count()),
        snapshot.timer("thread_wait_seconds", &[]).map_or(0, |waits| waits.count()),
        snapshot.timer("function_duration_seconds", &function).map_or(0, |calls| calls.count()),
    ]
}

/// Starts a thread that records, and waits for its end, when its own thread has ended.
struct Successor(Cell<bool>);

impl Drop for Successor {
    fn drop(&mut self) {
        if self.0.get() {
            thread::spawn(|| record(0)).join().expect("it does not panic");
        }
    }
}

thread_local! {
    static SUCCESSOR: Successor = const { Successor(Cell::new(false)) };
}

/// The assumption of the test above, that a destructor runs before or after the shard was handed
/// back, shows in whether a new thread finds that shard free.
#[test]
fn shard_is_handed_back_between_destructors() {
    apart::run("shard_is_handed_back_between_destructors", || {
        // This thread has one for itself.
        record(0);
        let shards = || registry().snapshot().overhead().shards();
        let successor = || SUCCESSOR.with(|successor| successor.0.set(true));
        let before_the_first_record = move || {
            successor();
            record(0);
        };
        thread::spawn(before_the_first_record).join().expect("it does not panic");
        assert_eq!(shards(), 2);
        let after_the_first_record = move || {
            record(0);
            successor();
        };
        thread::spawn(after_the_first_record).join().expect("it does not panic");
        assert_eq!(shards(), 3);
        assert_eq!(registry().snapshot().counter("thread_records_total", &[]), Some(5));
    });
}

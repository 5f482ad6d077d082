//! The arena under several threads, small enough for Miri.
//!
//! Other tests of this process record into the same arena at the same time: only what concerns
//! slots of one's own is exact here.

use std::cell::Cell;
use std::collections::HashSet;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::atomic::{AtomicBool, AtomicU64};
use std::sync::{Arc, Barrier, mpsc};
use std::thread;

use super::extent::{BASELINE, NoRoom, SHARED, extent};
use super::gauge::Level;
use super::*;
use crate::amount::Amount;
use crate::bucket::Layout;

/// Few cells: under Miri an extent has room for some ten thousand in all.
fn layout() -> Arc<Layout> {
    Arc::new(Layout::new(0, -4, 12, &[]).unwrap())
}

fn distribution() -> &'static Distribution {
    Box::leak(Box::new(Distribution::allocate(layout()).unwrap()))
}

fn cell() -> isize {
    allocate(1, 0).unwrap().0
}

fn gauge_cells() -> isize {
    allocate(gauge::CELLS, 0).unwrap().0
}

/// What threads record into histograms.
const THREE: Amount = Amount::whole(3);

fn rounds(native: usize) -> usize {
    if cfg!(miri) { native.div_ceil(50) } else { native }
}

fn count(slot: isize, amount: u64) {
    match own_cell(slot) {
        Some(cell) => Owner::add(cell, amount),
        None => match place().unwrap() {
            Place::Own(base) => Owner::add(base.cell(slot), amount),
            Place::Shared(base) => Anyone::add(base.cell(slot), amount),
        },
    }
}

fn counter(slot: isize) -> u64 {
    match read_one(Request::Counter(slot)) {
        Reading::Counter(total) => total,
        other => panic!("{other:?}"),
    }
}

fn timer(distribution: &Distribution) -> Tally {
    match read_one(Request::Timer(distribution)) {
        Reading::Timer(tally) => tally,
        other => panic!("{other:?}"),
    }
}

fn histogram(distribution: &Distribution) -> Tally {
    match read_one(Request::Histogram(distribution)) {
        Reading::Histogram(tally) => tally,
        other => panic!("{other:?}"),
    }
}

/// Count, ticks, self ticks.
fn totals(distribution: &Distribution) -> (u64, u64, u64) {
    let tally = timer(distribution);
    (tally.counts.iter().sum(), tally.ticks, tally.own_ticks)
}

/// As a timer's guard does it.
fn record_ticks(distribution: &'static Distribution, ticks: u64) {
    if !distribution.record_ticks(ticks, ticks / 2) {
        distribution.record_ticks_slowly(ticks, ticks / 2);
    }
}

#[test]
fn exited_threads_keep_their_totals_and_leave_their_shards() {
    let (slot, samples) = (cell(), distribution());
    let rounds = rounds(300);
    let mut bases = HashSet::new();
    for round in 0..rounds {
        let used = thread::spawn(move || {
            count(slot, 2);
            record_ticks(samples, 10);
            record_ticks(samples, 30);
            own_cell(slot).map(|cell| (&raw const *cell).addr())
        });
        bases.extend(used.join().unwrap());
        let round = round as u64 + 1;
        assert_eq!(counter(slot), 2 * round);
        assert_eq!(totals(samples), (2 * round, 40 * round, 20 * round));
    }
    // One thread at a time: only shards that other tests took and gave back meanwhile are new.
    assert!(bases.len() <= rounds.div_ceil(2), "{} shards for {rounds} threads", bases.len());
}

#[test]
fn threads_at_once_have_shards_of_their_own_and_lose_nothing() {
    let (slot, samples) = (cell(), distribution());
    let (threads, records) = (3, rounds(20_000) as u64);
    let together = Barrier::new(threads);
    let bases: HashSet<usize> = thread::scope(|scope| {
        let started: Vec<_> = (0..threads)
            .map(|_| {
                scope.spawn(|| {
                    count(slot, 1);
                    together.wait();
                    for ticks in 0..records {
                        count(slot, 1);
                        record_ticks(samples, ticks);
                    }
                    together.wait();
                    (&raw const *own_cell(slot).unwrap()).addr()
                })
            })
            .collect();
        started.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert_eq!(bases.len(), threads);
    let threads = threads as u64;
    assert_eq!(counter(slot), threads * (records + 1));
    let own: u64 = (0..records).map(|ticks| ticks / 2).sum();
    assert_eq!(
        totals(samples),
        (threads * records, threads * (records * (records - 1) / 2), threads * own)
    );
}

type Work = Box<dyn FnOnce() + Send>;

/// Runs its work when the thread that holds it ends.
struct AtExit(Cell<Option<Work>>);

impl Drop for AtExit {
    fn drop(&mut self) {
        if let Some(work) = self.0.take() {
            work();
        }
    }
}

thread_local! {
    static AT_EXIT: AtExit = const { AtExit(Cell::new(None)) };
}

/// A thread that does `work` as it ends: after its shard was given back, if `late`. Thread-local
/// values go in the reverse order of their first use.
fn exiting_thread(late: bool, work: impl FnOnce() + Send + 'static) -> thread::JoinHandle<()> {
    let slot = cell();
    let work = move || {
        // A panic here would abort the process; what `work` records is looked at afterwards.
        if own_cell(slot).is_none() == late {
            work();
        }
    };
    let leave = move || AT_EXIT.with(|at_exit| at_exit.0.set(Some(Box::new(work))));
    thread::spawn(move || {
        if late {
            leave();
            count(slot, 1);
        } else {
            count(slot, 1);
            leave();
        }
    })
}

#[test]
fn records_of_thread_local_destructors_are_kept_before_and_after_the_shard_is_given_back() {
    for late in [false, true] {
        let (slot, samples, values) = (cell(), distribution(), distribution());
        let work = move || {
            for _ in 0..3 {
                count(slot, 7);
                record_ticks(samples, 5);
                values.record_slowly(THREE, 2);
            }
        };
        exiting_thread(late, work).join().unwrap();
        assert_eq!(counter(slot), 21, "late: {late}");
        assert_eq!(totals(samples), (3, 15, 6), "late: {late}");
        assert_eq!(histogram(values).sum.value(), 18.0, "late: {late}");
    }
}

#[test]
fn threads_without_a_shard_share_cells_and_lose_nothing() {
    let (slot, samples, values) = (cell(), distribution(), distribution());
    let records = if cfg!(miri) { 200 } else { 100_000 };
    let arrived = Arc::new(AtomicU64::new(0));
    let work = || {
        let arrived = arrived.clone();
        move || {
            // All at once, but not by waiting for ever: some systems let one thread end at a time.
            arrived.fetch_add(1, Relaxed);
            let wait = |_: &usize| arrived.load(Relaxed) < 3;
            (0..rounds(10_000)).take_while(wait).for_each(|_| thread::yield_now());
            for ticks in 0..records {
                count(slot, 1);
                record_ticks(samples, ticks);
            }
            (0..records).for_each(|_| values.record_slowly(THREE, 2));
        }
    };
    let threads: Vec<_> = (0..3).map(|_| exiting_thread(true, work())).collect();
    threads.into_iter().for_each(|thread| thread.join().unwrap());
    assert_eq!(counter(slot), 3 * records);
    assert_eq!(extent(SHARED).unwrap().cell(slot).load(Relaxed), 3 * records);
    let seen = histogram(values);
    assert_eq!((seen.counts.iter().sum(), seen.sum.value()), (6 * records, 18.0 * records as f64));
    let own = (0..records).map(|ticks| ticks / 2).sum::<u64>();
    assert_eq!(totals(samples), (3 * records, 3 * records * (records - 1) / 2, 3 * own));
    assert_eq!(timer(samples).tick_range(), Some((0, records - 1)));
}

#[test]
fn a_thread_that_only_reads_takes_no_shard() {
    let slot = cell();
    thread::spawn(move || {
        assert_eq!(counter(slot), 0);
        rebase(&[Request::Counter(slot)]);
        assert!(own_cell(slot).is_none());
    })
    .join()
    .unwrap();
}

#[test]
fn a_counter_wraps_over_all_threads() {
    let slot = cell();
    for _ in 0..2 {
        thread::spawn(move || count(slot, u64::MAX)).join().unwrap();
    }
    count(slot, 3);
    assert_eq!(counter(slot), 1);
    assert_eq!(counted(slot), 1);
    rebase(&[Request::Counter(slot)]);
    assert_eq!(counter(slot), 0);
    count(slot, u64::MAX);
    assert_eq!(counter(slot), u64::MAX);
}

#[test]
fn a_rebase_starts_everything_from_zero_with_samples_pending_anywhere() {
    let (slot, samples, values) = (cell(), distribution(), distribution());
    let all = [Request::Counter(slot), Request::Timer(samples), Request::Histogram(values)];
    let record = move |times: u64| {
        for _ in 0..times {
            count(slot, 1);
            record_ticks(samples, 100);
            values.record_slowly(THREE, 2);
        }
    };
    thread::scope(|scope| {
        // Dropped with this closure, also when a check in it fails: then the other thread ends.
        let (ask, asked) = mpsc::channel();
        let (answer, answered) = mpsc::channel();
        scope.spawn(move || {
            for round in asked {
                record(round);
                answer.send(()).unwrap();
            }
        });
        for round in 1..=3 {
            ask.send(round).unwrap();
            answered.recv().unwrap();
            // The other thread stands still with a sample pending; this one has one, too.
            record(4);
            let expected = round + 4;
            assert_eq!(counter(slot), expected);
            assert_eq!(totals(samples), (expected, 100 * expected, 50 * expected));
            let tally = histogram(values);
            assert_eq!(
                (tally.counts.iter().sum::<u64>(), tally.sum.value()),
                (2 * expected, 6.0 * expected as f64)
            );
            assert_eq!(tally.rebased, round > 1);
            rebase(&all);
            assert_eq!(counter(slot), 0);
            assert_eq!(totals(samples), (0, 0, 0));
            assert_eq!(histogram(values).counts.iter().sum::<u64>(), 0);
            assert_eq!(histogram(values).sum.value(), 0.0);
        }
    });
    // What was pending at the rebase is folded by now, in the thread that ended.
    assert_eq!(totals(samples), (0, 0, 0));
    record(1);
    assert_eq!(totals(samples), (1, 100, 50));
}

#[test]
fn a_rebase_of_the_untouched_and_a_second_one_change_nothing() {
    let (slot, level, samples) = (cell(), gauge_cells(), distribution());
    let all = [Request::Counter(slot), Request::Gauge(level), Request::Timer(samples)];
    for _ in 0..2 {
        rebase(&all);
        let read = read(&all);
        assert_eq!(read[..2], [Reading::Counter(0), Reading::Gauge(Level::default())]);
        assert_eq!(totals(samples), (0, 0, 0));
        assert!(!timer(samples).rebased, "nothing was subtracted");
    }
    assert_eq!(extent(BASELINE).unwrap().cell(slot).load(Relaxed), 0);
}

#[test]
fn gauges_of_two_threads_stay_finite_and_start_from_zero() {
    let slot = gauge_cells();
    let add = |amount: f64| match place().unwrap() {
        Place::Own(base) => gauge::increments(base, slot).add::<Owner>(Amount::real(amount)),
        Place::Shared(base) => gauge::increments(base, slot).add::<Anyone>(Amount::real(amount)),
    };
    let value = || match read_one(Request::Gauge(slot)) {
        Reading::Gauge(level) => level.value(),
        other => panic!("{other:?}"),
    };
    let together = Barrier::new(2);
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                let added = add(f64::MAX);
                // Both at once, so that they hold two shards.
                together.wait();
                assert!(added);
            });
        }
    });
    assert_eq!(value(), f64::MAX, "no more than the greatest number");
    rebase(&[Request::Gauge(slot)]);
    assert_eq!(value(), 0.0);
    state_cell(slot).unwrap().store(gauge::encode(-0.0), Relaxed);
    assert_eq!(value().to_bits(), (-0.0_f64).to_bits());
    rebase(&[Request::Gauge(slot)]);
    assert_eq!(value(), 0.0);
}

#[test]
fn the_fast_way_and_the_slow_ways_record_the_same() {
    // Both ends of the range, what is around native bounds, and what only the slow way takes.
    let above = |value: f64| f64::from_bits(value.to_bits() + 1);
    let inside = [above(0.0625), 0.1, 0.125, above(0.125), 1.0, 1.5, 2.0, 3.0, 4096.0];
    let outside =
        [0.0625, 0.0, -0.0, -1.0, f64::MIN, f64::MIN_POSITIVE, 5e-324, above(4096.0), 1e300];
    let [fast, slow, anyone] = [distribution(), distribution(), distribution()];
    // So that this thread has a shard.
    count(cell(), 1);
    for value in inside {
        assert!(fast.record_fast(Amount::real(value), 3), "{value:?}");
    }
    for value in outside {
        assert!(!fast.record_fast(Amount::real(value), 3), "{value:?}");
        fast.record_slowly(Amount::real(value), 3);
    }
    for value in inside.into_iter().chain(outside) {
        slow.record_slowly(Amount::real(value), 3);
    }
    let all: Vec<f64> = inside.into_iter().chain(outside).collect();
    let values = all.clone();
    let record = move |value: &f64| anyone.record_slowly(Amount::real(*value), 3);
    exiting_thread(true, move || values.iter().for_each(record)).join().unwrap();
    let layout = layout();
    let mut counts = vec![0; layout.cells() as usize];
    for value in &all {
        counts[layout.cell(*value).unwrap() as usize] += 3;
    }
    // Three times the least number is none: that one is counted, and left out of the sum.
    let sums = all.iter().filter(|value| **value != f64::MIN).map(|value| value * 3.0);
    let exact = sums.fold(0.0, |sum, more| sum + more);
    for (name, distribution) in [("fast", fast), ("slow", slow), ("anyone", anyone)] {
        let tally = histogram(distribution);
        assert_eq!((tally.first, &tally.counts), (0, &counts), "{name}");
        assert_eq!(tally.value_range(), Some((f64::MIN, 1e300)), "{name}");
        assert_eq!(tally.sum.value(), exact, "{name}");
    }
}

#[test]
fn slots_of_several_threads_never_overlap_and_are_zero_everywhere() {
    let (threads, each) = (3, rounds(200));
    let taken: Vec<(isize, isize)> = thread::scope(|scope| {
        let started: Vec<_> = (0..threads)
            .map(|_| {
                scope.spawn(move || (0..each).map(|_| allocate(3, 9).unwrap()).collect::<Vec<_>>())
            })
            .collect();
        started.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    let mut cells = HashSet::new();
    for (small, buckets) in taken {
        assert_eq!(buckets % 64, 0, "buckets begin at a cache line");
        let slots =
            (0..3).map(|place| small + 8 * place).chain((0..9).map(|place| buckets + 8 * place));
        for slot in slots {
            assert!(slot > 0 && slot % 8 == 0);
            assert!(cells.insert(slot), "{slot} was given out twice");
            for number in 0..extent::count() {
                assert_eq!(extent(number).unwrap().cell(slot).load(Relaxed), 0);
            }
        }
    }
}

#[test]
fn a_new_slot_is_accessible_at_once_in_every_shard() {
    let (newest, done) = (std::sync::atomic::AtomicIsize::new(cell()), AtomicBool::new(false));
    let slots = rounds(2_000);
    let given: Vec<isize> = thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while !done.load(Relaxed) {
                    count(newest.load(Relaxed), 1);
                }
            });
        }
        // More than one step of growth, outside Miri.
        let given = (0..slots).map(|_| {
            let (slot, _) = allocate(7, 0).unwrap();
            newest.store(slot, Relaxed);
            slot
        });
        let given = given.collect();
        done.store(true, Relaxed);
        given
    });
    let recorded = given.iter().map(|slot| counter(*slot)).sum::<u64>();
    assert_eq!(recorded, given.iter().map(|slot| counted(*slot)).sum::<u64>());
}

#[test]
fn what_does_not_fit_is_refused_and_takes_nothing() {
    let before = cell();
    assert_eq!(allocate(1 << 30, 0), Err(NoRoom));
    assert_eq!(allocate(1, 1 << 30), Err(NoRoom));
    let after = cell();
    assert!(after > before);
    count(after, 1);
    assert_eq!(counter(after), 1);
}

#[test]
fn readers_of_one_and_of_all_never_see_a_total_go_back() {
    let records = rounds(40_000) as u64;
    let (slot, samples, values) = (cell(), distribution(), distribution());
    let all = [Request::Timer(samples), Request::Counter(slot), Request::Histogram(values)];
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        let writers = [0, 1].map(|seed| {
            scope.spawn(move || {
                for record in 0..records {
                    record_ticks(samples, if (record + seed) % 2 == 0 { 10 } else { 90 });
                    count(slot, 1);
                    values.record_slowly(THREE, 1);
                }
            })
        });
        scope.spawn(|| {
            let mut before = [0; 5];
            while !done.load(Relaxed) {
                let alone = totals(samples);
                assert!(alone.0 >= before[0] && alone.1 >= before[1] && alone.2 >= before[2]);
                let [Reading::Timer(tally), Reading::Counter(counted), Reading::Histogram(seen)] =
                    &read(&all)[..]
                else {
                    panic!("answers stand in the order of the requests");
                };
                let now = [
                    tally.counts.iter().sum(),
                    tally.ticks,
                    tally.own_ticks,
                    *counted,
                    seen.counts.iter().sum(),
                ];
                assert!(now[0] >= alone.0 && now[1] >= alone.1 && now[2] >= alone.2);
                for (now, before) in now.iter().zip(before) {
                    assert!(*now >= before, "{now} after {before}");
                }
                before = now;
            }
        });
        let ended = writers.map(|writer| writer.join());
        done.store(true, Relaxed);
        ended.into_iter().for_each(|outcome| outcome.unwrap());
    });
    let half = records / 2;
    assert_eq!(
        totals(samples),
        (2 * records, 2 * (half * 10 + half * 90), 2 * (half * 5 + half * 45))
    );
    assert_eq!((counter(slot), histogram(values).sum.value()), (2 * records, 6.0 * records as f64));
}

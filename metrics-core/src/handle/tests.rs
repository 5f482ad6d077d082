//! Handles with injected ticks, hostile guards, and holders that have no slot.
//!
//! A thread's first record goes the slow way, and a sample that is folded is not the one that is
//! pending; so every check records more than once and reads what the arena holds, in ticks.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::{Relaxed, SeqCst};
use std::thread;
use std::time::Duration;

use super::timer::stop_at;
use super::*;
use crate::arena::{self, Distribution, Reading, Reason, Request, Tally, Timing};
use crate::bucket::Layout;
use crate::clock;

/// Few cells: under Miri the arena has room for some ten thousand in all.
fn distribution() -> &'static Distribution {
    let layout = Arc::new(Layout::new(0, -30, 15, &[]).unwrap());
    Box::leak(Box::new(Distribution::allocate(layout).unwrap()))
}

fn timer() -> Timer {
    Timer::new(Box::leak(Box::new(DistributionSlot::resolved(distribution()))))
}

fn tally(timer: Timer) -> Tally {
    match arena::read_one(Request::Timer(timer.holder().known())) {
        Reading::Timer(tally) => tally,
        other => panic!("{other:?}"),
    }
}

/// Count, ticks and self ticks.
fn totals(timer: Timer) -> (u64, u64, u64) {
    let tally = tally(timer);
    (tally.counts.iter().sum(), tally.ticks, tally.own_ticks)
}

/// A timing that has begun, and the ticks at its start.
fn begin() -> (Timing, u64) {
    let timing = Timing::start();
    // Stopping a copy tells how far the start was from the end of all ticks. It also notes that much
    // time inside; starting another copy takes that back.
    let (left, _) = timing.stop_at(u64::MAX);
    let _ = Timing::start();
    (timing, u64::MAX - left)
}

/// Records a sample of exactly that many ticks.
fn record_ticks(timer: Timer, ticks: u64) {
    let (timing, start) = begin();
    stop_at(timer.holder(), timing, start + ticks);
}

fn dropped(reason: Reason) -> u64 {
    arena::drop_counts().into_iter().find(|(found, _)| *found == reason).unwrap().1
}

#[test]
fn a_clock_that_steps_back_gives_a_sample_of_zero() {
    let (timer, outer) = (self::timer(), self::timer());
    for _ in 0..3 {
        let (outside, outside_start) = begin();
        let (timing, start) = begin();
        stop_at(timer.holder(), timing, start - 1);
        let (timing, _) = begin();
        stop_at(timer.holder(), timing, 0);
        stop_at(outer.holder(), outside, outside_start + 50);
    }
    assert_eq!(totals(timer), (6, 0, 0));
    assert_eq!(tally(timer).tick_range(), Some((0, 0)));
    assert_eq!(totals(outer), (3, 150, 150), "nothing was spent inside");
}

#[test]
fn samples_around_the_width_of_the_pending_word_are_exact() {
    const LIMIT: u64 = 1 << 40;
    let samples =
        [0, 1, LIMIT - 1, LIMIT, LIMIT + 1, LIMIT * 2 - 1, 5 * LIMIT, 1 << 50, clock::TICKS_MAX];
    let (each, together) = (timer(), timer());
    let mut sum = 0;
    for ticks in samples {
        let alone = timer();
        record_ticks(alone, ticks);
        record_ticks(alone, ticks);
        assert_eq!(totals(alone), (2, 2 * ticks, 2 * ticks), "{ticks} ticks");
        assert_eq!(tally(alone).tick_range(), Some((ticks, ticks)), "{ticks} ticks");
        // Among others, so that one is pending while another takes the immediate path.
        record_ticks(together, ticks);
        record_ticks(each, 7);
        sum += ticks;
    }
    assert_eq!(totals(together), (samples.len() as u64, sum, sum));
    assert_eq!(
        totals(each),
        (samples.len() as u64, 7 * samples.len() as u64, 7 * samples.len() as u64)
    );
}

#[test]
fn a_sample_beyond_all_ticks_is_dropped_and_counted() {
    let timer = timer();
    record_ticks(timer, 3);
    let before = dropped(Reason::TooLong);
    // Injected as it stands: no clock runs that long.
    assert!(!timer.holder().known().record_ticks(clock::TICKS_MAX + 1, 0));
    timer.holder().known().record_ticks_slowly(clock::TICKS_MAX + 1, 0);
    timer.record(Duration::MAX);
    assert!(dropped(Reason::TooLong) >= before + 2);
    assert_eq!(totals(timer), (1, 3, 3));
}

#[test]
fn totals_of_ticks_stay_at_their_limit() {
    let timer = timer();
    for _ in 0..20 {
        record_ticks(timer, clock::TICKS_MAX);
    }
    assert_eq!(totals(timer), (20, u64::MAX, u64::MAX));
    record_ticks(timer, 1);
    assert_eq!(totals(timer), (21, u64::MAX, u64::MAX), "no way back from there");
    assert!(timer.snapshot().total() > Duration::from_secs(1));
}

#[test]
fn self_time_is_what_timed_calls_inside_leave() {
    let [outer, middle, inner, sibling] = [timer(), timer(), timer(), timer()];
    for round in 1..=4 {
        let (t_outer, outer_start) = begin();
        let (t_middle, middle_start) = begin();
        record_ticks(inner, 10);
        record_ticks(inner, 20);
        stop_at(middle.holder(), t_middle, middle_start + 100);
        record_ticks(sibling, 500);
        // Recursion: the same timer inside itself.
        let (again, again_start) = begin();
        record_ticks(outer, 40);
        stop_at(outer.holder(), again, again_start + 60);
        stop_at(outer.holder(), t_outer, outer_start + 1000);
        assert_eq!(totals(inner), (2 * round, 30 * round, 30 * round));
        assert_eq!(totals(middle), (round, 100 * round, 70 * round));
        assert_eq!(totals(sibling), (round, 500 * round, 500 * round));
        // 40 + (60 - 40) + (1000 - 100 - 500 - 60)
        assert_eq!(totals(outer), (3 * round, 1100 * round, (40 + 20 + 340) * round));
    }
}

#[test]
fn self_time_is_kept_by_thread() {
    let (outer, elsewhere) = (timer(), timer());
    for _ in 0..2 {
        let (timing, start) = begin();
        thread::spawn(move || record_ticks(elsewhere, 1_000)).join().unwrap();
        stop_at(outer.holder(), timing, start + 10);
    }
    assert_eq!(totals(outer), (2, 20, 20));
    assert_eq!(totals(elsewhere), (2, 2_000, 2_000));
}

#[test]
fn inside_longer_than_outside_leaves_no_self_time() {
    let (outer, inner) = (timer(), timer());
    let (timing, start) = begin();
    record_ticks(inner, 1_000);
    stop_at(outer.holder(), timing, start + 10);
    assert_eq!(totals(outer), (1, 10, 0));
}

#[test]
fn a_discarded_timing_leaves_its_inner_time_to_the_one_around() {
    let (outer, discarded, inner) = (timer(), timer(), timer());
    for round in 1..=2 {
        let (timing, start) = begin();
        let guard = discarded.start();
        record_ticks(inner, 30);
        guard.discard();
        stop_at(outer.holder(), timing, start + 100);
        assert_eq!(totals(discarded), (0, 0, 0));
        assert_eq!(totals(outer), (round, 100 * round, 70 * round));
    }
}

#[test]
fn guards_dropped_out_of_order_keep_totals_and_shift_only_self_time() {
    let [first, second, around, after] = [timer(), timer(), timer(), timer()];
    let (t_around, around_start) = begin();
    let (t_first, first_start) = begin();
    let (t_second, second_start) = begin();
    stop_at(first.holder(), t_first, first_start + 100);
    stop_at(second.holder(), t_second, second_start + 40);
    stop_at(around.holder(), t_around, around_start + 200);
    for (timer, ticks) in [(first, 100), (second, 40), (around, 200)] {
        let (count, total, own) = totals(timer);
        assert_eq!((count, total), (1, ticks));
        assert!(own <= total, "{own} of {total}");
    }
    // The thread is as good as new afterwards.
    let (timing, start) = begin();
    record_ticks(second, 5);
    stop_at(after.holder(), timing, start + 9);
    assert_eq!(totals(after), (1, 9, 4));
}

#[test]
fn a_leaked_guard_records_nothing_and_harms_no_total() {
    let (leaked, outer, inner) = (timer(), timer(), timer());
    let (timing, start) = begin();
    std::mem::forget(leaked.start());
    record_ticks(inner, 5);
    stop_at(outer.holder(), timing, start + 9);
    assert_eq!(totals(leaked), (0, 0, 0));
    assert_eq!(totals(inner), (1, 5, 5));
    assert_eq!((totals(outer).0, totals(outer).1), (1, 9));
}

#[test]
fn every_way_to_end_a_timing_records_once() {
    let timer = timer();
    drop(timer.start());
    timer.start().stop();
    assert_eq!(timer.time(|| 7), 7);
    drop(timer.start_detached());
    timer.start().discard();
    timer.start_detached().discard();
    let unwound = std::panic::catch_unwind(|| {
        timer.time(|| std::panic::resume_unwind(Box::new("on purpose")));
    });
    assert_eq!(*unwound.unwrap_err().downcast::<&str>().unwrap(), "on purpose");
    assert_eq!(timer.count(), 5);
    let (count, ticks, own) = totals(timer);
    assert_eq!(count, 5);
    assert!(own <= ticks);
}

#[test]
fn a_detached_guard_ends_on_any_thread_and_has_no_self_time() {
    let (detached, around) = (timer(), timer());
    for round in 1..=3 {
        let (timing, start) = begin();
        let guard = detached.start_detached();
        thread::spawn(move || drop(guard)).join().unwrap();
        drop(detached.start_detached());
        stop_at(around.holder(), timing, start + 10);
        let (count, _, own) = totals(detached);
        assert_eq!((count, own), (2 * round, 0));
        assert_eq!(
            totals(around),
            (round, 10 * round, 10 * round),
            "it takes no part in self time"
        );
    }
}

/// Compiles when `T` has exactly one of the two: is `Send`, or is not.
macro_rules! assert_not_send {
    ($type:ty) => {{
        trait EitherWay<A> {
            fn named() {}
        }
        struct ByBeingSend;
        impl<T: ?Sized> EitherWay<()> for T {}
        impl<T: ?Sized + Send> EitherWay<ByBeingSend> for T {}
        let _ = <$type as EitherWay<_>>::named;
    }};
}

#[test]
fn handles_go_anywhere_and_a_guard_stays_on_its_thread() {
    fn goes_anywhere<T: Copy + Send + Sync + 'static>() {}
    fn can_move<T: Send + 'static>() {}
    fn crosses_unwinding<T: std::panic::UnwindSafe + std::panic::RefUnwindSafe>() {}
    goes_anywhere::<Counter>();
    goes_anywhere::<Gauge>();
    goes_anywhere::<Histogram>();
    goes_anywhere::<Timer>();
    can_move::<DetachedGuard>();
    crosses_unwinding::<Counter>();
    crosses_unwinding::<Gauge>();
    crosses_unwinding::<Histogram>();
    crosses_unwinding::<Timer>();
    assert_not_send!(TimerGuard);
    assert_eq!(size_of::<Counter>(), size_of::<usize>());
    assert_eq!(size_of::<Timer>(), size_of::<usize>());
}

static DROPPING: [(Reason, CellSlot, DistributionSlot); 3] = [
    (
        Reason::Conflict,
        CellSlot::dropping(Reason::Conflict),
        DistributionSlot::dropping(Reason::Conflict),
    ),
    (
        Reason::Invalid,
        CellSlot::dropping(Reason::Invalid),
        DistributionSlot::dropping(Reason::Invalid),
    ),
    (
        Reason::NoRoom,
        CellSlot::dropping(Reason::NoRoom),
        DistributionSlot::dropping(Reason::NoRoom),
    ),
];

#[test]
fn a_holder_without_a_slot_drops_every_record_and_counts_it_under_its_reason() {
    for (reason, cell, distribution) in &DROPPING {
        let before = dropped(*reason);
        Counter::new(cell).increment(1);
        Counter::new(cell).absolute(9);
        Gauge::new(cell).set(1.0);
        Gauge::new(cell).increment(1.0);
        Gauge::new(cell).decrement(1.0);
        Histogram::new(distribution).record(1.0);
        Histogram::new(distribution).record_many(-1.0, 3);
        Timer::new(distribution).record(Duration::from_secs(1));
        drop(Timer::new(distribution).start());
        drop(Timer::new(distribution).start_detached());
        assert!(dropped(*reason) >= before + 10, "{reason:?}");
        assert_eq!(Counter::new(cell).value(), 0);
        assert_eq!(Gauge::new(cell).value(), 0.0);
        assert_eq!(Histogram::new(distribution).count(), 0);
        assert_eq!(Timer::new(distribution).count(), 0);
        assert!(Timer::new(distribution).snapshot().total().is_zero());
    }
}

/// Gives out one cell, after recording through the very holder that asks.
struct Curious {
    holder: CellSlot,
    asked: AtomicBool,
}

static CURIOUS: Curious = Curious {
    holder: CellSlot::deferred(|| {
        assert!(!CURIOUS.asked.swap(true, SeqCst), "asked once, from one thread");
        Counter::new(&CURIOUS.holder).increment(100);
        Gauge::new(&CURIOUS.holder).set(100.0);
        a_cell()
    }),
    asked: AtomicBool::new(false),
};

fn a_cell() -> Resolved {
    Resolved(Answer::Cell(arena::allocate(arena::gauge::CELLS, 0).unwrap().0))
}

#[test]
fn a_record_from_within_resolving_is_dropped_and_counted() {
    let before = dropped(Reason::Reentrant);
    let counter = Counter::new(&CURIOUS.holder);
    counter.increment(1);
    assert_eq!(counter.value(), 1);
    assert!(dropped(Reason::Reentrant) >= before + 2);
    counter.increment(1);
    assert_eq!(counter.value(), 2);
}

#[test]
fn an_origin_of_another_kind_is_a_conflict_for_ever() {
    static CELL: CellSlot = CellSlot::deferred(|| Resolved(Answer::Distribution(distribution())));
    static DISTRIBUTION: DistributionSlot = DistributionSlot::deferred(a_cell);
    for _ in 0..2 {
        assert_eq!(CELL.resolve(), Err(Reason::Conflict));
        assert_eq!(DISTRIBUTION.resolve().map(Distribution::slot), Err(Reason::Conflict));
    }
    Counter::new(&CELL).increment(1);
    Timer::new(&DISTRIBUTION).record(Duration::from_secs(1));
    assert_eq!(Counter::new(&CELL).value(), 0);
    assert_eq!(Timer::new(&DISTRIBUTION).count(), 0);
}

/// What a reader compares with what it saw before: nothing may be less.
fn assert_not_below(now: &Tally, before: &Tally) {
    assert!(now.ticks >= before.ticks, "ticks: {} after {}", now.ticks, before.ticks);
    assert!(now.own_ticks >= before.own_ticks, "own: {} after {}", now.own_ticks, before.own_ticks);
    for (cell, count) in (before.first..).zip(&before.counts) {
        let place = cell.checked_sub(now.first).expect("the first cell never moves up");
        let present = now.counts[place as usize];
        assert!(present >= *count, "cell {cell}: {present} after {count}");
    }
}

#[test]
fn pending_samples_of_two_durations_never_make_a_total_go_back() {
    let records: u64 = if cfg!(miri) { 40 } else { 150_000 };
    // Equal pending words are the hard case; so are two series that take turns.
    let timers = [timer(), timer()];
    let stopped = AtomicBool::new(false);
    let write = |seed: u64| {
        for record in 0..records {
            // Long runs of one series, then of both in turns; two durations and nothing else.
            let which = if record & 64 == 0 { seed } else { record } as usize % 2;
            let ticks = if record & 16 == 0 { 1_000 } else { 70_000 };
            record_ticks(timers[which], ticks);
            if record % 11 == 0 {
                timers[which].holder().known().record_ticks_slowly(ticks, 0);
            }
        }
    };
    let read = |which: usize| {
        let mut before = [Tally::default(), Tally::default()];
        while !stopped.load(Relaxed) {
            let both = timers.map(|timer| Request::Timer(timer.holder().known()));
            for (before, reading) in before.iter_mut().zip(arena::read(&both)) {
                let Reading::Timer(now) = reading else { panic!("{reading:?}") };
                assert_not_below(&now, before);
                *before = now;
            }
            let alone = tally(timers[which]);
            assert_not_below(&alone, &before[which]);
            before[which] = alone;
        }
    };
    thread::scope(|scope| {
        let readers = [0, 1].map(|which| scope.spawn(move || read(which)));
        let writers = [0, 1].map(|seed| scope.spawn(move || write(seed)));
        let ended = writers.map(|writer| writer.join());
        stopped.store(true, Relaxed);
        for outcome in ended.into_iter().chain(readers.map(|reader| reader.join())) {
            outcome.unwrap();
        }
    });
    let mut exact = [(0, 0, 0); 2];
    for seed in 0..2 {
        for record in 0..records {
            let which = if record & 64 == 0 { seed } else { record } as usize % 2;
            let ticks = if record & 16 == 0 { 1_000 } else { 70_000 };
            let immediate = u64::from(record % 11 == 0);
            exact[which].0 += 1 + immediate;
            exact[which].1 += ticks * (1 + immediate);
            exact[which].2 += ticks;
        }
    }
    assert_eq!(timers.map(totals), exact, "at rest");
}

//! Captures in several threads, small enough for Miri.

use std::sync::atomic::AtomicBool;
use std::sync::{Barrier, mpsc};
use std::thread;

use super::*;
use crate::arena::{
    Access, Anyone, Cells, Distribution, Owner, Place, counted, place, read, read_one,
};
use crate::bucket::Layout;

/// A series of each kind, that no other test has.
#[derive(Clone, Copy)]
struct All {
    counter: isize,
    gauge: isize,
    histogram: &'static Distribution,
    timer: &'static Distribution,
}

impl All {
    fn new() -> All {
        let cell = |cells| extent::register(cells, 0, |_, _| Vec::new()).unwrap().0;
        let distribution = |cells| {
            let layout = Arc::new(Layout::new(0, -4, 12, &[]).unwrap());
            let made = Distribution::register(cells, layout, Some(1.0), |_, _| Vec::new());
            &*Box::leak(Box::new(made.unwrap()))
        };
        All {
            counter: cell(Cells::Counter),
            gauge: cell(Cells::Gauge),
            histogram: distribution(Cells::Histogram),
            timer: distribution(Cells::Timer),
        }
    }

    fn requests(self) -> [Request<'static>; 4] {
        [
            Request::Counter(self.counter),
            Request::Gauge(self.gauge),
            Request::Histogram(self.histogram),
            Request::Timer(self.timer),
        ]
    }

    /// Records once to each, as handles do.
    fn record(self, amount: u64) {
        match place().unwrap() {
            Place::Own(base) => Owner::add(base.cell(self.counter), amount),
            Place::Shared(base) => Anyone::add(base.cell(self.counter), amount),
        }
        let whole = Amount::whole(amount as i64);
        if add_to_gauge(self.gauge, whole).is_none() {
            super::super::gauge::add(self.gauge, extent::state_cell(self.gauge).unwrap(), whole);
        }
        if !self.histogram.record_fast(whole, 1) {
            self.histogram.record_slowly(whole, 1);
        }
        if !self.timer.record_ticks(amount, amount) {
            self.timer.record_ticks_slowly(amount, amount);
        }
    }

    fn totals(self) -> Totals {
        Totals::of(read(&self.requests()).iter().map(Some))
    }
}

/// Of the four series: a sum each, and how many values the distributions took.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
struct Totals {
    counter: u64,
    gauge: f64,
    sum: f64,
    values: u64,
    ticks: u64,
    samples: u64,
}

impl Totals {
    fn of<'a>(readings: impl Iterator<Item = Option<&'a Reading>>) -> Totals {
        let mut totals = Totals::default();
        for reading in readings.flatten() {
            match reading {
                Reading::Counter(total) => totals.counter = *total,
                Reading::Gauge(level) => totals.gauge = level.value(),
                Reading::Histogram(tally) => {
                    totals.sum = tally.sum.value();
                    totals.values = tally.counts.iter().sum();
                }
                Reading::Timer(tally) => {
                    totals.ticks = tally.ticks;
                    totals.samples = tally.counts.iter().sum();
                }
            }
        }
        totals
    }

    fn seen(seen: &[Option<Seen>]) -> Totals {
        Totals::of(seen.iter().map(|seen| seen.as_ref().map(|seen| &seen.reading)))
    }

    /// What so many records of this amount come to.
    fn records(records: u64, amount: u64) -> Totals {
        let sum = records * amount;
        Totals {
            counter: sum,
            gauge: sum as f64,
            sum: sum as f64,
            values: records,
            ticks: sum,
            samples: records,
        }
    }
}

fn enter(capture: &Capture) -> Entered {
    capture.membership().enter().unwrap().unwrap()
}

#[test]
fn captures_in_parallel_see_their_own_and_leave_exact_totals() {
    let all = All::new();
    let (threads, rounds, records) = (3, if cfg!(miri) { 2 } else { 100 }, 3);
    let (together, is_done) = (Barrier::new(threads + 1), AtomicBool::new(false));
    thread::scope(|scope| {
        let recording: Vec<_> = (1..=threads as u64)
            .map(|amount| {
                let together = &together;
                scope.spawn(move || {
                    together.wait();
                    for _ in 0..rounds {
                        let capture = Capture::begin(None).unwrap();
                        let entered = enter(&capture);
                        (0..records).for_each(|_| all.record(amount));
                        drop(entered);
                        // After the work, and so nobody's.
                        all.record(amount);
                        let seen = capture.end(&all.requests());
                        assert_eq!(Totals::seen(&seen), Totals::records(records, amount));
                    }
                })
            })
            .collect();
        let reading = scope.spawn(|| {
            let mut before = Totals::default();
            together.wait();
            while !is_done.load(Relaxed) {
                let now = all.totals();
                assert!(now.counter >= before.counter && now.sum >= before.sum, "{now:?}");
                assert!(now.values >= before.values && now.samples >= before.samples, "{now:?}");
                before = now;
            }
        });
        recording.into_iter().for_each(|thread| thread.join().unwrap());
        is_done.store(true, Relaxed);
        reading.join().unwrap();
    });
    let each = rounds * (records + 1);
    let amounts: u64 = (1..=threads as u64).sum();
    let expected = Totals {
        values: each * threads as u64,
        samples: each * threads as u64,
        ..Totals::records(each, amounts)
    };
    assert_eq!(all.totals(), expected);
}

#[test]
fn who_adds_up_without_the_turn_sees_all_that_is_moved_once() {
    let all = All::new();
    let rounds = if cfg!(miri) { 3 } else { 100_000 };
    let is_done = AtomicBool::new(false);
    thread::scope(|scope| {
        let reading = scope.spawn(|| {
            let mut before = 0;
            while !is_done.load(Relaxed) {
                let now = counted(all.counter);
                assert!((before..=rounds).contains(&now), "{now} after {before}");
                before = now;
            }
        });
        for _ in 0..rounds {
            let capture = Capture::begin(None).unwrap();
            let entered = enter(&capture);
            all.record(1);
            drop(entered);
            drop(capture);
        }
        is_done.store(true, Relaxed);
        reading.join().unwrap();
    });
    assert_eq!(counted(all.counter), rounds);
}

#[test]
fn an_inner_capture_is_part_of_the_outer_one_and_its_gauges_are_seen_on_the_way() {
    let all = All::new();
    let outer = Capture::begin(None).unwrap();
    let in_outer = enter(&outer);
    all.record(1);
    assert!(set_gauge(all.gauge, 10.0));
    let inner = Capture::begin(None).unwrap();
    let in_inner = enter(&inner);
    all.record(2);
    raise_total(all.counter, 100);
    assert_eq!(all.totals().gauge, 12.0);
    drop(in_inner);
    let seen = Totals::seen(&inner.end(&all.requests()));
    assert_eq!((seen.counter, seen.gauge, seen.values), (100, 2.0, 1));
    drop(in_outer);
    // The inner one raised it from 2 to 100; with the outer one's own it was 3 by then.
    let seen = Totals::seen(&outer.end(&all.requests()));
    assert_eq!((seen.counter, seen.gauge, seen.values, seen.samples), (100, 12.0, 2, 2));
    assert_eq!(all.totals(), Totals { gauge: 12.0, ..Totals::records(1, 1).with(2) });
}

impl Totals {
    /// With one more record.
    fn with(self, amount: u64) -> Totals {
        let more = Totals::records(1, amount);
        Totals {
            counter: self.counter + more.counter,
            gauge: self.gauge + more.gauge,
            sum: self.sum + more.sum,
            values: self.values + more.values,
            ticks: self.ticks + more.ticks,
            samples: self.samples + more.samples,
        }
    }
}

#[test]
fn who_records_beyond_the_end_is_cut_there_and_loses_nothing() {
    let all = All::new();
    let capture = Capture::begin(None).unwrap();
    let membership = capture.membership();
    let (to_worker, orders) = mpsc::channel();
    let (done, is_done) = mpsc::channel();
    let worker = thread::spawn(move || {
        let entered = membership.enter().unwrap().unwrap();
        for amount in orders {
            all.record(amount);
            done.send(()).unwrap();
        }
        drop(entered);
        assert!(membership.enter().unwrap().is_none());
    });
    let order = |amount: u64| {
        to_worker.send(amount).unwrap();
        is_done.recv().unwrap();
    };
    order(1);
    order(2);
    let seen = capture.end(&all.requests());
    assert_eq!(Totals::seen(&seen), Totals::records(1, 1).with(2));
    order(4);
    assert_eq!(all.totals(), Totals::records(1, 1).with(2).with(4));
    drop(to_worker);
    worker.join().unwrap();
    assert_eq!(all.totals(), Totals::records(1, 1).with(2).with(4));
}

#[test]
fn a_shard_that_was_given_back_is_blank_again() {
    let all = All::new();
    let mut shards = Vec::new();
    for amount in 1..=20 {
        let capture = Capture::begin(None).unwrap();
        let entered = enter(&capture);
        all.record(amount);
        shards.push(entered.shard);
        drop(entered);
        let seen = capture.end(&all.requests());
        assert_eq!(Totals::seen(&seen), Totals::records(1, amount));
    }
    // Other tests have captures at the same time.
    shards.sort_unstable();
    shards.dedup();
    assert!(shards.len() < 20, "{shards:?}");
    assert_eq!(read_one(Request::Counter(all.counter)), Reading::Counter((1..=20).sum()));
}

#[test]
fn threads_without_a_shard_of_their_own_are_captured_and_give_back_to_the_shared_one() {
    struct AtEnd(All);
    impl Drop for AtEnd {
        fn drop(&mut self) {
            let capture = Capture::begin(None).unwrap();
            let entered = enter(&capture);
            self.0.record(3);
            drop(entered);
            let seen = capture.end(&self.0.requests());
            assert_eq!(Totals::seen(&seen), Totals::records(1, 3));
        }
    }
    thread_local!(static AT_END: Cell<Option<AtEnd>> = const { Cell::new(None) });
    let all = All::new();
    // Destroyed after the shard was given back: it was made first.
    let thread = thread::spawn(move || {
        AT_END.set(Some(AtEnd(all)));
        all.record(1);
    });
    thread.join().unwrap();
    assert_eq!(all.totals(), Totals::records(1, 1).with(3));
}

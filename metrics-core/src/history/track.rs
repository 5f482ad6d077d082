//! The past of one series: what it held at the last tick, and its entries in every ring.

use crate::arena::{self, Reading, Request, Tally};
use crate::history::axis::Nanos;
use crate::history::levels::{Edges, LevelLog, Levels};
use crate::history::log::{Log, put, take};
use crate::history::ring::{Mark, Merge, RINGS, RingNumber, Run, TimeLine};
use crate::history::spread::{Added, Growth, Spread, growth, put_difference};
use crate::registry::Series;
use crate::snapshot::Found;

#[derive(Debug)]
pub(super) struct Track {
    pub(super) series: &'static Series,
    /// What it held at the last tick that saw something new.
    before: Reading,
    resets: u32,
    /// Since when it is known.
    pub(super) since: Mark,
    /// The last tick that saw something new.
    pub(super) updated: Option<Nanos>,
    past: Past,
}

/// The entries in each ring, the finest first, by what a series adds up.
#[derive(Debug)]
enum Past {
    Counts([Log; RINGS]),
    Levels(Box<[LevelLog; RINGS]>),
    Spreads([Log; RINGS]),
}

/// Room for what is put together, used again from series to series.
#[derive(Debug, Default)]
pub(super) struct Scratch {
    pub(super) out: Vec<u8>,
    spread: Spread,
}

/// The value of a gauge; None where there is none.
pub(super) fn level(now: &Found) -> Option<f64> {
    match &now.reading {
        Reading::Gauge(level) if !now.is_out => Some(level.value()).filter(|value| !value.is_nan()),
        _ => None,
    }
}

impl Track {
    /// A series that is known since then, at which it held `before`.
    pub(super) fn new(series: &'static Series, since: Mark, before: Reading, resets: u32) -> Track {
        let past = match series.request() {
            Request::Counter(_) => Past::Counts(Default::default()),
            Request::Gauge(_) => Past::Levels(Box::default()),
            Request::Histogram(_) | Request::Timer(_) => Past::Spreads(Default::default()),
        };
        Track { series, before, resets, since, updated: None, past }
    }

    /// A series that is new since then. What somebody else [kept](crate::Counter::absolute) of it before is no increase:
    /// nobody knows since when that has grown.
    pub(super) fn of_new(now: &Found, since: Mark) -> Track {
        let before = match (&now.reading, now.series.request()) {
            (Reading::Counter(total), Request::Counter(slot)) => {
                // It may have been raised since it was read.
                Reading::Counter(arena::absolute_base(slot).min(*total))
            }
            (_, request) => request.nothing(),
        };
        Track::new(now.series, since, before, now.resets)
    }

    /// Takes down what it did in a slot of the finest ring.
    pub(super) fn tick(&mut self, slot: u32, to: Nanos, now: Found, out: &mut Vec<u8>) {
        out.clear();
        let is_new = match &mut self.past {
            Past::Counts(logs) => {
                let increase = increase(&now, &self.before, self.resets);
                if increase > 0 {
                    put(out, increase);
                    logs[0].push(slot, out);
                }
                increase > 0
            }
            Past::Levels(logs) => {
                let level = level(&now);
                let is_new = self.before.fingerprint() != now.reading.fingerprint();
                logs[0].push_value(slot, level, out);
                is_new
            }
            Past::Spreads(logs) => {
                let (Some(tally), Some(before)) = (tally(&now.reading), tally(&self.before)) else {
                    return;
                };
                let is_timer = matches!(now.reading, Reading::Timer(_));
                let before = match since_reset(now.resets != self.resets, tally, before) {
                    // What is not in a cell yet is left for the next tick, sums included.
                    Growth::None => return,
                    Growth::Some => Some(before),
                    Growth::Reset => None,
                };
                let is_new = put_difference(out, is_timer, tally, before);
                if is_new {
                    logs[0].push(slot, out);
                }
                is_new
            }
        };
        if is_new {
            self.updated = Some(to);
        }
        self.before = now.reading;
        self.resets = now.resets;
    }

    /// Puts slots of a finer ring together.
    pub(super) fn merge(
        &mut self,
        ring: RingNumber,
        merge: &Merge,
        line: &TimeLine,
        Scratch { out, spread }: &mut Scratch,
    ) {
        out.clear();
        let made_of = Run { ring: ring - 1, slots: merge.made_of.clone() };
        match &mut self.past {
            Past::Counts(logs) => {
                let entries = counts(logs, &made_of);
                let sum = entries.fold(0, |sum: u64, (_, count)| sum.saturating_add(count));
                if sum > 0 {
                    put(out, sum);
                    logs[ring].push(merge.number, out);
                }
            }
            Past::Levels(logs) => {
                let mut levels = Levels::default();
                gather_levels(logs, &made_of, line, &mut levels);
                let ticks = ticks_of(line, ring, merge.number);
                logs[ring].push(merge.number, &levels, ticks, out);
            }
            Past::Spreads(logs) => {
                if !put_together(self.series, logs, &made_of, spread, out) {
                    return;
                }
                logs[ring].push(merge.number, out);
            }
        }
    }

    /// Forgets the entries of a ring before the slot `first`.
    pub(super) fn forget(&mut self, ring: RingNumber, first: u32) {
        match &mut self.past {
            Past::Counts(logs) | Past::Spreads(logs) => {
                while logs[ring].forget_one(first, |_| {}) {}
            }
            Past::Levels(logs) => while logs[ring].forget_one(first) {},
        }
    }

    /// Gives back the room that a ring does not use.
    pub(super) fn shrink(&mut self, ring: RingNumber) {
        match &mut self.past {
            Past::Counts(logs) | Past::Spreads(logs) => logs[ring].shrink(),
            Past::Levels(logs) => logs[ring].shrink(),
        }
    }

    /// What it takes, in bytes.
    pub(super) fn bytes(&self) -> usize {
        let apart = match &self.past {
            Past::Counts(_) | Past::Spreads(_) => 0,
            Past::Levels(logs) => size_of_val(&**logs),
        };
        let before =
            tally(&self.before).map_or(0, |tally| tally.counts.capacity() * size_of::<u64>());
        size_of::<Track>() + apart + before + self.past_bytes()
    }

    /// The part of it that the entries take.
    pub(super) fn past_bytes(&self) -> usize {
        match &self.past {
            Past::Counts(logs) | Past::Spreads(logs) => logs.iter().map(Log::bytes).sum(),
            Past::Levels(logs) => logs.iter().map(LevelLog::bytes).sum(),
        }
    }

    /// By how much a counter grew in the slots of a run, and since the last tick. Slots in which it did
    /// not are not among them.
    pub(super) fn increases(&self, run: &Run) -> impl Iterator<Item = (u32, u64)> {
        let logs = match &self.past {
            Past::Counts(logs) => Some(logs),
            _ => None,
        };
        logs.into_iter().flat_map(|logs| counts(logs, run))
    }

    /// By how much a counter grew since the last tick.
    pub(super) fn increase_since(&self, now: &Found) -> u64 {
        increase(now, &self.before, self.resets)
    }

    /// Adds what a gauge showed at the ticks of a run.
    pub(super) fn gather_levels(
        &self,
        run: &Run,
        line: &TimeLine,
        into: &mut Levels,
    ) -> Option<Edges> {
        match &self.past {
            Past::Levels(logs) => Some(gather_levels(logs, run, line, into)),
            _ => None,
        }
    }

    /// Adds what a distribution took in the slots of a run.
    pub(super) fn gather_spread(&self, run: &Run, into: &mut Spread) {
        if let Past::Spreads(logs) = &self.past {
            for (_, payload) in logs[run.ring].entries(run.slots.clone()) {
                into.add_payload(payload);
            }
        }
    }

    /// Adds what a distribution took since the last tick.
    pub(super) fn spread_since(&self, now: &Found, into: &mut Spread) {
        if let (Some(tally), Some(before)) = (tally(&now.reading), tally(&self.before)) {
            match since_reset(now.resets != self.resets, tally, before) {
                Growth::None => {}
                Growth::Some => into.add_difference(tally, Some(before)),
                Growth::Reset => into.add_difference(tally, None),
            }
        }
    }

    /// Adds up what was counted or recorded in the slots of a run; nothing of a gauge.
    pub(super) fn add_up(&self, run: &Run, into: &mut Added) {
        match &self.past {
            Past::Counts(logs) => {
                into.count = counts(logs, run)
                    .fold(into.count, |sum, (_, increase)| sum.saturating_add(increase));
            }
            Past::Levels(_) => {}
            Past::Spreads(logs) => {
                let is_timer = matches!(self.series.request(), Request::Timer(_));
                for (_, payload) in logs[run.ring].entries(run.slots.clone()) {
                    into.add_payload(is_timer, payload);
                }
            }
        }
    }

    /// The same for what came since the last tick.
    pub(super) fn add_up_since(&self, now: &Found, into: &mut Added) {
        let (Some(tally), Some(before)) = (tally(&now.reading), tally(&self.before)) else {
            into.count = into.count.saturating_add(self.increase_since(now));
            return;
        };
        match since_reset(now.resets != self.resets, tally, before) {
            Growth::None => {}
            Growth::Some => into.add_difference(tally, Some(before)),
            Growth::Reset => into.add_difference(tally, None),
        }
    }

    /// True if something new came since the last tick.
    pub(super) fn is_new(&self, now: &Found) -> bool {
        match (tally(&now.reading), tally(&self.before)) {
            (Some(tally), Some(before)) => growth(tally, before) != Growth::None,
            // Bit by bit, as a number that is none differs from itself.
            _ => now.reading.fingerprint() != self.before.fingerprint(),
        }
    }
}

fn increase(now: &Found, before: &Reading, resets: u32) -> u64 {
    match (&now.reading, before) {
        (Reading::Counter(total), Reading::Counter(before)) if now.resets == resets => {
            // A total that shrank all the same is that of a counter that began anew.
            total.checked_sub(*before).unwrap_or(*total)
        }
        (Reading::Counter(total), _) => *total,
        _ => 0,
    }
}

/// What came, where it is known whether there was a reset.
fn since_reset(was_reset: bool, now: &Tally, before: &Tally) -> Growth {
    if was_reset { Growth::Reset } else { growth(now, before) }
}

fn tally(reading: &Reading) -> Option<&Tally> {
    match reading {
        Reading::Histogram(tally) | Reading::Timer(tally) => Some(tally),
        Reading::Counter(_) | Reading::Gauge(_) => None,
    }
}

/// Writes the sum of the entries of a run; false where there is none.
fn put_together(
    series: &'static Series,
    logs: &[Log; RINGS],
    run: &Run,
    spread: &mut Spread,
    out: &mut Vec<u8>,
) -> bool {
    let mut entries = logs[run.ring].entries(run.slots.clone()).peekable();
    let Some((_, first)) = entries.next() else { return false };
    if entries.peek().is_none() {
        // The sum of one is that one.
        out.extend_from_slice(first);
        return true;
    }
    begin_spread(series, spread);
    spread.add_payload(first);
    entries.for_each(|(_, payload)| {
        spread.add_payload(payload);
    });
    spread.put(out)
}

/// Lets a spread begin for what a series takes.
pub(super) fn begin_spread(series: &'static Series, spread: &mut Spread) {
    spread.begin(matches!(series.request(), Request::Timer(_)));
}

fn counts<'a>(logs: &'a [Log; RINGS], run: &Run) -> impl Iterator<Item = (u32, u64)> + 'a {
    let entries = logs[run.ring].entries(run.slots.clone());
    entries.map(|(slot, mut payload)| (slot, take(&mut payload).unwrap_or(0)))
}

fn gather_levels(logs: &[LevelLog; RINGS], run: &Run, line: &TimeLine, into: &mut Levels) -> Edges {
    logs[run.ring].gather(run.slots.clone(), |slot| ticks_of(line, run.ring, slot), into)
}

fn ticks_of(line: &TimeLine, ring: RingNumber, slot: u32) -> u64 {
    line.slot(ring, slot).map_or(0, |slot| u64::from(slot.ticks))
}

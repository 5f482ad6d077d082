//! The time line that all series share: slots between ticks, in three rings of falling resolution.
//!
//! Every ring is a row of slots without a hole: each begins at the tick at which the one before ended. The
//! finest has a slot for each tick. When a tick reaches or crosses a border of the next coarser grid, the
//! slots since the last such tick become one slot of that ring. So each slot of a coarser ring is made of whole
//! slots of the finer one, and a window can be put together from slots of any ring, exactly.
//!
//! A ring forgets its oldest slots in whole slots of the next coarser ring: where it begins, that one has a
//! border, too.

use std::collections::VecDeque;
use std::ops::Range;
use std::time::Duration;

use super::axis::{Nanos, Step, nanos_of};

pub(super) const RINGS: usize = 3;

/// Which ring, the finest first.
pub(super) type RingNumber = usize;

/// The time that a slot of each ring spans, and how far it reaches back: the finest as far as its first
/// number, with the interval of ticks; the coarsest as far as the retention.
const COARSER: [Duration; RINGS - 1] = [Duration::from_secs(10), Duration::from_secs(60)];
const KEPT: [Duration; RINGS - 1] = [Duration::from_secs(300), Duration::from_secs(3_600)];

/// What lies between two borders of a ring.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Slot {
    /// Where it begins.
    pub(super) after: Nanos,
    pub(super) to: Nanos,
    /// How much of that the process was watched.
    pub(super) covered: Nanos,
    /// How many ticks there were, the last of them at its end.
    pub(super) ticks: u32,
}

#[derive(Debug)]
struct Ring {
    /// A slot ends where a tick reaches the next multiple of this.
    grid: Nanos,
    /// How far it reaches back.
    keep: Nanos,
    /// The number of the oldest slot.
    first: u32,
    slots: VecDeque<Slot>,
    /// Where the newest slot ended, also where that is forgotten.
    end: Option<Nanos>,
    /// The slots of the next finer ring from this number on are not in a slot of this ring yet.
    unmerged: u32,
}

impl Ring {
    fn next(&self) -> u32 {
        self.first + self.slots.len() as u32
    }

    /// Where the oldest slot begins; where all are forgotten, where the next one will.
    fn begin(&self) -> Option<Nanos> {
        self.slots.front().map(|slot| slot.after).or(self.end)
    }

    fn push(&mut self, slot: Slot) {
        self.end = Some(slot.to);
        self.slots.push_back(slot);
    }

    /// The last border that is not after a moment.
    fn border(&self, at: Nanos) -> Option<Nanos> {
        let begin = self.begin().filter(|begin| *begin <= at)?;
        match self.slots.partition_point(|slot| slot.to <= at).checked_sub(1) {
            Some(place) => Some(self.slots[place].to),
            None => Some(begin),
        }
    }

    /// The first border that is not before a moment.
    fn border_from(&self, at: Nanos) -> Option<Nanos> {
        let begin = self.begin().filter(|begin| *begin <= at)?;
        if begin == at {
            return Some(begin);
        }
        self.slots.get(self.slots.partition_point(|slot| slot.to < at)).map(|slot| slot.to)
    }

    fn slot(&self, number: u32) -> Option<&Slot> {
        self.slots.get(number.checked_sub(self.first)? as usize)
    }
}

/// A border, and how much was watched from the beginning up to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Mark {
    pub(super) at: Nanos,
    watched: Nanos,
}

/// Slots of one ring that follow each other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Run {
    pub(super) ring: RingNumber,
    pub(super) slots: Range<u32>,
}

/// Slots that make up a span of time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Cover {
    /// In the order of time.
    pub(super) runs: Vec<Run>,
    pub(super) after: Nanos,
    pub(super) to: Nanos,
    pub(super) covered: Nanos,
}

/// Which ring's slots a span is made of where several have it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Prefer {
    /// Few slots: what is added up is the same in all rings.
    Coarse,
    /// Many: what differs from slot to slot counts.
    Fine,
}

#[derive(Debug)]
pub(super) struct TimeLine {
    rings: [Ring; RINGS],
    /// Where it begins.
    begin: Nanos,
    /// How much was watched since then.
    watched: Nanos,
}

impl TimeLine {
    pub(super) fn new(begin: Nanos, interval: Nanos, retention: Duration) -> TimeLine {
        let grids = [interval, nanos_of(COARSER[0]), nanos_of(COARSER[1])];
        let keep = [nanos_of(KEPT[0]), nanos_of(KEPT[1]), nanos_of(retention)];
        let ring = |number: usize| Ring {
            grid: grids[number],
            keep: keep[number].min(keep[RINGS - 1]),
            first: 0,
            slots: VecDeque::new(),
            end: None,
            unmerged: 0,
        };
        TimeLine { rings: [ring(0), ring(1), ring(2)], begin, watched: 0 }
    }

    /// Adds the slot of a tick. Returns, for each coarser ring that gets a slot by it, the number of that
    /// slot and of those of the next finer ring that it is made of.
    pub(super) fn push(&mut self, step: Step) -> (u32, [Option<Merge>; RINGS - 1]) {
        let number = self.rings[0].next();
        let Step { after, to, covered } = step;
        self.rings[0].push(Slot { after, to, covered, ticks: 1 });
        self.watched += covered;
        let mut merges = [const { None }; RINGS - 1];
        for (merge, place) in merges.iter_mut().zip(1..) {
            *merge = self.close(place, step.to);
            if merge.is_none() {
                break;
            }
        }
        (number, merges)
    }

    /// Closes the open slot of a coarser ring if a tick reached a border of its grid.
    fn close(&mut self, place: RingNumber, to: Nanos) -> Option<Merge> {
        let (finer, coarser) = self.rings.split_at_mut(place);
        let (finer, ring) = (finer.last()?, coarser.first_mut()?);
        let after = ring.end.unwrap_or(self.begin);
        if after / ring.grid == to / ring.grid {
            return None;
        }
        let made_of = ring.unmerged..finer.next();
        let mut whole = Slot { after, to, covered: 0, ticks: 0 };
        for part in made_of.clone().filter_map(|number| finer.slot(number)) {
            whole.covered += part.covered;
            whole.ticks += part.ticks;
        }
        ring.unmerged = made_of.end;
        let number = ring.next();
        ring.push(whole);
        Some(Merge { number, made_of })
    }

    /// Forgets what every ring keeps no longer.
    pub(super) fn expire(&mut self, now: Nanos) {
        for place in 0..RINGS {
            let limit = now.saturating_sub(self.rings[place].keep);
            self.forget_until(place, limit);
        }
    }

    /// Forgets the oldest quarter of a ring, but nothing that is not in a slot of the next coarser ring yet.
    /// Returns how many slots that was.
    pub(super) fn thin(&mut self, place: RingNumber) -> u64 {
        let ring = &self.rings[place];
        let before = ring.slots.len();
        // The newest slot always stays.
        let most = before.saturating_sub(1).min(before.div_ceil(4));
        let Some(limit) = most.checked_sub(1).and_then(|last| ring.slots.get(last)) else {
            return 0;
        };
        let mut limit = limit.to;
        if let Some(coarser) = self.rings.get(place + 1) {
            // At least one whole slot of the next coarser ring, if there is one.
            let first = coarser.slots.iter().find(|slot| slot.to > ring.begin().unwrap_or(0));
            limit = limit.max(first.map_or(0, |slot| slot.to));
        }
        self.forget_until(place, limit);
        (before - self.rings[place].slots.len()) as u64
    }

    /// Forgets the slots of a ring up to the last border of the next coarser ring that is not after `limit`.
    fn forget_until(&mut self, place: RingNumber, limit: Nanos) {
        let limit = match self.rings.get(place + 1) {
            // What the coarser ring holds already is in it whole.
            Some(coarser) => coarser.border(limit),
            None => Some(limit),
        };
        let ring = &mut self.rings[place];
        let gone = ring.slots.partition_point(|slot| Some(slot.to) <= limit);
        ring.slots.drain(..gone);
        ring.first += gone as u32;
    }

    /// The number of the oldest slot of a ring.
    pub(super) fn first(&self, place: RingNumber) -> u32 {
        self.rings[place].first
    }

    pub(super) fn slot(&self, place: RingNumber, number: u32) -> Option<&Slot> {
        self.rings[place].slot(number)
    }

    /// How many slots there are, in each ring.
    pub(super) fn lengths(&self) -> [usize; RINGS] {
        [0, 1, 2].map(|place| self.rings[place].slots.len())
    }

    /// Where the oldest slot of all begins.
    pub(super) fn oldest(&self) -> Nanos {
        let begins = self.rings.iter().filter_map(Ring::begin);
        begins.min().unwrap_or(self.begin)
    }

    /// The last tick; where there was none, the beginning.
    pub(super) fn last(&self) -> Nanos {
        self.rings[0].end.unwrap_or(self.begin)
    }

    /// How much was watched since the beginning, up to the last tick.
    pub(super) fn watched(&self) -> Nanos {
        self.watched
    }

    /// The last tick, to be measured from later.
    pub(super) fn mark(&self) -> Mark {
        Mark { at: self.last(), watched: self.watched }
    }

    /// How much was watched from a border that is still known to a later mark.
    pub(super) fn watched_until(&self, border: Nanos, mark: Mark) -> Nanos {
        let since = self.cover(border, self.last(), Prefer::Coarse).covered;
        (mark.watched + since).saturating_sub(self.watched)
    }

    /// The last border not after a moment, of the finest ring that reaches back so far; the oldest border of
    /// all for moments before it.
    pub(super) fn border(&self, at: Nanos) -> Nanos {
        self.rings.iter().find_map(|ring| ring.border(at)).unwrap_or_else(|| self.oldest())
    }

    /// The first border not before a moment, of the finest ring that reaches back so far; the oldest border of all for
    /// moments before it, and the last tick for those after that.
    pub(super) fn border_from(&self, at: Nanos) -> Nanos {
        let found = self.rings.iter().find(|ring| ring.begin().is_some_and(|begin| begin <= at));
        let border = found.map(|ring| ring.border_from(at).unwrap_or_else(|| self.last()));
        border.unwrap_or_else(|| self.oldest())
    }

    /// The slots from the last border that is not after `after` to the last that is not after `until`.
    pub(super) fn cover(&self, after: Nanos, until: Nanos, prefer: Prefer) -> Cover {
        let (begin, end) = (self.border(after), self.border(until));
        let mut cover = Cover { runs: Vec::new(), after: begin, to: begin, covered: 0 };
        while cover.to < end {
            let fits = |ring: &RingNumber| Some((*ring, self.beginning_at(*ring, cover.to, end)?));
            let found = match prefer {
                Prefer::Coarse => (0..RINGS).rev().find_map(|ring| fits(&ring)),
                Prefer::Fine => (0..RINGS).find_map(|ring| fits(&ring)),
            };
            let Some((ring, number)) = found else { break };
            let until = match prefer {
                Prefer::Coarse => cover.to + 1,
                // A finer ring goes on where it begins.
                Prefer::Fine => {
                    self.rings[..ring].iter().filter_map(Ring::begin).fold(end, Nanos::min)
                }
            };
            let slots =
                self.rings[ring].slots.iter().skip((number - self.rings[ring].first) as usize);
            let mut run = Run { ring, slots: number..number };
            for slot in slots {
                if slot.to > end || (cover.to >= until && !run.slots.is_empty()) {
                    break;
                }
                cover.to = slot.to;
                cover.covered += slot.covered;
                run.slots.end += 1;
            }
            match cover.runs.last_mut() {
                Some(last) if last.ring == ring && last.slots.end == number => {
                    last.slots.end = run.slots.end;
                }
                _ => cover.runs.push(run),
            }
        }
        cover
    }

    /// The number of the slot of a ring that begins here and ends no later than `end`.
    fn beginning_at(&self, ring: RingNumber, at: Nanos, end: Nanos) -> Option<u32> {
        let ring = &self.rings[ring];
        let place = ring.slots.partition_point(|slot| slot.after < at);
        let slot = ring.slots.get(place).filter(|slot| slot.after == at && slot.to <= end);
        slot.map(|_| ring.first + place as u32)
    }

    /// What the slots take, in bytes.
    pub(super) fn bytes(&self) -> usize {
        let slots: usize = self.rings.iter().map(|ring| ring.slots.capacity()).sum();
        slots * size_of::<Slot>()
    }
}

/// A new slot of a coarser ring.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Merge {
    pub(super) number: u32,
    /// Of the next finer ring.
    pub(super) made_of: Range<u32>,
}

#[cfg(test)]
mod tests;

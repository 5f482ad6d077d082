//! What a gauge showed at the ticks of a span of time.
//!
//! Its values are kept like those of a histogram, with a sign: base-2 exponential cells at schema 5, so that
//! a quantile is as near as one of a histogram, whatever ticks are put together.

use std::ops::Range;

use crate::bucket::Layout;
use crate::history::log::{Log, put, put_f64, put_signed, take, take_f64, take_signed};
use crate::snapshot::rank;

/// The cells of magnitudes.
static LAYOUT: Layout = Layout::histogram();

/// The values of a gauge at some ticks.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Levels {
    /// How many ticks saw a value.
    pub(super) ticks: u64,
    pub(super) first: f64,
    pub(super) last: f64,
    pub(super) min: f64,
    pub(super) max: f64,
    pub(super) sum: f64,
    /// Ascending: cells of magnitudes, those of negative values as negative numbers.
    cells: Vec<(i32, u64)>,
}

impl Levels {
    /// Adds a value that so many ticks saw.
    pub(super) fn add(&mut self, value: f64, ticks: u64) {
        if ticks == 0 {
            return;
        }
        let all = Levels {
            ticks,
            first: value,
            last: value,
            min: value,
            max: value,
            sum: value * ticks as f64,
            cells: Vec::new(),
        };
        self.add_numbers(&all);
        self.add_cell(cell_of(value), ticks);
    }

    /// Adds those of later ticks.
    fn add_all(&mut self, later: &Levels) {
        if later.ticks > 0 {
            self.add_numbers(later);
            later.cells.iter().for_each(|(cell, count)| self.add_cell(*cell, *count));
        }
    }

    fn add_numbers(&mut self, later: &Levels) {
        if self.ticks == 0 {
            (self.first, self.min, self.max) = (later.first, later.min, later.max);
        }
        self.ticks += later.ticks;
        self.last = later.last;
        self.min = self.min.min(later.min);
        self.max = self.max.max(later.max);
        self.sum += later.sum;
    }

    fn add_cell(&mut self, cell: i32, count: u64) {
        match self.cells.binary_search_by_key(&cell, |(cell, _)| *cell) {
            Ok(place) => self.cells[place].1 += count,
            Err(place) => self.cells.insert(place, (cell, count)),
        }
    }

    /// The values and how many ticks saw each, ascending: the middles of their cells, within the extremes.
    pub(super) fn values(&self) -> impl Iterator<Item = (f64, u64)> {
        self.cells.iter().map(|(cell, count)| (middle(*cell).clamp(self.min, self.max), *count))
    }

    /// The mean of the values; there is one.
    pub(super) fn mean(&self) -> f64 {
        (self.sum / self.ticks as f64).clamp(self.min, self.max)
    }

    /// The value of rank `ceil(q * ticks)`, at least 1: the first and the last are exact, any other is the middle of
    /// its cell.
    pub(super) fn quantile(&self, q: f64) -> Option<f64> {
        let rank = rank(q, self.ticks);
        if rank == 1 || rank == self.ticks {
            let extreme = if rank == 1 { self.min } else { self.max };
            return (self.ticks > 0).then_some(extreme);
        }
        let mut below = 0;
        let holds_rank = |(_, ticks): &(f64, u64)| {
            below += ticks;
            below >= rank
        };
        self.values().find(holds_rank).map(|(value, _)| value)
    }

    /// True where all ticks saw one value.
    fn is_constant(&self) -> bool {
        self.min == self.max
    }

    fn put(&self, out: &mut Vec<u8>) {
        put(out, self.ticks << 1 | u64::from(!self.is_constant()));
        put_f64(out, self.last);
        if self.is_constant() {
            return;
        }
        for number in [self.first, self.min, self.max, self.sum] {
            put_f64(out, number);
        }
        let mut before = 0;
        for (cell, count) in &self.cells {
            put_signed(out, i64::from(cell - before));
            put(out, *count);
            before = *cell;
        }
    }

    fn take(mut payload: &[u8]) -> Option<Levels> {
        let from = &mut payload;
        let head = take(from)?;
        let (ticks, last) = (head >> 1, take_f64(from)?);
        let mut levels = Levels::default();
        if head & 1 == 0 {
            levels.add(last, ticks);
            return Some(levels);
        }
        let [first, min, max, sum] =
            [take_f64(from)?, take_f64(from)?, take_f64(from)?, take_f64(from)?];
        let mut cell = 0;
        while !from.is_empty() {
            cell += take_signed(from)? as i32;
            levels.cells.push((cell, take(from)?));
        }
        Some(Levels { ticks, first, last, min, max, sum, ..levels })
    }
}

/// What an entry left.
fn last_of(mut payload: &[u8]) -> Option<f64> {
    take(&mut payload)?;
    take_f64(&mut payload)
}

fn cell_of(value: f64) -> i32 {
    // Infinities have the cell of what is above the range.
    let magnitude = value.abs().min(f64::MAX);
    let cell = LAYOUT.cell(magnitude).unwrap_or(1) as i32;
    if value < 0.0 { -cell } else { cell }
}

/// The value that stands for those of a cell.
fn middle(cell: i32) -> f64 {
    let (lower, upper) = LAYOUT.cell_bounds(cell.unsigned_abs());
    let magnitude = if lower == 0.0 { 0.0 } else { lower.sqrt() * upper.sqrt() };
    if cell < 0 { -magnitude } else { magnitude }
}

/// How some slots of a gauge begin and end.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Edges {
    /// What it was before them; None where it was not there.
    pub(super) before: Option<f64>,
    /// The first slot that has an entry with values, and how many of its ticks saw one.
    pub(super) first: Option<(u32, u64)>,
    /// What they left.
    pub(super) after: Option<f64>,
}

/// The entries of a gauge in one ring. A slot without one is as the last entry before it left the gauge: with
/// that value at all ticks, or without any.
#[derive(Debug, Default)]
pub(super) struct LevelLog {
    log: Log,
    /// What the entries that are gone left.
    base: Option<f64>,
    /// What all entries left.
    last: Option<f64>,
}

impl LevelLog {
    /// Adds what a slot's tick saw.
    pub(super) fn push_value(&mut self, slot: u32, value: Option<f64>, out: &mut Vec<u8>) {
        let mut levels = Levels::default();
        if let Some(value) = value {
            levels.add(value, 1);
        }
        self.push(slot, &levels, 1, out);
    }

    /// Adds what the ticks of a slot saw, of which there were so many.
    pub(super) fn push(&mut self, slot: u32, levels: &Levels, ticks: u64, out: &mut Vec<u8>) {
        let is_as_before = match self.last {
            Some(last) => levels.ticks == ticks && levels.is_constant() && levels.last == last,
            None => levels.ticks == 0,
        };
        if is_as_before {
            return;
        }
        out.clear();
        if levels.ticks > 0 {
            levels.put(out);
        }
        self.log.push(slot, out);
        // A gauge that left within the slot is taken for one that stays until the next entry says otherwise.
        self.last = (levels.ticks > 0).then_some(levels.last);
    }

    /// Forgets the oldest entry if its slot is before `first`.
    pub(super) fn forget_one(&mut self, first: u32) -> bool {
        let base = &mut self.base;
        self.log.forget_one(first, |payload| *base = last_of(payload))
    }

    pub(super) fn shrink(&mut self) {
        self.log.shrink();
    }

    pub(super) fn bytes(&self) -> usize {
        self.log.bytes()
    }

    /// Adds what the ticks of some slots saw; `ticks` says how many a slot has.
    pub(super) fn gather(
        &self,
        slots: Range<u32>,
        ticks: impl Fn(u32) -> u64,
        into: &mut Levels,
    ) -> Edges {
        let before = self.log.last_before(slots.start).map_or(self.base, last_of);
        let (mut left, mut next) = (before, slots.start);
        let mut first = None;
        let fill = |into: &mut Levels, left: Option<f64>, slots: Range<u32>| {
            if let Some(value) = left.filter(|_| !slots.is_empty()) {
                into.add(value, slots.map(&ticks).sum());
            }
        };
        for (slot, payload) in self.log.entries(slots.clone()) {
            fill(into, left, next..slot);
            if let Some(levels) = Levels::take(payload) {
                into.add_all(&levels);
                first = first.or(Some((slot, levels.ticks)));
            }
            (left, next) = (last_of(payload), slot + 1);
        }
        fill(into, left, next..slots.end);
        Edges { before, first, after: left }
    }
}

#[cfg(test)]
mod tests;

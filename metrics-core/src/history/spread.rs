//! What a histogram, a timer or a summary took in a span of time: counts of cells, and sums.

use std::ops::Range;

use crate::arena::Tally;
use crate::history::log::{put, put_f64, take, take_f64, take_pair};

/// Counts by cell, and the sums beside them. Spans that follow each other are added.
#[derive(Debug, Default)]
pub(super) struct Spread {
    /// By cell, from the first on.
    counts: Vec<u64>,
    /// No other cells hold anything.
    touched: Range<usize>,
    /// Of a histogram.
    pub(super) sum: f64,
    /// Of a timer.
    pub(super) ticks: u64,
    pub(super) own_ticks: u64,
    is_timer: bool,
}

impl Spread {
    /// Begins anew, in the same memory.
    pub(super) fn begin(&mut self, is_timer: bool) {
        self.counts[self.touched.clone()].fill(0);
        self.touched = 0..0;
        (self.sum, self.ticks, self.own_ticks, self.is_timer) = (0.0, 0, 0, is_timer);
    }

    /// The same, in no more memory than it needs.
    pub(super) fn copy(&self) -> Spread {
        let touched = self.touched.clone();
        let mut counts = vec![0; touched.end];
        counts[touched.clone()].copy_from_slice(&self.counts[touched]);
        Spread { counts, touched: self.touched.clone(), ..*self }
    }

    /// The first cell that holds something, and the counts from there on.
    pub(super) fn into_counts(mut self) -> (u32, Vec<u64>) {
        self.counts.truncate(self.touched.end);
        self.counts.drain(..self.touched.start);
        (self.touched.start as u32, self.counts)
    }

    /// Adds cells in ascending order.
    #[inline]
    fn add(&mut self, cells: impl Iterator<Item = (usize, u64)>) {
        let (mut first, mut end) = (usize::MAX, 0);
        for (cell, count) in cells {
            if cell >= self.counts.len() {
                self.counts.resize(cell + 1, 0);
            }
            self.counts[cell] = self.counts[cell].saturating_add(count);
            (first, end) = (first.min(cell), cell + 1);
        }
        if self.touched.is_empty() {
            self.touched = first.min(end)..end;
        } else if first < end {
            self.touched = self.touched.start.min(first)..self.touched.end.max(end);
        }
    }

    /// Adds what an entry says.
    pub(super) fn add_payload(&mut self, mut payload: &[u8]) -> Option<()> {
        let from = &mut payload;
        if self.is_timer {
            self.ticks = self.ticks.saturating_add(take(from)?);
            self.own_ticks = self.own_ticks.saturating_add(take(from)?);
        } else {
            self.sum += take_f64(from)?;
        }
        let mut cell = 0;
        self.add(std::iter::from_fn(|| {
            let (distance, count) = take_pair(from)?;
            cell += distance as usize;
            Some((cell, count))
        }));
        Some(())
    }

    /// Adds what came between two readings. The caller has seen that [`differs`] says so.
    pub(super) fn add_difference(&mut self, now: &Tally, before: Option<&Tally>) {
        let sums = Sums::between(now, before);
        self.sum += sums.sum;
        self.ticks = self.ticks.saturating_add(sums.ticks);
        self.own_ticks = self.own_ticks.saturating_add(sums.own_ticks);
        let more = differences(now, before).filter(|(_, count)| *count > 0);
        self.add(more.map(|(cell, count)| (cell as usize, count)));
    }

    /// Writes it as an entry; false where there is nothing.
    pub(super) fn put(&self, out: &mut Vec<u8>) -> bool {
        let sums = Sums { sum: self.sum, ticks: self.ticks, own_ticks: self.own_ticks };
        let counts = &self.counts[self.touched.clone()];
        let cells = (self.touched.start as u32..).zip(counts.iter().copied());
        put_entry(out, self.is_timer, &sums, cells)
    }
}

/// What was recorded in a span of time, without its distribution: less work than a [`Spread`].
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Added {
    pub(super) count: u64,
    /// Of a histogram.
    pub(super) sum: f64,
    /// Of a timer.
    pub(super) ticks: u64,
}

impl Added {
    /// Adds what an entry says; nothing beyond what it has.
    pub(super) fn add_payload(&mut self, is_timer: bool, mut payload: &[u8]) -> Option<()> {
        let from = &mut payload;
        if is_timer {
            self.ticks = self.ticks.saturating_add(take(from)?);
            take(from)?;
        } else {
            self.sum += take_f64(from)?;
        }
        while let Some((_, count)) = take_pair(from) {
            self.count = self.count.saturating_add(count);
        }
        Some(())
    }

    /// Adds what came between two readings.
    pub(super) fn add_difference(&mut self, now: &Tally, before: Option<&Tally>) {
        let sums = Sums::between(now, before);
        self.sum += sums.sum;
        self.ticks = self.ticks.saturating_add(sums.ticks);
        self.count =
            differences(now, before).fold(self.count, |sum, (_, count)| sum.saturating_add(count));
    }
}

/// What a reading says beyond an earlier one of the same series.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Growth {
    None,
    Some,
    /// Some cell is smaller: it was reset in between, and all that is there is new.
    Reset,
}

/// Whether cells grew. The range of a reading only ever grows, but for resets.
pub(super) fn growth(now: &Tally, before: &Tally) -> Growth {
    let shift = before.first.wrapping_sub(now.first) as usize;
    let is_shorter = before.first < now.first || shift + before.counts.len() > now.counts.len();
    if is_shorter && before.counts.iter().any(|count| *count > 0) {
        return Growth::Reset;
    }
    // What the earlier one has not is all new.
    let (shift, earlier) = if is_shorter { (0, &[][..]) } else { (shift, &before.counts[..]) };
    let (below, rest) = now.counts.split_at(shift);
    let (within, above) = rest.split_at(earlier.len());
    let (mut is_more, mut is_less) = (false, false);
    for (count, earlier) in within.iter().zip(earlier) {
        is_more |= count > earlier;
        is_less |= count < earlier;
    }
    if is_less {
        return Growth::Reset;
    }
    let is_new = is_more || [below, above].into_iter().flatten().any(|count| *count > 0);
    if is_new { Growth::Some } else { Growth::None }
}

/// Writes what came between two readings as an entry; false where there is nothing.
pub(super) fn put_difference(
    out: &mut Vec<u8>,
    is_timer: bool,
    now: &Tally,
    before: Option<&Tally>,
) -> bool {
    put_entry(out, is_timer, &Sums::between(now, before), differences(now, before))
}

/// The sums of an entry.
struct Sums {
    sum: f64,
    ticks: u64,
    own_ticks: u64,
}

impl Sums {
    fn between(now: &Tally, before: Option<&Tally>) -> Sums {
        match before {
            Some(before) => Sums {
                sum: now.sum.since(before.sum).value(),
                ticks: now.ticks.saturating_sub(before.ticks),
                own_ticks: now.own_ticks.saturating_sub(before.own_ticks),
            },
            None => Sums { sum: now.sum.value(), ticks: now.ticks, own_ticks: now.own_ticks },
        }
    }
}

fn differences<'a>(
    now: &'a Tally,
    before: Option<&'a Tally>,
) -> impl Iterator<Item = (u32, u64)> + 'a {
    (now.first..).zip(&now.counts).map(move |(cell, count)| {
        (cell, count.saturating_sub(before.map_or(0, |before| count_of(before, cell))))
    })
}

fn count_of(tally: &Tally, cell: u32) -> u64 {
    let place = cell.wrapping_sub(tally.first) as usize;
    tally.counts.get(place).copied().unwrap_or(0)
}

/// The sums, and then each cell that holds something: how far it is from the one before, and its count.
fn put_entry(
    out: &mut Vec<u8>,
    is_timer: bool,
    sums: &Sums,
    cells: impl Iterator<Item = (u32, u64)>,
) -> bool {
    if is_timer {
        put(out, sums.ticks);
        put(out, sums.own_ticks);
    } else {
        put_f64(out, sums.sum);
    }
    let (mut last, mut is_any) = (0, false);
    for (cell, count) in cells.filter(|(_, count)| *count > 0) {
        put(out, u64::from(cell - last));
        put(out, count);
        (last, is_any) = (cell, true);
    }
    is_any
}

#[cfg(test)]
mod tests;

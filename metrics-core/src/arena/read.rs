//! Reading: totals of slots over all extents, while everybody goes on recording.
//!
//! Readers take turns and go through the extents in a fixed order. Every cell only grows (but for
//! gauges), and the pending sample of each shard is counted exactly once (see `epoch`); so no total
//! that a reader returns is below what an earlier one returned, and at rest all is exact.

use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::distribution::{Distribution, from_ascending, unpack};
use super::epoch::Sample;
use super::extent::{self, BASELINE, Base, FIRST_SHARD, SHARED, STATE};
use super::gauge::Level;
use super::patience::Patience;
use super::sum::Total;
use super::{capture, gauge, shard};

/// Readers take turns.
pub(super) static TURN: Mutex<()> = Mutex::new(());

pub(super) fn lock_turn() -> MutexGuard<'static, ()> {
    super::watch_forks();
    TURN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What to read.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Request<'a> {
    Counter(isize),
    Gauge(isize),
    Histogram(&'a Distribution),
    Timer(&'a Distribution),
}

impl Request<'_> {
    /// What is read where nothing was recorded.
    pub(crate) fn nothing(&self) -> Reading {
        match self {
            Request::Counter(_) => Reading::Counter(0),
            Request::Gauge(_) => Reading::Gauge(Level::default()),
            Request::Histogram(_) => Reading::Histogram(Tally::default()),
            Request::Timer(_) => Reading::Timer(Tally::default()),
        }
    }

    fn distribution(&self) -> Option<&Distribution> {
        match self {
            Request::Histogram(distribution) | Request::Timer(distribution) => Some(distribution),
            Request::Counter(_) | Request::Gauge(_) => None,
        }
    }

    /// The cells of a distribution that hold values between the raw extremes, both included.
    fn cells_of(&self, distribution: &Distribution, (max, min): (u64, u64)) -> (u32, u32) {
        let (low, high) = match self {
            Request::Timer(_) => (distribution.value_of(!min), distribution.value_of(max - 1)),
            _ => (from_ascending(!min), from_ascending(max)),
        };
        let cell = |value| distribution.layout().cell(value).unwrap_or(0);
        (cell(low), cell(high))
    }
}

/// What was read, in the order of the requests.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Reading {
    Counter(u64),
    Gauge(Level),
    Histogram(Tally),
    Timer(Tally),
}

impl Reading {
    /// True when nothing was recorded since the beginning, or since a rebase.
    pub(crate) fn is_untouched(&self) -> bool {
        match self {
            Reading::Counter(total) => *total == 0,
            Reading::Gauge(level) => level.set.is_none() && level.value() == 0.0,
            Reading::Histogram(tally) | Reading::Timer(tally) => {
                tally.counts.iter().all(|count| *count == 0)
            }
        }
    }

    /// A number that is another one after something was recorded, but for a gauge that has the same value again.
    /// 0 is that of nothing.
    pub(crate) fn fingerprint(&self) -> u64 {
        /// The bits of a number that no program sets a gauge to.
        const WAS_SET: u64 = f64::NAN.to_bits() ^ 0x7461_6368_6f67;
        match self {
            Reading::Counter(total) => *total,
            // A value that was set is told from nothing, also where it is zero.
            Reading::Gauge(level) => {
                level.value().to_bits() ^ if level.set.is_some() { WAS_SET } else { 0 }
            }
            // Each record is one more.
            Reading::Histogram(tally) | Reading::Timer(tally) => {
                tally.counts.iter().fold(0, |all, count| all.wrapping_add(*count))
            }
        }
    }
}

/// The totals of one distribution.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Tally {
    /// The sum of a histogram's values.
    pub(crate) sum: Total,
    /// The sum of a timer's samples, in ticks.
    pub(crate) ticks: u64,
    /// Of those, the ticks not spent in timed calls inside.
    pub(crate) own_ticks: u64,
    /// Raw cells; 0 is untouched.
    max: u64,
    min: u64,
    /// True when something was subtracted: the range is then that of the buckets.
    pub(crate) rebased: bool,
    /// The cell that `counts` begins at.
    pub(crate) first: u32,
    pub(crate) counts: Vec<u64>,
}

/// A reading, and the room that it needs. Who reads the same again and again keeps it, and nothing is allocated then.
#[derive(Debug, Default)]
pub(crate) struct Scan {
    /// In the order of the requests.
    pub(crate) readings: Vec<Reading>,
    /// The slots of the timers among them, sorted, and their places.
    timers: Vec<(isize, usize)>,
}

impl Scan {
    /// Reads the totals of all requests. A call from within the recorder's own work (an allocator that
    /// reads a metric) sees zeroes: it must not wait for the turn that its thread has. Within a capture, its gauges are
    /// as it set them.
    pub(crate) fn read(&mut self, requests: &[Request<'_>]) {
        let Some(_slow) = shard::enter_slow_path() else {
            return self.begin(requests);
        };
        let turn = lock_turn();
        self.read_totals(requests);
        if let Some(baseline) = extent::extent(BASELINE) {
            for (request, reading) in requests.iter().zip(&mut self.readings) {
                subtract(baseline, *request, reading);
            }
        }
        drop(turn);
        capture::overlay(requests, &mut self.readings);
    }

    /// Totals with nothing subtracted. The caller has the turn.
    fn read_totals(&mut self, requests: &[Request<'_>]) {
        let extents: Vec<(usize, Base)> = (SHARED..extent::count())
            .filter(|number| *number != BASELINE)
            .filter_map(|number| Some((number, extent::extent(number)?)))
            .collect();
        self.read_extents(&extents, requests);
        if let Some(state) = extent::extent(STATE) {
            for (request, reading) in requests.iter().zip(&mut self.readings) {
                apply_state(state, *request, reading);
            }
        }
    }

    /// What some extents hold, by their numbers. Their owners go on writing.
    fn read_extents(&mut self, extents: &[(usize, Base)], requests: &[Request<'_>]) {
        self.begin(requests);
        let Scan { readings, timers } = self;
        for (request, reading) in requests.iter().zip(&mut *readings) {
            make_room(extents, *request, reading);
        }
        for &(number, base) in extents {
            if number >= FIRST_SHARD && !timers.is_empty() {
                read_shard(base, requests, timers, readings);
            } else {
                for (request, reading) in requests.iter().zip(&mut *readings) {
                    add(base, *request, reading);
                }
            }
        }
    }

    /// Lets all readings be those of nothing.
    fn begin(&mut self, requests: &[Request<'_>]) {
        self.readings.truncate(requests.len());
        for (request, reading) in requests.iter().zip(&mut self.readings) {
            match (request, reading) {
                (Request::Histogram(_), Reading::Histogram(tally))
                | (Request::Timer(_), Reading::Timer(tally)) => tally.clear(),
                (request, reading) => *reading = request.nothing(),
            }
        }
        self.readings.extend(requests.iter().skip(self.readings.len()).map(Request::nothing));
        self.timers.clear();
        for (place, request) in requests.iter().enumerate() {
            if let Request::Timer(distribution) = request {
                self.timers.push((distribution.slot(), place));
            }
        }
        self.timers.sort_unstable();
    }
}

/// As [`Scan::read`], once.
pub(crate) fn read(requests: &[Request<'_>]) -> Vec<Reading> {
    let mut scan = Scan::default();
    scan.read(requests);
    scan.readings
}

/// Reads one.
pub(crate) fn read_one(request: Request<'_>) -> Reading {
    read(&[request]).swap_remove(0)
}

/// Lets the totals of all requests begin from zero, without writing any thread's cells.
pub(crate) fn rebase(requests: &[Request<'_>]) {
    let Some(_slow) = shard::enter_slow_path() else { return };
    let _turn = lock_turn();
    let mut scan = Scan::default();
    scan.read_totals(requests);
    let readings = scan.readings;
    let (Some(baseline), Some(state)) = (extent::extent(BASELINE), extent::extent(STATE)) else {
        return;
    };
    for (request, reading) in requests.iter().zip(&readings) {
        // Relaxed throughout: the baseline is only touched by readers, who take turns.
        match (request, reading) {
            (Request::Counter(slot), Reading::Counter(total)) => {
                baseline.cell(*slot).store(*total, Relaxed);
            }
            (Request::Gauge(slot), Reading::Gauge(level)) => {
                state.cell(*slot).store(gauge::UNSET, Relaxed);
                gauge::increments(baseline, *slot).store(level.increments);
            }
            (Request::Histogram(d), Reading::Histogram(tally)) => {
                d.sum(baseline).store(tally.sum);
                tally.store_buckets(baseline, d);
                if let Some(samples) = d.samples() {
                    samples.forget();
                }
            }
            (Request::Timer(d), Reading::Timer(tally)) => {
                d.ticks(baseline).store(tally.ticks, Relaxed);
                d.own_ticks(baseline).store(tally.own_ticks, Relaxed);
                tally.store_buckets(baseline, d);
            }
            _ => {}
        }
    }
}

/// What some extents hold, by their numbers. Their owners go on writing.
pub(super) fn read_extents(extents: &[(usize, Base)], requests: &[Request<'_>]) -> Vec<Reading> {
    let mut scan = Scan::default();
    scan.read_extents(extents, requests);
    scan.readings
}

/// Adds a shard that its owner goes on writing, the pending sample included.
fn read_shard(
    base: Base,
    requests: &[Request<'_>],
    timers: &[(isize, usize)],
    readings: &mut [Reading],
) {
    let place_of = |word: u64| {
        let slot = unpack(word).0;
        let found = timers.binary_search_by_key(&slot, |(slot, _)| *slot).ok()?;
        Some(timers[found].1)
    };
    let scan = |pending: u64| {
        let skipped = place_of(pending);
        for (place, (request, reading)) in requests.iter().zip(readings.iter_mut()).enumerate() {
            if Some(place) != skipped {
                add(base, *request, reading);
            }
        }
    };
    let read = |pending: u64| {
        let place = place_of(pending)?;
        let mut reading = requests[place].nothing();
        add(base, requests[place], &mut reading);
        Some((place, reading))
    };
    let mut patience = Patience::default();
    let Some((Some((place, seen)), sample)) =
        base.pending().observe(scan, read, || patience.wait())
    else {
        return;
    };
    if let (Request::Timer(distribution), Reading::Timer(total), Reading::Timer(seen)) =
        (requests[place], &mut readings[place], seen)
    {
        total.merge(&seen);
        if sample != Sample::NONE {
            total.add_sample(distribution, unpack(sample.word).1, sample.inner);
        }
    }
}

/// Lets a tally cover what all extents hold, so that it grows once and not from extent to extent.
fn make_room(extents: &[(usize, Base)], request: Request<'_>, reading: &mut Reading) {
    let (Some(d), Reading::Histogram(tally) | Reading::Timer(tally)) =
        (request.distribution(), reading)
    else {
        return;
    };
    let ranges = extents.iter().filter_map(|(_, base)| range(*base, d));
    let of_all =
        ranges.reduce(|(max, min), (its_max, its_min)| (max.max(its_max), min.max(its_min)));
    if let Some((from, to)) = of_all.map(|range| request.cells_of(d, range)) {
        if from <= to {
            tally.counts.reserve_exact((to - from) as usize + 1);
            tally.cover(from, to);
        }
    }
}

/// Adds what one extent holds. Relaxed loads throughout: each cell stands alone; the order that a
/// pending sample needs comes from `observe`.
fn add(base: Base, request: Request<'_>, reading: &mut Reading) {
    match (request, reading) {
        (Request::Counter(slot), Reading::Counter(total)) => {
            *total = total.wrapping_add(base.cell(slot).load(Relaxed));
        }
        (Request::Gauge(slot), Reading::Gauge(level)) => {
            level.increments.add(gauge::increments(base, slot).load());
        }
        (Request::Histogram(d), Reading::Histogram(tally)) => {
            if let Some((max, min)) = range(base, d) {
                tally.sum.add(d.sum(base).load());
                tally.add_cells(base, d, max, min, request.cells_of(d, (max, min)));
            }
        }
        (Request::Timer(d), Reading::Timer(tally)) => {
            if let Some((max, min)) = range(base, d) {
                tally.ticks = tally.ticks.saturating_add(d.ticks(base).load(Relaxed));
                tally.own_ticks = tally.own_ticks.saturating_add(d.own_ticks(base).load(Relaxed));
                tally.add_cells(base, d, max, min, request.cells_of(d, (max, min)));
            }
        }
        _ => {}
    }
}

/// What the shared state of a slot makes of its total.
fn apply_state(state: Base, request: Request<'_>, reading: &mut Reading) {
    match (request, reading) {
        (Request::Counter(slot), Reading::Counter(total)) => {
            *total = total.wrapping_add(state.cell(slot).load(Relaxed));
        }
        (Request::Gauge(slot), Reading::Gauge(level)) => {
            level.set = gauge::decode(state.cell(slot).load(Relaxed));
        }
        _ => {}
    }
}

/// Takes away what a reset left behind.
fn subtract(baseline: Base, request: Request<'_>, reading: &mut Reading) {
    match (request, reading) {
        (Request::Counter(slot), Reading::Counter(total)) => {
            *total = total.wrapping_sub(baseline.cell(slot).load(Relaxed));
        }
        (Request::Gauge(slot), Reading::Gauge(level)) => {
            level.increments.subtract(gauge::increments(baseline, slot).load());
        }
        (Request::Histogram(d), Reading::Histogram(tally)) if range(baseline, d).is_some() => {
            tally.sum.subtract(d.sum(baseline).load());
            tally.subtract_cells(baseline, d);
        }
        (Request::Timer(d), Reading::Timer(tally)) if range(baseline, d).is_some() => {
            tally.ticks = tally.ticks.saturating_sub(d.ticks(baseline).load(Relaxed));
            tally.own_ticks = tally.own_ticks.saturating_sub(d.own_ticks(baseline).load(Relaxed));
            tally.subtract_cells(baseline, d);
        }
        _ => {}
    }
}

/// The raw max and min cells of a touched distribution.
fn range(base: Base, distribution: &Distribution) -> Option<(u64, u64)> {
    let max = distribution.max(base).load(Relaxed);
    let min = distribution.min(base).load(Relaxed);
    // Both are written before the first bucket; one without the other is a record in the making.
    (max != 0 && min != 0).then_some((max, min))
}

impl Tally {
    /// Smallest and largest value of a histogram, exact unless something was subtracted.
    pub(crate) fn value_range(&self) -> Option<(f64, f64)> {
        (self.max != 0).then(|| (from_ascending(!self.min), from_ascending(self.max)))
    }

    /// Shortest and longest sample of a timer, in ticks.
    pub(crate) fn tick_range(&self) -> Option<(u64, u64)> {
        (self.max != 0).then(|| (!self.min, self.max - 1))
    }

    /// As if nothing had been read, but for the room.
    fn clear(&mut self) {
        let mut counts = std::mem::take(&mut self.counts);
        counts.clear();
        *self = Tally { counts, ..Tally::default() };
    }

    /// Makes room for the cells `from..=to`.
    fn cover(&mut self, from: u32, to: u32) {
        if self.counts.is_empty() {
            self.first = from;
        } else if from < self.first {
            let more = (self.first - from) as usize;
            self.counts.splice(0..0, std::iter::repeat_n(0, more));
            self.first = from;
        }
        let end = (to + 1).saturating_sub(self.first) as usize;
        if end > self.counts.len() {
            self.counts.resize(end, 0);
        }
    }

    fn add_cells(
        &mut self,
        base: Base,
        distribution: &Distribution,
        max: u64,
        min: u64,
        (from, to): (u32, u32),
    ) {
        self.max = self.max.max(max);
        self.min = self.min.max(min);
        // A reader between two stores may see a max below the min; the next one sees both.
        if from > to {
            return;
        }
        self.cover(from, to);
        // Most of a reading is waiting for these cells: the less is done for each, the more of them the processor
        // waits for at once.
        let covered = &mut self.counts[(from - self.first) as usize..];
        for (cell, count) in (from as usize..=to as usize).zip(covered) {
            *count = count.saturating_add(distribution.bucket(base, cell).load(Relaxed));
        }
    }

    fn subtract_cells(&mut self, baseline: Base, distribution: &Distribution) {
        self.rebased = true;
        for (place, count) in self.counts.iter_mut().enumerate() {
            let cell = self.first + place as u32;
            // Saturating: a reader that gave up waiting for a stopped thread lacks its one sample.
            *count =
                count.saturating_sub(distribution.bucket(baseline, cell as usize).load(Relaxed));
        }
    }

    fn store_buckets(&self, baseline: Base, distribution: &Distribution) {
        distribution.max(baseline).store(self.max, Relaxed);
        distribution.min(baseline).store(self.min, Relaxed);
        for (place, count) in self.counts.iter().enumerate() {
            distribution.bucket(baseline, self.first as usize + place).store(*count, Relaxed);
        }
    }

    fn merge(&mut self, other: &Tally) {
        if other.max == 0 {
            return;
        }
        self.ticks = self.ticks.saturating_add(other.ticks);
        self.own_ticks = self.own_ticks.saturating_add(other.own_ticks);
        self.max = self.max.max(other.max);
        self.min = self.min.max(other.min);
        if let Some(last) = (other.counts.len() as u32).checked_sub(1) {
            self.cover(other.first, other.first + last);
            let shift = (other.first - self.first) as usize;
            for (count, more) in self.counts[shift..].iter_mut().zip(&other.counts) {
                *count = count.saturating_add(*more);
            }
        }
    }

    fn add_sample(&mut self, distribution: &Distribution, ticks: u64, own_ticks: u64) {
        self.ticks = self.ticks.saturating_add(ticks);
        self.own_ticks = self.own_ticks.saturating_add(own_ticks);
        self.max = self.max.max(ticks + 1);
        self.min = self.min.max(!ticks);
        let cell = distribution.layout().cell(distribution.value_of(ticks)).unwrap_or(0);
        self.cover(cell, cell);
        let count = &mut self.counts[(cell - self.first) as usize];
        *count = count.saturating_add(1);
    }
}

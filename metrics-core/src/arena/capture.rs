//! Captures: what one piece of work records, told apart from all that others record meanwhile.
//!
//! For the time of the work, each thread that does part of it records into a blank shard in place of its own (see
//! `blank`): the hot path knows nothing of it. A shard belongs to the capture, and one thread at a time
//! records into it; between two polls of a future it lies idle. What is not in a shard is kept beside them: gauges
//! (see `shortcut`), the bases of absolute counters, and the single values of summaries.
//!
//! When the capture ends, what it holds is read, and given back to where the thread that ends it would have recorded
//! it: to its own shard, or to the capture around. A thread that goes on recording beyond the end gives its shard
//! back itself. Readers of totals see the shards of captures like all others.
//!
//! Lock order: the readers' turn, then a capture, then the growth lock. Of two captures one is never locked within the other.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::mem::{self, ManuallyDrop};
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::blank;
use super::extent::{self, Base, NoRoom};
use super::gauge::Level;
use super::read::{self, Reading, Request};
use super::samples::{Kept, Ring, Values};
use super::shard::{self, SlowPath, Station};
use crate::amount::Amount;
use crate::clock::Manual;

thread_local! {
    /// The captures that this thread records in, the innermost first. What is in here is not dropped
    /// with the thread: each entry is taken out by the `Entered` that put it in.
    static CURRENT: Cell<Option<ManuallyDrop<Arc<Entry>>>> = const { Cell::new(None) };
}

/// One capture of a thread, and those around it.
struct Entry {
    shared: Arc<Shared>,
    below: Option<Arc<Entry>>,
}

/// A capture that has begun. It ends when it is ended or dropped.
pub(crate) struct Capture(Arc<Shared>);

/// A capture that may have ended, for others to record in.
pub(crate) struct Membership(Arc<Shared>);

struct Shared(Mutex<Contents>);

struct Contents {
    has_ended: bool,
    /// By what timings are told that end in it, where that is not the processor.
    clock: Option<Arc<Manual>>,
    /// The fork generation that the rest belongs to.
    generation: u32,
    /// Its shards into which nobody records at the moment; none has a pending sample.
    idle: Vec<u32>,
    /// Those into which a thread does.
    busy: Vec<u32>,
    beside: Beside,
}

/// What is not in the shards, by slot.
#[derive(Default)]
struct Beside {
    gauges: BTreeMap<isize, Level>,
    /// What absolute counters have beside their increments in the shards.
    bases: BTreeMap<isize, u64>,
    samples: BTreeMap<isize, Ring>,
}

/// What a capture saw of one series.
#[derive(Debug)]
pub(crate) struct Seen {
    pub(crate) reading: Reading,
    /// Of a summary.
    pub(crate) values: Values,
}

/// The calling thread records in a capture until this is dropped. It stays on its thread.
pub(crate) struct Entered {
    shared: Arc<Shared>,
    shard: u32,
    /// Where the thread recorded before.
    before: Station,
}

impl Capture {
    /// Begins one, whose timings are by a clock or by the processor's. `NoRoom` where there is no memory, or within the
    /// recorder's own work.
    pub(crate) fn begin(clock: Option<Arc<Manual>>) -> Result<Capture, NoRoom> {
        let _slow = shard::enter_slow_path().ok_or(NoRoom)?;
        let contents = Contents::new(clock);
        let mut growth = extent::lock_growth();
        growth.start()?;
        growth.stock.begin_capture();
        Ok(Capture(Arc::new(Shared(Mutex::new(contents)))))
    }

    pub(crate) fn membership(&self) -> Membership {
        Membership(Arc::clone(&self.0))
    }

    /// Ends it, and tells what was recorded of each series; None of those that were not recorded to.
    pub(crate) fn end(self, requests: &[Request<'_>]) -> Vec<Option<Seen>> {
        self.close(requests)
    }

    fn close(&self, requests: &[Request<'_>]) -> Vec<Option<Seen>> {
        let slow = shard::enter_slow_path();
        let mut contents = self.0.lock();
        if mem::replace(&mut contents.has_ended, true) {
            return Vec::new();
        }
        let seen = contents.read(requests);
        let idle = mem::take(&mut contents.idle);
        let beside = mem::take(&mut contents.beside);
        drop(contents);
        // Before the shards: what is raised there is told apart from what lies in these.
        let gauges = beside.give_back(slow.as_ref());
        drop(slow);
        gauges.into_iter().for_each(|(slot, level)| level.give_back(slot));
        give_back(&idle);
        // Where the recorder's own work drops a capture, gauges go the slow way from now on.
        if let Some(_slow) = shard::enter_slow_path() {
            extent::lock_growth().stock.end_capture();
        }
        seen
    }
}

impl Drop for Capture {
    fn drop(&mut self) {
        self.close(&[]);
    }
}

impl Membership {
    /// The innermost capture that the calling thread records in.
    pub(crate) fn current() -> Option<Membership> {
        current().map(|entry| Membership(Arc::clone(&entry.shared)))
    }

    /// Has the calling thread record in the capture; None if that has ended.
    pub(crate) fn enter(&self) -> Result<Option<Entered>, NoRoom> {
        let slow = shard::enter_slow_path().ok_or(NoRoom)?;
        let mut contents = self.0.lock();
        if contents.has_ended {
            return Ok(None);
        }
        let shard = contents.idle.pop().map_or_else(blank::take_blank, Ok)?;
        contents.busy.push(shard);
        let is_driven = contents.clock.is_some();
        drop(contents);
        let base = extent::extent(shard as usize).ok_or(NoRoom)?;
        let below = CURRENT.take().map(ManuallyDrop::into_inner);
        let entry = Entry { shared: Arc::clone(&self.0), below };
        CURRENT.set(Some(ManuallyDrop::new(Arc::new(entry))));
        drop(slow);
        // The time of one around it counts when this one has ended.
        let by_slow_way = is_driven || shard::is_aside();
        let station = if by_slow_way { Station::aside(base) } else { Station::at(base) };
        let before = shard::exchange(station);
        Ok(Some(Entered { shared: Arc::clone(&self.0), shard, before }))
    }
}

impl Drop for Entered {
    fn drop(&mut self) {
        shard::exchange(self.before);
        let slow = shard::enter_slow_path();
        let entry = CURRENT.take().map(ManuallyDrop::into_inner);
        let below = entry.as_ref().and_then(|entry| entry.below.clone());
        CURRENT.set(below.map(ManuallyDrop::new));
        let mut contents = self.shared.lock();
        contents.busy.retain(|shard| *shard != self.shard);
        let has_ended = contents.has_ended;
        if !has_ended {
            contents.idle.push(self.shard);
        }
        drop((contents, entry, slow));
        if has_ended {
            give_back(&[self.shard]);
        }
    }
}

/// Moves what shards hold to where the calling thread records. Within the recorder's own work they stay as they are: their totals
/// count all the same, and nobody uses them again.
fn give_back(shards: &[u32]) {
    if shards.is_empty() {
        return;
    }
    let place = shard::place();
    let slow = shard::enter_slow_path();
    if let (Some(place), Some(_slow)) = (place, slow) {
        blank::give_back(shards, place);
    }
}

fn current() -> Option<Arc<Entry>> {
    let entry = CURRENT.take()?;
    let found = Arc::clone(&entry);
    CURRENT.set(Some(entry));
    Some(found)
}

/// Works on the innermost capture of the calling thread that has not ended. The caller is in a slow path, so that what the allocator
/// records meanwhile does not come here again.
fn in_current<T>(_: &SlowPath, work: impl FnOnce(&mut Contents) -> T) -> Option<T> {
    let mut next = current();
    while let Some(entry) = next {
        let mut contents = entry.shared.lock();
        if !contents.has_ended {
            return Some(work(&mut contents));
        }
        drop(contents);
        next = entry.below.clone();
    }
    None
}

/// Passes the clocks of this thread's captures that have not ended, the innermost first. The caller is in a slow path.
pub(super) fn each_clock(_: &SlowPath, mut pass: impl FnMut(Option<&Manual>)) {
    let mut next = current();
    while let Some(entry) = next {
        let contents = entry.shared.lock();
        let clock = (!contents.has_ended).then(|| contents.clock.clone());
        drop(contents);
        if let Some(clock) = clock {
            pass(clock.as_deref());
        }
        next = entry.below.clone();
    }
}

/// The clock of this thread's capture, if it has one. The caller is in a slow path.
pub(super) fn clock(slow: &SlowPath) -> Option<Arc<Manual>> {
    in_current(slow, |contents| contents.clock.clone()).flatten()
}

/// Sets a gauge in the capture of this thread; false if there is none, or within the recorder's own work.
pub(crate) fn set_gauge(slot: isize, value: f64) -> bool {
    let Some(slow) = shard::enter_slow_path() else { return false };
    let set = |contents: &mut Contents| {
        contents.beside.gauges.entry(slot).or_default().set = Some(value);
    };
    in_current(&slow, set).is_some()
}

/// Adds to a gauge in the capture of this thread; None if there is none, or within the recorder's own work. False, with nothing
/// changed, if the sum would not be finite.
pub(crate) fn add_to_gauge(slot: isize, amount: Amount) -> Option<bool> {
    let slow = shard::enter_slow_path()?;
    in_current(&slow, |contents| contents.beside.gauges.entry(slot).or_default().add(amount))
}

/// Raises what the capture of this thread has of a counter to `value`.
pub(crate) fn raise_total(slot: isize, value: u64) {
    if let Some(slow) = shard::enter_slow_path() {
        in_current(&slow, |contents| contents.raise_total(slot, value));
    }
}

/// Keeps a value of a summary in the capture of this thread.
pub(super) fn keep(slow: &SlowPath, slot: isize, kept: &Kept) {
    in_current(slow, |contents| contents.beside.ring(slot).push(kept.clone()));
}

/// Does to what was read what the captures of this thread did to gauges. The caller is in a slow path.
pub(super) fn overlay(requests: &[Request<'_>], readings: &mut [Reading]) {
    let mut entries = Vec::from_iter(current());
    while let Some(below) = entries.last().and_then(|entry| entry.below.clone()) {
        entries.push(below);
    }
    for entry in entries.iter().rev() {
        let contents = entry.shared.lock();
        // Those of one that has ended were given back.
        for (request, reading) in requests.iter().zip(readings.iter_mut()) {
            if let (Request::Gauge(slot), Reading::Gauge(level)) = (request, reading) {
                if let Some(later) = contents.beside.gauges.get(slot) {
                    level.redo(*later);
                }
            }
        }
    }
}

impl Shared {
    /// Poison is ignored: what panics under the lock are allocations, between complete steps. In a forked child, it begins
    /// anew like all cells. A thread that forks while others record in the same capture may find it locked by one of
    /// them for ever: such a child must not go on with the capture.
    fn lock(&self) -> MutexGuard<'_, Contents> {
        let mut contents = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let generation = super::generation();
        if mem::replace(&mut contents.generation, generation) != generation {
            contents.beside = Beside::default();
        }
        contents
    }
}

impl Contents {
    fn new(clock: Option<Arc<Manual>>) -> Contents {
        Contents {
            has_ended: false,
            clock,
            generation: super::generation(),
            idle: Vec::new(),
            busy: Vec::new(),
            beside: Beside::default(),
        }
    }

    fn shards(&self) -> impl Iterator<Item = (usize, Base)> {
        let numbers = self.idle.iter().chain(&self.busy).map(|shard| *shard as usize);
        numbers.filter_map(|number| Some((number, extent::extent(number)?)))
    }

    /// What was recorded, while threads may go on. Needs no turn: only who has locked this takes anything out of the shards.
    fn read(&self, requests: &[Request<'_>]) -> Vec<Option<Seen>> {
        let shards: Vec<(usize, Base)> = self.shards().collect();
        let readings = read::read_extents(&shards, requests);
        let all = requests.iter().zip(readings);
        all.map(|(request, reading)| self.seen(request, reading)).collect()
    }

    fn seen(&self, request: &Request<'_>, mut reading: Reading) -> Option<Seen> {
        let Beside { gauges, bases, samples } = &self.beside;
        let mut values = Values::default();
        let mut is_beside = false;
        match (request, &mut reading) {
            (Request::Counter(slot), Reading::Counter(total)) => {
                *total = total.wrapping_add(bases.get(slot).copied().unwrap_or(0));
            }
            (Request::Gauge(slot), Reading::Gauge(level)) => {
                if let Some(later) = gauges.get(slot) {
                    level.redo(*later);
                    is_beside = true;
                }
            }
            (Request::Histogram(distribution), _) => {
                if let Some(ring) = samples.get(&distribution.slot()) {
                    values = ring.values();
                }
            }
            _ => {}
        }
        (is_beside || !reading.is_untouched()).then_some(Seen { reading, values })
    }

    fn raise_total(&mut self, slot: isize, value: u64) {
        // Relaxed: a total that stands alone.
        let cells = self.shards().map(|(_, base)| base.cell(slot).load(Relaxed));
        let missing = value.saturating_sub(cells.fold(0, u64::wrapping_add));
        let base = self.beside.bases.entry(slot).or_default();
        *base = missing.max(*base);
    }
}

impl Beside {
    fn ring(&mut self, slot: isize) -> &mut Ring {
        self.samples.entry(slot).or_insert_with(Ring::new)
    }

    /// Does it again in the capture around. Where there is none, bases and single values are where they belong already, and what
    /// was done to gauges is returned.
    fn give_back(self, slow: Option<&SlowPath>) -> BTreeMap<isize, Level> {
        let Beside { gauges, bases, samples } = self;
        let around = |contents: &mut Contents| {
            for (slot, level) in &gauges {
                contents.beside.gauges.entry(*slot).or_default().redo(*level);
            }
            for (slot, base) in bases {
                contents.raise_total(slot, base);
            }
            for (slot, ring) in samples {
                contents.beside.ring(slot).append(ring);
            }
        };
        let is_done = slow.and_then(|slow| in_current(slow, around)).is_some();
        if is_done { BTreeMap::new() } else { gauges }
    }
}

#[cfg(test)]
mod tests;

//! The counter.

use std::sync::atomic::Ordering::Relaxed;

use crate::arena::{self, Access, Anyone, Owner, Place, Reading, Request};
use crate::handle::CellSlot;

/// A `u64` that only grows, one cell for each thread that records.
///
/// Get one from [`counter!`](crate::counter) or [`Registry::counter`](crate::Registry::counter). It is
/// `Copy`, valid for as long as the process lives, and can be kept or used at once.
///
/// # Units
///
/// Events, bytes, whatever the name says. A total of 2^64 wraps around to zero.
///
/// # Examples
///
/// ```
/// let requests = tachograph::counter!("requests_total", "method" => "GET");
/// requests.increment(1);
/// requests.increment(2);
/// assert_eq!(requests.value(), 3);
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Counter(&'static CellSlot);

impl Counter {
    /// The handle of a holder.
    #[inline(always)]
    pub(crate) const fn new(slot: &'static CellSlot) -> Counter {
        Counter(slot)
    }

    /// Adds `amount`.
    #[inline(always)]
    pub fn increment(&self, amount: u64) {
        match arena::own_cell(self.0.known()) {
            Some(cell) => Owner::add(cell, amount),
            None => increment_slowly(self.0, amount),
        }
    }

    /// Adds one, and tells whether this is the first, or the next after `every` more, of what this thread
    /// added. What is not counted is none of them.
    #[inline(always)]
    pub(crate) fn increment_and_tell(&self, every: u32) -> bool {
        match arena::own_cell(self.0.known()) {
            Some(cell) => {
                // Relaxed: only this thread writes the cell.
                let before = cell.load(Relaxed);
                Owner::add(cell, 1);
                is_one_in(every, before)
            }
            None => increment_and_tell_slowly(self.0, every),
        }
    }

    /// Raises the total to `value`, for totals that someone else keeps; a smaller value changes
    /// nothing. After a [reset](crate::Registry::reset) it counts on from the total of then. It looks at
    /// all threads' cells and is not meant for hot paths.
    ///
    /// # Examples
    ///
    /// ```
    /// let packets = tachograph::counter!("interface_packets_total");
    /// packets.absolute(1_000);
    /// packets.absolute(900);
    /// packets.increment(5);
    /// assert_eq!(packets.value(), 1_005);
    /// ```
    pub fn absolute(&self, value: u64) {
        match self.0.resolve() {
            Ok(slot) => {
                if let Some(base) = arena::state_cell(slot) {
                    let missing = value.saturating_sub(arena::counted(slot));
                    // Relaxed: a total that stands alone.
                    base.fetch_max(missing, Relaxed);
                    arena::raise_total(slot, value);
                }
            }
            Err(reason) => arena::count_drop(reason),
        }
    }

    /// The total at this moment, over all threads.
    pub fn value(&self) -> u64 {
        match self.0.resolve().map(|slot| arena::read_one(Request::Counter(slot))) {
            Ok(Reading::Counter(total)) => total,
            _ => 0,
        }
    }
}

#[cold]
#[inline(never)]
fn increment_and_tell_slowly(holder: &'static CellSlot, every: u32) -> bool {
    let slot = match holder.resolve() {
        Ok(slot) => slot,
        Err(reason) => {
            arena::count_drop(reason);
            return false;
        }
    };
    let before = match arena::place() {
        Some(Place::Own(base)) => {
            // Relaxed: only this thread writes the cell.
            let before = base.cell(slot).load(Relaxed);
            Owner::add(base.cell(slot), 1);
            before
        }
        // Relaxed: readers of a total need no order between cells.
        Some(Place::Shared(base)) => base.cell(slot).fetch_add(1, Relaxed),
        None => return false,
    };
    is_one_in(every, before)
}

/// True for the first of every so many, by how many were before.
#[inline(always)]
fn is_one_in(every: u32, before: u64) -> bool {
    before % u64::from(every.max(1)) == 0
}

#[cold]
#[inline(never)]
fn increment_slowly(holder: &'static CellSlot, amount: u64) {
    match holder.resolve() {
        Ok(slot) => match arena::place() {
            Some(Place::Own(base)) => Owner::add(base.cell(slot), amount),
            Some(Place::Shared(base)) => Anyone::add(base.cell(slot), amount),
            None => {}
        },
        Err(reason) => arena::count_drop(reason),
    }
}

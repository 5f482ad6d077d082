//! The gauge.

use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::Relaxed;

use crate::amount::Amount;
use crate::arena::gauge::{self, encode};
use crate::arena::{self, Reading, Reason, Request};
use crate::handle::CellSlot;
use crate::number::IntoF64;

/// An `f64` that goes up and down.
///
/// Until its first [`set`](Gauge::set), increments and decrements go to a cell of each thread and
/// cost as little as a counter's. From then on all writes go to one shared cell.
///
/// Get one from [`gauge!`](crate::gauge) or [`Registry::gauge`](crate::Registry::gauge).
///
/// # Examples
///
/// ```
/// let in_flight = tachograph::gauge!("requests_in_flight");
/// in_flight.increment(2);
/// in_flight.decrement(1);
/// assert_eq!(in_flight.value(), 1.0);
/// in_flight.set(7.5);
/// assert_eq!(in_flight.value(), 7.5);
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Gauge(&'static CellSlot);

impl Gauge {
    /// The handle of a holder.
    #[inline(always)]
    pub(crate) const fn new(slot: &'static CellSlot) -> Gauge {
        Gauge(slot)
    }

    /// Replaces the value. Takes any number, NaN and infinities included.
    #[inline(always)]
    pub fn set<T: IntoF64>(&self, value: T) {
        let value = value.into_f64();
        match self.0.state() {
            // Relaxed: a value that stands alone.
            Some(cell) => cell.store(encode(value), Relaxed),
            None => set_slowly(self.0, value),
        }
    }

    /// Adds `amount`. NaN and infinities are refused and counted as dropped, as is what would bring
    /// the value out of the finite numbers.
    #[inline(always)]
    pub fn increment<T: IntoF64>(&self, amount: T) {
        self.add(amount.into_amount());
    }

    /// Subtracts `amount`, under the same rules as [`increment`](Gauge::increment).
    #[inline(always)]
    pub fn decrement<T: IntoF64>(&self, amount: T) {
        self.add(amount.into_amount().map(Amount::negated).map_err(Amount::negated));
    }

    /// The value at this moment. Zero before anything was recorded.
    pub fn value(&self) -> f64 {
        match self.0.resolve().map(|slot| arena::read_one(Request::Gauge(slot))) {
            Ok(Reading::Gauge(level)) => level.value(),
            _ => 0.0,
        }
    }

    #[inline(always)]
    fn add(&self, amount: Result<Amount, Amount>) {
        let amount = match amount {
            // An `f64` that is known where it is written is often whole.
            Ok(amount) => amount.cheapest(),
            Err(rare) => return add_slowly(self.0, rare),
        };
        let slot = self.0.known();
        // Relaxed: whether it was set is told by this one cell.
        let is_unset = |state: &AtomicU64| state.load(Relaxed) == gauge::UNSET;
        match arena::own_base(slot) {
            Some(base)
                if self.0.state().is_some_and(is_unset)
                    && gauge::increments(base, slot).add_fast(amount) => {}
            _ => add_slowly(self.0, amount),
        }
    }
}

/// The first set, and sets while there are captures.
#[cold]
#[inline(never)]
fn set_slowly(holder: &'static CellSlot, value: f64) {
    match holder.resolve() {
        Ok(slot) if arena::set_gauge(slot, value) => {}
        Ok(slot) => match holder.find_state(slot) {
            // Relaxed: a value that stands alone.
            Some(cell) => cell.store(encode(value), Relaxed),
            None => arena::count_drop(Reason::NoRoom),
        },
        Err(reason) => arena::count_drop(reason),
    }
}

/// Gauges that were set, threads without a shard, sums that would not be finite.
#[inline(never)]
fn add_slowly(holder: &'static CellSlot, amount: Amount) {
    if !amount.value().is_finite() {
        return arena::count_drop(Reason::NotFinite);
    }
    let slot = match holder.resolve() {
        Ok(slot) => slot,
        Err(reason) => return arena::count_drop(reason),
    };
    match holder.state() {
        Some(state) => gauge::add(slot, state, amount),
        None => add_more_slowly(holder, slot, amount),
    }
}

/// The first addition, and those while there are captures.
#[cold]
#[inline(never)]
fn add_more_slowly(holder: &'static CellSlot, slot: isize, amount: Amount) {
    match arena::add_to_gauge(slot, amount) {
        Some(true) => {}
        Some(false) => arena::count_drop(Reason::SumOverflow),
        None => match holder.find_state(slot) {
            Some(state) => gauge::add(slot, state, amount),
            None => arena::count_drop(Reason::NoRoom),
        },
    }
}

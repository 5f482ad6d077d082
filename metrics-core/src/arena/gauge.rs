//! The cells of a gauge: in each shard the sum of its increments, and in the state extent its value,
//! once it was set.
//!
//! A fresh cell is 0 and means unset, so values are stored with their bits changed by a constant: the
//! one pattern that would become 0 is a NaN that no computation makes, and is stored as another NaN.

use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::Relaxed;

use super::cell::{Anyone, Owner};
use super::drops::{self, Reason};
use super::extent::{self, Base};
use super::shard::{self, Place};
use super::sum::{Sum, Total};
use crate::amount::Amount;

/// How many small cells a gauge has.
pub(crate) const CELLS: usize = 2;

/// The content of a state cell whose gauge was never set.
pub(crate) const UNSET: u64 = 0;

/// A NaN with a payload of our own.
const MASK: u64 = 0x7ff8_7461_6368_6f67;

/// The increments in an extent.
#[inline(always)]
pub(crate) fn increments(base: Base, slot: isize) -> Sum {
    Sum { reals: base.cell(slot), wholes: base.cell(slot + 8) }
}

/// What the state cell holds for `value`.
#[inline(always)]
pub(crate) fn encode(value: f64) -> u64 {
    // A branch that is never taken costs less than the choice between two values.
    match value.to_bits() ^ MASK {
        UNSET => encode_the_mask(),
        cell => cell,
    }
}

#[cold]
#[inline(never)]
fn encode_the_mask() -> u64 {
    // A result that is known would be loaded where it is not needed, too.
    std::hint::black_box(f64::NAN.to_bits() ^ MASK)
}

/// The value that the state cell holds.
#[inline(always)]
pub(crate) fn decode(cell: u64) -> Option<f64> {
    if cell == UNSET { None } else { Some(f64::from_bits(cell ^ MASK)) }
}

/// Adds to the shared value: None if it was never set, false if the sum would not be finite
/// although the value is.
#[inline]
pub(crate) fn add_to_set(state: &AtomicU64, amount: f64) -> Option<bool> {
    // Relaxed: a value that stands alone.
    let mut cell = state.load(Relaxed);
    loop {
        let value = decode(cell)?;
        let sum = value + amount;
        if value.is_finite() && !sum.is_finite() {
            return Some(false);
        }
        match state.compare_exchange_weak(cell, encode(sum), Relaxed, Relaxed) {
            Ok(_) => return Some(true),
            Err(now) => cell = now,
        }
    }
}

/// A sum; None if it would not be finite although the value is.
fn added(value: f64, amount: f64) -> Option<f64> {
    let sum = value + amount;
    (!value.is_finite() || sum.is_finite()).then_some(sum)
}

/// Adds to a gauge, by whatever way is open.
#[inline]
pub(crate) fn add(slot: isize, state: &AtomicU64, amount: Amount) {
    let added = match add_to_set(state, amount.value()) {
        Some(added) => added,
        None => match shard::place() {
            Some(Place::Own(base)) => increments(base, slot).add::<Owner>(amount),
            Some(Place::Shared(base)) => increments(base, slot).add::<Anyone>(amount),
            None => return,
        },
    };
    if !added {
        drops::count(Reason::SumOverflow);
    }
}

/// The value of one gauge, or what was done to it.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct Level {
    /// What was set, and incremented from then on, if it ever was.
    pub(super) set: Option<f64>,
    /// What it was incremented by before.
    pub(super) increments: Total,
}

impl Level {
    pub(crate) fn value(&self) -> f64 {
        self.set.unwrap_or_else(|| self.increments.value())
    }

    /// False, with nothing changed, if the sum would not be finite.
    pub(super) fn add(&mut self, amount: Amount) -> bool {
        let Some(value) = self.set else { return self.increments.try_add(amount) };
        let sum = added(value, amount.value());
        self.set = sum.or(self.set);
        sum.is_some()
    }

    /// Does what was done elsewhere since.
    pub(super) fn redo(&mut self, later: Level) {
        match (later.set, self.set) {
            (Some(_), _) => self.set = later.set,
            (None, Some(value)) => {
                self.set = added(value, later.increments.value()).or(self.set);
            }
            (None, None) => self.increments.add(later.increments),
        }
    }

    /// Does all of it to the gauge itself.
    pub(super) fn give_back(self, slot: isize) {
        let Some(state) = extent::state_cell(slot) else { return };
        match self.set {
            // Relaxed: a value that stands alone.
            Some(value) => state.store(encode(value), Relaxed),
            None => self.increments.parts().for_each(|amount| add(slot, state, amount)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_comes_back_and_none_reads_as_unset() {
        let hostile = f64::from_bits(MASK);
        for value in [0.0, -0.0, 1.5, f64::MIN, f64::INFINITY, f64::NEG_INFINITY, 5e-324] {
            assert_eq!(decode(encode(value)).map(f64::to_bits), Some(value.to_bits()));
        }
        for nan in [f64::NAN, -f64::NAN, hostile] {
            assert!(decode(encode(nan)).is_some_and(f64::is_nan));
        }
        assert_eq!(decode(UNSET), None);
    }
}

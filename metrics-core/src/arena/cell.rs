//! Cells: the 8-byte words of the arena, and the two ways to write them.
//!
//! A cell of a thread's shard is written by its owner alone: load, add, store, which is one
//! instruction without a lock prefix on x86-64. A cell of the shared extent is written by anyone,
//! with atomic read-modify-write. Which of the two is a type, chosen where the place is chosen.

use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::{Relaxed, Release};

/// How a cell may be written.
pub(crate) trait Access {
    /// Adds to an integer, wrapping at 2^64.
    fn add(cell: &AtomicU64, amount: u64);
    /// Replaces the content by what `change` makes of it, if that is anything; says whether it was.
    /// `change` may be called more than once.
    fn try_update(cell: &AtomicU64, change: impl Fn(u64) -> Option<u64>) -> bool;

    /// Replaces the content by what `change` makes of it.
    #[inline(always)]
    fn update(cell: &AtomicU64, change: impl Fn(u64) -> u64) {
        Self::try_update(cell, |old| Some(change(old)));
    }

    /// Adds to an integer, up to 2^64 - 1.
    #[inline(always)]
    fn add_saturating(cell: &AtomicU64, amount: u64) {
        Self::update(cell, |old| old.saturating_add(amount));
    }

    /// Raises the content to `value` if that is larger.
    #[inline(always)]
    fn raise(cell: &AtomicU64, value: u64) {
        Self::try_update(cell, |old| (value > old).then_some(value));
    }

    /// Adds to an `i64`; false, with nothing changed, if the sum has no room there.
    #[inline(always)]
    fn add_whole(cell: &AtomicU64, amount: i64) -> bool {
        Self::try_update(cell, |old| (old as i64).checked_add(amount).map(|sum| sum as u64))
    }

    /// Adds to an `f64` what cannot bring it out of the finite numbers.
    #[inline(always)]
    fn add_small_f64(cell: &AtomicU64, amount: f64) {
        Self::update(cell, |old| (f64::from_bits(old) + amount).to_bits());
    }

    /// Adds to an `f64`; false, with nothing changed, if the sum would not be finite.
    #[inline(always)]
    fn add_f64(cell: &AtomicU64, amount: f64) -> bool {
        Self::try_update(cell, |old| {
            let sum = f64::from_bits(old) + amount;
            sum.is_finite().then(|| sum.to_bits())
        })
    }
}

/// The one thread that holds the shard.
pub(crate) struct Owner;

impl Access for Owner {
    #[inline(always)]
    fn add(cell: &AtomicU64, amount: u64) {
        // Relaxed: only this thread writes the cell, and no reader needs it in order with another.
        // On x86-64 the three are one `add` to memory.
        cell.store(cell.load(Relaxed).wrapping_add(amount), Relaxed);
    }

    #[inline(always)]
    fn try_update(cell: &AtomicU64, change: impl Fn(u64) -> Option<u64>) -> bool {
        // As in `add`.
        let new = change(cell.load(Relaxed));
        if let Some(new) = new {
            cell.store(new, Relaxed);
        }
        new.is_some()
    }
}

/// The one thread that holds the shard, in cells that pending samples are folded into.
pub(crate) struct Folding;

impl Access for Folding {
    #[inline(always)]
    fn add(cell: &AtomicU64, amount: u64) {
        Self::update(cell, |old| old.wrapping_add(amount));
    }

    #[inline(always)]
    fn try_update(cell: &AtomicU64, change: impl Fn(u64) -> Option<u64>) -> bool {
        // Relaxed load: only this thread writes the cell. Release: pairs with the Acquire fence of
        // `Pending::observe`; on x86-64 it costs nothing.
        let new = change(cell.load(Relaxed));
        if let Some(new) = new {
            cell.store(new, Release);
        }
        new.is_some()
    }
}

/// Any thread, in the shared extent.
pub(crate) struct Anyone;

impl Access for Anyone {
    fn add(cell: &AtomicU64, amount: u64) {
        // Relaxed: readers of a total need no order between cells.
        cell.fetch_add(amount, Relaxed);
    }

    fn try_update(cell: &AtomicU64, change: impl Fn(u64) -> Option<u64>) -> bool {
        // Relaxed: as in `add`.
        cell.fetch_update(Relaxed, Relaxed, change).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_stay_finite() {
        fn check<A: Access>() {
            let cell = AtomicU64::new(f64::MAX.to_bits());
            assert!(!A::add_f64(&cell, f64::MAX));
            assert!(!A::add_f64(&cell, f64::NAN));
            assert_eq!(f64::from_bits(cell.load(Relaxed)), f64::MAX);
            assert!(A::add_f64(&cell, -1.0));
        }
        check::<Owner>();
        check::<Folding>();
        check::<Anyone>();
    }

    #[test]
    fn integers_keep_their_sum_where_there_is_no_room() {
        fn check<A: Access>() {
            let cell = AtomicU64::new(0);
            assert!(A::add_whole(&cell, i64::MIN));
            assert!(!A::add_whole(&cell, -1));
            assert_eq!(cell.load(Relaxed) as i64, i64::MIN);
            assert!(A::add_whole(&cell, i64::MAX));
            assert_eq!(cell.load(Relaxed) as i64, -1);
        }
        check::<Owner>();
        check::<Folding>();
        check::<Anyone>();
    }

    #[test]
    fn raise_keeps_the_largest_and_saturation_the_limit() {
        fn check<A: Access>() {
            let cell = AtomicU64::new(0);
            for value in [3, 1, 7, 7, 2] {
                A::raise(&cell, value);
            }
            assert_eq!(cell.load(Relaxed), 7);
            A::add_saturating(&cell, u64::MAX);
            assert_eq!(cell.load(Relaxed), u64::MAX);
            A::add(&cell, 2);
            assert_eq!(cell.load(Relaxed), 1);
        }
        check::<Owner>();
        check::<Folding>();
        check::<Anyone>();
    }
}

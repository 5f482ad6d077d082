//! Sums of numbers in two cells: one for whole numbers, one for all others.
//!
//! An `f64` sum in memory is a chain of additions, each of which waits for the one before: 3.2 ns in a
//! tight loop (`cargo bench`), where an integer takes a tenth. It also forgets small amounts beside a
//! large total. So whole numbers, which are most of what people record, are summed as integers, and
//! come together with the rest when they are read.

use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::Relaxed;

use super::cell::{Access, Owner};
use crate::amount::Amount;

/// The cells of a sum, in one extent.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sum {
    pub(crate) reals: &'static AtomicU64,
    pub(crate) wholes: &'static AtomicU64,
}

impl Sum {
    /// Adds what costs least in the caller's own shard; false, with nothing changed, if it must be
    /// [added](Sum::add) otherwise.
    #[inline(always)]
    pub(crate) fn add_fast(self, amount: Amount) -> bool {
        match amount.as_whole() {
            Some(whole) => Owner::add_whole(self.wholes, whole),
            None => Owner::add_f64(self.reals, amount.value()),
        }
    }

    /// Adds; false, with nothing changed, if the sum would not be finite.
    #[inline(always)]
    pub(crate) fn add<A: Access>(self, amount: Amount) -> bool {
        let added = amount.as_whole().is_some_and(|whole| A::add_whole(self.wholes, whole));
        added || A::add_f64(self.reals, amount.value())
    }

    /// Adds what cannot bring the sum out of the finite numbers, in the caller's own shard; false, with
    /// nothing changed, if it must be [added](Sum::add) otherwise.
    #[inline(always)]
    pub(super) fn add_small(self, amount: Amount) -> bool {
        match amount.as_whole() {
            Some(whole) => Owner::add_whole(self.wholes, whole),
            None => {
                Owner::add_small_f64(self.reals, amount.value());
                true
            }
        }
    }

    /// Adds what another sum holds, which is zero from then on. Of a sum that leaves the finite numbers, the largest is
    /// left.
    pub(super) fn take_over<A: Access>(self, from: Sum) {
        let all = from.load();
        if all == Total::default() {
            return;
        }
        let Total { wholes, reals } = all;
        let add_reals = |more: f64| {
            A::update(self.reals, |old| finite(f64::from_bits(old) + more).to_bits());
        };
        if wholes != 0 && !A::add_whole(self.wholes, wholes) {
            add_reals(wholes as f64);
        }
        if reals != 0.0 {
            add_reals(reals);
        }
        from.store(Total::default());
    }

    /// What the cells hold.
    pub(super) fn load(self) -> Total {
        // Relaxed: the two are parts of a sum; each alone is right.
        Total {
            wholes: self.wholes.load(Relaxed) as i64,
            reals: f64::from_bits(self.reals.load(Relaxed)),
        }
    }

    /// Makes the cells hold a total.
    pub(super) fn store(self, total: Total) {
        // Relaxed: as in `load`.
        self.wholes.store(total.wholes as u64, Relaxed);
        self.reals.store(total.reals.to_bits(), Relaxed);
    }
}

/// A sum over several extents. The whole numbers are exact up to 2^63.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct Total {
    wholes: i64,
    reals: f64,
}

impl Total {
    /// Adds that of another extent.
    pub(super) fn add(&mut self, more: Total) {
        match self.wholes.checked_add(more.wholes) {
            Some(wholes) => self.wholes = wholes,
            None => self.reals = finite(self.reals + more.wholes as f64),
        }
        self.reals = finite(self.reals + more.reals);
    }

    /// Takes away what was there at a reset.
    pub(super) fn subtract(&mut self, before: Total) {
        match self.wholes.checked_sub(before.wholes) {
            Some(wholes) => self.wholes = wholes,
            None => self.reals = finite(self.reals - before.wholes as f64),
        }
        self.reals = finite(self.reals - before.reals);
    }

    /// Adds a number; false, with nothing changed, if the sum would not be finite.
    pub(super) fn try_add(&mut self, amount: Amount) -> bool {
        if let Some(wholes) = amount.as_whole().and_then(|whole| self.wholes.checked_add(whole)) {
            self.wholes = wholes;
            return true;
        }
        let reals = self.reals + amount.value();
        if reals.is_finite() {
            self.reals = reals;
        }
        reals.is_finite()
    }

    /// The numbers that it is the sum of.
    pub(super) fn parts(self) -> impl Iterator<Item = Amount> {
        let parts = [Amount::whole(self.wholes), Amount::real(self.reals)];
        parts.into_iter().filter(|amount| amount.value() != 0.0)
    }

    /// What was added since an earlier reading of the same sum.
    pub(crate) fn since(mut self, before: Total) -> Total {
        self.subtract(before);
        self
    }

    /// The sum, rounded once where it is whole.
    pub(crate) fn value(self) -> f64 {
        finite(self.wholes as f64 + self.reals)
    }
}

/// A sum that never leaves the finite numbers.
fn finite(sum: f64) -> f64 {
    sum.clamp(f64::MIN, f64::MAX)
}

#[cfg(test)]
mod tests {
    use super::super::cell::{Anyone, Folding};
    use super::*;

    fn sum() -> Sum {
        let [reals, wholes] = [0, 0].map(|_| &*Box::leak(Box::new(AtomicU64::new(0))));
        Sum { reals, wholes }
    }

    #[test]
    fn whole_numbers_are_exact_where_an_f64_would_forget_them() {
        let sum = sum();
        for amount in [1_i64 << 53, 1, 1, -(1 << 53)] {
            assert!(sum.add::<Owner>(Amount::whole(amount)));
        }
        assert!(sum.add_small(Amount::real(0.25)));
        assert_eq!(sum.load().value(), 2.25);
    }

    #[test]
    fn what_does_not_fit_the_integer_goes_to_the_other_cell() {
        fn check<A: Access>() {
            let sum = sum();
            for _ in 0..3 {
                assert!(sum.add::<A>(Amount::whole(i64::MAX)));
            }
            assert_eq!(sum.load().value(), 3.0 * i64::MAX as f64);
            assert!(sum.add::<A>(Amount::real(f64::MAX)));
            assert!(!sum.add::<A>(Amount::real(f64::MAX)));
            assert_eq!(sum.load().value(), f64::MAX);
        }
        check::<Owner>();
        check::<Folding>();
        check::<Anyone>();
    }

    #[test]
    fn a_total_comes_back_from_cells_also_beyond_an_integer() {
        let (one, other) = (sum(), sum());
        one.add::<Owner>(Amount::whole(i64::MAX));
        other.add::<Owner>(Amount::whole(7));
        other.add::<Owner>(Amount::real(0.5));
        let mut total = other.load();
        other.store(total);
        assert_eq!(other.load(), total);
        total.add(one.load());
        one.store(total);
        assert_eq!(one.load().value(), total.value());
        total.subtract(other.load());
        assert_eq!(total.value(), i64::MAX as f64);
    }
}

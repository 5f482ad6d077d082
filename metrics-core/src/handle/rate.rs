//! The rate.

use crate::handle::{CellSlot, Counter};

/// A counter that is read by how fast it grows.
///
/// It records and costs exactly what a [`Counter`] does, and its total is kept as well. What differs is how it is
/// shown: tables and JSON give the growth each second. [`Snapshot::rate_per_second`](crate::Snapshot::rate_per_second)
/// gives it of a whole run, and of any time in the difference of two snapshots.
///
/// Get one from [`rate!`](crate::rate) or [`Registry::rate`](crate::Registry::rate).
///
/// # Units
///
/// Events, bytes, whatever the name says. A total of 2^64 wraps around to zero.
///
/// # Examples
///
/// ```
/// let jobs = tachograph::rate!("jobs", "queue" => "mail");
/// jobs.increment(1);
/// jobs.increment(2);
/// assert_eq!(jobs.total(), 3);
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Rate(Counter);

impl Rate {
    /// The handle of a holder.
    #[inline(always)]
    pub(crate) const fn new(slot: &'static CellSlot) -> Rate {
        Rate(Counter::new(slot))
    }

    /// Adds `amount`.
    #[inline(always)]
    pub fn increment(&self, amount: u64) {
        self.0.increment(amount);
    }

    /// How many there were, over all threads.
    pub fn total(&self) -> u64 {
        self.0.value()
    }
}

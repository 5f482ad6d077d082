//! The histogram.

use crate::amount::Amount;
use crate::arena;
use crate::handle::DistributionSlot;
use crate::number::IntoF64;

/// A distribution of values: exponential buckets from the moment of recording.
///
/// By default, values between 2^-30 and 2^34 are told apart to about 1 % (schema 5: 32 buckets for
/// each factor of two); smaller ones count as zero, larger and negative ones are counted apart. The
/// sum, the smallest and the largest value are exact. NaN and infinities are dropped and counted.
///
/// Get one from [`histogram!`](crate::histogram) or
/// [`Registry::histogram`](crate::Registry::histogram), and read it in a
/// [`Snapshot`](crate::Snapshot).
///
/// # Examples
///
/// ```
/// let sizes = tachograph::histogram!("response_bytes");
/// sizes.record(512);
/// sizes.record(1536.5);
/// assert_eq!(sizes.count(), 2);
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Histogram(&'static DistributionSlot);

impl Histogram {
    /// The handle of a holder.
    #[inline(always)]
    pub(crate) const fn new(slot: &'static DistributionSlot) -> Histogram {
        Histogram(slot)
    }

    /// The holder, for what reads it.
    pub(crate) fn holder(&self) -> &'static DistributionSlot {
        self.0
    }

    /// Records one value.
    ///
    /// # Units
    ///
    /// A [`Duration`](std::time::Duration) is recorded in the histogram's unit where that is one of time and
    /// was known when the histogram was registered, and in seconds otherwise.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    /// use tachograph::{Unit, histogram};
    ///
    /// histogram!("wait_ms", unit: Unit::Milliseconds).record(Duration::from_secs(2));
    /// histogram!("wait_seconds").record(Duration::from_secs(2));
    ///
    /// let snapshot = tachograph::registry().snapshot();
    /// assert_eq!(snapshot.histogram("wait_ms", &[]).unwrap().sum(), 2_000.0);
    /// assert_eq!(snapshot.histogram("wait_seconds", &[]).unwrap().sum(), 2.0);
    /// ```
    #[inline(always)]
    pub fn record<T: IntoF64>(&self, value: T) {
        if T::IS_A_DURATION {
            return record_duration(self.0, value.into_f64(), 1);
        }
        self.record_times(value.into_amount(), 1);
    }

    /// Records the same value `count` times.
    #[inline(always)]
    pub fn record_many<T: IntoF64>(&self, value: T, count: usize) {
        if count == 0 {
            return;
        }
        if T::IS_A_DURATION {
            return record_duration(self.0, value.into_f64(), count as u64);
        }
        self.record_times(value.into_amount(), count as u64);
    }

    #[inline(always)]
    pub(super) fn record_times(&self, amount: Result<Amount, Amount>, times: u64) {
        match amount {
            Ok(amount) if self.0.known().record_fast(amount, times) => {}
            Ok(amount) | Err(amount) => record_unusual(self.0, amount, times),
        }
    }
}

/// Which unit seconds are recorded in is known once there is a distribution.
#[inline(never)]
fn record_duration(holder: &'static DistributionSlot, seconds: f64, times: u64) {
    let mut distribution = holder.known();
    if distribution.slot() < 0 {
        distribution = holder.resolve().unwrap_or(distribution);
    }
    let amount = Ok(Amount::real(distribution.in_its_unit(seconds)));
    Histogram(holder).record_times(amount, times);
}

/// Zeroes, what is out of range, declared bounds: common enough not to go the slow way.
#[inline(never)]
fn record_unusual(holder: &'static DistributionSlot, amount: Amount, times: u64) {
    if !holder.known().record_unusual(amount, times) {
        record_slowly(holder, amount, times);
    }
}

#[cold]
#[inline(never)]
fn record_slowly(holder: &'static DistributionSlot, amount: Amount, times: u64) {
    match holder.resolve() {
        Ok(distribution) => distribution.record_slowly(amount, times),
        Err(reason) => arena::count_drop(reason),
    }
}

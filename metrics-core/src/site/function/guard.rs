//! The guards of a call: how long it took, and that it has begun and not ended.

use crate::handle::{DetachedGuard, Gauge, TimerGuard};

/// A timing that can be given up.
pub trait Timing {
    /// True while a clock runs.
    fn is_running(&self) -> bool;

    /// Ends it without a record.
    fn discard(self);

    /// Ends it now. So many ticks of it were spent in the call itself, where the timing cannot tell.
    fn stop(self, own_ticks: u64);
}

impl Timing for TimerGuard {
    #[inline(always)]
    fn is_running(&self) -> bool {
        true
    }

    fn discard(self) {
        TimerGuard::discard(self);
    }

    #[inline(always)]
    fn stop(self, _: u64) {
        TimerGuard::stop(self);
    }
}

impl Timing for DetachedGuard {
    fn is_running(&self) -> bool {
        true
    }

    fn discard(self) {
        DetachedGuard::discard(self);
    }

    fn stop(self, own_ticks: u64) {
        self.stop_with(own_ticks);
    }
}

/// The timing of one call in so many; none of the others.
#[derive(Debug)]
#[must_use = "the timing ends when the guard is dropped"]
pub struct Sampled<T>(Option<T>);

impl<T> Sampled<T> {
    #[inline(always)]
    pub(super) fn of(timing: Option<T>) -> Sampled<T> {
        Sampled(timing)
    }
}

impl<T: Timing> Timing for Sampled<T> {
    #[inline(always)]
    fn is_running(&self) -> bool {
        self.0.is_some()
    }

    fn discard(self) {
        if let Some(timing) = self.0 {
            timing.discard();
        }
    }

    #[inline(always)]
    fn stop(self, own_ticks: u64) {
        if let Some(timing) = self.0 {
            timing.stop(own_ticks);
        }
    }
}

/// A call that has begun, until this is dropped.
#[derive(Debug)]
#[must_use = "the call counts as in flight until this is dropped"]
pub struct InFlight(Gauge);

impl InFlight {
    #[inline(always)]
    pub(super) fn begin(gauge: Gauge) -> InFlight {
        gauge.increment(1);
        InFlight(gauge)
    }
}

impl Drop for InFlight {
    #[inline(always)]
    fn drop(&mut self) {
        self.0.decrement(1);
    }
}

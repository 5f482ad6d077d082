//! Handles that take what is recorded, and keep nothing.

use core::fmt;
use core::marker::PhantomData;
use core::time::Duration;

use crate::number::IntoF64;

/// A `u64` that only grows; without the feature `record`, nothing.
#[derive(Debug, Clone, Copy)]
pub struct Counter(pub(super) ());

impl Counter {
    /// Does nothing.
    #[inline(always)]
    pub fn increment(&self, _: u64) {}

    /// Does nothing.
    #[inline(always)]
    pub fn absolute(&self, _: u64) {}

    /// Zero.
    #[inline(always)]
    pub fn value(&self) -> u64 {
        0
    }
}

/// An `f64` that goes up and down; without the feature `record`, nothing.
#[derive(Debug, Clone, Copy)]
pub struct Gauge(pub(super) ());

impl Gauge {
    /// Does nothing.
    #[inline(always)]
    pub fn set<T: IntoF64>(&self, _: T) {}

    /// Does nothing.
    #[inline(always)]
    pub fn increment<T: IntoF64>(&self, _: T) {}

    /// Does nothing.
    #[inline(always)]
    pub fn decrement<T: IntoF64>(&self, _: T) {}

    /// Zero.
    #[inline(always)]
    pub fn value(&self) -> f64 {
        0.0
    }
}

/// A distribution of values; without the feature `record`, nothing.
#[derive(Debug, Clone, Copy)]
pub struct Histogram(pub(super) ());

impl Histogram {
    /// Does nothing.
    #[inline(always)]
    pub fn record<T: IntoF64>(&self, _: T) {}

    /// Does nothing.
    #[inline(always)]
    pub fn record_many<T: IntoF64>(&self, _: T, _: usize) {}

    /// Zero.
    #[inline(always)]
    pub fn count(&self) -> u64 {
        0
    }
}

/// A distribution of durations; without the feature `record`, nothing.
#[derive(Debug, Clone, Copy)]
pub struct Timer(pub(super) ());

impl Timer {
    /// A guard that does nothing.
    #[inline(always)]
    #[must_use = "the timing ends when the guard is dropped; write `let _guard = …`"]
    pub fn start(&self) -> TimerGuard {
        TimerGuard { stays_on_its_thread: PhantomData }
    }

    /// A guard that does nothing, and may move to another thread.
    #[inline(always)]
    #[must_use = "the timing ends when the guard is dropped; write `let _guard = …`"]
    pub fn start_detached(&self) -> DetachedGuard {
        DetachedGuard(())
    }

    /// Calls, and does nothing else.
    #[inline(always)]
    pub fn time<T>(&self, timed: impl FnOnce() -> T) -> T {
        timed()
    }

    /// Does nothing.
    #[inline(always)]
    pub fn record(&self, _: Duration) {}

    /// Zero.
    #[inline(always)]
    pub fn count(&self) -> u64 {
        0
    }
}

/// A counter that is read by how fast it grows; without the feature `record`, nothing.
#[derive(Debug, Clone, Copy)]
pub struct Rate(pub(super) ());

impl Rate {
    /// Does nothing.
    #[inline(always)]
    pub fn increment(&self, _: u64) {}

    /// Zero.
    #[inline(always)]
    pub fn total(&self) -> u64 {
        0
    }
}

/// A distribution that keeps its last values; without the feature `record`, nothing.
#[derive(Debug, Clone, Copy)]
pub struct Summary(pub(super) ());

impl Summary {
    /// Does nothing.
    #[inline(always)]
    pub fn record<T: IntoF64>(&self, _: T) {}

    /// Does nothing.
    #[inline(always)]
    pub fn record_sample(&self, _: Sample) {}

    /// Zero.
    #[inline(always)]
    pub fn count(&self) -> u64 {
        0
    }
}

/// A value of a [`Summary`]; without the feature `record`, nothing.
#[derive(Debug, Clone, PartialEq)]
#[must_use = "a sample is recorded by `Summary::record_sample`"]
pub struct Sample(());

impl Sample {
    /// Keeps nothing.
    #[inline(always)]
    pub fn new<T: IntoF64>(_: T) -> Sample {
        Sample(())
    }

    /// Keeps nothing. There is no clock on some targets, so the time is of any type.
    #[inline(always)]
    pub fn at<T>(self, _: T) -> Sample {
        self
    }

    /// Keeps nothing.
    #[inline(always)]
    pub fn tag(self, _: &str, _: impl fmt::Display) -> Sample {
        self
    }

    /// Keeps nothing.
    #[inline(always)]
    pub fn metadata(self, _: &str, _: impl fmt::Display) -> Sample {
        self
    }
}

/// What [`Timer::start`] gives.
#[derive(Debug)]
#[must_use = "the timing ends when the guard is dropped; write `let _guard = …`"]
pub struct TimerGuard {
    stays_on_its_thread: PhantomData<*const ()>,
}

impl TimerGuard {
    /// Does nothing.
    #[inline(always)]
    pub fn discard(self) {}

    /// Does nothing.
    #[inline(always)]
    pub fn stop(self) {}
}

/// Nothing; so that what drops a guard is as right as where there is something to drop.
impl Drop for TimerGuard {
    #[inline(always)]
    fn drop(&mut self) {}
}

/// What [`Timer::start_detached`] gives.
#[derive(Debug)]
#[must_use = "the timing ends when the guard is dropped; write `let _guard = …`"]
pub struct DetachedGuard(());

impl DetachedGuard {
    /// Does nothing.
    #[inline(always)]
    pub fn discard(self) {}
}

/// As for [`TimerGuard`].
impl Drop for DetachedGuard {
    #[inline(always)]
    fn drop(&mut self) {}
}

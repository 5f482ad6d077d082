//! What calls of `counter!` and its siblings expand to.

use crate::inert::handle::{
    Counter, DetachedGuard, Gauge, Histogram, Rate, Summary, Timer, TimerGuard,
};
use crate::inert::said::Said;
use crate::kind::Kind;

/// What a slot would ask for.
#[derive(Debug, Clone, Copy)]
pub struct Resolved(pub(super) ());

/// In place of the slot of a counter, a gauge or a rate.
#[derive(Debug)]
pub struct CellSlot(());

impl CellSlot {
    /// Asks nobody.
    pub const fn deferred(_: fn() -> Resolved) -> CellSlot {
        CellSlot(())
    }
}

/// In place of the slot of a histogram, a timer or a summary.
#[derive(Debug)]
pub struct DistributionSlot(pub(super) ());

impl DistributionSlot {
    /// Asks nobody.
    pub const fn deferred(_: fn() -> Resolved) -> DistributionSlot {
        DistributionSlot(())
    }
}

/// No series.
pub fn literal(_: Kind, _: &'static str, _: &[(&'static str, &'static str)]) -> Resolved {
    Resolved(())
}

/// No series.
pub fn literal_saying(
    _: Kind,
    _: &'static str,
    _: &[(&'static str, &'static str)],
    _: Said,
) -> Resolved {
    Resolved(())
}

/// A handle that does nothing.
#[inline(always)]
pub const fn counter(_: &'static CellSlot) -> Counter {
    Counter(())
}

/// A handle that does nothing.
#[inline(always)]
pub const fn gauge(_: &'static CellSlot) -> Gauge {
    Gauge(())
}

/// A handle that does nothing.
#[inline(always)]
pub const fn histogram(_: &'static DistributionSlot) -> Histogram {
    Histogram(())
}

/// A handle that does nothing.
#[inline(always)]
pub const fn timer(_: &'static DistributionSlot) -> Timer {
    Timer(())
}

/// A handle that does nothing.
#[inline(always)]
pub const fn rate(_: &'static CellSlot) -> Rate {
    Rate(())
}

/// A handle that does nothing.
#[inline(always)]
pub const fn summary(_: &'static DistributionSlot) -> Summary {
    Summary(())
}

/// A guard that does nothing.
#[inline(always)]
pub fn timed(_: &'static DistributionSlot) -> TimerGuard {
    Timer(()).start()
}

/// A guard that does nothing.
#[inline(always)]
pub fn timed_async(_: &'static DistributionSlot) -> DetachedGuard {
    Timer(()).start_detached()
}

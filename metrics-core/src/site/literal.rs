//! Sites whose name and labels stand in the program's text: a slot in a static, which asks for its series
//! at the first use.

use crate::handle::{
    CellSlot, Counter, DetachedGuard, DistributionSlot, Gauge, Histogram, Rate, Resolved, Summary,
    Timer, TimerGuard,
};
use crate::kind::Kind;
use crate::registry::{Place, Wanted};
use crate::site;
use crate::site::said::{Now, Said};

/// The series of a call here.
#[track_caller]
pub fn literal(
    kind: Kind,
    name: &'static str,
    labels: &[(&'static str, &'static str)],
) -> Resolved {
    site::resolve(&Wanted::plain(kind, name, labels, Place::here()))
}

/// The series of a call here that says more.
#[track_caller]
pub fn literal_saying(
    kind: Kind,
    name: &'static str,
    labels: &[(&'static str, &'static str)],
    said: Said,
) -> Resolved {
    said.ask(Wanted::plain(kind, name, labels, Place::here()), Now::default(), site::resolve)
}

/// The handle of a literal `counter!`.
#[inline(always)]
pub const fn counter(slot: &'static CellSlot) -> Counter {
    Counter::new(slot)
}

/// The handle of a literal `gauge!`.
#[inline(always)]
pub const fn gauge(slot: &'static CellSlot) -> Gauge {
    Gauge::new(slot)
}

/// The handle of a literal `histogram!`.
#[inline(always)]
pub const fn histogram(slot: &'static DistributionSlot) -> Histogram {
    Histogram::new(slot)
}

/// The handle of a literal `timer!`.
#[inline(always)]
pub const fn timer(slot: &'static DistributionSlot) -> Timer {
    Timer::new(slot)
}

/// The handle of a literal `rate!`.
#[inline(always)]
pub const fn rate(slot: &'static CellSlot) -> Rate {
    Rate::new(slot)
}

/// The handle of a literal `summary!`.
#[inline(always)]
pub const fn summary(slot: &'static DistributionSlot) -> Summary {
    Summary::new(slot)
}

/// The guard that `#[timed]` puts first into a body.
#[inline(always)]
pub fn timed(slot: &'static DistributionSlot) -> TimerGuard {
    Timer::new(slot).start()
}

/// The guard that `#[timed]` puts first into an async body, which may move between threads.
#[inline(always)]
pub fn timed_async(slot: &'static DistributionSlot) -> DetachedGuard {
    Timer::new(slot).start_detached()
}

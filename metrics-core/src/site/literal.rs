//! Sites whose name and labels stand in the program's text.

use crate::handle::{Answer, CellSlot, Counter, DistributionSlot, Gauge, Histogram, Origin, Timer};
use crate::kind::Kind;
use crate::registry::{Place, Wanted};
use crate::site;

/// What stands in the program's text.
#[derive(Debug)]
struct Literal {
    kind: Kind,
    name: &'static str,
    labels: &'static [(&'static str, &'static str)],
    place: Place,
}

impl Literal {
    fn resolve(&self) -> Answer {
        site::resolve(&Wanted::plain(self.kind, self.name, self.labels, self.place))
    }
}

/// A literal `counter!` or `gauge!`.
#[derive(Debug)]
pub struct CellSite {
    slot: CellSlot,
    literal: Literal,
}

impl CellSite {
    /// The site of a call here, in the static that `itself` refers to.
    #[track_caller]
    pub const fn new(
        itself: &'static CellSite,
        kind: Kind,
        name: &'static str,
        labels: &'static [(&'static str, &'static str)],
    ) -> CellSite {
        let literal = Literal { kind, name, labels, place: Place::here() };
        CellSite { slot: CellSlot::deferred(itself), literal }
    }
}

impl Origin for CellSite {
    fn resolve(&self) -> Answer {
        self.literal.resolve()
    }
}

/// A literal `histogram!` or `timer!`.
#[derive(Debug)]
pub struct DistributionSite {
    slot: DistributionSlot,
    literal: Literal,
}

impl DistributionSite {
    /// The site of a call here, in the static that `itself` refers to.
    #[track_caller]
    pub const fn new(
        itself: &'static DistributionSite,
        kind: Kind,
        name: &'static str,
        labels: &'static [(&'static str, &'static str)],
    ) -> DistributionSite {
        let literal = Literal { kind, name, labels, place: Place::here() };
        DistributionSite { slot: DistributionSlot::deferred(itself), literal }
    }
}

impl Origin for DistributionSite {
    fn resolve(&self) -> Answer {
        self.literal.resolve()
    }
}

/// The handle of a literal `counter!`.
#[inline(always)]
pub const fn counter(site: &'static CellSite) -> Counter {
    Counter::new(&site.slot)
}

/// The handle of a literal `gauge!`.
#[inline(always)]
pub const fn gauge(site: &'static CellSite) -> Gauge {
    Gauge::new(&site.slot)
}

/// The handle of a literal `histogram!`.
#[inline(always)]
pub const fn histogram(site: &'static DistributionSite) -> Histogram {
    Histogram::new(&site.slot)
}

/// The handle of a literal `timer!`.
#[inline(always)]
pub const fn timer(site: &'static DistributionSite) -> Timer {
    Timer::new(&site.slot)
}

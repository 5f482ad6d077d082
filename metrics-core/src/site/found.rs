//! What a lookup at a site finds: something to record into.

use crate::arena::Reason;
use crate::handle::{Counter, Gauge, Histogram, Holder, Rate, Summary, Timer};
use crate::registry::Series;

/// Where a lookup ended: at what the site's own table remembers, or at what the registry answered.
#[derive(Debug, Clone, Copy)]
pub struct Found(&'static Holder);

impl Found {
    /// What a site remembers.
    #[inline(always)]
    pub(super) const fn known(holder: &'static Holder) -> Found {
        Found(holder)
    }

    /// The counter that was found.
    #[inline(always)]
    pub fn counter(self) -> Counter {
        Counter::new(self.0.cell())
    }

    /// The gauge that was found.
    #[inline(always)]
    pub fn gauge(self) -> Gauge {
        Gauge::new(self.0.cell())
    }

    /// The histogram that was found.
    #[inline(always)]
    pub fn histogram(self) -> Histogram {
        Histogram::new(self.0.distribution())
    }

    /// The timer that was found.
    #[inline(always)]
    pub fn timer(self) -> Timer {
        Timer::new(self.0.distribution())
    }

    /// The rate that was found.
    #[inline(always)]
    pub fn rate(self) -> Rate {
        Rate::new(self.0.cell())
    }

    /// The summary that was found.
    #[inline(always)]
    pub fn summary(self) -> Summary {
        Summary::new(self.0.distribution())
    }
}

impl From<Result<&'static Series, Reason>> for Found {
    fn from(found: Result<&'static Series, Reason>) -> Found {
        Found(found.map_or_else(Holder::dropping, Series::holder))
    }
}

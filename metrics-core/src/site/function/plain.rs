//! A function of which nothing but durations is recorded, into a series that its text names.

use crate::handle::{Answer, DetachedGuard, DistributionSlot, Origin, Timer, TimerGuard};
use crate::site::function::About;

/// The site of such a function.
#[derive(Debug)]
pub struct TimedSite {
    slot: DistributionSlot,
    about: About,
}

impl TimedSite {
    /// The site of a function, in the static that `itself` refers to.
    pub const fn new(itself: &'static TimedSite, about: About) -> TimedSite {
        TimedSite { slot: DistributionSlot::deferred(itself), about }
    }
}

impl Origin for TimedSite {
    fn resolve(&self) -> Answer {
        self.about.resolve()
    }
}

/// The guard that stands first in a body.
#[inline(always)]
pub fn timed(site: &'static TimedSite) -> TimerGuard {
    Timer::new(&site.slot).start()
}

/// The guard that stands first in an async body, which may move between threads.
#[inline(always)]
pub fn timed_async(site: &'static TimedSite) -> DetachedGuard {
    Timer::new(&site.slot).start_detached()
}

//! What a program says of a whole registry: limits, buckets by name, when a series is idle, and how names are
//! shown.
//!
//! Settings are read where series are registered and where snapshots are taken, by any thread, and may
//! change at any time. So that nobody ever waits for anybody, and a fork leaves no lock behind, they are
//! never changed in place: a change makes a copy and shows it to all. The copies before it stay, as some
//! thread may still read them; a program changes its settings a few times.

use std::ptr;
use std::sync::Arc;
use std::sync::atomic::AtomicPtr;
use std::sync::atomic::Ordering::{AcqRel, Acquire};
use std::time::Duration;

use crate::presentation::Presentation;
use crate::registry::pattern::Pattern;

/// The settings of a registry at one moment.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    /// The most series of each name whose labels are known only at run time.
    pub(crate) max_series: u32,
    /// The same for some names; the last that fits counts.
    pub(crate) max_series_of: Vec<(Pattern, u32)>,
    /// Bounds at which the counts of some histograms and timers are exact; the last that fits counts.
    pub(crate) bounds_of: Vec<(Pattern, Vec<f64>)>,
    /// How long a series whose labels are known only at run time may stand still before snapshots leave
    /// it out.
    pub(crate) idle_timeout: Option<Duration>,
    /// How long a collector may take.
    pub(crate) collector_deadline: Duration,
    /// How names and labels are shown.
    pub(crate) presentation: Arc<Presentation>,
    /// The settings before these.
    _before: Option<&'static Settings>,
}

impl Settings {
    /// How many series a name may have unless told otherwise.
    pub(crate) const DEFAULT_MAX_SERIES: u32 = 2_000;

    /// How long a collector may take unless told otherwise.
    pub(crate) const DEFAULT_COLLECTOR_DEADLINE: Duration = Duration::from_secs(1);

    /// The most series of `name` whose labels are known only at run time.
    pub(super) fn max_series_of(&self, name: &str) -> u32 {
        self.own_max_series_of(name).unwrap_or(self.max_series)
    }

    /// What that was said by.
    pub(super) fn max_series_setting(&self, name: &str) -> &'static str {
        if self.own_max_series_of(name).is_some() { "max_series_of" } else { "max_series" }
    }

    fn own_max_series_of(&self, name: &str) -> Option<u32> {
        let all = &self.max_series_of;
        all.iter().rev().find(|(pattern, _)| pattern.fits(name)).map(|(_, max_series)| *max_series)
    }
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            max_series: Settings::DEFAULT_MAX_SERIES,
            max_series_of: Vec::new(),
            bounds_of: Vec::new(),
            idle_timeout: None,
            collector_deadline: Settings::DEFAULT_COLLECTOR_DEADLINE,
            presentation: Arc::default(),
            _before: None,
        }
    }
}

/// The settings that hold now.
#[derive(Debug)]
pub(super) struct CurrentSettings(AtomicPtr<Settings>);

impl CurrentSettings {
    /// Begins with these.
    pub(super) fn new(settings: Settings) -> CurrentSettings {
        CurrentSettings(AtomicPtr::new(Box::into_raw(Box::new(settings))))
    }

    /// The settings at this moment.
    pub(super) fn get(&self) -> &'static Settings {
        // Acquire: pairs with the Release in `change`, or with whatever handed this over.
        let now = self.0.load(Acquire);
        // SAFETY: made from a box that is never freed.
        unsafe { &*now }
    }

    /// Shows all readers settings that `change` has changed. It is called again where another thread
    /// changes them meanwhile.
    pub(super) fn change(&self, change: impl Fn(&mut Settings)) {
        let mut now = self.get();
        loop {
            let mut next = now.clone();
            change(&mut next);
            next._before = Some(now);
            let next = Box::into_raw(Box::new(next));
            let before = ptr::from_ref(now).cast_mut();
            // Release: pairs with the Acquire in `get`. Acquire: the winner's settings are complete.
            match self.0.compare_exchange(before, next, AcqRel, Acquire) {
                Ok(_) => return,
                Err(winner) => {
                    // SAFETY: just made, and nobody else has seen it.
                    drop(unsafe { Box::from_raw(next) });
                    // SAFETY: made from a box that is never freed.
                    now = unsafe { &*winner };
                }
            }
        }
    }
}

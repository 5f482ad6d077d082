//! Sites: what a macro call expands to.
//!
//! A call with a literal name and literal labels is a [`Site`] in a static, with a holder beside it
//! that is resolved once. A call with labels known at run time is a [`Family`], one with a name known
//! at run time a [`NameCache`]; both find their series in a read-only table. Nothing here is called
//! again once a literal site is resolved.

mod dynamic;
mod function;
mod label_value;
mod table;

pub use dynamic::{
    Family, NameCache, counter_named, counter_of, gauge_named, gauge_of, histogram_named,
    histogram_of, timer_named, timer_of,
};
pub use function::type_path;
pub use label_value::{Displayed, LabelValue};

use crate::arena::Reason;
use crate::error::Error;
use crate::handle::{
    Answer, CellSlot, Counter, DetachedGuard, DistributionSlot, Gauge, Histogram, Origin, Resolved,
    Timer, TimerGuard,
};
use crate::kind::Kind;
use crate::registry::{Place, Series, Wanted, registry};

/// A call with a literal name and literal labels.
#[derive(Debug)]
pub struct Site {
    kind: Kind,
    name: &'static str,
    labels: &'static [(&'static str, &'static str)],
    place: Place,
    function: Option<fn() -> &'static str>,
    description: Option<&'static str>,
}

impl Site {
    /// The site of a call at `place`.
    pub const fn new(
        kind: Kind,
        name: &'static str,
        labels: &'static [(&'static str, &'static str)],
        place: Place,
    ) -> Site {
        Site { kind, name, labels, place, function: None, description: None }
    }

    /// With the label `function`: the path of the function that holds the one `path` names.
    pub const fn function_path(mut self, path: fn() -> &'static str) -> Site {
        self.function = Some(path);
        self
    }

    /// With a description of the metric.
    pub const fn describe(mut self, description: &'static str) -> Site {
        self.description = Some(description);
        self
    }
}

impl Origin for Site {
    fn resolve(&self) -> Resolved {
        let path = self.function.map(|inner| function::enclosing(inner()));
        let mut labels = self.labels.to_vec();
        if let Some(path) = &path {
            labels.push(("function", path));
        }
        let wanted = Wanted {
            kind: self.kind,
            name: self.name,
            labels: &labels,
            capped: false,
            buckets: None,
            description: self.description.or(default_description(self.name)),
            place: self.place,
        };
        Resolved::from(match registry().index().series(&wanted) {
            Ok(series) => answer(series),
            Err(error) => Answer::Dropped(reason_of(&error)),
        })
    }
}

/// What is said of the metric of all timed functions, which none of them describes.
fn default_description(name: &str) -> Option<&'static str> {
    (name == "function_duration_seconds").then_some("Duration of the calls of timed functions.")
}

fn answer(series: &'static Series) -> Answer {
    if let Some(holder) = series.cell() {
        Answer::Cell(holder.known())
    } else if let Some(holder) = series.distribution() {
        Answer::Distribution(holder.known())
    } else {
        Answer::Dropped(Reason::Conflict)
    }
}

/// Why records are dropped whose series was refused.
fn reason_of(error: &Error) -> Reason {
    if error.is_conflict() {
        Reason::Conflict
    } else if error.is_overflow() {
        Reason::NoRoom
    } else {
        Reason::Invalid
    }
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

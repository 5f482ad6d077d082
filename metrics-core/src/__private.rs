//! What the macros' expansions name. Not part of the public interface: it changes in any release.

pub use crate::kind::Kind;
pub use crate::site::{
    About, CellSite, Displayed, DistributionSite, Family, FunctionSite, LabelValue, NameCache,
    TimedSite, counter, counter_named, counter_of, gauge, gauge_named, gauge_of, histogram,
    histogram_named, histogram_of, timed, timed_async, timer, timer_named, timer_of,
};
pub use crate::told::{Tell, Told, never};

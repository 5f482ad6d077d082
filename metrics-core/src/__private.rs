//! What the macros' expansions name. Not part of the public interface: it changes in any release.

pub use crate::handle::{CellSlot, DistributionSlot, Resolved};
pub use crate::kind::Kind;
pub use crate::site::{
    About, Displayed, Family, FunctionSite, LabelValue, NameCache, counter, counter_named,
    counter_of, function, gauge, gauge_named, gauge_of, histogram, histogram_named, histogram_of,
    literal, timed, timed_async, timer, timer_named, timer_of,
};
pub use crate::told::{Tell, Told, never};

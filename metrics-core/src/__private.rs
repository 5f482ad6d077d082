//! What the macros' expansions name. Not part of the public interface: it changes in any release.

pub use crate::handle::{CellSlot, DistributionSlot, Origin, Resolved};
pub use crate::kind::Kind;
pub use crate::registry::Place;
pub use crate::site::{
    Displayed, Family, LabelValue, NameCache, Site, counter, counter_named, counter_of, gauge,
    gauge_named, gauge_of, histogram, histogram_named, histogram_of, timed, timed_async, timer,
    timer_named, timer_of, type_path,
};

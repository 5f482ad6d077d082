//! What the macros' expansions name. Not part of the public interface: it changes in any release.

#[cfg(feature = "record")]
use crate::{handle as slots, site as sites};
#[cfg(not(feature = "record"))]
use crate::{inert as slots, inert as sites};

pub use crate::kind::Kind;
pub use crate::label_set::{LabelField, LabelSet, LabelVariants, series};
pub use crate::told::{Tell, Told, never};
pub use sites::{
    About, Displayed, Family, FunctionSite, LabelValue, NameCache, counter, counter_named,
    counter_of, function, gauge, gauge_named, gauge_of, histogram, histogram_named, histogram_of,
    literal, timed, timed_async, timer, timer_named, timer_of,
};
pub use slots::{CellSlot, DistributionSlot, Resolved};

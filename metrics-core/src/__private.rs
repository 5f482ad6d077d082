//! What the macros' expansions name. Not part of the public interface: it changes in any release.

#[cfg(feature = "record")]
use crate::{handle as slots, site as sites};
#[cfg(not(feature = "record"))]
use crate::{inert as slots, inert as sites};

pub use crate::__label_fields as fields;
pub use crate::kind::Kind;
pub use crate::label_set::{LabelField, LabelSet, LabelVariants, series};
pub use crate::level::Level;
pub use crate::told::{Tell, Told, never};
pub use crate::unit::Unit;
pub use sites::{
    About, Description, Displayed, DynamicSite, Family, Found, FunctionSite, LabelPair, LabelValue,
    Said, SetSite, counter, describe, function, gauge, histogram, literal, literal_saying,
    no_labels, rate, summary, timed, timed_async, timer,
};
pub use slots::{CellSlot, DistributionSlot, Resolved};

/// What the macros of this crate hand their tokens to.
pub mod macros {
    pub use tachograph_macros::{
        counter, describe_counter, describe_gauge, describe_histogram, describe_rate,
        describe_summary, describe_timer, gauge, histogram, rate, summary, timer,
    };
}

/// What `tachograph-export` asks for its bridges.
#[cfg(feature = "record")]
pub mod bridge {
    pub use crate::site::{Bridged, CONFLICT, NESTED, Pieces, bridged, refused};
}

//! Sites: what a macro call expands to.
//!
//! A call with a literal name and literal labels is a slot in a static, which is resolved once. Where the
//! values of labels are known at run time it is a [`Family`], where they are a [`LabelSet`](crate::LabelSet)
//! a [`SetSite`], and where the name or the keys are known at run time a [`DynamicSite`]; these find their
//! series in read-only tables. What `#[timed]` puts into a function is such a slot, too, or a [`FunctionSite`].
//! `bridge` asks on behalf of calls that are made to other crates. Nothing here is called again once a slot is resolved.

mod bridge;
mod dynamic;
mod family;
mod found;
mod function;
mod label_pair;
mod label_value;
mod literal;
mod said;
mod set;

pub use bridge::{Bridged, CONFLICT, NESTED, Pieces, bridged, refused};
pub use dynamic::DynamicSite;
pub use family::Family;
pub use found::Found;
pub use function::{About, FunctionSite, function};
pub use label_pair::{Label, LabelPair, no_labels};
pub use label_value::{Displayed, LabelValue};
pub use literal::{
    counter, gauge, histogram, literal, literal_saying, rate, summary, timed, timed_async, timer,
};
pub use said::{Description, Said, describe};
pub use set::SetSite;

use crate::arena::Reason;
use crate::error::Error;
use crate::handle::{Answer, Holder, Resolved};
use crate::registry::{Series, Wanted, registry};

/// The most rows that the table of one site remembers; the registry is asked for others each time.
const MAX_ENTRIES: usize = 16_384;

/// The slot of a series of the global registry, or why there is none.
fn resolve(wanted: &Wanted<'_>) -> Resolved {
    Resolved(match registry().index().series(wanted) {
        Ok(series) => answer(series),
        Err(error) => Answer::Dropped(reason_of(&error)),
    })
}

fn answer(series: &'static Series) -> Answer {
    match series.holder() {
        Holder::Cell(holder) => Answer::Cell(holder.known()),
        Holder::Distribution(holder) => Answer::Distribution(holder.known()),
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

//! Sites: what a macro call expands to.
//!
//! A call with a literal name and literal labels is a slot in a static, which is resolved once. A call with
//! labels known at run time is a [`Family`], one with a name known at run time a [`NameCache`]; both find
//! their series in a read-only table. What `#[timed]` puts into a function is such a slot, too, or a
//! [`FunctionSite`]. Nothing here is called again once a slot is resolved.

mod dynamic;
mod function;
mod label_value;
mod literal;
mod table;

pub use dynamic::{
    Family, NameCache, counter_named, counter_of, gauge_named, gauge_of, histogram_named,
    histogram_of, timer_named, timer_of,
};
pub use function::{About, FunctionSite, function};
pub use label_value::{Displayed, LabelValue};
pub use literal::{counter, gauge, histogram, literal, timed, timed_async, timer};

use crate::arena::Reason;
use crate::error::Error;
use crate::handle::{Answer, Resolved};
use crate::registry::{Series, Wanted, registry};

/// The slot of a series of the global registry, or why there is none.
fn resolve(wanted: &Wanted<'_>) -> Resolved {
    Resolved(match registry().index().series(wanted) {
        Ok(series) => answer(series),
        Err(error) => Answer::Dropped(reason_of(&error)),
    })
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

//! What `#[timed]` puts into a function.
//!
//! A function without options, or with such as only choose its series, has a [`TimedSite`] and one guard:
//! that is the path of nearly all of them, and the cheapest. One with labels known at run time, or with
//! options that record more than durations, has a [`FunctionSite`], which finds the [`Parts`] of a call:
//! all that it records into. From there the call's guards come, one for each option.
//!
//! Nothing here looks at a function's arguments or wraps its body; that is what the macro does.

mod about;
mod call;
mod future;
mod guard;
mod parts;
mod path;
mod plain;

pub use about::About;
use call::Call;
use future::FutureCall;
use guard::{InFlight, Sampled, Timing};
pub use parts::FunctionSite;
pub use plain::{TimedSite, timed, timed_async};

//! What `#[timed]` puts into a function.
//!
//! A function without options, or with such as only choose its series, has a slot in a static and one guard:
//! that is the path of nearly all of them, and the cheapest. One with labels known at run time, or with
//! options that record more than durations, has a [`FunctionSite`], which finds the `Parts` of a call:
//! all that it records into. From there the call's guards come, one for each option.
//!
//! What the attribute says of a function is [`About`] it, and only made at the first call: the static holds a
//! pointer to a closure that makes it, since what the compiler must evaluate for each of a thousand
//! functions takes its time (`cargo bench --bench build_time`).

mod about;
mod call;
mod future;
mod guard;
mod parts;
mod path;

pub use about::{About, function};
use call::Call;
use future::Watch;
use guard::{InFlight, Sampled, Timing};
pub use parts::FunctionSite;

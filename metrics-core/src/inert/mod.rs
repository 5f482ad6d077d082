//! What stands in the recorder's place without the feature `record`.
//!
//! Everything that a macro expands to, and the handles that it gives: the same names and the same types to
//! the compiler, and nothing of it in the program. Arguments are checked and evaluated; what they are then
//! given to does nothing. It needs neither the standard library nor an allocator.

mod function;
mod handle;
mod label_value;
mod site;

pub use function::{About, FunctionSite, function};
pub use handle::{Counter, DetachedGuard, Gauge, Histogram, Timer, TimerGuard};
pub use label_value::{Displayed, LabelValue};
pub use site::{
    CellSlot, DistributionSlot, Family, NameCache, Resolved, counter, counter_named, counter_of,
    gauge, gauge_named, gauge_of, histogram, histogram_named, histogram_of, literal, timed,
    timed_async, timer, timer_named, timer_of,
};

//! What stands in the recorder's place without the feature `record`.
//!
//! Everything that a macro expands to, and the handles that it gives: the same names and the same types to
//! the compiler, and nothing of it in the program. Arguments are checked and evaluated; what they are then
//! given to does nothing. It needs neither the standard library nor an allocator.

mod function;
mod handle;
mod label_pair;
mod label_value;
mod lookup;
mod said;
mod site;

pub use function::{About, FunctionSite, function};
pub use handle::{
    Counter, DetachedGuard, Gauge, Histogram, Rate, Sample, Summary, Timer, TimerGuard,
};
pub use label_pair::{Label, LabelPair, no_labels};
pub use label_value::{Displayed, LabelValue};
pub use lookup::{DynamicSite, Family, Found, SetSite};
pub use said::{Description, Said, describe};
pub use site::{
    CellSlot, DistributionSlot, Resolved, counter, gauge, histogram, literal, literal_saying, rate,
    summary, timed, timed_async, timer,
};

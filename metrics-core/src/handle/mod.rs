//! Handles: the small `Copy` values that programs record through.
//!
//! A handle is a reference to a slot holder that lives as long as the process: the static that a
//! macro call expands to, or one that a registry made. Recording loads the slot from it, adds the
//! start of this thread's shard, and writes there. While the slot is not resolved, or the thread has
//! no shard, or the value is an unusual one, a call takes the slow way, which is outlined.
//!
//! Handles never look at names; the slow way asks the holder's origin for its slot, once.

mod counter;
mod gauge;
mod histogram;
mod holder;
mod rate;
mod slot;
mod summary;
mod timer;

pub use counter::Counter;
pub use gauge::Gauge;
pub use histogram::Histogram;
pub(crate) use holder::Holder;
pub use rate::Rate;
pub(crate) use slot::Answer;
pub use slot::{CellSlot, DistributionSlot, Resolved};
pub use summary::Summary;
pub use timer::{DetachedGuard, Timer, TimerGuard};

#[cfg(test)]
mod tests;

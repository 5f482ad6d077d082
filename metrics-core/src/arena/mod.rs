//! The memory that is recorded into: one arena per process, made of extents of equal shape.
//!
//! A *slot* is a byte offset; it names the same cell in every extent. Extents are
//!
//! * [`STATE`]: what all threads share of a slot (the value of a gauge that was set, the base of a
//!   counter with absolute values),
//! * [`SHARED`]: where threads without a shard of their own add, atomically,
//! * [`BASELINE`]: what is subtracted, since a reset,
//! * and the shards, from [`FIRST_SHARD`] on: each written by the one thread that holds it.
//!
//! A total is the sum of its slot over all shards and the shared extent, less the baseline. Each
//! extent reserves the same address space without access and has the same two regions: small cells
//! (counters, gauges, and the sums and ranges of distributions) and buckets. What is in use of each
//! region is made accessible in all extents before a slot in it is given out; therefore a thread
//! that holds a slot and a shard may write without looking.
//!
//! This floor knows slots and never names. All `unsafe` of recording lives here.

mod blank;
mod capture;
mod cell;
mod directory;
mod distribution;
mod driven;
mod drops;
#[cfg(all(unix, not(miri)))]
mod ending;
mod epoch;
mod extent;
#[cfg(all(unix, not(miri)))]
mod fork;
pub(crate) mod gauge;
mod memory;
mod patience;
mod per_process;
mod read;
mod samples;
mod shard;
mod shortcut;
mod sum;

pub(crate) use blank::{Cells, counted};
pub(crate) use capture::{
    Capture, Entered, Membership, Seen, add_to_gauge, raise_total, set_gauge,
};
pub(crate) use cell::{Access, Anyone, Owner};
pub(crate) use directory::{append, publish_clock, records};
pub(crate) use distribution::{Distribution, Timing, UNRESOLVED};
pub(crate) use driven::{driving_clock, elapsed_by_clock, taken_by_clock};
pub(crate) use drops::{Reason, count as count_drop, counts as drop_counts};
#[cfg(test)]
pub(crate) use extent::allocate;
pub(crate) use extent::{NoRoom, absolute_base, register, state_cell, usage};
pub(crate) use per_process::PerProcess;
pub(crate) use read::{Reading, Request, Scan, Tally, read, read_one, rebase};
pub(crate) use samples::{Samples, Values};
pub(crate) use shard::{Place, SlowPath, enter_slow_path, own_base, own_cell, place};
pub(crate) use shortcut::Shortcut;

/// What a slot holds before it is resolved, and what a thread's base holds without a shard. It makes
/// every sum of base and slot negative, so that one test of the sign finds both.
#[cfg(target_pointer_width = "64")]
pub(crate) const NOWHERE: isize = -(1 << 62);
/// As above; narrower targets compare instead of adding.
#[cfg(not(target_pointer_width = "64"))]
pub(crate) const NOWHERE: isize = isize::MIN;

/// Sees to it that a forked child counts up [`generation`] and begins from zero. To be called before
/// a lock is taken that a fork could leave behind.
pub(crate) fn watch_forks() {
    #[cfg(all(unix, not(miri)))]
    fork::register();
}

/// The child of a fork counts up; who cached anything of the parent's compares.
pub(crate) fn generation() -> u32 {
    // Acquire: pairs with the Release in the fork handler; only the child's one thread was there.
    extent::GENERATION.load(std::sync::atomic::Ordering::Acquire)
}

#[cfg(test)]
mod tests;

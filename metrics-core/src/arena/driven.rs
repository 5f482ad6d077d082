//! How long timings take in a capture whose time is driven by hand.
//!
//! A thread in such a capture records everything the slow way (see `shard`), so that the hot path need not ask. What comes
//! there brings the ticks of the processor with it, and the clock of the capture tells what was advanced between them.

use std::sync::Arc;
use std::time::Duration;

use super::capture;
use super::drops::{self, Reason};
use super::shard;
use crate::clock::{self, Manual};

/// What a timing took that began at the tick `start`, and how much of that was not in timed calls inside: both in ticks, which
/// are `ticks` and `own` by the processor. None where the clock cannot be asked, which is counted.
pub(crate) fn taken_by_clock(start: u64, ticks: u64, own: u64) -> Option<(u64, u64)> {
    by_clock((ticks, own), |clock| {
        let (whole, own) = clock.end(shard::thread(), start, start.saturating_add(ticks));
        (in_ticks(whole), in_ticks(own))
    })
}

/// The same of a timing that takes no part in self time.
pub(crate) fn elapsed_by_clock(start: u64, ticks: u64) -> Option<u64> {
    by_clock(ticks, |clock| in_ticks(clock.between(start, start.saturating_add(ticks))))
}

/// The clock by which timings of this thread end, if it is one that is driven.
pub(crate) fn driving_clock() -> Option<Arc<Manual>> {
    let slow = shard::is_aside().then(shard::enter_slow_path)??;
    capture::clock(&slow)
}

/// Asks the clock of this thread's capture; `otherwise` is the answer where it has none. Those of the captures around it are
/// asked, too: what is timed by one is inside of what is timed by the other. Within the recorder's own work, this could wait for a
/// lock that the thread holds.
fn by_clock<T>(otherwise: T, ask: impl Fn(&Manual) -> T) -> Option<T> {
    if !shard::is_aside() {
        return Some(otherwise);
    }
    let Some(slow) = shard::enter_slow_path() else {
        drops::count(Reason::Reentrant);
        return None;
    };
    let mut first = None;
    capture::each_clock(&slow, |clock| {
        let answer = clock.map(&ask);
        first.get_or_insert(answer);
    });
    Some(first.flatten().unwrap_or(otherwise))
}

/// Too many ticks to be recorded, where they are.
fn in_ticks(duration: Duration) -> u64 {
    clock::ticks(duration).unwrap_or(clock::TICKS_MAX + 1)
}

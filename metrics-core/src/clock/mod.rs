//! The clock of timers: raw ticks when it is read, seconds later.
//!
//! Reading takes one instruction where the processor has a counter of constant rate: the time stamp
//! counter of x86 where the processor calls it invariant, the virtual counter of aarch64. Elsewhere,
//! and under Miri, a tick is a nanosecond of the system's monotonic clock; where there is no clock at
//! all, as on wasm32-unknown-unknown, time stands still at 0. What a tick is in seconds is fixed once per process.
//!
//! Ticks mean nothing outside their process, and nothing but their differences means anything within
//! it. The reads are not ordered against the work around them: that would double their price. Nothing here
//! takes a lock, allocates or sleeps, so that a fork in another thread cannot hang the child.

#[cfg(all(not(miri), any(target_arch = "x86", target_arch = "x86_64", target_arch = "aarch64")))]
mod calibration;
#[cfg(all(not(miri), target_arch = "aarch64"))]
mod cntvct;
mod manual;
mod monotonic;
#[cfg(test)]
mod tests;
#[cfg(all(not(miri), any(target_arch = "x86", target_arch = "x86_64")))]
mod tsc;

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

#[cfg(all(not(miri), target_arch = "aarch64"))]
use cntvct as counter;
#[cfg(any(
    miri,
    not(any(target_arch = "x86", target_arch = "x86_64", target_arch = "aarch64"))
))]
use monotonic as counter;
#[cfg(all(not(miri), any(target_arch = "x86", target_arch = "x86_64")))]
use tsc as counter;

pub(crate) use manual::Manual;

/// The longest duration that [`ticks`] converts: 2^60 ticks, nine years at 4 GHz.
pub(crate) const TICKS_MAX: u64 = 1 << 60;

/// The bits of the seconds per tick; 0 until they are fixed.
///
/// Relaxed throughout: the value is all there is to see, nothing else is published with it.
static SECONDS_PER_TICK: AtomicU64 = AtomicU64::new(0);

/// The counter, in ticks.
#[inline(always)]
pub(crate) fn now() -> u64 {
    counter::now()
}

/// Seconds per tick: one value for the whole process, above zero and finite.
///
/// The first call takes up to a third of a millisecond where the rate has to be measured. Threads that
/// come first together may each measure; the first one to finish decides for all.
#[inline(always)]
pub(crate) fn seconds_per_tick() -> f64 {
    match SECONDS_PER_TICK.load(Ordering::Relaxed) {
        0 => fix_seconds_per_tick(),
        bits => f64::from_bits(bits),
    }
}

#[cold]
fn fix_seconds_per_tick() -> f64 {
    let mine = counter::seconds_per_tick();
    match SECONDS_PER_TICK.compare_exchange(0, mine.to_bits(), Ordering::Relaxed, Ordering::Relaxed)
    {
        Ok(_) => mine,
        Err(first) => f64::from_bits(first),
    }
}

/// The ticks from `start` to `now`; 0 where the counter stepped back, as it may between processors
/// whose counters are not aligned.
#[inline(always)]
pub(crate) fn elapsed(start: u64, now: u64) -> u64 {
    now.saturating_sub(start)
}

/// A duration in ticks, rounded to the nearest one; `None` beyond 2^60 ticks.
pub(crate) fn ticks(duration: Duration) -> Option<u64> {
    ticks_at(duration, seconds_per_tick())
}

/// Ticks as a duration, rounded to the nearest nanosecond.
pub(crate) fn duration(ticks: u64) -> Duration {
    duration_at(ticks, seconds_per_tick())
}

fn ticks_at(duration: Duration, seconds_per_tick: f64) -> Option<u64> {
    let ticks = duration.as_secs_f64() / seconds_per_tick + 0.5;
    if ticks <= TICKS_MAX as f64 { Some(ticks as u64) } else { None }
}

fn duration_at(ticks: u64, seconds_per_tick: f64) -> Duration {
    Duration::try_from_secs_f64(ticks as f64 * seconds_per_tick).unwrap_or(Duration::MAX)
}

/// Time since a moment that stays the same for the whole process; it never steps back.
pub(crate) fn steady() -> Duration {
    Duration::from_nanos(monotonic::now())
}

/// The time of day; 1970 where there is no clock, and under Miri, which isolates programs from it.
pub(crate) fn wall() -> SystemTime {
    if cfg!(any(miri, all(target_family = "wasm", target_os = "unknown"))) {
        return SystemTime::UNIX_EPOCH;
    }
    SystemTime::now()
}

/// What the ticks are counted by: `"tsc"`, `"cntvct"`, `"monotonic"`, or `"none"` where time stands
/// still.
pub(crate) fn source() -> &'static str {
    counter::source()
}

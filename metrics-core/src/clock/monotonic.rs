//! The system's monotonic clock, in nanoseconds.
//!
//! On Unix it is asked directly: the standard library's `Instant` has no number to keep in an atomic,
//! and to keep an anchor behind a `OnceLock` could hang a child that was forked while another thread
//! set it. Elsewhere there is no fork, and such an anchor it is.
//!
//! Where neither exists (wasm32-unknown-unknown, whose `Instant::now` panics) the clock stands still
//! at 0: timers count their calls there and see no time pass.

/// The clock that `Instant` takes too; Apple's `CLOCK_MONOTONIC` has only microseconds.
#[cfg(all(unix, target_vendor = "apple"))]
const CLOCK: libc::clockid_t = libc::CLOCK_UPTIME_RAW;

#[cfg(all(unix, not(target_vendor = "apple")))]
const CLOCK: libc::clockid_t = libc::CLOCK_MONOTONIC;

/// Nanoseconds since a moment that stays the same for the whole process.
#[cfg(unix)]
pub(super) fn now() -> u64 {
    let mut time = std::mem::MaybeUninit::<libc::timespec>::zeroed();
    // Its only failure is a clock that the system does not have: the time is 0 then.
    // SAFETY: `time` has room for one `timespec`, to which nobody else has a reference.
    unsafe { libc::clock_gettime(CLOCK, time.as_mut_ptr()) };
    // SAFETY: `timespec` holds integers only, all of them written by `zeroed` at least.
    let time = unsafe { time.assume_init() };
    // Neither is ever negative; their type depends on the system.
    (time.tv_sec as u64).wrapping_mul(1_000_000_000).wrapping_add(time.tv_nsec as u64)
}

/// Nanoseconds since the first call.
#[cfg(not(any(unix, all(target_family = "wasm", target_os = "unknown"))))]
pub(super) fn now() -> u64 {
    static ANCHOR: std::sync::OnceLock<std::time::Instant> = std::sync::OnceLock::new();
    let anchor = ANCHOR.get_or_init(std::time::Instant::now);
    u64::try_from(anchor.elapsed().as_nanos()).unwrap_or(u64::MAX)
}

/// Always 0.
#[cfg(all(target_family = "wasm", target_os = "unknown"))]
pub(super) fn now() -> u64 {
    0
}

/// A tick is a nanosecond.
#[cfg(any(miri, not(target_arch = "aarch64")))]
pub(super) fn seconds_per_tick() -> f64 {
    1e-9
}

#[cfg(all(
    any(miri, not(target_arch = "aarch64")),
    not(all(target_family = "wasm", target_os = "unknown"))
))]
pub(super) fn source() -> &'static str {
    "monotonic"
}

#[cfg(all(target_family = "wasm", target_os = "unknown"))]
pub(super) fn source() -> &'static str {
    "none"
}

//! For tests of programs that record: what a piece of work recorded, and nothing else.
//!
//! Tests of one process run in parallel and record into the same series, so totals tell nothing about one of them.
//! [`capture`] tells what its closure recorded, however many others do the same; afterwards all of it is in the totals
//! as if it had never been captured. Captures take no lock of each other's, need no [`init`](crate::init), and cost a
//! recording call nothing: while its work runs, a thread records into memory that was blank before.
//!
//! Timings take real time; in the captures of a [`ManualClock`] they take what the test advances it by.
//!
//! What is exact, and what is not part of a capture, is in `docs/testing.md`.
//!
//! # Examples
//!
//! ```
//! use tachograph::{counter, gauge, testing};
//!
//! fn send(mails: u64) -> u64 {
//!     counter!("mails_sent_total", "kind" => "letter").increment(mails);
//!     gauge!("mails_waiting").set(0);
//!     mails
//! }
//!
//! let (sent, seen) = testing::capture(|| send(3));
//! assert_eq!(sent, 3);
//! assert_eq!(seen.counter("mails_sent_total", &[("kind", "letter")]), Some(3));
//! seen.assert_only(&["mails_sent_total{kind=letter} 3", "mails_waiting 0"]);
//! ```

mod clock;
mod expected;
mod future;
mod seen;

use std::sync::Arc;
use std::time::Duration;

use crate::arena::{self, Capture, Entered, Membership};
use crate::clock::{Manual, steady};
use crate::registry::{Registry, registry};

pub use clock::ManualClock;
pub use future::{CaptureAsync, InheritAsync, capture_async, capture_async_in, inherit_async};
pub use seen::Seen;

/// Runs `work`, and returns its value with what this thread recorded in it, in the global registry.
///
/// What other threads record meanwhile is not seen, unless their work was [inherited](inherit). An inner capture is part
/// of the one around it.
///
/// # Panics
///
/// When `work` does; what it recorded until then is in the totals. Where there is no address space for one more
/// shard, or where 4,093 are in use: each capture needs one for each thread that records in it at once, and
/// so does each thread.
///
/// # Examples
///
/// ```
/// use tachograph::{testing, timed};
///
/// #[timed(name = "double_seconds")]
/// fn double(number: u64) -> u64 {
///     2 * number
/// }
///
/// let (value, seen) = testing::capture(|| double(double(1)));
/// assert_eq!(value, 4);
/// assert_eq!(seen.timer("double_seconds", &[]).unwrap().count(), 2);
/// ```
pub fn capture<T>(work: impl FnOnce() -> T) -> (T, Seen) {
    capture_in(registry(), work)
}

/// As [`capture`], of what was recorded in `registry`.
///
/// # Panics
///
/// As [`capture`].
///
/// # Examples
///
/// ```
/// use tachograph::{Registry, counter, testing};
///
/// let registry = Registry::new();
/// let jobs = registry.counter("jobs_total", &[])?;
/// let ((), seen) = testing::capture_in(&registry, || {
///     jobs.increment(2);
///     counter!("elsewhere_total").increment(1);
/// });
/// seen.assert_only(&["jobs_total 2"]);
/// # Ok::<(), tachograph::Error>(())
/// ```
pub fn capture_in<T>(registry: &Registry, work: impl FnOnce() -> T) -> (T, Seen) {
    capture_by(None, registry, work)
}

fn capture_by<T>(
    clock: Option<&ManualClock>,
    registry: &Registry,
    work: impl FnOnce() -> T,
) -> (T, Seen) {
    let begun = Begun::now(clock);
    let entered = enter(&begun.membership());
    let value = work();
    drop(entered);
    (value, begun.end(registry))
}

/// Makes work that is to be done on another thread part of the capture in which this is called, as long as that lasts.
///
/// What the work records after the end of the capture goes to the totals as usual. Outside of a capture, the work is what
/// it was.
///
/// # Panics
///
/// The work panics where there is no shard for it, as in [`capture`].
///
/// # Examples
///
/// ```
/// use std::thread;
/// use tachograph::{counter, testing};
///
/// let ((), seen) = testing::capture(|| {
///     let count = || counter!("parts_total").increment(1);
///     thread::spawn(testing::inherit(count)).join().unwrap();
///     // This one is nobody's.
///     thread::spawn(count).join().unwrap();
/// });
/// seen.assert_only(&["parts_total 1"]);
/// assert_eq!(tachograph::registry().snapshot().counter("parts_total", &[]), Some(2));
/// ```
pub fn inherit<T>(work: impl FnOnce() -> T) -> impl FnOnce() -> T {
    let membership = Membership::current();
    move || {
        let _entered = membership.as_ref().and_then(enter);
        work()
    }
}

/// A capture that has begun.
struct Begun {
    capture: Capture,
    /// By what its time is told, where that is not the system's clock.
    clock: Option<Arc<Manual>>,
    since: Duration,
}

impl Begun {
    /// Begins one by a clock, or by that of the capture around it.
    fn now(clock: Option<&ManualClock>) -> Begun {
        let clock = clock.map(ManualClock::manual).or_else(arena::driving_clock);
        let capture = Capture::begin(clock.clone()).unwrap_or_else(no_room);
        let since = elapsed(clock.as_deref());
        Begun { capture, clock, since }
    }

    fn membership(&self) -> Membership {
        self.capture.membership()
    }

    fn end(self, registry: &Registry) -> Seen {
        let elapsed = elapsed(self.clock.as_deref()).saturating_sub(self.since);
        Seen::new(registry.captured(self.capture, elapsed))
    }
}

/// What has passed until now, by a clock or else by the system's.
fn elapsed(clock: Option<&Manual>) -> Duration {
    match clock {
        Some(clock) => {
            // As in `ManualClock::advance`.
            let _slow = arena::enter_slow_path();
            clock.elapsed()
        }
        None => steady(),
    }
}

/// Has this thread record in a capture; None if that has ended.
fn enter(membership: &Membership) -> Option<Entered> {
    membership.enter().unwrap_or_else(no_room)
}

fn no_room<T>(_: arena::NoRoom) -> T {
    panic!(
        "no room for a capture: it needs a shard for each thread that records in it, and there is no address space for one more \
         (or 4,093 are in use): run fewer tests at a time"
    )
}

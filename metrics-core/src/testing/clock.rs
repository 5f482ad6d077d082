//! The clock that a test drives.

use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use crate::arena::enter_slow_path;
use crate::clock::Manual;
use crate::registry::{Registry, registry};
use crate::testing::{CaptureAsync, Seen, future};

/// A clock that only goes on when it is told to: in its captures, timings take as long as it was advanced.
///
/// [`capture`](ManualClock::capture) is [`testing::capture`](crate::testing::capture) with that clock. Guards, `#[timed]` functions and
/// futures with all their options, self time, and work that [inherits](crate::testing::inherit) the capture are as they would be
/// if nothing but the advances had taken time. The hot paths have no instruction more for it; within such a capture all
/// recording goes the slow way.
///
/// A timing is told by where it ends: one that ends within the capture took what the clock was advanced by since it began, also
/// where that was before the capture; one that ends after it took as long as it did. A capture in the capture has the same
/// clock, unless it has one of its own. Clones are the same clock, which any thread may advance.
///
/// # Units
///
/// Durations are kept to the nearest tick of the processor's clock, as by [`Timer::record`](crate::Timer::record): less than a
/// nanosecond on most systems, 42 of them where that counts at 24 MHz.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use tachograph::testing::ManualClock;
/// use tachograph::{timed, timer};
///
/// #[timed(name = "tea_seconds")]
/// fn tea(clock: &ManualClock) {
///     clock.advance(Duration::from_secs(60));
///     timer!("brew_seconds").time(|| clock.advance(Duration::from_secs(180)));
/// }
///
/// let clock = ManualClock::new();
/// let ((), seen) = clock.capture(|| tea(&clock));
/// seen.assert_only(&["tea_seconds 1 sum=240", "brew_seconds 1 sum=180"]);
/// let tea = seen.timer("tea_seconds", &[]).unwrap();
/// assert_eq!(tea.self_total(), Duration::from_secs(60));
/// assert_eq!(clock.elapsed(), Duration::from_secs(240));
/// ```
#[derive(Clone, Default)]
pub struct ManualClock(Arc<Manual>);

impl ManualClock {
    /// A clock that stands at zero.
    pub fn new() -> ManualClock {
        ManualClock::default()
    }

    /// Lets so much time pass. All that this thread has done takes place before it, and all that it does next after it; so do
    /// other threads whom it hears from, or who hear from it.
    ///
    /// A call takes about four microseconds, and each is remembered as long as the clock lives. Where there is no clock at all,
    /// as on wasm32-unknown-unknown, timings take no time whatever is advanced.
    pub fn advance(&self, by: Duration) {
        // What an allocator that is timed would ask of this clock meanwhile, it waited for for ever.
        let _slow = enter_slow_path();
        self.0.advance(by);
    }

    /// By how much it was advanced.
    pub fn elapsed(&self) -> Duration {
        let _slow = enter_slow_path();
        self.0.elapsed()
    }

    /// Runs `work`, and returns its value with what this thread recorded in it, in the global registry: as
    /// [`testing::capture`](crate::testing::capture), with durations by this clock. So is the time that the
    /// [snapshot](Seen::snapshot) covers.
    ///
    /// # Panics
    ///
    /// As [`testing::capture`](crate::testing::capture).
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    /// use tachograph::{rate, testing::ManualClock, timer};
    ///
    /// let clock = ManualClock::new();
    /// let ((), seen) = clock.capture(|| {
    ///     let guard = timer!("job_seconds").start();
    ///     clock.advance(Duration::from_secs(3));
    ///     drop(guard);
    ///     rate!("jobs").increment(6);
    /// });
    /// seen.assert_only(&["job_seconds 1 sum=3", "jobs 6"]);
    /// assert_eq!(seen.snapshot().rate_per_second("jobs", &[]), Some(2.0));
    /// ```
    pub fn capture<T>(&self, work: impl FnOnce() -> T) -> (T, Seen) {
        self.capture_in(registry(), work)
    }

    /// As [`capture`](ManualClock::capture), of what was recorded in `registry`.
    ///
    /// # Panics
    ///
    /// As [`testing::capture`](crate::testing::capture).
    pub fn capture_in<T>(&self, registry: &Registry, work: impl FnOnce() -> T) -> (T, Seen) {
        super::capture_by(Some(self), registry, work)
    }

    /// Follows a future over its polls, as [`testing::capture_async`](crate::testing::capture_async), with durations by this clock.
    ///
    /// # Panics
    ///
    /// A poll panics where [`testing::capture`](crate::testing::capture) does.
    ///
    /// # Examples
    ///
    /// ```
    /// # use std::{future::Future, pin::pin, task::{Context, Poll, Waker}};
    /// # fn block_on<F: Future>(future: F) -> F::Output {
    /// #     let mut future = pin!(future);
    /// #     loop {
    /// #         if let Poll::Ready(value) = future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
    /// #             return value;
    /// #         }
    /// #     }
    /// # }
    /// use std::time::Duration;
    /// use tachograph::{testing::ManualClock, timed};
    ///
    /// #[timed(name = "fetch_seconds")]
    /// async fn fetch(clock: &ManualClock) {
    ///     clock.advance(Duration::from_millis(250));
    /// }
    ///
    /// let clock = ManualClock::new();
    /// let ((), seen) = block_on(clock.capture_async(fetch(&clock)));
    /// seen.assert_only(&["fetch_seconds 1 sum=0.25"]);
    /// ```
    pub fn capture_async<F: Future>(&self, future: F) -> CaptureAsync<F> {
        self.capture_async_in(registry(), future)
    }

    /// As [`capture_async`](ManualClock::capture_async), of what was recorded in `registry`.
    ///
    /// # Panics
    ///
    /// As [`capture_async`](ManualClock::capture_async).
    pub fn capture_async_in<F: Future>(&self, registry: &Registry, future: F) -> CaptureAsync<F> {
        future::capture_async_by(Some(self.clone()), registry, future)
    }

    pub(super) fn manual(&self) -> Arc<Manual> {
        Arc::clone(&self.0)
    }
}

impl fmt::Debug for ManualClock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ManualClock").field("elapsed", &self.elapsed()).finish_non_exhaustive()
    }
}

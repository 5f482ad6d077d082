//! The timer, and the guards that end a timing.

use std::fmt;
use std::marker::PhantomData;
use std::time::Duration;

use crate::arena::{self, Reason, Timing};
use crate::clock;
use crate::handle::DistributionSlot;

/// A distribution of durations, with the time that was spent in the timed code itself.
///
/// Durations between 2^-30 s (about a nanosecond) and 2^15 s (nine hours) are told apart to about
/// 1 %; the total, the shortest and the longest are exact to a clock tick. *Self time* is the
/// duration less that of timed code that ran inside, on the same thread.
///
/// Get one from [`timer!`](crate::timer), [`Registry::timer`](crate::Registry::timer), or put
/// [`#[timed]`](crate::timed) before a function.
///
/// # Examples
///
/// ```
/// let queries = tachograph::timer!("db_query_seconds");
/// let answer = queries.time(|| 6 * 7);
/// assert_eq!(answer, 42);
/// {
///     let _guard = queries.start();
///     // … what is to be timed
/// }
/// assert_eq!(queries.count(), 2);
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Timer(&'static DistributionSlot);

impl Timer {
    /// The handle of a holder.
    #[inline(always)]
    pub(crate) const fn new(slot: &'static DistributionSlot) -> Timer {
        Timer(slot)
    }

    /// The holder, for what reads it.
    pub(crate) fn holder(&self) -> &'static DistributionSlot {
        self.0
    }

    /// Starts a timing that ends, and is recorded, when the guard is dropped: at the end of its
    /// scope, at an early return, or while a panic unwinds.
    #[inline(always)]
    #[must_use = "the timing ends when the guard is dropped; write `let _guard = …`"]
    pub fn start(&self) -> TimerGuard {
        TimerGuard { holder: self.0, timing: Timing::start(), stays_on_its_thread: PhantomData }
    }

    /// Starts a timing whose guard may move to another thread, as in a future. It takes no part in
    /// self time: neither its own nor that of timings around it.
    #[inline(always)]
    #[must_use = "the timing ends when the guard is dropped; write `let _guard = …`"]
    pub fn start_detached(&self) -> DetachedGuard {
        DetachedGuard { holder: self.0, start: clock::now() }
    }

    /// Times a call.
    #[inline(always)]
    pub fn time<T>(&self, timed: impl FnOnce() -> T) -> T {
        let _guard = self.start();
        timed()
    }

    /// Records so many ticks of the clock, of which `own` were not spent in timed calls inside.
    #[inline(always)]
    pub(crate) fn record_ticks(&self, ticks: u64, own: u64) {
        if !self.0.known().record_ticks(ticks, own) {
            record_slowly(self.0, ticks, own);
        }
    }

    /// Records a duration that was measured elsewhere, at the resolution of a clock tick; all of it
    /// is self time. More than 2^60 ticks of the clock (nine years at 4 GHz) are dropped and counted.
    pub fn record(&self, duration: Duration) {
        let Some(ticks) = clock::ticks(duration) else { return arena::count_drop(Reason::TooLong) };
        match self.0.resolve() {
            Ok(distribution) => distribution.record_ticks_slowly(ticks, ticks),
            Err(reason) => arena::count_drop(reason),
        }
    }
}

/// Records the time since [`Timer::start`] when it is dropped.
///
/// Guards of one thread are meant to be dropped in the reverse order of their start, as scopes do;
/// in another order the totals are right and only self time is shifted between them.
#[must_use = "the timing ends when the guard is dropped; write `let _guard = …`"]
pub struct TimerGuard {
    holder: &'static DistributionSlot,
    timing: Timing,
    /// Self time is kept by thread.
    stays_on_its_thread: PhantomData<*const ()>,
}

impl TimerGuard {
    /// Ends the timing without recording it.
    pub fn discard(self) {
        self.timing.abandon();
        std::mem::forget(self);
    }

    /// Ends the timing now, as a drop would.
    #[inline(always)]
    pub fn stop(self) {}
}

impl Drop for TimerGuard {
    #[inline(always)]
    fn drop(&mut self) {
        stop(self.holder, self.timing);
    }
}

/// One copy for all sites: a site pays for a call, and its code stays small.
#[inline(never)]
fn stop(holder: &'static DistributionSlot, timing: Timing) {
    stop_at(holder, timing, clock::now());
}

#[inline(always)]
pub(super) fn stop_at(holder: &'static DistributionSlot, timing: Timing, now: u64) {
    let (ticks, own) = timing.stop_at(now);
    if !holder.known().record_ticks(ticks, own) {
        stop_slowly(holder, ticks, own, timing.start_tick());
    }
}

/// What the clock of a capture needs comes last: then the ticks are in the registers of this call already, which is an
/// instruction in the ways to it (`cargo bench --bench instructions`).
#[cold]
#[inline(never)]
fn stop_slowly(holder: &'static DistributionSlot, ticks: u64, own: u64, start: u64) {
    if let Some((ticks, own)) = arena::taken_by_clock(start, ticks, own) {
        record_slowly(holder, ticks, own);
    }
}

#[cold]
#[inline(never)]
fn record_slowly(holder: &'static DistributionSlot, ticks: u64, own: u64) {
    match holder.resolve() {
        Ok(distribution) => distribution.record_ticks_slowly(ticks, own),
        Err(reason) => arena::count_drop(reason),
    }
}

/// Records the time since [`Timer::start_detached`] when it is dropped, on whatever thread.
#[must_use = "the timing ends when the guard is dropped; write `let _guard = …`"]
pub struct DetachedGuard {
    holder: &'static DistributionSlot,
    start: u64,
}

impl DetachedGuard {
    /// Ends the timing now; so many ticks of it were spent in the timed code itself.
    pub(crate) fn stop_with(self, own_ticks: u64) {
        stop_detached(self.holder, self.start, own_ticks);
        std::mem::forget(self);
    }

    /// Ends the timing without recording it.
    pub fn discard(self) {
        std::mem::forget(self);
    }
}

impl Drop for DetachedGuard {
    #[inline]
    fn drop(&mut self) {
        stop_detached(self.holder, self.start, 0);
    }
}

#[inline(always)]
fn stop_detached(holder: &'static DistributionSlot, start: u64, own: u64) {
    let ticks = clock::elapsed(start, clock::now());
    if !holder.known().record_ticks(ticks, own) {
        stop_detached_slowly(holder, ticks, own, start);
    }
}

/// Its arguments are in the order of those of [`stop_slowly`].
#[cold]
#[inline(never)]
fn stop_detached_slowly(holder: &'static DistributionSlot, ticks: u64, own: u64, start: u64) {
    if let Some(ticks) = arena::elapsed_by_clock(start, ticks) {
        // Polls before the capture took time that its clock does not know.
        record_slowly(holder, ticks, own.min(ticks));
    }
}

impl fmt::Debug for TimerGuard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TimerGuard").field("timer", self.holder).finish_non_exhaustive()
    }
}

impl fmt::Debug for DetachedGuard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DetachedGuard").field("timer", self.holder).finish_non_exhaustive()
    }
}

//! The future of an async function, watched from outside: its polls, and how it ends.

use std::fmt;
use std::future::Future;
use std::panic::UnwindSafe;
use std::pin::Pin;
use std::task::{Context, Poll};

use crate::arena;
use crate::clock;
use crate::site::function::Timing;
use crate::site::function::parts::{Outcome, Parts};

/// A call of an async function, from its first poll until its future is done or dropped.
#[derive(Debug)]
#[must_use = "the call ends when this is dropped"]
pub struct FutureCall<T: Timing> {
    parts: &'static Parts,
    /// None once the call has ended, or where it is not timed.
    timing: Option<T>,
    counts_outcomes: bool,
    times_all: bool,
    measures_polls: bool,
    /// True during a poll, and ever after in one that panicked.
    is_polled: bool,
    has_ended: bool,
    busy_ticks: u64,
    /// Those that were not spent in timed calls inside.
    own_ticks: u64,
}

impl<T: Timing> FutureCall<T> {
    pub(super) fn begin(parts: &'static Parts, timing: T) -> FutureCall<T> {
        FutureCall {
            parts,
            timing: Some(timing),
            counts_outcomes: false,
            times_all: true,
            measures_polls: false,
            is_polled: false,
            has_ended: false,
            busy_ticks: 0,
            own_ticks: 0,
        }
    }

    /// Counts how the call ends, and times those only that return a value.
    pub fn outcomes(mut self) -> FutureCall<T> {
        self.counts_outcomes = true;
        self.times_all = false;
        self
    }

    /// Times the calls that panic or are cancelled, too.
    pub fn times_all(mut self) -> FutureCall<T> {
        self.times_all = true;
        self
    }

    /// Counts the polls, and times them where the call is timed.
    pub fn busy(mut self) -> FutureCall<T> {
        self.measures_polls = true;
        self
    }

    /// A future that polls `future`, which stays where it is pinned; `is_err` tells whether what it
    /// returns is an error.
    pub fn watch<'a, F: Future, E: Fn(&F::Output) -> bool>(
        &'a mut self,
        future: Pin<&'a mut F>,
        is_err: E,
    ) -> Watched<'a, F, T, E> {
        Watched { call: self, future, is_err }
    }

    fn poll<R>(&mut self, poll: impl FnOnce() -> Poll<R>) -> Poll<R> {
        self.is_polled = true;
        let polled = if self.measures_polls {
            self.parts.polled();
            if self.timing.as_ref().is_some_and(Timing::is_running) {
                self.poll_timed(poll)
            } else {
                poll()
            }
        } else {
            poll()
        };
        self.is_polled = false;
        polled
    }

    /// Timed calls inside the poll count as inside of it, and the poll as inside whatever polls.
    fn poll_timed<R>(&mut self, poll: impl FnOnce() -> R) -> R {
        /// Ends the timing also where the poll panics.
        struct Running<'a, T: Timing>(&'a mut FutureCall<T>, arena::Timing);
        impl<T: Timing> Drop for Running<'_, T> {
            fn drop(&mut self) {
                let (ticks, own) = self.1.stop_at(clock::now());
                self.0.busy_ticks = self.0.busy_ticks.saturating_add(ticks);
                self.0.own_ticks = self.0.own_ticks.saturating_add(own);
            }
        }
        let _running = Running(self, arena::Timing::start());
        poll()
    }

    fn end(&mut self, outcome: Outcome) {
        self.has_ended = true;
        if let Some(timing) = self.timing.take() {
            let is_timed = timing.is_running();
            if self.times_all || matches!(outcome, Outcome::Ok | Outcome::Err) {
                timing.stop(self.own_ticks);
                if self.measures_polls && is_timed {
                    self.parts.was_busy(self.busy_ticks, self.own_ticks);
                }
            } else {
                timing.discard();
            }
        }
        if self.counts_outcomes {
            self.parts.ended(outcome);
        }
    }
}

impl<T: Timing> Drop for FutureCall<T> {
    fn drop(&mut self) {
        if !self.has_ended {
            // Whether the thread is panicking says nothing: a future may be dropped by a panic of
            // somebody else's, which cancels it.
            self.end(if self.is_polled { Outcome::Panic } else { Outcome::Cancelled });
        }
    }
}

/// A future that is watched.
#[must_use = "futures do nothing unless polled"]
pub struct Watched<'a, F, T: Timing, E> {
    call: &'a mut FutureCall<T>,
    future: Pin<&'a mut F>,
    is_err: E,
}

/// Nothing of it is pinned.
impl<F, T: Timing, E> Unpin for Watched<'_, F, T, E> {}

/// What a panic leaves behind in a call is what its drop looks at.
impl<F: UnwindSafe, T: Timing, E> UnwindSafe for Watched<'_, F, T, E> {}

impl<F: Future, T: Timing, E: Fn(&F::Output) -> bool> Future for Watched<'_, F, T, E> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        let Watched { call, future, is_err } = self.get_mut();
        let polled = call.poll(|| future.as_mut().poll(context));
        if let Poll::Ready(value) = &polled {
            call.end(if is_err(value) { Outcome::Err } else { Outcome::Ok });
        }
        polled
    }
}

impl<F, T: Timing, E> fmt::Debug for Watched<'_, F, T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Watched").finish_non_exhaustive()
    }
}

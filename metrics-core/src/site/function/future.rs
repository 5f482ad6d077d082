//! The future of an async function, watched from outside: its polls, and how it ends.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use crate::arena;
use crate::clock;
use crate::handle::DetachedGuard;
use crate::site::function::parts::{Outcome, Parts};
use crate::site::function::{InFlight, Sampled, Timing};

/// What is to be recorded of a future.
#[derive(Debug, Clone, Copy)]
pub struct Watch {
    parts: &'static Parts,
    /// One call in so many is timed; 0 is every call, which is then not counted.
    every: u32,
    is_in_flight: bool,
    counts_outcomes: bool,
    times_all: bool,
    measures_polls: bool,
}

impl Watch {
    pub(super) fn of(parts: &'static Parts) -> Watch {
        Watch {
            parts,
            every: 0,
            is_in_flight: false,
            counts_outcomes: false,
            times_all: true,
            measures_polls: false,
        }
    }

    /// Counts the call, and times one in `every` of a thread's.
    pub fn sampled(self, every: u32) -> Watch {
        Watch { every, ..self }
    }

    /// Counts the call as in flight.
    pub fn in_flight(self) -> Watch {
        Watch { is_in_flight: true, ..self }
    }

    /// Counts how the call ends, and times those only that return a value.
    pub fn outcomes(self) -> Watch {
        Watch { counts_outcomes: true, times_all: false, ..self }
    }

    /// Times the calls that panic or are cancelled, too.
    pub fn times_all(self) -> Watch {
        Watch { times_all: true, ..self }
    }

    /// Counts the polls, and times them where the call is timed.
    pub fn busy(self) -> Watch {
        Watch { measures_polls: true, ..self }
    }

    /// The future, watched; `is_err` tells whether what it returns is an error.
    pub fn watch<F: Future, E: Fn(&F::Output) -> bool>(
        self,
        future: F,
        is_err: E,
    ) -> Watched<F, E> {
        Watched { future, call: Call { watch: self, state: State::Made }, is_err }
    }
}

/// A future that is watched, from its first poll until it is done or dropped.
///
/// It has no drop of its own, and is `Unpin` where its future is: so the future may be pinned as part of it.
#[must_use = "futures do nothing unless polled"]
pub struct Watched<F, E> {
    /// Dropped before the call ends, where nobody waited for it.
    future: F,
    call: Call,
    is_err: E,
}

impl<F: Future, E: Fn(&F::Output) -> bool> Future for Watched<F, E> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        // SAFETY: nothing is moved out of it: the future is only polled, and the rest is not pinned.
        let Watched { future, call, is_err } = unsafe { self.get_unchecked_mut() };
        // SAFETY: `self` is pinned and stays so until it is dropped, and its future is reached only here.
        let future = unsafe { Pin::new_unchecked(future) };
        let polled = call.poll(|| future.poll(context));
        if let Poll::Ready(value) = &polled {
            call.end(if is_err(value) { Outcome::Err } else { Outcome::Ok });
        }
        polled
    }
}

impl<F, E> fmt::Debug for Watched<F, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Watched").field("call", &self.call).finish_non_exhaustive()
    }
}

/// The call behind a future.
#[derive(Debug)]
struct Call {
    watch: Watch,
    state: State,
}

#[derive(Debug)]
enum State {
    /// The future was not polled yet: the call has not begun.
    Made,
    Running(Running),
    Ended,
}

#[derive(Debug)]
struct Running {
    timing: Sampled<DetachedGuard>,
    _in_flight: Option<InFlight>,
    /// True during a poll, and ever after in one that panicked.
    is_polled: bool,
    busy_ticks: u64,
    /// Those that were not spent in timed calls inside.
    own_ticks: u64,
}

impl Call {
    fn poll<R>(&mut self, poll: impl FnOnce() -> Poll<R>) -> Poll<R> {
        if matches!(self.state, State::Made) {
            self.state = State::Running(self.watch.begin());
        }
        let watch = self.watch;
        // What was polled to its end is polled on without being watched: that is its own affair.
        let State::Running(running) = &mut self.state else { return poll() };
        running.is_polled = true;
        let polled = if watch.measures_polls {
            watch.parts.polled();
            if running.timing.is_running() { running.poll_timed(poll) } else { poll() }
        } else {
            poll()
        };
        running.is_polled = false;
        polled
    }

    fn end(&mut self, outcome: Outcome) {
        let State::Running(running) = std::mem::replace(&mut self.state, State::Ended) else {
            return;
        };
        let Watch { parts, times_all, measures_polls, counts_outcomes, .. } = self.watch;
        let is_timed = running.timing.is_running();
        if times_all || matches!(outcome, Outcome::Ok | Outcome::Err) {
            running.timing.stop(running.own_ticks);
            if measures_polls && is_timed {
                parts.was_busy(running.busy_ticks, running.own_ticks);
            }
        } else {
            running.timing.discard();
        }
        if counts_outcomes {
            parts.ended(outcome);
        }
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        // Whether the thread is panicking says nothing: a future may be dropped by a panic of somebody
        // else's, which cancels it.
        if let State::Running(running) = &self.state {
            let outcome = if running.is_polled { Outcome::Panic } else { Outcome::Cancelled };
            self.end(outcome);
        }
    }
}

impl Watch {
    fn begin(self) -> Running {
        // In flight first, as without a watch.
        let in_flight = self.is_in_flight.then(|| self.parts.enter());
        let timing = match self.every {
            0 => Sampled::of(Some(self.parts.start_detached())),
            every => self.parts.start_sampled_detached(every),
        };
        Running { timing, _in_flight: in_flight, is_polled: false, busy_ticks: 0, own_ticks: 0 }
    }
}

impl Running {
    /// Timed calls inside the poll count as inside of it, and the poll as inside whatever polls.
    fn poll_timed<R>(&mut self, poll: impl FnOnce() -> R) -> R {
        /// Ends the timing also where the poll panics.
        struct Polling<'a>(&'a mut Running, arena::Timing);
        impl Drop for Polling<'_> {
            fn drop(&mut self) {
                let start = self.1.start_tick();
                let (ticks, own) = self.1.stop_at(clock::now());
                let (ticks, own) = arena::taken_by_clock(start, ticks, own).unwrap_or_default();
                self.0.busy_ticks = self.0.busy_ticks.saturating_add(ticks);
                self.0.own_ticks = self.0.own_ticks.saturating_add(own);
            }
        }
        let _polling = Polling(self, arena::Timing::start());
        poll()
    }
}

//! What `#[timed]` puts into a function.

use core::future::Future;

use crate::inert::handle::{DetachedGuard, Timer, TimerGuard};
use crate::inert::site::{DistributionSlot, Resolved};
use crate::unit::Unit;

/// In place of the slot of a function of which nothing is said.
pub const fn function<F: Fn()>(within: F) -> DistributionSlot {
    // There is nothing in it.
    core::mem::forget(within);
    DistributionSlot(())
}

/// In place of what the attribute says of a function.
#[derive(Debug)]
pub struct About(());

macro_rules! said {
    ($($name:ident($($value:ty)?)),*) => {
        $(
            /// Keeps nothing.
            #[must_use]
            pub fn $name(self, $(_: $value)?) -> About {
                self
            }
        )*
    };
}

impl About {
    /// Keeps nothing.
    pub fn function<F: Fn()>(_: F) -> About {
        About(())
    }

    said!(
        named(&'static str),
        labelled(&'static str),
        labels(&'static [(&'static str, &'static str)]),
        describe(&'static str),
        unit(Unit),
        schema(i8),
        bounds(&'static [f64]),
        calls(),
        in_flight(),
        outcomes(),
        cancellations(),
        busy()
    );

    /// No series.
    pub fn resolve(&self) -> Resolved {
        Resolved(())
    }
}

/// In place of a function with labels known at run time, or of which more than durations is recorded.
#[derive(Debug)]
pub struct FunctionSite<const N: usize>(());

impl<const N: usize> FunctionSite<N> {
    /// Keeps nothing.
    pub const fn new(_: fn() -> About, _: [&'static str; N]) -> FunctionSite<N> {
        FunctionSite(())
    }

    /// Nothing to record into.
    #[inline(always)]
    pub fn parts(&'static self, _: [&str; N]) -> Parts {
        Parts(())
    }
}

/// In place of what a call records into.
#[derive(Debug, Clone, Copy)]
pub struct Parts(());

impl Parts {
    /// A guard that does nothing.
    #[inline(always)]
    pub fn start(self) -> TimerGuard {
        Timer(()).start()
    }

    /// A guard that does nothing.
    #[inline(always)]
    pub fn start_detached(self) -> DetachedGuard {
        Timer(()).start_detached()
    }

    /// A guard that does nothing.
    #[inline(always)]
    pub fn start_sampled(self, _: u32) -> TimerGuard {
        Timer(()).start()
    }

    /// A guard that does nothing.
    #[inline(always)]
    pub fn start_sampled_detached(self, _: u32) -> DetachedGuard {
        Timer(()).start_detached()
    }

    /// A guard that does nothing.
    #[inline(always)]
    pub fn enter(self) -> DetachedGuard {
        Timer(()).start_detached()
    }

    /// A call that nobody watches.
    #[inline(always)]
    pub fn call<T>(self, timing: T) -> Call<T> {
        Call(timing)
    }

    /// A future that nobody watches.
    #[inline(always)]
    pub fn future(self) -> Watch {
        Watch(())
    }
}

/// A call that nobody watches.
#[derive(Debug)]
pub struct Call<T>(#[allow(dead_code, reason = "kept as long as the call takes")] T);

impl<T> Call<T> {
    /// Changes nothing.
    #[must_use]
    #[inline(always)]
    pub fn times_all(self) -> Call<T> {
        self
    }

    /// Changes nothing.
    #[must_use]
    #[inline(always)]
    pub fn stays(self) -> Call<T> {
        self
    }

    /// Does the call's work.
    #[inline(always)]
    pub fn run<R>(&self, run: impl FnOnce() -> R) -> R {
        run()
    }

    /// Does nothing.
    #[inline(always)]
    pub fn returned(self, _: bool) {}
}

/// In place of what is to be recorded of a future.
#[derive(Debug, Clone, Copy)]
pub struct Watch(());

macro_rules! asked {
    ($($name:ident($($value:ty)?)),*) => {
        $(
            /// Changes nothing.
            #[must_use]
            #[inline(always)]
            pub fn $name(self, $(_: $value)?) -> Watch {
                self
            }
        )*
    };
}

impl Watch {
    asked!(sampled(u32), in_flight(), outcomes(), times_all(), busy());

    /// The future itself.
    #[inline(always)]
    pub fn watch<F: Future>(self, future: F, _: impl Fn(&F::Output) -> bool) -> F {
        future
    }
}

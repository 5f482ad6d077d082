//! How a call of a function ends that is not async: it returns, or it panics.

use std::thread;

use crate::site::function::Timing;
use crate::site::function::parts::{Outcome, Parts};

/// A call that has begun. Dropped without having [returned](Call::returned), it panicked: there is no
/// other way out of a function. That the thread is panicking would say less, as a call may begin, and
/// panic once more, while another panic unwinds.
#[derive(Debug)]
#[must_use = "the call counts as one that panicked when this is dropped"]
pub struct Call<T: Timing> {
    parts: &'static Parts,
    /// None once the call has ended.
    timing: Option<T>,
    times_all: bool,
    /// Set where nobody says that the call returned.
    stays: Option<Stays>,
}

/// Whether the thread was panicking when the call began.
#[derive(Debug, Clone, Copy)]
struct Stays {
    was_panicking: bool,
}

impl<T: Timing> Call<T> {
    #[inline(always)]
    pub(super) fn begin(parts: &'static Parts, timing: T) -> Call<T> {
        Call { parts, timing: Some(timing), times_all: false, stays: None }
    }

    /// Times the calls that panic, too.
    #[inline(always)]
    pub fn times_all(mut self) -> Call<T> {
        self.times_all = true;
        self
    }

    /// Of a body that stays where it is, so that nobody says that it returned: it did, unless the thread
    /// began to panic meanwhile.
    #[inline(always)]
    pub fn stays(mut self) -> Call<T> {
        self.stays = Some(Stays { was_panicking: thread::panicking() });
        self
    }

    /// Does the call's work. A function of its own, so that `run` is known to be called once.
    #[inline(always)]
    pub fn run<R>(&self, run: impl FnOnce() -> R) -> R {
        run()
    }

    /// The call returned a value; an error, if so.
    #[inline(always)]
    pub fn returned(mut self, is_err: bool) {
        if let Some(timing) = self.timing.take() {
            timing.stop(0);
        }
        self.parts.ended(if is_err { Outcome::Err } else { Outcome::Ok });
    }
}

impl<T: Timing> Drop for Call<T> {
    #[inline(always)]
    fn drop(&mut self) {
        let Some(timing) = self.timing.take() else { return };
        match self.stays {
            Some(Stays { was_panicking }) if was_panicking || !thread::panicking() => {
                timing.stop(0);
                self.parts.ended(Outcome::Ok);
            }
            _ => panicked(self.parts, timing, self.times_all),
        }
    }
}

#[cold]
#[inline(never)]
fn panicked<T: Timing>(parts: &'static Parts, timing: T, times_all: bool) {
    if times_all {
        timing.stop(0);
    } else {
        timing.discard();
    }
    parts.ended(Outcome::Panic);
}

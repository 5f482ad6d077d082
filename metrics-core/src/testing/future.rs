//! Captures of futures: in each poll, the thread that polls records in the capture.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use crate::arena::Membership;
use crate::registry::{Registry, registry};
use crate::testing::{Begun, ManualClock, Seen, enter};

/// Follows a future over its polls, on whatever threads, and returns its value with what was recorded in them, in
/// the global registry.
///
/// The capture begins with the first poll, and ends with the last one. Of a future that is dropped before, or that panics, what
/// was recorded is in the totals. Work that it spawns is part of it by [`inherit_async`] and [`inherit`](crate::testing::inherit).
///
/// # Panics
///
/// A poll panics where [`capture`](crate::testing::capture) does.
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
/// use tachograph::{counter, testing, timed};
///
/// #[timed(name = "fetch_seconds")]
/// async fn fetch(page: u64) -> u64 {
///     counter!("pages_total").increment(1);
///     page
/// }
///
/// let (page, seen) = block_on(testing::capture_async(async { fetch(1).await + fetch(2).await }));
/// assert_eq!(page, 3);
/// seen.assert_only(&["pages_total 2", "fetch_seconds 2"]);
/// ```
pub fn capture_async<F: Future>(future: F) -> CaptureAsync<F> {
    capture_async_in(registry(), future)
}

/// As [`capture_async`], of what was recorded in `registry`.
///
/// # Panics
///
/// As [`capture_async`].
pub fn capture_async_in<F: Future>(registry: &Registry, future: F) -> CaptureAsync<F> {
    capture_async_by(None, registry, future)
}

pub(super) fn capture_async_by<F: Future>(
    clock: Option<ManualClock>,
    registry: &Registry,
    future: F,
) -> CaptureAsync<F> {
    CaptureAsync { clock, begun: None, future: Some(Box::pin(future)), registry: registry.clone() }
}

/// Makes a future that is polled elsewhere part of the capture in which this is called, as
/// [`inherit`](crate::testing::inherit) does for closures.
///
/// # Panics
///
/// A poll panics where there is no shard for it, as in [`capture`](crate::testing::capture).
pub fn inherit_async<F: Future>(future: F) -> InheritAsync<F> {
    InheritAsync { membership: Membership::current(), future: Some(Box::pin(future)) }
}

/// The future of [`capture_async`].
#[must_use = "futures do nothing unless polled"]
pub struct CaptureAsync<F> {
    clock: Option<ManualClock>,
    /// None before the first poll, and after the last one.
    begun: Option<Begun>,
    /// None after the last poll.
    future: Option<Pin<Box<F>>>,
    registry: Registry,
}

/// The future of [`inherit_async`].
#[must_use = "futures do nothing unless polled"]
pub struct InheritAsync<F> {
    membership: Option<Membership>,
    /// None after the last poll.
    future: Option<Pin<Box<F>>>,
}

impl<F: Future> Future for CaptureAsync<F> {
    type Output = (F::Output, Seen);

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<(F::Output, Seen)> {
        let this = self.get_mut();
        let begin = || Begun::now(this.clock.as_ref());
        let membership = this.begun.get_or_insert_with(begin).membership();
        let polled = poll_within(Some(&membership), &mut this.future, context);
        polled.map(|value| {
            // It was begun above.
            let begun = this.begun.take().unwrap_or_else(begin);
            (value, begun.end(&this.registry))
        })
    }
}

impl<F: Future> Future for InheritAsync<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.get_mut();
        poll_within(this.membership.as_ref(), &mut this.future, context)
    }
}

/// Polls within a capture; a future that is done is dropped within it, too.
fn poll_within<F: Future>(
    membership: Option<&Membership>,
    future: &mut Option<Pin<Box<F>>>,
    context: &mut Context<'_>,
) -> Poll<F::Output> {
    let _entered = membership.and_then(enter);
    let Some(running) = future else { panic!("a future was polled after it was done") };
    let polled = running.as_mut().poll(context);
    if polled.is_ready() {
        *future = None;
    }
    polled
}

/// What the drop of a future records belongs to its capture, too. Without room for it, it goes to the totals at once.
fn drop_within<F>(membership: Option<&Membership>, future: &mut Option<Pin<Box<F>>>) {
    if future.is_some() {
        let _entered = membership.and_then(|membership| membership.enter().ok().flatten());
        *future = None;
    }
}

impl<F> Drop for CaptureAsync<F> {
    fn drop(&mut self) {
        let membership = self.begun.as_ref().map(Begun::membership);
        drop_within(membership.as_ref(), &mut self.future);
    }
}

impl<F> Drop for InheritAsync<F> {
    fn drop(&mut self) {
        drop_within(self.membership.as_ref(), &mut self.future);
    }
}

impl<F> fmt::Debug for CaptureAsync<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CaptureAsync").field("begun", &self.begun.is_some()).finish_non_exhaustive()
    }
}

impl<F> fmt::Debug for InheritAsync<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InheritAsync").finish_non_exhaustive()
    }
}

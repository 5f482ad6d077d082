//! Futures to run by hand, and what was recorded of them.

#![allow(dead_code, reason = "not every test uses all of it")]

use std::future::Future;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};

use tachograph::{Snapshot, TimerSnapshot};

pub(crate) fn snapshot() -> Snapshot {
    tachograph::registry().snapshot()
}

pub(crate) fn durations(labels: &[(&str, &str)]) -> TimerSnapshot {
    snapshot().timer("function_duration_seconds", labels).expect("it was called").clone()
}

pub(crate) fn busy(labels: &[(&str, &str)]) -> TimerSnapshot {
    snapshot().timer("function_busy_seconds", labels).expect("it was called").clone()
}

/// ok, err, panic, cancelled
pub(crate) fn outcomes(function: &str) -> [Option<u64>; 4] {
    let snapshot = snapshot();
    ["ok", "err", "panic", "cancelled"].map(|outcome| {
        let labels = [("function", function), ("outcome", outcome)];
        snapshot.counter("function_outcomes_total", &labels)
    })
}

pub(crate) fn poll<F: Future>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

/// Runs a future to its end.
pub(crate) fn run<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    loop {
        if let Poll::Ready(output) = poll(future.as_mut()) {
            return output;
        }
    }
}

/// Is pending so many times.
pub(crate) struct Pause(u32);

impl Future for Pause {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        match self.0.checked_sub(1) {
            None => Poll::Ready(()),
            Some(left) => {
                self.0 = left;
                Poll::Pending
            }
        }
    }
}

pub(crate) fn pause(times: u32) -> Pause {
    Pause(times)
}

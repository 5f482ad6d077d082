//! A thread that does something once in an interval, until its owner drops it.
//!
//! It sleeps between, and works at multiples of the interval since it began, so that a late tick makes the next one no
//! later. After a pause that is longer than an interval it goes on from there. A forked child, which has the owner and
//! not the thread, neither waits for it nor touches its lock.

use std::io;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use crate::clock;

/// Has something done until it is dropped.
#[derive(Debug)]
pub(crate) struct Ticker {
    stop: Arc<Stop>,
    thread: Option<JoinHandle<()>>,
    /// A forked child has the value, and not the thread.
    process: u32,
}

/// How the thread is told to end.
#[derive(Debug, Default)]
struct Stop {
    is_over: Mutex<bool>,
    told: Condvar,
}

impl Ticker {
    /// Works `first` from now, and then once in an interval, in a thread of that name.
    pub(crate) fn start(
        name: &str,
        first: Duration,
        interval: Duration,
        work: impl FnMut() + Send + 'static,
    ) -> io::Result<Ticker> {
        let stop = Arc::<Stop>::default();
        let told = Arc::clone(&stop);
        let thread = thread::Builder::new()
            .name(name.to_owned())
            .spawn(move || tick(first, interval, &told, work))?;
        Ok(Ticker { stop, thread: Some(thread), process: std::process::id() })
    }
}

impl Drop for Ticker {
    fn drop(&mut self) {
        if self.process != std::process::id() {
            // The lock may be held by a thread that does not exist here.
            std::mem::forget(self.thread.take());
            return;
        }
        *self.stop.is_over.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.stop.told.notify_all();
        if let Some(thread) = self.thread.take() {
            // It was told; what it is at takes no longer than a tick. How it ended changes nothing here.
            let _ = thread.join();
        }
    }
}

fn tick(first: Duration, interval: Duration, stop: &Stop, mut work: impl FnMut()) {
    let mut next = clock::steady() + first;
    while !stop.is_told_until(next) {
        work();
        let now = clock::steady();
        next += interval;
        if next < now {
            next = now + interval;
        }
    }
}

impl Stop {
    /// Waits until then; true as soon as the end is told.
    fn is_told_until(&self, then: Duration) -> bool {
        let is_over = self.is_over.lock().unwrap_or_else(PoisonError::into_inner);
        let left = then.saturating_sub(clock::steady());
        let waited = self.told.wait_timeout_while(is_over, left, |is_over| !*is_over);
        *waited.unwrap_or_else(PoisonError::into_inner).0
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    const DAY: Duration = Duration::from_secs(86_400);

    #[test]
    fn it_works_at_once_and_again_until_it_is_dropped() {
        let (told, worked) = mpsc::channel();
        let work = move || told.send(thread::current().name().map(str::to_owned)).unwrap();
        let ticker = Ticker::start("ticks", Duration::ZERO, Duration::from_millis(1), work);
        for _ in 0..3 {
            assert_eq!(worked.recv().unwrap().as_deref(), Some("ticks"));
        }
        drop(ticker);
        // What it had to send with went with it.
        assert!(worked.iter().all(|name| name.is_some()));
    }

    #[test]
    fn it_ends_in_the_middle_of_an_interval() {
        for first in [Duration::ZERO, DAY] {
            let (told, worked) = mpsc::channel();
            let ticker = Ticker::start("ticks", first, DAY, move || told.send(()).unwrap());
            let expected = usize::from(first.is_zero());
            assert_eq!(worked.iter().take(expected).count(), expected);
            drop(ticker);
            assert_eq!(worked.iter().count(), 0, "{first:?}");
        }
    }
}

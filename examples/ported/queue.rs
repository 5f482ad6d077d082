//! A queue of limited length between those who bring jobs and those who do them.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use tachograph::{Counter, Gauge, Level, counter, gauge, histogram};

use crate::job::Job;

/// Jobs that wait, first in, first out.
pub(crate) struct Queue {
    state: Mutex<State>,
    capacity: usize,
    /// Something was put in, taken out, or the queue was closed.
    changed: Condvar,
    depth: Gauge,
    pushed: Counter,
}

struct State {
    waiting: VecDeque<(Instant, Job)>,
    is_closed: bool,
}

impl Queue {
    pub(crate) fn new(capacity: usize) -> Queue {
        gauge!("queue_capacity").set(capacity as f64);
        let state = State { waiting: VecDeque::with_capacity(capacity), is_closed: false };
        Queue {
            state: Mutex::new(state),
            capacity,
            changed: Condvar::new(),
            depth: gauge!("queue_depth"),
            pushed: counter!(target: "queue", level: Level::DEBUG, "queue_pushed_total"),
        }
    }

    /// Adds a job, once there is room.
    pub(crate) fn push(&self, job: Job) {
        let mut state = self.state();
        while state.waiting.len() == self.capacity {
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        state.waiting.push_back((Instant::now(), job));
        self.depth.increment(1.0);
        self.pushed.increment(1);
        self.changed.notify_all();
    }

    /// Takes the oldest job, once there is one; none when the queue is closed and empty.
    pub(crate) fn pop(&self) -> Option<Job> {
        let mut state = self.state();
        loop {
            if let Some((since, job)) = state.waiting.pop_front() {
                self.depth.decrement(1.0);
                self.changed.notify_all();
                histogram!("queue_wait_seconds").record(since.elapsed());
                return Some(job);
            }
            if state.is_closed {
                return None;
            }
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// No more jobs come.
    pub(crate) fn close(&self) {
        self.state().is_closed = true;
        self.changed.notify_all();
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

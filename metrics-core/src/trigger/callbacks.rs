//! What a trigger calls, on a thread of its own: whatever a callback does, no tick waits for it.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::mpsc::{self, Receiver, SyncSender};
use std::thread;
use std::time::Duration;

use super::TriggerEvent;
use crate::clock;
use crate::panicked;
use crate::registry::{FailureReason, Own, Registry};

/// How many events wait for a callback that has not come back; further ones are counted and left out.
const QUEUE_MAX: usize = 64;

/// Counts what callbacks did wrong.
const FAILURES: Own = Own {
    name: "tachograph_trigger_callback_failures_total",
    description: "Callbacks of triggers that panicked or took too long, and events that found no room.",
};

pub(super) type Callback = Box<dyn FnMut(&TriggerEvent) + Send>;

/// What is called when it fires, and when it resolves.
#[derive(Default)]
pub(super) struct Calls {
    pub(super) on_fire: Option<Callback>,
    pub(super) on_resolve: Option<Callback>,
}

/// The way to the thread, which ends when this is dropped, once it has done what it was asked for.
pub(super) struct Callbacks {
    queue: SyncSender<TriggerEvent>,
    common: Arc<Common>,
}

/// What both sides know.
struct Common {
    registry: Registry,
    trigger: String,
    deadline: Duration,
    /// Which of the two are called at all.
    has_on_fire: bool,
    has_on_resolve: bool,
    /// Since when a callback has run, in nanoseconds of the steady clock; or one of the two below. Relaxed throughout: it is
    /// changed by compare and swap, and nothing else depends on it.
    running_since: AtomicU64,
}

const NOT_RUNNING: u64 = 0;
/// It has run for too long, and that was counted.
const LATE: u64 = u64::MAX;

impl Callbacks {
    pub(super) fn start(
        registry: &Registry,
        trigger: &str,
        deadline: Duration,
        calls: Calls,
    ) -> io::Result<Callbacks> {
        let (queue, events) = mpsc::sync_channel(QUEUE_MAX);
        let common = Arc::new(Common {
            registry: registry.clone(),
            trigger: trigger.to_owned(),
            deadline,
            has_on_fire: calls.on_fire.is_some(),
            has_on_resolve: calls.on_resolve.is_some(),
            running_since: AtomicU64::new(NOT_RUNNING),
        });
        let thread = Arc::clone(&common);
        thread::Builder::new()
            .name("tachograph-trigger".to_owned())
            .spawn(move || thread.serve(&events, calls))?;
        Ok(Callbacks { queue, common })
    }

    /// Hands an event over; never waits.
    pub(super) fn call(&self, event: TriggerEvent) {
        let common = &self.common;
        let is_asked_for =
            if event.is_firing() { common.has_on_fire } else { common.has_on_resolve };
        if is_asked_for && self.queue.try_send(event).is_err() {
            common.count("dropped");
        }
    }

    /// Counts a callback that has run for too long, once.
    pub(super) fn check(&self) {
        let common = &self.common;
        let since = common.running_since.load(Relaxed);
        if common.is_late(since)
            && common.running_since.compare_exchange(since, LATE, Relaxed, Relaxed).is_ok()
        {
            common.count(FailureReason::Deadline.as_str());
        }
    }
}

impl Common {
    fn serve(&self, events: &Receiver<TriggerEvent>, mut calls: Calls) {
        for event in events {
            let call = if event.is_firing() { &mut calls.on_fire } else { &mut calls.on_resolve };
            let Some(call) = call else { continue };
            self.running_since.store(now(), Relaxed);
            let ended = catch_unwind(AssertUnwindSafe(|| call(&event)));
            let since = self.running_since.swap(NOT_RUNNING, Relaxed);
            if let Err(panic) = ended {
                let _ = panicked::message_of(panic);
                self.count(FailureReason::Panic.as_str());
            } else if self.is_late(since) {
                self.count(FailureReason::Deadline.as_str());
            }
        }
    }

    /// False of one that was counted already.
    fn is_late(&self, since: u64) -> bool {
        since != NOT_RUNNING
            && since != LATE
            && Duration::from_nanos(now().saturating_sub(since)) > self.deadline
    }

    fn count(&self, reason: &str) {
        let labels = [("reason", reason), ("trigger", &*self.trigger)];
        // Without room for it there is nobody to tell.
        if let Ok(failures) = self.registry.own_counter(FAILURES, &labels) {
            failures.increment(1);
        }
    }
}

/// Of the steady clock; neither of the two that mean something else.
fn now() -> u64 {
    u64::try_from(clock::steady().as_nanos()).unwrap_or(LATE).clamp(NOT_RUNNING + 1, LATE - 1)
}

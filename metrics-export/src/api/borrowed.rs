//! A history for as long as somebody looks, where the program keeps none.
//!
//! It is begun by the first question and ticked by a thread of its own, which ends, and the history with it, when
//! nobody asked for ten minutes, or when whoever answers is gone. Triggers do not find it.

use std::io;
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use tachograph::{History, Registry};

/// When nobody asked for so long, nobody looks.
const IDLE: Duration = Duration::from_secs(600);

/// How far it reaches back, and the most memory that it takes, in bytes.
const RETENTION: Duration = Duration::from_secs(3_600);
const MEMORY_LIMIT: usize = 32 << 20;

#[derive(Debug)]
pub(super) struct Borrowed {
    registry: Registry,
    lent: Arc<Mutex<Option<Lent>>>,
}

#[derive(Debug)]
struct Lent {
    history: History,
    asked: Instant,
    /// The thread ends when this is gone.
    _running: Sender<()>,
    /// A forked child has the value, and not the thread.
    process: u32,
}

impl Borrowed {
    pub(super) fn new(registry: Registry) -> Borrowed {
        Borrowed { registry, lent: Arc::default() }
    }

    /// The history, which is begun where there is none.
    ///
    /// # Errors
    ///
    /// When there is no thread to be had for it.
    pub(super) fn history(&self) -> io::Result<History> {
        let mut lent = lock(&self.lent);
        if let Some(known) = lent.as_mut().filter(|known| known.process == std::process::id()) {
            known.asked = Instant::now();
            return Ok(known.history.clone());
        }
        let builder = History::builder().registry(&self.registry).apart();
        let builder = builder.retention(RETENTION).memory_limit(MEMORY_LIMIT);
        let history = builder.build().map_err(io::Error::other)?;
        let (running, stopped) = mpsc::channel::<()>();
        let (ticked, place) = (history.clone(), Arc::downgrade(&self.lent));
        thread::Builder::new().name("tachograph-look".to_owned()).spawn(move || {
            // A late tick makes the next one no later, unless it was very late.
            let mut next = Instant::now() + ticked.interval();
            loop {
                let wait = next.saturating_duration_since(Instant::now());
                if stopped.recv_timeout(wait) != Err(RecvTimeoutError::Timeout) {
                    return;
                }
                ticked.tick(SystemTime::now());
                next = (next + ticked.interval()).max(Instant::now());
                let Some(lent) = place.upgrade() else { return };
                end_if_idle(&mut lock(&lent), Instant::now());
            }
        })?;
        let process = std::process::id();
        let asked = Instant::now();
        *lent = Some(Lent { history: history.clone(), asked, _running: running, process });
        Ok(history)
    }

    #[cfg(test)]
    pub(super) fn is_lent(&self) -> bool {
        lock(&self.lent).is_some()
    }
}

/// Takes the history away when nobody asked for long enough; the thread then finds its channel closed.
fn end_if_idle(lent: &mut Option<Lent>, now: Instant) {
    lent.take_if(|lent| now.saturating_duration_since(lent.asked) >= IDLE);
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Poison is ignored: what is in it is whole, whatever panicked.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_the_same_while_somebody_asks_and_gone_when_nobody_did_for_ten_minutes() {
        let registry = Registry::new();
        let borrowed = Borrowed::new(registry.clone());
        assert!(!borrowed.is_lent(), "nobody asked");
        registry.counter("jobs_total", &[]).unwrap().increment(1);
        borrowed.history().unwrap().tick(SystemTime::now() + Duration::from_secs(1));
        let ticks = borrowed.history().unwrap().usage().ticks();
        assert!(ticks >= 1, "the second question found the history of the first");
        assert!(registry.history().is_none(), "triggers do not find it");

        let asked = lock(&borrowed.lent).as_ref().unwrap().asked;
        let mut lent = lock(&borrowed.lent);
        end_if_idle(&mut lent, asked + IDLE - Duration::from_secs(1));
        assert!(lent.is_some());
        end_if_idle(&mut lent, asked + IDLE);
        assert!(lent.is_none());
    }
}

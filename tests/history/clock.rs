//! A clock that shows what it is told, and the history that goes by it.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::SeqCst;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tachograph::{History, HistoryBuilder, Registry};

/// Where days begin: not on a border of anything. Nanoseconds since 1970.
pub(crate) const BEGIN: u64 = 1_767_312_007_250_000_000;

pub(crate) const SECOND: u64 = 1_000_000_000;
pub(crate) const MINUTE: u64 = 60 * SECOND;
pub(crate) const HOUR: u64 = 60 * MINUTE;

#[derive(Clone)]
pub(crate) struct Clock(Arc<AtomicU64>);

impl Clock {
    pub(crate) fn new() -> Clock {
        Clock(Arc::new(AtomicU64::new(BEGIN)))
    }

    pub(crate) fn now(&self) -> u64 {
        self.0.load(SeqCst)
    }

    pub(crate) fn set(&self, now: u64) {
        self.0.store(now, SeqCst);
    }

    pub(crate) fn forward(&self, by: u64) {
        self.set(self.now() + by);
    }

    /// Settings of a history that goes by this clock.
    pub(crate) fn builder(&self, registry: &Registry) -> HistoryBuilder {
        let clock = self.clone();
        History::builder().registry(registry).clock(move || time(clock.now()))
    }

    /// Goes forward, and ticks.
    pub(crate) fn tick(&self, history: &History, by: u64) -> bool {
        self.forward(by);
        history.tick(time(self.now()))
    }
}

pub(crate) fn time(nanos: u64) -> SystemTime {
    UNIX_EPOCH + Duration::from_nanos(nanos)
}

pub(crate) fn nanos(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH).unwrap().as_nanos() as u64
}

//! The time of day, which stands still until it is told to go on.

use std::sync::Arc;
use std::sync::atomic::AtomicU32;
use std::sync::atomic::Ordering::Relaxed;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

pub(crate) const SECOND: Duration = Duration::from_secs(1);

/// Seconds.
pub(crate) const MINUTE: u32 = 60;
pub(crate) const HOUR: u32 = 60 * MINUTE;
pub(crate) const DAY: u32 = 24 * HOUR;

/// Midnight of the 2nd of March 2026, in seconds since 1970.
const MIDNIGHT: u64 = 1_772_409_600;

#[derive(Debug, Clone)]
pub(crate) struct Clock(Arc<AtomicU32>);

impl Clock {
    pub(crate) fn at_midnight() -> Clock {
        Clock(Arc::default())
    }

    /// How many seconds of the day have passed.
    pub(crate) fn second(&self) -> u32 {
        self.0.load(Relaxed)
    }

    pub(crate) fn forward(&self) {
        self.0.fetch_add(1, Relaxed);
    }

    pub(crate) fn now(&self) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(MIDNIGHT + u64::from(self.second()))
    }
}

/// The second of the day.
pub(crate) fn second_of(time: SystemTime) -> u32 {
    let since = time.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    since.saturating_sub(MIDNIGHT) as u32
}

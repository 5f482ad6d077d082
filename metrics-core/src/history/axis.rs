//! The time of a history: nanoseconds that only ever go forward.
//!
//! Ticks are dated by the program's clock, which can be set back and forth, and stands still for nobody
//! while a machine sleeps. So the history keeps an axis of its own. Where the clock is set back, the axis
//! goes on as though one interval had passed, and stays ahead of the clock from then on. Where much more
//! time has passed than lies between two ticks, nothing is known of most of it: that is a gap.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Nanoseconds on the axis; those of a clock that was never set back are since 1970.
pub(super) type Nanos = u64;

/// Between two ticks that are further apart than so many intervals there is a gap.
const GAP_INTERVALS: u64 = 10;

/// What lies between two ticks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Step {
    /// The tick before.
    pub(super) after: Nanos,
    /// This tick.
    pub(super) to: Nanos,
    /// How much of that the process was watched, up to this tick.
    pub(super) covered: Nanos,
}

#[derive(Debug, Clone)]
pub(super) struct Axis {
    /// How far it is ahead of the clock.
    ahead: Nanos,
    /// What usually lies between two ticks.
    interval: Nanos,
    /// The last tick.
    last: Nanos,
    /// The tick that found the clock set back last; 0 for none.
    set_back_until: Nanos,
}

/// When a history is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Now {
    pub(super) at: Nanos,
    /// Since when the clock has shown what the axis says that it showed; 0 if it always has. What was dated by the
    /// clock before lies elsewhere on the axis.
    pub(super) dated_since: Nanos,
}

impl Axis {
    pub(super) fn new(now: SystemTime, interval: Duration) -> Axis {
        Axis { ahead: 0, interval: nanos_of(interval).max(1), last: nanos(now), set_back_until: 0 }
    }

    /// The last tick.
    pub(super) fn last(&self) -> Nanos {
        self.last
    }

    pub(super) fn interval(&self) -> Nanos {
        self.interval
    }

    /// A moment of the clock, not before the last tick.
    pub(super) fn now(&self, now: SystemTime) -> Now {
        let at = self.place(now);
        // One that was set back since the last tick dates nothing right until the next one.
        let dated_since = if at < self.last { Nanos::MAX } else { self.set_back_until };
        Now { at: at.max(self.last), dated_since }
    }

    /// A moment of the clock as it goes now.
    pub(super) fn place(&self, time: SystemTime) -> Nanos {
        nanos(time).saturating_add(self.ahead)
    }

    /// What the clock shows, or would have shown, at a moment of the axis.
    pub(super) fn time(&self, at: Nanos) -> SystemTime {
        UNIX_EPOCH + Duration::from_nanos(at.saturating_sub(self.ahead))
    }

    /// What lies between the last tick and a moment after it.
    pub(super) fn step_to(&self, to: Nanos) -> Step {
        let passed = to.saturating_sub(self.last);
        let is_gap = passed > self.interval.saturating_mul(GAP_INTERVALS);
        Step { after: self.last, to, covered: if is_gap { self.interval } else { passed } }
    }

    /// Goes on to a tick; None where it comes so soon after the last one that nothing is worth keeping apart.
    pub(super) fn tick(&mut self, now: SystemTime) -> Option<Step> {
        let mut to = self.place(now);
        if to < self.last {
            // The clock was set back.
            to = self.last.saturating_add(self.interval);
            self.ahead = to.saturating_sub(nanos(now));
            self.set_back_until = to;
        }
        let step = self.step_to(to);
        if to - self.last < (self.interval / 2).max(1) {
            return None;
        }
        self.last = to;
        Some(step)
    }
}

/// Nanoseconds since 1970; what lies before is 1970, what does not fit (after 2554) the end of time.
fn nanos(time: SystemTime) -> Nanos {
    time.duration_since(UNIX_EPOCH).map_or(0, nanos_of)
}

pub(super) fn nanos_of(duration: Duration) -> Nanos {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Nanos = 1_000_000_000;

    fn at(seconds: f64) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs_f64(seconds)
    }

    fn axis() -> Axis {
        Axis::new(at(1_000.0), Duration::from_secs(1))
    }

    #[test]
    fn ticks_of_a_steady_clock_cover_all_of_it() {
        let mut axis = axis();
        for second in 1_001..1_010 {
            let step = axis.tick(at(f64::from(second))).unwrap();
            assert_eq!(step.to, u64::from(second as u32) * SECOND);
            assert_eq!((step.to - step.after, step.covered), (SECOND, SECOND));
        }
        // Late, but no gap.
        assert_eq!(axis.tick(at(1_018.0)).unwrap().covered, 9 * SECOND);
        assert_eq!(axis.tick(at(1_018.25)), None, "too soon");
        assert_eq!(axis.tick(at(1_018.5)).unwrap().covered, SECOND / 2);
    }

    #[test]
    fn what_a_suspended_machine_missed_is_a_gap() {
        let mut axis = axis();
        let step = axis.tick(at(4_600.0)).unwrap();
        assert_eq!((step.to - step.after, step.covered), (3_600 * SECOND, SECOND));
    }

    #[test]
    fn a_clock_that_is_set_back_goes_on() {
        let mut axis = axis();
        let step = axis.tick(at(500.0)).unwrap();
        assert_eq!((step.after, step.to, step.covered), (1_000 * SECOND, 1_001 * SECOND, SECOND));
        assert_eq!(axis.time(step.to), at(500.0));
        let step = axis.tick(at(501.0)).unwrap();
        assert_eq!((step.to, step.covered), (1_002 * SECOND, SECOND));
        let now = axis.now(at(501.5));
        assert_eq!((now.at, now.dated_since), (1_002 * SECOND + SECOND / 2, 1_001 * SECOND));
        let now = axis.now(at(3.0));
        assert_eq!((now.at, now.dated_since), (1_002 * SECOND, Nanos::MAX), "not before the tick");
    }

    #[test]
    fn no_time_is_out_of_range() {
        let mut axis = Axis::new(UNIX_EPOCH - Duration::from_secs(5), Duration::ZERO);
        assert_eq!(axis.last(), 0);
        let far = UNIX_EPOCH + Duration::from_secs(1 << 40);
        assert_eq!(axis.tick(far).unwrap().to, u64::MAX);
        assert_eq!(axis.tick(far), None);
        assert_eq!(axis.tick(at(1.0)), None, "there is no time after the end of it");
    }
}

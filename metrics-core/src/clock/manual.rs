//! Time that is advanced by hand, for tests.
//!
//! A timing begins with a read of the counter, and nothing can turn that elsewhere without an instruction for it on the hot
//! path. So the counter is read as ever, and of each advance is kept at which tick it happened: between two ticks, as much
//! time has passed as was advanced between them.
//!
//! Reads of the counter are not ordered against the work around them, and the counters of two processors may be a little
//! apart. So an advance keeps a distance of time to all that comes before and after it, which is much longer than either.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::{elapsed, now, ticks};

/// How far an advance is from what comes before and after it. A processor is ahead of itself by some hundred instructions.
const DISTANCE: Duration = Duration::from_micros(2);

/// How often the counter is asked whether the distance is kept: about a millisecond, where it stands still.
const QUESTIONS_MAX: u32 = 100_000;

/// A clock that only goes on when it is told to.
#[derive(Debug, Default)]
pub(crate) struct Manual(Mutex<Past>);

#[derive(Debug, Default)]
struct Past {
    advances: Advances,
    /// By thread, those advances that are in timings which have ended there: ranges of their places, in order and apart.
    ended: BTreeMap<usize, Vec<Range<usize>>>,
}

/// In the order of their ticks.
#[derive(Debug, Default)]
struct Advances(Vec<Advance>);

#[derive(Debug)]
struct Advance {
    tick: u64,
    /// All that was advanced until then, this one included.
    total: Duration,
}

impl Manual {
    /// Lets so much time pass, here and now.
    pub(crate) fn advance(&self, by: Duration) {
        let mut past = self.lock();
        past.advances.add(keep_distance(), by);
        keep_distance();
    }

    /// All that was advanced.
    pub(crate) fn elapsed(&self) -> Duration {
        let past = self.lock();
        past.advances.total(past.advances.0.len())
    }

    /// What was advanced between two ticks.
    pub(crate) fn between(&self, start: u64, end: u64) -> Duration {
        let past = self.lock();
        past.advances.sum(past.advances.within(start, end))
    }

    /// Ends a timing of a thread: what was advanced between its ticks, and how much of that was not in timings
    /// inside it. That is, in none of the thread that has ended: so of several in which an advance is, it is the
    /// self time of the one that ends first.
    pub(crate) fn end(&self, thread: usize, start: u64, end: u64) -> (Duration, Duration) {
        let Past { advances, ended } = &mut *self.lock();
        let within = advances.within(start, end);
        if within.is_empty() {
            return (Duration::ZERO, Duration::ZERO);
        }
        let ended = ended.entry(thread).or_default();
        let first = ended.partition_point(|range| range.end <= within.start);
        let behind = ended.partition_point(|range| range.start < within.end);
        let (mut inner, mut merged) = (Duration::ZERO, within.clone());
        for range in ended.drain(first..behind) {
            inner += advances.sum(range.start.max(within.start)..range.end.min(within.end));
            merged = merged.start.min(range.start)..merged.end.max(range.end);
        }
        ended.insert(first, merged);
        let whole = advances.sum(within);
        (whole, whole.saturating_sub(inner))
    }

    /// Poison is ignored: what panics under the lock are allocations, before anything is changed that belongs together.
    fn lock(&self) -> MutexGuard<'_, Past> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Advances {
    fn add(&mut self, tick: u64, by: Duration) {
        // A processor whose counter is behind does not bring them out of order.
        let tick = self.0.last().map_or(tick, |latest| latest.tick.max(tick));
        let total = self.total(self.0.len()).saturating_add(by);
        self.0.push(Advance { tick, total });
    }

    /// The places of those between two ticks.
    fn within(&self, start: u64, end: u64) -> Range<usize> {
        let until = |tick| self.0.partition_point(|advance| advance.tick <= tick);
        until(start)..until(end)
    }

    /// What the first so many came to.
    fn total(&self, count: usize) -> Duration {
        count.checked_sub(1).map_or(Duration::ZERO, |last| self.0[last].total)
    }

    /// What those at these places came to.
    fn sum(&self, places: Range<usize>) -> Duration {
        self.total(places.end).saturating_sub(self.total(places.start))
    }
}

/// Waits until the counter is beyond whatever was read before this by the distance, and returns it.
fn keep_distance() -> u64 {
    let start = now();
    // More than one tick, also of a slow counter: what is read elsewhere is not at the same one.
    let distance = ticks(DISTANCE).unwrap_or(0).max(1);
    for _ in 0..QUESTIONS_MAX {
        let tick = now();
        if elapsed(start, tick) > distance {
            return tick;
        }
        std::hint::spin_loop();
    }
    now()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(count: u64) -> Duration {
        Duration::from_secs(count)
    }

    /// A clock that was advanced by 1, 2, 4, … seconds, at the ticks 10, 20, 30, ….
    fn advanced(times: u64) -> Manual {
        let advance =
            |place| Advance { tick: 10 * (place + 1), total: seconds((2_u64 << place) - 1) };
        let advances = Advances((0..times).map(advance).collect());
        Manual(Mutex::new(Past { advances, ..Past::default() }))
    }

    #[test]
    fn what_passed_between_two_ticks_was_advanced_between_them() {
        let clock = advanced(3);
        assert_eq!(clock.elapsed(), seconds(7));
        for (start, end, expected) in
            [(0, 9, 0), (0, 10, 1), (10, 19, 0), (9, 35, 7), (10, 29, 2), (25, 99, 4), (40, 50, 0)]
        {
            assert_eq!(clock.between(start, end), seconds(expected), "{start} to {end}");
        }
        assert_eq!(Manual::default().between(0, u64::MAX), Duration::ZERO);
    }

    #[test]
    fn each_advance_is_the_self_time_of_one_timing() {
        let clock = advanced(6);
        for (thread, start, end, whole, own) in [
            // Two siblings, and then what is around them.
            (1, 15, 25, 2, 2),
            (1, 35, 45, 8, 8),
            (1, 5, 55, 31, 21),
            (1, 0, 99, 63, 32),
            // All of it is in a timing that has ended.
            (1, 0, 99, 63, 0),
            // Another thread's are not inside of these.
            (2, 25, 45, 12, 12),
            // Guards that are dropped in the order of their start.
            (2, 35, 55, 24, 16),
            (2, 0, 36, 7, 3),
            (2, 46, 48, 0, 0),
            (2, 0, 99, 63, 32),
        ] {
            let expected = (seconds(whole), seconds(own));
            assert_eq!(clock.end(thread, start, end), expected, "{thread}: {start} to {end}");
        }
    }

    #[test]
    fn timings_in_any_order_are_as_a_list_of_all_advances_has_them() {
        const ADVANCES: u64 = 24;
        let clock = advanced(ADVANCES);
        let mut random = 1_u64;
        let mut below = |limit: u64| {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (random >> 33) % limit
        };
        let mut has_ended = [[false; ADVANCES as usize]; 40];
        for _ in 0..400 {
            let thread = below(40) as usize;
            let start = below(10 * ADVANCES);
            let end = start + below(100);
            let (mut whole, mut own) = (0, 0);
            for place in (0..ADVANCES).filter(|place| (start..end).contains(&(10 * place + 9))) {
                whole += 1 << place;
                if !std::mem::replace(&mut has_ended[thread][place as usize], true) {
                    own += 1 << place;
                }
            }
            assert_eq!(clock.between(start, end), seconds(whole));
            assert_eq!(clock.end(thread, start, end), (seconds(whole), seconds(own)));
        }
    }

    #[test]
    fn ticks_that_are_read_around_an_advance_are_around_it() {
        let clock = Manual::default();
        for count in 1..=100 {
            let before = now();
            clock.advance(seconds(1));
            let after = now();
            assert_eq!(clock.between(0, before), seconds(count - 1));
            assert_eq!(clock.between(before, after), seconds(1));
        }
        clock.advance(Duration::MAX);
        assert_eq!(clock.elapsed(), Duration::MAX);
    }
}

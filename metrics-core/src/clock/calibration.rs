//! How long a tick of a processor's counter is, held against the monotonic clock.
//!
//! A declared frequency is taken if a short look at the monotonic clock does not contradict it: a
//! hypervisor that scales the counter may forget to tell its guest. Otherwise the counter is measured
//! for a quarter of a millisecond. There is no sleep, and a monotonic clock that stands still (some
//! tools freeze it) does not hang the caller.

/// How long a declared frequency is looked at, and a counter is measured, in nanoseconds.
const CHECK_NS: u64 = 20_000;
const MEASURE_NS: u64 = 250_000;

/// How far a declared frequency may be off in a check: the clock is read to about 100 ns on the
/// coarsest system, once at each end.
const TOLERANCE: f64 = 0.02;

/// Reads at each end of a measurement, of which the one least disturbed counts.
const TRIES: u32 = 8;

/// How often the monotonic clock is asked whether the time is over. At the 20 ns of a usual system
/// that makes twenty milliseconds, long after the end of a measurement.
const QUESTIONS_MAX: u32 = 1_000_000;

/// What a tick is taken to be when nothing tells and the monotonic clock stands still.
const SECONDS_PER_TICK_UNKNOWN: f64 = 1e-9;

/// Seconds per tick of `counter`; `nanos` is the monotonic clock.
pub(super) fn seconds_per_tick(
    declared_hz: Option<f64>,
    counter: impl Fn() -> u64,
    nanos: impl Fn() -> u64,
) -> f64 {
    if let Some(hz) = declared_hz {
        let declared = 1.0 / hz;
        let contradicts = |measured: f64| (declared / measured - 1.0).abs() > TOLERANCE;
        if !measure(CHECK_NS, &counter, &nanos).is_some_and(contradicts) {
            return declared;
        }
    }
    measure(MEASURE_NS, &counter, &nanos).unwrap_or(SECONDS_PER_TICK_UNKNOWN)
}

/// Seconds per tick over a span; `None` where one of the two clocks stands still.
fn measure(span_ns: u64, counter: &impl Fn() -> u64, nanos: &impl Fn() -> u64) -> Option<f64> {
    let start = Pair::read(counter, nanos);
    for _ in 0..QUESTIONS_MAX {
        if nanos().saturating_sub(start.nanos) >= span_ns {
            let end = Pair::read(counter, nanos);
            let ticks = end.ticks.saturating_sub(start.ticks);
            let seconds = end.nanos.saturating_sub(start.nanos) as f64 * 1e-9;
            return (ticks > 0).then(|| seconds / ticks as f64);
        }
        std::hint::spin_loop();
    }
    None
}

/// One moment by both clocks.
struct Pair {
    ticks: u64,
    nanos: u64,
}

impl Pair {
    /// Reads the counter between two reads of the monotonic clock, several times, and takes the
    /// closest two: whatever came between them (an interrupt, another thread) made them wider.
    fn read(counter: &impl Fn() -> u64, nanos: &impl Fn() -> u64) -> Pair {
        let mut closest = Pair { ticks: 0, nanos: 0 };
        let mut closest_width = u64::MAX;
        for _ in 0..TRIES {
            let before = nanos();
            let ticks = counter();
            let width = nanos().saturating_sub(before);
            if width < closest_width {
                closest = Pair { ticks, nanos: before + width / 2 };
                closest_width = width;
            }
        }
        closest
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    /// Two clocks of one machine: every read takes 20 ns, and every so many reads something comes
    /// between for a tenth of a millisecond.
    struct Machine {
        time_ns: Cell<u64>,
        reads: Cell<u32>,
        disturbed_every: u32,
        ticks_per_us: u64,
    }

    impl Machine {
        fn new(ticks_per_us: u64, disturbed_every: u32) -> Machine {
            Machine {
                time_ns: Cell::new(7_000_000),
                reads: Cell::new(0),
                disturbed_every,
                ticks_per_us,
            }
        }

        fn pass(&self) -> u64 {
            self.reads.set(self.reads.get() + 1);
            let is_disturbed = self.reads.get() % self.disturbed_every == 0;
            self.time_ns.set(self.time_ns.get() + if is_disturbed { 100_000 } else { 20 });
            self.time_ns.get()
        }

        fn seconds_per_tick(&self, declared_hz: Option<f64>) -> f64 {
            seconds_per_tick(
                declared_hz,
                || self.pass() * self.ticks_per_us / 1_000,
                || self.pass(),
            )
        }
    }

    fn assert_near(found: f64, expected: f64) {
        assert!((found / expected - 1.0).abs() < 1e-3, "{found:e} is not about {expected:e}");
    }

    #[test]
    fn a_counter_is_measured_also_when_reads_are_disturbed() {
        for ticks_per_us in [24, 1_000, 3_500] {
            for disturbed_every in [u32::MAX, 11, 7, 5] {
                for reads_before in 0..disturbed_every.min(11) {
                    let machine = Machine::new(ticks_per_us, disturbed_every);
                    machine.reads.set(reads_before);
                    assert_near(machine.seconds_per_tick(None), 1e-6 / ticks_per_us as f64);
                }
            }
        }
    }

    #[test]
    fn a_declared_frequency_is_exact_unless_the_clock_contradicts_it() {
        let machine = || Machine::new(3_000, u32::MAX);
        assert_eq!(machine().seconds_per_tick(Some(3e9)), 1.0 / 3e9);
        assert_eq!(machine().seconds_per_tick(Some(3.01e9)), 1.0 / 3.01e9);
        for wrong in [2.7e9, 3.3e9, 24e6] {
            assert_near(machine().seconds_per_tick(Some(wrong)), 1.0 / 3e9);
        }
    }

    #[test]
    fn a_clock_that_stands_still_hangs_nobody() {
        let counts = Cell::new(0);
        let counter = || counts.replace(counts.get() + 30);
        assert_eq!(seconds_per_tick(Some(2e9), counter, || 5), 0.5e-9);
        assert_eq!(seconds_per_tick(None, counter, || 5), SECONDS_PER_TICK_UNKNOWN);
        let nanos = || counts.replace(counts.get() + 30);
        assert_eq!(seconds_per_tick(None, || 5, nanos), SECONDS_PER_TICK_UNKNOWN);
    }
}

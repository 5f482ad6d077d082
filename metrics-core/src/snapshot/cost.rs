//! What one call of a timer, a histogram or a summary costs on this machine, measured once per process.
//!
//! A few thousand calls on a registry of its own take some ten microseconds; the smallest of several
//! batches is taken, since a batch can only be slowed down by what else runs.

use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::Relaxed;

use once_cell::race::OnceBox;

use crate::clock;
use crate::registry::Registry;

const BATCHES: u32 = 10;
const CALLS: u32 = 100;

/// The nanoseconds of one call, as bits; those of no number before they are measured. Relaxed throughout: each figure stands alone,
/// and two threads that measure at once store about the same.
struct Figure(AtomicU64);

const UNKNOWN: u64 = u64::MAX;

impl Figure {
    const fn unknown() -> Figure {
        Figure(AtomicU64::new(UNKNOWN))
    }

    /// The figure, measured the first time. Without room for a series there is nothing to measure, and the cost is that
    /// of no call.
    fn get(&self, measure: impl FnOnce(&Registry) -> Option<f64>) -> f64 {
        /// Kept, since one that is dropped is told as one that the program gave up. Nobody waits for who makes it: that
        /// thread may be gone, in a forked child.
        static REGISTRY: OnceBox<Registry> = OnceBox::new();
        if self.0.load(Relaxed) == UNKNOWN {
            let registry = REGISTRY.get_or_init(|| Box::new(Registry::new()));
            let measured = measure(registry).unwrap_or(0.0);
            self.0.store(measured.to_bits(), Relaxed);
        }
        f64::from_bits(self.0.load(Relaxed))
    }
}

/// What a call of a timer costs, in nanoseconds.
pub(super) fn of_a_timer() -> f64 {
    static TIMER: Figure = Figure::unknown();
    TIMER.get(|registry| {
        let timer = registry.timer("calibration_seconds", &[]).ok()?;
        Some(smallest(|_| drop(timer.start())))
    })
}

/// What a value costs that a histogram takes.
pub(super) fn of_a_histogram() -> f64 {
    static HISTOGRAM: Figure = Figure::unknown();
    HISTOGRAM.get(|registry| {
        let histogram = registry.histogram("calibration", &[]).ok()?;
        Some(smallest(|value| histogram.record(value)))
    })
}

/// What a value costs that a summary takes, of which nothing is said.
pub(super) fn of_a_summary() -> f64 {
    static SUMMARY: Figure = Figure::unknown();
    SUMMARY.get(|registry| {
        let summary = registry.summary("calibration_kept", &[]).ok()?;
        Some(smallest(|value| summary.record(value)))
    })
}

/// The nanoseconds of one call, in the fastest batch; each with another value.
fn smallest(mut call: impl FnMut(f64)) -> f64 {
    let (mut best, mut value) = (f64::INFINITY, 1.0);
    for _ in 0..BATCHES {
        let start = clock::steady();
        for _ in 0..CALLS {
            value += 0.125;
            call(value);
        }
        best = best.min((clock::steady() - start).as_nanos() as f64 / f64::from(CALLS));
    }
    best
}

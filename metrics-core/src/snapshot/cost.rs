//! What one call of a timer or a histogram costs on this machine, measured once per process.
//!
//! A few thousand calls on a registry of its own take some ten microseconds; the smallest of several
//! batches is taken, since a batch can only be slowed down by what else runs.

use std::sync::atomic::Ordering::Relaxed;
use std::sync::atomic::{AtomicBool, AtomicU64};

use crate::clock;
use crate::registry::Registry;

const BATCHES: u32 = 10;
const CALLS: u32 = 100;

/// Nanoseconds for one call.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Cost {
    pub(super) timer_ns: f64,
    pub(super) histogram_ns: f64,
}

/// Bits of the two figures, and whether they are there. Relaxed: each figure stands alone, and two
/// threads that measure at once store about the same.
static TIMER_NS: AtomicU64 = AtomicU64::new(0);
static HISTOGRAM_NS: AtomicU64 = AtomicU64::new(0);
static MEASURED: AtomicBool = AtomicBool::new(false);

/// The cost of a call, measured the first time.
pub(super) fn of_calls() -> Cost {
    if !MEASURED.load(Relaxed) {
        let measured = measure();
        TIMER_NS.store(measured.timer_ns.to_bits(), Relaxed);
        HISTOGRAM_NS.store(measured.histogram_ns.to_bits(), Relaxed);
        MEASURED.store(true, Relaxed);
    }
    let load = |cell: &AtomicU64| f64::from_bits(cell.load(Relaxed));
    Cost { timer_ns: load(&TIMER_NS), histogram_ns: load(&HISTOGRAM_NS) }
}

fn measure() -> Cost {
    let registry = Registry::new();
    // Without room for the two there is nothing to measure, and the cost is that of no call.
    let (Ok(timer), Ok(histogram)) =
        (registry.timer("calibration_seconds", &[]), registry.histogram("calibration", &[]))
    else {
        return Cost::default();
    };
    let mut value = 1.0;
    Cost {
        timer_ns: smallest(|| drop(timer.start())),
        histogram_ns: smallest(|| {
            value += 0.125;
            histogram.record(value);
        }),
    }
}

/// The nanoseconds of one call, in the fastest batch.
fn smallest(mut call: impl FnMut()) -> f64 {
    let mut best = f64::INFINITY;
    for _ in 0..BATCHES {
        let start = clock::steady();
        for _ in 0..CALLS {
            call();
        }
        best = best.min((clock::steady() - start).as_nanos() as f64 / f64::from(CALLS));
    }
    best
}

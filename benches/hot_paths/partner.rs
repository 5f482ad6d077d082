//! A second thread that does what the first one does, to the same metric, for as long as that is
//! measured.

use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::{Acquire, Release};
use std::thread;

use crate::paths::Path;
use crate::surroundings::Surroundings;

/// What the partner is told instead of a path's number.
const END: usize = usize::MAX;

/// How often it does its path before it asks again.
const TIMES: u64 = 256;

/// Measures with a partner at work: `prepare`, which `measure` is given, returns when the partner has
/// begun with that path.
pub(crate) fn with<T>(
    around: Surroundings,
    all: &[&Path],
    measure: impl FnOnce(Surroundings, &[&Path], &mut dyn FnMut(usize)) -> T,
) -> T {
    let (wanted, doing) = (AtomicUsize::new(0), AtomicUsize::new(END));
    thread::scope(|scope| {
        scope.spawn(|| {
            loop {
                // Acquire and Release on both: the order of what is wanted and done is all there is.
                let number = wanted.load(Acquire);
                if number == END {
                    break;
                }
                (all[number].run)(around, TIMES);
                doing.store(number, Release);
            }
        });
        let measured = measure(around, all, &mut |number| {
            wanted.store(number, Release);
            while doing.load(Acquire) != number {
                thread::yield_now();
            }
        });
        wanted.store(END, Release);
        measured
    })
}

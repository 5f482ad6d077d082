//! What the machine itself asks for: the least that anything which does the same job can cost.

use std::cell::Cell;
#[cfg(not(target_arch = "x86_64"))]
use std::time::Instant;

/// Sub-buckets of a power of two in the log-linear floor, as a power of two.
const LINEAR_BITS: u32 = 4;

const BUCKETS: usize = 64 << LINEAR_BITS;

thread_local! {
    static TOTAL: Cell<u64> = const { Cell::new(0) };
    static SUM: Cell<u64> = const { Cell::new(0) };
    static COUNTS: [Cell<u64>; BUCKETS] = const { [const { Cell::new(0) }; BUCKETS] };
}

/// A counter that only its thread knows.
#[inline(always)]
pub(crate) fn cell_add(amount: u64) {
    TOTAL.set(TOTAL.get().wrapping_add(amount));
}

/// A histogram that only its thread knows: 16 buckets for each power of two, and the sum.
#[inline(always)]
pub(crate) fn log_linear(value: u64) {
    SUM.set(SUM.get().wrapping_add(value));
    let exponent = (value | (1 << LINEAR_BITS)).ilog2() - LINEAR_BITS;
    // At most 60 * 16 + 31.
    let bucket = ((exponent as usize) << LINEAR_BITS) + (value >> exponent) as usize;
    COUNTS.with(|counts| counts[bucket].set(counts[bucket].get() + 1));
}

/// Two reads of the clock that timers read.
#[inline(always)]
pub(crate) fn two_clock_reads() -> u64 {
    let start = clock();
    clock().wrapping_sub(start)
}

#[inline(always)]
#[cfg(target_arch = "x86_64")]
fn clock() -> u64 {
    // SAFETY: every x86-64 processor has the counter, and no system that runs this forbids it.
    unsafe { core::arch::x86_64::_rdtsc() }
}

#[inline(always)]
#[cfg(not(target_arch = "x86_64"))]
fn clock() -> u64 {
    thread_local! {
        static START: Instant = Instant::now();
    }
    START.with(|start| start.elapsed().as_nanos() as u64)
}

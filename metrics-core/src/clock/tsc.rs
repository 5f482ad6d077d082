//! The time stamp counter of x86, where the processor says that it is invariant: of one rate in all
//! power states, and never stopped. Elsewhere the monotonic clock stands in.
//!
//! Whether it is invariant is asked at the first use. How fast it counts comes from the processor or
//! from the hypervisor if they tell, and is measured if they do not, or if what they tell cannot be true.

#[cfg(target_arch = "x86")]
use std::arch::x86 as arch;
#[cfg(target_arch = "x86_64")]
use std::arch::x86_64 as arch;
use std::sync::atomic::{AtomicU8, Ordering};

use arch::CpuidResult;

use super::{calibration, monotonic};

const UNKNOWN: u8 = 0;
const TSC: u8 = 1;
const MONOTONIC: u8 = 2;

/// Which clock is read.
///
/// Relaxed throughout: it goes once from `UNKNOWN` to an answer that all threads find alike, and
/// nothing else is published with it.
static SOURCE: AtomicU8 = AtomicU8::new(UNKNOWN);

/// The frequencies at which a declaration is believed, in hertz.
const PLAUSIBLE_HZ: std::ops::RangeInclusive<f64> = 0.5e9..=10e9;

#[inline(always)]
pub(super) fn now() -> u64 {
    if SOURCE.load(Ordering::Relaxed) == TSC { counter() } else { now_otherwise() }
}

/// The first read, and every one where the counter is not to be trusted.
#[cold]
#[inline(never)]
fn now_otherwise() -> u64 {
    if is_tsc() { counter() } else { monotonic::now() }
}

#[inline(always)]
fn counter() -> u64 {
    // SAFETY: every processor with `cpuid` leaf 0x8000_0007, which `is_tsc` saw, has `rdtsc`.
    unsafe { arch::_rdtsc() }
}

fn is_tsc() -> bool {
    match SOURCE.load(Ordering::Relaxed) {
        UNKNOWN => {
            let is_tsc = is_invariant(cpuid);
            SOURCE.store(if is_tsc { TSC } else { MONOTONIC }, Ordering::Relaxed);
            is_tsc
        }
        source => source == TSC,
    }
}

pub(super) fn seconds_per_tick() -> f64 {
    if is_tsc() {
        calibration::seconds_per_tick(declared_hz(cpuid), counter, monotonic::now)
    } else {
        monotonic::seconds_per_tick()
    }
}

pub(super) fn source() -> &'static str {
    if is_tsc() { "tsc" } else { monotonic::source() }
}

#[allow(unused_unsafe, reason = "newer compilers know that `cpuid` is safe where it exists")]
fn cpuid(leaf: u32) -> CpuidResult {
    // SAFETY: every processor that Rust's x86 targets start at has `cpuid`.
    unsafe { arch::__cpuid(leaf) }
}

/// Leaf 0x8000_0007, EDX bit 8.
fn is_invariant(cpuid: impl Fn(u32) -> CpuidResult) -> bool {
    cpuid(0x8000_0000).eax >= 0x8000_0007 && cpuid(0x8000_0007).edx & (1 << 8) != 0
}

/// The counter's frequency as the processor (leaf 0x15) or the hypervisor (leaf 0x4000_0010) tells it.
fn declared_hz(cpuid: impl Fn(u32) -> CpuidResult) -> Option<f64> {
    let by_processor = || {
        let leaf = (cpuid(0).eax >= 0x15).then(|| cpuid(0x15))?;
        let (crystal_hz, numerator, denominator) = (leaf.ecx, leaf.ebx, leaf.eax);
        // Any of them is 0 where the processor does not know it; the range below excludes NaN as well.
        Some(f64::from(crystal_hz) * f64::from(numerator) / f64::from(denominator))
    };
    let by_hypervisor = || {
        let has_hypervisor = cpuid(1).ecx & (1 << 31) != 0;
        let has_leaf = has_hypervisor && cpuid(0x4000_0000).eax >= 0x4000_0010;
        has_leaf.then(|| f64::from(cpuid(0x4000_0010).eax) * 1e3)
    };
    let plausible = |hz: &f64| PLAUSIBLE_HZ.contains(hz);
    by_processor().filter(plausible).or_else(|| by_hypervisor().filter(plausible))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A processor whose other leaves are all zero: leaf, then EAX, EBX, ECX, EDX.
    fn processor(leaves: &[(u32, [u32; 4])]) -> impl Fn(u32) -> CpuidResult {
        |leaf| {
            let found = leaves.iter().find(|(number, _)| *number == leaf);
            let [eax, ebx, ecx, edx] = found.map_or([0; 4], |(_, registers)| *registers);
            CpuidResult { eax, ebx, ecx, edx }
        }
    }

    const HYPERVISOR: (u32, [u32; 4]) = (1, [0, 0, 1 << 31, 0]);

    #[test]
    fn the_counter_is_used_only_where_it_is_invariant() {
        let invariant = (0x8000_0007, [0, 0, 0, 1 << 8]);
        for (leaves, expected) in [
            (vec![(0x8000_0000, [0x8000_0008, 0, 0, 0]), invariant], true),
            (vec![(0x8000_0000, [0x8000_0008, 0, 0, 0])], false),
            // What a processor answers for a leaf beyond its last one means nothing.
            (vec![(0x8000_0000, [0x8000_0004, 0, 0, 0]), invariant], false),
            (vec![invariant], false),
        ] {
            assert_eq!(is_invariant(processor(&leaves)), expected);
        }
    }

    #[test]
    fn the_first_read_is_by_the_clock_of_the_later_ones() {
        let later = if is_tsc() { counter } else { monotonic::now };
        SOURCE.store(UNKNOWN, Ordering::Relaxed);
        let first = now();
        // Some seconds' worth; the two clocks began at different times, and at different rates.
        assert!(later().abs_diff(first) < 10_000_000_000);
    }

    #[test]
    fn a_frequency_is_believed_only_where_it_is_declared_and_plausible() {
        let crystal = (0x15, [2, 216, 24_000_000, 0]);
        let hypervisor_last = (0x4000_0000, [0x4000_0010, 0, 0, 0]);
        let hypervisor_khz = (0x4000_0010, [2_600_000, 0, 0, 0]);
        for (leaves, expected) in [
            (vec![], None),
            (vec![(0, [0x16, 0, 0, 0]), crystal], Some(2.592e9)),
            (vec![(0, [0x14, 0, 0, 0]), crystal], None),
            (vec![(0, [0x16, 0, 0, 0]), (0x15, [2, 216, 0, 0])], None),
            (vec![(0, [0x16, 0, 0, 0]), (0x15, [0, 216, 24_000_000, 0])], None),
            (vec![(0, [0x16, 0, 0, 0]), (0x15, [0, 0, 0, 0])], None),
            (
                vec![(0, [0x16, 0, 0, 0]), crystal, HYPERVISOR, hypervisor_last, hypervisor_khz],
                Some(2.592e9),
            ),
            (vec![HYPERVISOR, hypervisor_last, hypervisor_khz], Some(2.6e9)),
            (vec![(0, [0x16, 0, 0, 0]), HYPERVISOR, hypervisor_last, hypervisor_khz], Some(2.6e9)),
            (vec![hypervisor_last, hypervisor_khz], None),
            (vec![HYPERVISOR, (0x4000_0000, [0x4000_000c, 0, 0, 0]), hypervisor_khz], None),
            (vec![HYPERVISOR, hypervisor_last, (0x4000_0010, [100, 0, 0, 0])], None),
            (vec![HYPERVISOR, hypervisor_last, (0x4000_0010, [u32::MAX, 0, 0, 0])], None),
        ] {
            assert_eq!(declared_hz(processor(&leaves)), expected, "{leaves:x?}");
        }
    }
}

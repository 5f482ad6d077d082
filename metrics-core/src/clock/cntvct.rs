//! The virtual counter of aarch64: of constant rate by the architecture, readable by every program.

use std::arch::asm;

use super::{calibration, monotonic};

/// The frequencies at which the firmware is believed, in hertz.
const PLAUSIBLE_HZ: std::ops::RangeInclusive<f64> = 0.5e6..=10e9;

#[inline(always)]
pub(super) fn now() -> u64 {
    let ticks: u64;
    // SAFETY: the instruction only writes `ticks`; the systems that std runs on let programs use it.
    unsafe { asm!("mrs {}, cntvct_el0", out(reg) ticks, options(nomem, nostack, preserves_flags)) };
    ticks
}

pub(super) fn seconds_per_tick() -> f64 {
    let hz: u64;
    // SAFETY: the instruction only writes `hz`; it may be used wherever `cntvct_el0` may be.
    unsafe { asm!("mrs {}, cntfrq_el0", out(reg) hz, options(nomem, nostack, preserves_flags)) };
    // The firmware writes this register, and some forget to.
    let declared_hz = Some(hz as f64).filter(|hz| PLAUSIBLE_HZ.contains(hz));
    calibration::seconds_per_tick(declared_hz, now, monotonic::now)
}

pub(super) fn source() -> &'static str {
    "cntvct"
}

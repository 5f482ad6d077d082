//! What was not recorded, counted by reason: nothing is lost in silence.

use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::Relaxed;

/// Why a record was dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reason {
    /// NaN or an infinity, where only numbers can be summed.
    NotFinite,
    /// A sum would have left the finite numbers.
    SumOverflow,
    /// A duration of more than 2^60 ticks: nine years at 4 GHz.
    TooLong,
    /// A metric of this name exists with another kind.
    Conflict,
    /// The name or a label broke its rules.
    Invalid,
    /// The system or the arena had no room for one more series.
    NoRoom,
    /// Recorded from within the recorder's own slow path (an allocator or a `Display` that records).
    Reentrant,
}

impl Reason {
    pub(crate) const ALL: [Reason; 7] = [
        Reason::NotFinite,
        Reason::SumOverflow,
        Reason::TooLong,
        Reason::Conflict,
        Reason::Invalid,
        Reason::NoRoom,
        Reason::Reentrant,
    ];

    /// The value of the label `reason`.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Reason::NotFinite => "not_finite",
            Reason::SumOverflow => "sum_overflow",
            Reason::TooLong => "too_long",
            Reason::Conflict => "conflict",
            Reason::Invalid => "invalid",
            Reason::NoRoom => "no_room",
            Reason::Reentrant => "reentrant",
        }
    }
}

static COUNTS: [AtomicU64; Reason::ALL.len()] = [const { AtomicU64::new(0) }; Reason::ALL.len()];

/// Counts one dropped record.
#[cold]
pub(crate) fn count(reason: Reason) {
    // Relaxed: a total that stands alone.
    COUNTS[reason as usize].fetch_add(1, Relaxed);
}

/// Every reason with how many records it took.
pub(crate) fn counts() -> [(Reason, u64); Reason::ALL.len()] {
    // Relaxed: as in `count`.
    Reason::ALL.map(|reason| (reason, COUNTS[reason as usize].load(Relaxed)))
}

/// Starts from zero, in a forked child.
#[cfg(all(unix, not(miri)))]
pub(super) fn reset() {
    for count in &COUNTS {
        // Relaxed: the child has one thread.
        count.store(0, Relaxed);
    }
}

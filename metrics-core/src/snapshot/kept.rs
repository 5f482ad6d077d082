//! What histories of the global registry report of themselves, for its own series.

use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::Relaxed;

use crate::arena;

/// What one of them holds, and had to leave out, since it began.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Kept {
    pub(crate) bytes: u64,
    pub(crate) ticks: u64,
    pub(crate) refused: u64,
    /// Of the finest ring, that of ten seconds, and that of minutes.
    pub(crate) thinned: [u64; 3],
}

/// The values of the label `ring`.
pub(super) const RINGS: [&str; 3] = ["ticks", "10s", "60s"];

/// Of the history that ticked last. Relaxed throughout: each is a number that stands alone.
static BYTES: AtomicU64 = AtomicU64::new(0);
static TICKS: AtomicU64 = AtomicU64::new(0);
static REFUSED: AtomicU64 = AtomicU64::new(0);
static THINNED: [AtomicU64; 3] = [const { AtomicU64::new(0) }; 3];

/// The fork generation that reported, plus one: a child has no history before it reports itself.
static REPORTED: AtomicU64 = AtomicU64::new(0);

impl Kept {
    /// Lets the next snapshots say so.
    pub(crate) fn report(&self) {
        BYTES.store(self.bytes, Relaxed);
        TICKS.store(self.ticks, Relaxed);
        REFUSED.store(self.refused, Relaxed);
        for (place, count) in THINNED.iter().zip(self.thinned) {
            place.store(count, Relaxed);
        }
        REPORTED.store(u64::from(arena::generation()) + 1, Relaxed);
    }

    /// What was reported in this process, if anything was.
    pub(super) fn reported() -> Option<Kept> {
        let is_of_this_process = REPORTED.load(Relaxed) == u64::from(arena::generation()) + 1;
        is_of_this_process.then(|| Kept {
            bytes: BYTES.load(Relaxed),
            ticks: TICKS.load(Relaxed),
            refused: REFUSED.load(Relaxed),
            thinned: [0, 1, 2].map(|ring| THINNED[ring].load(Relaxed)),
        })
    }
}

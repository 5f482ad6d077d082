//! Shortcuts: the addresses of gauges' state cells, which holders keep so that a set need not look for them.
//!
//! A gauge that is set within a capture is seen by that capture alone, but the hot path of a set looks at nothing but the
//! shortcut. So all shortcuts are withdrawn while there are captures: every set then goes the slow way, which asks
//! whose it is, and where it is nobody's stores as ever. The first sets after the last capture bring the shortcuts back.
//! Whether one is in place is decided under the growth lock, as is whether there are captures.

use std::ptr;
use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};
use std::sync::atomic::{AtomicPtr, AtomicU64};

use super::{extent, shard};

/// The address of a state cell, or none: it is not known yet, or there are captures.
#[derive(Debug)]
pub(crate) struct Shortcut(AtomicPtr<AtomicU64>);

impl Shortcut {
    pub(crate) const fn none() -> Shortcut {
        Shortcut(AtomicPtr::new(ptr::null_mut()))
    }

    /// The cell that all threads share of the slot, if it is known.
    #[inline(always)]
    pub(crate) fn get(&self) -> Option<&'static AtomicU64> {
        // Acquire: pairs with the Release in `find`: the memory is there.
        let cell = self.0.load(Acquire);
        // SAFETY: null, or made in `find` from a `&'static AtomicU64`.
        unsafe { cell.as_ref() }
    }

    /// The cell that all threads share of `slot`, which is kept where that is possible at once; else a later call tries again.
    pub(crate) fn find(&'static self, slot: isize) -> Option<&'static AtomicU64> {
        let cell = extent::state_cell(slot)?;
        // The list may have to grow, and what the allocator records then must not come here again.
        if let Some(_slow) = shard::enter_slow_path() {
            if let Some(mut growth) = extent::try_lock_growth() {
                // Relaxed: only written under the lock that is held.
                let is_known = !self.0.load(Relaxed).is_null();
                let stock = &mut growth.stock;
                if !is_known && !stock.has_captures() && stock.shortcuts.try_reserve(1).is_ok() {
                    stock.shortcuts.push(self);
                    // Release: pairs with the Acquire in `get`.
                    self.0.store(ptr::from_ref(cell).cast_mut(), Release);
                }
            }
        }
        Some(cell)
    }

    /// Forgets the cell. The caller holds the growth lock.
    pub(super) fn withdraw(&self) {
        // Relaxed: those for whom it matters hold the growth lock later than this, or hear from one who did.
        self.0.store(ptr::null_mut(), Relaxed);
    }
}

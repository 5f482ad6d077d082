//! Shortcuts: the addresses of gauges' state cells, which holders keep so that a set need not look for them.
//!
//! A gauge that is set within a capture is seen by that capture alone, but the hot path of a set looks at nothing but the
//! shortcut. So all shortcuts are withdrawn while there are captures: every set then goes the slow way, which asks
//! whose it is, and where it is nobody's stores as ever. The first sets after the last capture bring the shortcuts back.
//! Whether one is in place is decided under the growth lock, as is whether there are captures.

use std::ptr;
use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};
use std::sync::atomic::{AtomicPtr, AtomicU64};

use super::extent;

/// The address of a state cell, or none: it is not known yet, or there are captures.
#[derive(Debug)]
pub(crate) struct Shortcut {
    cell: AtomicPtr<AtomicU64>,
    /// The one that was put in place before; only used under the growth lock.
    before: AtomicPtr<Shortcut>,
}

/// All shortcuts that are in place: a chain through them, so that a use of a gauge allocates nothing for it.
pub(super) struct Shortcuts(Option<&'static Shortcut>);

impl Shortcuts {
    pub(super) const NONE: Shortcuts = Shortcuts(None);

    fn push(&mut self, shortcut: &'static Shortcut) {
        let before = self.0.map_or(ptr::null_mut(), |before| ptr::from_ref(before).cast_mut());
        // Relaxed: only used under the lock that is held.
        shortcut.before.store(before, Relaxed);
        self.0 = Some(shortcut);
    }

    /// Takes all of them away.
    pub(super) fn withdraw(&mut self) {
        let mut next = self.0.take();
        while let Some(shortcut) = next {
            // Relaxed: those for whom it matters hold the growth lock later than this, or hear from one who did.
            shortcut.cell.store(ptr::null_mut(), Relaxed);
            // SAFETY: null, or made in `push` from a `&'static Shortcut`.
            next = unsafe { shortcut.before.load(Relaxed).as_ref() };
        }
    }
}

impl Shortcut {
    pub(crate) const fn none() -> Shortcut {
        Shortcut { cell: AtomicPtr::new(ptr::null_mut()), before: AtomicPtr::new(ptr::null_mut()) }
    }

    /// The cell that all threads share of the slot, if it is known.
    #[inline(always)]
    pub(crate) fn get(&self) -> Option<&'static AtomicU64> {
        // Acquire: pairs with the Release in `find`: the memory is there.
        let cell = self.cell.load(Acquire);
        // SAFETY: null, or made in `find` from a `&'static AtomicU64`.
        unsafe { cell.as_ref() }
    }

    /// The cell that all threads share of `slot`, which is kept where that is possible at once; else a later call tries again.
    pub(crate) fn find(&'static self, slot: isize) -> Option<&'static AtomicU64> {
        let cell = extent::state_cell(slot)?;
        if let Some(mut growth) = extent::try_lock_growth() {
            // Relaxed: only written under the lock that is held.
            let is_known = !self.cell.load(Relaxed).is_null();
            let stock = &mut growth.stock;
            if !is_known && !stock.has_captures() {
                stock.shortcuts.push(self);
                // Release: pairs with the Acquire in `get`.
                self.cell.store(ptr::from_ref(cell).cast_mut(), Release);
            }
        }
        Some(cell)
    }
}

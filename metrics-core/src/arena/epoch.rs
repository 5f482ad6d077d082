//! The protocol of the pending sample: how a timer's last sample is seen by readers although it has
//! not been folded into its histogram yet.
//!
//! Folding a sample at once would wait for the second clock read. So each shard holds one *pending*
//! sample, and the next one folds it while its own clock read is in flight. A reader must count the
//! pending sample exactly once: not in the cells and beside them, and never in neither.
//!
//! * The owner makes the epoch odd, folds the previous sample, stores the new one, and makes the
//!   epoch even again. All of it are plain loads and stores; every store is Release.
//! * A reader takes an even epoch and the pending word, scans all cells but those of the pending
//!   sample's series, reads those last, and looks at the epoch again. Unchanged: the sample was
//!   pending all the while, and is added. Changed: it has been folded, or is being folded; once
//!   the epoch is two further its cells hold it, and they are read again.
//!
//! What a reader returns therefore holds at least everything that was recorded when it took the
//! epoch, and a later reader at least what an earlier one returned.
//!
//! The file is generic over the cell, so that loom runs this code and no copy of it.

use std::sync::atomic::Ordering::{self, Acquire, Relaxed, Release};

/// A cell of 64 bits in memory that other threads read.
pub(crate) trait Word {
    /// An atomic load.
    fn load(&self, order: Ordering) -> u64;
    /// An atomic store.
    fn store(&self, value: u64, order: Ordering);
    /// A fence of the memory model that this cell belongs to.
    fn fence(order: Ordering);
}

impl Word for std::sync::atomic::AtomicU64 {
    #[inline(always)]
    fn load(&self, order: Ordering) -> u64 {
        self.load(order)
    }

    #[inline(always)]
    fn store(&self, value: u64, order: Ordering) {
        self.store(value, order);
    }

    #[inline(always)]
    fn fence(order: Ordering) {
        std::sync::atomic::fence(order);
    }
}

/// The three cells of a shard that hold its pending sample.
#[derive(Clone, Copy)]
pub(crate) struct Pending<'a, W> {
    /// Odd while the owner folds.
    pub(crate) epoch: &'a W,
    /// The sample in one word; 0 is none.
    pub(crate) sample: &'a W,
    /// What belongs to the sample but does not fit into its word: its self time.
    pub(crate) inner: &'a W,
}

/// A sample as the cells hold it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Sample {
    pub(crate) word: u64,
    pub(crate) inner: u64,
}

impl Sample {
    /// What stands for "none".
    pub(crate) const NONE: Sample = Sample { word: 0, inner: 0 };
}

impl<W: Word> Pending<'_, W> {
    /// The word of the pending sample, for the owner of the shard.
    #[inline(always)]
    pub(crate) fn word(&self) -> u64 {
        // Relaxed: only this thread writes the cell, so it reads its own stores.
        self.sample.load(Relaxed)
    }

    /// Makes `next` the pending sample and hands the previous one to `fold`, whose stores must be
    /// Release. Only the owner of the shard may call this.
    #[inline(always)]
    pub(crate) fn replace(&self, next: Sample, fold: impl FnOnce(Sample)) {
        // Relaxed: only this thread writes these cells, so it reads its own stores.
        let epoch = self.epoch.load(Relaxed);
        // Release: every later store here is Release too, so none is seen before this one; and a reader
        // that waits and acquires this odd epoch sees what was folded under the ones before.
        self.epoch.store(epoch.wrapping_add(1), Release);
        let word = self.sample.load(Relaxed);
        if word != 0 {
            fold(Sample { word, inner: self.inner.load(Relaxed) });
        }
        // Release: pairs with the Acquire loads in `observe`: who sees the new sample sees the
        // previous one folded.
        self.sample.store(next.word, Release);
        self.inner.store(next.inner, Release);
        // Release: pairs with the Acquire load of the epoch in `observe`.
        self.epoch.store(epoch.wrapping_add(2), Release);
    }

    /// Reads a shard that its owner goes on writing.
    ///
    /// `scan` reads the cells of every series but the one of the sample it is given (`0`: of every
    /// series); `read` reads the cells of that one series. `wait` is called while the owner is in the
    /// middle of folding, and gives up by returning false: then the owner is dead or stopped, and the
    /// answer may lack its one sample.
    ///
    /// Returns what `read` saw and, if it is not in there, the pending sample to be added to it.
    pub(crate) fn observe<T>(
        &self,
        scan: impl FnOnce(u64),
        read: impl Fn(u64) -> T,
        mut wait: impl FnMut() -> bool,
    ) -> Option<(T, Sample)> {
        let (epoch, sample) = loop {
            // Acquire: pairs with the Release that made the epoch even: the fold before it is seen.
            let epoch = self.epoch.load(Acquire);
            if epoch % 2 == 0 {
                // Acquire: who reads a sample later than this epoch's must see the fold before it.
                let word = self.sample.load(Acquire);
                break (epoch, Sample { word, inner: self.inner.load(Acquire) });
            }
            if !wait() {
                scan(0);
                return None;
            }
        };
        scan(sample.word);
        if sample.word == 0 {
            return None;
        }
        let seen = read(sample.word);
        // Acquire: pairs with the Release stores of the fold: if `read` saw any of them, the load
        // below sees the odd epoch that was stored before it.
        W::fence(Acquire);
        if self.epoch.load(Relaxed) == epoch {
            return Some((seen, sample));
        }
        // Acquire: pairs with the Release that ends the fold.
        while self.epoch.load(Acquire).wrapping_sub(epoch) < 2 {
            if !wait() {
                break;
            }
        }
        Some((read(sample.word), Sample::NONE))
    }
}

#[cfg(all(test, loom))]
#[path = "epoch_loom.rs"]
mod loom_model;

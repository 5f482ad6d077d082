//! Where results go. It counts on its own, as a library does that knows nothing of metrics.

use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::Relaxed;

/// Keeps how much was put into it.
#[derive(Debug, Default)]
pub(crate) struct Store {
    objects: AtomicU64,
    bytes: AtomicU64,
}

impl Store {
    pub(crate) fn put(&self, result: &[u8]) {
        // Relaxed: totals that stand alone.
        self.objects.fetch_add(1, Relaxed);
        self.bytes.fetch_add(result.len() as u64, Relaxed);
    }

    pub(crate) fn objects(&self) -> u64 {
        self.objects.load(Relaxed)
    }

    pub(crate) fn bytes(&self) -> u64 {
        self.bytes.load(Relaxed)
    }
}

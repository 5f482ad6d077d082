//! A handle as the crate `metrics` hands it out: behind an `Arc`, which it counts up and down at each use.
//!
//! That counting is what threads would fight for that use the same series. So each of a few groups of threads
//! has an `Arc` of its own, made at its first use.

use std::cell::Cell;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::Relaxed;

use metrics::{CounterFn, GaugeFn, HistogramFn};
use once_cell::race::OnceBox;
use tachograph::__private::Found;
use tachograph::{Counter, Gauge, Histogram, Kind};

/// How many groups of threads there are.
const GROUPS: usize = 16;

/// The handles that `metrics` knows.
pub(super) trait Handle: Copy {
    const KIND: Kind;

    fn of(found: Found) -> Self;
}

impl Handle for Counter {
    const KIND: Kind = Kind::Counter;

    fn of(found: Found) -> Counter {
        found.counter()
    }
}

impl Handle for Gauge {
    const KIND: Kind = Kind::Gauge;

    fn of(found: Found) -> Gauge {
        found.gauge()
    }
}

impl Handle for Histogram {
    const KIND: Kind = Kind::Histogram;

    fn of(found: Found) -> Histogram {
        found.histogram()
    }
}

/// What `metrics` calls. Its alignment is that of a line of the processor's cache, so that an `Arc` of it has its
/// counts in one where nothing else is.
#[derive(Debug)]
#[repr(align(64))]
pub(super) struct Adapter<H> {
    handle: H,
}

impl<H> Adapter<H> {
    pub(super) fn new(handle: H) -> Arc<Adapter<H>> {
        Arc::new(Adapter { handle })
    }
}

impl CounterFn for Adapter<Counter> {
    fn increment(&self, value: u64) {
        self.handle.increment(value);
    }

    fn absolute(&self, value: u64) {
        self.handle.absolute(value);
    }
}

impl GaugeFn for Adapter<Gauge> {
    fn increment(&self, value: f64) {
        self.handle.increment(value);
    }

    fn decrement(&self, value: f64) {
        self.handle.decrement(value);
    }

    fn set(&self, value: f64) {
        self.handle.set(value);
    }
}

impl HistogramFn for Adapter<Histogram> {
    fn record(&self, value: f64) {
        self.handle.record(value);
    }

    fn record_many(&self, value: f64, count: usize) {
        self.handle.record_many(value, count);
    }
}

/// The adapters of one series.
#[derive(Debug)]
pub(super) struct Shared<H> {
    handle: H,
    of_group: [OnceBox<Arc<Adapter<H>>>; GROUPS],
}

impl<H: Handle> Shared<H> {
    pub(super) fn new(handle: H) -> Shared<H> {
        Shared { handle, of_group: [const { OnceBox::new() }; GROUPS] }
    }

    /// The adapter of this thread, if its group has one.
    #[inline(always)]
    pub(super) fn get(&self) -> Option<Arc<Adapter<H>>> {
        self.of_group[group()].get().cloned()
    }

    /// The adapter of this thread.
    pub(super) fn get_or_make(&self) -> Arc<Adapter<H>> {
        let of_group = &self.of_group[group()];
        of_group.get_or_init(|| Box::new(Adapter::new(self.handle))).clone()
    }
}

/// The group of this thread. They are given out in turn, so that up to so many threads share nothing.
#[inline(always)]
fn group() -> usize {
    thread_local! {
        static GROUP: Cell<usize> = const { Cell::new(usize::MAX) };
    }
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    GROUP.with(|group| {
        if group.get() == usize::MAX {
            // Relaxed: which number is whose does not matter.
            group.set(NEXT.fetch_add(1, Relaxed) % GROUPS);
        }
        group.get() % GROUPS
    })
}

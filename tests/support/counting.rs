//! A global allocator that counts itself with the recorder's own macros.
//!
//! Each allocation is recorded four times (a counter, a labelled counter, a histogram, a timer) and
//! each release once; beside that it is counted plainly, so that what the recorder says can be
//! checked. What is recorded is decided by [`record_from_now`], or by the environment from the
//! process' first allocation on.

use std::alloc::{GlobalAlloc, Layout, System};
use std::ffi::CStr;
use std::sync::atomic::Ordering::SeqCst;
use std::sync::atomic::{AtomicU8, AtomicU64};

use tachograph::{Snapshot, counter, histogram, timer};

/// Set, to whatever: everything is recorded from the first allocation on.
pub(crate) const VARIABLE: &CStr = c"TACHOGRAPH_TEST_RECORD_ALLOCATIONS";

/// What is recorded: nothing yet decided, or a sum of the others.
const UNDECIDED: u8 = 0;
const NOTHING: u8 = 1;
/// Counters, histogram and timer without labels known only at run time.
pub(crate) const PLAIN: u8 = 2;
pub(crate) const LABELLED: u8 = 4;

static RECORDED: AtomicU8 = AtomicU8::new(UNDECIDED);
/// How many records were made, or at least tried.
static TRIED: AtomicU64 = AtomicU64::new(0);

struct Counting;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

// SAFETY: every call is passed on as it is.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let what = recorded();
        if what & LABELLED != 0 {
            TRIED.fetch_add(1, SeqCst);
            let size = if layout.size() < 64 { "small" } else { "large" };
            counter!("allocations_by_size_total", "size" => size).increment(1);
        }
        if what & PLAIN == 0 {
            // SAFETY: the caller's promise is the one that is asked for.
            return unsafe { System.alloc(layout) };
        }
        TRIED.fetch_add(3, SeqCst);
        counter!("allocations_total").increment(1);
        histogram!("allocation_bytes").record(layout.size());
        let _timing = timer!("allocation_seconds").start();
        // SAFETY: the caller's promise is the one that is asked for.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, start: *mut u8, layout: Layout) {
        if recorded() & PLAIN != 0 {
            TRIED.fetch_add(1, SeqCst);
            counter!("releases_total").increment(1);
        }
        // SAFETY: the caller's promise is the one that is asked for.
        unsafe { System.dealloc(start, layout) };
    }
}

fn recorded() -> u8 {
    let what = RECORDED.load(SeqCst);
    if what != UNDECIDED {
        return what;
    }
    // SAFETY: the name is a text that ends in zero, and nobody changes the environment.
    let asked = !unsafe { libc::getenv(VARIABLE.as_ptr()) }.is_null();
    let what = if asked { PLAIN } else { NOTHING };
    RECORDED.store(what, SeqCst);
    what
}

/// Records `what` of each allocation from now on.
pub(crate) fn record_from_now(what: u8) {
    RECORDED.store(what, SeqCst);
}

/// Does `work` without a record of its allocations; the caller sees to it that nobody else has any.
pub(crate) fn unrecorded<T>(work: impl FnOnce() -> T) -> T {
    let before = RECORDED.swap(NOTHING, SeqCst);
    let done = work();
    RECORDED.store(before, SeqCst);
    done
}

/// How many records were tried so far.
pub(crate) fn tried() -> u64 {
    TRIED.load(SeqCst)
}

/// How many records of allocations a snapshot holds, and how many more were counted as made from
/// inside the recorder.
pub(crate) fn recorded_and_dropped(snapshot: &Snapshot) -> (u64, u64) {
    let counted = |name: &str, labels: &[(&str, &str)]| snapshot.counter(name, labels).unwrap_or(0);
    let recorded = counted("allocations_total", &[])
        + counted("allocations_by_size_total", &[("size", "small")])
        + counted("allocations_by_size_total", &[("size", "large")])
        + snapshot.histogram("allocation_bytes", &[]).map_or(0, |bytes| bytes.count())
        + snapshot.timer("allocation_seconds", &[]).map_or(0, |seconds| seconds.count())
        + counted("releases_total", &[]);
    let dropped = snapshot.overhead().dropped().iter();
    let reentrant = dropped.filter(|(reason, _)| *reason == "reentrant").map(|(_, count)| *count);
    (recorded, reentrant.sum())
}

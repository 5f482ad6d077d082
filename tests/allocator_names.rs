//! An allocator that records under names that are new at each allocation: also those that the recorder makes
//! while it reads.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::SeqCst;

use tachograph::{counter, registry};

static RECORDS: AtomicBool = AtomicBool::new(false);

thread_local! {
    /// The number of the next allocation of this thread; none within the record of another one.
    static NEXT: Cell<Option<u32>> = const { Cell::new(Some(0)) };
}

struct Naming;

#[global_allocator]
static ALLOCATOR: Naming = Naming;

// SAFETY: every call is passed on as it is.
unsafe impl GlobalAlloc for Naming {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if RECORDS.load(SeqCst) {
            if let Some(number) = NEXT.take() {
                record(number);
                NEXT.set(Some(number + 1));
            }
        }
        // SAFETY: the caller's promise is the one that is asked for.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, start: *mut u8, layout: Layout) {
        // SAFETY: the caller's promise is the one that is asked for.
        unsafe { System.dealloc(start, layout) };
    }
}

/// Counts under a name of its own, which is made without an allocation.
fn record(number: u32) {
    let mut letters = *b"allocation_aaaaaaaa";
    for (place, letter) in letters.iter_mut().rev().take(8).enumerate() {
        *letter = b'a' + (number >> (4 * place) & 15) as u8;
    }
    if let Ok(name) = std::str::from_utf8(&letters) {
        counter!(name).increment(1);
    }
}

#[test]
fn snapshots_wait_for_no_allocation_of_their_own() {
    for number in 0..64 {
        counter!(format!("first_{number}_total")).increment(1);
    }
    RECORDS.store(true, SeqCst);
    let mut seen = 0;
    for _ in 0..20 {
        seen = registry().snapshot().series().len().max(seen);
        registry().lints();
    }
    RECORDS.store(false, SeqCst);
    let snapshot = registry().snapshot();
    let named = snapshot.series().iter().filter(|series| series.name().starts_with("allocation_"));
    assert!(named.count() > 20, "allocations outside of the recorder's own work are recorded");
    assert!(seen > 64);
}

//! An allocator that stops a thread at one of its allocations, until another thread has forked.
//!
//! So a fork can be put into the middle of anything that allocates, at each place in turn. Threads
//! that asked for nothing are only passed on to the system's allocator.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::SeqCst;
use std::thread;
use std::time::{Duration, Instant};

/// How long a thread is stopped at most. It may hold a lock that whoever forks has to wait for: then
/// there is no fork at this place, and both go on.
const PATIENCE: Duration = Duration::from_millis(50);

static REACHED: AtomicBool = AtomicBool::new(false);
static FORKED: AtomicBool = AtomicBool::new(false);

thread_local! {
    /// Which of the thread's allocations from now on is the one; 0 when none is.
    static COUNTDOWN: Cell<u32> = const { Cell::new(0) };
}

/// Stops the calling thread at its allocation number `place`, counted from 1, during `work`. True
/// when there were as many.
pub(crate) fn stop_at(place: u32, work: impl FnOnce()) -> bool {
    COUNTDOWN.set(place);
    work();
    let reached = COUNTDOWN.replace(0) == 0;
    // Also for who waits in vain.
    REACHED.store(true, SeqCst);
    reached
}

/// Waits until another thread is stopped, or done.
pub(crate) fn wait_for_stop() {
    while !REACHED.load(SeqCst) {
        thread::yield_now();
    }
}

/// Lets the other thread go on.
pub(crate) fn release() {
    FORKED.store(true, SeqCst);
}

struct Pausing;

#[global_allocator]
static ALLOCATOR: Pausing = Pausing;

// SAFETY: every call is passed on as it is.
unsafe impl GlobalAlloc for Pausing {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        pass();
        // SAFETY: the caller's promise is the one that is asked for.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, start: *mut u8, layout: Layout) {
        // SAFETY: the caller's promise is the one that is asked for.
        unsafe { System.dealloc(start, layout) }
    }

    unsafe fn realloc(&self, start: *mut u8, layout: Layout, bytes: usize) -> *mut u8 {
        pass();
        // SAFETY: the caller's promise is the one that is asked for.
        unsafe { System.realloc(start, layout, bytes) }
    }
}

fn pass() {
    match COUNTDOWN.get() {
        0 => {}
        1 => {
            COUNTDOWN.set(0);
            REACHED.store(true, SeqCst);
            let deadline = Instant::now() + PATIENCE;
            while !FORKED.load(SeqCst) && Instant::now() < deadline {
                thread::yield_now();
            }
        }
        more => COUNTDOWN.set(more - 1),
    }
}

//! The last moment of a thread, on Unix: after the destructors of its thread-locals come those of the
//! C library's thread-specific data.
//!
//! A thread whose first record is made by one of the latter takes a shard when the destructor that
//! should give it back will not be called any more. The C library calls these destructors again for
//! what they set themselves, so a value set here is one more chance. Where no key is left to be had,
//! such a thread keeps its shard for ever; its totals are right all the same.

use std::ptr;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::{AcqRel, Acquire};

/// The key plus one; 0 before it was made.
static KEY: AtomicUsize = AtomicUsize::new(0);

/// Has `shard::leave` called at the very end of this thread. It may have been called before.
pub(super) fn arrange() {
    // Acquire: pairs with the Release half below; the key is all there is to see.
    let key = match KEY.load(Acquire) {
        0 => make(),
        known => Some((known - 1) as libc::pthread_key_t),
    };
    if let Some(key) = key {
        // SAFETY: the key was made and is never deleted; the value only has to be no null.
        unsafe { libc::pthread_setspecific(key, ptr::dangling()) };
    }
}

/// Makes the key. Two threads may, at once; the second gives its own back.
#[cold]
fn make() -> Option<libc::pthread_key_t> {
    let mut key = 0;
    // SAFETY: `key` is a place for the answer; the destructor may be called with anything, at any time.
    if unsafe { libc::pthread_key_create(&mut key, Some(leave)) } != 0 {
        return None;
    }
    match KEY.compare_exchange(0, key as usize + 1, AcqRel, Acquire) {
        Ok(_) => Some(key),
        Err(first) => {
            // SAFETY: just made, and nobody else has seen it.
            unsafe { libc::pthread_key_delete(key) };
            Some((first - 1) as libc::pthread_key_t)
        }
    }
}

extern "C" fn leave(_: *mut libc::c_void) {
    super::shard::leave();
}

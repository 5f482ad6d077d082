//! What a write to a client that has gone does to the process: nothing.
//!
//! The system sends SIGPIPE for it, which ends a program that has not asked for something else. Rust's own `main` has; a tool that
//! wants to end quietly in a pipeline, or a program whose `main` is not Rust's, has not.

/// From now on a client that has gone is an error of the write, on this thread and on those that it starts.
#[cfg(unix)]
pub(super) fn block() {
    use std::mem::MaybeUninit;
    use std::ptr;

    let mut signals = MaybeUninit::uninit();
    // SAFETY: there is room for the set, which the call makes an empty one.
    unsafe { libc::sigemptyset(signals.as_mut_ptr()) };
    // SAFETY: the set was made by the call above.
    unsafe { libc::sigaddset(signals.as_mut_ptr(), libc::SIGPIPE) };
    // SAFETY: the set is complete, and nobody wants to know the mask before.
    unsafe { libc::pthread_sigmask(libc::SIG_BLOCK, signals.as_ptr(), ptr::null_mut()) };
}

/// There is no such signal.
#[cfg(not(unix))]
pub(super) fn block() {}

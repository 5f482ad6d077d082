//! Dumps on SIGINT and SIGTERM: opt-in, on a thread of its own.
//!
//! The handler writes one byte to a pipe; a thread waits for it, writes the dumps, puts back what the
//! signals did before, and sends the signal again. So the process ends as it would have ended, with
//! the same status. As process 1, which the kernel spares the default action, it exits with 128 + n.

use std::fs::File;
use std::io::{self, Read};
use std::os::fd::{AsRawFd, FromRawFd, IntoRawFd};
use std::sync::atomic::AtomicI32;
use std::sync::atomic::Ordering::Relaxed;
use std::{mem, ptr, thread};

use crate::recording::exit;

/// The signals that end a program politely.
const SIGNALS: [libc::c_int; 2] = [libc::SIGINT, libc::SIGTERM];

/// The end of the pipe that the handler writes to; -1 before there is one.
static PIPE: AtomicI32 = AtomicI32::new(-1);

/// The process whose thread reads the pipe.
static PROCESS: AtomicI32 = AtomicI32::new(0);

/// Installs the handlers, once per process.
pub(super) fn install() -> io::Result<()> {
    // Relaxed: the handler that reads it is installed after it.
    if PIPE.load(Relaxed) != -1 {
        return Ok(());
    }
    let (reader, writer) = pipe()?;
    if PIPE.compare_exchange(-1, writer.as_raw_fd(), Relaxed, Relaxed).is_err() {
        return Ok(());
    }
    // SAFETY: reads the identity of the process.
    PROCESS.store(unsafe { libc::getpid() }, Relaxed);
    // The handler writes to it for as long as the process lives.
    let _ = writer.into_raw_fd();
    let before = SIGNALS.map(|signal| (signal, handle(signal)));
    thread::Builder::new()
        .name("tachograph-signals".to_owned())
        .spawn(move || wait(reader, &before))?;
    Ok(())
}

/// Waits for a signal, writes the dumps, and lets the signal do what it would have done.
fn wait(mut reader: File, before: &[(libc::c_int, Option<libc::sigaction>)]) {
    let mut byte = [0];
    if reader.read_exact(&mut byte).is_err() {
        return;
    }
    exit::finish_all();
    let signal = libc::c_int::from(byte[0]);
    for (other, action) in before {
        if let Some(action) = action {
            // SAFETY: `action` is what the system gave for this very signal.
            unsafe { libc::sigaction(*other, action, ptr::null_mut()) };
        }
    }
    // SAFETY: reads the identity of the process.
    let process = unsafe { libc::getpid() };
    // SAFETY: sends a signal to this very process.
    unsafe { libc::kill(process, signal) };
    let default = before.iter().any(|(other, action)| {
        *other == signal && action.is_some_and(|action| action.sa_sigaction == libc::SIG_DFL)
    });
    if default && process == 1 {
        // SAFETY: ends the process without running anything of it, as a signal would.
        unsafe { libc::_exit(128 + signal) };
    }
}

/// Installs the handler for a signal. None where it is ignored, as under `nohup`: it stays so.
fn handle(signal: libc::c_int) -> Option<libc::sigaction> {
    // SAFETY: a `sigaction` of zeroes is a valid one: the default action, an empty mask.
    let mut before: libc::sigaction = unsafe { mem::zeroed() };
    // SAFETY: only asks, into a valid place.
    unsafe { libc::sigaction(signal, ptr::null(), &raw mut before) };
    if before.sa_sigaction == libc::SIG_IGN {
        return None;
    }
    // SAFETY: as above.
    let mut action: libc::sigaction = unsafe { mem::zeroed() };
    action.sa_sigaction = on_signal as extern "C" fn(libc::c_int) as usize;
    action.sa_flags = libc::SA_RESTART;
    // SAFETY: the mask is a valid place.
    unsafe { libc::sigemptyset(&raw mut action.sa_mask) };
    // SAFETY: the handler only calls `write`, which may be called in a handler, and lives for ever.
    unsafe { libc::sigaction(signal, &action, ptr::null_mut()) };
    Some(before)
}

extern "C" fn on_signal(signal: libc::c_int) {
    // SAFETY: may be called in a handler.
    let process = unsafe { libc::getpid() };
    // Relaxed: see `install`.
    if PROCESS.load(Relaxed) != process {
        // A forked child has no such thread, and its parent's dumps are not its own.
        // SAFETY: both may be called in a handler; the signal arrives when this one returns.
        unsafe { libc::signal(signal, libc::SIG_DFL) };
        // SAFETY: as above.
        unsafe { libc::kill(process, signal) };
        return;
    }
    let byte = signal as u8;
    // Relaxed: see `install`.
    let pipe = PIPE.load(Relaxed);
    // SAFETY: writes one byte from a valid place. A full pipe means that the thread knows already.
    unsafe { libc::write(pipe, (&raw const byte).cast(), 1) };
}

/// A pipe that children do not inherit and that writing to never blocks.
fn pipe() -> io::Result<(File, File)> {
    let mut ends = [0; 2];
    // SAFETY: `ends` has room for the two descriptors.
    if unsafe { libc::pipe(ends.as_mut_ptr()) } != 0 {
        return Err(io::Error::last_os_error());
    }
    for end in ends {
        // SAFETY: a descriptor that was just opened.
        unsafe { libc::fcntl(end, libc::F_SETFD, libc::FD_CLOEXEC) };
    }
    // SAFETY: as above.
    unsafe { libc::fcntl(ends[1], libc::F_SETFL, libc::O_NONBLOCK) };
    // SAFETY: just opened, and owned by nobody else.
    let reader = unsafe { File::from_raw_fd(ends[0]) };
    // SAFETY: as above.
    let writer = unsafe { File::from_raw_fd(ends[1]) };
    Ok((reader, writer))
}

//! Forked children that report what they found, and are killed when they hang.
//!
//! A child writes its report into a pipe and leaves by `_exit`. The pipe also tells when the child is
//! gone, so nobody has to look again and again.

use std::io;
use std::panic::{self, AssertUnwindSafe};
use std::time::{Duration, Instant};

/// A forked child that works.
#[must_use = "a child that nobody waits for is not checked"]
pub(crate) struct Child {
    process: libc::pid_t,
    report: libc::c_int,
}

const GOOD: u8 = b'+';
const BAD: u8 = b'-';

/// Forks, and does `work` in the child. What it returns is what [`Child::wait`] returns.
pub(crate) fn fork(work: impl FnOnce() -> Result<String, String>) -> Child {
    let mut ends = [-1; 2];
    // SAFETY: `ends` has room for the two descriptors.
    let answer = unsafe { libc::pipe2(ends.as_mut_ptr(), libc::O_CLOEXEC) };
    assert_eq!(answer, 0, "{}", io::Error::last_os_error());
    let [from, into] = ends;
    // SAFETY: the child uses what a forked child of this C library may use (its allocator is
    // prepared for it) and what this test is about.
    let process = unsafe { libc::fork() };
    assert!(process >= 0, "{}", io::Error::last_os_error());
    if process == 0 {
        close(from);
        let found = panic::catch_unwind(AssertUnwindSafe(work))
            .unwrap_or_else(|_| Err("it panicked".to_owned()));
        let (mark, text) = match &found {
            Ok(text) => (GOOD, text),
            Err(text) => (BAD, text),
        };
        write_all(into, &[&[mark], text.as_bytes()].concat());
        // SAFETY: ends this process, which has nothing to clean up.
        unsafe { libc::_exit(0) };
    }
    close(into);
    Child { process, report: from }
}

impl Child {
    /// What the child's work returned, or why there is none. A child that is not done after
    /// `patience` is killed.
    pub(crate) fn wait(self, patience: Duration) -> Result<String, String> {
        let deadline = Instant::now() + patience;
        let mut report = Vec::new();
        let complete = read_to_end(self.report, deadline, &mut report);
        close(self.report);
        if !complete {
            // SAFETY: the child was not waited for, so the number is still its own.
            unsafe { libc::kill(self.process, libc::SIGKILL) };
        }
        let mut status = 0;
        // SAFETY: `status` is a place for the answer.
        let waited = unsafe { libc::waitpid(self.process, &mut status, 0) };
        assert_eq!(waited, self.process, "{}", io::Error::last_os_error());
        let text = String::from_utf8_lossy(report.get(1..).unwrap_or_default()).into_owned();
        match (complete, report.first()) {
            (false, _) => Err("the child hangs".to_owned()),
            (true, Some(&GOOD)) => Ok(text),
            (true, Some(_)) => Err(text),
            (true, None) => Err(format!("the child died with status {status:#x}")),
        }
    }
}

/// Reads until nobody can write any more; false when that takes longer than until `deadline`.
fn read_to_end(from: libc::c_int, deadline: Instant, report: &mut Vec<u8>) -> bool {
    loop {
        let left = deadline.saturating_duration_since(Instant::now()).as_millis();
        let mut asked = libc::pollfd { fd: from, events: libc::POLLIN, revents: 0 };
        let left = libc::c_int::try_from(left).unwrap_or(libc::c_int::MAX);
        // SAFETY: `asked` is one descriptor to ask about.
        match unsafe { libc::poll(&mut asked, 1, left) } {
            0 => return false,
            1 => {}
            // A signal came between.
            _ => continue,
        }
        let mut some = [0_u8; 4096];
        // SAFETY: `some` has room for as many bytes as are asked for.
        let count = unsafe { libc::read(from, some.as_mut_ptr().cast(), some.len()) };
        match usize::try_from(count) {
            Ok(0) => return true,
            Ok(count) => report.extend_from_slice(&some[..count]),
            Err(_) => {}
        }
    }
}

fn write_all(into: libc::c_int, mut bytes: &[u8]) {
    while !bytes.is_empty() {
        // SAFETY: the bytes are there.
        let count = unsafe { libc::write(into, bytes.as_ptr().cast(), bytes.len()) };
        match usize::try_from(count) {
            Ok(count) => bytes = &bytes[count..],
            Err(_) => return,
        }
    }
}

fn close(descriptor: libc::c_int) {
    // SAFETY: the descriptor was opened by this file and is not used again.
    unsafe { libc::close(descriptor) };
}

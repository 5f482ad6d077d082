//! When the dumps are written: once per process, however it ends.
//!
//! The guard's drop is the usual way. `std::process::exit` never drops it, and under `panic = "abort"`
//! nothing is dropped at all; so, and only because a dump is configured, an exit handler (Unix) and a
//! panic hook (under `panic = "abort"`) write what the guard did not. Whoever is first takes the dumps;
//! whoever comes meanwhile waits for a limited time. A forked child never writes its parent's.

use std::io::{self, Write};
use std::sync::atomic::AtomicU32;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::mpsc;
use std::sync::{Mutex, MutexGuard, TryLockError};
use std::thread;
use std::time::{Duration, SystemTime};

use crate::clock;
use crate::history::History;
use crate::recording::dump::Dump;
use crate::recording::last_minute;
use crate::registry::registry;

/// How long an ending process waits for a dump: for another thread's, or for the recorder's locks.
const DEADLINE: Duration = Duration::from_secs(5);

/// The dumps of one guard.
#[derive(Debug)]
struct Plan {
    /// Whose dumps these are; a forked child holds a copy of its parent's.
    process: u32,
    guard: u64,
    dumps: Vec<Dump>,
    started: SystemTime,
    /// The past, for tables.
    history: Option<History>,
}

/// What is still to be written, by guard. The lock is held while dumps are written, so that an exit
/// in another thread does not cut them off.
static PLANS: Mutex<Vec<Plan>> = Mutex::new(Vec::new());

/// The process that configured dumps last; 0 before. One that did not looks no further: it may have
/// been forked while the lock was held.
static PROCESS: AtomicU32 = AtomicU32::new(0);

/// Adds the dumps of a guard.
pub(super) fn plan(guard: u64, dumps: Vec<Dump>, history: Option<History>) {
    // Relaxed: compared in the same process, or in a child that inherited it.
    PROCESS.store(std::process::id(), Relaxed);
    if let Some(mut plans) = lock_until(clock::steady() + DEADLINE) {
        let process = std::process::id();
        plans.retain(|plan| plan.process == process);
        plans.push(Plan { process, guard, dumps, started: clock::wall(), history });
    }
    install();
}

/// Writes the dumps of a guard, unless that was done already.
pub(super) fn finish(guard: u64) {
    if is_forked_child() {
        return;
    }
    if let Some(mut plans) = lock_until(clock::steady() + DEADLINE) {
        let mine = |plan: &Plan| plan.guard == guard && plan.process == std::process::id();
        if let Some(place) = plans.iter().position(mine) {
            // Taken before it is written: a panic in between would not write it twice.
            let plan = plans.remove(place);
            write(&plan);
        }
    }
}

/// Writes what no guard has written, on a thread of its own: the ending thread may hold a lock that
/// the dump needs, and waits no longer than the deadline.
pub(super) fn finish_all() {
    if is_forked_child() {
        return;
    }
    let (done, finished) = mpsc::channel();
    let writer = thread::Builder::new().name("tachograph-dump".to_owned()).spawn(move || {
        write_all();
        let _ = done.send(());
    });
    match writer {
        Ok(_) => {
            let _ = finished.recv_timeout(DEADLINE);
        }
        // No thread can be had: what waits for nobody is still worth a try.
        Err(_) => write_all(),
    }
}

fn write_all() {
    if let Some(mut plans) = lock_until(clock::steady() + DEADLINE) {
        for plan in plans.drain(..) {
            write(&plan);
        }
    }
}

/// Writes the dumps of a plan. A failure is one line, and changes nothing else.
fn write(plan: &Plan) {
    let snapshot = registry().snapshot();
    let minute = plan.history.as_ref().and_then(|history| last_minute(history, &snapshot));
    for dump in &plan.dumps {
        if let Err(error) = dump.write(&snapshot, minute.as_ref(), plan.started) {
            say(&format!("cannot write the dump to {}: {error}", dump.destination(plan.started)));
        }
    }
}

/// One line on standard error, if there is one.
pub(super) fn say(message: &str) {
    let line = format!("tachograph: {message}\n");
    // A closed standard error leaves nobody to tell.
    let _ = io::stderr().lock().write_all(line.as_bytes());
}

fn is_forked_child() -> bool {
    // Relaxed: as in `plan`.
    PROCESS.load(Relaxed) != std::process::id()
}

/// The plans, unless they cannot be had in time.
fn lock_until(deadline: Duration) -> Option<MutexGuard<'static, Vec<Plan>>> {
    loop {
        match PLANS.try_lock() {
            Ok(plans) => return Some(plans),
            Err(TryLockError::Poisoned(plans)) => return Some(plans.into_inner()),
            Err(TryLockError::WouldBlock) if clock::steady() >= deadline => return None,
            Err(TryLockError::WouldBlock) => thread::sleep(Duration::from_millis(1)),
        }
    }
}

/// Sees to it that an exit without a drop writes the dumps, once per process.
fn install() {
    // Relaxed: whoever is first installs; nobody depends on having seen it.
    static INSTALLED: AtomicU32 = AtomicU32::new(0);
    let process = std::process::id();
    let before = INSTALLED.swap(process, Relaxed);
    // A forked child inherits what its parent installed.
    if before != 0 {
        return;
    }
    #[cfg(unix)]
    {
        extern "C" fn at_exit() {
            finish_all();
        }
        // SAFETY: the function has the required signature and lives as long as the process.
        unsafe { libc::atexit(at_exit) };
    }
    if cfg!(panic = "abort") {
        let usual = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            usual(panic);
            finish_all();
        }));
    }
}

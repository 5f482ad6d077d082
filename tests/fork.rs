//! `fork`: parent and child both count exactly, the child from zero, and nobody hangs.
//!
//! `TACHOGRAPH_SOAK=1` makes it 1,000 forks.

#![cfg(target_os = "linux")]

#[path = "support/apart.rs"]
mod apart;
#[path = "support/child.rs"]
mod child;
#[path = "support/rounds.rs"]
mod rounds;

use std::fs::File;
use std::io::{Read, Seek};
use std::os::fd::FromRawFd;
use std::sync::Barrier;
use std::sync::atomic::Ordering::SeqCst;
use std::sync::atomic::{AtomicBool, AtomicU64};
use std::thread;
use std::time::Duration;

use child::Child;
use rounds::{check_rounds, equal, live_as_child, record};
use tachograph::{Dump, Registry, Snapshot, counter, gauge, histogram, registry, timer};

/// Far more than a child takes.
const PATIENCE: Duration = Duration::from_secs(10);
const RECORDERS: u64 = 4;

fn forks() -> u64 {
    if apart::soak() { 1_000 } else { 100 }
}

/// A child, and every so often one that has a child of its own.
fn live_with_family(number: u64) -> Result<String, String> {
    live_as_child(number)?;
    if number % 10 == 0 {
        let grandchild = child::fork(|| live_as_child(number).map(|()| String::new()));
        grandchild.wait(PATIENCE).map_err(|error| format!("grandchild: {error}"))?;
        record(0);
        check_rounds(&registry().snapshot(), &[2, 2, 1, 1])?;
    }
    Ok(String::new())
}

/// Threads that keep the recorder busy around each fork, and rest while a child works: it would only
/// take longer.
struct Load {
    /// All of them and the thread that forks meet here before each fork and after it.
    meeting: Barrier,
    over: AtomicBool,
    /// How many of them are at work for this fork.
    at_work: AtomicU64,
}

impl Load {
    const WORKERS: u64 = RECORDERS + 2;
    const ROUNDS_PER_FORK: u64 = 500;
    const NAMES_PER_FORK: u64 = 2;
    const SNAPSHOTS_PER_FORK: u64 = 3;

    fn new() -> Load {
        let meeting = Barrier::new(Load::WORKERS as usize + 1);
        Load { meeting, over: AtomicBool::new(false), at_work: AtomicU64::new(0) }
    }

    /// Does `work` beside each fork, `times` over, counted through. Returns how often.
    fn work(&self, times: u64, mut work: impl FnMut(u64)) -> u64 {
        let mut done = 0;
        loop {
            self.meeting.wait();
            if self.over.load(SeqCst) {
                return done;
            }
            for turn in 0..times {
                work(done);
                done += 1;
                if turn == 0 {
                    self.at_work.fetch_add(1, SeqCst);
                }
            }
            self.meeting.wait();
        }
    }

    fn record(&self, who: u64) -> u64 {
        self.work(Load::ROUNDS_PER_FORK, |_| record(who))
    }

    fn register(&self) -> u64 {
        self.work(Load::NAMES_PER_FORK, register_name)
    }

    fn read(&self) {
        let mut before = 0;
        self.work(Load::SNAPSHOTS_PER_FORK, |_| {
            let now = registry().snapshot().counter("fork_rounds_total", &[]).unwrap_or(0);
            assert!(before <= now, "{before} before, {now} now");
            before = now;
        });
    }

    /// Does `fork` when `count` threads or more are at work.
    fn during<T>(&self, count: u64, fork: impl FnOnce() -> T) -> T {
        self.at_work.store(0, SeqCst);
        self.meeting.wait();
        while self.at_work.load(SeqCst) < count {
            thread::yield_now();
        }
        let forked = fork();
        self.meeting.wait();
        forked
    }

    fn end(&self) {
        self.over.store(true, SeqCst);
        self.meeting.wait();
    }
}

fn register_name(number: u64) {
    let name = format!("fork_new_{}", number / 4);
    match number % 4 {
        0 => counter!(name, "of" => "four").increment(1),
        1 => gauge!(format!("{name}_level")).increment(1),
        2 => histogram!(format!("{name}_size")).record(1),
        _ => drop(timer!(format!("{name}_seconds")).start()),
    }
}

/// Who makes the rounds that are made beside forks.
const OPEN: u64 = RECORDERS;
const FRESH: u64 = RECORDERS + 1;

#[test]
fn parent_and_child_are_exact_under_load() {
    apart::run("parent_and_child_are_exact_under_load", || {
        counter!("fork_reset_total").increment(1_000_000);
        registry().reset("fork_reset_total");
        let load = &Load::new();
        let mut rounds = [0; FRESH as usize + 1];
        let mut made = 0;
        let mut failures = Vec::new();
        thread::scope(|scope| {
            let recorders = [0, 1, 2, 3].map(|who| scope.spawn(move || load.record(who)));
            let registrar = scope.spawn(|| load.register());
            scope.spawn(|| load.read());
            for number in 0..forks() {
                let at_work = number % (Load::WORKERS + 1);
                let child = load.during(at_work, || fork_by_one_of_three(number));
                if let Err(error) = child.wait(PATIENCE) {
                    failures.push(format!("fork {number}: {error}"));
                    break;
                }
            }
            load.end();
            for (who, recorder) in recorders.into_iter().enumerate() {
                rounds[who] = recorder.join().expect("it does not panic");
            }
            made = registrar.join().expect("it does not panic");
        });
        assert!(failures.is_empty(), "{failures:?}");
        rounds[OPEN as usize] = forks().div_ceil(3);
        rounds[FRESH as usize] = forks() / 3;
        let snapshot = registry().snapshot();
        eprintln!("{} forks beside {rounds:?} rounds and {made} new names", forks());
        check_rounds(&snapshot, &rounds).unwrap();
        check_names(&snapshot, made);
        let open_timings = snapshot.timer("fork_open_seconds", &[]).expect("it was recorded to");
        assert_eq!(open_timings.count(), forks().div_ceil(3));
        assert_eq!(snapshot.counter("fork_child_only_total", &[]), None);
        let dropped = snapshot.overhead().dropped();
        assert!(dropped.iter().all(|(_, count)| *count == 0), "{dropped:?}");
    });
}

/// Forks in a thread of one of three sorts.
fn fork_by_one_of_three(number: u64) -> Child {
    let fork = || child::fork(|| live_with_family(number));
    thread::scope(|scope| {
        let forking = match number % 3 {
            // It records, and is in the middle of a timing.
            0 => {
                let _open = timer!("fork_open_seconds").start();
                record(OPEN);
                return fork();
            }
            // It never recorded.
            1 => scope.spawn(fork),
            // It has just begun to.
            _ => scope.spawn(move || {
                record(FRESH);
                fork()
            }),
        };
        forking.join().expect("it does not panic")
    })
}

/// Every name that was registered beside a fork is there, recorded to once.
fn check_names(snapshot: &Snapshot, made: u64) {
    for number in 0..made {
        let name = format!("fork_new_{}", number / 4);
        let found = match number % 4 {
            0 => snapshot.counter(&name, &[("of", "four")]) == Some(1),
            1 => snapshot.gauge(&format!("{name}_level"), &[]) == Some(1.0),
            2 => snapshot.histogram(&format!("{name}_size"), &[]).is_some_and(|h| h.count() == 1),
            _ => snapshot.timer(&format!("{name}_seconds"), &[]).is_some_and(|t| t.count() == 1),
        };
        assert!(found, "{name} ({number})");
    }
}

#[test]
fn a_timing_that_is_open_at_a_fork_is_one_call_of_each() {
    apart::run("a_timing_that_is_open_at_a_fork_is_one_call_of_each", || {
        let timer = timer!("fork_open_seconds");
        let mut open = Some((timer.start(), timer.start()));
        let child = child::fork(|| {
            drop(open.take());
            equal("in the child", timer.snapshot().count(), 2)?;
            timer.start().stop();
            equal("in the child", timer.snapshot().count(), 3).map(|()| String::new())
        });
        child.wait(PATIENCE).unwrap();
        assert_eq!(timer.snapshot().count(), 0);
        drop(open);
        assert_eq!(timer.snapshot().count(), 2);
    });
}

#[test]
fn a_registry_of_ones_own_is_exact_in_parent_and_child() {
    apart::run("a_registry_of_ones_own_is_exact_in_parent_and_child", || {
        let own = Registry::new();
        let before = own.counter("own_total", &[]).expect("it is valid");
        let check = |own: &Registry, total| {
            let snapshot = own.snapshot();
            equal("own_total", snapshot.counter("own_total", &[]), Some(total))?;
            equal("by handle", before.value(), total)?;
            equal("not the global one's", registry().snapshot().counter("own_total", &[]), None)
        };
        before.increment(5);
        check(&own, 5).unwrap();
        let mut own = Some(own);
        let child = child::fork(|| {
            let own = own.take().ok_or("no registry")?;
            check(&own, 0)?;
            before.increment(2);
            let again = own.counter("own_total", &[]).map_err(|error| error.to_string())?;
            again.increment(1);
            own.histogram("own_values", &[]).map_err(|error| error.to_string())?.record(1);
            check(&own, 3)?;
            // The child's copy goes; the parent's stays.
            drop(own);
            record(0);
            Ok(String::new())
        });
        child.wait(PATIENCE).unwrap();
        before.increment(1);
        check(own.as_ref().expect("it was the child's copy that went"), 6).unwrap();
    });
}

#[test]
fn a_child_that_drops_its_copy_of_the_guard_prints_nothing() {
    let said = apart::run("a_child_that_drops_its_copy_of_the_guard_prints_nothing", || {
        record(0);
        let mut recording = Some(tachograph::init().dump_on_exit(Dump::table()).start());
        let child = child::fork(|| {
            record(0);
            let (printed, ()) = stderr_of(|| drop(recording.take()));
            Ok(printed)
        });
        assert_eq!(child.wait(PATIENCE).as_deref(), Ok(""));
        drop(recording);
    });
    assert_eq!(said.matches("fork_rounds_total").count(), 1, "{said}");
}

/// A child that has a dump of its own writes that one, and none of its parent's.
#[test]
fn a_child_with_a_dump_of_its_own_writes_only_that() {
    apart::run("a_child_with_a_dump_of_its_own_writes_only_that", || {
        let parents = tachograph::init().dump_on_exit(Dump::table()).start();
        let child = child::fork(|| {
            let (printed, _) = stderr_of(|| {
                let exits = child::fork(|| {
                    record(0);
                    std::mem::forget(tachograph::init().dump_on_exit(Dump::table()).start());
                    std::process::exit(0)
                });
                // It exits before it reports.
                exits.wait(PATIENCE).is_err()
            });
            Ok(printed)
        });
        let printed = child.wait(PATIENCE).unwrap();
        assert_eq!(printed.matches("fork_rounds_total").count(), 1, "{printed}");
        drop(parents);
    });
}

/// What is written to standard error during `work`, which is not put back.
fn stderr_of<T>(work: impl FnOnce() -> T) -> (String, T) {
    // SAFETY: the name is a text that ends in zero.
    let made = unsafe { libc::memfd_create(c"stderr".as_ptr(), libc::MFD_CLOEXEC) };
    assert!(made >= 0);
    // SAFETY: the descriptor was just made, and nobody else has it.
    let mut file = unsafe { File::from_raw_fd(made) };
    // SAFETY: both descriptors are open.
    assert_eq!(unsafe { libc::dup2(made, libc::STDERR_FILENO) }, libc::STDERR_FILENO);
    let done = work();
    let mut printed = String::new();
    file.rewind().and_then(|()| file.read_to_string(&mut printed)).expect("memory can be read");
    (printed, done)
}

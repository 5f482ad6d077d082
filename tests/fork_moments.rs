//! `fork` in the middle of another thread's work: the child finds nothing locked or half done.
//!
//! The work is stopped at each of its allocations in turn, and there the process is forked.

#![cfg(target_os = "linux")]

#[path = "support/apart.rs"]
mod apart;
#[path = "support/child.rs"]
mod child;
#[path = "support/pausing.rs"]
mod pausing;
#[path = "support/rounds.rs"]
mod rounds;

use std::thread;
use std::time::Duration;

use rounds::{live_as_child, record};
use tachograph::{Registry, counter, registry, timed};

/// Far more than a child takes.
const PATIENCE: Duration = Duration::from_secs(10);

/// Something that a thread does while another one forks.
struct Moment {
    name: &'static str,
    /// What happens before, for instance the first record, so that this is not it.
    before: fn(),
    work: fn(),
}

const MOMENTS: [Moment; 7] = [
    Moment { name: "first counter", before: || {}, work: record_counter },
    Moment { name: "first timing", before: || {}, work: record_timing },
    Moment { name: "registry", before: || {}, work: || drop(registry().lints()) },
    Moment { name: "new names", before: record_counter, work: || record(1) },
    Moment { name: "snapshot", before: || record(1), work: || drop(registry().snapshot()) },
    Moment { name: "reset", before: || record(1), work: reset_and_remove },
    Moment { name: "own registry", before: || record(1), work: use_own_registry },
];

#[timed]
fn record_timing() {
    std::hint::black_box(());
}

fn record_counter() {
    counter!("fork_first_total").increment(1);
}

fn reset_and_remove() {
    registry().reset("fork_rounds_total");
    registry().remove("fork_values");
}

fn use_own_registry() {
    let own = Registry::new();
    own.counter("own_total", &[("k", "v")]).expect("it is valid").increment(1);
    drop(own.snapshot());
}

/// Forks at each allocation that the work of a moment makes, each time in a process that has not
/// done that work before.
#[test]
fn a_fork_at_any_moment_of_another_threads_work_hangs_nobody() {
    apart::run("a_fork_at_any_moment_of_another_threads_work_hangs_nobody", || {
        let mut failures = 0;
        for moment in &MOMENTS {
            let mut place = 1;
            loop {
                let fresh = child::fork(|| fork_at(moment, place));
                match fresh.wait(2 * PATIENCE) {
                    Ok(reached) if reached.is_empty() => break,
                    Ok(_) => {}
                    Err(error) => {
                        eprintln!("{}, allocation {place}: {error}", moment.name);
                        failures += 1;
                        break;
                    }
                }
                // What allocates that often does the same over and over.
                place += if apart::soak() || place < 32 { 1 } else { 4 };
            }
            eprintln!("{}: about {} allocations", moment.name, place - 1);
        }
        assert_eq!(failures, 0);
    });
}

/// Forks while another thread is at allocation `place` of a moment's work. Returns a text that is
/// empty when there are not as many.
fn fork_at(moment: &Moment, place: u32) -> Result<String, String> {
    (moment.before)();
    let work = moment.work;
    let working = thread::spawn(move || pausing::stop_at(place, work));
    pausing::wait_for_stop();
    let child = child::fork(|| live_as_child(1).map(|()| String::new()));
    pausing::release();
    let reached = working.join().map_err(|_| "the other thread panicked")?;
    // The parent goes on as if nothing had been.
    record_counter();
    drop(registry().snapshot());
    child.wait(PATIENCE)?;
    Ok(if reached { "reached".to_owned() } else { String::new() })
}

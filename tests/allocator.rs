//! A global allocator that counts allocations with the recorder that allocates: no deadlock, no
//! endless recursion, and what could not be recorded is counted.

#![cfg(target_os = "linux")]

#[path = "support/apart.rs"]
mod apart;
#[path = "support/child.rs"]
mod child;
#[path = "support/counting.rs"]
mod counting;

use std::process;
use std::thread;
use std::time::{Duration, Instant};

use counting::{LABELLED, PLAIN};
use tachograph::{Registry, counter, gauge, histogram, registry, summary, testing, timed, timer};

const PATIENCE: Duration = Duration::from_secs(10);

#[timed]
fn timed_work() -> String {
    "some text".repeat(10)
}

/// Everything that makes the recorder allocate.
fn record_all(who: usize) {
    counter!("work_total").increment(1);
    counter!("work_by_total", "who" => who).increment(1);
    counter!(format!("work_{who}_total")).increment(1);
    gauge!("work_level", "who" => %who).increment(1);
    histogram!("work_values").record(who);
    timer!("work_seconds").time(timed_work);
    let name = format!("work_by_name_{who}_total");
    registry().counter(&name, &[("k", "v")]).expect("it is valid").increment(1);
}

/// The same within a capture, where gauges and summaries allocate at each record.
fn record_captured(who: usize) {
    let ((), seen) = testing::capture(|| {
        record_all(who);
        gauge!("work_set").set(who);
        summary!("work_kept").record(who);
    });
    assert_eq!(seen.counter("work_total", &[]), Some(1));
    assert_eq!(seen.gauge("work_set", &[]), Some(who as f64));
}

/// A few threads that come and go, one of them reading.
fn work() {
    for _ in 0..5 {
        let workers =
            (0..8).map(|who| thread::spawn(move || (0..20).for_each(|_| record_all(who))));
        let captured =
            (0..4).map(|who| thread::spawn(move || (0..20).for_each(|_| record_captured(who))));
        let mut workers: Vec<_> = workers.chain(captured).collect();
        workers.push(thread::spawn(|| (0..20).for_each(|_| drop(registry().snapshot()))));
        for worker in workers {
            worker.join().expect("it does not panic");
        }
    }
    let own = Registry::new();
    own.histogram("own_values", &[]).expect("it is valid").record(1);
    drop(own);
    registry().reset("work_total");
    registry().remove("work_values");
}

/// All that was tried since `before` was recorded, or was counted as dropped. A thread of the test
/// harness may be in the middle of a record, so it is looked at again until that is through.
fn check_since(before: u64) -> Result<String, String> {
    let deadline = Instant::now() + PATIENCE / 2;
    loop {
        let (tried, recorded, dropped) = counting::unrecorded(|| {
            let (recorded, dropped) = counting::recorded_and_dropped(&registry().snapshot());
            (counting::tried() - before, recorded, dropped)
        });
        let said = format!("{tried} tried: {recorded} recorded, {dropped} dropped");
        if tried == recorded + dropped && recorded > 0 {
            return Ok(said);
        }
        if Instant::now() > deadline {
            return Err(said);
        }
        thread::yield_now();
    }
}

/// What each of these tests does in its own process.
fn check() {
    work();
    eprintln!("{}", check_since(0).unwrap());
    let child = child::fork(|| {
        let before = counting::tried();
        work();
        check_since(before)
    });
    eprintln!("a child: {}", child.wait(PATIENCE).unwrap());
    eprintln!("{}", check_since(0).unwrap());
}

#[test]
fn allocator_that_records_from_the_first_allocation_on_is_exact() {
    let test = "allocator_that_records_from_the_first_allocation_on_is_exact";
    if apart::is_inside(test) {
        check();
        process::exit(apart::FINISHED);
    }
    apart::start_with(test, &[(counting::VARIABLE.to_str().expect("it is ASCII"), "1")]);
}

#[test]
fn allocator_that_records_before_the_registry_is_there_hangs_nobody() {
    apart::run("allocator_that_records_before_the_registry_is_there_hangs_nobody", || {
        counting::record_from_now(PLAIN);
        // The first use of all: its own allocations are recorded by macros.
        drop(registry().lints());
        check();
    });
}

#[test]
fn allocator_that_records_a_label_ends() {
    apart::run("allocator_that_records_a_label_ends", || {
        counting::record_from_now(LABELLED);
        drop(timed_work());
        check();
    });
}

#[test]
fn allocator_that_begins_in_the_midst_is_exact() {
    apart::run("allocator_that_begins_in_the_midst_is_exact", || {
        work();
        counting::record_from_now(PLAIN | LABELLED);
        check();
    });
}

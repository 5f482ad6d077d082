//! Many captures at once, to the same names, with panics among them, and snapshots taken all the while.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Barrier;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::Relaxed;
use std::thread;
use std::time::Duration;

use tachograph::{Snapshot, counter, gauge, histogram, registry, summary, testing, timed, timer};

use crate::executor::{Executor, pause};

const TOGETHER: u64 = 64;
const ROUNDS: u64 = 6;

/// What one piece of work records, by its number.
fn record(names: &'static str, number: u64) {
    for _ in 0..=number % 5 {
        counter!("parallel_total", "names" => names).increment(number);
        histogram!("parallel_sizes", "names" => names).record(number + 1);
        timer!("parallel_seconds", "names" => names).record(Duration::from_millis(number));
        inner(names);
    }
    gauge!("parallel_level", "names" => names).set(number);
    gauge!("parallel_open", "names" => names).increment(number);
    summary!("parallel_values", "names" => names).record(number);
}

#[timed(name = "parallel_inner_seconds", labels("names" => names))]
fn inner(names: &'static str) -> usize {
    names.len()
}

fn calls(number: u64) -> u64 {
    number % 5 + 1
}

fn check(names: &str, number: u64, seen: &testing::Seen) {
    let calls = calls(number);
    let sizes = calls * (number + 1);
    let seconds = (calls * number) as f64 / 1e3;
    let mut expected = vec![
        format!("parallel_sizes{{names={names}}} {calls} sum={sizes}"),
        format!("parallel_seconds{{names={names}}} {calls}"),
        format!("parallel_inner_seconds{{names={names}}} {calls}"),
        format!("parallel_level{{names={names}}} {number}"),
        format!("parallel_open{{names={names}}} {number}"),
        format!("parallel_values{{names={names}}} 1 sum={number}"),
    ];
    if number > 0 {
        expected.push(format!("parallel_total{{names={names}}} {}", calls * number));
    }
    seen.assert_only(&expected.iter().map(String::as_str).collect::<Vec<_>>());
    let sum = seen.timer("parallel_seconds", &[("names", names)]).unwrap().total().as_secs_f64();
    // To the tick of a clock for each call.
    assert!((sum - seconds).abs() < 1e-6, "{sum} {seconds}");
}

/// What all work recorded, and a half of it that panicked at its end.
fn check_totals(names: &str, snapshot: &Snapshot) {
    let labels = [("names", names)];
    let all = || (0..TOGETHER).flat_map(|number| (0..ROUNDS).map(move |_| number));
    let total: u64 = all().map(|number| calls(number) * number).sum();
    let count: u64 = all().map(calls).sum();
    let sizes: u64 = all().map(|number| calls(number) * (number + 1)).sum();
    assert_eq!(snapshot.counter("parallel_total", &labels), Some(total));
    let found = snapshot.histogram("parallel_sizes", &labels).unwrap();
    assert_eq!((found.count(), found.sum()), (count, sizes as f64));
    assert_eq!((found.min(), found.max()), (Some(1.0), Some(TOGETHER as f64)));
    assert_eq!(snapshot.timer("parallel_seconds", &labels).unwrap().count(), count);
    assert_eq!(snapshot.timer("parallel_inner_seconds", &labels).unwrap().count(), count);
    assert_eq!(snapshot.summary("parallel_values", &labels).unwrap().count(), TOGETHER * ROUNDS);
    let open: u64 = all().sum();
    assert_eq!(snapshot.gauge("parallel_open", &labels), Some(open as f64));
    assert!(snapshot.gauge("parallel_level", &labels).unwrap() < TOGETHER as f64);
}

fn panics(number: u64, round: u64) -> bool {
    (number + round) % 4 == 3
}

/// Takes snapshots until it is told to stop: none goes back, and none exceeds what is recorded in all.
fn watch(names: &str, is_done: &AtomicBool) {
    let labels = [("names", names)];
    let numbers = |snapshot: &Snapshot| {
        [
            snapshot.counter("parallel_total", &labels).unwrap_or(0),
            snapshot.histogram("parallel_sizes", &labels).map_or(0, |found| found.count()),
            snapshot.histogram("parallel_sizes", &labels).map_or(0, |found| found.sum() as u64),
            snapshot.timer("parallel_seconds", &labels).map_or(0, |found| found.count()),
            snapshot.timer("parallel_inner_seconds", &labels).map_or(0, |found| found.count()),
        ]
    };
    let mut all = Vec::new();
    while !is_done.load(Relaxed) {
        all.push(numbers(&registry().snapshot()));
    }
    all.push(numbers(&registry().snapshot()));
    for pair in all.windows(2) {
        assert!(pair[0].iter().zip(&pair[1]).all(|(before, now)| before <= now), "{pair:?}");
    }
}

#[test]
fn captures_of_closures_see_their_own_and_totals_are_exact() {
    let (together, is_done) = (Barrier::new(TOGETHER as usize), AtomicBool::new(false));
    thread::scope(|scope| {
        let watching = scope.spawn(|| watch("closures", &is_done));
        let work: Vec<_> = (0..TOGETHER)
            .map(|number| {
                let together = &together;
                scope.spawn(move || {
                    for round in 0..ROUNDS {
                        together.wait();
                        if panics(number, round) {
                            let caught = catch_unwind(AssertUnwindSafe(|| {
                                testing::capture(|| {
                                    record("closures", number);
                                    panic!("one of those that panic");
                                })
                            }));
                            assert!(caught.is_err());
                        } else {
                            let ((), seen) = testing::capture(|| record("closures", number));
                            check("closures", number, &seen);
                        }
                    }
                })
            })
            .collect();
        let results: Vec<_> = work.into_iter().map(|thread| thread.join()).collect();
        is_done.store(true, Relaxed);
        watching.join().unwrap();
        results.into_iter().for_each(|result| result.unwrap());
    });
    check_totals("closures", &registry().snapshot());
}

#[test]
fn captures_of_futures_see_their_own_and_totals_are_exact() {
    let (executor, is_done) = (Executor::new(), AtomicBool::new(false));
    let (done, results) = std::sync::mpsc::channel();
    for number in 0..TOGETHER {
        for round in 0..ROUNDS {
            let done = done.clone();
            executor.spawn(async move {
                let work = async {
                    pause().await;
                    let calls = calls(number);
                    for call in 0..calls {
                        counter!("parallel_total", "names" => "futures").increment(number);
                        pause().await;
                        histogram!("parallel_sizes", "names" => "futures").record(number + 1);
                        let elapsed = Duration::from_millis(number);
                        timer!("parallel_seconds", "names" => "futures").record(elapsed);
                        if call % 2 == 0 {
                            pause().await;
                        }
                        inner("futures");
                    }
                    gauge!("parallel_level", "names" => "futures").set(number);
                    pause().await;
                    gauge!("parallel_open", "names" => "futures").increment(number);
                    summary!("parallel_values", "names" => "futures").record(number);
                    if panics(number, round) {
                        panic!("one of those that panic");
                    }
                };
                let ((), seen) = testing::capture_async(work).await;
                done.send((number, seen)).unwrap();
            });
        }
    }
    drop(done);
    thread::scope(|scope| {
        let watching = scope.spawn(|| watch("futures", &is_done));
        executor.run(4);
        is_done.store(true, Relaxed);
        watching.join().unwrap();
    });
    let mut seen = 0;
    for (number, found) in results {
        check("futures", number, &found);
        seen += 1;
    }
    let all = (0..TOGETHER).flat_map(|number| (0..ROUNDS).map(move |round| (number, round)));
    assert_eq!(seen, all.filter(|(number, round)| !panics(*number, *round)).count());
    check_totals("futures", &registry().snapshot());
}

#[test]
fn totals_that_someone_else_keeps_are_not_raised_while_cells_are_moved() {
    let (threads, rounds) = (4, 300);
    let is_done = AtomicBool::new(false);
    let moved = counter!("moved_total");
    thread::scope(|scope| {
        let raising = scope.spawn(|| {
            while !is_done.load(Relaxed) {
                // It is at least that already: whoever misses some of it would raise it.
                moved.absolute(moved.value());
            }
        });
        let work: Vec<_> = (0..threads)
            .map(|_| {
                scope.spawn(|| {
                    for _ in 0..rounds {
                        let ((), seen) = testing::capture(|| moved.increment(3));
                        assert_eq!(seen.counter("moved_total", &[]), Some(3));
                    }
                })
            })
            .collect();
        let results: Vec<_> = work.into_iter().map(|thread| thread.join()).collect();
        is_done.store(true, Relaxed);
        raising.join().unwrap();
        results.into_iter().for_each(|result| result.unwrap());
    });
    assert_eq!(moved.value(), 3 * threads * rounds);
}

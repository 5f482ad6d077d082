//! Calls that end in every way, many times over: what began has ended, nothing is left in flight, and the
//! process does not grow.

#![cfg(target_os = "linux")]

#[path = "support/memory.rs"]
mod memory;
#[path = "support/random.rs"]
mod random;

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::Pin;
use std::task::{Context, Poll, Waker};
use std::thread;

use memory::address_space_and_memory;
use random::Random;
use tachograph::{Snapshot, timed};

const THREADS: u64 = 4;
const PANICS: u64 = 10_000;
const FUTURES: u64 = 100_000;

/// By how much the memory of the process may have grown after a second time of everything.
const GROWTH_MAX_BYTES: u64 = 2 << 20;

struct Pause(u64);

impl Future for Pause {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        match self.0.checked_sub(1) {
            None => Poll::Ready(()),
            Some(left) => {
                self.0 = left;
                Poll::Pending
            }
        }
    }
}

#[timed(function = "ends", labels("kind" => kind), outcome, in_flight, sample = 3)]
fn ends(kind: &str, number: u64) -> Result<u64, String> {
    match number % 3 {
        0 => resume_unwind(Box::new(number)),
        1 => Err(format!("{kind} {number}")),
        _ => Ok(number),
    }
}

#[timed(function = "waits", labels("kind" => kind), outcome, in_flight, busy)]
async fn waits(kind: &str, polls: u64, number: u64) -> Result<u64, String> {
    let text = format!("{kind} {number}");
    Pause(polls).await;
    if number % 16 == 0 {
        resume_unwind(Box::new(number));
    }
    if number % 16 == 1 { Err(text) } else { Ok(number) }
}

#[timed(function = "waits_plain")]
async fn waits_plain(polls: u64) {
    Pause(polls).await;
}

/// Ends `PANICS` calls by a panic, and others otherwise. How many began.
fn end_calls() -> u64 {
    let calls = 3 * PANICS / THREADS;
    for number in 0..calls {
        let kind = if number % 2 == 0 { "even" } else { "odd" };
        let _ = catch_unwind(|| ends(kind, number));
    }
    calls
}

/// A future that another thread polls.
type HandedOver = Pin<Box<dyn Future<Output = Result<u64, String>> + Send>>;

/// Drops futures at a poll of their own, be it none, in the middle, or after the end; those that would be
/// polled on by another thread end there. How many began.
fn drop_futures(seed: u64) -> u64 {
    let mut random = Random(seed);
    let mut begun = 0;
    let mut handed_over: Vec<HandedOver> = Vec::new();
    let mut context = Context::from_waker(Waker::noop());
    for _ in 0..FUTURES / THREADS {
        let number = random.next();
        let (pauses, polls) = (number % 4, (number >> 8) % 6);
        let mut future = Box::pin(waits("any", pauses, number >> 16));
        let mut plain = Box::pin(waits_plain(pauses));
        begun += u64::from(polls > 0);
        let mut is_done = false;
        for _ in 0..polls {
            is_done = is_done
                || catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(&mut context).is_ready()))
                    .unwrap_or(true);
            if is_done {
                break;
            }
            let _ = plain.as_mut().poll(&mut context);
        }
        if !is_done && number >> 60 == 0 {
            begun += u64::from(polls == 0);
            handed_over.push(future);
        }
    }
    let elsewhere = thread::spawn(move || {
        let mut context = Context::from_waker(Waker::noop());
        for mut future in handed_over {
            let _ =
                catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(&mut context).is_ready()));
        }
    });
    elsewhere.join().expect("panics are caught");
    begun
}

fn outcomes(snapshot: &Snapshot, function: &str, outcome: &str) -> u64 {
    let all = snapshot.series().iter().filter(|series| {
        let label = |key| series.labels().get(key);
        series.name() == "function_outcomes_total"
            && label("function") == Some(function)
            && label("outcome") == Some(outcome)
    });
    all.map(|series| match series.value() {
        tachograph::Value::Counter(total) => *total,
        other => panic!("{other:?}"),
    })
    .sum()
}

/// Everything once; how many calls and futures began.
fn round(seed: u64) -> (u64, u64) {
    let threads: Vec<_> = (0..THREADS)
        .map(|number| thread::spawn(move || (end_calls(), drop_futures(seed + number))))
        .collect();
    let begun = threads.into_iter().map(|thread| thread.join().expect("panics are caught"));
    begun.fold((0, 0), |(a, b), (c, d)| (a + c, b + d))
}

#[test]
fn what_began_has_ended_whatever_became_of_it_and_nothing_grows() {
    let (mut calls, mut futures) = round(1);
    let (_, before) = address_space_and_memory();
    for seed in 2..5 {
        let more = round(seed * 100);
        calls += more.0;
        futures += more.1;
    }
    let (_, after) = address_space_and_memory();
    assert!(after < before + GROWTH_MAX_BYTES, "{before} and then {after} bytes");

    let snapshot = tachograph::registry().snapshot();
    let of = |function: &str| {
        ["ok", "err", "panic", "cancelled"].map(|outcome| outcomes(&snapshot, function, outcome))
    };
    let [ok, err, panicked, cancelled] = of("ends");
    assert_eq!([ok, err, panicked, cancelled], [calls / 3, calls / 3, calls / 3, 0]);
    assert!(panicked >= 4 * PANICS);
    let [ok, err, panicked, cancelled] = of("waits");
    assert_eq!(ok + err + panicked + cancelled, futures);
    assert!(ok > 0 && err > 0 && panicked > 1_000 && cancelled > FUTURES / 2, "{:?}", of("waits"));

    for series in snapshot.series().iter().filter(|series| series.name() == "function_in_flight") {
        match series.value() {
            tachograph::Value::Gauge(level) => assert_eq!(*level, 0.0, "{:?}", series.labels()),
            other => panic!("{other:?}"),
        }
    }
    // Calls that returned a value are all in the histogram of durations, and no others.
    let waits = snapshot
        .timer("function_duration_seconds", &[("function", "waits"), ("kind", "any")])
        .expect("it was called");
    assert_eq!(waits.count(), ok + err);
    let counted: u64 = ["even", "odd"]
        .iter()
        .filter_map(|kind| {
            snapshot.counter("function_calls_total", &[("function", "ends"), ("kind", kind)])
        })
        .sum();
    assert_eq!(counted, calls);
}

#[test]
fn texts_that_no_label_can_have_are_not_kept() {
    #[timed(labels("text" => text))]
    fn refused(text: &str) -> usize {
        text.len()
    }
    let mut text = "x".repeat(50_000);
    assert_eq!(refused(&text), 50_000);
    let (_, before) = address_space_and_memory();
    for number in 0..2_000 {
        text.replace_range(..8, &format!("{number:08}"));
        assert_eq!(refused(&text), 50_000);
    }
    let (_, after) = address_space_and_memory();
    assert!(after < before + (20 << 20), "{before} and then {after} bytes");
    let snapshot = tachograph::registry().snapshot();
    let invalid = snapshot.overhead().dropped().iter().find(|(reason, _)| *reason == "invalid");
    assert!(invalid.is_some_and(|(_, count)| *count >= 2_000), "{invalid:?}");
}

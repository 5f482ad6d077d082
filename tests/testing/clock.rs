//! Captures by a clock that the test drives: what timings take, whose self time it is, and all else as ever.

use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread;
use std::time::Duration;

use tachograph::testing::{self, ManualClock, Seen};
use tachograph::{Registry, counter, gauge, histogram, rate, registry, summary, timed, timer};

use crate::executor::block_on;
use crate::total;

pub(crate) const HOUR: Duration = Duration::from_secs(3_600);

pub(crate) fn seconds(count: u64) -> Duration {
    Duration::from_secs(count)
}

/// In seconds, to a microsecond: each duration is kept to a tick.
fn rounded(time: Duration) -> f64 {
    (time.as_secs_f64() * 1e6).round() / 1e6
}

/// The count, the sum and the self time of a timer.
#[track_caller]
pub(crate) fn times(seen: &Seen, name: &str, labels: &[(&str, &str)]) -> (u64, f64, f64) {
    let timer = seen.timer(name, labels).unwrap();
    (timer.count(), rounded(timer.total()), rounded(timer.self_total()))
}

#[test]
fn a_timing_takes_what_the_clock_was_advanced_by_and_nothing_else() {
    let clock = ManualClock::new();
    let job = timer!("exact_seconds");
    let ((), seen) = clock.capture(|| {
        clock.advance(seconds(100));
        let guard = job.start();
        clock.advance(seconds(3));
        drop(guard);
        clock.advance(seconds(100));
        job.time(|| ());
        let detached = job.start_detached();
        clock.advance(Duration::from_millis(1));
        clock.advance(Duration::from_millis(4));
        drop(detached);
        let stopped = job.start();
        clock.advance(seconds(50));
        stopped.discard();
        job.record(seconds(7));
    });
    seen.assert_only(&["exact_seconds 4 sum=10.005"]);
    let found = seen.timer("exact_seconds", &[]).unwrap();
    assert_eq!((found.min(), found.max()), (Some(Duration::ZERO), Some(seconds(7))));
    // As ever, what is detached has no self time.
    assert_eq!(times(&seen, "exact_seconds", &[]), (4, 10.005, 10.0));
    assert_eq!(clock.elapsed(), Duration::from_millis(250_000 + 3_005));
    assert_eq!(seen.snapshot().elapsed(), clock.elapsed());
    // All of it is in the totals.
    let all = registry().snapshot();
    assert_eq!(all.timer("exact_seconds", &[]).unwrap().total(), found.total());
}

#[test]
fn durations_of_any_length_are_exact_or_counted_as_too_long() {
    let clock = ManualClock::new();
    for (advanced, expected) in [
        (Duration::from_micros(1), Some(Duration::from_micros(1))),
        (HOUR, Some(HOUR)),
        (24 * 365 * HOUR, Some(24 * 365 * HOUR)),
        (Duration::from_secs(1 << 40), None),
        (Duration::MAX, None),
    ] {
        let ((), seen) =
            clock.capture(|| timer!("length_seconds").time(|| clock.advance(advanced)));
        let found = seen.timer("length_seconds", &[]).map(|timer| timer.total());
        // Half a tick of a slow clock, and what an `f64` has no digits for.
        let near = |found: Duration, expected| found.abs_diff(expected).as_nanos() <= 30;
        match (found, expected) {
            (Some(found), Some(expected)) => assert!(near(found, expected), "{found:?}"),
            (found, expected) => assert_eq!(found, expected),
        }
    }
    assert_eq!(clock.elapsed(), Duration::MAX);
}

#[timed(name = "leaf_seconds")]
pub(crate) fn leaf(clock: &ManualClock) {
    clock.advance(seconds(1));
}

#[timed(name = "branch_seconds")]
fn branch(clock: &ManualClock, leaves: u64) {
    clock.advance(seconds(10));
    (0..leaves).for_each(|_| leaf(clock));
    clock.advance(seconds(10));
}

#[timed(name = "trunk_seconds")]
fn trunk(clock: &ManualClock) {
    (1..=3).for_each(|leaves| branch(clock, leaves));
    clock.advance(seconds(100));
    leaf(clock);
}

#[test]
fn self_time_is_by_the_clock_too() {
    let clock = ManualClock::new();
    for _ in 0..3 {
        let ((), seen) = clock.capture(|| trunk(&clock));
        assert_eq!(times(&seen, "leaf_seconds", &[]), (7, 7.0, 7.0));
        assert_eq!(times(&seen, "branch_seconds", &[]), (3, 66.0, 60.0));
        assert_eq!(times(&seen, "trunk_seconds", &[]), (1, 167.0, 100.0));
    }
}

#[test]
fn what_was_discarded_inside_is_self_time_of_what_is_around_it() {
    let clock = ManualClock::new();
    let ((), seen) = clock.capture(|| {
        let around = timer!("around_discarded_seconds").start();
        let discarded = timer!("discarded_seconds").start();
        clock.advance(seconds(4));
        leaf(&clock);
        discarded.discard();
        drop(around);
    });
    assert_eq!(times(&seen, "around_discarded_seconds", &[]), (1, 5.0, 4.0));
}

#[test]
fn guards_that_are_dropped_out_of_order_share_the_self_time() {
    let clock = ManualClock::new();
    let ((), seen) = clock.capture(|| {
        let first = timer!("order_seconds", "guard" => "first").start();
        clock.advance(seconds(1));
        let second = timer!("order_seconds", "guard" => "second").start();
        clock.advance(seconds(2));
        drop(first);
        clock.advance(seconds(4));
        drop(second);
    });
    assert_eq!(times(&seen, "order_seconds", &[("guard", "first")]), (1, 3.0, 3.0));
    assert_eq!(times(&seen, "order_seconds", &[("guard", "second")]), (1, 6.0, 4.0));
}

#[timed(name = "asked_seconds", outcome, in_flight, labels("kind" => kind))]
fn asked(clock: &ManualClock, kind: &str, fails: bool) -> Result<(), ()> {
    clock.advance(seconds(2));
    assert!(kind != "panics", "as it happens");
    if fails { Err(()) } else { Ok(()) }
}

#[timed(name = "tenth_seconds", sample = 10)]
fn tenth(clock: &ManualClock) {
    clock.advance(seconds(3));
}

#[test]
fn options_of_functions_are_as_ever() {
    let clock = ManualClock::new();
    let ((), seen) = clock.capture(|| {
        asked(&clock, "a", false).unwrap();
        asked(&clock, "a", true).unwrap_err();
        timer!("caught_seconds").time(|| {
            catch_unwind(|| asked(&clock, "panics", false)).unwrap_err();
        });
        (0..11).for_each(|_| tenth(&clock));
    });
    let function = "function=testing::clock::asked";
    let outcome = |kind: &str, outcome: &str| {
        format!("function_outcomes_total{{kind={kind}, outcome={outcome}, {function}}} 1")
    };
    let in_flight = |kind: &str| format!("function_in_flight{{kind={kind}, {function}}} 0");
    seen.assert_only(&[
        "asked_seconds{kind=a} 2 sum=4",
        &outcome("a", "ok"),
        &outcome("a", "err"),
        &outcome("panics", "panic"),
        &in_flight("a"),
        &in_flight("panics"),
        "caught_seconds 1 sum=2",
        "tenth_seconds 2 sum=6",
        "function_calls_total{function=testing::clock::tenth} 11",
    ]);
    // The function that panicked was not timed.
    assert_eq!(times(&seen, "caught_seconds", &[]), (1, 2.0, 2.0));
}

#[test]
fn everything_else_is_recorded_as_ever() {
    let clock = ManualClock::new();
    let packets = counter!("driven_absolute_total");
    packets.absolute(5);
    let work = || {
        counter!("driven_total", "kind" => "a").increment(2);
        packets.absolute(7);
        rate!("driven_rate").increment(3);
        gauge!("driven_level").set(2.5);
        gauge!("driven_level").increment(1);
        gauge!("driven_open").increment(1);
        gauge!("driven_open").decrement(3);
        histogram!("driven_sizes").record_many(4, 2);
        histogram!("driven_sizes").record(0);
        histogram!("driven_sizes").record(-1.5);
        histogram!("driven_seconds", unit: tachograph::Unit::Seconds).record(seconds(2));
        summary!("driven_values").record(6);
        (0..20).for_each(|_| timer!("driven_times").record(seconds(1)));
        timer!("driven_times").count()
    };
    let (count, seen) = clock.capture(work);
    assert_eq!(count, 20);
    let expected = [
        "driven_total{kind=a} 2",
        "driven_absolute_total 7",
        "driven_rate 3",
        "driven_level 3.5",
        "driven_open -2",
        "driven_sizes 4 sum=6.5",
        "driven_seconds 1 sum=2",
        "driven_values 1 sum=6",
        "driven_times 20 sum=20",
    ];
    seen.assert_only(&expected);
    let (count, seen) = testing::capture(work);
    assert_eq!(count, 40);
    seen.assert_only(&expected);
    let all = registry().snapshot();
    assert_eq!(all.counter("driven_total", &[("kind", "a")]), Some(4));
    assert_eq!(all.counter("driven_absolute_total", &[]), Some(7));
    assert_eq!(all.gauge("driven_open", &[]), Some(-4.0));
    assert_eq!(all.summary("driven_values", &[]).unwrap().kept(), [6.0, 6.0]);
}

#[test]
fn a_timing_is_told_by_where_it_ends() {
    let clock = ManualClock::new();
    let ends_in_it = timer!("begins_before_seconds").start();
    clock.advance(seconds(1));
    let (ends_later, seen) = clock.capture(|| {
        clock.advance(seconds(2));
        drop(ends_in_it);
        let ends_later = timer!("ends_after_seconds").start();
        clock.advance(HOUR);
        ends_later
    });
    seen.assert_only(&["begins_before_seconds 1 sum=3"]);
    drop(ends_later);
    // The test took no hour.
    let all = registry().snapshot();
    assert!(all.timer("ends_after_seconds", &[]).unwrap().total() < HOUR);
}

#[test]
fn what_is_around_a_capture_takes_real_time_and_has_its_real_self_time() {
    let clock = ManualClock::new();
    let ((), outer) = testing::capture(|| {
        let _around = timer!("real_around_seconds").start();
        let ((), inner) = clock.capture(|| leaf(&clock));
        inner.assert_only(&["leaf_seconds 1 sum=1"]);
    });
    assert_eq!(outer.timer("leaf_seconds", &[]).unwrap().total(), seconds(1));
    let around = outer.timer("real_around_seconds", &[]).unwrap();
    // The advance itself took some microseconds of it, in the leaf.
    assert!(around.total() < HOUR && around.self_total() < around.total());
}

#[test]
fn an_inner_capture_has_the_clock_of_the_outer_one_or_its_own() {
    let (outer_clock, inner_clock) = (ManualClock::new(), ManualClock::new());
    let both = |by: u64| {
        outer_clock.advance(seconds(by));
        inner_clock.advance(seconds(10 * by));
    };
    let name = "driven_nested_seconds";
    let ((), outer) = outer_clock.capture(|| {
        let around = timer!("driven_around_seconds").start();
        let ((), inner) = testing::capture(|| timer!("driven_nested_seconds").time(|| both(1)));
        assert_eq!(times(&inner, name, &[]), (1, 1.0, 1.0));
        assert_eq!(inner.snapshot().elapsed(), seconds(1));
        let panicked = catch_unwind(AssertUnwindSafe(|| {
            inner_clock.capture(|| {
                let _guard = timer!("driven_nested_seconds").start();
                both(2);
                panic!("in the inner one");
            })
        }));
        assert!(panicked.is_err());
        let ((), inner) = inner_clock.capture(|| {
            timer!("driven_nested_seconds").time(|| both(4));
            let ((), again) =
                outer_clock.capture(|| timer!("driven_nested_seconds").time(|| both(8)));
            assert_eq!(times(&again, name, &[]), (1, 8.0, 8.0));
        });
        assert_eq!(times(&inner, name, &[]), (2, 48.0, 48.0));
        both(16);
        drop(around);
    });
    assert_eq!(times(&outer, name, &[]), (4, 1.0 + 20.0 + 40.0 + 8.0, 69.0));
    // What was timed inside by another clock was inside all the same.
    assert_eq!(times(&outer, "driven_around_seconds", &[]), (1, 31.0, 16.0));
}

#[test]
fn a_panic_in_the_middle_ends_its_timings_by_the_clock_and_the_thread_goes_on_as_before() {
    let clock = ManualClock::new();
    for round in 1..=3 {
        let panics = || {
            clock.capture(|| {
                let _guard = timer!("driven_panicking_seconds").start();
                counter!("driven_panicking_total").increment(1);
                clock.advance(HOUR);
                panic!("as it happens");
            })
        };
        assert!(catch_unwind(AssertUnwindSafe(panics)).is_err());
        assert_eq!(total("driven_panicking_total"), Some(round));
        let all = registry().snapshot();
        let found = all.timer("driven_panicking_seconds", &[]).unwrap();
        assert_eq!((found.count(), rounded(found.total())), (round, 3_600.0 * round as f64));
    }
    timer!("driven_panicking_seconds").time(|| clock.advance(HOUR));
    let all = registry().snapshot();
    assert!(all.timer("driven_panicking_seconds", &[]).unwrap().total() < 4 * HOUR);
}

#[test]
fn threads_that_never_recorded_or_are_at_their_end_are_like_all_others() {
    struct AtEnd(ManualClock);
    impl Drop for AtEnd {
        fn drop(&mut self) {
            let clock = &self.0;
            let ((), seen) = clock.capture(|| leaf(clock));
            seen.assert_only(&["leaf_seconds 1 sum=1"]);
            counter!("driven_at_end_total").increment(1);
        }
    }
    thread_local!(static AT_END: RefCell<Option<AtEnd>> = const { RefCell::new(None) });
    let at_once = thread::spawn(|| {
        let clock = ManualClock::new();
        let ((), seen) = clock.capture(|| leaf(&clock));
        AT_END.set(Some(AtEnd(clock)));
        seen
    });
    at_once.join().unwrap().assert_only(&["leaf_seconds 1 sum=1"]);
    assert_eq!(total("driven_at_end_total"), Some(1));
}

#[test]
fn a_registry_of_ones_own_is_captured_by_a_clock_too() {
    let (own, clock) = (Registry::new(), ManualClock::new());
    let jobs = own.timer("jobs_seconds", &[]).unwrap();
    let ((), seen) = clock.capture_in(&own, || jobs.time(|| clock.advance(seconds(2))));
    seen.assert_only(&["jobs_seconds 1 sum=2"]);
    let work = async { jobs.time(|| clock.advance(seconds(3))) };
    let ((), seen) = block_on(clock.capture_async_in(&own, work));
    seen.assert_only(&["jobs_seconds 1 sum=3"]);
}

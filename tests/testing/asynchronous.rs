//! Captures of futures: over polls and threads, dropped in the middle, and with spawned work.

use std::future::Future;
use std::pin::pin;
use std::sync::mpsc;
use std::task::{Context, Waker};

use tachograph::{Registry, counter, gauge, registry, testing, timed};

use crate::executor::{Executor, block_on, pause};
use crate::total;

#[timed(name = "step_seconds", busy, in_flight)]
async fn step(steps: u64) {
    for _ in 0..steps {
        counter!("steps_total").increment(1);
        pause().await;
    }
}

#[test]
fn what_is_recorded_between_polls_by_others_is_not_seen() {
    let mut future = pin!(testing::capture_async(async {
        counter!("between_total").increment(1);
        pause().await;
        counter!("between_total").increment(2);
        "done"
    }));
    let mut context = Context::from_waker(Waker::noop());
    assert!(future.as_mut().poll(&mut context).is_pending());
    counter!("between_total").increment(100);
    assert_eq!(total("between_total"), Some(101));
    let (value, seen) = block_on(future);
    assert_eq!(value, "done");
    seen.assert_only(&["between_total 3"]);
    assert_eq!(total("between_total"), Some(103));
}

#[test]
fn timed_futures_are_seen_whole() {
    let ((), seen) = block_on(testing::capture_async(step(3)));
    seen.assert_only(&[
        "steps_total 3",
        "step_seconds 1",
        "function_busy_seconds{function=testing::asynchronous::step} 1",
        "function_polls_total{function=testing::asynchronous::step} 4",
        "function_in_flight{function=testing::asynchronous::step} 0",
    ]);
}

#[test]
fn a_future_that_is_dropped_in_the_middle_is_in_the_totals() {
    struct Guard;
    impl Drop for Guard {
        fn drop(&mut self) {
            counter!("dropped_total").increment(10);
            gauge!("dropped_level").set(5);
        }
    }
    let mut future = Box::pin(testing::capture_async(async {
        let _guard = Guard;
        counter!("dropped_total").increment(1);
        gauge!("dropped_level").set(1);
        std::future::pending::<()>().await;
    }));
    assert!(future.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
    assert_eq!(total("dropped_total"), Some(1));
    assert_eq!(registry().snapshot().gauge("dropped_level", &[]), Some(0.0));
    // On a thread that never recorded.
    std::thread::spawn(|| drop(future)).join().unwrap();
    assert_eq!(total("dropped_total"), Some(11));
    assert_eq!(registry().snapshot().gauge("dropped_level", &[]), Some(5.0));
    // One that was never polled records nothing.
    drop(testing::capture_async(step(1)));
}

#[test]
fn a_dropped_future_within_a_capture_is_part_of_that() {
    let ((), seen) = testing::capture(|| {
        let mut future = Box::pin(testing::capture_async(async {
            counter!("dropped_within_total").increment(1);
            std::future::pending::<()>().await;
        }));
        assert!(future.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
        drop(future);
    });
    seen.assert_only(&["dropped_within_total 1"]);
}

#[test]
fn spawned_work_is_part_of_it_where_it_is_inherited() {
    let executor = Executor::new();
    let (handle, (done, results)) = (executor.handle(), mpsc::channel());
    executor.spawn(async move {
        let work = async {
            let (ended, end) = mpsc::channel();
            for amount in 1..=10 {
                let ended = ended.clone();
                handle.spawn(testing::inherit_async(async move {
                    counter!("spawned_total").increment(amount);
                    pause().await;
                    gauge!("spawned_level").increment(amount);
                    ended.send(()).unwrap();
                }));
                handle.spawn(async move {
                    counter!("spawned_total").increment(1_000);
                });
            }
            drop(ended);
            let mut left = 10;
            while left > 0 {
                left -= end.try_iter().count();
                pause().await;
            }
        };
        done.send(testing::capture_async(work).await.1).unwrap();
    });
    executor.run(3);
    results.recv().unwrap().assert_only(&["spawned_total 55", "spawned_level 55"]);
    assert_eq!(total("spawned_total"), Some(10_055));
    assert_eq!(registry().snapshot().gauge("spawned_level", &[]), Some(55.0));
}

#[test]
fn inherited_work_that_outlives_the_capture_goes_on_as_if_there_had_been_none() {
    let mut context = Context::from_waker(Waker::noop());
    let (mut rest, seen) = testing::capture(|| {
        let mut rest = Box::pin(testing::inherit_async(async {
            counter!("outliving_total").increment(1);
            gauge!("outliving_level").set(1);
            pause().await;
            counter!("outliving_total").increment(10);
            gauge!("outliving_level").set(2);
        }));
        assert!(rest.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
        rest
    });
    seen.assert_only(&["outliving_total 1", "outliving_level 1"]);
    let ((), other) = testing::capture(|| assert!(rest.as_mut().poll(&mut context).is_ready()));
    other.assert_only(&["outliving_total 10", "outliving_level 2"]);
    assert_eq!(total("outliving_total"), Some(11));
}

#[test]
fn a_registry_of_ones_own_is_captured_too() {
    let own = Registry::new();
    let jobs = own.counter("jobs_total", &[]).unwrap();
    let ((), seen) = block_on(testing::capture_async_in(&own, async {
        jobs.increment(1);
        pause().await;
        jobs.increment(1);
    }));
    seen.assert_only(&["jobs_total 2"]);
}

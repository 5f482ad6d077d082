//! Captures by a clock that the test drives, of futures and of work on other threads.

use std::future::Future;
use std::pin::pin;
use std::sync::{Barrier, mpsc};
use std::task::{Context, Waker};
use std::thread;
use std::time::Duration;

use tachograph::testing::{self, ManualClock, Seen};
use tachograph::{registry, timed, timer};

use crate::clock::{HOUR, leaf, seconds, times};
use crate::executor::{Executor, block_on, pause};

#[timed(name = "driven_step_seconds", busy)]
async fn step(clock: ManualClock, polls: u64) {
    for _ in 0..polls {
        clock.advance(seconds(1));
        leaf(&clock);
        pause().await;
    }
}

#[timed(name = "driven_future_seconds")]
async fn future(clock: ManualClock, polls: u64) {
    step(clock, polls).await;
}

const BUSY: &str = "function_busy_seconds";
const STEP: [(&str, &str); 1] = [("function", "testing::clock_elsewhere::step")];

#[test]
fn futures_take_what_is_advanced_within_and_between_their_polls() {
    let clock = ManualClock::new();
    let mut running = pin!(clock.capture_async(future(clock.clone(), 3)));
    let mut context = Context::from_waker(Waker::noop());
    for _ in 0..3 {
        assert!(running.as_mut().poll(&mut context).is_pending());
        clock.advance(seconds(100));
        // Between polls the thread is in no capture.
        timer!("between_polls_seconds").time(|| clock.advance(HOUR));
    }
    let ((), seen) = block_on(running);
    let whole = 3.0 * (1.0 + 1.0 + 100.0 + 3_600.0);
    assert_eq!(times(&seen, "driven_future_seconds", &[]), (1, whole, 0.0));
    assert_eq!(times(&seen, "driven_step_seconds", &[]), (1, whole, 3.0));
    assert_eq!(times(&seen, "leaf_seconds", &[]), (3, 3.0, 3.0));
    assert_eq!(times(&seen, BUSY, &STEP), (1, 6.0, 3.0));
    assert!(seen.timer("between_polls_seconds", &[]).is_none());
    let between = registry().snapshot().timer("between_polls_seconds", &[]).unwrap().total();
    assert!(between < HOUR);
}

#[test]
fn a_future_that_is_polled_before_the_capture_has_no_more_self_time_than_time() {
    let clock = ManualClock::new();
    let mut running = pin!(step(clock.clone(), 1));
    assert!(running.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
    let ((), seen) = clock.capture(|| {
        clock.advance(seconds(5));
        block_on(running);
    });
    let (count, whole, own) = times(&seen, "driven_step_seconds", &[]);
    assert_eq!((count, whole), (1, 1.0 + 1.0 + 5.0));
    assert!(own <= whole, "{own}");
}

#[test]
fn futures_on_many_threads_each_have_their_own_clock() {
    let executor = Executor::new();
    let (done, results) = mpsc::channel();
    for number in 1..=20 {
        let done = done.clone();
        executor.spawn(async move {
            let clock = ManualClock::new();
            let work = async {
                future(clock.clone(), number).await;
                clock.advance(seconds(number));
            };
            done.send((number, clock.capture_async(work).await.1)).unwrap();
        });
    }
    executor.run(4);
    drop(done);
    let results: Vec<(u64, Seen)> = results.iter().collect();
    assert_eq!(results.len(), 20);
    for (number, seen) in results {
        let count = number as f64;
        assert_eq!(times(&seen, "driven_future_seconds", &[]), (1, 2.0 * count, 0.0));
        assert_eq!(times(&seen, BUSY, &STEP), (1, 2.0 * count, count));
        assert_eq!(seen.snapshot().elapsed(), seconds(3 * number));
    }
}

#[test]
fn spawned_futures_inherit_the_clock() {
    let executor = Executor::new();
    let (handle, (done, results)) = (executor.handle(), mpsc::channel());
    let clock = ManualClock::new();
    executor.spawn(async move {
        let work = async {
            let (ended, end) = mpsc::channel();
            let inherited = future(clock.clone(), 5);
            handle.spawn(testing::inherit_async(async move {
                inherited.await;
                ended.send(()).unwrap();
            }));
            while end.try_recv().is_err() {
                pause().await;
            }
        };
        done.send(clock.capture_async(work).await.1).unwrap();
    });
    executor.run(3);
    let seen = results.recv().unwrap();
    assert_eq!(times(&seen, "driven_future_seconds", &[]), (1, 10.0, 0.0));
}

#[test]
fn a_clock_is_advanced_and_followed_by_any_thread() {
    let clock = ManualClock::new();
    let ((), seen) = clock.capture(|| {
        let (to_worker, orders) = mpsc::channel::<u64>();
        let (done, is_done) = mpsc::channel();
        let worker = {
            let clock = clock.clone();
            thread::spawn(testing::inherit(move || {
                for order in orders {
                    // Whoever advances, both are in a timing.
                    let _guard = timer!("worker_seconds").start();
                    clock.advance(seconds(order));
                    leaf(&clock);
                    done.send(()).unwrap();
                }
            }))
        };
        for order in 1..=50 {
            let _guard = timer!("waiter_seconds").start();
            to_worker.send(order).unwrap();
            is_done.recv().unwrap();
        }
        drop(to_worker);
        worker.join().unwrap();
        // Somebody who has nothing to do with the capture.
        let outsider = clock.clone();
        timer!("outsider_seconds")
            .time(|| thread::spawn(move || outsider.advance(HOUR)).join().unwrap());
    });
    let all = f64::from(50 * 51 / 2 + 50);
    assert_eq!(times(&seen, "waiter_seconds", &[]), (50, all, all));
    let (count, _, own) = times(&seen, "worker_seconds", &[]);
    assert_eq!((count, own), (50, all - 50.0));
    assert_eq!(times(&seen, "outsider_seconds", &[]), (1, 3_600.0, 3_600.0));
}

#[test]
fn inherited_work_takes_real_time_after_the_end() {
    let clock = ManualClock::new();
    let ((to_worker, is_done, worker), seen) = clock.capture(|| {
        let (to_worker, orders) = mpsc::channel::<ManualClock>();
        let (done, is_done) = mpsc::channel();
        let worker = thread::spawn(testing::inherit(move || {
            for clock in orders {
                timer!("outlived_seconds").time(|| clock.advance(HOUR));
                done.send(()).unwrap();
            }
        }));
        to_worker.send(clock.clone()).unwrap();
        is_done.recv().unwrap();
        (to_worker, is_done, worker)
    });
    seen.assert_only(&["outlived_seconds 1 sum=3600"]);
    to_worker.send(clock.clone()).unwrap();
    is_done.recv().unwrap();
    drop(to_worker);
    worker.join().unwrap();
    let all = registry().snapshot();
    let outlived = all.timer("outlived_seconds", &[]).unwrap();
    assert_eq!(outlived.count(), 2);
    assert!(outlived.total() < 2 * HOUR);
}

#[test]
fn captures_beside_each_other_are_by_their_own_clocks_or_by_none() {
    const TOGETHER: u64 = 12;
    let together = Barrier::new(TOGETHER as usize);
    thread::scope(|scope| {
        for number in 0..TOGETHER {
            let together = &together;
            scope.spawn(move || {
                let clock = ManualClock::new();
                let work = || {
                    let _around = timer!("beside_around_seconds").start();
                    (0..20).for_each(|_| {
                        timer!("beside_seconds").time(|| clock.advance(seconds(number + 1)));
                    });
                };
                together.wait();
                if number % 3 == 0 {
                    let ((), seen) = testing::capture(work);
                    let found = seen.timer("beside_seconds", &[]).unwrap();
                    assert_eq!(found.count(), 20);
                    assert!(found.total() > Duration::ZERO && found.total() < HOUR);
                } else {
                    let ((), seen) = clock.capture(work);
                    let whole = (20 * (number + 1)) as f64;
                    assert_eq!(times(&seen, "beside_seconds", &[]), (20, whole, whole));
                    assert_eq!(times(&seen, "beside_around_seconds", &[]), (1, whole, 0.0));
                }
            });
        }
    });
}

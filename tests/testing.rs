//! `tachograph::testing`: what a capture sees is what its own work recorded, and nothing is lost or counted twice.

#[cfg(target_os = "linux")]
#[path = "support/apart.rs"]
mod apart;
#[path = "testing/asynchronous.rs"]
mod asynchronous;
#[cfg(target_os = "linux")]
#[path = "support/child.rs"]
mod child;
#[path = "testing/clock.rs"]
mod clock;
#[path = "testing/clock_elsewhere.rs"]
mod clock_elsewhere;
#[path = "support/executor.rs"]
mod executor;
#[path = "testing/gauges.rs"]
mod gauges;
#[cfg(target_os = "linux")]
#[path = "testing/limits.rs"]
mod limits;
#[path = "testing/parallel.rs"]
mod parallel;

use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread;
use std::time::Duration;

use tachograph::{Registry, counter, histogram, rate, registry, summary, testing, timed, timer};

fn total(name: &str) -> Option<u64> {
    registry().snapshot().counter(name, &[])
}

#[test]
fn every_kind_is_seen_and_is_in_the_totals_afterwards() {
    let work = || {
        counter!("kinds_total", "kind" => "a").increment(2);
        rate!("kinds_rate").increment(3);
        histogram!("kinds_sizes").record_many(4, 2);
        timer!("kinds_seconds").record(Duration::from_millis(5));
        summary!("kinds_values").record(6);
        7
    };
    work();
    let (value, seen) = testing::capture(work);
    assert_eq!(value, 7);
    let labels = [("kind", "a")];
    assert_eq!(seen.counter("kinds_total", &labels), Some(2));
    assert_eq!(seen.rate_total("kinds_rate", &[]), Some(3));
    let sizes = seen.histogram("kinds_sizes", &[]).unwrap();
    assert_eq!(
        (sizes.count(), sizes.sum(), sizes.min(), sizes.max()),
        (2, 8.0, Some(4.0), Some(4.0))
    );
    let timer = seen.timer("kinds_seconds", &[]).unwrap();
    assert_eq!(timer.count(), 1);
    assert_eq!(timer.self_total(), timer.total());
    let values = seen.summary("kinds_values", &[]).unwrap();
    assert_eq!((values.count(), values.kept()), (1, &[6.0][..]));
    seen.assert_only(&[
        "kinds_total{kind=a} 2",
        "kinds_rate 3",
        "kinds_sizes 2 sum=8",
        "kinds_seconds 1 sum=0.005",
        "kinds_values 1 sum=6",
    ]);

    let all = registry().snapshot();
    assert_eq!(all.counter("kinds_total", &labels), Some(4));
    assert_eq!(all.rate_total("kinds_rate", &[]), Some(6));
    let sizes = all.histogram("kinds_sizes", &[]).unwrap();
    assert_eq!((sizes.count(), sizes.sum()), (4, 16.0));
    assert!(sizes.is_range_exact());
    assert_eq!(all.timer("kinds_seconds", &[]).unwrap().count(), 2);
    assert_eq!(all.summary("kinds_values", &[]).unwrap().kept(), [6.0, 6.0]);
}

#[test]
fn a_capture_of_a_thread_that_never_recorded_and_ends_at_once_loses_nothing() {
    for round in 1..=50 {
        let thread = thread::spawn(|| {
            testing::capture(|| {
                counter!("fresh_total").increment(3);
                timer!("fresh_seconds").record(Duration::from_millis(1));
            })
        });
        let ((), seen) = thread.join().unwrap();
        seen.assert_only(&["fresh_total 3", "fresh_seconds 1 sum=0.001"]);
        assert_eq!(total("fresh_total"), Some(3 * round));
    }
}

#[test]
fn what_collectors_set_is_no_part_of_it() {
    let registry = Registry::new();
    registry.add_collector("pool", |collect| collect.gauge("pool_size", &[], 4)).unwrap();
    let (report, seen) = testing::capture_in(&registry, || registry.collect_all());
    assert!(report.is_complete());
    seen.assert_only(&[]);
    assert_eq!(registry.snapshot().gauge("pool_size", &[]), Some(4.0));
}

#[test]
fn a_timing_belongs_to_where_it_ends() {
    let outside = timer!("ends_outside_seconds").start();
    let (inside, seen) = testing::capture(|| {
        drop(outside);
        timer!("ends_later_seconds").start()
    });
    seen.assert_only(&["ends_outside_seconds 1"]);
    drop(inside);
    let all = registry().snapshot();
    for name in ["ends_outside_seconds", "ends_later_seconds"] {
        assert_eq!(all.timer(name, &[]).unwrap().count(), 1);
    }
}

#[test]
fn sampled_functions_are_timed_anew_in_each_capture() {
    #[timed(name = "sampled_seconds", sample = 10)]
    fn sampled() {}
    (0..5).for_each(|_| sampled());
    for _ in 0..3 {
        let ((), seen) = testing::capture(|| (0..11).for_each(|_| sampled()));
        assert_eq!(seen.timer("sampled_seconds", &[]).unwrap().count(), 2);
    }
}

#[test]
fn a_panic_is_passed_on_and_what_came_before_it_is_in_the_totals() {
    let panics = || {
        testing::capture(|| {
            counter!("panicking_total").increment(2);
            panic!("as it happens");
        })
    };
    for round in 1..=3 {
        let caught = catch_unwind(AssertUnwindSafe(panics)).unwrap_err();
        assert_eq!(*caught.downcast_ref::<&str>().unwrap(), "as it happens");
        assert_eq!(total("panicking_total"), Some(2 * round));
    }
    // The thread records as before.
    counter!("panicking_total").increment(1);
    assert_eq!(total("panicking_total"), Some(7));
}

#[test]
fn an_inner_capture_is_part_of_the_one_around() {
    let ((inner, panicked), outer) = testing::capture(|| {
        counter!("nested_total").increment(1);
        summary!("nested_values").record(1);
        let ((), inner) = testing::capture(|| {
            counter!("nested_total").increment(10);
            summary!("nested_values").record(2);
            timer!("nested_seconds").record(Duration::from_secs(1));
        });
        counter!("nested_total").increment(100);
        let panicked = catch_unwind(|| {
            testing::capture(|| {
                counter!("nested_total").increment(1_000);
                panic!("in the inner one");
            })
        });
        (inner, panicked.is_err())
    });
    assert!(panicked);
    inner.assert_only(&["nested_total 10", "nested_values 1 sum=2", "nested_seconds 1 sum=1"]);
    outer.assert_only(&["nested_total 1111", "nested_values 2 sum=3", "nested_seconds 1 sum=1"]);
    assert_eq!(outer.summary("nested_values", &[]).unwrap().kept(), [1.0, 2.0]);
    assert_eq!(total("nested_total"), Some(1_111));
}

#[test]
fn registries_are_told_apart_and_all_of_them_get_back_what_was_recorded() {
    let (one, other) = (Registry::new(), Registry::new());
    let [first, second] =
        [&one, &other].map(|registry| registry.counter("jobs_total", &[]).unwrap());
    first.increment(5);
    let ((), seen) = testing::capture_in(&one, || {
        first.increment(1);
        second.increment(2);
        counter!("third_jobs_total").increment(3);
    });
    seen.assert_only(&["jobs_total 1"]);
    assert_eq!((first.value(), second.value(), total("third_jobs_total")), (6, 2, Some(3)));
}

#[test]
fn absolute_counters_are_raised_in_the_capture_and_at_once_in_the_totals() {
    let packets = counter!("absolute_total");
    packets.absolute(500);
    let ((), seen) = testing::capture(|| {
        packets.absolute(100);
        packets.increment(5);
        packets.absolute(90);
    });
    seen.assert_only(&["absolute_total 105"]);
    assert_eq!(packets.value(), 505);
    let ((), seen) = testing::capture(|| packets.absolute(1_000));
    seen.assert_only(&["absolute_total 1000"]);
    assert_eq!(packets.value(), 1_000);
}

#[test]
fn a_reset_does_not_touch_what_a_capture_sees() {
    let registry = Registry::new();
    let jobs = registry.counter("jobs_total", &[]).unwrap();
    jobs.increment(10);
    let ((), seen) = testing::capture_in(&registry, || {
        jobs.increment(1);
        registry.reset("jobs_total");
        jobs.increment(2);
    });
    seen.assert_only(&["jobs_total 3"]);
    assert_eq!(jobs.value(), 2);
}

#[test]
fn what_others_inherit_is_seen_up_to_the_end() {
    let (worker, seen) = testing::capture(|| {
        let (to_worker, orders) = std::sync::mpsc::channel::<u64>();
        let (done, is_done) = std::sync::mpsc::channel();
        let worker = thread::spawn(testing::inherit(move || {
            for amount in orders {
                counter!("inherited_total").increment(amount);
                timer!("inherited_seconds").record(Duration::from_secs(1));
                done.send(()).unwrap();
            }
        }));
        to_worker.send(1).unwrap();
        is_done.recv().unwrap();
        thread::spawn(|| counter!("inherited_total").increment(100)).join().unwrap();
        (to_worker, is_done, worker)
    });
    seen.assert_only(&["inherited_total 1", "inherited_seconds 1 sum=1"]);
    let (to_worker, is_done, worker) = worker;
    to_worker.send(10).unwrap();
    is_done.recv().unwrap();
    assert_eq!(total("inherited_total"), Some(111));
    drop(to_worker);
    worker.join().unwrap();
    assert_eq!(total("inherited_total"), Some(111));
    // Outside of a capture it is the work as it was.
    testing::inherit(|| counter!("inherited_total").increment(1))();
    assert_eq!(total("inherited_total"), Some(112));
}

#[test]
fn a_capture_while_thread_locals_are_destroyed_is_one_like_all_others() {
    struct AtEnd;
    impl Drop for AtEnd {
        fn drop(&mut self) {
            let ((), seen) = testing::capture(|| counter!("at_end_total").increment(4));
            seen.assert_only(&["at_end_total 4"]);
        }
    }
    thread_local!(static AT_END: RefCell<Option<AtEnd>> = const { RefCell::new(None) });
    thread::spawn(|| {
        AT_END.set(Some(AtEnd));
        counter!("at_end_total").increment(1);
    })
    .join()
    .unwrap();
    assert_eq!(total("at_end_total"), Some(5));
}

#[test]
fn the_message_names_what_differs() {
    let ((), seen) = testing::capture(|| counter!("differing_total", "a" => "x, y").increment(1));
    let told = catch_unwind(|| seen.assert_only(&["differing_total{a=\"x, y\"} 2", "absent 1"]));
    let told = *told.unwrap_err().downcast::<String>().unwrap();
    let expected = "not what was expected was recorded:
  different   differing_total{a=\"x, y\"} 2, but 1 was recorded
  missing     absent 1
recorded was:
  differing_total{a=\"x, y\"} 1";
    assert_eq!(told, expected);
}

//! Gauges are one value for all threads, and in a capture one value for that capture.

use std::sync::{Barrier, mpsc};
use std::thread;

use tachograph::{gauge, registry, testing, timed};

fn level(name: &str) -> Option<f64> {
    registry().snapshot().gauge(name, &[])
}

#[test]
fn parallel_captures_set_the_same_gauge_and_see_their_own() {
    let together = Barrier::new(8);
    thread::scope(|scope| {
        for number in 0..8_u32 {
            let together = &together;
            scope.spawn(move || {
                // Known to its site before, so that there is a short way to be withdrawn.
                gauge!("disputed").set(-1);
                together.wait();
                let ((), seen) = testing::capture(|| {
                    gauge!("disputed").set(number);
                    together.wait();
                    assert_eq!(gauge!("disputed").value(), f64::from(number));
                    assert_eq!(level("disputed"), Some(f64::from(number)));
                    gauge!("disputed").increment(0.5);
                    together.wait();
                    assert_eq!(gauge!("disputed").value(), f64::from(number) + 0.5);
                });
                seen.assert_only(&[&format!("disputed {}", f64::from(number) + 0.5)]);
            });
        }
    });
    let last = level("disputed").unwrap();
    assert!((0..8).any(|number| f64::from(number) + 0.5 == last), "{last}");
}

#[test]
fn what_is_set_is_nobody_elses_until_the_end() {
    gauge!("private").set(1);
    let (to_capture, go_on) = mpsc::channel::<()>();
    let (to_test, at) = mpsc::channel();
    let captured = thread::spawn(move || {
        testing::capture(|| {
            gauge!("private").increment(1);
            assert_eq!(gauge!("private").value(), 2.0);
            gauge!("private").set(7);
            to_test.send(()).unwrap();
            go_on.recv().unwrap();
            assert_eq!(gauge!("private").value(), 7.0);
        })
    });
    at.recv().unwrap();
    assert_eq!((gauge!("private").value(), level("private")), (1.0, Some(1.0)));
    // Others go on as ever, by the slow way.
    gauge!("private").set(2);
    gauge!("private").increment(3);
    assert_eq!(gauge!("private").value(), 5.0);
    to_capture.send(()).unwrap();
    let ((), seen) = captured.join().unwrap();
    seen.assert_only(&["private 7"]);
    assert_eq!(level("private"), Some(7.0));
}

#[test]
fn increments_are_counted_from_zero_and_added_to_what_there_is() {
    for is_set in [false, true] {
        let gauge = registry().gauge("added", &[("is_set", &is_set.to_string())]).unwrap();
        gauge.increment(10);
        if is_set {
            gauge.set(10);
        }
        let ((), seen) = testing::capture(|| {
            gauge.increment(2.5);
            gauge.decrement(1);
            assert_eq!(gauge.value(), 11.5);
        });
        seen.assert_only(&[&format!("added{{is_set={is_set}}} 1.5")]);
        assert_eq!(gauge.value(), 11.5);
    }
}

#[timed(name = "flight_seconds", in_flight)]
fn flight() {
    assert_eq!(
        registry()
            .snapshot()
            .gauge("function_in_flight", &[("function", "testing::gauges::flight")]),
        Some(1.0)
    );
}

#[test]
fn a_gauge_that_came_back_to_zero_was_recorded_to() {
    let ((), seen) = testing::capture(flight);
    seen.assert_only(&[
        "flight_seconds 1",
        "function_in_flight{function=testing::gauges::flight} 0",
    ]);
}

#[test]
fn nested_captures_pass_on_what_they_did() {
    let ((), outer) = testing::capture(|| {
        gauge!("nested_level").set(1);
        gauge!("nested_other").increment(1);
        let ((), inner) = testing::capture(|| {
            gauge!("nested_level").increment(1);
            gauge!("nested_other").set(5);
            assert_eq!(
                (gauge!("nested_level").value(), gauge!("nested_other").value()),
                (2.0, 5.0)
            );
        });
        inner.assert_only(&["nested_level 1", "nested_other 5"]);
        assert_eq!((gauge!("nested_level").value(), gauge!("nested_other").value()), (2.0, 5.0));
        gauge!("nested_other").decrement(2);
    });
    outer.assert_only(&["nested_level 2", "nested_other 3"]);
    assert_eq!((level("nested_level"), level("nested_other")), (Some(2.0), Some(3.0)));
}

#[test]
fn no_number_and_what_leaves_the_numbers_is_refused_as_ever() {
    let ((), seen) = testing::capture(|| {
        gauge!("refused").increment(f64::NAN);
        gauge!("refused_set").set(f64::MAX);
        gauge!("refused_set").increment(f64::MAX);
        gauge!("no_number").set(f64::NAN);
        assert!(gauge!("no_number").value().is_nan());
    });
    seen.assert_only(&[&format!("refused_set {}", f64::MAX), "no_number NaN"]);
    assert_eq!(level("refused_set"), Some(f64::MAX));
    assert!(level("no_number").unwrap().is_nan());
}

#[test]
fn the_short_way_comes_back_after_the_last_capture() {
    // No test can see which way was taken: what it sees is that both come to the same.
    for round in 0..100_u32 {
        gauge!("both_ways").set(round);
        let ((), seen) = testing::capture(|| gauge!("both_ways").set(0.5));
        seen.assert_only(&["both_ways 0.5"]);
        gauge!("both_ways").increment(round);
        assert_eq!(gauge!("both_ways").value(), f64::from(round) + 0.5);
    }
}

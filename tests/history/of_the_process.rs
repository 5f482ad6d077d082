//! The history that `init()` begins, in processes of their own.

use std::time::Duration;

use tachograph::{Aggregation, Format, History, counter, registry};

use super::apart;
use super::clock::{Clock, SECOND};

fn own_series() -> Vec<String> {
    let snapshot = registry().snapshot();
    let own = snapshot.series().iter().map(|series| series.name().to_owned());
    own.filter(|name| name.starts_with("tachograph_history_")).collect()
}

#[test]
fn what_a_history_takes_is_among_the_recorders_own_series_once_it_ticked() {
    apart::run(
        "of_the_process::what_a_history_takes_is_among_the_recorders_own_series_once_it_ticked",
        || {
            let clock = Clock::new();
            counter!("jobs_total").increment(1);
            assert_eq!(own_series(), [""; 0]);
            // One of another registry is not the process's.
            let other = clock.builder(&tachograph::Registry::new()).build().unwrap();
            clock.tick(&other, SECOND);
            assert_eq!(own_series(), [""; 0]);
            let history = clock.builder(registry()).build().unwrap();
            assert_eq!(own_series(), [""; 0]);
            clock.tick(&history, SECOND);
            let mut expected =
                vec!["tachograph_history_bytes", "tachograph_history_refused_series"];
            expected.extend(["tachograph_history_thinned_slots_total"; 3]);
            expected.push("tachograph_history_ticks_total");
            assert_eq!(own_series(), expected);
            let snapshot = registry().snapshot();
            assert_eq!(snapshot.counter("tachograph_history_ticks_total", &[]), Some(1));
            let bytes = snapshot.gauge("tachograph_history_bytes", &[]);
            assert_eq!(bytes, Some(history.usage().bytes() as f64));
        },
    );
}

#[test]
fn init_begins_a_history_and_ends_its_thread_with_the_guard() {
    apart::run("of_the_process::init_begins_a_history_and_ends_its_thread_with_the_guard", || {
        let recording = tachograph::init().history(History::builder()).start();
        counter!("jobs_total").increment(3);
        let history = recording.history().unwrap().clone();
        let sum = |history: &History| {
            let metric = history.metric("jobs_total", &[]).unwrap();
            metric.aggregate(Aggregation::Sum, Duration::from_secs(60)).unwrap().value()
        };
        assert_eq!(sum(&history), 3.0);
        // Only one ticks; a second guard has a history of its own.
        let second = tachograph::init().history(History::builder()).start();
        counter!("jobs_total").increment(1);
        assert_eq!(sum(second.history().unwrap()), 1.0);
        drop((recording, second));
        // It answers still, with what came since.
        counter!("jobs_total").increment(1);
        assert_eq!(sum(&history), 5.0);
        assert!(history.over(Duration::from_secs(60)).render(Format::Table).contains("jobs_total"));
    });
}

#[test]
fn what_is_out_of_range_is_told_with_what_is_possible() {
    let second = Duration::from_secs(1);
    for (builder, says) in [
        (
            History::builder().interval(Duration::from_millis(99)),
            "a history cannot have an interval of 99ms: choose one from 100ms to 60s",
        ),
        (
            History::builder().interval(61 * second),
            "a history cannot have an interval of 61s: choose one from 100ms to 60s",
        ),
        (
            History::builder().retention(59 * second),
            "a history cannot have a retention of 59s: choose one from 60s to 2678400s",
        ),
        (
            History::builder().interval(Duration::ZERO),
            "a history cannot have an interval of 0ns: choose one from 100ms to 60s",
        ),
        (
            History::builder().retention(31 * 86_400 * second + Duration::from_nanos(1)),
            "a history cannot have a retention of 2678400.000000001s: choose one from 60s to 2678400s",
        ),
        (
            History::builder().retention(Duration::MAX).memory_limit(0),
            "a history cannot have a retention of 18446744073709551615.999999999s: \
             choose one from 60s to 2678400s",
        ),
        (
            History::builder().memory_limit(0),
            "a history cannot do with 0 bytes: allow it at least 1048576",
        ),
        (
            History::builder().memory_limit((1 << 20) - 1),
            "a history cannot do with 1048575 bytes: allow it at least 1048576",
        ),
    ] {
        let error = builder.build().unwrap_err();
        assert!(error.is_invalid());
        assert_eq!(error.to_string(), says);
    }
    let ends = [(100, 60, 1 << 20), (60_000, 31 * 86_400, 1 << 30)];
    for (interval, retention, limit) in ends {
        let builder = History::builder().interval(Duration::from_millis(interval));
        let builder = builder.retention(retention * second).memory_limit(limit);
        assert!(builder.registry(&tachograph::Registry::new()).build().is_ok());
    }
}

#[test]
fn init_takes_the_nearest_that_is_possible_and_says_so() {
    let test = "of_the_process::init_takes_the_nearest_that_is_possible_and_says_so";
    let said = apart::run(test, || {
        let builder = History::builder().retention(Duration::from_secs(3));
        let recording = tachograph::init().history(builder).start();
        assert_eq!(recording.history().unwrap().retention(), Duration::from_secs(60));
    });
    assert!(said.contains("a history cannot have a retention of 3s"), "{said}");
}

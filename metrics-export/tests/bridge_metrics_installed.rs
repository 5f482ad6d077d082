//! The recorder of the process: what libraries say reaches the global registry from every thread.

#![cfg(feature = "metrics")]

use std::thread;

use metrics::counter;
use tachograph_export::MetricsBridge;

#[test]
fn one_bridge_is_installed_for_all_threads_and_another_is_refused() {
    counter!("early_total").increment(1);
    let early = counter!("early_total");
    MetricsBridge::new().install().unwrap();
    early.increment(1);
    let error = MetricsBridge::default().install().unwrap_err();
    assert!(error.to_string().contains("has another recorder already"), "{error}");

    let threads: Vec<_> =
        (0..4).map(|_| thread::spawn(|| counter!("jobs_total").increment(1))).collect();
    threads.into_iter().for_each(|thread| thread.join().unwrap());
    // What was written for either crate is one series.
    tachograph::counter!("jobs_total").increment(1);
    // The names of the recorder's own are not for others.
    counter!("tachograph_dropped_total", "reason" => "made up").increment(1);

    let snapshot = tachograph::registry().snapshot();
    assert_eq!(snapshot.counter("jobs_total", &[]), Some(5));
    assert_eq!(snapshot.counter("early_total", &[]), None);
    assert_eq!(snapshot.counter("tachograph_dropped_total", &[("reason", "made up")]), None);
}

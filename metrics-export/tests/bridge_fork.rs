//! After a `fork` both processes go on with the handles that the bridge knows, the child from zero.

#![cfg(all(feature = "metrics", target_os = "linux"))]

#[path = "../../tests/support/child.rs"]
mod child;

use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::Relaxed;
use std::thread;
use std::time::Duration;

use metrics::counter;
use tachograph_export::MetricsBridge;

/// Far more than a child takes.
const PATIENCE: Duration = Duration::from_secs(10);

fn total(labels: &[(&str, &str)]) -> Option<u64> {
    tachograph::registry().snapshot().counter("c_total", labels)
}

#[test]
fn a_child_records_on_from_zero_whatever_its_parent_was_doing() {
    MetricsBridge::new().install().unwrap();
    let is_over = AtomicBool::new(false);
    thread::scope(|scope| {
        // A thread that makes the bridge remember something new all the time.
        scope.spawn(|| {
            let mut number = 0_u64;
            while !is_over.load(Relaxed) {
                number += 1;
                counter!("busy_total", "number" => (number % 1_500).to_string()).increment(1);
            }
        });
        for round in 1..=50 {
            counter!("c_total").increment(1);
            let child = child::fork(|| {
                counter!("c_total").increment(5);
                counter!("c_total", "made" => "in the child").increment(7);
                match (total(&[]), total(&[("made", "in the child")])) {
                    (Some(5), Some(7)) => Ok(String::new()),
                    other => Err(format!("{other:?}")),
                }
            });
            assert_eq!(child.wait(PATIENCE), Ok(String::new()));
            assert_eq!(total(&[]), Some(round));
        }
        is_over.store(true, Relaxed);
    });
    assert_eq!(total(&[("made", "in the child")]), None);
}

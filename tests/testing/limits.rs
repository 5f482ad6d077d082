//! Without room for one more, and in a forked child.

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::{Context, Waker};
use std::thread;
use std::time::Duration;

use tachograph::{counter, gauge, registry, testing};

use crate::{apart, child, total};

#[test]
fn a_capture_without_room_says_so_and_nothing_is_lost() {
    apart::run("limits::a_capture_without_room_says_so_and_nothing_is_lost", || {
        let mut context = Context::from_waker(Waker::noop());
        let mut running: Vec<Pin<Box<dyn Future<Output = _>>>> = Vec::new();
        let message = loop {
            let mut future = Box::pin(testing::capture_async(async {
                counter!("crowd_total").increment(1);
                std::future::pending::<()>().await;
            }));
            let polled = catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(&mut context)));
            match polled {
                Ok(polled) => assert!(polled.is_pending()),
                Err(panic) => break *panic.downcast::<&str>().unwrap(),
            }
            running.push(future);
        };
        assert!(message.starts_with("no room for a capture: "), "{message}");
        // All shards that there can be: none was needed so far for the thread itself.
        assert_eq!(running.len(), 4_093);
        assert_eq!(total("crowd_total"), Some(4_093));
        // The first ones that end have room again, and the thread has none of its own.
        running.drain(..2_000).for_each(drop);
        let ((), seen) = testing::capture(|| counter!("crowd_total").increment(7));
        seen.assert_only(&["crowd_total 7"]);
        drop(running);
        assert_eq!(total("crowd_total"), Some(4_100));
    });
}

#[test]
fn a_child_forked_within_a_capture_begins_from_nothing() {
    apart::run("limits::a_child_forked_within_a_capture_begins_from_nothing", || {
        gauge!("forked_level").set(1);
        let (child, seen) = testing::capture(|| {
            counter!("forked_total").increment(1);
            gauge!("forked_level").set(2);
            let child = child::fork(|| {
                let level = gauge!("forked_level").value();
                counter!("forked_total").increment(10);
                gauge!("forked_level").set(3);
                let ((), inner) = testing::capture(|| counter!("forked_total").increment(100));
                inner.assert_only(&["forked_total 100"]);
                // Takes a shard: none that the capture records into.
                thread::spawn(|| {
                    (0..1_000).for_each(|_| counter!("forked_total").increment(1));
                    testing::capture(|| counter!("forked_total").increment(1)).1
                })
                .join()
                .map_err(|_| "panicked".to_owned())?
                .assert_only(&["forked_total 1"]);
                let found = (level, total("forked_total"), gauge!("forked_level").value());
                if found == (0.0, Some(1_111), 3.0) {
                    Ok(String::new())
                } else {
                    Err(format!("{found:?}"))
                }
            });
            counter!("forked_total").increment(1);
            child
        });
        child.wait(Duration::from_secs(10)).unwrap();
        seen.assert_only(&["forked_total 2", "forked_level 2"]);
        assert_eq!(total("forked_total"), Some(2));
        assert_eq!(registry().snapshot().gauge("forked_level", &[]), Some(2.0));
    });
}

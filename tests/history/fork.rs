//! A forked child: its past begins with it, and its parent's goes on.

use std::time::Duration;

use tachograph::{Aggregation, History, Registry};

use super::child;
use super::clock::{Clock, SECOND};

const PATIENCE: Duration = Duration::from_secs(20);

fn sum(history: &History) -> Option<f64> {
    let window = history.metric("jobs_total", &[])?.window(Duration::from_secs(60))?;
    window.aggregate(Aggregation::Sum)
}

#[test]
fn a_childs_past_begins_when_it_is_asked_for_and_the_parents_goes_on() {
    let (clock, registry) = (Clock::new(), Registry::new());
    let history = clock.builder(&registry).build().unwrap();
    let jobs = registry.counter("jobs_total", &[]).unwrap();
    let kept = registry.summary("kept", &[]).unwrap();
    for _ in 0..10 {
        jobs.increment(1);
        kept.record(1);
        clock.tick(&history, SECOND);
    }
    let child = child::fork(|| {
        let expect = |what: &str, found: Option<f64>, expected: Option<f64>| {
            let is = found == expected;
            if is { Ok(()) } else { Err(format!("{what}: {found:?}, not {expected:?}")) }
        };
        expect("at first", sum(&history), None)?;
        for _ in 0..3 {
            jobs.increment(5);
            kept.record(2);
            clock.tick(&history, SECOND);
        }
        expect("its own", sum(&history), Some(15.0))?;
        expect("ticks", Some(history.usage().ticks() as f64), Some(3.0))?;
        expect("kept", Some(kept.samples().len() as f64), Some(3.0))?;
        Ok(String::new())
    });
    child.wait(PATIENCE).unwrap();
    jobs.increment(1);
    clock.tick(&history, SECOND);
    assert_eq!(sum(&history), Some(11.0));
    assert_eq!((history.usage().ticks(), kept.samples().len()), (11, 10));
}

#[test]
fn a_child_is_not_kept_waiting_by_a_thread_that_ticked() {
    let (clock, registry) = (Clock::new(), Registry::new());
    let history = clock.builder(&registry).build().unwrap();
    let kept = registry.summary("kept", &[]).unwrap();
    registry.counter("jobs_total", &[]).unwrap().increment(1);
    std::thread::scope(|scope| {
        let (done, is_done) = std::sync::mpsc::channel::<()>();
        let (history, clock) = (&history, &clock);
        scope.spawn(move || {
            while is_done.try_recv() == Err(std::sync::mpsc::TryRecvError::Empty) {
                kept.record(1);
                clock.tick(history, SECOND);
            }
        });
        for _ in 0..40 {
            let child = child::fork(|| {
                kept.record(1);
                // The first one begins the child's own past.
                clock.tick(history, SECOND);
                clock.tick(history, SECOND);
                registry.counter("jobs_total", &[]).unwrap().increment(2);
                clock.forward(SECOND);
                let found = (sum(history), kept.samples().len());
                if found == (Some(2.0), 1) { Ok(String::new()) } else { Err(format!("{found:?}")) }
            });
            child.wait(PATIENCE).unwrap();
        }
        done.send(()).unwrap();
    });
}

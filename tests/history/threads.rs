//! Everybody at once: recording, resetting, registering, ticking, asking.

use std::sync::atomic::Ordering::SeqCst;
use std::sync::atomic::{AtomicBool, AtomicU64};
use std::thread;
use std::time::Duration;

use tachograph::{Aggregation, Registry};

use super::apart;
use super::clock::{Clock, SECOND};

fn rounds() -> u64 {
    if apart::soak() { 20_000 } else { 400 }
}

#[test]
fn windows_while_everybody_is_at_work_hold_no_more_than_was_recorded() {
    let (clock, registry) = (Clock::new(), Registry::new());
    let history = clock.builder(&registry).build().unwrap();
    let jobs = registry.counter("jobs_total", &[]).unwrap();
    let sizes = registry.histogram("sizes", &[]).unwrap();
    let kept = registry.summary("kept", &[]).unwrap();
    let is_over = AtomicBool::new(false);
    // Recorded in all, by two threads.
    let each = 250 * rounds();
    // How often they began to record, and how often they had done so.
    let [begun, done] = [const { AtomicU64::new(0) }; 2];
    let (reset_begun, kept_begun) = (AtomicU64::new(0), AtomicU64::new(0));
    let ask = || {
        // What a window reaches back over all of the time: not less than was there before it was asked for, and not more
        // than was when it had answered.
        for name in ["jobs_total", "sizes"] {
            let before = done.load(SeqCst);
            let window = history.metric(name, &[]).unwrap().window(Duration::MAX);
            let count = window.map(|window| {
                assert!(window.rate().is_none_or(|rate| rate >= 0.0));
                window.aggregate(Aggregation::Count).unwrap()
            });
            let after = begun.load(SeqCst);
            // Before the first tick there is no time to ask about.
            let Some(count) = count else { continue };
            assert!(before as f64 <= count && count <= after as f64, "{before} {count} {after}");
        }
        let over = history.over(Duration::MAX);
        assert!(over.counter("jobs_total", &[]).is_none_or(|total| total <= begun.load(SeqCst)));
        // What is reset loses what came after the last tick, and never gets more.
        let mut reset = 0.0;
        for metric in history.metrics() {
            let Some(window) = metric.window(Duration::from_secs(300)) else { continue };
            let values = [Aggregation::Min, Aggregation::Max, Aggregation::Count]
                .map(|aggregation| window.aggregate(aggregation));
            assert!(values.iter().flatten().all(|value| *value >= 0.0), "{metric:?} {values:?}");
            if metric.name() == "reset_total" {
                reset += values[2].unwrap();
            }
            if metric.name() == "kept" {
                assert!(values[2].unwrap() <= kept_begun.load(SeqCst) as f64);
            }
        }
        assert!(reset <= reset_begun.load(SeqCst) as f64, "{reset}");
    };
    thread::scope(|scope| {
        let recorders: Vec<_> = (0..2)
            .map(|thread| {
                let (registry, begun, done) = (&registry, &begun, &done);
                let (reset_begun, kept_begun) = (&reset_begun, &kept_begun);
                scope.spawn(move || {
                    for number in 0..each {
                        begun.fetch_add(1, SeqCst);
                        jobs.increment(1);
                        sizes.record(number % 100);
                        done.fetch_add(1, SeqCst);
                        if number % 50 == 0 {
                            kept_begun.fetch_add(1, SeqCst);
                            kept.record(number);
                            reset_begun.fetch_add(1, SeqCst);
                            let label = [("n", &*(thread * 1_000 + number / 50 % 40).to_string())];
                            registry.counter("reset_total", &label).unwrap().increment(1);
                            registry.gauge("level", &label).unwrap().set(number as f64);
                        }
                    }
                })
            })
            .collect();
        scope.spawn(|| {
            while !is_over.load(SeqCst) {
                registry.reset("reset_total");
                registry.remove("level");
                thread::yield_now();
            }
        });
        scope.spawn(|| {
            while !is_over.load(SeqCst) {
                ask();
            }
        });
        for _ in 0..rounds() {
            clock.tick(&history, SECOND);
            thread::yield_now();
        }
        recorders.into_iter().for_each(|recorder| recorder.join().unwrap());
        is_over.store(true, SeqCst);
    });
    clock.forward(SECOND);
    for name in ["jobs_total", "sizes"] {
        let all = history.metric(name, &[]).unwrap().window(Duration::MAX).unwrap();
        assert_eq!(all.aggregate(Aggregation::Count), Some(2.0 * each as f64), "{name}");
    }
    let all = history.metric("kept", &[]).unwrap().window(Duration::MAX).unwrap();
    let count = all.histogram().unwrap().count();
    assert_eq!(count, 2 * each / 50);
}

#[test]
fn histories_of_one_registry_do_not_disturb_each_other() {
    let (clock, registry) = (Clock::new(), Registry::new());
    let [one, other] = [0, 1].map(|_| clock.builder(&registry).build().unwrap());
    let jobs = registry.counter("jobs_total", &[]).unwrap();
    for second in 0..20 {
        jobs.increment(1);
        clock.tick(&one, SECOND);
        if second % 4 == 3 {
            clock.tick(&other, 0);
        }
    }
    for history in [&one, &other] {
        let window = history.metric("jobs_total", &[]).unwrap().window(Duration::from_secs(8));
        assert_eq!(window.unwrap().aggregate(Aggregation::Sum), Some(8.0));
    }
}

#[test]
fn a_history_outlives_its_registry() {
    let clock = Clock::new();
    let history = {
        let registry = Registry::new();
        let history = clock.builder(&registry).build().unwrap();
        registry.counter("jobs_total", &[]).unwrap().increment(5);
        history
    };
    assert!(clock.tick(&history, SECOND));
    let window = history.metric("jobs_total", &[]).unwrap().window(Duration::from_secs(60));
    assert_eq!(window.unwrap().aggregate(Aggregation::Sum), Some(5.0));
}

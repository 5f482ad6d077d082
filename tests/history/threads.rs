//! Everybody at once: recording, resetting, registering, ticking, asking.

use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::SeqCst;
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
    let ask = || {
        let over = history.over(Duration::from_secs(300));
        assert!(over.counter("jobs_total", &[]).is_none_or(|total| total <= 2 * each));
        for metric in history.metrics() {
            let window = metric.window(Duration::from_secs(60));
            let count = window.and_then(|window| window.aggregate(Aggregation::Count));
            if metric.name().ends_with("_total") || metric.name() == "sizes" {
                assert!(count.is_none_or(|count| count <= 2.0 * each as f64), "{metric:?}");
            }
        }
    };
    thread::scope(|scope| {
        let recorders: Vec<_> = (0..2)
            .map(|thread| {
                let registry = &registry;
                scope.spawn(move || {
                    for number in 0..each {
                        jobs.increment(1);
                        sizes.record(number % 100);
                        if number % 50 == 0 {
                            kept.record(number);
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

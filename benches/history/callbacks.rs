//! Collectors and triggers: what they add to a tick.

use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use tachograph::when::quantile;
use tachograph::{Registry, Trigger};

use super::past::{Clock, times};
use super::{Row, Times};

const ROUNDS: usize = 300;

pub(crate) fn rows() -> Vec<Row> {
    let hand_over = hand_over();
    let collected = |collectors: usize| {
        let registry = Registry::new();
        for number in 0..collectors {
            let name = format!("collector_{number}");
            let set = move |collect: &mut tachograph::Collect| {
                collect.gauge("collected", &[("by", "one")], number);
            };
            registry.add_collector(&name, set).unwrap();
        }
        let collect = || assert!(registry.collect_all().is_complete());
        collect();
        let times = times(ROUNDS, || (), collect);
        let ratio = times.median / (hand_over.median * collectors as f64);
        let name = format!("collectors of a gauge each: {collectors}");
        Row { name, times, ratio: (ratio, "of as many calls of a thread"), mark: None }
    };
    let mut rows = vec![collected(1), collected(100)];
    rows.push(with_triggers());
    rows
}

/// A call of another thread, and its answer.
fn hand_over() -> Times {
    let (ask, asked) = mpsc::channel::<usize>();
    let (answer, answered) = mpsc::channel();
    let other = thread::spawn(move || asked.iter().try_for_each(|number| answer.send(number)));
    let taken = times(
        ROUNDS,
        || (),
        || {
            ask.send(7).unwrap();
            assert_eq!(answered.recv(), Ok(7));
        },
    );
    drop(ask);
    other.join().unwrap().unwrap();
    taken
}

/// A tick of 100 timers, of which each is watched for its 99th percentile over five minutes.
fn with_triggers() -> Row {
    const SERIES: usize = 100;
    let (registry, clock) = (Registry::new(), Clock::new());
    let history = clock.history(&registry);
    let timers: Vec<_> = (0..SERIES)
        .map(|number| registry.timer("work_seconds", &[("part", &number.to_string())]).unwrap())
        .collect();
    let live = || {
        for timer in &timers {
            (1..=20).for_each(|each| timer.record(Duration::from_millis(3 * each)));
        }
    };
    let tick = || clock.tick(&history);
    let plain = times(ROUNDS, live, tick);
    let triggers: Vec<Trigger> = (0..SERIES)
        .map(|number| {
            let builder = registry.trigger(&format!("slow_{number}"));
            let builder = builder.metric("work_seconds", &[("part", &number.to_string())]);
            let slow = quantile(0.99).over(Duration::from_secs(300)).above(0.059);
            builder.when(slow).start().unwrap()
        })
        .collect();
    let watched = times(ROUNDS, live, tick);
    assert!(triggers.iter().all(Trigger::is_firing));
    let name = format!("a tick with {SERIES} triggers on p99 of 5 minutes");
    Row {
        name,
        times: watched,
        ratio: (watched.median / plain.median, "of it without"),
        mark: None,
    }
}

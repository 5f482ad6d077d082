//! Series as a service has them, and four threads that record to all of them between ticks.

use std::sync::Barrier;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::SeqCst;
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use tachograph::{Counter, Gauge, Histogram, History, Registry, Timer};

use super::{Row, median_and_p99};

const THREADS: usize = 4;

#[derive(Clone, Copy)]
enum Handle {
    Counter(Counter),
    Gauge(Gauge),
    Histogram(Histogram),
    Timer(Timer),
}

impl Handle {
    fn register(registry: &Registry, number: usize) -> Handle {
        let (name, label) = (format!("series_{}", number / 20), (number % 20).to_string());
        let labels = [("number", &*label)];
        // All series of a name are of one kind.
        match number / 20 % 10 {
            0..=4 => Handle::Counter(registry.counter(&name, &labels).unwrap()),
            5 | 6 => Handle::Gauge(registry.gauge(&name, &labels).unwrap()),
            7 | 8 => Handle::Histogram(registry.histogram(&name, &labels).unwrap()),
            _ => Handle::Timer(registry.timer(&name, &labels).unwrap()),
        }
    }

    fn record(self, round: u64) {
        // Over four factors of two.
        let value = 100 + round.wrapping_mul(0x9e37_79b9_7f4a_7c15) % 1_500;
        match self {
            Handle::Counter(counter) => counter.increment(value),
            Handle::Gauge(gauge) => gauge.set(value),
            Handle::Histogram(histogram) => histogram.record(value),
            Handle::Timer(timer) => timer.record(Duration::from_micros(value)),
        }
    }
}

/// A tick, and a look at the last minute of all series.
pub(crate) fn rows(series: usize, ticks: usize) -> Vec<Row> {
    let registry = Registry::new();
    let handles: Vec<Handle> =
        (0..series).map(|number| Handle::register(&registry, number)).collect();
    let begin = SystemTime::now();
    let history = History::builder().registry(&registry).clock(move || begin).build().unwrap();
    let (meeting, is_over) = (Barrier::new(THREADS + 1), AtomicBool::new(false));
    let (mut each_tick, mut each_snapshot) = (Vec::new(), Vec::new());
    thread::scope(|scope| {
        for thread in 0..THREADS as u64 {
            let (handles, meeting, is_over) = (&handles, &meeting, &is_over);
            scope.spawn(move || {
                for round in 0.. {
                    meeting.wait();
                    if is_over.load(SeqCst) {
                        return;
                    }
                    for (number, handle) in handles.iter().enumerate() {
                        handle.record(round * 4 + thread + number as u64);
                    }
                    meeting.wait();
                }
            });
        }
        for tick in 1..=ticks {
            meeting.wait();
            meeting.wait();
            let now = begin + Duration::from_secs(tick as u64);
            let start = Instant::now();
            assert!(history.tick(now));
            each_tick.push(start.elapsed().as_secs_f64());
            let start = Instant::now();
            assert_eq!(registry.snapshot().series().len(), series);
            each_snapshot.push(start.elapsed().as_secs_f64());
        }
        is_over.store(true, SeqCst);
        meeting.wait();
    });
    let overs = (0..20).map(|_| {
        let start = Instant::now();
        // The clock stands still, and an answer goes on to the last tick.
        assert_eq!(history.over(Duration::from_secs(60)).series().len(), series);
        start.elapsed().as_secs_f64()
    });
    let over = median_and_p99(overs.collect());
    let (snapshot, _) = median_and_p99(each_snapshot);
    let (median, p99) = median_and_p99(each_tick);
    let ratio = |seconds| (seconds / snapshot, "of a snapshot");
    // It is in proportion: what 1,000 series may take, ten times over.
    let mark = Some(1e-3 * series as f64 / 1_000.0);
    vec![
        Row {
            name: format!("tick, {series} series, 4 threads"),
            median,
            p99,
            ratio: ratio(median),
            mark,
        },
        Row {
            name: format!("the last minute of {series} series"),
            median: over.0,
            p99: over.1,
            ratio: ratio(over.0),
            mark: None,
        },
    ]
}

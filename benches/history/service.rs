//! Series as a service has them, and four threads that record to all of them between ticks.

use std::sync::Barrier;
use std::sync::atomic::Ordering::SeqCst;
use std::sync::atomic::{AtomicBool, AtomicUsize};
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

/// How many series a thread records to at a time while a tick is taken, and how long it waits then.
const MEANWHILE: usize = 16;
const PAUSE: Duration = Duration::from_millis(1);

/// What the threads are told.
struct Turns {
    /// All meet before they record, and when they have.
    meeting: Barrier,
    /// One series in so many is recorded to before a tick.
    one_in: AtomicUsize,
    /// A tick is taken.
    is_ticking: AtomicBool,
    is_over: AtomicBool,
}

impl Turns {
    fn record(&self, thread: u64, handles: &[Handle]) {
        for round in 0.. {
            self.meeting.wait();
            if self.is_over.load(SeqCst) {
                return;
            }
            let of_round = |number: usize| {
                // Others in each round, and the same ones for all threads.
                (number + round as usize).is_multiple_of(self.one_in.load(SeqCst))
            };
            let record = |(number, handle): (usize, &Handle)| {
                handle.record(round * 4 + thread + number as u64);
            };
            let chosen = handles.iter().enumerate().filter(|(number, _)| of_round(*number));
            chosen.clone().for_each(record);
            self.meeting.wait();
            let mut again = chosen.cycle();
            while self.is_ticking.load(SeqCst) {
                again.by_ref().take(MEANWHILE).for_each(record);
                thread::sleep(PAUSE);
            }
        }
    }
}

/// Ticks, and looks at the last minute of all series.
pub(crate) fn rows(series: usize, ticks: usize) -> Vec<Row> {
    let registry = Registry::new();
    let handles: Vec<Handle> =
        (0..series).map(|number| Handle::register(&registry, number)).collect();
    let begin = SystemTime::now();
    let history = History::builder().registry(&registry).clock(move || begin).build().unwrap();
    let turns = Turns {
        meeting: Barrier::new(THREADS + 1),
        one_in: AtomicUsize::new(1),
        is_ticking: AtomicBool::new(false),
        is_over: AtomicBool::new(false),
    };
    // It is in proportion: what 1,000 series may take, ten times over.
    let mark = Some(1e-3 * series as f64 / 1_000.0);
    let mut rows = Vec::new();
    let mut second = 0;
    thread::scope(|scope| {
        for thread in 0..THREADS as u64 {
            let (handles, turns) = (&handles, &turns);
            scope.spawn(move || turns.record(thread, handles));
        }
        for (one_in, changed) in [(1, "all"), (10, "a tenth of them")] {
            turns.one_in.store(one_in, SeqCst);
            let (mut each_tick, mut each_snapshot) = (Vec::new(), Vec::new());
            for _ in 0..ticks {
                turns.meeting.wait();
                turns.is_ticking.store(true, SeqCst);
                turns.meeting.wait();
                second += 1;
                let start = Instant::now();
                assert!(history.tick(begin + Duration::from_secs(second)));
                each_tick.push(start.elapsed().as_secs_f64());
                let start = Instant::now();
                assert_eq!(registry.snapshot().series().len(), series);
                each_snapshot.push(start.elapsed().as_secs_f64());
                turns.is_ticking.store(false, SeqCst);
            }
            let (snapshot, _) = median_and_p99(each_snapshot);
            // The clock stands still, and an answer goes on to the last tick.
            let over = std::iter::repeat_with(|| {
                let start = Instant::now();
                assert_eq!(history.over(Duration::from_secs(60)).series().len(), series);
                start.elapsed().as_secs_f64()
            });
            let over = median_and_p99(over.take(20).collect());
            let mut push = |name: String, (median, p99): (f64, f64), mark| {
                let ratio = (median / snapshot, "of a snapshot");
                rows.push(Row { name, median, p99, ratio, mark });
            };
            push(
                format!("tick, {series} series, 4 threads, {changed}"),
                median_and_p99(each_tick),
                mark,
            );
            push(format!("the last minute of {series} series, {changed}"), over, None);
        }
        turns.is_over.store(true, SeqCst);
        turns.meeting.wait();
    });
    rows
}

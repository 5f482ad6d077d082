//! Series as a service has them, and four threads that record to all of them between ticks.

use std::hint::black_box;
use std::sync::Barrier;
use std::sync::atomic::Ordering::SeqCst;
use std::sync::atomic::{AtomicBool, AtomicUsize};
use std::thread;
use std::time::{Duration, SystemTime};

use tachograph::{Counter, Gauge, Histogram, History, Registry, Timer};

use super::{Row, Times, seconds_of};

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
                (number + round as usize) % self.one_in.load(SeqCst) == 0
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

/// What a tick reads of a service's series, as plain arrays.
struct Floor {
    /// Of each thread, and what they share.
    parts: [Vec<u64>; THREADS + 1],
    sums: Vec<u64>,
}

impl Floor {
    fn new(handles: &[Handle]) -> Floor {
        let cells_of = |handle: &Handle| match handle {
            Handle::Counter(_) => 1,
            // Whole numbers are added apart from others.
            Handle::Gauge(_) => 2,
            // The sums and extremes, and the buckets of four factors of two.
            Handle::Histogram(_) | Handle::Timer(_) => 4 + 4 * 32,
        };
        let cells = handles.iter().map(cells_of).sum();
        Floor { parts: [(); THREADS + 1].map(|()| vec![1; cells]), sums: vec![0; cells] }
    }

    fn add_up(&mut self) {
        self.sums.fill(0);
        for part in black_box(&self.parts) {
            for (sum, cell) in self.sums.iter_mut().zip(part) {
                *sum = sum.saturating_add(*cell);
            }
        }
        black_box(&self.sums);
    }
}

/// Ticks, and looks at the last minute of all series.
pub(crate) fn rows(series: usize, ticks: usize) -> Vec<Row> {
    let registry = Registry::new();
    let handles: Vec<Handle> =
        (0..series).map(|number| Handle::register(&registry, number)).collect();
    let mut floor = Floor::new(&handles);
    let begin = SystemTime::now();
    let history = History::builder().registry(&registry).clock(move || begin).build().unwrap();
    let turns = Turns {
        meeting: Barrier::new(THREADS + 1),
        one_in: AtomicUsize::new(1),
        is_ticking: AtomicBool::new(false),
        is_over: AtomicBool::new(false),
    };
    let mut rows = Vec::new();
    let mut second = 0;
    thread::scope(|scope| {
        for thread in 0..THREADS as u64 {
            let (handles, turns) = (&handles, &turns);
            scope.spawn(move || turns.record(thread, handles));
        }
        for (one_in, changed) in [(1, "all"), (10, "a tenth")] {
            turns.one_in.store(one_in, SeqCst);
            let mut all = [const { Vec::new() }; 4];
            for _ in 0..ticks {
                turns.meeting.wait();
                turns.is_ticking.store(true, SeqCst);
                turns.meeting.wait();
                second += 1;
                let [floors, each_tick, snapshots, minutes] = &mut all;
                each_tick.push(seconds_of(|| {
                    assert!(history.tick(begin + Duration::from_secs(second)));
                }));
                floors.push(seconds_of(|| floor.add_up()));
                snapshots.push(seconds_of(|| {
                    assert_eq!(registry.snapshot().series().len(), series);
                }));
                if second % 7 == 0 {
                    minutes.push(seconds_of(|| {
                        // The clock stands still, and an answer goes on to the last tick.
                        let minute = history.over(Duration::from_secs(60));
                        assert_eq!(minute.series().len(), series);
                    }));
                }
                turns.is_ticking.store(false, SeqCst);
            }
            let [floor, tick, snapshot, minute] = all.map(Times::of);
            let mut push = |name: String, times: Times, mark| {
                let ratio = (times.median / floor.median, "of the floor");
                rows.push(Row { name, times, ratio, mark });
            };
            // It is in proportion: what 1,000 series may take, ten times over.
            let mark = Some(1e-3 * series as f64 / 1_000.0);
            push(format!("tick, {series} series, 4 threads, {changed} of them"), tick, mark);
            push("  a snapshot of these".to_owned(), snapshot, None);
            push("  the last minute of these".to_owned(), minute, None);
        }
        turns.is_over.store(true, SeqCst);
        turns.meeting.wait();
    });
    rows
}

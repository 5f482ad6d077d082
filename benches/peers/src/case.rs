//! What is measured: a crate, and what it can record, each as a loop that the compiler sees whole.

use std::cell::Cell;
use std::hint::black_box;

use crate::input::Inputs;

/// What one does with a crate of metrics.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Column {
    Counter,
    FixedLabels,
    RunTimeLabel,
    Gauge,
    Histogram,
    Timer,
}

impl Column {
    pub const ALL: [Column; 6] = [
        Column::Counter,
        Column::FixedLabels,
        Column::RunTimeLabel,
        Column::Gauge,
        Column::Histogram,
        Column::Timer,
    ];

    pub fn title(self) -> &'static str {
        match self {
            Column::Counter => "counter",
            Column::FixedLabels => "2 fixed labels",
            Column::RunTimeLabel => "run-time label",
            Column::Gauge => "gauge",
            Column::Histogram => "histogram",
            Column::Timer => "timer",
        }
    }
}

/// One crate, used in one way.
pub struct Peer {
    pub title: &'static str,
    /// The packages that it takes, as the lock file calls them.
    pub packages: &'static [&'static str],
    pub cases: Vec<Case>,
    pub exposition: Option<Exposition>,
}

/// One column of one peer.
pub struct Case {
    pub column: Column,
    /// Records so many times. Called by several threads at once.
    record: Box<dyn Fn(u64) + Send + Sync>,
    /// What belongs around a batch, and to its cost.
    around: Option<Around>,
    /// How many records there are by now; for a gauge, its value.
    recorded: Box<dyn Fn() -> u64>,
    expected: Cell<u64>,
}

struct Around {
    before: Box<dyn Fn()>,
    after: Box<dyn Fn()>,
}

impl Case {
    /// `record` gets the input of one operation, and is called in a loop of its own.
    pub fn new(
        column: Column,
        record: impl Fn(Inputs) + Send + Sync + 'static,
        recorded: impl Fn() -> u64 + 'static,
    ) -> Case {
        let record = move |calls| (0..calls).for_each(|number| record(Inputs::new(number)));
        Case::in_batches(column, record, recorded)
    }

    /// `record` does so many operations, with something around all of them.
    pub fn in_batches(
        column: Column,
        record: impl Fn(u64) + Send + Sync + 'static,
        recorded: impl Fn() -> u64 + 'static,
    ) -> Case {
        let recorded = Box::new(recorded);
        Case { column, record: Box::new(record), around: None, recorded, expected: Cell::new(0) }
    }

    /// The same where the crate wants work done from time to time, by another thread or in its name.
    pub fn around(mut self, before: impl Fn() + 'static, after: impl Fn() + 'static) -> Case {
        self.around = Some(Around { before: Box::new(before), after: Box::new(after) });
        self
    }

    /// One batch: all that recording so many times in each of the threads takes.
    pub fn run(&self, threads: usize, calls: u64) {
        if let Some(around) = &self.around {
            (around.before)();
        }
        let record = &self.record;
        std::thread::scope(|scope| {
            for _ in 1..threads {
                scope.spawn(|| record(calls));
            }
            record(calls);
        });
        if let Some(around) = &self.around {
            (around.after)();
        }
        self.expected.set(match self.column {
            Column::Gauge => calls - 1,
            _ => self.expected.get() + calls * threads as u64,
        });
    }

    /// How many records there are, and how many there should be; for a gauge, its value.
    pub fn recorded_and_expected(&self) -> (u64, u64) {
        ((self.recorded)(), self.expected.get())
    }
}

/// What is timed: nothing, so that all that is seen is the timer.
#[inline(never)]
pub fn nothing() {
    black_box(());
}

/// What a body is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    Text,
    OpenMetrics,
    Protobuf,
}

impl Format {
    pub const ALL: [Format; 3] = [Format::Text, Format::OpenMetrics, Format::Protobuf];

    pub fn title(self) -> &'static str {
        match self {
            Format::Text => "text",
            Format::OpenMetrics => "OpenMetrics",
            Format::Protobuf => "protobuf",
        }
    }
}

/// A registry that writes what it holds.
pub struct Exposition {
    /// Adds series to it up to so many, and counts once in each of the new ones.
    pub grow: Box<dyn Fn(usize)>,
    /// Its bodies, in the way that the crate's docs show.
    pub bodies: Vec<(Format, Render)>,
}

/// Writes a body.
pub type Render = Box<dyn Fn() -> Vec<u8>>;

impl Exposition {
    pub fn new(grow: impl Fn(usize) + 'static) -> Exposition {
        Exposition { grow: Box::new(grow), bodies: Vec::new() }
    }

    pub fn body(mut self, format: Format, render: impl Fn() -> Vec<u8> + 'static) -> Exposition {
        self.bodies.push((format, Box::new(render)));
        self
    }
}

/// The name and the label value of a series that an exposition has: ten families, as programs have them.
pub fn series(number: usize) -> (String, String) {
    (format!("requests_{}_total", number % FAMILIES), format!("/some/path/{number}"))
}

/// Into how many families the series of an exposition fall.
pub const FAMILIES: usize = 10;

/// The sum of a family's samples in a Prometheus text.
pub fn total(text: &str, name: &str) -> u64 {
    let samples = text.lines().filter_map(|line| line.strip_prefix(name));
    let of_it = samples.filter(|rest| rest.starts_with(['{', ' ']));
    let values = of_it.filter_map(|rest| rest.rsplit(' ').next()?.parse::<f64>().ok());
    values.sum::<f64>() as u64
}

//! What a history costs: `cargo bench --bench history`.
//!
//! *A tick* is taken of a service's series: half of them counters, a fifth gauges, a fifth histograms and a tenth timers.
//! Each of four threads records to all of them before each tick, which is the worst case; or to a tenth, another one each time, as
//! most series of a service stand still in most seconds. They go on recording while the tick is taken, a few series
//! every millisecond. Of many ticks the least, the median and the 99th percentile are shown; one in ten puts ten seconds together, one
//! in sixty a minute. Beside each stands the floor, which is measured between the ticks: so many 64-bit cells as are read of
//! four threads and of what they share, from plain arrays, added up.
//!
//! *Answers* are asked of one histogram whose last hour holds 11,000 values, three in each second, and of one that holds a
//! million in all its buckets, beside nine aggregates that are computed from 10,000 plain values in the same run. The nine are sum, average, least, greatest, count, median, 95th
//! and 99th percentile and standard deviation.
//!
//! *Callbacks* are collectors, beside the calls of a thread that they are, and triggers, beside a tick without them.
//!
//! *Memory* is what a series takes after a day of ticks, as the history counts it, beside the most that it says it takes.
//!
//! `cargo bench --bench history -- tick answers callbacks memory` measures those of the four that are named.
//!
//! The marks were set before it was built. One that is missed is told; ten times a mark is an error.

#[path = "../support/machine.rs"]
mod machine;
mod callbacks;
mod past;
mod service;

use std::process::ExitCode;
use std::time::Instant;

/// Measured elsewhere, and not here.
const FOR_SCALE: &str = "For scale: a collector in Python that keeps 10,000 values a metric takes 8.5 ms for the nine \
    aggregates, and 1.7 to 3.0 µs for a record.";

/// What was measured, and what was aimed at.
pub(crate) struct Row {
    pub(crate) name: String,
    pub(crate) times: Times,
    /// What the same is in terms of something else that was measured beside it, and of what.
    pub(crate) ratio: (f64, &'static str),
    /// In seconds, if there is one.
    pub(crate) mark: Option<f64>,
}

impl Row {
    fn show(&self) {
        let mut line = format!(
            "{:<56}{:>10}{:>10}{:>10}  {:>6.2}x {}",
            self.name,
            time(self.times.least),
            time(self.times.median),
            time(self.times.p99),
            self.ratio.0,
            self.ratio.1
        );
        if let Some(mark) = self.mark {
            let verdict = if self.times.median <= mark { "met" } else { "missed" };
            line.push_str(&format!(", mark {} {verdict}", time(mark)));
        }
        println!("{line}");
    }

    /// True where it is not ten times what was aimed at.
    fn is_near(&self) -> bool {
        self.mark.is_none_or(|mark| self.times.median <= 10.0 * mark)
    }
}

fn time(seconds: f64) -> String {
    if seconds < 1e-3 {
        format!("{:.1} µs", seconds * 1e6)
    } else {
        format!("{:.2} ms", seconds * 1e3)
    }
}

/// In seconds.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Times {
    pub(crate) least: f64,
    pub(crate) median: f64,
    pub(crate) p99: f64,
}

impl Times {
    /// Of measurements, of which there must be one.
    pub(crate) fn of(mut seconds: Vec<f64>) -> Times {
        seconds.sort_by(f64::total_cmp);
        Times {
            least: seconds[0],
            median: seconds[seconds.len() / 2],
            p99: seconds[seconds.len() * 99 / 100],
        }
    }
}

/// How long it takes, in seconds.
pub(crate) fn seconds_of(work: impl FnOnce()) -> f64 {
    let start = Instant::now();
    work();
    start.elapsed().as_secs_f64()
}

fn main() -> ExitCode {
    let named: Vec<String> =
        std::env::args().skip(1).filter(|name| !name.starts_with('-')).collect();
    let is_asked = |part: &str| named.is_empty() || named.iter().any(|name| name == part);
    println!("{}\n", machine::describe());
    println!("{:<56}{:>10}{:>10}{:>10}", "", "least", "median", "p99");
    let mut rows = Vec::new();
    if is_asked("tick") {
        for (series, ticks) in [(1_000, 400), (10_000, 130)] {
            rows.extend(service::rows(series, ticks));
        }
    }
    if is_asked("answers") {
        rows.extend(past::rows());
    }
    if is_asked("callbacks") {
        rows.extend(callbacks::rows());
    }
    rows.iter().for_each(Row::show);
    let is_near = rows.iter().all(Row::is_near);
    println!("\n{FOR_SCALE}");
    if is_asked("memory") {
        println!();
        past::show_memory();
    }
    if is_near { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

//! What a history costs: `cargo bench --bench history`.
//!
//! *A tick* is taken of a service's series: half of them counters, a fifth gauges, a fifth histograms and a tenth timers.
//! Each of four threads records to all of them before each tick, which is the worst case; or to a tenth, another one each time, as
//! most series of a service stand still in most seconds. They go on recording while the tick is taken, a few series
//! every millisecond. The median and the 99th percentile of many ticks are shown; one in ten puts ten seconds together, one
//! in sixty a minute. Beside each stands a snapshot of the same series in the same run.
//!
//! *Answers* are asked of one histogram whose last hour holds 11,000 values, three in each second, beside nine aggregates that
//! are computed from 10,000 plain values in the same run. The nine are sum, average, least, greatest, count, median, 95th
//! and 99th percentile and standard deviation.
//!
//! *Memory* is what a series takes after a day of ticks, as the history counts it, beside the most that it says it takes.
//!
//! `cargo bench --bench history -- tick answers memory` measures those of the three that are named.
//!
//! The marks were set before it was built. One that is missed is told; ten times a mark is an error. For scale, a collector
//! of the same aggregates in Python takes 8.5 ms for nine of them over 10,000 values, and 1.7 to 3.0 µs for a record.

#[path = "../support/machine.rs"]
mod machine;
mod past;
mod service;

use std::process::ExitCode;

/// What was measured, and what was aimed at.
pub(crate) struct Row {
    pub(crate) name: String,
    /// In seconds.
    pub(crate) median: f64,
    pub(crate) p99: f64,
    /// What the same is in terms of something else that was measured beside it, and of what.
    pub(crate) ratio: (f64, &'static str),
    /// In seconds, if there is one.
    pub(crate) mark: Option<f64>,
}

impl Row {
    fn show(&self) {
        let mut line = format!(
            "{:<54}{:>10}{:>10}  {:>6.2}x {}",
            self.name,
            time(self.median),
            time(self.p99),
            self.ratio.0,
            self.ratio.1
        );
        if let Some(mark) = self.mark {
            let verdict = if self.median <= mark { "met" } else { "missed" };
            line.push_str(&format!(", mark {} {verdict}", time(mark)));
        }
        println!("{line}");
    }

    /// True where it is not ten times what was aimed at.
    fn is_near(&self) -> bool {
        self.mark.is_none_or(|mark| self.median <= 10.0 * mark)
    }
}

fn time(seconds: f64) -> String {
    if seconds < 1e-3 {
        format!("{:.1} µs", seconds * 1e6)
    } else {
        format!("{:.2} ms", seconds * 1e3)
    }
}

/// The median and the 99th percentile.
pub(crate) fn median_and_p99(mut seconds: Vec<f64>) -> (f64, f64) {
    seconds.sort_by(f64::total_cmp);
    (seconds[seconds.len() / 2], seconds[seconds.len() * 99 / 100])
}

fn main() -> ExitCode {
    let named: Vec<String> =
        std::env::args().skip(1).filter(|name| !name.starts_with('-')).collect();
    let is_asked = |part: &str| named.is_empty() || named.iter().any(|name| name == part);
    println!("{}\n", machine::describe());
    println!("{:<54}{:>10}{:>10}", "", "median", "p99");
    let mut rows = Vec::new();
    if is_asked("tick") {
        for (series, ticks) in [(1_000, 400), (10_000, 130)] {
            rows.extend(service::rows(series, ticks));
        }
    }
    if is_asked("answers") {
        rows.extend(past::rows());
    }
    rows.iter().for_each(Row::show);
    let is_near = rows.iter().all(Row::is_near);
    if is_asked("memory") {
        println!();
        past::show_memory();
    }
    if is_near { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

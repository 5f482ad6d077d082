//! The table: what a run was, for the person in front of the terminal.
//!
//! Timers come first, those with the most self time on top; then counters, rates, gauges, histograms and
//! summaries by name, what the registry has to object, and a last line on the recording itself. The crate's own
//! series are told in that line and stand in no table. Each part is a [`Grid`], fitted to the width by
//! itself.
//!
//! It holds no control character but the ends of its lines and, where colours are asked for, their
//! escape sequences.

mod calls;

use std::cmp::Reverse;
use std::time::Duration;

use crate::encode::blocks::blocks;
use crate::encode::grid::{Align, Column, Fit, Grid};
use crate::encode::human::{self, Measure, NOTHING};
use crate::encode::look::{By, Look, Style};
use crate::encode::table::calls::Calls;
use crate::encode::text::{self, push_visible, push_wrapped, title};
use crate::snapshot::{HistogramSnapshot, Overhead, Series, Snapshot, TimerSnapshot, Value};

/// The least width, in columns. A narrower table is written this wide.
const WIDTH_MIN: usize = 40;

/// From here on the shapes of distributions get more columns.
const WIDE: usize = 110;

/// Rows of each of the other parts.
const ROWS_MAX: usize = 50;

/// The quantiles that are shown of a distribution.
const QUANTILES: [f64; 3] = [0.5, 0.95, 0.99];

/// Lints that are told one by one.
const LINTS_MAX: usize = 10;

/// The metric that holds all timed functions.
const FUNCTIONS: &str = "function_duration_seconds";

/// How the names of the crate's own metrics start.
const OWN: &str = "tachograph_";

const TIMER_COLUMNS: &[Column] = &timer_columns(8);
/// Where there is a last minute, it comes before the total.
const TIMER_COLUMNS_WITH_MINUTE: &[Column] = &timer_columns(5);
const COUNTER_COLUMNS: &[Column] = &[number("total", 2), number("rate", 1), number("1m rate", 1)];
const RATE_COLUMNS: &[Column] = &[number("rate", 2), number("1m rate", 1), number("total", 1)];
const GAUGE_COLUMNS: &[Column] = &[number("value", 2), number("1m mean", 1)];
const HISTOGRAM_COLUMNS: &[Column] = &[
    number("count", 7),
    number("mean", 3),
    number("p50", 8),
    number("p95", 1),
    number("p99", 6),
    number("max", 4),
    shape(5),
    number("1m count", 6),
    number("1m p99", 6),
];

const fn timer_columns(importance_of_total: u8) -> [Column; 12] {
    [
        number("calls", 7),
        number("self", 10),
        number("of run", 9),
        number("total", importance_of_total),
        number("mean", 3),
        number("p50", 5),
        number("p95", 2),
        number("p99", 6),
        number("max", 4),
        shape(1),
        number("1m calls", 6),
        number("1m p99", 6),
    ]
}

const fn number(title: &'static str, importance: u8) -> Column {
    Column { title, importance, align: Align::Right }
}

const fn shape(importance: u8) -> Column {
    Column { title: "shape", importance, align: Align::Left }
}

/// Appends the table of `snapshot`, in lines of at most the width that `look` says, with what came in the last `minute`
/// beside it. The gauges of that are the means of its ticks.
pub(crate) fn write_table(
    snapshot: &Snapshot,
    minute: Option<&Snapshot>,
    look: &Look,
    out: &mut String,
) {
    let width = look.width.max(WIDTH_MIN);
    let run = Run {
        look: *look,
        seconds: snapshot.elapsed().as_secs_f64(),
        shape_width: if width < WIDE { 8 } else { 16 },
        minute,
    };
    let heading = format!("tachograph · a run of {}", human::duration(run.seconds));
    look.paint(Style::Strong, out, |out| push_line(&heading, width, out));
    let parts = run.parts(snapshot);
    if parts.is_empty() {
        push_line("nothing was recorded", width, out);
    }
    let mut fits: Vec<Fit> = parts.iter().map(|part| part.grid.fit(width)).collect();
    Fit::align(&mut fits, width);
    let rule = fits.iter().map(Fit::width).max().unwrap_or(0);
    for (part, fit) in parts.iter().zip(&fits) {
        out.push('\n');
        part.grid.write(fit, rule, look, out);
        if let Some(left_out) = &part.left_out {
            push_line(left_out, width, out);
        }
    }
    look.paint(Style::Warning, out, |out| push_objections(snapshot, width, out));
    out.push('\n');
    let cost = run.cost(snapshot.overhead());
    look.paint(Style::Faint, out, |out| push_items(&cost, width, out));
}

/// The series of one kind.
struct Part {
    grid: Grid,
    /// What of them is not in the grid.
    left_out: Option<String>,
}

/// One series of one kind, with the value of that kind.
type Entry<'a, V> = (&'a Series, V);

/// What the numbers are related to.
struct Run<'a> {
    look: Look,
    seconds: f64,
    shape_width: usize,
    minute: Option<&'a Snapshot>,
}

impl Run<'_> {
    /// The parts that have any rows. What stands beside the durations of functions is one part, with a row
    /// for each function.
    fn parts(&self, snapshot: &Snapshot) -> Vec<Part> {
        let (mut timers, mut counters, mut rates) = (Vec::new(), Vec::new(), Vec::new());
        let (mut gauges, mut histograms, mut summaries) = (Vec::new(), Vec::new(), Vec::new());
        let shown = snapshot.series().iter().filter(|series| !series.name().starts_with(OWN));
        let mut calls = Calls::default();
        for series in shown {
            if calls.take(series) {
                continue;
            }
            match series.value() {
                Value::Timer(timer) => timers.push((series, timer)),
                Value::Counter(total) => counters.push((series, *total)),
                Value::Rate(total) => rates.push((series, *total)),
                Value::Gauge(value) => gauges.push((series, *value)),
                Value::Histogram(histogram) => histograms.push((series, histogram)),
                Value::Summary(summary) => summaries.push((series, summary.histogram())),
            }
        }
        let mut parts = vec![
            self.timers(timers),
            self.calls(&calls),
            self.counters(counters),
            self.rates(rates),
            self.gauges(gauges),
            self.distributions("histogram", histograms),
            self.distributions("summary", summaries),
        ];
        parts.retain(|part| !part.grid.is_empty());
        parts
    }

    fn timers(&self, mut timers: Vec<Entry<'_, &TimerSnapshot>>) -> Part {
        // Stable: equal ones stay in the order of their names.
        timers.sort_by_key(|(_, timer)| Reverse(rank(self.look.sort, timer)));
        let own = |timer: &TimerSnapshot| timer.self_total().as_secs_f64();
        let (shown, rest) = timers.split_at(timers.len().min(self.look.limit));
        let functions_only = shown.iter().all(|(series, _)| series.name() == FUNCTIONS);
        let columns = if self.minute.is_some() { TIMER_COLUMNS_WITH_MINUTE } else { TIMER_COLUMNS };
        let mut grid = Grid::new(if functions_only { "function" } else { "timer" }, columns);
        for (series, timer) in shown {
            let mut texts = vec![
                human::count(timer.count()),
                human::duration(own(timer)),
                human::percent(own(timer), self.seconds),
                human::duration(timer.total().as_secs_f64()),
            ];
            let (histogram, measure) = (timer.histogram(), Measure::of_timer(series));
            self.push_distribution(series, histogram, measure, &mut texts);
            grid.push(title(series, FUNCTIONS), texts);
        }
        let seconds = rest.iter().map(|(_, timer)| own(timer)).sum();
        let (time, share) = (human::duration(seconds), human::percent(seconds, self.seconds));
        let left_out =
            more(rest.len()).map(|more| format!("{more}: self {time}, {share} of the run"));
        Part { grid, left_out }
    }

    fn calls(&self, calls: &Calls) -> Part {
        let mut grid = Grid::new("function", calls::COLUMNS);
        let rows = calls.rows();
        let (shown, rest) = rows.split_at(rows.len().min(ROWS_MAX));
        for (title, texts) in shown {
            grid.push(title.clone(), texts.clone());
        }
        Part { grid, left_out: more(rest.len()) }
    }

    fn counters(&self, counters: Vec<Entry<'_, u64>>) -> Part {
        self.totals(Grid::new("counter", COUNTER_COLUMNS), counters, |[total, rate, minute]| {
            vec![total, rate, minute]
        })
    }

    /// As counters, with the rate first.
    fn rates(&self, rates: Vec<Entry<'_, u64>>) -> Part {
        self.totals(Grid::new("rate", RATE_COLUMNS), rates, |[total, rate, minute]| {
            vec![rate, minute, total]
        })
    }

    /// Totals with their rates, of the run and of the last minute; in a row as `row` orders them.
    fn totals(
        &self,
        mut grid: Grid,
        mut totals: Vec<Entry<'_, u64>>,
        row: fn([String; 3]) -> Vec<String>,
    ) -> Part {
        // Within one name the overflow stands first, and then the greatest.
        totals.sort_by_key(|(series, total)| (head(series), Reverse(*total)));
        let (shown, rest) = totals.split_at(totals.len().min(ROWS_MAX));
        for (series, total) in shown {
            let measure = Measure::of(series);
            let show = |total: u64, seconds: f64| {
                let rate = (seconds > 0.0).then(|| total as f64 / seconds);
                rate.map_or_else(|| String::from(NOTHING), |rate| measure.show_rate(rate))
            };
            let minute = self.in_the_minute(series, |minute, seconds| match minute {
                Value::Counter(increase) | Value::Rate(increase) => Some(show(*increase, seconds)),
                _ => None,
            });
            // What somebody else keeps has not grown in this run alone.
            let of_run = match series.is_kept_elsewhere() {
                true => String::from(NOTHING),
                false => show(*total, self.seconds),
            };
            let texts = row([human::count(*total), of_run, minute]);
            grid.push(title(series, FUNCTIONS), texts);
        }
        Part { grid, left_out: more(rest.len()) }
    }

    fn gauges(&self, mut gauges: Vec<Entry<'_, f64>>) -> Part {
        gauges.sort_by_key(|(series, _)| head(series));
        let (shown, rest) = gauges.split_at(gauges.len().min(ROWS_MAX));
        let mut grid = Grid::new("gauge", GAUGE_COLUMNS);
        for (series, value) in shown {
            let measure = Measure::of(series);
            let minute = self.in_the_minute(series, |minute, _| match minute {
                Value::Gauge(mean) => Some(measure.show(*mean)),
                _ => None,
            });
            grid.push(title(series, FUNCTIONS), vec![measure.show_whole(*value), minute]);
        }
        Part { grid, left_out: more(rest.len()) }
    }

    /// Histograms or summaries.
    fn distributions(
        &self,
        kind: &'static str,
        mut distributions: Vec<Entry<'_, &HistogramSnapshot>>,
    ) -> Part {
        distributions.sort_by_key(|(series, found)| (head(series), Reverse(found.count())));
        let (shown, rest) = distributions.split_at(distributions.len().min(ROWS_MAX));
        let mut grid = Grid::new(kind, HISTOGRAM_COLUMNS);
        for (series, histogram) in shown {
            let mut texts = vec![human::count(histogram.count())];
            self.push_distribution(series, histogram, Measure::of(series), &mut texts);
            grid.push(title(series, FUNCTIONS), texts);
        }
        Part { grid, left_out: more(rest.len()) }
    }

    /// What a series did in the last minute, of which so many seconds are known; nothing where there is none.
    fn in_the_minute(
        &self,
        series: &Series,
        show: impl FnOnce(&Value, f64) -> Option<String>,
    ) -> String {
        let Some(minute) = self.minute else { return String::new() };
        let same = minute.same(series);
        let shown = same.and_then(|same| show(same.value(), minute.elapsed().as_secs_f64()));
        shown.unwrap_or_else(|| String::from(NOTHING))
    }

    /// The columns that timers, histograms and summaries have in common: mean, quantiles, maximum, shape, and of the last
    /// minute how many there were and a quantile.
    fn push_distribution(
        &self,
        series: &Series,
        histogram: &HistogramSnapshot,
        measure: Measure,
        texts: &mut Vec<String>,
    ) {
        // Of a summary they are of the values that are kept.
        let [p50, p95, p99] = series.value().quantiles(QUANTILES);
        let numbers = [histogram.mean(), p50, p95, p99, histogram.max()];
        let show = |value| measure.show(value);
        texts.extend(numbers.map(|value| value.map_or_else(|| String::from(NOTHING), show)));
        texts.push(blocks(histogram, self.shape_width));
        let of_minute = |show: fn(&Value, Measure) -> Option<String>| {
            self.in_the_minute(series, |minute, _| show(minute, measure))
        };
        texts.push(of_minute(|minute, _| Some(human::count(minute.distribution()?.count()))));
        texts.push(of_minute(|minute, measure| Some(measure.show(minute.quantiles([0.99])[0]?))));
    }

    /// What was recorded, in what, and what that took.
    fn cost(&self, overhead: &Overhead) -> [String; 3] {
        let seconds = overhead.cost().as_secs_f64();
        let series = plural(overhead.series(), "series", "series");
        let shards = plural(overhead.shards(), "shard", "shards");
        let used = human::bytes(overhead.accessible_bytes() as f64);
        let reserved = human::bytes(overhead.reserved_bytes() as f64);
        let calls = plural(overhead.timer_calls(), "timed call", "timed calls");
        let values = overhead.histogram_calls().saturating_add(overhead.summary_calls());
        let values = plural(values, "value", "values");
        let (time, share) = (human::duration(seconds), human::percent(seconds, self.seconds));
        [
            format!("{series} in {shards}"),
            format!("{used} accessible of {reserved} reserved"),
            format!("{calls} and {values} cost {time}, {share} of the run"),
        ]
    }
}

/// What series of other kinds than timers are ordered by first: their name, with what took all that found
/// no place before its siblings, so that no limit hides it.
fn head(series: &Series) -> (&str, bool) {
    (series.name(), !series.labels().is_overflow())
}

/// What timers are ordered by: the greatest first, and what decides between equal ones.
fn rank(by: By, timer: &TimerSnapshot) -> [Duration; 3] {
    let longest = |duration: Option<Duration>| duration.unwrap_or_default();
    let first = match by {
        By::SelfTime => timer.self_total(),
        By::Total => timer.total(),
        // A count compares as well in nanoseconds.
        By::Calls => Duration::from_nanos(timer.count()),
        By::Mean => longest(timer.mean()),
        By::P99 => longest(timer.quantile(0.99)),
        By::Max => longest(timer.max()),
        By::Name => return [Duration::ZERO; 3],
    };
    [first, timer.total(), Duration::from_nanos(timer.count())]
}

/// What went wrong, and what may have been meant differently.
fn push_objections(snapshot: &Snapshot, width: usize, out: &mut String) {
    let (overhead, lints) = (snapshot.overhead(), snapshot.lints());
    let mut lines: Vec<String> = lints.iter().take(LINTS_MAX).map(ToString::to_string).collect();
    lines.extend(more(lints.len().saturating_sub(LINTS_MAX)));
    let dropped = overhead.dropped().iter().filter(|(_, count)| *count > 0);
    lines.extend(dropped.map(|(reason, count)| {
        // Reasons are label values of a series, too: words joined by `_`.
        format!("{} dropped: {}", plural(*count, "record", "records"), reason.replace('_', " "))
    }));
    let overflowed = overhead.overflowed().iter().map(|(_, count)| count).sum();
    if overflowed > 0 {
        let lookups = plural(overflowed, "lookup", "lookups");
        lines.push(format!("{lookups} went to overflow series"));
    }
    if overhead.shards_refused() > 0 {
        let threads = plural(overhead.shards_refused(), "thread", "threads");
        lines.push(format!("{threads} had no shard of their own and recorded at a higher price"));
    }
    if !lines.is_empty() {
        out.push('\n');
    }
    for line in lines {
        push_line(&format!("! {line}"), width, out);
    }
}

/// Items in one line, or in as many as they need.
fn push_items(items: &[String], width: usize, out: &mut String) {
    let mut line = String::new();
    for item in items {
        let joined = if line.is_empty() { item.clone() } else { format!("{line} · {item}") };
        if text::width(&joined) > width && !line.is_empty() {
            push_line(&line, width, out);
            line.clone_from(item);
        } else {
            line = joined;
        }
    }
    push_line(&line, width, out);
}

/// A line of its own, broken where it is too long.
fn push_line(text: &str, width: usize, out: &mut String) {
    let mut visible = String::new();
    push_visible(text, &mut visible);
    push_wrapped(&visible, width, out);
}

fn more(left_out: usize) -> Option<String> {
    (left_out > 0).then(|| format!("and {} more", human::count(left_out as u64)))
}

fn plural(count: u64, one: &str, many: &str) -> String {
    format!("{} {}", human::count(count), if count == 1 { one } else { many })
}

#[cfg(test)]
mod tests;

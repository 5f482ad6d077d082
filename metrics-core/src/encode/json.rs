//! One JSON object that holds all of a snapshot. `docs/json.md` tells every field.
//!
//! It is written, not modelled: no crate that knows JSON is in the dependency tree, whose impls on
//! foreign types would reach the programs that use this one. Each series has a line of its own, so that
//! bodies can be compared and searched with what works on lines.
//!
//! What JSON has no number for is a text (`"NaN"`, `"Infinity"`, `"-Infinity"`, as in the JSON mapping of
//! Protocol Buffers), and what is not known is `null`.

use std::env;
use std::fmt::Write;
use std::path::PathBuf;
use std::time::SystemTime;

use crate::encode::digits::{push_finite, push_u64};
use crate::encode::exposition::{self, ShownSeries};
use crate::encode::timestamp::push_rfc3339;
use crate::snapshot::{
    HistogramSnapshot, Overhead, Series, Snapshot, SummarySnapshot, TimerSnapshot, Value,
};

/// Raised when a field goes or changes its meaning; new fields do not raise it.
const SCHEMA_VERSION: u64 = 1;

/// The quantiles of a distribution, each with the text that names it.
const QUANTILES: [(&str, f64); 5] =
    [("0.5", 0.5), ("0.9", 0.9), ("0.95", 0.95), ("0.99", 0.99), ("0.999", 0.999)];

/// The process that a snapshot was taken in.
#[derive(Debug, Clone)]
pub(super) struct Process {
    pub(super) program: Option<String>,
    pub(super) id: u32,
}

impl Process {
    /// This one, by the name that it was started with.
    pub(super) fn current() -> Process {
        let path = env::args_os().next().map(PathBuf::from);
        let name = path.and_then(|path| Some(path.file_name()?.to_string_lossy().into_owned()));
        let program = name.map(|name| match name.strip_suffix(env::consts::EXE_SUFFIX) {
            Some(stem) => stem.to_owned(),
            None => name,
        });
        Process { program, id: std::process::id() }
    }
}

/// Appends one object and the end of its last line; of the series, those that are asked for by a name of theirs.
pub(super) fn write_json(
    snapshot: &Snapshot,
    process: &Process,
    is_asked: Option<&dyn Fn(&str) -> bool>,
    out: &mut String,
) {
    let started_at = snapshot.taken_at().checked_sub(snapshot.elapsed());
    out.push_str("{\n\"schema_version\": ");
    push_u64(SCHEMA_VERSION, out);
    out.push_str(",\n\"program\": ");
    push_option(process.program.as_deref(), push_text, out);
    out.push_str(",\n\"process_id\": ");
    push_u64(u64::from(process.id), out);
    out.push_str(",\n\"started_at\": ");
    push_option(started_at, push_time, out);
    out.push_str(",\n\"taken_at\": ");
    push_time(snapshot.taken_at(), out);
    out.push_str(",\n\"elapsed_seconds\": ");
    push_number(snapshot.elapsed().as_secs_f64(), out);
    out.push_str(",\n\"series\": [");
    let asked = is_asked.map(|is_asked| exposition::asked_series(snapshot, is_asked));
    let is_asked = |place: usize| asked.as_ref().is_none_or(|asked| asked[place]);
    if snapshot.presentation().is_plain() {
        let all = snapshot.series().iter().enumerate().filter(|(place, _)| is_asked(*place));
        let push = |(_, series): (usize, &Series), out: &mut String| {
            push_series(snapshot, series, series.name(), series.labels().iter(), out);
        };
        push_lines(all, push, out);
    } else {
        let all = exposition::shown(snapshot).into_iter().enumerate();
        let push = |(_, shown): (usize, ShownSeries<'_>), out: &mut String| {
            let labels = shown.labels.iter().map(|(key, value)| (&**key, &**value));
            push_series(snapshot, shown.series, &shown.name, labels, out);
        };
        push_lines(all.filter(|(place, _)| is_asked(*place)), push, out);
    }
    out.push_str("],\n\"overhead\": ");
    push_overhead(snapshot.overhead(), out);
    out.push_str(",\n\"lints\": [");
    push_lines(
        snapshot.lints().iter(),
        |lint, out| {
            out.push_str("{\"metric\": ");
            push_text(lint.metric(), out);
            out.push_str(", \"message\": ");
            push_text(lint.message(), out);
            out.push('}');
        },
        out,
    );
    out.push_str("]\n}\n");
}

/// Appends the items of an array, each on its own line.
fn push_lines<T>(
    items: impl Iterator<Item = T>,
    mut push: impl FnMut(T, &mut String),
    out: &mut String,
) {
    let mut is_empty = true;
    for item in items {
        out.push_str(if is_empty { "\n" } else { ",\n" });
        is_empty = false;
        push(item, out);
    }
    if !is_empty {
        out.push('\n');
    }
}

fn push_series<'a>(
    snapshot: &Snapshot,
    series: &Series,
    name: &str,
    labels: impl Iterator<Item = (&'a str, &'a str)>,
    out: &mut String,
) {
    out.push_str("{\"name\": ");
    push_text(name, out);
    out.push_str(", \"kind\": \"");
    out.push_str(series.kind().as_str());
    out.push_str("\", \"labels\": {");
    for (place, (key, value)) in labels.enumerate() {
        if place > 0 {
            out.push_str(", ");
        }
        push_text(key, out);
        out.push_str(": ");
        push_text(value, out);
    }
    out.push_str("}, \"unit\": ");
    push_option(series.unit().map(|unit| unit.as_str()), push_text, out);
    out.push_str(", \"description\": ");
    push_option(series.description(), push_text, out);
    out.push_str(", \"created_at\": ");
    push_time(series.created_at(), out);
    out.push_str(", \"value\": ");
    match series.value() {
        Value::Counter(total) => push_u64(*total, out),
        Value::Gauge(value) => push_number(*value, out),
        Value::Histogram(histogram) => push_histogram(histogram, out),
        Value::Timer(timer) => push_timer(timer, out),
        Value::Rate(total) => push_rate(*total, snapshot.per_second(*total), out),
        Value::Summary(summary) => push_summary(summary, out),
    }
    out.push('}');
}

fn push_rate(total: u64, per_second: Option<f64>, out: &mut String) {
    out.push_str("{\"total\": ");
    push_u64(total, out);
    out.push_str(", \"per_second\": ");
    push_option(per_second, push_number, out);
    out.push('}');
}

fn push_histogram(histogram: &HistogramSnapshot, out: &mut String) {
    out.push_str("{\"count\": ");
    push_u64(histogram.count(), out);
    out.push_str(", \"sum\": ");
    push_number(histogram.sum(), out);
    push_distribution(histogram, QUANTILES.map(|(_, q)| histogram.quantile(q)), out);
}

fn push_summary(summary: &SummarySnapshot, out: &mut String) {
    out.push_str("{\"count\": ");
    push_u64(summary.count(), out);
    out.push_str(", \"sum\": ");
    push_number(summary.sum(), out);
    let _ = write!(out, ", \"kept\": {}", summary.kept().len());
    let quantiles = summary.quantiles(QUANTILES.map(|(_, q)| q));
    push_distribution(summary.histogram(), quantiles, out);
}

fn push_timer(timer: &TimerSnapshot, out: &mut String) {
    out.push_str("{\"count\": ");
    push_u64(timer.count(), out);
    out.push_str(", \"total_seconds\": ");
    push_number(timer.total_seconds(), out);
    out.push_str(", \"self_seconds\": ");
    push_number(timer.self_total().as_secs_f64(), out);
    let histogram = timer.histogram();
    push_distribution(histogram, QUANTILES.map(|(_, q)| histogram.quantile(q)), out);
}

/// The rest of an object, whose first fields stand.
fn push_distribution(
    histogram: &HistogramSnapshot,
    quantiles: [Option<f64>; QUANTILES.len()],
    out: &mut String,
) {
    let fields = [
        ("min", histogram.min()),
        ("max", histogram.max()),
        ("mean", histogram.mean()),
        ("stddev", histogram.stddev()),
    ];
    for (name, value) in fields {
        // Writing to a string does not fail, here and below.
        let _ = write!(out, ", \"{name}\": ");
        push_option(value, push_number, out);
    }
    let _ = write!(out, ", \"is_range_exact\": {}, \"quantiles\": ", histogram.is_range_exact());
    for (place, ((name, _), value)) in QUANTILES.iter().zip(quantiles).enumerate() {
        let _ = write!(out, "{}\"{name}\": ", if place == 0 { "{" } else { ", " });
        push_option(value, push_number, out);
    }
    let _ = write!(out, "}}, \"schema\": {}, \"buckets\": [", histogram.layout().schema());
    for (place, bucket) in histogram.buckets().enumerate() {
        out.push_str(if place == 0 { "[" } else { ", [" });
        push_number(bucket.lower, out);
        out.push_str(", ");
        push_number(bucket.upper, out);
        out.push_str(", ");
        push_u64(bucket.count, out);
        out.push(']');
    }
    out.push_str("]}");
}

fn push_overhead(overhead: &Overhead, out: &mut String) {
    out.push_str("{\"clock\": ");
    push_text(overhead.clock(), out);
    for (name, number) in [
        ("series", overhead.series()),
        ("shards", overhead.shards()),
        ("shards_refused", overhead.shards_refused()),
        ("abandoned_series", overhead.abandoned()),
        ("reserved_bytes", overhead.reserved_bytes()),
        ("accessible_bytes", overhead.accessible_bytes()),
        ("timer_calls", overhead.timer_calls()),
        ("histogram_calls", overhead.histogram_calls()),
        ("summary_calls", overhead.summary_calls()),
    ] {
        let _ = write!(out, ", \"{name}\": {number}");
    }
    out.push_str(", \"cost_seconds\": ");
    push_number(overhead.cost().as_secs_f64(), out);
    for (name, reasons) in [("dropped", overhead.dropped()), ("overflowed", overhead.overflowed())]
    {
        let _ = write!(out, ", \"{name}\": {{");
        for (place, (reason, count)) in reasons.iter().enumerate() {
            out.push_str(if place == 0 { "" } else { ", " });
            push_text(reason, out);
            let _ = write!(out, ": {count}");
        }
        out.push('}');
    }
    out.push('}');
}

fn push_option<T>(value: Option<T>, push: impl FnOnce(T, &mut String), out: &mut String) {
    match value {
        Some(value) => push(value, out),
        None => out.push_str("null"),
    }
}

fn push_time(time: SystemTime, out: &mut String) {
    out.push('"');
    push_rfc3339(time, out);
    out.push('"');
}

fn push_number(value: f64, out: &mut String) {
    if value.is_finite() {
        push_finite(value, out);
    } else if value.is_nan() {
        out.push_str("\"NaN\"");
    } else {
        out.push_str(if value > 0.0 { "\"Infinity\"" } else { "\"-Infinity\"" });
    }
}

/// Appends a text in quotes. Control characters are escaped, also those that JSON would allow: a body
/// may be looked at in a terminal.
pub(crate) fn push_text(text: &str, out: &mut String) {
    out.push('"');
    let is_special = |c: char| {
        c == '"'
            || c == '\\'
            || c.is_control()
            || matches!(c, '\u{2028}' | '\u{2029}' | '\u{fffe}' | '\u{ffff}')
    };
    let mut rest = text;
    while let Some(at) = rest.find(is_special) {
        out.push_str(&rest[..at]);
        let mut after = rest[at..].chars();
        match after.next() {
            Some('"') => out.push_str("\\\""),
            Some('\\') => out.push_str("\\\\"),
            Some('\n') => out.push_str("\\n"),
            Some('\r') => out.push_str("\\r"),
            Some('\t') => out.push_str("\\t"),
            Some(other) => {
                let _ = write!(out, "\\u{:04x}", u32::from(other));
            }
            None => {}
        }
        rest = after.as_str();
    }
    out.push_str(rest);
    out.push('"');
}

#[cfg(test)]
mod tests;

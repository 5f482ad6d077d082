//! Text, at most 80 columns wide.

use std::fmt::Write;
use std::time::Duration;

use tachograph::{Aggregation, HistoryUsage, Sample, Snapshot, TriggerEvent};

use crate::clock::{DAY, HOUR, MINUTE, second_of};
use crate::look::{Look, Traffic};

const WIDTH: usize = 80;

/// As wide as the longest bar.
const BAR: usize = 34;

/// A day, an hour in each line.
pub(crate) fn chart(hours: &[Traffic]) -> String {
    let most = hours.iter().map(Traffic::per_second).fold(0.0, f64::max);
    let mut out = String::from("a day of a service, hour by hour\n");
    out += &headed("hour  requests/s", "failed       p50       p99");
    for (hour, traffic) in hours.iter().enumerate() {
        let bar = bar(traffic.per_second() / most);
        let _ = writeln!(
            out,
            "{hour:02}    {:>10.1}  {bar:<BAR$} {:>7} {:>9} {:>9}",
            traffic.per_second(),
            percent(traffic.failed_share()),
            seconds(traffic.p50),
            seconds(traffic.p99)
        );
    }
    out
}

/// What somebody saw.
pub(crate) fn look(look: &Look) -> String {
    let title = format!("{}, {}", clock(look.second), look.why);
    let mut out = format!("\n{title}\n");
    out += &headed("window         covers", "req/s  failed  shed      p50      p99 waiting");
    for (name, traffic) in &look.windows {
        let span = traffic.span;
        let (from, to) = (second_of(span.from()), second_of(span.to()));
        let covers = format!("{}–{}", clock(from), clock(to));
        let mark = if span.has_gap() { "*" } else { " " };
        let _ = writeln!(
            out,
            "{name:<14} {covers}{mark} {:>6.1} {:>7} {:>5} {:>8} {:>8} {:>7}",
            traffic.per_second(),
            percent(traffic.failed_share()),
            format!("{:.0} %", traffic.shed_share() * 100.0),
            seconds(traffic.p50),
            seconds(traffic.p99),
            traffic.waiting.map_or_else(|| "–".to_owned(), |waiting| format!("{waiting:.0}"))
        );
    }
    if let Some((name, traffic)) = look.windows.iter().find(|(_, traffic)| traffic.span.has_gap()) {
        let watched = traffic.span.covered().as_secs() / u64::from(MINUTE);
        let _ = writeln!(
            out,
            "* {watched} minutes of the {name} were watched: rates are per second of these"
        );
    }
    out
}

/// When the trigger fired, and for how long.
pub(crate) fn shedding(events: &[TriggerEvent]) -> String {
    let mut out =
        String::from("\nthe trigger `overload`: half of what brings no money is turned away\n");
    out += &headed("fired      resolved   waiting, when it fired", "");
    for pair in events.chunks(2) {
        let [fired, resolved] = pair else { continue };
        assert!(fired.is_firing() && !resolved.is_firing());
        let times = [fired, resolved].map(|event| clock(second_of(event.time())));
        let _ = writeln!(
            out,
            "{}   {}   {:>22}",
            times[0],
            times[1],
            fired.value().unwrap_or(f64::NAN)
        );
    }
    out
}

/// Aggregates of durations, in as few lines as they fit.
pub(crate) fn aggregates(all: &[(Aggregation, f64)]) -> String {
    let mut out = String::from("\nall aggregates of /checkout, over the last hour of the day\n");
    out += &headed("", "");
    for three in all.chunks(3) {
        for (aggregation, value) in three {
            let shown = match aggregation {
                Aggregation::Count => format!("{value}"),
                _ => seconds(Some(*value)),
            };
            let _ = write!(out, "{:<10}{shown:>12}    ", aggregation.to_string());
        }
        out.truncate(out.trim_end().len());
        out.push('\n');
    }
    out
}

/// The largest orders, with what was said of them.
pub(crate) fn orders(samples: &[Sample]) -> String {
    let mut out = String::from(
        "\nthe largest orders of the last hour of the day: a summary keeps them one by one\n",
    );
    out += &headed("time         euros", "");
    for sample in samples {
        let at = sample.time().map_or(0, second_of);
        let region = sample.get_tag("region").unwrap_or("–");
        let took = sample.metadata_of("took_ms").unwrap_or("–");
        let _ = writeln!(
            out,
            "{}  {:>8.2}  from the {region}, answered in {took} ms",
            clock(at),
            sample.value()
        );
    }
    out
}

/// What is known of the machine and of this process; nothing stands where that cannot be had.
pub(crate) fn machine(found: &Snapshot) -> String {
    let mut out = headed("\nthe machine and this process, as `SystemMetrics` see them", "");
    let of = |name: &str| found.gauge(name, &[]);
    let megabytes = |name: &str| of(name).map(|bytes| format!("{:.0} MB", bytes / 1e6));
    let rows = [
        ("processors", of("system_cpu_count").map(|count| format!("{count}"))),
        ("memory", megabytes("system_memory_total_bytes")),
        ("available", megabytes("system_memory_available_bytes")),
        ("processor time", of("process_cpu_seconds_total").map(|time| format!("{time:.1} s"))),
        ("resident", megabytes("process_resident_memory_bytes")),
        ("threads", of("process_threads").map(|count| format!("{count}"))),
    ];
    for three in rows.chunks(3) {
        for (name, value) in three {
            let value = value.as_deref().unwrap_or("–");
            let _ = write!(out, "{name:<15}{value:>9}  ");
        }
        out.truncate(out.trim_end().len());
        out.push('\n');
    }
    out
}

/// What all that took.
pub(crate) fn cost(
    usage: &HistoryUsage,
    ticks: &mut [Duration],
    answer: Duration,
    took: Duration,
) -> String {
    ticks.sort_unstable();
    let (median, longest) = (ticks[ticks.len() / 2], ticks[ticks.len() - 1]);
    let [finest, tens, minutes] = usage.slots();
    let mut out = headed("\nwhat the history costs", "");
    let kilobytes = usage.bytes() / 1_000;
    let series = usage.series();
    let _ = writeln!(
        out,
        "memory      {kilobytes} kB for {series} series, {} kB each",
        kilobytes / series
    );
    let _ = writeln!(
        out,
        "            in {finest} slots of a second, {tens} of ten and {minutes} of a minute"
    );
    let forgotten: u64 = usage.thinned().iter().sum();
    let limit = usage.memory_limit() >> 20;
    let _ = writeln!(
        out,
        "            of {limit} MiB that it may take; {forgotten} slots forgotten for lack of room"
    );
    let _ =
        writeln!(out, "a tick      {} in the median, {} at most", micros(median), micros(longest));
    let _ = writeln!(out, "an answer   {} for the aggregates of an hour", micros(answer));
    let _ = writeln!(
        out,
        "the day     {} seconds in {:.1}, {} ticks",
        DAY,
        took.as_secs_f64(),
        usage.ticks()
    );
    out
}

/// Two texts, at the ends of a line, and a rule below.
fn headed(left: &str, right: &str) -> String {
    let rule = "─".repeat(WIDTH);
    let indent = WIDTH - left.trim_start_matches('\n').chars().count();
    if left.is_empty() && right.is_empty() {
        return format!("{rule}\n");
    }
    let line = format!("{left}{right:>indent$}");
    format!("{}\n{rule}\n", line.trim_end())
}

/// A bar in eighths of a column.
fn bar(share: f64) -> String {
    const PARTS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
    let eighths = (share * (BAR * 8) as f64).round() as usize;
    format!("{}{}", "█".repeat(eighths / 8), PARTS[eighths % 8])
}

fn clock(second: u32) -> String {
    let (hour, minute, second) = (second / HOUR, second / MINUTE % MINUTE, second % MINUTE);
    format!("{hour:02}:{minute:02}:{second:02}")
}

fn percent(share: f64) -> String {
    format!("{:.1} %", share * 100.0)
}

fn seconds(value: Option<f64>) -> String {
    match value {
        None => "–".to_owned(),
        Some(value) if value < 1.0 => format!("{:.1} ms", value * 1e3),
        Some(value) => format!("{value:.2} s"),
    }
}

fn micros(duration: Duration) -> String {
    format!("{:.0} µs", duration.as_secs_f64() * 1e6)
}

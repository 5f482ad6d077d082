//! What parents and children of these tests record, and what that must make.

use std::fmt;
use std::thread;
use std::time::Duration;

use tachograph::{
    Snapshot, Value, counter, gauge, histogram, rate, registry, summary, timed, timer,
};

#[timed(name = "fork_work_seconds")]
fn timed_work() {
    std::hint::black_box(());
}

/// One round of records, through sites that parent and child share.
pub(crate) fn record(who: u64) {
    counter!("fork_rounds_total").increment(1);
    counter!("fork_rounds_by_total", "who" => who).increment(2);
    gauge!("fork_level").increment(3);
    histogram!("fork_values").record(1 + who);
    rate!("fork_rate").increment(1);
    summary!("fork_kept").record(1 + who);
    timer!("fork_wait_seconds").record(Duration::from_micros(who));
    timed_work();
    // What all threads share of a metric, in the parent, is not the child's either.
    gauge!("fork_set").set(7);
    counter!("fork_absolute_total").absolute(9);
    counter!("fork_reset_total").increment(1);
}

/// What `rounds[who]` rounds of each make.
pub(crate) fn check_rounds(snapshot: &Snapshot, rounds: &[u64]) -> Result<(), String> {
    let total: u64 = rounds.iter().sum();
    equal("fork_rounds_total", snapshot.counter("fork_rounds_total", &[]), Some(total))?;
    for (who, rounds) in rounds.iter().enumerate() {
        let labels = [("who", &*who.to_string())];
        let found = snapshot.counter("fork_rounds_by_total", &labels).unwrap_or(0);
        equal("fork_rounds_by_total", found, 2 * rounds)?;
    }
    equal("fork_level", snapshot.gauge("fork_level", &[]), Some((3 * total) as f64))?;
    equal("fork_set", snapshot.gauge("fork_set", &[]), Some(7.0))?;
    equal("fork_absolute_total", snapshot.counter("fork_absolute_total", &[]), Some(9))?;
    equal("fork_reset_total", snapshot.counter("fork_reset_total", &[]), Some(total))?;
    let values = snapshot.histogram("fork_values", &[]).ok_or("no fork_values")?;
    let sum: u64 = rounds.iter().enumerate().map(|(who, rounds)| (1 + who as u64) * rounds).sum();
    equal("fork_values", (values.count(), values.sum()), (total, sum as f64))?;
    equal("fork_rate", snapshot.rate_total("fork_rate", &[]), Some(total))?;
    let kept = snapshot.summary("fork_kept", &[]).ok_or("no fork_kept")?;
    equal("fork_kept", (kept.count(), kept.sum()), (total, sum as f64))?;
    // Nothing but the last 10,000, and of a child nothing of its parent's.
    let (is, left_out) = (kept.kept().len() as u64, summary!("fork_kept").left_out());
    if is + left_out < total.min(10_000) || is > total {
        return Err(format!("fork_kept: {is} kept and {left_out} left out, of {total}"));
    }
    for name in ["fork_wait_seconds", "fork_work_seconds"] {
        let timer = snapshot.timer(name, &[]).ok_or_else(|| format!("no {name}"))?;
        equal(name, timer.count(), total)?;
        equal(name, timer.histogram().buckets().map(|bucket| bucket.count).sum::<u64>(), total)?;
    }
    Ok(())
}

pub(crate) fn equal<T: PartialEq + fmt::Debug>(
    what: &str,
    found: T,
    expected: T,
) -> Result<(), String> {
    if found == expected { Ok(()) } else { Err(format!("{what}: {found:?}, not {expected:?}")) }
}

/// Nothing that the parent recorded is in the child.
fn check_zero(snapshot: &Snapshot) -> Result<(), String> {
    for series in snapshot.series() {
        let is_zero = match series.value() {
            _ if series.name().starts_with("tachograph_") => true,
            Value::Counter(total) | Value::Rate(total) => *total == 0,
            Value::Summary(summary) => summary.count() == 0 && summary.kept().is_empty(),
            Value::Gauge(value) => *value == 0.0,
            Value::Histogram(histogram) => histogram.count() == 0 && histogram.sum() == 0.0,
            Value::Timer(timer) => timer.count() == 0 && timer.total().is_zero(),
            _ => false,
        };
        if !is_zero {
            return Err(format!("the child begins with {series:?}"));
        }
    }
    let dropped = snapshot.overhead().dropped();
    if dropped.iter().any(|(_, count)| *count > 0) {
        return Err(format!("the child begins with {dropped:?}"));
    }
    Ok(())
}

/// All that a child does: begins from zero, records as its parent does, registers, and is exact.
pub(crate) fn live_as_child(number: u64) -> Result<(), String> {
    check_zero(&registry().snapshot())?;
    for who in [0, 1, 1, 3] {
        record(who);
    }
    thread::spawn(|| record(2)).join().map_err(|_| "a thread of the child panicked")?;
    counter!("fork_child_only_total").increment(5);
    histogram!("fork_child_only", "number" => number).record(number);
    gauge!("fork_level_of_child").set(number);
    let name = format!("fork_child_{number}_total");
    let labels = [("by", "name")];
    let by_name = registry().counter(&name, &labels).map_err(|error| error.to_string())?;
    by_name.increment(7);
    let snapshot = registry().snapshot();
    check_rounds(&snapshot, &[1, 2, 1, 1])?;
    equal("by macro", snapshot.counter("fork_child_only_total", &[]), Some(5))?;
    let label = [("number", &*number.to_string())];
    let values = snapshot.histogram("fork_child_only", &label).map(|values| values.count());
    equal("by label", values, Some(1))?;
    equal("set", snapshot.gauge("fork_level_of_child", &[]), Some(number as f64))?;
    equal("by name", snapshot.counter(&name, &labels), Some(7))?;
    equal("by handle", by_name.value(), 7)
}

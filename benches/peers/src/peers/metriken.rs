//! `metriken`: statics. It looks nothing up by labels at run time, and writes no text itself.

use std::time::Instant;

use metriken::{AtomicCounterHistogram, Counter, Gauge, metric};

use crate::case::{Case, Column, Peer, nothing};

#[metric(name = "events")]
static EVENTS: Counter = Counter::new();

#[metric(name = "requests", metadata = { method = "GET", status = "200" })]
static REQUESTS: Counter = Counter::new();

#[metric(name = "queue_length")]
static QUEUE: Gauge = Gauge::new();

/// Nanoseconds, which it takes as integers; 128 buckets an octave, as its docs have them.
#[metric(name = "response")]
static RESPONSE: AtomicCounterHistogram = AtomicCounterHistogram::new(7, 64);

#[metric(name = "timed")]
static TIMED: AtomicCounterHistogram = AtomicCounterHistogram::new(7, 64);

pub fn peer() -> Peer {
    let cases = vec![
        Case::new(
            Column::Counter,
            |_| {
                EVENTS.increment();
            },
            || EVENTS.value(),
        ),
        Case::new(
            Column::FixedLabels,
            |_| {
                REQUESTS.increment();
            },
            || REQUESTS.value(),
        ),
        Case::new(
            Column::Gauge,
            |inputs| {
                QUEUE.set(inputs.number() as i64);
            },
            || QUEUE.value() as u64,
        ),
        Case::new(
            Column::Histogram,
            |inputs| RESPONSE.increment((inputs.seconds() * 1e9) as u64).expect("in range"),
            || count(&RESPONSE),
        ),
        Case::new(
            Column::Timer,
            |_| {
                let start = Instant::now();
                nothing();
                TIMED.increment(start.elapsed().as_nanos() as u64).expect("in range");
            },
            || count(&TIMED),
        ),
    ];
    Peer { title: "metriken", packages: &["metriken"], cases, exposition: None }
}

fn count(histogram: &AtomicCounterHistogram) -> u64 {
    histogram.load().map_or(0, |histogram| histogram.as_slice().iter().sum())
}

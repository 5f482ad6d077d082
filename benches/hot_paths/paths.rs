//! The recording calls as people write them, each with the floor it stands on.

use std::hint::black_box;
use std::sync::LazyLock;

use tachograph::{LabelSet, Sample, counter, gauge, histogram, summary, timed, timer};

use crate::floors;
use crate::surroundings::{Surroundings, mix, repeat};

/// Something that is measured.
pub(crate) struct Path {
    pub(crate) name: &'static str,
    /// Does it so many times, in these surroundings.
    pub(crate) run: fn(Surroundings, u64),
    /// How often a batch does it; about 20 microseconds.
    pub(crate) times: u64,
}

/// A recording call and what it is held against.
pub(crate) struct Row {
    pub(crate) path: Path,
    pub(crate) floor: Floor,
    /// The ratio that the project promises for the tight loop with one thread, if it does.
    pub(crate) reach: Option<f64>,
}

/// The floors, in the order of [`FLOORS`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Floor {
    CellAdd,
    LogLinear,
    ClockReads,
    Untimed,
}

macro_rules! path {
    ($name:literal, $times:literal, $operation:expr) => {
        Path {
            name: $name,
            run: |surroundings, times| repeat(surroundings, times, $operation),
            times: $times,
        }
    };
}

/// Values of no order, as sizes of something are.
static VALUES: [u64; 1024] = {
    let (mut values, mut state, mut place) = ([0; 1024], 0x9e37_79b9_7f4a_7c15_u64, 0);
    while place < values.len() {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        values[place] = (state >> 44) + 1;
        place += 1;
    }
    values
};

/// The same values, not all of them whole.
static FRACTIONS: [f64; 1024] = {
    let (mut fractions, mut place) = ([0.0; 1024], 0);
    while place < fractions.len() {
        fractions[place] = VALUES[place] as f64 / 64.0;
        place += 1;
    }
    fractions
};

#[derive(Clone, Copy, LabelSet)]
#[label(rename_all = "UPPERCASE")]
enum Method {
    Get,
    Head,
    Post,
    Put,
    Delete,
    Connect,
    Options,
    Patch,
}

const METHOD_SET: [Method; 8] = [
    Method::Get,
    Method::Head,
    Method::Post,
    Method::Put,
    Method::Delete,
    Method::Connect,
    Method::Options,
    Method::Patch,
];

#[derive(LabelSet)]
struct Request {
    method: Method,
    secure: bool,
}

const METHODS: [&str; 8] = ["GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "PATCH"];

/// Numbers of customers.
static ORDER: [u16; 4096] = {
    let (mut order, mut state, mut place) = ([0; 4096], 0x9e37_79b9_7f4a_7c15_u64, 0);
    while place < order.len() {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        order[place] = ((state >> 32) % 1_999) as u16;
        place += 1;
    }
    order
};

/// As many as a name may have by default, less the one that is not measured.
static CUSTOMERS: LazyLock<Vec<String>> =
    LazyLock::new(|| (0..1_999).map(|number| format!("customer-{number}")).collect());

/// The floors, in the order of [`Floor`].
pub(crate) const FLOORS: [Path; 4] = [
    path!("thread-local `Cell<u64>`, add", 50_000, |_| floors::cell_add(1)),
    path!("thread-local log-linear bucket and sum", 10_000, |n| floors::log_linear(value(n))),
    path!("two reads of the clock", 1_000, |_| done(floors::two_clock_reads())),
    path!("the function, untimed", 400, |n| done(long(n))),
];

const fn row(floor: Floor, reach: f64, path: Path) -> Row {
    Row { path, floor, reach: Some(reach) }
}

const fn shown(floor: Floor, path: Path) -> Row {
    Row { path, floor, reach: None }
}

/// What is measured. Two threads are compared on the first row, and what `#[timed]` adds is that of the
/// last one.
#[rustfmt::skip]
pub(crate) const ROWS: &[Row] = &[
    row(Floor::CellAdd, 1.6, path!("counter", 50_000, |_| counter!("plain_total").increment(1))),
    row(Floor::CellAdd, 1.6, path!("counter, two literal labels", 50_000, |_| {
        counter!("labelled_total", "method" => "GET", "code" => "200").increment(1);
    })),
    row(Floor::CellAdd, 3.3, path!("counter, enum of 8 values", 20_000, |n| {
        counter!("enum_total", ..METHOD_SET[n as usize % 8]).increment(1);
    })),
    shown(Floor::CellAdd, path!("counter, set of an enum and a bool", 20_000, |n| {
        let request = Request { method: METHOD_SET[n as usize % 8], secure: n % 3 == 0 };
        counter!("set_total", ..request).increment(1);
    })),
    row(Floor::CellAdd, 24.0, path!("counter, run-time label, 8 values", 4_000, |n| {
        counter!("methods_total", "method" => METHODS[n as usize % 8]).increment(1);
    })),
    row(Floor::CellAdd, 24.0, path!("counter, run-time label, 2,000 values", 4_000, {
        let customers = &**CUSTOMERS;
        |n| counter!("customers_total", "customer" => customer(customers, n)).increment(1)
    })),
    shown(Floor::CellAdd, path!("counter, name known at run time, 8 names", 4_000, |n| {
        counter!(METHODS[n as usize % 8]).increment(1);
    })),
    shown(Floor::CellAdd, path!("counter, label from an expression, 8 values", 4_000, |n| {
        counter!("expression_total", &[("method", METHODS[n as usize % 8])]).increment(1);
    })),
    shown(Floor::CellAdd, path!("counter, run-time label without a place", 1_000, |n| {
        counter!("beyond_total", "number" => n | 1 << 63).increment(1);
    })),
    row(Floor::CellAdd, 1.2, path!("gauge, set", 50_000, |n| gauge!("level").set(fraction(n)))),
    row(Floor::CellAdd, 2.0, path!("gauge never set, increment(1)", 50_000, |_| {
        gauge!("in_flight").increment(1);
    })),
    row(Floor::CellAdd, 2.0, path!("gauge never set, increment(1.0)", 50_000, |_| {
        gauge!("in_flight_float").increment(1.0);
    })),
    shown(Floor::CellAdd, path!("gauge never set, increment(any f64)", 10_000, |n| {
        gauge!("charge").increment(fraction(n));
    })),
    shown(Floor::CellAdd, path!("gauge that was set, increment(1)", 4_000, {
        gauge!("set_once").set(0);
        |_| gauge!("set_once").increment(1)
    })),
    row(Floor::LogLinear, 1.4, path!("histogram, integers", 10_000, |n| {
        histogram!("size_bytes").record(value(n));
    })),
    row(Floor::LogLinear, 2.1, path!("histogram, f64", 10_000, |n| {
        histogram!("weights").record(fraction(n));
    })),
    shown(Floor::ClockReads, path!("summary, f64", 1_000, |n| {
        summary!("order_euros").record(fraction(n));
    })),
    shown(Floor::ClockReads, path!("summary, with a tag", 400, |n| {
        summary!("shop_euros").record_sample(Sample::new(fraction(n)).tag("shop", "north"));
    })),
    row(Floor::ClockReads, 1.10, path!("#[timed], trivial function", 1_000, |n| done(trivial(n)))),
    row(Floor::ClockReads, 0.06, path!("#[timed(sample = 64)], trivial function", 10_000, |n| {
        done(sampled(n));
    })),
    shown(Floor::ClockReads, path!("#[timed(outcome)], trivial function", 1_000, |n| {
        done(with_outcome(n).unwrap_or(0));
    })),
    shown(Floor::ClockReads, path!("timer!, start and drop of a guard", 1_000, |_| {
        let _guard = timer!("guarded_seconds").start();
    })),
    row(Floor::ClockReads, 1.05, path!("timer!, without self time", 1_000, |_| {
        drop(timer!("detached_seconds").start_detached());
    })),
    shown(Floor::Untimed, path!("#[timed], function of about 90 ns", 400, |n| done(timed_long(n)))),
];

#[inline(always)]
fn value(number: u64) -> u64 {
    VALUES[number as usize % VALUES.len()]
}

#[inline(always)]
fn fraction(number: u64) -> f64 {
    FRACTIONS[number as usize % FRACTIONS.len()]
}

/// One of them, in no order, as customers come: found by a table, since a division by their number would
/// take longer than the lookup that is measured.
#[inline(always)]
fn customer(customers: &[String], number: u64) -> &str {
    &customers[usize::from(ORDER[number as usize % ORDER.len()])]
}

/// What a function returns is used.
#[inline(always)]
fn done(result: u64) {
    black_box(result);
}

#[timed]
fn trivial(number: u64) -> u64 {
    number + 1
}

#[timed(sample = 64)]
fn sampled(number: u64) -> u64 {
    number + 1
}

#[timed(outcome)]
fn with_outcome(number: u64) -> Result<u64, ()> {
    if number == u64::MAX { Err(()) } else { Ok(number + 1) }
}

/// About 90 ns of work, in four lanes: as much as the processor can do at once, so that one call hardly
/// overlaps with the next.
#[inline(never)]
fn long(seed: u64) -> u64 {
    let lanes = [seed, seed ^ 1, seed ^ 2, seed ^ 3];
    (0..4).fold(lanes, |lanes, _| lanes.map(mix)).into_iter().fold(0, u64::wrapping_add)
}

#[timed]
#[inline(never)]
fn timed_long(seed: u64) -> u64 {
    let lanes = [seed, seed ^ 1, seed ^ 2, seed ^ 3];
    (0..4).fold(lanes, |lanes, _| lanes.map(mix)).into_iter().fold(0, u64::wrapping_add)
}

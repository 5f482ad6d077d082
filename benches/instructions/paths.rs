//! The calls that are counted: each a function of its own, as a program would contain it.

use std::hint::black_box;
use std::time::Duration;

use tachograph::{LabelSet, counter, gauge, histogram, rate, timed, timer};

/// A path, and the function that is one call of it.
pub(crate) struct Path {
    pub(crate) name: &'static str,
    call: fn(),
}

macro_rules! paths {
    ($($name:ident)*) => {
        &[$(Path { name: stringify!($name), call: $name },)*]
    };
}

/// All of them, in the order of the table.
pub(crate) const PATHS: &[Path] = paths![
    counter
    counter_with_literal_labels
    counter_with_enum
    counter_with_label_set
    counter_with_run_time_label
    counter_with_two_run_time_labels
    counter_with_integer_label
    counter_with_label_from_expression
    counter_with_run_time_name
    counter_without_a_place
    rate
    gauge_set
    gauge_increment_never_set
    gauge_increment_after_set
    histogram_integer
    histogram_f64
    histogram_zero
    timer_guard
    timer_detached
    timer_record
    timed_function
    timed_within_timed
    timed_sampled
    timed_with_label
    timed_outcome
    timed_in_flight
];

/// The path that does nothing but return: what it takes beyond its one instruction is the loop's.
pub(crate) const NOTHING: &str = "nothing";

#[inline(never)]
fn nothing() {}

/// Calls the path of that name so many times.
pub(crate) fn call(name: &str, times: u64) {
    let found = PATHS.iter().find(|path| path.name == name).map(|path| path.call);
    let call = found.or((name == NOTHING).then_some(nothing as fn()));
    let call = black_box(call.unwrap_or_else(|| panic!("no path is called `{name}`")));
    for _ in 0..times {
        call();
    }
}

#[inline(never)]
fn counter() {
    counter!("plain_total").increment(1);
}

#[inline(never)]
fn counter_with_literal_labels() {
    counter!("labelled_total", "method" => "GET", "code" => "200").increment(1);
}

#[derive(Clone, Copy, LabelSet)]
enum Method {
    Get,
    Put,
    Post,
}

#[derive(LabelSet)]
struct Request {
    method: Method,
    secure: bool,
}

#[inline(never)]
fn counter_with_enum() {
    const METHODS: [Method; 3] = [Method::Get, Method::Put, Method::Post];
    counter!("by_method_total", ..black_box(&METHODS[1])).increment(1);
}

#[inline(never)]
fn counter_with_label_set() {
    let request = black_box(&Request { method: Method::Post, secure: true });
    counter!("by_request_total", ..request).increment(1);
}

#[inline(never)]
fn counter_with_run_time_label() {
    counter!("methods_total", "method" => black_box("GET")).increment(1);
}

#[inline(never)]
fn counter_with_two_run_time_labels() {
    counter!("requests_total", "method" => black_box("GET"), "path" => black_box("/index.html"))
        .increment(1);
}

#[inline(never)]
fn counter_with_integer_label() {
    counter!("codes_total", "code" => black_box(200_u16)).increment(1);
}

#[inline(never)]
fn counter_with_label_from_expression() {
    counter!("labels_total", &[("method", black_box("GET"))]).increment(1);
}

#[inline(never)]
fn counter_with_run_time_name() {
    counter!(black_box("named_total")).increment(1);
}

/// The first calls take all places of the name.
#[inline(never)]
fn counter_without_a_place() {
    static ONCE: std::sync::Once = std::sync::Once::new();
    ONCE.call_once(|| {
        let _recording = tachograph::init().max_series_of("full_total", 1).start();
        for value in ["a", "b"] {
            counter!("full_total", "value" => value).increment(1);
        }
    });
    counter!("full_total", "value" => black_box("c")).increment(1);
}

#[inline(never)]
fn rate() {
    rate!("jobs").increment(1);
}

#[inline(never)]
fn gauge_set() {
    gauge!("level").set(black_box(2.5));
}

#[inline(never)]
fn gauge_increment_never_set() {
    gauge!("in_flight").increment(1);
}

#[inline(never)]
fn gauge_increment_after_set() {
    static ONCE: std::sync::Once = std::sync::Once::new();
    ONCE.call_once(|| gauge!("set_once").set(0));
    gauge!("set_once").increment(1);
}

#[inline(never)]
fn histogram_integer() {
    histogram!("size_bytes").record(black_box(1_500_u64));
}

#[inline(never)]
fn histogram_f64() {
    histogram!("weights").record(black_box(1.75));
}

#[inline(never)]
fn histogram_zero() {
    histogram!("retries").record(black_box(0));
}

#[inline(never)]
fn timer_guard() {
    let _guard = timer!("guarded_seconds").start();
}

#[inline(never)]
fn timer_detached() {
    drop(timer!("detached_seconds").start_detached());
}

#[inline(never)]
fn timer_record() {
    timer!("recorded_seconds").record(black_box(Duration::from_micros(3)));
}

#[timed]
#[inline(never)]
fn timed_function() {}

#[timed]
#[inline(never)]
fn timed_within_timed() {
    timed_function();
}

#[timed(sample = 64)]
#[inline(never)]
fn timed_sampled() {}

#[inline(never)]
fn timed_with_label() {
    #[timed(labels("method" => method))]
    fn labelled(method: &str) -> usize {
        method.len()
    }
    black_box(labelled(black_box("GET")));
}

#[inline(never)]
fn timed_outcome() {
    #[timed(outcome)]
    fn fallible(fails: bool) -> Result<(), ()> {
        if fails { Err(()) } else { Ok(()) }
    }
    black_box(fallible(black_box(false))).ok();
}

#[timed(in_flight)]
#[inline(never)]
fn timed_in_flight() {}

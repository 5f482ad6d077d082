//! Calls with the labels of a set: `counter!("name", ..set)`.

#![deny(warnings, clippy::pedantic)]

use std::sync::Barrier;
use std::thread;
use std::time::Duration;

use tachograph::{LabelSet, Snapshot, Unit, counter, gauge, histogram, rate, summary, timer};

#[derive(Clone, Copy, LabelSet)]
#[label(rename_all = "UPPERCASE")]
enum Method {
    Get,
    Put,
}

#[derive(Clone, Copy, LabelSet)]
#[label(key = "status")]
enum Status {
    #[label("2xx")]
    Success,
    #[label("4xx")]
    Refusal,
    #[label("other", other)]
    Other,
}

#[derive(Clone, Copy, LabelSet)]
struct Request {
    method: Method,
    #[label("code")]
    status: Status,
    cached: bool,
}

const METHODS: [Method; 2] = [Method::Get, Method::Put];
const STATUSES: [Status; 3] = [Status::Success, Status::Refusal, Status::Other];

fn requests() -> impl Iterator<Item = Request> {
    METHODS.into_iter().flat_map(|method| {
        STATUSES
            .into_iter()
            .flat_map(move |status| [false, true].map(|cached| Request { method, status, cached }))
    })
}

fn snapshot() -> Snapshot {
    tachograph::registry().snapshot()
}

/// The totals of a name's series, in the order of their labels.
fn totals(name: &str) -> Vec<u64> {
    let snapshot = snapshot();
    let of_name = snapshot.series().iter().filter(|series| series.name() == name);
    let totals = of_name.map(|series| match series.value() {
        tachograph::Value::Counter(total) => *total,
        other => panic!("no counter: {other:?}"),
    });
    totals.collect()
}

#[test]
fn every_member_is_recorded_under_its_own_labels() {
    const _: () = assert!(Request::SERIES == 12);
    for (number, request) in requests().enumerate() {
        for _ in 0..=number {
            counter!("sets_total", ..request, "fixed" => 1).increment(1);
        }
    }
    let snapshot = snapshot();
    for (number, request) in requests().enumerate() {
        let method = ["GET", "PUT"][number / 6];
        let code = ["2xx", "4xx", "other"][number / 2 % 3];
        let cached = if request.cached { "true" } else { "false" };
        let labels = [("method", method), ("code", code), ("cached", cached), ("fixed", "1")];
        assert_eq!(snapshot.counter("sets_total", &labels), Some(number as u64 + 1), "{labels:?}");
    }
    assert_eq!(totals("sets_total").len(), 12);
}

#[test]
fn all_members_exist_at_zero_from_the_first_use_on() {
    let record = |method: Method| counter!("sets_at_zero_total", ..method).increment(3);
    assert_eq!(totals("sets_at_zero_total"), [0; 0]);
    record(Method::Put);
    assert_eq!(totals("sets_at_zero_total"), [0, 3]);
    // Also where a handle is made and nothing recorded.
    let _ = gauge!("sets_of_gauges", ..Status::Success);
    assert_eq!(snapshot().gauge("sets_of_gauges", &[("status", "other")]), Some(0.0));
}

fn generic<S: LabelSet>(set: &S) {
    counter!("sets_generic_total", ..set).increment(1);
}

#[test]
fn one_site_serves_all_types_of_a_generic_function() {
    for _ in 0..3 {
        generic(&Method::Get);
        generic(&Status::Other);
        generic(&&Method::Put);
        requests().for_each(|request| generic(&request));
    }
    let snapshot = snapshot();
    let of = |labels: &[(&str, &str)]| snapshot.counter("sets_generic_total", labels);
    assert_eq!((of(&[("method", "GET")]), of(&[("method", "PUT")])), (Some(3), Some(3)));
    assert_eq!((of(&[("status", "2xx")]), of(&[("status", "other")])), (Some(0), Some(3)));
    assert_eq!(of(&[("method", "PUT"), ("code", "4xx"), ("cached", "false")]), Some(3));
    assert_eq!(totals("sets_generic_total").len(), 2 + 3 + 12);
}

#[test]
fn constant_names_and_options_are_taken_beside_a_set() {
    const NAME: &str = "sets_sizes";
    let description = String::from("How large they are.");
    for method in METHODS {
        histogram!(NAME, unit: Unit::Bytes, ..method, buckets: [8, 64]).record(8);
        timer!("sets_wait_ms", description: description, unit: Unit::Milliseconds, ..method)
            .record(Duration::from_millis(5));
    }
    for method in METHODS {
        rate!("sets_rate", ..method).increment(3);
        summary!("sets_kept", ..method).record(5);
    }
    let snapshot = snapshot();
    assert_eq!(snapshot.rate_total("sets_rate", &[("method", "PUT")]), Some(3));
    assert_eq!(snapshot.summary("sets_kept", &[("method", "GET")]).unwrap().kept(), [5.0]);
    let sizes = snapshot.histogram(NAME, &[("method", "PUT")]).unwrap();
    assert_eq!((sizes.layout().bounds(), sizes.count_at_most(8.0)), (&[8.0, 64.0][..], 1));
    let wait = snapshot.timer("sets_wait_ms", &[("method", "GET")]).unwrap();
    assert!((wait.histogram().sum() - 5.0).abs() < 1e-3);
    let about = |name: &str| {
        let series = snapshot.series().iter().find(|series| series.name() == name).unwrap();
        (series.unit(), series.description().map(str::to_owned))
    };
    assert_eq!(about(NAME), (Some(Unit::Bytes), None));
    let said = Some("How large they are.".to_owned());
    assert_eq!(about("sets_wait_ms"), (Some(Unit::Milliseconds), said));
}

#[test]
fn members_are_the_series_that_other_forms_find() {
    for method in METHODS {
        counter!("sets_and_others_total", ..method).increment(1);
        counter!("sets_and_others_total", "method" => method).increment(10);
        counter!("sets_and_others_total", &[("method", method)]).increment(100);
    }
    counter!("sets_and_others_total", "method" => "GET").increment(1000);
    assert_eq!(totals("sets_and_others_total"), [1111, 111]);
}

#[test]
fn texts_come_in_through_the_catch_all() {
    for text in ["2xx", "4xx", "teapot", ""] {
        let Ok(status) = text.parse::<Status>();
        counter!("sets_parsed_total", ..status).increment(1);
    }
    assert_eq!(totals("sets_parsed_total"), [1, 1, 2]);
}

#[test]
fn set_of_another_kind_than_the_metric_drops_and_counts() {
    gauge!("sets_conflict").set(1);
    let dropped = || {
        let snapshot = snapshot();
        let conflicts = snapshot.overhead().dropped().iter();
        conflicts.filter(|(reason, _)| *reason == "conflict").map(|(_, count)| *count).sum::<u64>()
    };
    let before = dropped();
    for method in METHODS {
        counter!("sets_conflict", ..method).increment(1);
        histogram!("sets_conflict", ..method).record(1);
        rate!("sets_conflict", ..method).increment(1);
        summary!("sets_conflict", ..method).record(1);
    }
    assert_eq!(dropped() - before, 8);
    assert_eq!(snapshot().gauge("sets_conflict", &[]), Some(1.0));
}

#[test]
fn first_uses_at_once_lose_nothing() {
    const THREADS: usize = 8;
    let barrier = Barrier::new(THREADS);
    thread::scope(|scope| {
        for thread in 0..THREADS {
            let barrier = &barrier;
            scope.spawn(move || {
                barrier.wait();
                for _ in 0..100 {
                    // Two types at one site, begun with by different threads.
                    if thread % 2 == 0 {
                        raced(&Method::Put);
                    }
                    raced(&Request { method: Method::Get, status: Status::Other, cached: true });
                    if thread % 2 == 1 {
                        raced(&Method::Put);
                    }
                }
            });
        }
    });
    let total: u64 = totals("sets_raced_total").iter().sum();
    assert_eq!((total, totals("sets_raced_total").len()), (THREADS as u64 * 200, 14));
}

fn raced<S: LabelSet>(set: &S) {
    counter!("sets_raced_total", ..set).increment(1);
}

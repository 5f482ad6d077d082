//! A call allocates nothing after its first use at a place in a thread, whatever form it is written in;
//! at the cap of a name neither.

use std::collections::{BTreeMap, HashMap};

use tachograph::{Label, LabelSet, Unit, counter, gauge, histogram, rate, summary, timed, timer};

#[path = "support/allocations.rs"]
mod allocations;

/// How many allocations the second call of `call` makes.
fn second_call(mut call: impl FnMut()) -> u64 {
    call();
    allocations::counted(call).1
}

#[derive(LabelSet)]
struct Request {
    method: Method,
    secure: bool,
}

#[derive(LabelSet)]
enum Method {
    Get,
    Put,
}

#[timed(labels("kind" => kind), outcome, in_flight)]
fn work(kind: &str) -> Result<usize, ()> {
    Ok(kind.len())
}

#[test]
fn second_call_of_every_form_allocates_nothing() {
    let (name, kind, number) = (String::from("allocations_named_total"), "kind", 7_u128);
    let pairs = [("a", 1), ("b", 2)];
    let hashed = HashMap::from([("a", "1"), ("b", "2")]);
    let sorted: BTreeMap<String, String> = BTreeMap::from([("a".into(), "1".into())]);
    let labels = [Label::new("a", 1), Label::new("b", "2")];
    let forms: &mut [(&str, &mut dyn FnMut())] = &mut [
        ("literal", &mut || counter!("allocations_total").increment(1)),
        ("text", &mut || counter!("allocations_total", "k" => kind).increment(1)),
        ("integer", &mut || gauge!("allocations_depth", "k" => number).set(1)),
        ("char", &mut || histogram!("allocations_sizes", "k" => 'ß', "of" => kind).record(1)),
        ("name", &mut || counter!(name).increment(1)),
        ("name and key", &mut || counter!(name, kind => true).increment(1)),
        ("array", &mut || counter!("allocations_of_array_total", &pairs).increment(1)),
        ("hashed", &mut || counter!("allocations_of_map_total", &hashed).increment(1)),
        ("sorted", &mut || counter!("allocations_of_map_total", &sorted).increment(1)),
        ("labels", &mut || counter!("allocations_of_labels_total", labels.iter()).increment(1)),
        ("set", &mut || {
            let set = Request { method: Method::Put, secure: true };
            counter!("allocations_of_set_total", ..set, "of" => "test").increment(1);
        }),
        ("enum", &mut || counter!("allocations_of_enum_total", ..Method::Get).increment(1)),
        ("described", &mut || {
            counter!(description: kind, unit: Unit::Count, "allocations_said_total").increment(1);
        }),
        ("rate", &mut || rate!("allocations_rate", "k" => kind).increment(1)),
        ("summary", &mut || summary!("allocations_kept", "k" => kind).record(1)),
        ("timer", &mut || drop(timer!("allocations_seconds", "k" => kind).start())),
        ("function", &mut || assert_eq!(work("one"), Ok(3))),
    ];
    for (form, call) in forms {
        assert_eq!(second_call(call), 0, "{form}");
    }
}

#[test]
fn calls_beyond_the_cap_allocate_nothing() {
    let _recording = tachograph::init().max_series_of("capped_*", 2).start();
    let mut number = 0;
    let mut next = || {
        number += 1;
        number
    };
    for _ in 0..5 {
        counter!("capped_total", "number" => next()).increment(1);
    }
    for _ in 0..5 {
        let made = second_call(|| counter!("capped_total", "number" => next()).increment(1));
        assert_eq!(made, 0);
        let made = second_call(|| counter!("capped_total", &[("number", next())]).increment(1));
        assert_eq!(made, 0);
    }
}

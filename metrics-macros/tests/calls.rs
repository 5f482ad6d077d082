//! What the call macros promise to the code around them, at run time.

#![deny(warnings, clippy::pedantic)]

use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tachograph::{Counter, counter, gauge, histogram, rate, summary, timer};

fn counted(name: &str, labels: &[(&str, &str)]) -> Option<u64> {
    tachograph::registry().snapshot().counter(name, labels)
}

#[test]
fn every_kind_of_value_is_recorded_as_it_is_shown() {
    let (text, owned, boxed) = ("t", String::from("o"), Box::<str>::from("b"));
    let (atomic, rc, cow) = (Arc::<str>::from("a"), Rc::<str>::from("r"), Cow::Borrowed("c"));
    let reference = &&owned;
    counter!("values_a_total", "text" => text, "owned" => owned, "boxed" => boxed, "atomic" => atomic)
        .increment(1);
    counter!("values_b_total", "rc" => rc, "cow" => cow, "reference" => reference, "slice" => owned[..])
        .increment(1);
    counter!("values_c_total", "int" => 1 + 1, "negative" => -7, "char" => 'x', "bool" => text.is_empty())
        .increment(1);
    counter!("values_d_total", "shown" => %1.5, "error" => %std::fmt::Error, "size" => owned.len())
        .increment(1);

    let a = [("text", "t"), ("owned", "o"), ("boxed", "b"), ("atomic", "a")];
    let b = [("rc", "r"), ("cow", "c"), ("reference", "o"), ("slice", "o")];
    let c = [("int", "2"), ("negative", "-7"), ("char", "x"), ("bool", "false")];
    let error = std::fmt::Error.to_string();
    let d = [("shown", "1.5"), ("error", error.as_str()), ("size", "1")];
    for (name, labels) in [
        ("values_a_total", &a[..]),
        ("values_b_total", &b),
        ("values_c_total", &c),
        ("values_d_total", &d),
    ] {
        assert_eq!(counted(name, labels), Some(1), "{name}");
    }
}

#[test]
fn integer_whose_type_is_not_settled_yet_is_a_label_value() {
    for shard in 0..3 {
        counter!("shards_total", "shard" => shard).increment(1);
        counter!("shards_shown_total", "shard" => %shard).increment(1);
    }
    assert_eq!(counted("shards_total", &[("shard", "2")]), Some(1));
    assert_eq!(counted("shards_shown_total", &[("shard", "0")]), Some(1));
}

#[test]
fn changing_names_and_labels_are_never_caught_in_a_site() {
    for (name, kind) in [("first_total", "one"), ("second_total", "two"), ("first_total", "two")] {
        counter!(name).increment(1);
        counter!(format!("{name}_by_kind"), "kind" => kind).increment(1);
        counter!("changing_total", "kind" => kind, "fixed" => "yes").increment(1);
        counter!("changing_shown_total", "kind" => %kind).increment(1);
    }
    assert_eq!(counted("first_total", &[]), Some(2));
    assert_eq!(counted("second_total", &[]), Some(1));
    assert_eq!(counted("first_total_by_kind", &[("kind", "one")]), Some(1));
    assert_eq!(counted("first_total_by_kind", &[("kind", "two")]), Some(1));
    assert_eq!(counted("changing_total", &[("kind", "two"), ("fixed", "yes")]), Some(2));
    assert_eq!(counted("changing_shown_total", &[("kind", "one")]), Some(1));
}

#[test]
fn expressions_are_evaluated_once_and_in_order() {
    let order = RefCell::new(String::new());
    let say = |text: &'static str| {
        order.borrow_mut().push_str(text);
        text
    };
    counter!(say("n"), "a" => say("a"), "fixed" => "f", "b" => %say("b")).increment(1);
    counter!("order_total", "a" => say("1"), "b" => %say("2"), "c" => say("3")).increment(1);
    assert_eq!(*order.borrow(), "nab123");
}

#[test]
fn expressions_belong_to_the_function_around_them() {
    fn question(text: &str) -> Result<(), std::num::ParseIntError> {
        counter!("question_total", "number" => text.parse::<u32>()?).increment(1);
        Ok(())
    }
    assert!(question("x").is_err());
    assert!(question("12").is_ok());
    for round in 0..4_u8 {
        counter!("round_total", "round" => if round == 3 { break } else { round }).increment(1);
    }
    assert_eq!(counted("question_total", &[("number", "12")]), Some(1));
    assert_eq!(counted("round_total", &[("round", "2")]), Some(1));
    assert_eq!(counted("round_total", &[("round", "3")]), None);
}

#[test]
fn names_in_scope_do_not_meet_ours() {
    const SITE: &str = "scope_total";
    static FAMILY: &str = "family";
    const SLOT: u8 = 1;
    let (handle, name, value0) = ("handle", "name", "value0");
    counter!(SITE, "handle" => handle, "name" => name, "value0" => value0).increment(1);
    counter!("scope_total", "family" => FAMILY, "slot" => SLOT).increment(1);
    assert_eq!(
        counted(SITE, &[("handle", "handle"), ("name", "name"), ("value0", "value0")]),
        Some(1)
    );
    assert_eq!(counted(SITE, &[("family", "family"), ("slot", "1")]), Some(1));
}

#[test]
fn what_a_label_borrows_is_free_before_the_handle_is_used() {
    fn last_expression() -> Counter {
        let lock = Mutex::new(String::from("held"));
        counter!("borrowed_total", "value" => *lock.lock().unwrap())
    }
    let cell = Mutex::new(Cell::new(0_u64));
    counter!("locked_total", "value" => cell.lock().unwrap().get()).increment({
        let held = cell.try_lock().unwrap();
        held.set(3);
        held.get()
    });
    last_expression().increment(1);
    assert_eq!(counted("borrowed_total", &[("value", "held")]), Some(1));
    assert_eq!(counted("locked_total", &[("value", "0")]), Some(3));
}

#[test]
fn fragments_of_other_macros_are_literals_still() {
    macro_rules! count {
        ($name:literal, $key:literal => $value:expr) => {
            counter!($name, $key => $value, "passed" => $name).increment(1)
        };
        ($name:expr) => {
            counter!($name).increment(1)
        };
    }
    count!("fragment_total", "key" => "literal");
    count!("fragment_total", "key" => 2 + 3);
    count!("fragment_alone_total");
    assert_eq!(
        counted("fragment_total", &[("key", "literal"), ("passed", "fragment_total")]),
        Some(1)
    );
    assert_eq!(counted("fragment_total", &[("key", "5"), ("passed", "fragment_total")]), Some(1));
    assert_eq!(counted("fragment_alone_total", &[]), Some(1));
}

#[test]
fn the_other_kinds_take_the_same_forms() {
    for (name, kind) in [("run_time_depth", "a"), ("run_time_depth", "b")] {
        gauge!("depth").set(2.5);
        gauge!("depth_by_kind", "kind" => kind).set(3.5);
        gauge!(name, "kind" => kind).set(4.5);
        histogram!("bytes").record(8.0);
        histogram!("bytes_by_kind", "kind" => kind).record(8.0);
        histogram!(format!("{name}_bytes")).record(8.0);
        timer!("wait_seconds").record(Duration::from_millis(8));
        timer!("wait_by_kind_seconds", "kind" => kind).record(Duration::from_millis(8));
        timer!(format!("{name}_seconds")).record(Duration::from_millis(8));
        rate!("jobs").increment(2);
        rate!("jobs_by_kind", "kind" => kind).increment(2);
        rate!(format!("{name}_jobs")).increment(2);
        summary!("euros").record(7.5);
        summary!("euros_by_kind", "kind" => kind, buckets: [10]).record(7.5);
        summary!(format!("{name}_euros")).record(7.5);
    }
    let snapshot = tachograph::registry().snapshot();
    let kind = [("kind", "b")];
    assert_eq!(snapshot.gauge("depth", &[]), Some(2.5));
    assert_eq!(snapshot.gauge("depth_by_kind", &kind), Some(3.5));
    assert_eq!(snapshot.gauge("run_time_depth", &kind), Some(4.5));
    assert_eq!(snapshot.histogram("bytes", &[]).unwrap().count(), 2);
    assert_eq!(snapshot.histogram("bytes_by_kind", &kind).unwrap().count(), 1);
    assert_eq!(snapshot.histogram("run_time_depth_bytes", &[]).unwrap().count(), 2);
    assert_eq!(snapshot.timer("wait_seconds", &[]).unwrap().count(), 2);
    assert_eq!(snapshot.timer("wait_by_kind_seconds", &kind).unwrap().count(), 1);
    assert_eq!(snapshot.timer("run_time_depth_seconds", &[]).unwrap().count(), 2);
    assert_eq!(snapshot.rate_total("jobs", &[]), Some(4));
    assert_eq!(snapshot.rate_total("jobs_by_kind", &kind), Some(2));
    assert_eq!(snapshot.rate_total("run_time_depth_jobs", &[]), Some(4));
    assert_eq!(snapshot.summary("euros", &[]).unwrap().kept(), [7.5, 7.5]);
    let by_kind = snapshot.summary("euros_by_kind", &kind).unwrap();
    assert_eq!((by_kind.count(), by_kind.histogram().count_at_most(10.0)), (1, 1));
    assert_eq!(snapshot.summary("run_time_depth_euros", &[]).unwrap().count(), 2);
}

//! Every form that a call can be written in: those of the `metrics` crate 0.24.6, and those it refuses.
//! Each is made more than once with other names and labels, so that none can be caught in a static.

#![deny(warnings, clippy::pedantic)]
// These are forms that people write.
#![allow(clippy::useless_vec, clippy::iter_on_single_items, clippy::cast_sign_loss)]

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;

use tachograph::{
    Label, Level, Snapshot, Unit, counter, describe_counter, describe_gauge, describe_histogram,
    describe_timer, gauge, histogram, timer,
};

const NAME: &str = "forms_constant_total";
const KEY: &str = "constant_key";
const VALUE: &str = "constant_value";

fn snapshot() -> Snapshot {
    tachograph::registry().snapshot()
}

fn counted(name: &str, labels: &[(&str, &str)]) -> Option<u64> {
    snapshot().counter(name, labels)
}

fn series(name: &str) -> tachograph::Series {
    let snapshot = snapshot();
    let found = snapshot.series().iter().find(|series| series.name() == name);
    found.unwrap_or_else(|| panic!("no series is called {name}")).clone()
}

#[test]
fn names_are_text_of_every_kind() {
    for stage in ["parse", "write", "parse"] {
        let (owned, shared) =
            (format!("forms_{stage}_owned"), Arc::<str>::from(format!("forms_{stage}_arc")));
        let (borrowed, cow) =
            (owned.as_str(), Cow::<'static, str>::Owned(format!("forms_{stage}_cow")));
        counter!(NAME).increment(1);
        counter!(format!("forms_{stage}_format")).increment(1);
        counter!(borrowed, "by" => "reference").increment(1);
        counter!(shared).increment(1);
        counter!(cow).increment(1);
        counter!(owned).increment(1);
    }
    assert_eq!(counted(NAME, &[]), Some(3));
    for (stage, times) in [("parse", 2), ("write", 1)] {
        for kind in ["owned", "arc", "cow", "format"] {
            assert_eq!(
                counted(&format!("forms_{stage}_{kind}"), &[]),
                Some(times),
                "{stage} {kind}"
            );
        }
        let by_reference = counted(&format!("forms_{stage}_owned"), &[("by", "reference")]);
        assert_eq!(by_reference, Some(times), "{stage}");
    }
}

#[test]
fn keys_and_values_are_text_of_every_kind() {
    for (k, v) in [("k1", "v1"), ("k2", "v1"), ("k1", "v2"), ("k1", "v1")] {
        let (key, value) = (String::from(k), String::from(v));
        let (shared_key, shared_value) = (Arc::<str>::from(k), Arc::<str>::from(v));
        let (cow_key, cow_value) = (Cow::Borrowed(k), Cow::<'static, str>::Owned(v.to_owned()));
        counter!("forms_pairs_total", KEY => VALUE, "literal" => VALUE, KEY => "x").increment(1);
        counter!("forms_keys_total", key => "literal").increment(1);
        counter!("forms_keys_total", KEY => value, key => VALUE).increment(1);
        counter!("forms_keys_total", shared_key => shared_value, "fixed" => "yes",).increment(1);
        counter!("forms_keys_total", cow_key => cow_value, format!("{k}_made") => %v.len())
            .increment(1);
        counter!(format!("forms_{v}_total"), k => v, "n" => v.len()).increment(1);
    }
    // The same key twice is known only at run time, and is nothing to record.
    assert_eq!(counted("forms_pairs_total", &[("constant_key", "constant_value")]), None);
    let of = |labels: &[(&str, &str)]| counted("forms_keys_total", labels);
    assert_eq!(of(&[("k1", "literal")]), Some(3));
    assert_eq!(of(&[("k2", "literal")]), Some(1));
    assert_eq!(of(&[("constant_key", "v1"), ("k1", "constant_value")]), Some(2));
    assert_eq!(of(&[("constant_key", "v2"), ("k1", "constant_value")]), Some(1));
    assert_eq!(of(&[("k2", "v1"), ("fixed", "yes")]), Some(1));
    assert_eq!(of(&[("k1", "v1"), ("fixed", "yes")]), Some(2));
    assert_eq!(of(&[("k1", "v1"), ("k1_made", "2")]), Some(2));
    assert_eq!(counted("forms_v1_total", &[("k1", "v1"), ("n", "2")]), Some(2));
    assert_eq!(counted("forms_v1_total", &[("k2", "v1"), ("n", "2")]), Some(1));
}

#[test]
fn labels_come_from_one_expression_of_many_kinds() {
    for value in ["a", "b", "a"] {
        let array = [("k", value)];
        let owned = vec![("k".to_owned(), value.to_owned())];
        let hashed = HashMap::from([("k", value.to_owned())]);
        let sorted = BTreeMap::from([("k".to_owned(), value)]);
        let labels = vec![Label::new("k", value)];
        counter!("forms_array_total", &array).increment(1);
        counter!("forms_slice_total", &array[..]).increment(1);
        counter!("forms_inline_total", &[("k", value)]).increment(1);
        counter!("forms_owned_total", &owned).increment(1);
        counter!("forms_hashed_total", &hashed).increment(1);
        counter!("forms_sorted_total", &sorted).increment(1);
        counter!("forms_iter_total", labels.iter()).increment(1);
        counter!("forms_map_total", array.iter().map(|(key, value)| Label::new(key, value)))
            .increment(1);
        counter!("forms_label_refs_total", &labels).increment(1);
        counter!("forms_labels_total", labels,).increment(1);
        counter!("forms_pairs_moved_total", owned).increment(1);
        counter!(format!("forms_{value}_named"), &array).increment(1);
        counter!("forms_none_total", vec![]).increment(1);
        counter!("forms_none_total", vec![],).increment(1);
        counter!("forms_some_total", Some(("k", value))).increment(1);
    }
    for form in [
        "array",
        "slice",
        "inline",
        "owned",
        "hashed",
        "sorted",
        "iter",
        "map",
        "label_refs",
        "labels",
        "pairs_moved",
        "some",
    ] {
        let of = |value| counted(&format!("forms_{form}_total"), &[("k", value)]);
        assert_eq!((of("a"), of("b")), (Some(2), Some(1)), "{form}");
    }
    assert_eq!(counted("forms_a_named", &[("k", "a")]), Some(2));
    assert_eq!(counted("forms_none_total", &[]), Some(6));
}

#[test]
fn order_and_number_of_collected_labels_do_not_matter() {
    let many: Vec<(String, u32)> = (0..64).map(|n| (format!("key{n:02}"), n)).collect();
    let mut backwards = many.clone();
    backwards.reverse();
    for labels in [&many, &backwards, &many] {
        counter!("forms_many_total", labels).increment(1);
        counter!("forms_few_total", labels.iter().filter(|(_, n)| *n < 3)).increment(1);
    }
    let shown: Vec<(&str, String)> =
        many.iter().map(|(k, n)| (k.as_str(), n.to_string())).collect();
    let shown: Vec<(&str, &str)> = shown.iter().map(|(k, n)| (*k, n.as_str())).collect();
    assert_eq!(counted("forms_many_total", &shown), Some(3));
    assert_eq!(counted("forms_few_total", &shown[..3]), Some(3));
    // One more than a series can have: dropped, and noted.
    counter!("forms_many_total", many.iter().map(|(k, n)| (k.as_str(), *n)).chain([("more", 1)]))
        .increment(1);
    let lints = tachograph::registry().lints();
    assert!(lints.iter().any(|lint| lint.metric() == "forms_many_total"), "{lints:?}");
}

#[test]
fn options_stand_before_the_name_in_any_order() {
    counter!(target: "forms", "forms_target_total").increment(1);
    counter!(level: Level::DEBUG, "forms_level_total", "k" => "v").increment(1);
    gauge!(description: "Described alone.", "forms_described").set(1.0);
    histogram!(unit: Unit::Bytes, "forms_unit_alone").record(1);
    counter!(
        description: "super counter",
        unit: Unit::Bytes,
        target: ::core::module_path!(),
        level: Level::INFO,
        "forms_super_total",
        "label1" => "value1",
        "label2" => VALUE
    )
    .increment(1);
    gauge!(level: tachograph::Level::WARN, unit: tachograph::Unit::Count, "forms_after", target: "x", description: "After it.")
        .set(2.0);
    assert_eq!(series("forms_described").description(), Some("Described alone."));
    assert_eq!(series("forms_unit_alone").unit(), Some(Unit::Bytes));
    let all = series("forms_super_total");
    assert_eq!((all.unit(), all.description()), (Some(Unit::Bytes), Some("super counter")));
    assert_eq!(all.labels().get("label2"), Some(VALUE));
    assert_eq!(series("forms_after").description(), Some("After it."));
    assert_eq!(counted("forms_target_total", &[]), Some(1));
    assert_eq!(counted("forms_level_total", &[("k", "v")]), Some(1));
}

#[test]
fn what_is_said_may_be_known_only_at_run_time() {
    for (text, unit) in [("First.", Unit::Bytes), ("Second.", Unit::Count)] {
        let owned = text.to_owned();
        counter!(description: text, unit: unit, "forms_said_total").increment(1);
        counter!(description: format!("{text} Made."), "forms_made_total", "k" => text)
            .increment(1);
        counter!(description: owned, unit: unit, format!("forms_{unit}_total"), "k" => text)
            .increment(1);
        counter!(description: text, "forms_of_expression_total", &[("k", text)]).increment(1);
    }
    let said = series("forms_said_total");
    assert_eq!((said.unit(), said.description()), (Some(Unit::Bytes), Some("First.")));
    assert_eq!(series("forms_made_total").description(), Some("First. Made."));
    // Of a name that changes, each is described.
    for (name, text, unit) in [("bytes", "First.", Unit::Bytes), ("count", "Second.", Unit::Count)]
    {
        let series = series(&format!("forms_{name}_total"));
        assert_eq!((series.unit(), series.description()), (Some(unit), Some(text)), "{name}");
    }
    assert_eq!(series("forms_of_expression_total").description(), Some("First."));
    assert_eq!(counted("forms_of_expression_total", &[("k", "Second.")]), Some(1));
}

#[test]
fn histograms_and_timers_take_buckets_where_they_are_called() {
    const LONG: f64 = 1.0;
    for name in ["forms_named_a", "forms_named_b"] {
        histogram!("forms_bounds", buckets: [0.1, LONG]).record(0.1);
        histogram!(schema: 2, "forms_coarse", "k" => name).record(3);
        histogram!(schema: -1, buckets: [8], name).record(8);
        timer!(buckets: [0.25], unit: Unit::Milliseconds, "forms_wait_ms")
            .record(Duration::from_micros(250));
        timer!("forms_wait", schema: 3, &[("k", name)]).record(Duration::from_secs(1));
    }
    let snapshot = snapshot();
    let layout = |name, labels: &[_]| snapshot.histogram(name, labels).unwrap().layout().clone();
    assert_eq!(layout("forms_bounds", &[]).bounds(), [0.1, 1.0]);
    assert_eq!(layout("forms_coarse", &[("k", "forms_named_b")]).schema(), 2);
    assert_eq!(layout("forms_named_b", &[]).bounds(), [8.0]);
    assert_eq!(layout("forms_named_a", &[]).schema(), -1);
    let wait = snapshot.timer("forms_wait_ms", &[]).unwrap().histogram();
    assert_eq!(wait.layout().bounds(), [0.25]);
    assert!((wait.sum() - 0.5).abs() < 1e-3, "{}", wait.sum());
    let wait = snapshot.timer("forms_wait", &[("k", "forms_named_a")]).unwrap();
    assert_eq!((wait.count(), wait.histogram().layout().schema()), (1, 3));
}

#[test]
fn descriptions_stand_alone_and_the_first_one_stays() {
    const TEXT: &str = "Constant.";
    describe_counter!("forms_alone_total", "Plain.");
    describe_counter!("forms_alone_total", Unit::Nanoseconds, "Again.");
    describe_gauge!(format!("forms_{}", "depth"), Unit::Count, "Made.");
    describe_histogram!(NAME.replace("constant_total", "sizes"), TEXT);
    describe_timer!("forms_slow", tachograph::Unit::Milliseconds, TEXT.to_owned());
    counter!("forms_alone_total").increment(1);
    gauge!("forms_depth").set(1);
    histogram!("forms_sizes").record(1);
    timer!("forms_slow").record(Duration::from_secs(1));
    let about = |name| {
        let series = series(name);
        (series.unit(), series.description().map(str::to_owned))
    };
    assert_eq!(about("forms_alone_total"), (Some(Unit::Nanoseconds), Some("Plain.".to_owned())));
    assert_eq!(about("forms_depth"), (Some(Unit::Count), Some("Made.".to_owned())));
    assert_eq!(about("forms_sizes"), (None, Some("Constant.".to_owned())));
    assert_eq!(about("forms_slow"), (Some(Unit::Milliseconds), Some("Constant.".to_owned())));
    // Another kind than the metric's is noted, and described all the same.
    describe_gauge!("forms_alone_total", "Plain.");
    let lints = tachograph::registry().lints();
    let noted = lints.iter().filter(|lint| lint.metric() == "forms_alone_total");
    assert!(noted.clone().any(|lint| lint.message().contains("described as a gauge")), "{lints:?}");
}

#[test]
fn methods_take_what_they_took_and_more() {
    let (signed, size, many) = (3_i64, 4_usize, 5_u64);
    counter!("forms_methods_total").increment(signed as _);
    counter!("forms_methods_total").increment(u32::MAX.into());
    counter!("forms_methods_total").absolute(7);
    gauge!("forms_methods").set(1);
    gauge!("forms_methods").set(1.5_f32);
    gauge!("forms_methods").set(size);
    gauge!("forms_methods").increment(many);
    gauge!("forms_methods").decrement(signed);
    gauge!("forms_methods").increment(Duration::from_millis(500));
    histogram!("forms_methods_sizes").record(size);
    histogram!("forms_methods_sizes").record(many);
    histogram!("forms_methods_sizes").record(-signed);
    histogram!("forms_methods_sizes").record(Duration::from_millis(1500));
    histogram!("forms_methods_sizes").record_many(2, 3);
    let snapshot = snapshot();
    assert_eq!(snapshot.counter("forms_methods_total", &[]), Some(3 + u64::from(u32::MAX)));
    assert_eq!(snapshot.gauge("forms_methods", &[]), Some(6.5));
    let sizes = snapshot.histogram("forms_methods_sizes", &[]).unwrap();
    assert_eq!((sizes.count(), sizes.sum()), (7, 4.0 + 5.0 - 3.0 + 1.5 + 6.0));
}

/// As a library writes macros of its own.
macro_rules! observed {
    ($name:expr, $value:expr $(, $key:expr => $label:expr)*) => {
        histogram!($name $(, $key => $label)*).record($value)
    };
    ($name:literal in $labels:expr) => {
        counter!(description: concat!("In ", "labels."), $name, $labels).increment(1)
    };
}

#[test]
fn other_macros_hand_on_names_labels_and_options() {
    for kind in ["one", "two"] {
        observed!("forms_observed", 2.0);
        observed!("forms_observed", 2.0, "kind" => kind, KEY => "v");
        observed!(format!("forms_observed_{kind}"), 2.0, "kind" => kind);
        observed!("forms_in_total" in &[("kind", kind)]);
    }
    let snapshot = snapshot();
    assert_eq!(snapshot.histogram("forms_observed", &[]).unwrap().count(), 2);
    let labels = [("kind", "two"), (KEY, "v")];
    assert_eq!(snapshot.histogram("forms_observed", &labels).unwrap().count(), 1);
    assert_eq!(snapshot.histogram("forms_observed_one", &[("kind", "one")]).unwrap().count(), 1);
    assert_eq!(snapshot.counter("forms_in_total", &[("kind", "two")]), Some(1));
    assert_eq!(series("forms_in_total").description(), Some("In labels."));
}

mod framework {
    pub(crate) mod tachograph {
        pub(crate) const NAME: &str = "forms_shadowed_total";
    }
}

mod shadowed {
    use super::framework::*;

    #[test]
    fn module_of_the_same_name_is_not_in_the_way() {
        ::tachograph::counter!(tachograph::NAME, &[("k", tachograph::NAME)]).increment(1);
        let labels = [("k", tachograph::NAME)];
        assert_eq!(super::counted(tachograph::NAME, &labels), Some(1));
    }
}

#[test]
fn refused_labels_are_dropped_noted_and_harm_nobody() {
    for _ in 0..2 {
        counter!("forms_refused_total", String::new() => "v").increment(1);
        counter!("forms_refused_total", &[("k", "1"), ("k", "2")]).increment(1);
    }
    counter!("forms_refused_total", "k" => "1").increment(1);
    assert_eq!(counted("forms_refused_total", &[("k", "1")]), Some(1));
    let lints = tachograph::registry().lints();
    let about: Vec<&str> = lints
        .iter()
        .filter(|lint| lint.metric() == "forms_refused_total")
        .map(tachograph::Lint::message)
        .collect();
    assert_eq!(about.len(), 2, "{about:?}");
    assert!(about[0].starts_with("empty label key") && about[0].contains("forms.rs:"), "{about:?}");
    assert!(about[1].starts_with("label `k` is given twice"), "{about:?}");
}

#[test]
fn each_expression_is_evaluated_as_often_as_is_documented() {
    use std::cell::RefCell;
    let order = RefCell::new(Vec::new());
    let say = |word: &'static str| {
        order.borrow_mut().push(word);
        word
    };
    let unit = || {
        say("unit");
        Unit::Count
    };
    let said = || order.take().join(" ");
    for round in ["unit text ", "", ""] {
        // Beside a literal name, what is said of the metric is evaluated until it was said.
        counter!("forms_once_a_total", description: say("text"), unit: unit()).increment(1);
        assert_eq!(said(), round.trim());
        counter!("forms_once_b_total", say("key") => say("value"), description: say("text"), unit: unit())
            .increment(1);
        assert_eq!(said(), format!("{round}key value"));
        counter!("forms_once_c_total", [("k", say("value"))], description: say("text"), unit: unit())
            .increment(1);
        assert_eq!(said(), format!("{round}value"));
        counter!("forms_once_d_total", "k" => say("value"), "l" => %say("shown"), description: say("text"), unit: unit())
            .increment(1);
        assert_eq!(said(), format!("{round}value shown"));
        // Beside a name known at run time, at each call.
        counter!(say("forms_once_e_total"), "k" => say("value"), description: say("text"), unit: unit())
            .increment(1);
        assert_eq!(said(), "unit text forms_once_e_total value");
        describe_counter!(say("forms_once_f_total"), unit(), say("text"));
        assert_eq!(said(), "forms_once_f_total unit text");
    }
}

#[test]
fn names_of_items_in_scope_do_not_meet_ours() {
    #![allow(non_upper_case_globals, non_camel_case_types, dead_code)]
    const SITE: &str = "forms_items_total";
    const DESCRIPTION: f64 = 8.0;
    const value0: u8 = 1;
    static name: u8 = 1;
    static labels: u8 = 1;
    struct set;
    struct handle;
    let kind = "kind";
    counter!(SITE, "k" => kind).increment(1);
    counter!("forms_items_total", &[("k", kind)], description: kind).increment(1);
    histogram!("forms_items", buckets: [DESCRIPTION]).record(8);
    assert_eq!(counted(SITE, &[("k", "kind")]), Some(2));
}

#[test]
fn handles_of_literal_calls_are_constants() {
    static REQUESTS: tachograph::Counter = counter!("forms_static_total", "k" => "v");
    const fn waits() -> tachograph::Timer {
        timer!("forms_static_seconds")
    }
    REQUESTS.increment(2);
    waits().record(Duration::from_secs(1));
    assert_eq!(counted("forms_static_total", &[("k", "v")]), Some(2));
    assert_eq!(snapshot().timer("forms_static_seconds", &[]).unwrap().count(), 1);
}

#[test]
fn descriptions_may_borrow_at_the_end_of_a_block() {
    let cell = std::cell::RefCell::new(String::from("Borrowed."));
    let describe = || describe_counter!("forms_borrowed_total", cell.borrow().clone());
    describe();
    counter!("forms_borrowed_total", Vec::new()).increment(1);
    assert_eq!(series("forms_borrowed_total").description(), Some("Borrowed."));
}

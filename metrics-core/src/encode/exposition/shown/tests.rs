//! One series, one name: what every format for machines makes of a prefix, of labels for all, and of the style that
//! is recommended.

use super::*;
use crate::encode::Format;
use crate::encode::sample::{self, counter, described, everything, gauge, histogram, timer};
use crate::presentation::Naming;
use crate::snapshot::Value;
use crate::unit::Unit;

/// A presentation: the prefix, which may be empty, and the labels.
fn presented(prefix: &str, labels: &[(&str, &str)], naming: Naming) -> Presentation {
    let mut presentation = Presentation::default();
    if !prefix.is_empty() {
        presentation.set_prefix(prefix).unwrap();
    }
    for (key, value) in labels {
        presentation.set_label(key, value).unwrap();
    }
    presentation.set_naming(naming);
    presentation
}

/// The lines of both text formats that hold numbers, but those of buckets, in the order of the alphabet.
fn lines(snapshot: &Snapshot) -> Vec<String> {
    let [one, other] = [Format::Prometheus, Format::OpenMetrics].map(|format| {
        let body = snapshot.render(format);
        let lines = body.lines().filter(|line| !line.starts_with('#') && !line.contains("_bucket"));
        let mut lines: Vec<String> = lines.map(str::to_owned).collect();
        lines.sort_unstable();
        lines
    });
    assert_eq!(one, other);
    one
}

/// Names and labels in JSON, `name{key="value",…}`.
fn in_json(snapshot: &Snapshot) -> Vec<String> {
    let body = snapshot.render(Format::Json);
    let mut found: Vec<String> = shown(snapshot)
        .iter()
        .map(|shown| {
            let pairs: Vec<String> =
                shown.labels.iter().map(|(key, value)| format!("{key}={value:?}")).collect();
            let of_json: Vec<String> =
                shown.labels.iter().map(|(key, value)| format!("{key:?}: {value:?}")).collect();
            let start = format!("{{\"name\": {:?}, \"kind\": ", shown.name);
            let labels = format!("\"labels\": {{{}}}", of_json.join(", "));
            let is_there =
                body.lines().any(|line| line.starts_with(&start) && line.contains(&labels));
            assert!(is_there, "{start} {labels} in {body}");
            match pairs.is_empty() {
                true => shown.name.to_string(),
                false => format!("{}{{{}}}", shown.name, pairs.join(",")),
            }
        })
        .collect();
    found.sort_unstable();
    found
}

/// Checks what counters and gauges are called in every format.
fn check(presentation: &Presentation, series: Vec<Series>, expected: &[&str]) {
    let snapshot = sample::shown(series, presentation.clone());
    assert_eq!(lines(&snapshot), expected);
    let names = expected.iter().map(|line| line.rsplit_once(' ').unwrap().0);
    let mut names: Vec<&str> = names.collect();
    names.sort_unstable();
    assert_eq!(in_json(&snapshot), names);
}

#[test]
fn names_that_the_style_makes_alike_are_told_apart() {
    use Naming::{AsWritten, Recommended};
    let bytes =
        |name: &str, total| described(name, &[], Some(Unit::Bytes), None, Value::Counter(total));
    for (prefix, naming, series, expected) in [
        // It is the name of the metric that is written so.
        (
            "",
            Recommended,
            vec![counter("x", &[], 1), counter("x_total", &[], 2)],
            &["x_436a4534_total 1", "x_total 2"][..],
        ),
        (
            "my",
            Recommended,
            vec![counter("x", &[], 1), counter("x_total", &[], 2)],
            &["my_x_436a4534_total 1", "my_x_total 2"],
        ),
        // Neither is written so.
        (
            "",
            Recommended,
            vec![counter("a.b", &[], 1), counter("a_b", &[], 2)],
            &["a_b_6e530da6_total 2", "a_b_70cda3b3_total 1"],
        ),
        (
            "",
            Recommended,
            vec![bytes("sent", 1), bytes("sent_total", 2), bytes("sent_bytes_total", 3)],
            &["sent_bytes_417f9997_total 2", "sent_bytes_5418d0ea_total 1", "sent_bytes_total 3"],
        ),
        (
            "my",
            AsWritten,
            vec![counter("a", &[], 1), gauge("my_a", &[], 2.0)],
            &["my_a 1", "my_my_a 2"],
        ),
        (
            "my",
            AsWritten,
            vec![counter("lines_total", &[], 1), gauge("tachograph_series", &[], 2.0)],
            &["my_lines_total 1", "tachograph_series 2"],
        ),
    ] {
        check(&presented(prefix, &[], naming), series, expected);
    }
}

#[test]
fn whose_a_name_is_does_not_depend_on_the_prefix() {
    let series = || vec![counter("a.b", &[], 1), counter("a_b", &[], 2)];
    for (prefix, expected) in [
        ("", ["a_b 2", "a_b_70cda3b3 1"]),
        ("my", ["my_a_b 2", "my_a_b_70cda3b3 1"]),
        ("my.app.", ["my_app_a_b 2", "my_app_a_b_70cda3b3 1"]),
        ("9", ["_9_a_b 2", "_9_a_b_70cda3b3 1"]),
    ] {
        let snapshot = sample::shown(series(), presented(prefix, &[], Naming::AsWritten));
        assert_eq!(lines(&snapshot), expected);
    }
}

#[test]
fn json_has_names_as_written_behind_the_prefix() {
    let series = vec![counter("a.b", &[("c.d", "1")], 1), gauge("9", &[("__name__", "x")], 2.0)];
    let snapshot = sample::shown(series, presented("my.", &[("e.f", "2")], Naming::AsWritten));
    assert_eq!(in_json(&snapshot), [r#"my.9{__name__="x",e.f="2"}"#, r#"my.a.b{c.d="1",e.f="2"}"#]);
    assert_eq!(
        lines(&snapshot),
        [r#"my_9{exported___name__="x",e_f="2"} 2"#, r#"my_a_b{c_d="1",e_f="2"} 1"#]
    );
}

#[test]
fn labels_of_all_stand_among_those_of_a_series() {
    let presentation = presented("", &[("m", "1"), ("region", "e\"u")], Naming::AsWritten);
    let series = vec![
        gauge("g", &[], 1.0),
        gauge("g", &[("a", "x")], 2.0),
        gauge("g", &[("n", "x")], 3.0),
        gauge("g", &[("z", "x")], 4.0),
        gauge("g", &[("a", "x"), ("n", "y"), ("z", "z")], 5.0),
        // Its own counts, and may be empty.
        gauge("g", &[("m", ""), ("region", "us")], 6.0),
        counter("tachograph_dropped_total", &[("reason", "nan")], 7),
    ];
    check(
        &presentation,
        series,
        &[
            r#"g{a="x",m="1",n="y",region="e\"u",z="z"} 5"#,
            r#"g{a="x",m="1",region="e\"u"} 2"#,
            r#"g{m="",region="us"} 6"#,
            r#"g{m="1",n="x",region="e\"u"} 3"#,
            r#"g{m="1",region="e\"u",z="x"} 4"#,
            r#"g{m="1",region="e\"u"} 1"#,
            r#"tachograph_dropped_total{m="1",reason="nan",region="e\"u"} 7"#,
        ],
    );
    let (h, t) = (histogram("h", &[], &[1.0]), timer("t", &[("n", "x")], &[], 0.0));
    let found = lines(&sample::shown(vec![h, t], presentation));
    assert_eq!(
        found,
        [
            r#"h_count{m="1",region="e\"u"} 1"#,
            r#"h_sum{m="1",region="e\"u"} 1"#,
            r#"t_count{m="1",n="x",region="e\"u"} 0"#,
            r#"t_self_seconds_total{m="1",n="x",region="e\"u"} 0"#,
            r#"t_sum{m="1",n="x",region="e\"u"} 0"#,
        ]
    );
}

#[test]
fn series_that_labels_of_all_make_equal_are_told_apart() {
    let presentation = presented("", &[("env", "prod")], Naming::AsWritten);
    // One says itself what the other one gets.
    check(
        &presentation,
        vec![gauge("g", &[], 1.0), gauge("g", &[("env", "prod")], 2.0)],
        &[r#"g{env="prod",tachograph_conflict="499f577b"} 2"#, r#"g{env="prod"} 1"#],
    );
    // Keys that meet when they are replaced, of the series and of all.
    for naming in [Naming::AsWritten, Naming::Recommended] {
        let snapshot = sample::shown(
            vec![gauge("g", &[("a.b", "1"), ("a_b", "2")], 1.0), gauge("g", &[], 2.0)],
            presented("", &[("a-b", "3")], naming),
        );
        assert_eq!(lines(&snapshot), [r#"g{a_b="3"} 2"#, r#"g{a_b_="3",a_b__="1",a_b="2"} 1"#]);
    }
    // The label of all goes out under another key beside one of its own, as another series has it.
    let snapshot = sample::shown(
        vec![gauge("g", &[("a_b", "v")], 1.0), gauge("g", &[("a_b_", "v")], 2.0)],
        presented("", &[("a.b", "v")], Naming::AsWritten),
    );
    let found = lines(&snapshot);
    assert_eq!(found.len(), 2);
    assert_eq!(found[0], r#"g{a_b="v",a_b_="v"} 2"#);
    assert!(found[1].starts_with(r#"g{a_b_="v",a_b="v",tachograph_conflict=""#), "{found:?}");
    assert_eq!(in_json(&snapshot), [r#"g{a.b="v",a_b="v"}"#, r#"g{a.b="v",a_b_="v"}"#]);
}

#[test]
fn keys_with_a_meaning_of_their_own_stay_apart_whoever_gives_them() {
    let presentation = presented("", &[("__name__", "x"), ("le", "y")], Naming::AsWritten);
    let snapshot =
        sample::shown(vec![gauge("g", &[], 1.0), histogram("h", &[], &[])], presentation);
    let found = lines(&snapshot);
    assert!(found.contains(&r#"g{exported___name__="x",le="y"} 1"#.to_owned()), "{found:?}");
    let count = r#"h_count{exported___name__="x",exported_le="y"} 0"#;
    assert!(found.contains(&count.to_owned()), "{found:?}");
}

#[test]
fn label_of_a_conflict_takes_no_key_of_a_series() {
    let own = &[("tachograph_conflict", "mine")][..];
    let both = &[("env", "prod"), ("tachograph_conflict", "mine")][..];
    let snapshot = sample::shown(
        vec![gauge("g", own, 1.0), gauge("g", both, 2.0)],
        presented("", &[("env", "prod")], Naming::AsWritten),
    );
    let found = in_json(&snapshot);
    assert_eq!(found.len(), 2);
    assert!(
        found[0].starts_with(r#"g{env="prod",tachograph_conflict="mine",tachograph_conflict_="#)
    );
    assert_eq!(found[1], r#"g{env="prod",tachograph_conflict="mine"}"#);
    assert_eq!(lines(&snapshot).len(), 2);
}

#[test]
fn a_unit_in_the_name_decides_on_buckets_and_self_time() {
    let seconds = |value| described("wait", &[], Some(Unit::Seconds), None, value);
    let Value::Histogram(values) = histogram("wait", &[], &[1.0]).value().clone() else { panic!() };
    let presentation = presented("", &[], Naming::Recommended);
    let snapshot = sample::shown(
        vec![seconds(Value::Histogram(values)), timer("job.duration", &[], &[], 0.0)],
        presentation,
    );
    let body = snapshot.render(Format::Prometheus);
    let buckets = body.lines().filter(|line| line.starts_with("wait_seconds_bucket"));
    assert_eq!(buckets.clone().count(), 12);
    // A minute, and not 268 million.
    assert!(buckets.clone().any(|line| line.contains("le=\"64.0\"")), "{body}");
    assert!(body.contains("\njob_self_seconds_total 0\n"), "{body}");
    assert!(body.contains("# TYPE job_duration_seconds histogram\n"), "{body}");
    let body = snapshot.render(Format::OpenMetrics);
    assert!(body.contains("# UNIT wait_seconds seconds\n"), "{body}");
}

#[test]
fn tables_show_what_was_written() {
    let presentation = presented("my", &[("region", "eu")], Naming::Recommended);
    let snapshot = sample::shown(everything().series().to_vec(), presentation);
    let [plain, shown] = [everything(), snapshot].map(|snapshot| snapshot.render(Format::Table));
    assert_eq!(plain, shown);
}

#[test]
fn the_recorders_own_names_are_those_of_the_recommended_style() {
    let presentation = presented("my", &[], Naming::Recommended);
    crate::registry::registry().snapshot().series().iter().for_each(|series| {
        let shown = presentation.shown_name(series.name(), series.kind(), series.unit());
        assert_eq!(shown, series.name());
    });
}

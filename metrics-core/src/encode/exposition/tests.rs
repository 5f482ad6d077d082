//! Bodies as they are written: golden files, and what becomes of names and labels that meet.

use super::*;
use crate::bucket::Layout;
use crate::encode::Format;
use crate::encode::sample::{
    counter, everything, gauge, histogram, series, snapshot, summary, timer, values_of,
};
use crate::snapshot::Value;

fn bodies(series: Vec<Series>) -> [String; 2] {
    let snapshot = snapshot(series);
    [Format::Prometheus, Format::OpenMetrics].map(|format| snapshot.render(format))
}

/// The lines that hold numbers, in the order of the alphabet.
fn samples(body: &str) -> Vec<&str> {
    let mut lines: Vec<&str> = body.lines().filter(|line| !line.starts_with('#')).collect();
    lines.sort_unstable();
    lines
}

/// The types of families, in their order.
fn types(body: &str) -> Vec<&str> {
    body.lines().filter_map(|line| line.strip_prefix("# TYPE ")).collect()
}

#[test]
fn bodies_are_the_golden_ones() {
    let snapshot = everything();
    assert_eq!(snapshot.render(Format::Prometheus), include_str!("../golden/prometheus.txt"));
    assert_eq!(snapshot.render(Format::OpenMetrics), include_str!("../golden/openmetrics.txt"));
}

#[test]
fn both_formats_hold_the_same_samples() {
    let snapshot = everything();
    let [one, other] =
        [Format::Prometheus, Format::OpenMetrics].map(|format| snapshot.render(format));
    assert_eq!(samples(&one), samples(&other));
}

#[test]
fn nothing_recorded_is_a_body_too() {
    assert_eq!(bodies(Vec::new()), ["", "# EOF\n"]);
}

/// Series, and the lines that hold numbers, but those of buckets.
type Meeting = (Vec<Series>, &'static [&'static str]);

#[test]
fn name_is_that_of_the_metric_which_is_written_so() {
    let cases: [Meeting; 7] = [
        (vec![counter("a.b", &[], 1)], &["a_b 1"]),
        (vec![counter("a.b", &[], 1), counter("a_b", &[], 2)], &["a_b 2", "a_b_70cda3b3 1"]),
        // Neither is written so.
        (
            vec![counter("a.b", &[], 1), gauge("a-b", &[], 2.0)],
            &["a_b_5c95a72d 2", "a_b_70cda3b3 1"],
        ),
        // A part of a histogram is as good as a name of its own.
        (
            vec![
                histogram("x", &[], &[]),
                gauge("x_count", &[], 3.0),
                counter("x_sum_total", &[], 4),
            ],
            &["x_count 0", "x_count_22962655 3", "x_sum 0", "x_sum_total 4"],
        ),
        (
            vec![counter("a.b_total", &[], 1), counter("a_b_total", &[], 2)],
            &["a_b_98bdfcc6_total 1", "a_b_total 2"],
        ),
        // Self time gives way to what the program named.
        (
            vec![timer("x_seconds", &[], &[], 0.0), counter("x_self_seconds_total", &[], 5)],
            &[
                "x_seconds_count 0",
                "x_seconds_sum 0",
                "x_self_seconds_252a1ec1_total 0",
                "x_self_seconds_total 5",
            ],
        ),
        (
            vec![timer("x_seconds", &[], &[], 0.0), timer("x_duration", &[], &[], 0.0)],
            &[
                "x_duration_count 0",
                "x_duration_sum 0",
                "x_seconds_count 0",
                "x_seconds_sum 0",
                "x_self_seconds_252a1ec1_total 0",
                "x_self_seconds_total 0",
            ],
        ),
    ];
    for (series, expected) in cases {
        for body in bodies(series.clone()) {
            let mut lines = samples(&body);
            lines.retain(|line| !line.contains("_bucket{"));
            assert_eq!(lines, expected, "{body}");
        }
    }
}

#[test]
fn digits_stay_while_other_metrics_come() {
    let three = vec![counter("a.b", &[], 1), counter("a-b", &[], 2), counter("a b", &[], 3)];
    let [all, _] = bodies(three.clone());
    for pair in [[0, 1], [0, 2], [1, 2]] {
        let [body, _] = bodies(pair.map(|place| three[place].clone()).to_vec());
        assert!(samples(&body).iter().all(|line| samples(&all).contains(line)), "{body}{all}");
    }
}

#[test]
fn what_openmetrics_cannot_express_is_unknown() {
    let negative = || histogram("x", &[], &[-1.0]);
    let parts: &[&str] = &["x_bucket unknown", "x_sum unknown", "x_count unknown"];
    let of_summary: &[&str] = &["s unknown", "s_sum unknown", "s_count unknown"];
    let rate = |name| series(name, &[], Value::Rate(1));
    let cases: [Meeting; 13] = [
        (vec![rate("jobs_total")], &["jobs counter"]),
        (vec![rate("jobs")], &["jobs unknown"]),
        (vec![summary("s", &[], &[1.0])], &["s summary"]),
        (vec![summary("s", &[], &[1.0, -1.0])], of_summary),
        (
            vec![summary("s", &[], &[]), gauge("s_created", &[], 1.0)],
            &["s unknown", "s_sum unknown", "s_count unknown", "s_created gauge"],
        ),
        (vec![counter("jobs_total", &[], 1)], &["jobs counter"]),
        (vec![counter("jobs", &[], 1)], &["jobs unknown"]),
        (
            vec![counter("jobs_total", &[], 1), gauge("jobs", &[], 1.0)],
            &["jobs gauge", "jobs_total unknown"],
        ),
        (
            vec![counter("jobs_total", &[], 1), gauge("jobs_created", &[], 1.0)],
            &["jobs_created gauge", "jobs_total unknown"],
        ),
        (vec![counter("_total", &[], 1)], &["_total unknown"]),
        (vec![histogram("x", &[], &[1.0])], &["x histogram"]),
        (vec![negative()], parts),
        (
            vec![histogram("x", &[], &[]), gauge("x_created", &[], 1.0)],
            &["x_bucket unknown", "x_sum unknown", "x_count unknown", "x_created gauge"],
        ),
    ];
    for (series, expected) in cases {
        let [_, body] = bodies(series);
        assert_eq!(types(&body), expected, "{body}");
    }
}

/// Labels, and what they are on a gauge and on a histogram.
type Keys = (&'static [(&'static str, &'static str)], &'static str, &'static str);

#[test]
fn keys_stay_apart_and_have_no_meaning_of_their_own() {
    let cases: [Keys; 7] = [
        (&[("le", "1")], r#"{le="1"}"#, r#"{exported_le="1"}"#),
        (
            &[("exported_le", "2"), ("le", "1")],
            r#"{exported_le="2",le="1"}"#,
            r#"{exported_le="2",exported_le_="1"}"#,
        ),
        (&[("__name__", "x")], r#"{exported___name__="x"}"#, r#"{exported___name__="x"}"#),
        (&[("a.b", "1"), ("a_b", "2")], r#"{a_b_="1",a_b="2"}"#, r#"{a_b_="1",a_b="2"}"#),
        // A `_` behind a `_` would begin a reserved name.
        (&[("_", "1"), ("{", "2")], r#"{_="1",exported___="2"}"#, r#"{_="1",exported___="2"}"#),
        (
            &[("tachograph_conflict", "x")],
            r#"{exported_tachograph_conflict="x"}"#,
            r#"{exported_tachograph_conflict="x"}"#,
        ),
        (&[("9", "\\\"\n")], r#"{_9="\\\"\n"}"#, r#"{_9="\\\"\n"}"#),
    ];
    for (labels, on_cell, on_distribution) in cases {
        for body in bodies(vec![gauge("g", labels, 1.0), histogram("h", labels, &[])]) {
            let lines = samples(&body);
            assert!(lines.contains(&&*format!("g{on_cell} 1")), "{body}");
            assert!(lines.contains(&&*format!("h_count{on_distribution} 0")), "{body}");
            let opening = on_distribution.trim_end_matches('}');
            assert!(lines.contains(&&*format!("h_bucket{opening},le=\"+Inf\"}} 0")), "{body}");
        }
    }
}

#[test]
fn a_summary_has_lines_for_its_quantiles_and_a_key_of_its_own() {
    let labels = [("quantile", "1"), ("le", "2")];
    for body in bodies(vec![summary("s", &labels, &[4.0, 1.0, 3.0, 2.0]), summary("t", &[], &[])]) {
        let own = r#"le="2",exported_quantile="1""#;
        let lines = |q, value| format!("s{{{own},quantile=\"{q}\"}} {value}");
        let mut expected = [("0.5", 2), ("0.9", 4), ("0.95", 4), ("0.99", 4)]
            .map(|(q, value)| lines(q, value))
            .to_vec();
        expected.extend([format!("s_sum{{{own}}} 10"), format!("s_count{{{own}}} 4")]);
        expected
            .extend(["0.5", "0.9", "0.95", "0.99"].map(|q| format!("t{{quantile=\"{q}\"}} NaN")));
        expected.extend(["t_sum 0", "t_count 0"].map(str::to_owned));
        expected.sort_unstable();
        assert_eq!(samples(&body), expected, "{body}");
    }
}

#[test]
fn a_label_without_a_value_is_none_to_prometheus() {
    let same = vec![
        counter("c", &[], 1),
        counter("c", &[("a", "")], 2),
        counter("c", &[("a", ""), ("b", "")], 3),
        counter("c", &[("b", "1")], 4),
        counter("d", &[("a", "")], 5),
        counter("d", &[("a", "1")], 6),
        histogram("h", &[("a", ""), ("b", "1")], &[]),
        histogram("h", &[("b", "1"), ("c", "")], &[]),
    ];
    let body = bodies(same.clone());
    for body in &body {
        let lines = samples(body);
        let cells = lines.iter().filter(|line| !line.starts_with("h_bucket")).copied();
        assert_eq!(
            cells.collect::<Vec<_>>(),
            [
                "c 1",
                r#"c{a="",b="",tachograph_conflict="cb7cd44a"} 3"#,
                r#"c{a="",tachograph_conflict="9dc704fc"} 2"#,
                r#"c{b="1"} 4"#,
                // It has no one to be taken for.
                r#"d{a=""} 5"#,
                r#"d{a="1"} 6"#,
                r#"h_count{a="",b="1",tachograph_conflict="e5fb9e97"} 0"#,
                r#"h_count{b="1",c="",tachograph_conflict="4367528f"} 0"#,
                r#"h_sum{a="",b="1",tachograph_conflict="e5fb9e97"} 0"#,
                r#"h_sum{b="1",c="",tachograph_conflict="4367528f"} 0"#,
            ]
        );
    }
    // Encoders of other packages have the same.
    let snapshot = snapshot(same);
    let of_families: Vec<String> = snapshot
        .families()
        .flat_map(|family| {
            family
                .series()
                .map(|one| format!("{:?}", one.labels().collect::<Vec<_>>()))
                .collect::<Vec<_>>()
        })
        .collect();
    for digits in ["cb7cd44a", "9dc704fc", "e5fb9e97", "4367528f"] {
        assert!(of_families.iter().any(|labels| labels.contains(digits)), "{of_families:?}");
    }
    // Labels in JSON are as they are written.
    assert!(!snapshot.render(Format::Json).contains("tachograph_conflict"));
}

#[test]
fn series_that_replacement_makes_equal_are_told_apart() {
    let same = vec![
        gauge("g", &[("a.b", "1")], 1.0),
        gauge("g", &[("a-b", "1")], 2.0),
        gauge("g", &[("a_b", "1")], 3.0),
        gauge("g", &[("a.b", "2")], 4.0),
    ];
    for body in bodies(same) {
        assert_eq!(
            samples(&body),
            [
                r#"g{a_b="1",tachograph_conflict="614dbf4d"} 1"#,
                r#"g{a_b="1",tachograph_conflict="8ef0cfd8"} 2"#,
                r#"g{a_b="1"} 3"#,
                r#"g{a_b="2"} 4"#,
            ]
        );
    }
}

#[test]
fn the_same_labels_in_another_order_are_told_apart() {
    let same = vec![
        gauge("g", &[("a.b", "v"), ("a_b", "v")], 1.0),
        gauge("g", &[("a.b", "v"), ("a_b_", "v")], 2.0),
    ];
    for body in bodies(same) {
        let told = samples(&body).iter().all(|line| line.contains("\",tachograph_conflict=\""));
        assert!(told, "{body}");
    }
}

#[test]
fn the_crates_own_names_may_be_taken_by_a_program() {
    let own = || gauge("tachograph_series", &[], 1.0);
    for body in bodies(vec![own(), own(), own(), counter("tachograph_series", &[], 2)]) {
        let mut identities: Vec<&str> =
            samples(&body).iter().map(|line| line.rsplit_once(' ').unwrap().0).collect();
        assert_eq!(identities.len(), 4, "{body}");
        identities.dedup();
        assert_eq!(identities.len(), 4, "{body}");
        let mut families: Vec<&str> =
            types(&body).iter().map(|line| line.rsplit_once(' ').unwrap().0).collect();
        families.sort_unstable();
        families.dedup();
        assert_eq!(families.len(), types(&body).len(), "{body}");
    }
}

#[test]
fn buckets_depend_on_the_layout_alone_and_are_exact() {
    let values = [-1.0, 0.0, 1e-12, 1e-6, 0.001, 0.25, 0.5, 1.0, 1.5, 64.0, 1e5, 1e12];
    for schema in -4..=8 {
        for (low, high) in [(-30, 15), (-30, 34), (-10, 10), (0, 1), (-1_000, 900), (20, 50)] {
            for bounds in [&[][..], &[1.1, 1.5, 2.0]] {
                let bounds = if low <= 0 { bounds } else { &[] };
                let Ok(layout) = Layout::new(schema, low, high, bounds) else { continue };
                check_buckets(&layout, &values);
            }
        }
    }
}

fn check_buckets(layout: &Layout, values: &[f64]) {
    for (name, kind) in [("x", Kind::Timer), ("x_seconds", Kind::Histogram), ("x", Kind::Histogram)]
    {
        let bounds = Bounds::new(layout, kind == Kind::Timer || name.ends_with("_seconds"));
        let filled = values_of(layout.clone(), values);
        let counts: Vec<(&str, u64)> = bounds.counts(&filled).collect();
        let texts: Vec<&str> = counts.iter().map(|(text, _)| *text).collect();
        let bound = |text: &str| -> f64 {
            text.trim_start_matches("le=\"").trim_end_matches("\"} ").parse().unwrap()
        };
        assert!((2..=12).contains(&texts.len()), "{layout:?}: {texts:?}");
        assert!(texts.windows(2).all(|two| bound(two[0]) < bound(two[1])), "{texts:?}");
        for (text, count) in &counts {
            let at_most = values.iter().filter(|value| **value <= bound(text)).count();
            assert_eq!(*count, at_most as u64, "{layout:?} {text}");
        }
        let empty = values_of(layout.clone(), &[]);
        let of_empty: Vec<(&str, u64)> = bounds.counts(&empty).collect();
        assert_eq!(of_empty, texts.iter().map(|text| (*text, 0)).collect::<Vec<_>>());
    }
}

#[test]
fn bounds_lie_where_values_mostly_do() {
    let bounds = |layout: Layout, name: &str, kind: Kind| -> Vec<i32> {
        let made = Bounds::new(&layout, kind == Kind::Timer || name.ends_with("_seconds"));
        let empty = values_of(layout.clone(), &[]);
        let texts = made.counts(&empty).filter(|(text, _)| !text.contains("Inf"));
        texts
            .map(|(text, _)| text[4..text.len() - 3].parse::<f64>().unwrap().log2() as i32)
            .collect()
    };
    let seconds: Vec<i32> = (-24..=6).step_by(3).collect();
    let others: Vec<i32> = (-12..=28).step_by(4).collect();
    assert_eq!(bounds(Layout::timer(), "x", Kind::Timer), seconds);
    assert_eq!(bounds(Layout::histogram(), "x_seconds", Kind::Histogram), seconds);
    assert_eq!(bounds(Layout::histogram(), "x_bytes", Kind::Histogram), others);
    // About the same durations in nanoseconds and in milliseconds.
    let nanoseconds: Vec<i32> = (6..=36).step_by(3).collect();
    assert_eq!(bounds(Layout::timer_in(30), "x", Kind::Timer), nanoseconds);
    let milliseconds: Vec<i32> = (-12..=15).step_by(3).collect();
    assert_eq!(bounds(Layout::timer_in(10), "x", Kind::Timer), milliseconds);
    let chosen = Layout::new(5, 20, 50, &[]).unwrap();
    assert_eq!(
        bounds(chosen, "x_seconds", Kind::Histogram),
        (21..=48).step_by(3).collect::<Vec<_>>()
    );
    let coarse = Layout::new(-4, -30, 34, &[]).unwrap();
    assert_eq!(bounds(coarse, "x", Kind::Histogram), [-32, -16, 0, 16, 32, 48]);
}

#[test]
fn series_of_one_metric_may_have_other_buckets() {
    let other = Layout::new(5, -10, 10, &[0.5]).unwrap();
    let mixed = vec![
        histogram("x", &[("of", "default")], &[0.3]),
        series("x", &[("of", "other")], Value::Histogram(values_of(other, &[0.3]))),
    ];
    for body in bodies(mixed) {
        assert!(body.contains("x_bucket{of=\"default\",le=\"1.0\"} 1\n"), "{body}");
        assert!(
            body.contains(
                "x_bucket{of=\"other\",le=\"0.5\"} 1\nx_bucket{of=\"other\",le=\"+Inf\"} 1\n"
            ),
            "{body}"
        );
    }
}

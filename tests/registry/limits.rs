//! What a registry refuses, what it notes, and the cap of a name.

use tachograph::{Kind, Labels, Registry, Unit, timed};

use super::{KINDS, Pairs, lints_about, named, record, recorded};

/// How places in this file begin.
const HERE: &str = file!();

#[test]
fn refusals_name_the_value_and_the_remedy() {
    let registry = Registry::new();
    let (name, value) = ("n".repeat(513), "v".repeat(4097));
    let many: Vec<(&str, &str)> = vec![("k", "v"); 65];
    let cases: [(&str, Pairs<'_>, &str); 8] = [
        ("", &[], "empty metric name: give it at least one character"),
        ("a\tb", &[], "metric name \"a\\tb\" holds the control character '\\t': remove it"),
        (&name, &[], "has 513 bytes: shorten it to at most 512"),
        ("x", &[("", "v")], "empty label key: give it at least one character"),
        ("x", &[("k\0", "v")], "label key \"k\\0\" holds the control character '\\0': remove it"),
        (
            "x",
            &[("k", "1"), ("l", "2"), ("k", "3")],
            "label `k` is given twice: remove one of the two",
        ),
        (
            "x",
            &[("k", &value)],
            "the value of label `k` has 4097 bytes: shorten it to at most 4096",
        ),
        ("x", &many, "65 labels on one series: use at most 64"),
    ];
    for (name, labels, message) in cases {
        for kind in KINDS {
            let error = record(&registry, kind, name, labels, 1).unwrap_err();
            assert!(error.to_string().contains(message), "{error}");
            assert!(error.is_invalid() && !error.is_conflict() && !error.is_overflow(), "{error}");
        }
        assert!(registry.lints().iter().any(|lint| lint.message().contains(message)), "{message}");
    }
    assert!(registry.describe("", None, "nothing").unwrap_err().is_invalid());
    assert!(registry.snapshot().series().is_empty(), "nothing was registered");
    assert_eq!(registry.reset(""), 0);
}

#[test]
fn another_kind_is_a_conflict_that_names_both_places() {
    for first in KINDS {
        let registry = Registry::new();
        record(&registry, first, "shared", &[("k", "v")], 1).unwrap();
        for second in KINDS.into_iter().filter(|second| *second != first) {
            for labels in [&[("k", "v")] as Pairs<'_>, &[("k", "other")], &[]] {
                let error = record(&registry, second, "shared", labels, 1).unwrap_err();
                assert!(error.is_conflict() && !error.is_invalid(), "{error}");
                let text = error.to_string();
                let start = format!("metric `shared` is already a {first} (registered at {HERE}:");
                assert!(text.starts_with(&start), "{text}");
                assert!(
                    text.contains(&format!("): use another name for the {second} at {HERE}:")),
                    "{text}"
                );
            }
        }
        let snapshot = registry.snapshot();
        assert_eq!(snapshot.series().len(), 1);
        assert_eq!(
            (snapshot.series()[0].kind(), recorded(snapshot.series()[0].value())),
            (first, 1)
        );
        let lints = lints_about(&registry, "shared");
        assert_eq!(lints.len(), 3, "one for each other kind: {lints:?}");
        assert!(lints.iter().all(|lint| lint.matches(HERE).count() == 2), "{lints:?}");
    }
}

#[test]
fn broken_conventions_are_noted_once_and_sorted() {
    let registry = Registry::new();
    for _ in 0..2 {
        registry.gauge("jobs_total", &[]).unwrap();
        registry.timer("query_ms", &[]).unwrap();
        registry.histogram("sizes", &[("le", "1")]).unwrap();
        registry.counter("hits_total", &[("__name__", "x")]).unwrap();
        registry.counter("fine_total", &[("le", "1")]).unwrap();
        registry.histogram("sizes_ms", &[]).unwrap();
    }
    let lints = registry.lints();
    let about: Vec<&str> = lints.iter().map(|lint| lint.metric()).collect();
    assert_eq!(about, ["hits_total", "jobs_total", "query_ms", "sizes"]);
    assert_eq!(registry.snapshot().lints(), lints);
    assert!(
        lints
            .iter()
            .all(|lint| lint.to_string() == format!("`{}`: {}", lint.metric(), lint.message()))
    );
}

#[test]
fn the_first_description_and_the_first_unit_win_each() {
    let registry = Registry::new();
    let about = |name: &str| {
        let snapshot = registry.snapshot();
        let series = named(&snapshot, name).next().unwrap();
        (series.unit(), series.description().map(str::to_owned))
    };
    // Before it is registered, in two steps.
    registry.describe("early_bytes", None, "What came early").unwrap();
    registry.describe("early_bytes", Some(Unit::Bytes), "What came early").unwrap();
    registry.counter("early_bytes", &[]).unwrap();
    assert_eq!(about("early_bytes"), (Some(Unit::Bytes), Some("What came early".to_owned())));
    assert_eq!(lints_about(&registry, "early_bytes"), [""; 0]);

    // Afterwards, for all its series.
    registry.counter("late_total", &[]).unwrap();
    assert_eq!(about("late_total"), (None, None));
    registry.describe("late_total", Some(Unit::Count), "What came late").unwrap();
    registry.counter("late_total", &[("k", "v")]).unwrap();
    let snapshot = registry.snapshot();
    assert!(named(&snapshot, "late_total").all(|series| series.unit() == Some(Unit::Count)));
    assert!(
        named(&snapshot, "late_total").all(|series| series.description() == Some("What came late"))
    );

    // What differs is noted, and changes nothing; what is said again is not.
    registry.describe("late_total", Some(Unit::Count), "What came late").unwrap();
    assert_eq!(lints_about(&registry, "late_total"), [""; 0]);
    registry.describe("late_total", Some(Unit::Bytes), "Something else").unwrap();
    let lints = lints_about(&registry, "late_total");
    assert_eq!(lints.len(), 2, "{lints:?}");
    assert!(lints.iter().any(|lint| lint.contains("bytes") && lint.contains("count")), "{lints:?}");
    assert!(
        lints.iter().any(|lint| lint.contains("Something else") && lint.contains("What came late")),
        "{lints:?}"
    );
    assert_eq!(about("late_total").0, Some(Unit::Count));

    // Before it is registered, twice and not the same.
    registry.describe("twice", Some(Unit::Bytes), "One").unwrap();
    registry.describe("twice", Some(Unit::Seconds), "Other").unwrap();
    registry.gauge("twice", &[]).unwrap();
    assert_eq!(about("twice"), (Some(Unit::Bytes), Some("One".to_owned())));
    assert_eq!(lints_about(&registry, "twice").len(), 2);

    // A timer is in seconds whatever is said.
    registry.timer("wait", &[]).unwrap();
    registry.describe("wait", Some(Unit::Milliseconds), "How long").unwrap();
    assert_eq!(about("wait"), (Some(Unit::Seconds), Some("How long".to_owned())));
    assert_eq!(lints_about(&registry, "wait").len(), 1);
}

#[timed("limits_described_seconds")]
fn undocumented() {}

/// What the family is about.
#[timed("limits_described_seconds")]
fn documented() {}

#[test]
fn a_description_that_comes_with_a_later_site_is_taken() {
    undocumented();
    documented();
    let snapshot = tachograph::registry().snapshot();
    let series = named(&snapshot, "limits_described_seconds").next().unwrap();
    assert_eq!(
        (recorded(series.value()), series.description()),
        (2, Some("What the family is about."))
    );
}

#[test]
fn labels_beyond_the_cap_go_to_one_series_and_are_counted() {
    for kind in KINDS {
        let registry = Registry::builder().max_series(3).build();
        for number in 0..10 {
            record(&registry, kind, "capped", &[("number", &number.to_string())], 1).unwrap();
            record(&registry, kind, "other", &[], 1).unwrap();
        }
        let snapshot = registry.snapshot();
        let counts: Vec<u64> =
            named(&snapshot, "capped").map(|series| recorded(series.value())).collect();
        assert_eq!(counts, [1, 1, 1, 7], "{kind}");
        let overflow = named(&snapshot, "capped").last().unwrap();
        assert!(overflow.labels().is_overflow(), "{kind}: {:?}", overflow.labels());
        assert_eq!(overflow.labels().get("otel_metric_overflow"), Some("true"));
        assert_eq!(recorded(named(&snapshot, "other").next().unwrap().value()), 10);
        let overflowed: u64 = snapshot.overhead().overflowed().iter().map(|(_, count)| count).sum();
        assert_eq!(overflowed, 7, "{kind}");
        let lints = lints_about(&registry, "capped");
        assert_eq!(lints.len(), 1, "{lints:?}");
        assert!(
            lints[0].contains("3 series") && lints[0].contains("otel_metric_overflow"),
            "{lints:?}"
        );
        // What is known stays where it is.
        record(&registry, kind, "capped", &[("number", "1")], 5).unwrap();
        assert_eq!(recorded(named(&registry.snapshot(), "capped").nth(1).unwrap().value()), 6);
    }
}

#[test]
fn what_is_removed_makes_room_under_the_cap() {
    let registry = Registry::builder().max_series(2).build();
    for round in 0..5 {
        for number in 0..2 {
            let label = format!("{round}-{number}");
            record(&registry, Kind::Counter, "capped", &[("number", &label)], 1).unwrap();
        }
        let snapshot = registry.snapshot();
        assert_eq!(named(&snapshot, "capped").count(), 2, "round {round}");
        assert!(named(&snapshot, "capped").all(|series| !series.labels().is_overflow()));
        assert_eq!(registry.remove("capped"), 2);
    }
    // One that comes back takes its place again, and the cap holds for new ones.
    record(&registry, Kind::Counter, "capped", &[("number", "0-0")], 1).unwrap();
    record(&registry, Kind::Counter, "capped", &[("number", "1-1")], 1).unwrap();
    assert_eq!(registry.snapshot().series().len(), 2);
    record(&registry, Kind::Counter, "capped", &[("number", "new")], 1).unwrap();
    assert!(registry.snapshot().counter("capped", &[Labels::OVERFLOW]).is_some());
}

//! How the global registry shows names and labels: what `init()` says of it, for everything that is recorded before
//! and after, and what it leaves out. Each test is a process of its own.

#![cfg(unix)]

#[path = "support/apart.rs"]
mod apart;

use std::fs;
use std::time::Duration;

use tachograph::{Dump, Format, Naming, Registry, counter, gauge, init, registry, timer};

const MACHINES: [Format; 3] = [Format::Prometheus, Format::OpenMetrics, Format::Json];

/// The lines that the crate itself says.
fn said(stderr: &str) -> Vec<&str> {
    stderr.lines().filter_map(|line| line.strip_prefix("tachograph: ")).collect()
}

#[test]
fn series_that_were_there_before_are_shown_like_those_that_come_after() {
    let said =
        apart::run("series_that_were_there_before_are_shown_like_those_that_come_after", || {
            counter!("lines_total").increment(3);
            let before = registry().snapshot();
            let recording = init().prefix("myapp").label("region", "eu").start();
            gauge!("depth", "queue" => "mail").set(2);

            let snapshot = recording.snapshot();
            for format in MACHINES {
                let body = snapshot.render(format);
                for name in ["myapp_lines_total", "myapp_depth", "tachograph_series"] {
                    assert!(body.contains(name), "{name} in {body}");
                    assert!(!body.contains(&format!("myapp_{name}")), "{body}");
                }
                // Whoever took a snapshot before sees it as it was to be shown then.
                assert!(!before.render(format).contains("myapp"));
            }
            let body = snapshot.render(Format::OpenMetrics);
            assert!(body.contains("\nmyapp_lines_total{region=\"eu\"} 3\n"), "{body}");
            assert!(body.contains("\nmyapp_depth{queue=\"mail\",region=\"eu\"} 2\n"), "{body}");
            assert!(body.contains("\ntachograph_shards{region=\"eu\"} "), "{body}");
            let body = snapshot.render(Format::Json);
            let labels = r#""kind": "gauge", "labels": {"queue": "mail", "region": "eu"}"#;
            assert!(body.contains(labels), "{body}");

            // Names are what the program wrote wherever it is the program that reads.
            assert_eq!(snapshot.counter("lines_total", &[]), Some(3));
            assert_eq!(snapshot.gauge("depth", &[("queue", "mail")]), Some(2.0));
            assert_eq!(snapshot.since(&before).counter("lines_total", &[]), Some(0));
            let table = recording.report().to_string();
            assert!(table.contains("\nlines_total "), "{table}");
            assert!(!table.contains("myapp") && !table.contains("region"), "{table}");
            // A registry of one's own is one's own.
            let own = Registry::new();
            own.counter("lines_total", &[]).unwrap().increment(1);
            assert_eq!(
                own.render(Format::Prometheus),
                "# TYPE lines_total counter\nlines_total 1\n"
            );
        });
    assert_eq!(self::said(&said), [""; 0]);
}

#[test]
fn recommended_style_leaves_the_recorders_own_names_alone() {
    apart::run("recommended_style_leaves_the_recorders_own_names_alone", || {
        let recording = init().naming(Naming::Recommended).prefix("my.app").start();
        timer!("http.server.duration").record(Duration::from_millis(20));
        counter!("http.requests", "http.method" => "GET").increment(1);
        let snapshot = recording.snapshot();
        for format in MACHINES {
            let body = snapshot.render(format);
            for series in snapshot.series().iter().filter(|one| one.name().starts_with("tacho")) {
                let name = series.name();
                let stands = body.contains(&format!("\n{name} "))
                    || body.contains(&format!("\n{name}{{reason"))
                    || body.contains(&format!("{{\"name\": \"{name}\""));
                assert!(stands, "{name} in {body}");
            }
            assert!(body.contains("my_app_http_server_duration_seconds"), "{body}");
            assert!(body.contains("my_app_http_requests_total"), "{body}");
            assert!(body.contains("http_method") && !body.contains("http.method"), "{body}");
        }
    });
}

#[test]
fn dumps_are_shown_so_too() {
    let file = std::env::temp_dir().join(format!("tachograph-shown-{}", std::process::id()));
    let said = apart::run("dumps_are_shown_so_too", || {
        let dump = Dump::prometheus().to_file(&file);
        let recording = init().dump_on_exit(dump).prefix("myapp").label("host", "a").start();
        counter!("lines_total").increment(3);
        // A guard that lived no time is taken for one dropped by mistake.
        std::thread::sleep(Duration::from_millis(2));
        drop(recording);
        let body = fs::read_to_string(&file).unwrap();
        fs::remove_file(&file).unwrap();
        assert!(body.contains("\nmyapp_lines_total{host=\"a\"} 3\n"), "{body}");
    });
    assert_eq!(self::said(&said), [""; 0]);
}

#[test]
fn what_is_invalid_is_left_out_and_told() {
    let long = "x".repeat(4_097);
    let said = apart::run("what_is_invalid_is_left_out_and_told", || {
        counter!("lines_total").increment(3);
        let init = init().prefix("myapp").prefix("tachograph").label("", "x").label("host", "a");
        let recording = init.label("long", &long).label("k\n", "x").start();
        let body = recording.snapshot().render(Format::Prometheus);
        assert!(body.contains("\nmyapp_lines_total{host=\"a\"} 3\n"), "{body}");
        let lints: Vec<String> = registry().lints().iter().map(ToString::to_string).collect();
        assert_eq!(lints.len(), 4, "{lints:?}");
        assert_eq!(lints[0], "`label`: empty label key: give it at least one character");
        let about = "`prefix`: prefix `tachograph` is for the recorder's own metrics: \
                     choose another one";
        assert_eq!(lints[3], about);
    });
    assert_eq!(
        self::said(&said),
        [
            "prefix `tachograph` is for the recorder's own metrics: choose another one; it is left out",
            "empty label key: give it at least one character; it is left out",
            "the value of label `long` has 4097 bytes: shorten it to at most 4096; it is left out",
            "label key \"k\\n\" holds the control character '\\n': remove it; it is left out",
        ]
    );
}

#[test]
fn what_a_later_start_says_replaces_what_was_said() {
    apart::run("what_a_later_start_says_replaces_what_was_said", || {
        counter!("a.b").increment(3);
        let shown = || {
            let body = registry().render(Format::Json);
            let start = body.find("{\"name\": ").unwrap();
            body[start..].split(", \"unit\"").next().unwrap().replace(", \"kind\": \"counter\"", "")
        };
        let first = init().prefix("one").label("host", "a").naming(Naming::Recommended).start();
        assert_eq!(shown(), r#"{"name": "one_a_b_total", "labels": {"host": "a"}"#);
        // It stays when a guard is dropped, and when another one says nothing of it.
        drop(first);
        let _second = init().start();
        assert_eq!(shown(), r#"{"name": "one_a_b_total", "labels": {"host": "a"}"#);
        let _third = init().prefix("two").naming(Naming::AsWritten).start();
        assert_eq!(shown(), r#"{"name": "two_a.b", "labels": {"host": "a"}"#);
        let _fourth = init().label("zone", "b").start();
        assert_eq!(shown(), r#"{"name": "two_a.b", "labels": {"zone": "b"}"#);
    });
}

#[test]
fn a_registry_of_ones_own_notes_what_is_left_out() {
    let builder = Registry::builder().prefix("").label("le\0", "x").label("host", "a");
    let registry = builder.label("host", "b").prefix("my:").build();
    registry.counter("lines_total", &[]).unwrap().increment(3);
    let body = registry.render(Format::Prometheus);
    assert!(body.ends_with("\nmy:lines_total{host=\"b\"} 3\n"), "{body}");
    let lints: Vec<String> = registry.lints().iter().map(ToString::to_string).collect();
    assert_eq!(
        lints,
        [
            "`label`: label key \"le\\0\" holds the control character '\\0': remove it",
            "`prefix`: empty prefix: give it at least one character",
        ]
    );
}

#[test]
fn names_that_are_shown_alike_are_a_lint() {
    let lints = |naming| -> Vec<String> {
        let registry = Registry::builder().prefix("my").naming(naming).build();
        for name in ["x", "x_total", "y"] {
            registry.counter(name, &[]).unwrap();
        }
        registry.lints().iter().map(ToString::to_string).collect()
    };
    assert_eq!(lints(Naming::AsWritten), [""; 0]);
    let says = "`x_total`: is written `my_x_total` in Prometheus' formats, as `x` is: rename one";
    assert_eq!(lints(Naming::Recommended), [says]);
}

//! What `init()` says of the global registry beside how names are shown: caps, buckets by name, idle
//! series. Each test is a process of its own.

#![cfg(unix)]

#[path = "support/apart.rs"]
mod apart;

use std::thread;
use std::time::Duration;

use tachograph::{Labels, Snapshot, counter, gauge, histogram, init, registry, timer};

/// The lines that the crate itself says.
fn said(stderr: &str) -> Vec<&str> {
    stderr.lines().filter_map(|line| line.strip_prefix("tachograph: ")).collect()
}

fn lints_about(name: &str) -> Vec<String> {
    let lints = registry().lints();
    let about = lints.iter().filter(|lint| lint.metric() == name);
    about.map(|lint| lint.message().to_owned()).collect()
}

/// How many series a name has.
fn series_of(snapshot: &Snapshot, name: &str) -> usize {
    snapshot.series().iter().filter(|series| series.name() == name).count()
}

#[test]
fn caps_hold_for_names_that_were_there_before() {
    apart::run("caps_hold_for_names_that_were_there_before", || {
        let record = |from: u32, to: u32| {
            for value in from..to {
                counter!("early_total", "value" => value).increment(1);
                counter!("other_total", "value" => value).increment(1);
            }
        };
        record(0, 5);
        let recording = init().max_series(3).max_series_of("other_*", 7).start();
        record(5, 10);
        counter!("late_total", &[("value", "a")]).increment(1);
        let snapshot = recording.snapshot();
        // What was there stays, and nothing more comes.
        let overflow = [Labels::OVERFLOW];
        assert_eq!(snapshot.counter("early_total", &overflow), Some(5));
        assert_eq!(series_of(&snapshot, "early_total"), 6);
        assert_eq!(snapshot.counter("other_total", &overflow), Some(3));
        assert_eq!(series_of(&snapshot, "other_total"), 8);
        // A later start raises it again.
        let recording = init().max_series_of("early_total", 6).start();
        record(10, 12);
        let snapshot = recording.snapshot();
        assert_eq!(snapshot.counter("early_total", &overflow), Some(6));
        assert_eq!(snapshot.counter("early_total", &[("value", "10")]), Some(1));
        assert_eq!(snapshot.counter("other_total", &overflow), Some(5));
    });
}

#[test]
fn overflowed_families_are_named_with_their_largest_labels() {
    apart::run("overflowed_families_are_named_with_their_largest_labels", || {
        let recording = init().max_series(20).start();
        for user in 0..25 {
            let method = if user % 2 == 0 { "GET" } else { "PUT" };
            histogram!("body_bytes", "user" => user, "method" => method, "version" => "1")
                .record(user);
        }
        let lints = lints_about("body_bytes");
        let says = "the cap is reached at 20 series (values of labels: `user` 20, `method` 2, \
                    `version` 1): 5 lookups went to otel_metric_overflow=\"true\"; give `user` fewer \
                    values, or raise `max_series`";
        assert_eq!(lints, [says]);
        let table = recording.report().to_string();
        let table = table.split_whitespace().collect::<Vec<_>>().join(" ");
        let says = says.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(table.contains(&format!("`body_bytes`: {says}")), "{table}");
    });
}

#[test]
fn buckets_by_name_hold_for_what_is_registered_later() {
    apart::run("buckets_by_name_hold_for_what_is_registered_later", || {
        histogram!("early_bytes").record(1);
        histogram!("early_told_bytes", buckets: [5]).record(1);
        let recording = init()
            .buckets("*_bytes", &[10.0, 100.0])
            .buckets("exactly_bytes", &[7.0])
            .buckets("wait_*", &[0.25])
            .start();
        histogram!("late_bytes").record(10);
        // The code is nearer to the metric than a pattern, and a name is nearer still.
        histogram!("told_bytes", buckets: [3]).record(3);
        histogram!("exactly_bytes", buckets: [3], schema: 2).record(7);
        timer!("wait_seconds").record(Duration::from_millis(250));
        timer!("wait_ms", unit: tachograph::Unit::Milliseconds).record(Duration::from_micros(250));
        let snapshot = recording.snapshot();
        let layout = |name| snapshot.histogram(name, &[]).unwrap().layout();
        let bounds = |name| layout(name).bounds().to_vec();
        assert_eq!(bounds("late_bytes"), [10.0, 100.0]);
        assert_eq!(bounds("told_bytes"), [3.0]);
        assert_eq!((bounds("exactly_bytes"), layout("exactly_bytes").schema()), (vec![7.0], 2));
        for name in ["wait_seconds", "wait_ms"] {
            let timer = snapshot.timer(name, &[]).unwrap();
            assert_eq!(timer.histogram().layout().bounds(), [0.25], "{name}");
        }
        // Those that were there before keep theirs, and it is said.
        assert_eq!(bounds("early_bytes"), [0.0; 0]);
        let lints = lints_about("early_bytes");
        assert_eq!(lints.len(), 1, "{lints:?}");
        assert!(
            lints[0].contains("before its bounds were declared")
                && lints[0].contains("settings.rs:"),
            "{lints:?}"
        );
        for name in ["early_told_bytes", "late_bytes", "told_bytes", "exactly_bytes", "wait_ms"] {
            assert_eq!(lints_about(name), [""; 0], "{name}");
        }
    });
}

#[test]
fn bounds_that_do_not_fit_cost_no_record() {
    let said = apart::run("bounds_that_do_not_fit_cost_no_record", || {
        // Possible for some histogram, and far out of a timer's range.
        let recording = init().buckets("wait_seconds", &[1e9]).buckets("x", &[2.0, 1.0]).start();
        let _more = init().buckets("y", &[]).buckets("", &[1.0]).max_series_of("z\n", 1).start();
        timer!("wait_seconds").record(Duration::from_secs(1));
        assert_eq!(recording.snapshot().timer("wait_seconds", &[]).unwrap().count(), 1);
        let lints = lints_about("wait_seconds");
        assert_eq!(lints.len(), 1, "{lints:?}");
        assert!(lints[0].starts_with("the bounds declared by name do not fit: "), "{lints:?}");
        assert!(lints[0].contains("1000000000"), "{lints:?}");
        assert_eq!(lints_about("buckets").len(), 3);
    });
    let said = self::said(&said);
    assert_eq!(said.len(), 4, "{said:?}");
    assert!(said[0].starts_with("the buckets of `x` cannot be: "), "{said:?}");
    assert!(said.iter().all(|line| line.ends_with("; it is left out")), "{said:?}");
    assert_eq!(
        said[1..],
        [
            "the buckets of `y` cannot be: no bounds: give at least one; it is left out",
            "empty name or pattern: give it at least one character; it is left out",
            "name or pattern \"z\\n\" holds the control character '\\n': remove it; it is left out",
        ]
    );
}

#[test]
fn idle_series_leave_every_export_and_come_back_whole() {
    apart::run("idle_series_leave_every_export_and_come_back_whole", || {
        // No time at all: what stands still from one look to the next is idle.
        let recording = init().idle_timeout(Duration::ZERO).start();
        let session = |name: &str| counter!("sessions_total", "session" => name).increment(1);
        session("a");
        counter!("starts_total", "kind" => "cold").increment(1);
        gauge!("depth").set(1);
        let count = |value| recording.snapshot().counter("sessions_total", &[("session", value)]);
        assert_eq!(count("a"), Some(1));
        assert_eq!(count("a"), None);
        let body = registry().render(tachograph::Format::Prometheus);
        assert!(!body.contains("sessions_total{"), "{body}");
        // Of the program's text there is an end, so it stays.
        assert!(body.contains("\nstarts_total{kind=\"cold\"} 1\n") && body.contains("\ndepth 1\n"));
        session("a");
        assert_eq!(count("a"), Some(2));
    });
}

#[test]
fn a_million_values_from_eight_threads_stay_within_the_cap_and_the_memory() {
    const THREADS: u64 = 8;
    const VALUES: u64 = 1_000_000;
    /// What the series, their tables and shards may take; a series for each value would take more than a
    /// hundred times that.
    const MEMORY_BYTES: u64 = 16 << 20;
    apart::run("a_million_values_from_eight_threads_stay_within_the_cap_and_the_memory", || {
        let record = |values: u64| {
            thread::scope(|scope| {
                for thread in 0..THREADS {
                    scope.spawn(move || {
                        for number in (thread..values).step_by(THREADS as usize) {
                            counter!("visits_total", "visitor" => number).increment(number);
                        }
                    });
                }
            });
        };
        // The first ones make what there is to make.
        record(10_000);
        let before = resident_bytes();
        record(VALUES);
        let grown = resident_bytes().saturating_sub(before);
        assert!(grown < MEMORY_BYTES, "{grown} bytes");
        let snapshot = registry().snapshot();
        assert_eq!(series_of(&snapshot, "visits_total"), 2_001);
        let totals = snapshot.series().iter().filter(|series| series.name() == "visits_total");
        let sum: u64 = totals
            .map(|series| match series.value() {
                tachograph::Value::Counter(total) => *total,
                other => panic!("a counter is no {other:?}"),
            })
            .sum();
        assert_eq!(sum, VALUES * (VALUES - 1) / 2 + 10_000 * 9_999 / 2);
    });
}

#[cfg(target_os = "linux")]
fn resident_bytes() -> u64 {
    let text = std::fs::read_to_string("/proc/self/statm").expect("Linux tells a process its size");
    let pages = text.split(' ').nth(1).and_then(|pages| pages.parse::<u64>().ok());
    // SAFETY: `sysconf` reads a constant of the system.
    let page_bytes = unsafe { libc::sysconf(libc::_SC_PAGESIZE) };
    pages.expect("sizes are numbers") * u64::try_from(page_bytes).expect("pages have a size")
}

#[cfg(not(target_os = "linux"))]
fn resident_bytes() -> u64 {
    0
}

#[test]
fn names_without_end_are_cut_off_and_told() {
    apart::run("names_without_end_are_cut_off_and_told", || {
        for number in 0..10_010 {
            counter!(format!("user_{number}_total")).increment(1);
            counter!("bounded_total", "user" => number % 10).increment(1);
        }
        let snapshot = registry().snapshot();
        let named = snapshot.series().iter().filter(|series| series.name().starts_with("user_"));
        assert_eq!(named.count(), 10_000);
        let dropped = snapshot.overhead().dropped().iter();
        let no_room = dropped.filter(|(reason, _)| *reason == "no_room").map(|(_, count)| *count);
        assert_eq!(no_room.sum::<u64>(), 10);
        let lints = lints_about("user_10000_total");
        assert!(lints[0].contains("10000 names") && lints[0].contains("settings.rs:"), "{lints:?}");
        // Names in the program's text are not among them, whatever the labels are made of.
        let (key, labels) = (String::from("k"), [("k", "v")]);
        counter!("late_total").increment(1);
        counter!("late_by_key_total", key => "v").increment(1);
        counter!("late_of_expression_total", &labels).increment(1);
        let snapshot = registry().snapshot();
        assert_eq!(snapshot.counter("late_total", &[]), Some(1));
        assert_eq!(snapshot.counter("late_by_key_total", &labels), Some(1));
        assert_eq!(snapshot.counter("late_of_expression_total", &labels), Some(1));
    });
}

#[test]
fn refused_names_and_labels_leave_nothing_behind() {
    apart::run("refused_names_and_labels_leave_nothing_behind", || {
        let long = "x".repeat(1 << 18);
        let refuse = |number: u32| {
            counter!(format!("{number}\n{long}")).increment(1);
            counter!("refused_total", "k" => %format_args!("{number}{long}")).increment(1);
            counter!("refused_total", format!("\0{number}{long}") => 1).increment(1);
        };
        refuse(0);
        let before = resident_bytes();
        (1..100).for_each(refuse);
        let grown = resident_bytes().saturating_sub(before);
        assert!(grown < 8 << 20, "{grown} bytes for 75 MiB of refused text");
        let lints = registry().lints();
        assert!(lints.len() <= 100, "{}", lints.len());
        assert!(lints.iter().all(|lint| lint.message().len() < 300));
    });
}

#[test]
fn late_unit_of_a_histogram_is_told() {
    apart::run("late_unit_of_a_histogram_is_told", || {
        histogram!("late_wait").record(Duration::from_secs(1));
        tachograph::describe_histogram!("late_wait", tachograph::Unit::Milliseconds, "Late.");
        tachograph::describe_histogram!("early_wait", tachograph::Unit::Milliseconds, "Early.");
        histogram!("early_wait").record(Duration::from_secs(1));
        let lints = lints_about("late_wait");
        assert!(
            lints.iter().any(|lint| lint.contains("records durations in seconds")),
            "{lints:?}"
        );
        assert_eq!(lints_about("early_wait"), [""; 0]);
    });
}

//! The table as text: golden files at four widths, and what holds at every width.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use super::*;
use crate::arena::Values;
use crate::bucket::Layout;
use crate::label::Labels;
use crate::name::Name;
use crate::registry::Lint;
use crate::snapshot::SummarySnapshot;
use crate::snapshot::{Extremes, Parts};
use crate::unit::Unit;

/// Values with how often each was recorded.
fn histogram(layout: Layout, values: &[(f64, u64)]) -> HistogramSnapshot {
    let mut counts = vec![0; layout.cells() as usize];
    for (value, count) in values {
        counts[layout.cell(*value).unwrap() as usize] += count;
    }
    let sum = values.iter().map(|(value, count)| value * *count as f64).sum();
    let min = values.iter().map(|(value, _)| *value).fold(f64::INFINITY, f64::min);
    let max = values.iter().map(|(value, _)| *value).fold(f64::NEG_INFINITY, f64::max);
    HistogramSnapshot::new(Arc::new(layout), 0, counts, sum, Extremes::Exact(min, max))
}

/// A bell on a logarithmic scale: steps of half an octave around `middle`.
fn bell(middle: f64, count: u64) -> Vec<(f64, u64)> {
    const WEIGHTS: [u64; 17] =
        [1, 2, 9, 28, 73, 162, 301, 470, 616, 683, 642, 512, 346, 198, 96, 39, 13];
    let step = |place: usize| middle * 2_f64.powf((place as f64 - 8.5) / 2.0);
    WEIGHTS.iter().enumerate().map(|(at, weight)| (step(at), weight * count / 1_000)).collect()
}

fn series(name: &str, labels: &[(&str, &str)], value: Value) -> Series {
    Series::new(Name::new(name).unwrap(), Labels::new(labels).unwrap(), None, None, value)
}

fn function(path: &str, values: &[(f64, u64)], own: f64) -> Series {
    timer(FUNCTIONS, &[("function", path)], values, own)
}

/// `own` is the share of the time that is self time.
fn timer(name: &str, labels: &[(&str, &str)], values: &[(f64, u64)], own: f64) -> Series {
    let seconds = histogram(Layout::timer(), values);
    let own = Duration::from_secs_f64(seconds.sum() * own);
    series(name, labels, Value::Timer(TimerSnapshot::new(seconds, 1.0, own)))
}

fn overhead() -> Overhead {
    Overhead {
        series: 19,
        shards: 5,
        reserved_bytes: 5 << 28,
        accessible_bytes: 5 << 18,
        dropped: vec![("NaN", 0), ("infinite", 0)],
        timer_calls: 55_542,
        histogram_calls: 118_431,
        timer_ns: 23.1,
        histogram_ns: 2.4,
        ..Overhead::default()
    }
}

fn snapshot(series: Vec<Series>, overhead: Overhead, lints: Vec<Lint>) -> Snapshot {
    snapshot_over(Duration::from_millis(7_420), series, overhead, lints)
}

fn snapshot_over(
    elapsed: Duration,
    series: Vec<Series>,
    overhead: Overhead,
    lints: Vec<Lint>,
) -> Snapshot {
    let taken_at = SystemTime::UNIX_EPOCH;
    let presentation = Arc::default();
    Snapshot::new(Parts { series, taken_at, elapsed, overhead, lints, presentation })
}

fn terms(values: &[f64]) -> SummarySnapshot {
    let counts: Vec<(f64, u64)> = values.iter().map(|value| (*value, 1)).collect();
    let kept = Values { values: values.into(), came: values.len() as u64 };
    SummarySnapshot::new(histogram(Layout::histogram(), &counts), kept)
}

/// What the example of the README leaves behind.
fn index() -> Snapshot {
    let mut lines = bell(34.0, 100_000);
    lines.push((0.0, 140_000));
    let all = vec![
        function("index::tokenise", &bell(212e-6, 4_400), 1.0),
        function("index::walk::Walker::read_file", &bell(95e-6, 4_400), 0.98),
        function("index::build::Inverted::insert_all", &bell(60e-6, 4_400), 1.0),
        function("index::build::Inverted::merge", &[(7.1e-3, 20), (12.4e-3, 11)], 1.0),
        function("index::query::run", &[(252e-6, 4), (335e-6, 1)], 0.4),
        function("index::query::rank::<impl Rank for Bm25>::score", &bell(2e-6, 50), 1.0),
        function("index::never_called", &[], 0.0),
        function("index::main", &[(7.1, 1)], 0.02),
        series("files_total", &[("extension", "md")], Value::Counter(812)),
        series("files_total", &[("extension", "rs")], Value::Counter(9_120)),
        series("files_total", &[("extension", "toml")], Value::Counter(411)),
        series("read_bytes_total", &[], Value::Counter(412_331_002)),
        series("tokens_total", &[], Value::Counter(61_220_817)),
        series("unreadable_files_total", &[], Value::Counter(2)),
        series("tachograph_dropped_total", &[("reason", "NaN")], Value::Counter(0)),
        series("files_in_flight", &[], Value::Gauge(0.0)),
        series("index_bytes", &[], Value::Gauge(52_331_220.0)),
        series("index_terms", &[], Value::Gauge(312_877.0)),
        series("load_factor", &[], Value::Gauge(0.712_345_67)),
        series(
            "file_size_bytes",
            &[],
            Value::Histogram(histogram(Layout::histogram(), &bell(4_000.0, 4_400))),
        ),
        series("line_chars", &[], Value::Histogram(histogram(Layout::histogram(), &lines))),
        series("queries", &[], Value::Rate(1_204)),
        series("queries", &[("by", "hand")], Value::Rate(31)),
        series("query_terms", &[("by", "hand")], Value::Summary(terms(&[1.0, 2.0, 2.0, 3.0, 9.0]))),
    ];
    snapshot(all, overhead(), Vec::new())
}

fn table(snapshot: &Snapshot, width: usize) -> String {
    let mut out = String::new();
    write_table(snapshot, None, &Look { width, ..Look::default() }, &mut out);
    check(&out, width);
    out
}

/// What holds for every table.
fn check(table: &str, width: usize) {
    assert!(table.ends_with('\n') && !table.ends_with("\n\n"), "{table}");
    for line in table.lines() {
        assert!(text::width(line) <= width.max(WIDTH_MIN), "{width}: {line}\n{table}");
        assert!(!line.contains(char::is_control), "{line:?}");
        assert_eq!(line.trim_end(), line);
    }
}

#[test]
fn golden_tables_at_four_widths() {
    for (width, golden) in [
        (40, include_str!("golden_40.txt")),
        (80, include_str!("golden_80.txt")),
        (120, include_str!("golden_120.txt")),
        (200, include_str!("golden_200.txt")),
    ] {
        let written = table(&index(), width);
        assert!(written == golden, "the table at {width} is now:\n{written}");
    }
}

#[test]
fn an_empty_registry_says_so() {
    let own = series("tachograph_shards", &[], Value::Gauge(1.0));
    let empty = Overhead { series: 1, shards: 1, ..Overhead::default() };
    let written = table(&snapshot(vec![own], empty, Vec::new()), 80);
    assert_eq!(
        written,
        "tachograph · a run of 7.42 s\n\
         nothing was recorded\n\
         \n\
         1 series in 1 shard · 0 B accessible of 0 B reserved\n\
         0 timed calls and 0 values cost 0 s, 0.0 % of the run\n"
    );
}

#[test]
fn no_time_gives_no_rates_and_no_shares() {
    let all = vec![series("jobs_total", &[], Value::Counter(3)), function("f", &[(1e-3, 2)], 1.0)];
    let now = snapshot(all, overhead(), Vec::new());
    let written = table(&now.since(&snapshot(Vec::new(), Overhead::default(), Vec::new())), 80);
    let row = |start| written.lines().find(|line| line.starts_with(start)).unwrap();
    assert_eq!(row("jobs_total").split_whitespace().collect::<Vec<_>>(), ["jobs_total", "3", "–"]);
    assert_eq!(row("f  ").split_whitespace().nth(4), Some("–"));
    assert!(written.starts_with("tachograph · a run of 0 s\n"));
}

#[test]
fn of_500_functions_the_20_with_most_self_time_are_shown() {
    // A fixed shuffle: 7 and 500 have no common divisor.
    let of = |number: u32| {
        let number = number * 7 % 500;
        function(&format!("crate::f{number:03}"), &[(1e-3 * f64::from(number), 1)], 1.0)
    };
    let written = table(&snapshot((0..500).map(of).collect(), overhead(), Vec::new()), 80);
    let shown: Vec<&str> = written.lines().filter(|line| line.starts_with("crate::f")).collect();
    let expected: Vec<String> =
        (480..500).rev().map(|number| format!("crate::f{number}")).collect();
    let names: Vec<&str> = shown.iter().map(|line| line.split(' ').next().unwrap()).collect();
    assert_eq!(names, expected);
    // 0 + 1 + … + 479 ms.
    assert!(written.contains("\nand 480 more: self 1m 55s, 1549.3 % of the run\n"), "{written}");
}

#[test]
fn other_parts_stop_at_50_rows() {
    let of = |number: u64| {
        let (name, labels) = (format!("n{number:03}"), [("k", "v")]);
        let numbers = histogram(Layout::histogram(), &[(number as f64, 1)]);
        [
            series(&format!("c{name}"), &labels, Value::Counter(number)),
            series(&format!("g{name}"), &labels, Value::Gauge(number as f64)),
            series(&format!("h{name}"), &labels, Value::Histogram(numbers)),
        ]
    };
    let written = table(&snapshot((0..1_200).flat_map(of).collect(), overhead(), Vec::new()), 80);
    for kind in ["c", "g", "h"] {
        let rows = written.lines().filter(|line| line.starts_with(&format!("{kind}n")));
        assert_eq!(rows.count(), ROWS_MAX);
    }
    assert_eq!(written.matches("\nand 1,150 more\n").count(), 3);
}

#[test]
fn timers_of_other_names_stand_among_the_functions() {
    let all = vec![
        function("parse", &[(0.5, 1)], 1.0),
        timer("http_seconds", &[("route", "/")], &[(2.0, 1)], 1.0),
        timer("idle_seconds", &[], &[(0.5, 1)], 0.5),
    ];
    let written = table(&snapshot(all, overhead(), Vec::new()), 80);
    let rows: Vec<&str> = written.lines().skip(2).filter(|line| !line.starts_with('─')).collect();
    let names = rows.iter().take(4).map(|line| line.split(' ').next().unwrap());
    assert_eq!(
        names.collect::<Vec<_>>(),
        ["timer", r#"http_seconds{route="/"}"#, "parse", "idle_seconds"]
    );
}

#[test]
fn objections_are_told_after_the_tables() {
    let overhead = Overhead {
        dropped: vec![("NaN", 1), ("infinite", 0), ("nested_in_a_record", 1_234)],
        overflowed: vec![("cap", 5)],
        shards_refused: 2,
        ..overhead()
    };
    let says = "is a gauge\u{1b}[2J that ends in `_total`: rename it or make it a counter";
    let lint = |number: usize| Lint::new(&format!("m{number}"), says.into());
    let all = vec![series("m0", &[], Value::Gauge(1.0))];
    let written = table(&snapshot(all, overhead, (0..12).map(lint).collect()), 80);
    let (_, objections) = written.split_once("\n! ").unwrap();
    assert!(objections.starts_with(
        "`m0`: is a gauge\\u{1b}[2J that ends in `_total`: rename it or make it a\n  counter\n! `m1`: is"
    ), "{objections}");
    assert!(
        objections.contains(
            "\n! and 2 more\n! 1 record dropped: NaN\n! 1,234 records dropped: nested in a record\n\
         ! 5 lookups went to overflow series\n! 2 threads had no shard of their own and recorded at a higher price\n\n19 series"
        ),
        "{objections}"
    );
}

#[test]
fn no_label_breaks_a_line_or_reaches_the_terminal() {
    let long = "ab数é".repeat(580);
    let marks = format!("e{}", "\u{301}".repeat(2_000));
    let hostile = [
        "plain",
        "",
        "\u{1b}[31mred\u{1b}[0m",
        "\u{1b}]0;title\u{7}",
        "\u{9b}2J",
        "a\nb\r\nc\td\0",
        "\u{202e}gnp.exe",
        "データベース接続プール",
        "👨\u{200d}👩\u{200d}👧 family",
        "❤\u{fe0f}🇩🇪👍🏽",
        "e\u{301}a\u{308}o\u{302}",
        "\u{301}\u{301}",
        "נתונים",
        "ก็",
        "لا",
        "::::::::::::::::::::::::::::::::::::::::",
        &long,
        &marks,
    ];
    let mut all = Vec::new();
    for (number, value) in hostile.into_iter().enumerate() {
        let labels = [("k", value), ("n", &*number.to_string())];
        let numbers = histogram(Layout::histogram(), &[(number as f64 + 0.5, 10)]);
        all.push(function(value, &[(1e-6 * (number + 1) as f64, u64::MAX / 40)], 1.0));
        all.push(timer("t", &labels, &[(1e-3, 7)], 0.5));
        all.push(series("c", &labels, Value::Counter(u64::MAX - number as u64)));
        all.push(series("g", &labels, Value::Gauge(-1e300 / number as f64)));
        all.push(series("h", &labels, Value::Histogram(numbers)));
    }
    all.push(series("\u{202e}evil\u{2066}", &[("\u{200b}", "v")], Value::Counter(1)));
    let unit = Some(Unit::BitsPerSecond);
    let name = Name::new("line").unwrap();
    all.push(Series::new(
        name,
        Labels::default(),
        unit,
        None,
        Value::Gauge(-123_456_789_012_345.0),
    ));
    let lints = hostile.iter().map(|text| Lint::new("m", format!("no {text}")));
    let all = snapshot(all, overhead(), lints.collect());
    for width in (0..=48).chain([79, 80, 109, 110, 120, 200, 5_000]) {
        let written = table(&all, width);
        assert!(!written.contains(['\u{200b}', '\u{200d}', '\u{202e}', '\u{2066}']));
    }
}

#[test]
fn wide_characters_keep_the_columns_aligned() {
    let names = ["ascii", "データベース接続", "🦀🦀", "e\u{301}te\u{301}", "❤\u{fe0f}", "한국어"];
    let of = |name: &&str| series("c", &[("k", name)], Value::Counter(12_345));
    for width in [40, 80] {
        let written =
            table(&snapshot(names.iter().map(of).collect(), overhead(), Vec::new()), width);
        let rows = written.lines().filter(|line| line.contains("12,345"));
        let widths: Vec<usize> = rows.map(text::width).collect();
        assert_eq!(widths.len(), names.len());
        assert!(widths.iter().all(|width| *width == widths[0]), "{widths:?}\n{written}");
    }
}

#[test]
fn counters_of_one_name_stand_by_size() {
    let of = |(key, total)| series("c", &[("k", key)], Value::Counter(total));
    let mut all: Vec<Series> =
        [("a", 5), ("b", 70), ("c", 6), ("d", 6)].into_iter().map(of).collect();
    all.push(series("b", &[], Value::Counter(1)));
    let written = table(&snapshot(all, overhead(), Vec::new()), 80);
    let names = written.lines().skip(4).take(5).map(|line| line.split(' ').next().unwrap());
    let expected = ["b", r#"c{k="b"}"#, r#"c{k="c"}"#, r#"c{k="d"}"#, r#"c{k="a"}"#];
    assert_eq!(names.collect::<Vec<_>>(), expected);
}

#[test]
fn colours_change_nothing_but_the_colour() {
    let snapshot = index();
    let mut coloured = String::new();
    write_table(&snapshot, None, &Look { colour: true, ..Look::default() }, &mut coloured);
    let plain = table(&snapshot, 80);
    assert!(
        !plain.contains('\x1b') && coloured.contains("\x1b[1m") && coloured.contains("\x1b[2m")
    );
    let stripped = ["\x1b[0m", "\x1b[1m", "\x1b[2m", "\x1b[33m"]
        .iter()
        .fold(coloured.clone(), |text, code| text.replace(code, ""));
    assert_eq!(stripped, plain);
    for line in coloured.lines().filter(|line| line.contains('\x1b')) {
        assert!(line.ends_with("\x1b[0m"), "a colour that goes on past its line: {line:?}");
    }
}

#[test]
fn what_is_counted_of_a_function_is_one_row() {
    let counted =
        |name: &str, labels: &[(&str, &str)], total| series(name, labels, Value::Counter(total));
    let outcome = |outcome, total| {
        let labels = [("function", "app::read"), ("table", "a"), ("outcome", outcome)];
        counted("function_outcomes_total", &labels, total)
    };
    let read = [("function", "app::read"), ("table", "a")];
    let all = vec![
        function("app::read", &[(0.5, 1)], 1.0),
        outcome("ok", 7),
        outcome("err", 2),
        outcome("panic", 0),
        outcome("cancelled", 1_500),
        series("function_in_flight", &read, Value::Gauge(3.0)),
        timer("function_busy_seconds", &read, &[(0.25, 2)], 1.0),
        counted("function_polls_total", &read, 40),
        counted("function_calls_total", &[("function", "app::parse")], 64),
        counted("others_total", &[("function", "app::parse")], 5),
    ];
    let written = table(&snapshot(all, overhead(), Vec::new()), 100);
    let rows: Vec<Vec<&str>> =
        written.lines().map(|line| line.split_whitespace().collect()).collect();
    let expected = [
        "function calls ok err panic cancelled in flight polls busy",
        "app::parse 64",
        r#"app::read{table="a"} 7 2 0 1,500 3 40 500 ms"#,
        r#"others_total{function="app::parse"} 5 0.674/s"#,
    ];
    for line in expected {
        let words: Vec<&str> = line.split(' ').collect();
        assert!(rows.contains(&words), "no line {line}:\n{written}");
    }
    assert!(!written.contains("function_"), "{written}");
}

#[test]
fn timers_stand_in_the_order_that_is_asked_for() {
    let snapshot = snapshot(
        vec![
            function("often", &[(0.001, 100)], 0.5),
            function("long", &[(9.0, 1)], 0.1),
            function("own", &[(1.0, 5)], 1.0),
        ],
        overhead(),
        Vec::new(),
    );
    for (sort, order) in [
        (By::SelfTime, ["own", "long", "often"]),
        (By::Total, ["long", "own", "often"]),
        (By::Calls, ["often", "own", "long"]),
        (By::Mean, ["long", "own", "often"]),
        (By::P99, ["long", "own", "often"]),
        (By::Max, ["long", "own", "often"]),
        (By::Name, ["long", "often", "own"]),
    ] {
        let mut out = String::new();
        write_table(&snapshot, None, &Look { sort, ..Look::default() }, &mut out);
        let places = order.map(|name| out.find(&format!("\n{name} ")).unwrap());
        assert!(places.is_sorted(), "{sort:?}:\n{out}");
    }
}

#[test]
fn the_last_minute_stands_beside_the_run() {
    let minute = snapshot_over(
        Duration::from_secs(60),
        vec![
            function("index::tokenise", &bell(350e-6, 320), 1.0),
            series("read_bytes_total", &[], Value::Counter(61_220_817)),
            series("load_factor", &[], Value::Gauge(0.5)),
            series("queries", &[], Value::Rate(90)),
            series("query_terms", &[("by", "hand")], Value::Summary(terms(&[2.0, 8.0]))),
            series(
                "file_size_bytes",
                &[],
                Value::Histogram(histogram(Layout::histogram(), &bell(16_000.0, 20))),
            ),
        ],
        overhead(),
        Vec::new(),
    );
    for (width, golden) in
        [(80, include_str!("golden_minute_80.txt")), (130, include_str!("golden_minute_130.txt"))]
    {
        let mut out = String::new();
        write_table(&index(), Some(&minute), &Look { width, ..Look::default() }, &mut out);
        check(&out, width);
        assert_eq!(out, golden, "\n{out}");
    }
}

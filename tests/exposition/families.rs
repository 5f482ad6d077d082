//! The families of a snapshot, against the bodies in text; and bodies of some families, against those of all.

use tachograph::{FamilySeries, Format, MetricFamily, MetricType, Point, Snapshot};

use crate::random::Random;
use crate::recorded::Recorded;

const TEXTS: [Format; 2] = [Format::Prometheus, Format::OpenMetrics];

#[test]
fn families_have_the_names_types_and_labels_of_the_text() {
    for seed in 1..=crate::REGISTRIES {
        let snapshot = Recorded::random(seed).snapshot();
        let mut lines = Vec::new();
        for family in snapshot.families() {
            push_family(&family, &mut lines);
        }
        let body = snapshot.render(Format::Prometheus);
        let expected: Vec<&str> = body.lines().collect();
        assert_eq!(lines, expected, "seed {seed}");
    }
}

/// The lines of a family, as one would write them who has never seen the encoder.
fn push_family(family: &MetricFamily<'_>, lines: &mut Vec<String>) {
    let name = family.name();
    if !family.help().is_empty() {
        lines.push(format!("# HELP {name} {}", escaped(&family.help()).replace("\\\"", "\"")));
    }
    let type_name = match family.metric_type() {
        MetricType::Counter => "counter",
        MetricType::Gauge => "gauge",
        MetricType::Histogram => "histogram",
        MetricType::Summary => "summary",
        _ => "untyped",
    };
    lines.push(format!("# TYPE {name} {type_name}"));
    for series in family.series() {
        match series.point() {
            Point::Total(total) => lines.push(line(name, &series, None, &total.to_string())),
            Point::Number(value) => lines.push(line(name, &series, None, &number(value))),
            Point::Histogram(histogram) => {
                let mut bounds = family.bucket_bounds(histogram.layout());
                bounds.push(f64::INFINITY);
                for (bound, count) in bounds.iter().zip(histogram.counts_at_most(&bounds)) {
                    assert_eq!(count, histogram.count_at_most(*bound));
                    let le = ("le", bound_text(*bound));
                    let bucket = format!("{name}_bucket");
                    lines.push(line(&bucket, &series, Some(le), &count.to_string()));
                }
                push_ends(name, &series, histogram.sum(), histogram.count(), lines);
            }
            Point::Summary(summary) => {
                for (q, text) in [(0.5, "0.5"), (0.9, "0.9"), (0.95, "0.95"), (0.99, "0.99")] {
                    let value = number(summary.quantile(q).unwrap_or(f64::NAN));
                    lines.push(line(name, &series, Some(("quantile", text.to_owned())), &value));
                }
                push_ends(name, &series, summary.sum(), summary.count(), lines);
            }
            other => panic!("{other:?}"),
        }
    }
}

fn push_ends(name: &str, series: &FamilySeries<'_>, sum: f64, count: u64, lines: &mut Vec<String>) {
    lines.push(line(&format!("{name}_sum"), series, None, &number(sum)));
    lines.push(line(&format!("{name}_count"), series, None, &count.to_string()));
}

fn line(name: &str, series: &FamilySeries<'_>, own: Option<(&str, String)>, value: &str) -> String {
    let pairs = series.labels().map(|(key, value)| format!("{key}=\"{}\"", escaped(value)));
    let own = own.map(|(key, value)| format!("{key}=\"{value}\""));
    let pairs: Vec<String> = pairs.chain(own).collect();
    let labels = if pairs.is_empty() { String::new() } else { format!("{{{}}}", pairs.join(",")) };
    format!("{name}{labels} {value}")
}

fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('\n', "\\n").replace('"', "\\\"")
}

fn number(value: f64) -> String {
    match value {
        value if value.is_nan() => "NaN".to_owned(),
        f64::INFINITY => "+Inf".to_owned(),
        f64::NEG_INFINITY => "-Inf".to_owned(),
        value if value.fract() == 0.0 && value.abs() < 9e15 => format!("{value}"),
        value => format!("{value:?}"),
    }
}

/// Only of bounds that there are here.
fn bound_text(bound: f64) -> String {
    let scientific = format!("{bound:e}");
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or(("+Inf", "0"));
    match exponent.parse::<i32>().unwrap() {
        _ if bound.is_infinite() => "+Inf".to_owned(),
        -4..6 => format!("{bound:?}"),
        exponent => format!("{mantissa}e{exponent:+03}"),
    }
}

#[test]
fn lines_of_some_families_are_lines_of_all() {
    let mut random = Random(11);
    for seed in 1..=crate::REGISTRIES {
        let snapshot = Recorded::random(seed).snapshot();
        let names = names(&snapshot);
        for _ in 0..8 {
            let count = random.below(4);
            let mut asked: Vec<&str> = (0..count).map(|_| &**random.one_of(&names)).collect();
            asked.push("nobody's");
            for format in TEXTS {
                check_lines(&snapshot, format, &asked);
            }
            check_json(&snapshot, &asked);
        }
        let all = TEXTS.map(|format| matching(&snapshot, format, &|_| true));
        assert_eq!(all, TEXTS.map(|format| snapshot.render(format)), "seed {seed}");
    }
}

/// The names of all lines, and of all families.
fn names(snapshot: &Snapshot) -> Vec<String> {
    let bodies = TEXTS.map(|format| snapshot.render(format)).concat();
    let mut names: Vec<String> = bodies.lines().filter_map(name_of).map(str::to_owned).collect();
    names.sort_unstable();
    names.dedup();
    names
}

fn name_of(line: &str) -> Option<&str> {
    match line.strip_prefix("# ") {
        Some(head) => head.split(' ').nth(1),
        None => line.split(['{', ' ']).next(),
    }
}

fn matching(snapshot: &Snapshot, format: Format, is_asked: &dyn Fn(&str) -> bool) -> String {
    let mut out = String::from("before\n");
    snapshot.write_matching(format, is_asked, &mut out);
    out.split_off("before\n".len())
}

fn check_lines(snapshot: &Snapshot, format: Format, asked: &[&str]) {
    let all = snapshot.render(format);
    let some = matching(snapshot, format, &|name| asked.contains(&name));
    let mut rest = all.lines();
    for line in some.lines() {
        assert!(rest.any(|other| other == line), "{asked:?}: {line}\n{all}");
    }
    // What is asked for is there, and nothing of which no part is asked for.
    let wanted = all.lines().filter(|line| name_of(line).is_some_and(|name| asked.contains(&name)));
    for line in wanted {
        assert!(some.lines().any(|other| other == line), "{asked:?}: {line}\n{some}");
    }
    let types = some.lines().filter(|line| line.starts_with("# TYPE ")).count();
    assert!(types <= asked.len() * 4, "{asked:?}\n{some}");
    assert_eq!(some.ends_with("# EOF\n"), format == Format::OpenMetrics);
}

fn check_json(snapshot: &Snapshot, asked: &[&str]) {
    let lines = |body: &str| -> Vec<String> {
        let series = body.lines().filter(|line| line.starts_with("{\"name\": "));
        series.map(|line| line.trim_end_matches(',').to_owned()).collect()
    };
    let all = lines(&snapshot.render(Format::Json));
    let some = lines(&matching(snapshot, Format::Json, &|name| asked.contains(&name)));
    let mut rest = all.iter();
    for line in &some {
        assert!(rest.any(|other| other == line), "{asked:?}: {line}");
    }
    // A series of one family in text is one line here.
    let families = snapshot.families().filter(|family| !family.is_self_time());
    let asked = families.filter(|family| family.has_name(&|name| asked.contains(&name)));
    let at_least: usize = asked.map(|family| family.series().len()).sum();
    assert!(some.len() >= at_least, "{some:?}");
}

#[test]
fn a_table_of_some_metrics_has_their_rows() {
    let registry = tachograph::Registry::new();
    registry.counter("lines_total", &[]).unwrap().increment(3);
    registry.timer("job_seconds", &[]).unwrap().record(std::time::Duration::from_millis(1));
    let snapshot = registry.snapshot();
    let table = matching(&snapshot, Format::Table, &|name| name == "job_self_seconds_total");
    assert!(table.contains("job_seconds") && !table.contains("lines_total"), "{table}");
}

//! Lines that say what a test expects, compared with what was recorded.

use std::fmt::Write;

use crate::snapshot::{Series, Snapshot, Value};

/// A line, taken apart.
#[derive(Debug, PartialEq)]
struct Expected<'a> {
    line: &'a str,
    name: &'a str,
    /// In the order of the keys.
    labels: Vec<(&'a str, String)>,
    value: f64,
    sum: Option<f64>,
}

/// What differs, as a message; None if nothing does.
pub(super) fn difference(recorded: &Snapshot, expected: &[&str]) -> Option<String> {
    let mut differences = Vec::new();
    let mut lines: Vec<Expected<'_>> = Vec::new();
    for line in expected {
        match Expected::parse(line) {
            Ok(parsed) if lines.iter().any(|other| other.is_of_the_series(&parsed)) => {
                differences.push(("repeated", format!("{line}: the series has a line already")));
            }
            Ok(parsed) => lines.push(parsed),
            Err(why) => differences.push(("unreadable", format!("{line}: {why}"))),
        }
    }
    for series in recorded.series() {
        match lines.iter().position(|line| line.is_of(series)) {
            None => {
                differences.push(("unexpected", format!("{} ({})", line(series), series.kind())))
            }
            Some(place) => {
                let expected = lines.swap_remove(place);
                if !expected.agrees_with(series.value()) {
                    let recorded = format!("{} was recorded", value(series.value()));
                    differences.push(("different", format!("{}, but {recorded}", expected.line)));
                }
            }
        }
    }
    differences.extend(lines.iter().map(|line| ("missing", line.line.to_owned())));
    message(recorded, differences)
}

fn message(recorded: &Snapshot, mut differences: Vec<(&str, String)>) -> Option<String> {
    if differences.is_empty() {
        return None;
    }
    differences.sort();
    let mut text = String::from("not what was expected was recorded:\n");
    for (what, how) in differences {
        // Writing to a string does not fail, here and below.
        let _ = writeln!(text, "  {what:<10}  {how}");
    }
    text.push_str(if recorded.series().is_empty() {
        "nothing was recorded"
    } else {
        "recorded was:"
    });
    for series in recorded.series() {
        let _ = write!(text, "\n  {}", line(series));
    }
    Some(text)
}

impl<'a> Expected<'a> {
    fn parse(line: &'a str) -> Result<Expected<'a>, &'static str> {
        let (mut series, mut last) = split_last_word(line).ok_or("expected `name value`")?;
        let mut sum = None;
        if let Some(number) = last.strip_prefix("sum=") {
            sum = Some(number.parse().map_err(|_| "expected a number after `sum=`")?);
            (series, last) = split_last_word(series).ok_or("expected the count before `sum=`")?;
        }
        let value = last.parse().map_err(|_| "expected a number at the end")?;
        let (name, labels) = match series.split_once('{') {
            Some((name, rest)) => (name, labels(rest)?),
            None => (series, Vec::new()),
        };
        Ok(Expected { line: line.trim(), name: name.trim(), labels, value, sum })
    }

    fn is_of_the_series(&self, other: &Expected<'_>) -> bool {
        self.name == other.name && self.labels == other.labels
    }

    fn is_of(&self, series: &Series) -> bool {
        let labels = self.labels.iter().map(|(key, value)| (*key, value.as_str()));
        self.name == series.name() && series.labels().iter().eq(labels)
    }

    fn agrees_with(&self, value: &Value) -> bool {
        // A timer's clock ticks, and each duration is a whole number of ticks.
        let slack = match value {
            Value::Timer(timer) => 1e-9 * timer.per_second() * timer.count() as f64,
            _ => 0.0,
        };
        let is_sum = |sum: f64| {
            let is_near = |expected: f64| is_close(expected, sum) || (expected - sum).abs() < slack;
            self.sum.is_none_or(is_near)
        };
        match value {
            Value::Counter(total) | Value::Rate(total) => {
                self.sum.is_none() && self.is_total(*total)
            }
            Value::Gauge(level) => self.sum.is_none() && is_close(self.value, *level),
            _ => value.distribution().is_some_and(|distribution| {
                self.is_total(distribution.count()) && is_sum(distribution.sum())
            }),
        }
    }

    /// Compared as integers, where the line has one: beyond 2^53 not each of them is an `f64`.
    fn is_total(&self, total: u64) -> bool {
        let before_sum = self.line.split(" sum=").next().and_then(split_last_word);
        let written = before_sum.and_then(|(_, word)| word.parse::<u64>().ok());
        written.map_or(self.value == total as f64, |written| written == total)
    }
}

/// The last word, and what is before it, neither of them empty.
fn split_last_word(text: &str) -> Option<(&str, &str)> {
    let (before, word) = text.trim().rsplit_once(char::is_whitespace)?;
    Some((before.trim(), word))
}

/// The labels, from behind the opening brace on, sorted.
fn labels(mut text: &str) -> Result<Vec<(&str, String)>, &'static str> {
    let mut found = Vec::new();
    loop {
        text = text.trim_start();
        if text == "}" {
            found.sort_unstable();
            return Ok(found);
        }
        let (key, rest) = text.split_once('=').ok_or("expected `key=value` or `}`")?;
        let (value, rest) = match rest.trim_start().strip_prefix('"') {
            Some(quoted) => unquote(quoted)?,
            None => {
                let end = rest.find([',', '}']).ok_or("expected `}` after the labels")?;
                (rest[..end].trim().to_owned(), &rest[end..])
            }
        };
        found.push((key.trim(), value));
        let rest = rest.trim_start();
        text = rest.strip_prefix(',').unwrap_or(rest);
        if text == rest && text != "}" {
            return Err("expected `,` or `}` after a label");
        }
    }
}

/// The text up to the closing quote, and what is behind it.
fn unquote(quoted: &str) -> Result<(String, &str), &'static str> {
    let mut value = String::new();
    let mut letters = quoted.char_indices();
    while let Some((at, letter)) = letters.next() {
        match letter {
            '"' => return Ok((value, &quoted[at + 1..])),
            '\\' => match letters.next() {
                Some((_, 'n')) => value.push('\n'),
                Some((_, other)) => value.push(other),
                None => break,
            },
            other => value.push(other),
        }
    }
    Err("expected a closing quote")
}

/// A billionth of the larger one apart, or the same.
fn is_close(one: f64, other: f64) -> bool {
    let is_same = one == other || (one.is_nan() && other.is_nan());
    let nearly = (one - other).abs() <= 1e-9 * one.abs().max(other.abs());
    is_same || (one.is_finite() && other.is_finite() && nearly)
}

/// A series as a line that expects it.
fn line(series: &Series) -> String {
    let mut text = String::from(series.name());
    for (place, (key, value)) in series.labels().iter().enumerate() {
        text.push_str(if place == 0 { "{" } else { ", " });
        text.push_str(key);
        text.push('=');
        push_label_value(&mut text, value);
    }
    if series.labels().iter().next().is_some() {
        text.push('}');
    }
    text.push(' ');
    text.push_str(&value(series.value()));
    text
}

fn push_label_value(text: &mut String, value: &str) {
    let is_plain = value.trim() == value
        && !value.starts_with('"')
        && !value.contains([',', '}', '\n'])
        && !value.is_empty();
    if is_plain {
        return text.push_str(value);
    }
    text.push('"');
    for letter in value.chars() {
        match letter {
            '\n' => text.push_str("\\n"),
            '"' | '\\' => text.extend(['\\', letter]),
            _ => text.push(letter),
        }
    }
    text.push('"');
}

fn value(value: &Value) -> String {
    match value {
        Value::Counter(total) | Value::Rate(total) => total.to_string(),
        Value::Gauge(level) => level.to_string(),
        Value::Timer(timer) => {
            let nanos = (timer.total_seconds() * 1e9).round();
            format!("{} sum={}", timer.count(), nanos / 1e9 * timer.per_second())
        }
        _ => value.distribution().map_or_else(String::new, |distribution| {
            format!("{} sum={}", distribution.count(), distribution.sum())
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::registry::Registry;

    fn labels_of(line: &str) -> Vec<(String, String)> {
        let found = Expected::parse(line).unwrap();
        found.labels.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
    }

    #[test]
    fn lines_are_read_as_they_are_written() {
        let line = Expected::parse("  jobs_total{ b=2 , a=x y} 3 ").unwrap();
        assert_eq!((line.name, line.value, line.sum), ("jobs_total", 3.0, None));
        assert_eq!(line.labels, [("a", "x y".to_owned()), ("b", "2".to_owned())]);
        let line = Expected::parse("a name with spaces 2 sum=-0.5").unwrap();
        assert_eq!((line.name, line.value, line.sum), ("a name with spaces", 2.0, Some(-0.5)));
        assert_eq!(Expected::parse("x{} 1").unwrap().labels, []);
        let hostile = r#"x{a="q\"},=\\", b=""} 1"#;
        let expected = [("a", "q\"},=\\"), ("b", "")].map(|(k, v)| (k.to_owned(), v.to_owned()));
        assert_eq!(labels_of(hostile), expected);
    }

    #[test]
    fn what_is_no_line_says_what_was_expected() {
        for (line, why) in [
            ("", "expected `name value`"),
            ("jobs_total", "expected `name value`"),
            ("jobs_total three", "expected a number at the end"),
            ("jobs_total 3 sum=x", "expected a number after `sum=`"),
            ("x{a=1 3", "expected `}` after the labels"),
            ("x{a} 3", "expected `key=value` or `}`"),
            (r#"x{a="b} 3"#, "expected a closing quote"),
            (r#"x{a="b" c=d} 3"#, "expected `,` or `}` after a label"),
        ] {
            assert_eq!(Expected::parse(line), Err(why), "{line}");
        }
    }

    #[test]
    fn every_recorded_line_reads_as_itself() {
        let registry = Registry::new();
        for value in ["plain", "", " x", "a,b", "}", "\"", "new\nline", "back\\slash", "a=b{c"] {
            registry.counter("odd_total", &[("value", value), ("zz", "1")]).unwrap().increment(1);
        }
        registry.gauge("level", &[]).unwrap().set(f64::INFINITY);
        registry.histogram("sizes", &[]).unwrap().record(0.1);
        let snapshot = registry.snapshot();
        let lines: Vec<String> = snapshot.series().iter().map(line).collect();
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        assert_eq!(difference(&snapshot, &lines), None);
    }

    #[test]
    fn the_message_has_every_difference() {
        let registry = Registry::new();
        registry.counter("jobs_total", &[("queue", "mail")]).unwrap().increment(2);
        registry.rate("retries", &[]).unwrap().increment(1);
        registry.histogram("sizes", &[]).unwrap().record(8);
        registry.gauge("depth", &[]).unwrap().set(0.1 + 0.2);
        let expected = ["jobs_total{queue=mail} 3", "sizes 1 sum=7", "gone 1", "depth 0.3", "bad"];
        let told = difference(&registry.snapshot(), &expected).unwrap();
        let lines: Vec<&str> = told.lines().collect();
        assert_eq!(
            lines,
            [
                "not what was expected was recorded:",
                "  different   jobs_total{queue=mail} 3, but 2 was recorded",
                "  different   sizes 1 sum=7, but 1 sum=8 was recorded",
                "  missing     gone 1",
                "  unexpected  retries 1 (rate)",
                "  unreadable  bad: expected `name value`",
                "recorded was:",
                "  depth 0.30000000000000004",
                "  jobs_total{queue=mail} 2",
                "  retries 1",
                "  sizes 1 sum=8",
            ]
        );
    }

    #[test]
    fn large_totals_are_compared_as_integers() {
        let registry = Registry::new();
        registry.counter("large_total", &[]).unwrap().increment(u64::MAX);
        let snapshot = registry.snapshot();
        assert_eq!(difference(&snapshot, &[&format!("large_total {}", u64::MAX)]), None);
        assert!(difference(&snapshot, &[&format!("large_total {}", u64::MAX - 1)]).is_some());
        let twice = ["large_total 1", "large_total 2"];
        assert!(difference(&snapshot, &twice).unwrap().contains("  repeated    large_total 2: "));
    }
}

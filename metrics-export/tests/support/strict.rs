//! Reads a body of text as strictly as the formats are written down, and says where it is not as it has to be.
//!
//! It knows nothing of the encoders. Prometheus text 0.0.4 and OpenMetrics 1.0.0 as text, as far as this project writes them:
//! no timestamps, no exemplars.

use std::collections::{HashMap, HashSet};

/// Which of the two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dialect {
    Prometheus,
    OpenMetrics,
}

/// Keys and values, sorted.
pub(crate) type Labels = Vec<(String, String)>;

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Sample {
    pub(crate) name: String,
    pub(crate) labels: Labels,
    pub(crate) value: f64,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Family {
    pub(crate) name: String,
    pub(crate) kind: String,
    pub(crate) samples: Vec<Sample>,
}

/// All families of a body, or what is wrong with it.
pub(crate) fn families(body: &str, dialect: Dialect) -> Result<Vec<Family>, String> {
    let body = match dialect {
        Dialect::Prometheus => body,
        Dialect::OpenMetrics => body.strip_suffix("# EOF\n").ok_or("there is no end")?,
    };
    if !body.is_empty() && !body.ends_with('\n') {
        return Err("the last line has no end".to_owned());
    }
    let mut families: Vec<Family> = Vec::new();
    let mut names = HashSet::new();
    // What stands above a family, until its type.
    let mut said: Vec<(String, String)> = Vec::new();
    for line in body.split_terminator('\n') {
        let wrong = |what: &str| format!("{what}: {line:?}");
        if let Some(rest) = line.strip_prefix("# ") {
            let (keyword, rest) = rest.split_once(' ').ok_or_else(|| wrong("half a comment"))?;
            let (name, text) = rest.split_once(' ').ok_or_else(|| wrong("half a comment"))?;
            if !is_metric_name(name) {
                return Err(wrong("no name"));
            }
            check_comment(keyword, text, dialect).map_err(wrong)?;
            let is_new = families.last().is_none_or(|last| last.name != name);
            if keyword == "TYPE" {
                if !is_new || !names.insert(name.to_owned()) {
                    return Err(wrong("a second type"));
                }
                families.push(Family {
                    name: name.to_owned(),
                    kind: text.to_owned(),
                    samples: Vec::new(),
                });
            } else {
                // In the text of Prometheus, help stands above the type; in OpenMetrics, below.
                let is_in_place = (dialect == Dialect::Prometheus) == is_new;
                let is_first = !said.contains(&(keyword.to_owned(), name.to_owned()));
                if !is_in_place || !is_first {
                    return Err(wrong("out of place"));
                }
                said.push((keyword.to_owned(), name.to_owned()));
            }
            continue;
        }
        let sample = sample(line).map_err(|what| wrong(&what))?;
        let family = families.last_mut().ok_or_else(|| wrong("a sample without a type"))?;
        check_sample(family, &sample, dialect).map_err(|what| wrong(&what))?;
        family.samples.push(sample);
    }
    let mut all = HashSet::new();
    for family in &families {
        for sample in &family.samples {
            if !all.insert((&sample.name, &sample.labels)) {
                return Err(format!("twice: {} {:?}", sample.name, sample.labels));
            }
        }
        check_distributions(family)?;
    }
    Ok(families)
}

fn check_comment(keyword: &str, text: &str, dialect: Dialect) -> Result<(), &'static str> {
    let is_open = dialect == Dialect::OpenMetrics;
    match keyword {
        "TYPE" => {
            let unknown = if is_open { "unknown" } else { "untyped" };
            let known = ["counter", "gauge", "histogram", "summary", unknown].contains(&text);
            if known { Ok(()) } else { Err("no type") }
        }
        "HELP" => unescaped(text, is_open).map(|_| ()),
        "UNIT" if is_open => Ok(()),
        _ => Err("no keyword"),
    }
}

/// `name{key="value",…} number`
fn sample(line: &str) -> Result<Sample, String> {
    let end = line.find(['{', ' ']).ok_or("no sample")?;
    let (name, rest) = line.split_at(end);
    if !is_metric_name(name) {
        return Err("no name".to_owned());
    }
    let (labels, value) = match rest.strip_prefix('{') {
        Some(rest) => labels(rest)?,
        None => (Vec::new(), rest),
    };
    let value = value.strip_prefix(' ').ok_or("no space before the value")?;
    Ok(Sample { name: name.to_owned(), labels, value: number(value)? })
}

/// The labels up to the brace, and what is behind that.
fn labels(mut rest: &str) -> Result<(Labels, &str), String> {
    let mut labels: Labels = Vec::new();
    loop {
        let (key, behind) = rest.split_once("=\"").ok_or("no label")?;
        let mut letters = key.chars();
        let starts =
            letters.next().is_some_and(|first| first.is_ascii_alphabetic() || first == '_');
        if !starts || !letters.all(|letter| letter.is_ascii_alphanumeric() || letter == '_') {
            return Err(format!("no key {key:?}"));
        }
        let mut is_escaped = false;
        let end = behind.find(|letter| {
            let ends = letter == '"' && !is_escaped;
            is_escaped = letter == '\\' && !is_escaped;
            ends
        });
        let (value, behind) = behind.split_at(end.ok_or("a value without an end")?);
        labels.push((key.to_owned(), unescaped(value, true)?));
        rest = &behind[1..];
        if let Some(behind) = rest.strip_prefix('}') {
            labels.sort();
            if labels.windows(2).any(|two| two[0].0 == two[1].0) {
                return Err("a key twice".to_owned());
            }
            return Ok((labels, behind));
        }
        rest = rest.strip_prefix(',').ok_or("nothing between two labels")?;
    }
}

fn unescaped(text: &str, has_quotes: bool) -> Result<String, &'static str> {
    let mut plain = String::new();
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => match letters.next() {
                Some('\\') => plain.push('\\'),
                Some('n') => plain.push('\n'),
                Some('"') if has_quotes => plain.push('"'),
                _ => return Err("an escape that there is not"),
            },
            '"' if has_quotes => return Err("a quote that is not escaped"),
            letter => plain.push(letter),
        }
    }
    Ok(plain)
}

fn number(text: &str) -> Result<f64, String> {
    match text {
        "+Inf" => Ok(f64::INFINITY),
        "-Inf" => Ok(f64::NEG_INFINITY),
        "NaN" => Ok(f64::NAN),
        _ if text.chars().all(|letter| letter.is_ascii_digit() || "+-.e".contains(letter)) => {
            text.parse().map_err(|_| format!("no number {text:?}"))
        }
        _ => Err(format!("no number {text:?}")),
    }
}

fn is_metric_name(name: &str) -> bool {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b':';
    name.bytes().all(is_part) && name.bytes().next().is_some_and(|first| !first.is_ascii_digit())
}

/// A sample stands below its own family, under one of the names that its kind has.
fn check_sample(family: &Family, sample: &Sample, dialect: Dialect) -> Result<(), String> {
    let suffix = sample.name.strip_prefix(family.name.as_str()).ok_or("of another family")?;
    let fits = match (family.kind.as_str(), dialect) {
        ("counter", Dialect::OpenMetrics) => suffix == "_total",
        ("histogram", _) => ["_bucket", "_sum", "_count"].contains(&suffix),
        ("summary", _) => ["", "_sum", "_count"].contains(&suffix),
        _ => suffix.is_empty(),
    };
    if !fits {
        return Err(format!("no sample of a {}", family.kind));
    }
    let has = |key: &str| sample.labels.iter().any(|(own, _)| own == key);
    let needs_bound = family.kind == "histogram" && suffix == "_bucket";
    let may_have_quantile = family.kind == "summary" && suffix.is_empty();
    if needs_bound != has("le") && (needs_bound || family.kind == "histogram") {
        return Err("a bound is missing, or too much".to_owned());
    }
    if may_have_quantile != has("quantile") && family.kind == "summary" {
        return Err("a quantile is missing, or too much".to_owned());
    }
    let is_count = family.kind == "counter" || needs_bound || suffix == "_count";
    if is_count && (sample.value.is_nan() || sample.value < 0.0) {
        return Err("no count".to_owned());
    }
    Ok(())
}

/// Buckets only grow, end in infinity, and the last is the count.
fn check_distributions(family: &Family) -> Result<(), String> {
    if family.kind != "histogram" {
        return Ok(());
    }
    let mut buckets: HashMap<Labels, Vec<(f64, f64)>> = HashMap::new();
    let mut counts: HashMap<Labels, f64> = HashMap::new();
    for sample in &family.samples {
        let (bound, labels): (Labels, Labels) =
            sample.labels.iter().cloned().partition(|(key, _)| key == "le");
        match bound.first() {
            Some((_, bound)) => {
                buckets.entry(labels).or_default().push((number(bound)?, sample.value));
            }
            None if sample.name.ends_with("_count") => {
                counts.insert(labels, sample.value);
            }
            None => {}
        }
    }
    if buckets.len() != counts.len() {
        return Err(format!("buckets or counts are missing: {}", family.name));
    }
    for (labels, buckets) in &buckets {
        let grows = buckets.windows(2).all(|two| two[0].0 < two[1].0 && two[0].1 <= two[1].1);
        let (bound, count) = buckets[buckets.len() - 1];
        if !grows || bound != f64::INFINITY || counts.get(labels) != Some(&count) {
            return Err(format!("buckets that cannot be: {} {labels:?} {buckets:?}", family.name));
        }
    }
    Ok(())
}

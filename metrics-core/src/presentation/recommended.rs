//! The style of names that Prometheus and OpenTelemetry recommend: allowed characters, the unit, `_total`.

use std::borrow::Cow;

use crate::kind::Kind;
use crate::unit::Unit;

/// How the names of counters end, and those of rates, which are counters in other formats.
const TOTAL: &str = "total";

/// The name of a metric, which may still begin with a digit.
pub(super) fn metric_name(written: &str, kind: Kind, unit: Option<Unit>) -> Cow<'_, str> {
    let name = replaced(written, |c| c.is_ascii_alphanumeric() || c == '_' || c == ':');
    let is_counter = kind.is_a_count();
    let stem = if is_counter { name.strip_suffix("_total").unwrap_or(&name) } else { &name };
    let unit = unit.and_then(suffix).filter(|unit| !ends_in(stem, unit));
    let lacks_total = is_counter && stem.len() == name.len();
    if unit.is_none() && !lacks_total {
        return name;
    }
    let mut full = stem.to_owned();
    for word in unit.into_iter().chain(is_counter.then_some(TOTAL)) {
        // An underscore that the program wrote joins as well as one of ours.
        if !full.ends_with('_') {
            full.push('_');
        }
        full.push_str(word);
    }
    Cow::Owned(full)
}

/// The key of a label.
pub(super) fn label_key(written: &str) -> Cow<'_, str> {
    first_is_no_digit(replaced(written, |c| c.is_ascii_alphanumeric() || c == '_'))
}

/// What stands before the names of metrics, without what joins it.
pub(super) fn prefix(written: &str) -> Cow<'_, str> {
    first_is_no_digit(replaced(written, |c| c.is_ascii_alphanumeric() || c == '_' || c == ':'))
}

/// With a `_` before a digit that stands first.
pub(super) fn first_is_no_digit(name: Cow<'_, str>) -> Cow<'_, str> {
    if name.starts_with(|c: char| c.is_ascii_digit()) {
        Cow::Owned(format!("_{name}"))
    } else {
        name
    }
}

/// One `_` for all that is not allowed in a row, unless one of the program's stands beside it; none at an end.
fn replaced(written: &str, is_allowed: impl Fn(char) -> bool) -> Cow<'_, str> {
    if written.chars().all(&is_allowed) {
        return Cow::Borrowed(written);
    }
    let mut name = String::with_capacity(written.len());
    let mut is_gap = false;
    for letter in written.chars() {
        if !is_allowed(letter) {
            is_gap = true;
            continue;
        }
        if is_gap && letter != '_' && !name.is_empty() && !name.ends_with('_') {
            name.push('_');
        }
        is_gap = false;
        name.push(letter);
    }
    if name.is_empty() {
        // Nothing was left of it, and a name has at least one character.
        name.push('_');
    }
    Cow::Owned(name)
}

/// The words that say the unit at the end of a name.
///
/// A number of things has no unit in Prometheus, and so many of them a second are `per_second`. A ratio is the unit
/// `1` of OpenTelemetry, between 0 and 1; a percentage is not, and keeps its name with its values.
fn suffix(unit: Unit) -> Option<&'static str> {
    match unit {
        Unit::Count => None,
        Unit::CountPerSecond => Some("per_second"),
        other => Some(other.as_str()),
    }
}

/// True when the last words of a name are these.
fn ends_in(name: &str, words: &str) -> bool {
    name.strip_suffix(words).is_some_and(|stem| stem.is_empty() || stem.ends_with(['_', ':']))
}

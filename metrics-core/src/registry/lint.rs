//! What a registry noticed about the metrics in it: conventions broken, conflicts, limits reached.

use std::fmt;

use crate::kind::Kind;
use crate::presentation::{Presentation, metric_name};
use crate::registry::family::Family;
use crate::unit::Unit;

/// Something about a metric that works, but that its author should know.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Lint {
    metric: String,
    message: String,
}

impl Lint {
    pub(crate) fn new(metric: &str, message: String) -> Lint {
        Lint { metric: metric.to_owned(), message }
    }

    /// The metric's name, or the part of the crate that it is about.
    pub fn metric(&self) -> &str {
        &self.metric
    }

    /// What is the matter, and what to do about it.
    pub fn message(&self) -> &str {
        &self.message
    }
}

impl fmt::Display for Lint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`: {}", self.metric, self.message)
    }
}

/// Names that say another unit than seconds although values are recorded in seconds.
const OTHER_TIME_UNITS: [(&str, &str); 6] = [
    ("_ms", "milliseconds"),
    ("_millis", "milliseconds"),
    ("_us", "microseconds"),
    ("_micros", "microseconds"),
    ("_ns", "nanoseconds"),
    ("_nanos", "nanoseconds"),
];

/// What Prometheus' client libraries call the processor time of a process. It is a fraction, which only gauges hold here,
/// and nobody who has it called it so.
const PROCESSOR_TIME: &str = "process_cpu_seconds_total";

/// Labels that Prometheus gives a meaning of its own.
const RESERVED_LABELS: [(&str, Kind); 3] =
    [("le", Kind::Histogram), ("le", Kind::Timer), ("quantile", Kind::Summary)];

/// The conventions that a family breaks.
pub(crate) fn conventions(name: &str, kind: Kind, unit: Option<Unit>) -> Vec<Lint> {
    let mut lints = Vec::new();
    if !kind.is_a_count() && name.ends_with("_total") && name != PROCESSOR_TIME {
        lints.push(Lint::new(
            name,
            format!("ends in `_total`, which Prometheus reserves for counters, but is a {kind}: rename it"),
        ));
    }
    let holds_seconds = match unit.filter(|unit| unit.of_a_second().is_some()) {
        Some(unit) => unit == Unit::Seconds,
        None => kind == Kind::Timer,
    };
    if holds_seconds {
        if let Some((suffix, says)) =
            OTHER_TIME_UNITS.iter().find(|(suffix, _)| name.ends_with(suffix))
        {
            lints.push(Lint::new(
                name,
                format!(
                    "ends in `{suffix}`, which says {says}, but holds seconds: name it `…_seconds`"
                ),
            ));
        }
    }
    lints
}

/// Families whose names become one when they are shown where only letters, digits, `_` and `:` are allowed, as
/// in Prometheus.
pub(super) fn alike<'a>(
    families: impl Iterator<Item = &'a Family>,
    presentation: &Presentation,
) -> Vec<Lint> {
    let shown = |family: &'a Family| {
        let name = family.name.as_str();
        let shown = presentation.shown_name(name, family.kind, family.about().unit);
        (metric_name(&shown).into_owned(), name)
    };
    let mut all: Vec<(String, &str)> = families.map(shown).collect();
    all.sort_unstable();
    let pairs = all.windows(2).filter(|two| two[0].0 == two[1].0);
    pairs
        .map(|two| {
            let message = format!(
                "is written `{}` in Prometheus' formats, as `{}` is: rename one",
                two[1].0, two[0].1
            );
            Lint::new(two[1].1, message)
        })
        .collect()
}

/// The convention that a label breaks, if it does.
pub(crate) fn label_convention(name: &str, kind: Kind, key: &str) -> Option<Lint> {
    let reserved = RESERVED_LABELS.contains(&(key, kind));
    let internal = key.starts_with("__");
    (reserved || internal).then(|| {
        Lint::new(name, format!("label `{key}` has a meaning of its own in Prometheus: rename it"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::name::Name;
    use crate::presentation::Naming;

    #[test]
    fn only_names_that_break_a_convention_are_noted() {
        let cases = [
            ("requests_total", Kind::Counter, None, 0),
            ("jobs_total", Kind::Gauge, None, 1),
            ("process_cpu_seconds_total", Kind::Gauge, Some(Unit::Seconds), 0),
            ("jobs", Kind::Rate, None, 0),
            ("jobs_total", Kind::Rate, None, 0),
            ("query_ms", Kind::Timer, Some(Unit::Seconds), 1),
            ("query_ms", Kind::Histogram, Some(Unit::Milliseconds), 0),
            ("query_ms", Kind::Timer, Some(Unit::Milliseconds), 0),
            ("query_seconds", Kind::Timer, Some(Unit::Seconds), 0),
            ("wait_seconds_total", Kind::Timer, Some(Unit::Seconds), 1),
        ];
        for (name, kind, unit, expected) in cases {
            let lints = conventions(name, kind, unit);
            assert_eq!(lints.len(), expected, "{name}: {lints:?}");
            assert!(lints.iter().all(|lint| lint.metric() == name && !lint.message().is_empty()));
        }
    }

    #[test]
    fn names_that_are_written_alike_are_noted() {
        let families = |kind, names: [&str; 3]| {
            names.map(|name| {
                Family::new(0, Name::new(name).unwrap(), kind, None, None, String::new())
            })
        };
        let mut presentation = Presentation::default();
        let lints = alike(
            families(Kind::Counter, ["http.requests", "http_requests", "http_requests_total"])
                .iter(),
            &presentation,
        );
        assert_eq!(lints.len(), 1, "{lints:?}");
        assert_eq!(lints[0].metric(), "http_requests");
        let says =
            "is written `http_requests` in Prometheus' formats, as `http.requests` is: rename one";
        assert_eq!(lints[0].message(), says);

        presentation.set_naming(Naming::Recommended);
        presentation.set_prefix("my").unwrap();
        let counters = families(Kind::Counter, ["x", "x_total", "y"]);
        let lints = alike(counters.iter(), &presentation);
        assert_eq!(lints.len(), 1, "{lints:?}");
        let says = "is written `my_x_total` in Prometheus' formats, as `x` is: rename one";
        assert_eq!((lints[0].metric(), lints[0].message()), ("x_total", says));
        let gauges = families(Kind::Gauge, ["x", "x_total", "y"]);
        assert_eq!(alike(gauges.iter(), &presentation), []);
    }

    #[test]
    fn labels_with_a_meaning_of_their_own_are_noted() {
        assert!(label_convention("x", Kind::Timer, "le").is_some());
        assert!(label_convention("x", Kind::Counter, "le").is_none());
        assert!(label_convention("x", Kind::Summary, "quantile").is_some());
        assert!(label_convention("x", Kind::Summary, "le").is_none());
        assert!(label_convention("x", Kind::Counter, "__name__").is_some());
    }
}

//! What the two text formats of Prometheus have in common: families, and a line for each number.
//!
//! A body is written in one pass over the families. What stands before a number is made once for each
//! family (names, bounds) or each series (labels) and copied to its lines; nothing is allocated for a
//! line, nor for a series that has the keys of the one before it. Whoever writes the same series again keeps a `template` of that.
//!
//! `family` decides on names, `labels` on labels, `bounds` on buckets, and the formats' own modules on what stands above
//! a family. `metric_family` hands the same decisions to encoders of other packages. No series is ever written twice,
//! nor in pieces: whatever the program called its metrics, the body is one that a strict parser takes.

mod bounds;
mod claims;
mod conflicts;
mod exported;
mod family;
mod hash_digits;
mod labels;
mod metric_family;
mod shown;
mod summaries;
mod template;

use crate::encode::digits::push_u64;
use crate::encode::exposition::bounds::Bounds;
use crate::encode::exposition::conflicts::Conflicts;
use crate::encode::exposition::family::Family;
use crate::encode::exposition::labels::LabelKeys;
use crate::encode::exposition::template::{Body, Number};
use crate::encode::{openmetrics, prometheus};
use crate::kind::Kind;
use crate::snapshot::{Series, Snapshot};
use crate::unit::Unit;

pub(crate) use exported::{Exported, exported};
pub(super) use labels::push_escaped;
pub(super) use metric_family::asked_series;
pub use metric_family::{FamilySeries, MetricFamilies, MetricFamily, MetricType, Point};
pub(super) use shown::{ShownSeries, shown};
pub(super) use template::Template;

/// Which of the two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dialect {
    Prometheus,
    OpenMetrics,
}

/// What stands above the lines of a family.
#[derive(Debug, Clone, Copy)]
pub(super) struct Head<'a> {
    pub(super) name: &'a str,
    pub(super) metric_type: MetricType,
    pub(super) unit: Option<Unit>,
    /// Empty where there is none.
    pub(super) help: &'a str,
}

impl MetricType {
    /// The end of a `# TYPE` line, where the type that says nothing is called `untyped`.
    pub(super) const fn line_end(self, untyped: &'static str) -> &'static str {
        match self {
            MetricType::Counter => " counter\n",
            MetricType::Gauge => " gauge\n",
            MetricType::Histogram => " histogram\n",
            MetricType::Summary => " summary\n",
            MetricType::Untyped => untyped,
        }
    }
}

/// Appends a body with the families that are asked for by one of their names, and makes a template of it where one is given.
pub(super) fn write_body(
    dialect: Dialect,
    snapshot: &Snapshot,
    is_asked: Option<&dyn Fn(&str) -> bool>,
    template: Option<&mut Template>,
    out: &mut String,
) {
    let presentation = snapshot.presentation();
    let mut keys = LabelKeys::new(presentation);
    let mut body = Body::new(out, template);
    for family in &Family::all(snapshot.series(), presentation) {
        if is_asked.is_some_and(|is_asked| !family.has_name(is_asked)) {
            continue;
        }
        keys.begin(family.kind);
        if family.is_by_sign(dialect) {
            body.by_sign(family);
        }
        let mark = body.mark();
        let mut writer = Writer {
            dialect,
            family,
            keys: &mut keys,
            conflicts: Conflicts::none(),
            is_changed: false,
        };
        writer.push_family(&mut body);
        // Mostly there are none, and one look at each series was enough.
        let conflicts = writer.keys.conflicts(family.series, writer.is_changed);
        if !conflicts.are_none() {
            writer.conflicts = conflicts;
            body.return_to(mark);
            writer.push_family(&mut body);
        }
    }
    body.out.push_str(dialect.end());
    body.end();
}

/// Writes one family.
struct Writer<'a, 'p> {
    dialect: Dialect,
    family: &'a Family<'a>,
    keys: &'a mut LabelKeys<'p>,
    conflicts: Conflicts,
    /// Labels so far might be those that another series goes out with.
    is_changed: bool,
}

/// The lines of a distribution.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Buckets,
    Sum,
    Count,
}

impl Part {
    const ALL: [Part; 3] = [Part::Buckets, Part::Sum, Part::Count];

    const fn suffix(self) -> &'static str {
        match self {
            Part::Buckets => "_bucket",
            Part::Sum => "_sum",
            Part::Count => "_count",
        }
    }
}

impl Writer<'_, '_> {
    fn push_family(&mut self, body: &mut Body<'_>) {
        let family = self.family;
        let metric_type = family.type_in(self.dialect);
        match (family.kind, metric_type) {
            (_, MetricType::Histogram) => {
                self.push_head(&family.name, metric_type, body);
                self.push_distributions(&Part::ALL, body);
            }
            (Kind::Histogram | Kind::Timer, MetricType::Untyped) => {
                for part in Part::ALL {
                    let name = format!("{}{}", family.name, part.suffix());
                    self.push_head(&name, metric_type, body);
                    self.push_distributions(&[part], body);
                }
            }
            (Kind::Summary, _) => self.push_summary_family(metric_type, body),
            _ => {
                self.push_head(&family.name, metric_type, body);
                self.push_cells(body);
            }
        }
    }

    fn push_head(&self, name: &str, metric_type: MetricType, body: &mut Body<'_>) {
        let help = self.family.help();
        let head = Head { name, metric_type, unit: self.family.unit(), help: &help };
        self.dialect.push_head(head, body.out);
    }

    /// Appends the labels of a series and `end`, which closes the last one; false where there are none.
    fn push_labels(&mut self, place: usize, series: &Series, end: &str, out: &mut String) -> bool {
        let start = out.len();
        let conflict = self.conflicts.of(place);
        self.is_changed |= !self.keys.push(series.labels(), conflict, out);
        let is_empty = out.len() == start;
        if !is_empty {
            out.push_str(end);
        }
        !is_empty
    }

    /// A line for each series of counters, rates, gauges, or timers' self time.
    fn push_cells(&mut self, body: &mut Body<'_>) {
        let family = self.family;
        let number = if family.is_self_time() { Number::SelfTime } else { Number::Value };
        for (place, series) in family.series.iter().enumerate() {
            body.out.push_str(&family.name);
            if !self.push_labels(place, series, "\"} ", body.out) {
                body.out.push(' ');
            }
            body.push_one(family.places().start + place, number, series.value());
            body.out.push('\n');
        }
    }

    /// The lines of `parts` for each series of a histogram or timer.
    fn push_distributions(&mut self, parts: &[Part], body: &mut Body<'_>) {
        let family = self.family;
        let Some(first) = family.series.iter().find_map(|series| series.value().distribution())
        else {
            return;
        };
        let mut bounds = Bounds::new(first.layout(), family.is_of_seconds);
        let mut bucket = body.first_of(&bounds);
        let [mut opening, sum, count] =
            Part::ALL.map(|part| format!("{}{}", family.name, part.suffix()));
        let name_len = opening.len();
        for (place, series) in family.series.iter().enumerate() {
            let Some(histogram) = series.value().distribution() else { continue };
            if !bounds.are_of(histogram.layout()) {
                bounds = Bounds::new(histogram.layout(), family.is_of_seconds);
                bucket = body.first_of(&bounds);
            }
            opening.truncate(name_len);
            if !self.push_labels(place, series, "\",", &mut opening) {
                opening.push('{');
            }
            // Without the brace or the comma at its end.
            let labels = &opening[name_len..opening.len() - 1];
            let place = family.places().start + place;
            for part in parts {
                let (name, number) = match part {
                    Part::Buckets => {
                        // All that stands before a bound: `name_bucket{key="value",`.
                        let mut number = bucket;
                        for (bound, count) in bounds.counts(histogram) {
                            body.out.push_str(&opening);
                            body.out.push_str(bound);
                            body.push(place, number, |out| push_u64(count, out));
                            body.out.push('\n');
                            number = Number::Next;
                        }
                        continue;
                    }
                    Part::Sum => (&sum, Number::Sum),
                    Part::Count => (&count, Number::Count),
                };
                push_name(name, labels, body.out);
                body.push_one(place, number, series.value());
                body.out.push('\n');
            }
        }
    }
}

fn push_name(name: &str, labels: &str, out: &mut String) {
    out.push_str(name);
    out.push_str(labels);
    out.push_str(if labels.is_empty() { " " } else { "} " });
}

impl Dialect {
    fn push_head(self, head: Head<'_>, out: &mut String) {
        match self {
            Dialect::Prometheus => prometheus::push_head(head, out),
            Dialect::OpenMetrics => openmetrics::push_head(head, out),
        }
    }

    /// The last line.
    const fn end(self) -> &'static str {
        match self {
            Dialect::Prometheus => "",
            Dialect::OpenMetrics => openmetrics::END,
        }
    }
}

#[cfg(test)]
mod tests;

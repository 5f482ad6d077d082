//! What the two text formats of Prometheus have in common: families, and a line for each number.
//!
//! A body is written in one pass over the families. What stands before a number is made once for each
//! family (names, bounds) or each series (labels) and copied to its lines; nothing is allocated for a
//! line, nor for a series that has the keys of the one before it.
//!
//! `family` decides on names, `labels` on labels, `bounds` on buckets, and the formats' own modules on
//! what stands above a family. No series is ever written twice, nor in pieces: whatever the program
//! called its metrics, the body is one that a strict parser takes.

mod bounds;
mod claims;
mod conflicts;
mod exported;
mod family;
mod hash_digits;
mod labels;
mod shown;
mod summaries;

use crate::encode::digits::{push_sample, push_u64};
use crate::encode::exposition::bounds::Bounds;
use crate::encode::exposition::conflicts::Conflicts;
use crate::encode::exposition::family::Family;
use crate::encode::exposition::labels::LabelWriter;
use crate::encode::{openmetrics, prometheus};
use crate::kind::Kind;
use crate::presentation::OWN_PREFIX;
use crate::snapshot::{HistogramSnapshot, Series, Snapshot, Value};
use crate::unit::Unit;

pub(crate) use exported::{Exported, exported};
pub(super) use labels::push_escaped;
pub(super) use shown::{ShownSeries, shown};

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
    pub(super) type_name: TypeName,
    pub(super) unit: Option<Unit>,
    /// Empty where there is none.
    pub(super) help: &'a str,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TypeName {
    Counter,
    Gauge,
    Histogram,
    Summary,
    /// What the format cannot express under that name.
    Unknown,
}

impl TypeName {
    /// The end of a `# TYPE` line, where the type that says nothing is called `unknown`.
    pub(super) const fn line_end(self, unknown: &'static str) -> &'static str {
        match self {
            TypeName::Counter => " counter\n",
            TypeName::Gauge => " gauge\n",
            TypeName::Histogram => " histogram\n",
            TypeName::Summary => " summary\n",
            TypeName::Unknown => unknown,
        }
    }
}

/// Appends every series.
pub(super) fn write_families(dialect: Dialect, snapshot: &Snapshot, out: &mut String) {
    let presentation = snapshot.presentation();
    let mut labels = LabelWriter::new(presentation);
    for family in &Family::all(snapshot.series(), presentation) {
        labels.begin(family.kind);
        let is_typed = match dialect {
            // Its family would have no name, which readers that know OpenMetrics trip over.
            Dialect::Prometheus => !family.kind.is_a_count() || family.name != "_total",
            Dialect::OpenMetrics => family.is_typed && !has_negatives(family),
        };
        let (conflicts, is_changed) = (Conflicts::none(), false);
        let own_name = family.own_name(presentation);
        let mut writer = Writer {
            dialect,
            family,
            own_name: &own_name,
            is_typed,
            labels: &mut labels,
            conflicts,
            is_changed,
        };
        let start = out.len();
        writer.push_family(out);
        // A program that uses the recorder's names gives its series a second source.
        let may_conflict = writer.is_changed || family.written().starts_with(OWN_PREFIX);
        if may_conflict && family.series.len() > 1 {
            writer.conflicts =
                Conflicts::among(family.series, |one| writer.labels.compared(one.labels()));
            out.truncate(start);
            writer.push_family(out);
        }
    }
}

/// Writes one family.
struct Writer<'a, 'p> {
    dialect: Dialect,
    family: &'a Family<'a>,
    /// See [`Family::own_name`].
    own_name: &'a str,
    is_typed: bool,
    labels: &'a mut LabelWriter<'p>,
    conflicts: Conflicts,
    /// The labels of a series so far might be those that another one goes out with.
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
    fn push_family(&mut self, out: &mut String) {
        let family = self.family;
        match family.kind {
            Kind::Counter | Kind::Gauge | Kind::Rate => {
                let type_name = match family.kind {
                    Kind::Gauge => TypeName::Gauge,
                    _ if self.is_typed => TypeName::Counter,
                    _ => TypeName::Unknown,
                };
                self.push_head(&family.name, type_name, out);
                self.push_cells(&family.name, out);
            }
            Kind::Histogram | Kind::Timer if self.is_typed => {
                self.push_head(&family.name, TypeName::Histogram, out);
                self.push_distributions(&Part::ALL, out);
            }
            Kind::Histogram | Kind::Timer => {
                for part in Part::ALL {
                    let name = format!("{}{}", family.name, part.suffix());
                    self.push_head(&name, TypeName::Unknown, out);
                    self.push_distributions(&[part], out);
                }
            }
            Kind::Summary => self.push_summary_family(out),
        }
        if let Some(name) = &family.self_time {
            let help = format!("Time in {} itself, without the timed calls inside.", family.name);
            let unit = Some(Unit::Seconds);
            self.dialect
                .push_head(Head { name, type_name: TypeName::Counter, unit, help: &help }, out);
            self.push_cells(name, out);
        }
    }

    fn push_head(&self, name: &str, type_name: TypeName, out: &mut String) {
        // The series of a metric share what is said of it.
        let first = self.family.series.first();
        let unit = first.and_then(Series::unit);
        let mut help = first.and_then(Series::description).unwrap_or("").trim();
        let renamed;
        if self.family.is_renamed {
            let written = self.family.written();
            renamed = format!("The metric `{written}`, whose name is another's here. {help}");
            help = renamed.trim_end();
        }
        self.dialect.push_head(Head { name, type_name, unit, help }, out);
    }

    /// Appends the labels of a series and `end`, which closes the last one; false where there are none.
    fn push_labels(&mut self, place: usize, series: &Series, end: &str, out: &mut String) -> bool {
        let conflict = self.conflicts.of(place);
        let start = out.len();
        self.is_changed |= !self.labels.push(series.labels(), conflict, out);
        let is_empty = out.len() == start;
        if !is_empty {
            out.push_str(end);
        }
        !is_empty
    }

    /// A line for each series of counters, rates, gauges, or timers' self time.
    fn push_cells(&mut self, name: &str, out: &mut String) {
        for (place, series) in self.family.series.iter().enumerate() {
            out.push_str(name);
            if !self.push_labels(place, series, "\"} ", out) {
                out.push(' ');
            }
            match series.value() {
                Value::Counter(total) | Value::Rate(total) => push_u64(*total, out),
                Value::Gauge(value) => push_sample(*value, out),
                Value::Histogram(histogram) => push_sample(histogram.sum(), out),
                Value::Timer(timer) => push_sample(timer.self_total().as_secs_f64(), out),
                Value::Summary(summary) => push_sample(summary.sum(), out),
            }
            out.push('\n');
        }
    }

    /// The lines of `parts` for each series of a histogram or timer.
    fn push_distributions(&mut self, parts: &[Part], out: &mut String) {
        let family = self.family;
        let Some(first) = family.series.iter().find_map(|series| series.value().distribution())
        else {
            return;
        };
        let mut bounds = Bounds::new(first.layout(), self.own_name, family.kind);
        let [mut opening, sum, count] =
            Part::ALL.map(|part| format!("{}{}", family.name, part.suffix()));
        let name_len = opening.len();
        for (place, series) in family.series.iter().enumerate() {
            let Some(histogram) = series.value().distribution() else { continue };
            if !bounds.are_of(histogram.layout()) {
                bounds = Bounds::new(histogram.layout(), self.own_name, family.kind);
            }
            opening.truncate(name_len);
            if !self.push_labels(place, series, "\",", &mut opening) {
                opening.push('{');
            }
            // Without the brace or the comma at its end.
            let labels = &opening[name_len..opening.len() - 1];
            for part in parts {
                match part {
                    Part::Buckets => push_buckets(&opening, &bounds, histogram, out),
                    Part::Sum => {
                        push_name(&sum, labels, out);
                        push_sample(histogram.sum(), out);
                        out.push('\n');
                    }
                    Part::Count => {
                        push_name(&count, labels, out);
                        push_u64(histogram.count(), out);
                        out.push('\n');
                    }
                }
            }
        }
    }
}

/// A line for each bound. `opening` is all that stands before the bound: `name_bucket{key="value",`.
fn push_buckets(
    opening: &str,
    bounds: &Bounds<'_>,
    histogram: &HistogramSnapshot,
    out: &mut String,
) {
    for (bound, count) in bounds.counts(histogram) {
        out.push_str(opening);
        out.push_str(bound);
        push_u64(count, out);
        out.push('\n');
    }
}

fn push_name(name: &str, labels: &str, out: &mut String) {
    out.push_str(name);
    out.push_str(labels);
    out.push_str(if labels.is_empty() { " " } else { "} " });
}

/// True when a distribution of the family holds values below zero: its sum is then none that only grows.
fn has_negatives(family: &Family<'_>) -> bool {
    let distributions = family.series.iter().filter_map(|series| series.value().distribution());
    let mut lowest = distributions.filter_map(|found| found.buckets().next());
    lowest.any(|bucket| bucket.lower < 0.0)
}

impl Dialect {
    fn push_head(self, head: Head<'_>, out: &mut String) {
        match self {
            Dialect::Prometheus => prometheus::push_head(head, out),
            Dialect::OpenMetrics => openmetrics::push_head(head, out),
        }
    }
}

#[cfg(test)]
mod tests;

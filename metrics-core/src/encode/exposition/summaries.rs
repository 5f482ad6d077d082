//! The lines of summaries: a quantile each, the sum and the count.

use crate::encode::digits::push_sample;
use crate::encode::exposition::template::{Body, Number};
use crate::encode::exposition::{MetricType, Part, Writer, push_name};
use crate::snapshot::{SummarySnapshot, Value};

/// The text of each quantile that is written.
const QUANTILES: [&str; SummarySnapshot::QUANTILES.len()] = ["0.5", "0.9", "0.95", "0.99"];

impl Writer<'_, '_> {
    /// As one family; or, where the format does not take its values as a summary, as three that say nothing of them.
    pub(super) fn push_summary_family(&mut self, metric_type: MetricType, body: &mut Body<'_>) {
        const PARTS: [Option<Part>; 3] = [None, Some(Part::Sum), Some(Part::Count)];
        let family = self.family;
        let places = 0..family.series.len();
        if metric_type == MetricType::Summary {
            self.push_head(&family.name, metric_type, body);
            for place in places {
                PARTS.iter().for_each(|part| self.push_summary(place, *part, body));
            }
            return;
        }
        for part in PARTS {
            let name = format!("{}{}", family.name, part.map_or("", Part::suffix));
            self.push_head(&name, metric_type, body);
            for place in places.clone() {
                self.push_summary(place, part, body);
            }
        }
    }

    /// The quantiles of a series, or its sum or count. Without a value, a quantile is NaN, as in other clients.
    fn push_summary(&mut self, place: usize, part: Option<Part>, body: &mut Body<'_>) {
        let family = self.family;
        let series = &family.series[place];
        let Value::Summary(summary) = series.value() else { return };
        let mut labels = String::new();
        // Without the quote that closes the last value: `push_name` writes it.
        self.push_labels(place, series, "", &mut labels);
        let place = family.places().start + place;
        let Some(part) = part else {
            let opening = if labels.is_empty() { "{" } else { "\"," };
            let values = summary.quantiles(SummarySnapshot::QUANTILES);
            let mut number = Number::Quantile;
            for (text, value) in QUANTILES.iter().zip(values) {
                for part in [&family.name, &*labels, opening, "quantile=\"", text, "\"} "] {
                    body.out.push_str(part);
                }
                body.push(place, number, |out| push_sample(value.unwrap_or(f64::NAN), out));
                body.out.push('\n');
                number = Number::Next;
            }
            return;
        };
        if !labels.is_empty() {
            labels.push('"');
        }
        body.out.push_str(&family.name);
        push_name(part.suffix(), &labels, body.out);
        let number = if part == Part::Count { Number::Count } else { Number::Sum };
        body.push_one(place, number, series.value());
        body.out.push('\n');
    }
}

//! The lines of summaries: a quantile each, the sum and the count.

use crate::encode::digits::{push_sample, push_u64};
use crate::encode::exposition::{MetricType, Part, Writer, push_name};
use crate::snapshot::{SummarySnapshot, Value};

/// The text of each quantile that is written.
const QUANTILES: [&str; SummarySnapshot::QUANTILES.len()] = ["0.5", "0.9", "0.95", "0.99"];

impl Writer<'_, '_> {
    /// As one family; or, where the format does not take its values as a summary, as three that say nothing of them.
    pub(super) fn push_summary_family(&mut self, metric_type: MetricType, out: &mut String) {
        const PARTS: [Option<Part>; 3] = [None, Some(Part::Sum), Some(Part::Count)];
        let family = self.family;
        let places = 0..family.series.len();
        if metric_type == MetricType::Summary {
            self.push_head(&family.name, metric_type, out);
            for place in places {
                PARTS.iter().for_each(|part| self.push_summary(place, *part, out));
            }
            return;
        }
        for part in PARTS {
            let name = format!("{}{}", family.name, part.map_or("", Part::suffix));
            self.push_head(&name, metric_type, out);
            for place in places.clone() {
                self.push_summary(place, part, out);
            }
        }
    }

    /// The quantiles of a series, or its sum or count. Without a value, a quantile is NaN, as in other clients.
    fn push_summary(&mut self, place: usize, part: Option<Part>, out: &mut String) {
        let family = self.family;
        let series = &family.series[place];
        let Value::Summary(summary) = series.value() else { return };
        let mut labels = String::new();
        // Without the quote that closes the last value: `push_name` writes it.
        self.push_labels(place, series, "", &mut labels);
        let Some(part) = part else {
            let opening = if labels.is_empty() { "{" } else { "\"," };
            let values = summary.quantiles(SummarySnapshot::QUANTILES);
            for (text, value) in QUANTILES.iter().zip(values) {
                out.push_str(&family.name);
                out.push_str(&labels);
                out.push_str(opening);
                out.push_str("quantile=\"");
                out.push_str(text);
                out.push_str("\"} ");
                push_sample(value.unwrap_or(f64::NAN), out);
                out.push('\n');
            }
            return;
        };
        if !labels.is_empty() {
            labels.push('"');
        }
        out.push_str(&family.name);
        push_name(part.suffix(), &labels, out);
        match part {
            Part::Count => push_u64(summary.count(), out),
            _ => push_sample(summary.sum(), out),
        }
        out.push('\n');
    }
}

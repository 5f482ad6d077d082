//! Fills the messages of one family after the other, in memory that it keeps.

use std::{mem, ptr};

use prost::Message;
use tachograph::{
    FamilySeries, HistogramSnapshot, Layout, MetricFamily, MetricType, Point, SummarySnapshot, Unit,
};

use crate::protobuf::message::{self, Bucket, Counter, Gauge, Quantile, Timestamp, Untyped};
use crate::protobuf::native::NativeBuckets;
use crate::protobuf::{Protobuf, wire};

/// One body.
pub(super) struct Writer {
    options: Protobuf,
    /// It never has metrics: these are written one by one behind it, as fields may come in any order.
    family: message::MetricFamily,
    /// It never has labels: these are written before it.
    metric: message::Metric,
    /// The labels of one series as they are written, which spares a copy of each.
    labels: Vec<u8>,
    /// What the metric does not hold at the moment.
    histogram: message::Histogram,
    summary: message::Summary,
    native: NativeBuckets,
    /// A family without its length.
    body: Vec<u8>,
}

impl Writer {
    pub(super) fn new(options: Protobuf) -> Writer {
        Writer {
            options,
            family: message::MetricFamily::default(),
            metric: message::Metric::default(),
            labels: Vec::new(),
            histogram: message::Histogram::default(),
            summary: message::Summary::default(),
            native: NativeBuckets::default(),
            body: Vec::new(),
        }
    }

    /// Appends a family behind its length.
    pub(super) fn push_family(&mut self, family: &MetricFamily<'_>, out: &mut Vec<u8>) {
        set(&mut self.family.name, family.name());
        set(&mut self.family.help, &family.help());
        set(&mut self.family.unit, family.unit_in_name().map_or("", Unit::as_str));
        self.family.set_type(type_of(family.metric_type()));
        self.body.clear();
        // A vector has room for everything.
        let _ = self.family.encode(&mut self.body);
        let mut bounds =
            ClassicBounds { family, is_always: self.options.has_all_classic_buckets, known: None };
        for series in family.series() {
            self.set_value(family.metric_type(), &series, &mut bounds);
            self.push_metric(&series);
            self.take_back();
        }
        wire::push_len(self.body.len(), out);
        out.extend_from_slice(&self.body);
    }

    /// Appends the metric with the labels of a series.
    fn push_metric(&mut self, series: &FamilySeries<'_>) {
        self.labels.clear();
        for (key, value) in series.labels() {
            wire::push_text_pair(message::LABEL_KEY, key, value, &mut self.labels);
        }
        self.body.push(message::METRIC_KEY);
        wire::push_len(self.labels.len() + self.metric.encoded_len(), &mut self.body);
        self.body.extend_from_slice(&self.labels);
        // A vector has room for everything.
        let _ = self.metric.encode(&mut self.body);
    }

    fn set_value<'f>(
        &mut self,
        metric_type: MetricType,
        series: &FamilySeries<'f>,
        bounds: &mut ClassicBounds<'f>,
    ) {
        let created_timestamp = Timestamp::of(series.series().created_at());
        match series.point() {
            Point::Histogram(distribution) => {
                let mut histogram = mem::take(&mut self.histogram);
                histogram.sample_count = distribution.count();
                histogram.sample_sum = distribution.sum();
                histogram.created_timestamp = created_timestamp;
                self.native.fill(distribution, self.options.max_buckets, &mut histogram);
                bounds.fill(distribution, &mut histogram.bucket);
                self.metric.histogram = Some(histogram);
            }
            Point::Summary(distribution) => {
                let mut summary = mem::take(&mut self.summary);
                summary.sample_count = distribution.count();
                summary.sample_sum = distribution.sum();
                summary.created_timestamp = created_timestamp;
                let values = distribution.quantiles(SummarySnapshot::QUANTILES);
                let quantiles = SummarySnapshot::QUANTILES.iter().zip(values);
                summary.quantile.clear();
                summary.quantile.extend(
                    quantiles.map(|(q, value)| Quantile {
                        quantile: *q,
                        value: value.unwrap_or(f64::NAN),
                    }),
                );
                self.metric.summary = Some(summary);
            }
            Point::Total(total) => {
                self.set_number(metric_type, total as f64, created_timestamp);
            }
            Point::Number(value) => self.set_number(metric_type, value, created_timestamp),
            // A kind that is younger than this package goes out without a value.
            _ => {}
        }
    }

    fn set_number(
        &mut self,
        metric_type: MetricType,
        value: f64,
        created_timestamp: Option<Timestamp>,
    ) {
        match metric_type {
            MetricType::Counter => self.metric.counter = Some(Counter { value, created_timestamp }),
            MetricType::Gauge => self.metric.gauge = Some(Gauge { value }),
            _ => self.metric.untyped = Some(Untyped { value }),
        }
    }

    /// Leaves the metric without a value, and keeps the memory.
    fn take_back(&mut self) {
        let metric = &mut self.metric;
        if let Some(histogram) = metric.histogram.take() {
            self.histogram = histogram;
        }
        if let Some(summary) = metric.summary.take() {
            self.summary = summary;
        }
        (metric.counter, metric.gauge, metric.untyped) = (None, None, None);
    }
}

/// Where the classic buckets of a family end.
struct ClassicBounds<'f> {
    family: &'f MetricFamily<'f>,
    /// Also where none are declared.
    is_always: bool,
    /// Those of the last layout.
    known: Option<(&'f Layout, Vec<f64>)>,
}

impl<'f> ClassicBounds<'f> {
    /// Replaces the buckets by those of a distribution. The last, infinite one is left to readers, who know the count.
    fn fill(&mut self, distribution: &'f HistogramSnapshot, buckets: &mut Vec<Bucket>) {
        buckets.clear();
        let layout = distribution.layout();
        if layout.bounds().is_empty() && !self.is_always {
            return;
        }
        // The series of a family mostly share their layout.
        let is_known = |(known, _): &(&Layout, _)| ptr::eq(*known, layout) || *known == layout;
        let known = self.known.take().filter(is_known);
        let (_, bounds) =
            self.known.insert(known.unwrap_or_else(|| (layout, self.family.bucket_bounds(layout))));
        let counts = distribution.counts_at_most(bounds);
        buckets.extend(
            bounds
                .iter()
                .zip(counts)
                .map(|(bound, count)| Bucket { cumulative_count: count, upper_bound: *bound }),
        );
    }
}

fn type_of(metric_type: MetricType) -> message::MetricType {
    match metric_type {
        MetricType::Counter => message::MetricType::Counter,
        MetricType::Gauge => message::MetricType::Gauge,
        MetricType::Histogram => message::MetricType::Histogram,
        MetricType::Summary => message::MetricType::Summary,
        _ => message::MetricType::Untyped,
    }
}

/// Replaces a text in the memory that it has.
fn set(text: &mut String, new: &str) {
    text.clear();
    text.push_str(new);
}

//! A registry with whatever can be recorded, as bytes have it.

use arbitrary::Arbitrary;
use tachograph::{Buckets, Registry, Unit};

/// What one program does.
#[derive(Debug, Arbitrary)]
pub(crate) struct Program {
    prefix: Option<String>,
    recommended: bool,
    series: Vec<Series>,
}

#[derive(Debug, Arbitrary)]
pub(crate) struct Series {
    kind: Kind,
    /// So that names collide with parts of others.
    suffix: Suffix,
    name: String,
    labels: Vec<(String, String)>,
    description: Option<String>,
    unit: Option<bool>,
    values: Vec<f64>,
    count: u64,
}

#[derive(Debug, Arbitrary)]
enum Kind {
    Counter,
    Gauge,
    Histogram,
    Declared,
    Timer,
    Rate,
    Summary,
}

#[derive(Debug, Arbitrary)]
enum Suffix {
    None,
    Total,
    Bucket,
    Sum,
    Count,
    Seconds,
    Created,
}

impl Program {
    /// Runs it. What is refused is left out, as in any program that goes on.
    pub(crate) fn run(&self) -> Registry {
        let mut builder = Registry::builder();
        if let Some(prefix) = &self.prefix {
            builder = builder.prefix(prefix);
        }
        if self.recommended {
            builder = builder.naming(tachograph::Naming::Recommended);
        }
        let registry = builder.build();
        // Slots are never given out again, so there are few, and histograms are small.
        for series in self.series.iter().take(12) {
            let _ = series.record(&registry);
        }
        registry
    }
}

impl Series {
    fn record(&self, registry: &Registry) -> Result<(), tachograph::Error> {
        let suffix = match self.suffix {
            Suffix::None => "",
            Suffix::Total => "_total",
            Suffix::Bucket => "_bucket",
            Suffix::Sum => "_sum",
            Suffix::Count => "_count",
            Suffix::Seconds => "_seconds",
            Suffix::Created => "_created",
        };
        let name = format!("{}{suffix}", self.name);
        let labels: Vec<(&str, &str)> =
            self.labels.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
        let small = || Buckets::new().schema(1).range(0.25, 64.0);
        let values = self.values.iter().copied();
        match self.kind {
            Kind::Counter => registry.counter(&name, &labels)?.increment(self.count),
            Kind::Gauge => {
                let gauge = registry.gauge(&name, &labels)?;
                values.for_each(|value| gauge.set(value));
            }
            Kind::Histogram => {
                let histogram = registry.histogram_with(&name, &labels, small())?;
                values.for_each(|value| histogram.record(value));
            }
            Kind::Declared => {
                let buckets = small().bounds(&[0.3, 1.0, 5.0]);
                let histogram = registry.histogram_with(&name, &labels, buckets)?;
                values
                    .for_each(|value| histogram.record_many(value, (self.count % 1_000) as usize));
            }
            Kind::Timer => {
                let timer = registry.timer_with(&name, &labels, small())?;
                timer.record(std::time::Duration::from_nanos(self.count));
            }
            Kind::Rate => registry.rate(&name, &labels)?.increment(self.count),
            Kind::Summary => {
                let summary = registry.summary_with(&name, &labels, small())?;
                values.for_each(|value| summary.record(value));
            }
        }
        if let Some(description) = &self.description {
            let unit = self.unit.map(|seconds| if seconds { Unit::Seconds } else { Unit::Bytes });
            registry.describe(&name, unit, description)?;
        }
        Ok(())
    }
}

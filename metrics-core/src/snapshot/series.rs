//! One series of a snapshot: who it is and what it holds.

use std::sync::Arc;
use std::time::SystemTime;

use crate::kind::Kind;
use crate::label::Labels;
use crate::name::Name;
use crate::snapshot::{HistogramSnapshot, SummarySnapshot, TimerSnapshot};
use crate::unit::Unit;

/// One series: a metric's name, the labels that tell it from its siblings, and its value.
#[derive(Debug, Clone)]
pub struct Series {
    name: Name,
    labels: Labels,
    unit: Option<Unit>,
    description: Option<Arc<str>>,
    created_at: SystemTime,
    /// Somebody else kept a part of its total, and nobody knows since when that has grown.
    is_kept_elsewhere: bool,
    value: Value,
}

/// What a series held when the snapshot was taken.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Value {
    /// The total of a counter.
    Counter(u64),
    /// The value of a gauge.
    Gauge(f64),
    /// The distribution of a histogram.
    Histogram(HistogramSnapshot),
    /// The durations of a timer.
    Timer(TimerSnapshot),
    /// The total of a rate: how many there were.
    Rate(u64),
    /// The distribution of a summary, and the values that it keeps.
    Summary(SummarySnapshot),
}

impl Value {
    /// The distribution of a histogram, timer or summary.
    pub(crate) fn distribution(&self) -> Option<&HistogramSnapshot> {
        match self {
            Value::Histogram(histogram) => Some(histogram),
            Value::Timer(timer) => Some(timer.histogram()),
            Value::Summary(summary) => Some(summary.histogram()),
            Value::Counter(_) | Value::Gauge(_) | Value::Rate(_) => None,
        }
    }

    /// Quantiles of a histogram, timer or summary, in the unit of its values.
    pub(crate) fn quantiles<const N: usize>(&self, shares: [f64; N]) -> [Option<f64>; N] {
        match self {
            Value::Summary(summary) => summary.quantiles(shares),
            _ => shares.map(|q| self.distribution()?.quantile(q)),
        }
    }
}

impl Series {
    /// Puts the parts together; the kind is that of the value.
    pub(crate) fn new(
        name: Name,
        labels: Labels,
        unit: Option<Unit>,
        description: Option<Arc<str>>,
        value: Value,
    ) -> Series {
        Series {
            name,
            labels,
            unit,
            description,
            created_at: SystemTime::UNIX_EPOCH,
            is_kept_elsewhere: false,
            value,
        }
    }

    /// With the time of its registration.
    pub(crate) fn registered(mut self, at: SystemTime) -> Series {
        self.created_at = at;
        self
    }

    /// Says whether somebody else [kept](crate::Counter::absolute) a part of its total.
    pub(super) fn set_kept_elsewhere(&mut self, is_so: bool) {
        self.is_kept_elsewhere = is_so;
    }

    /// True where the time that a snapshot covers is not that in which the total grew.
    pub(crate) fn is_kept_elsewhere(&self) -> bool {
        self.is_kept_elsewhere
    }

    /// The metric's name, as it was written.
    pub fn name(&self) -> &str {
        self.name.as_str()
    }

    /// The labels, in the order of their keys.
    pub fn labels(&self) -> &Labels {
        &self.labels
    }

    /// The metric's kind.
    pub fn kind(&self) -> Kind {
        match self.value {
            Value::Counter(_) => Kind::Counter,
            Value::Gauge(_) => Kind::Gauge,
            Value::Histogram(_) => Kind::Histogram,
            Value::Timer(_) => Kind::Timer,
            Value::Rate(_) => Kind::Rate,
            Value::Summary(_) => Kind::Summary,
        }
    }

    /// The unit, when one was described.
    pub fn unit(&self) -> Option<Unit> {
        self.unit
    }

    /// The help text, when there is one.
    pub fn description(&self) -> Option<&str> {
        self.description.as_deref()
    }

    /// When it was registered, by the system's clock.
    pub fn created_at(&self) -> SystemTime {
        self.created_at
    }

    /// The value.
    pub fn value(&self) -> &Value {
        &self.value
    }

    pub(super) fn value_mut(&mut self) -> &mut Value {
        &mut self.value
    }

    /// What a snapshot is sorted by.
    pub(super) fn key(&self) -> (&Name, &Labels) {
        (&self.name, &self.labels)
    }

    /// The same series with what came after `earlier`.
    pub(super) fn since(&self, earlier: &Series) -> Series {
        let value = match (&self.value, &earlier.value) {
            (Value::Counter(now), Value::Counter(before)) => {
                Value::Counter(total_since(*now, *before))
            }
            (Value::Rate(now), Value::Rate(before)) => Value::Rate(total_since(*now, *before)),
            (Value::Histogram(now), Value::Histogram(before)) => {
                Value::Histogram(now.since(before))
            }
            (Value::Timer(now), Value::Timer(before)) => Value::Timer(now.since(before)),
            (Value::Summary(now), Value::Summary(before)) => Value::Summary(now.since(before)),
            (now, _) => now.clone(),
        };
        let (name, labels) = (self.name.clone(), self.labels.clone());
        Series {
            name,
            labels,
            unit: self.unit,
            description: self.description.clone(),
            created_at: self.created_at,
            // A difference is what came in between.
            is_kept_elsewhere: false,
            value,
        }
    }
}

/// What a total grew by. One that shrank was reset in between: all of it is new.
fn total_since(now: u64, before: u64) -> u64 {
    now.checked_sub(before).unwrap_or(now)
}

//! What a trigger measures, and against what it holds it.

use std::fmt;
use std::time::Duration;

use crate::history::{Aggregation, Metric};

/// The window of what is measured over one, unless told otherwise.
const WINDOW: Duration = Duration::from_secs(60);

/// What a trigger measures of its metric: from [`quantile`], [`aggregate`], [`rate`] or [`value`].
#[derive(Debug, Clone, Copy, PartialEq)]
#[must_use = "it is no condition before `.above(…)` or `.below(…)`"]
pub struct Measure {
    pub(super) of: Of,
    /// What [`Measure::over`] said.
    over: Option<Duration>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Of {
    Aggregate(Aggregation),
    Rate,
    Value,
}

/// A quantile of what came in the window: [`Window::quantile`](crate::Window::quantile).
pub fn quantile(q: f64) -> Measure {
    aggregate(Aggregation::Quantile(q))
}

/// An aggregate of what came in the window; what it means for which kind stands at [`Aggregation`].
pub fn aggregate(aggregation: Aggregation) -> Measure {
    Measure { of: Of::Aggregate(aggregation), over: None }
}

/// How fast it went in the window, per second: [`Window::rate`](crate::Window::rate).
pub fn rate() -> Measure {
    Measure { of: Of::Rate, over: None }
}

/// What it is at the moment: [`Metric::current`](crate::Metric::current), so that of a gauge its value, and of a counter its total.
pub fn value() -> Measure {
    Measure { of: Of::Value, over: None }
}

impl Measure {
    /// Over a window of that length that ends with the tick; a minute without it.
    pub fn over(mut self, window: Duration) -> Measure {
        self.over = Some(window);
        self
    }

    /// Holds where it is greater.
    pub fn above(self, bound: f64) -> Condition {
        Condition { measure: self, side: Side::Above, bound }
    }

    /// Holds where it is less.
    pub fn below(self, bound: f64) -> Condition {
        Condition { measure: self, side: Side::Below, bound }
    }

    /// None for what is of a moment.
    pub(super) fn window(self) -> Option<Duration> {
        (self.of != Of::Value).then(|| self.over.unwrap_or(WINDOW))
    }

    /// None where there is no value.
    fn of(self, metric: &Metric) -> Option<f64> {
        let Some(window) = self.window() else { return metric.current() };
        match self.of {
            Of::Aggregate(aggregation) => Some(metric.aggregate(aggregation, window)?.value()),
            Of::Rate => Some(metric.rate(window)?.value()),
            Of::Value => metric.current(),
        }
    }
}

/// What lets a trigger fire: something that is measured, above or below a bound.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use tachograph::when::{quantile, value};
///
/// let slow = quantile(0.99).over(Duration::from_secs(300)).above(0.2);
/// assert_eq!(slow.to_string(), "p99 over 300s above 0.2");
/// assert_eq!(value().below(5.0).to_string(), "value below 5");
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[must_use = "it is to be given to `TriggerBuilder::when`"]
pub struct Condition {
    pub(super) measure: Measure,
    pub(super) side: Side,
    pub(super) bound: f64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Above,
    Below,
}

impl Condition {
    /// The value at the moment, if there is one.
    pub(super) fn measure(&self, metric: &Metric) -> Option<f64> {
        self.measure.of(metric).filter(|value| !value.is_nan())
    }

    pub(super) fn holds(&self, value: f64) -> bool {
        match self.side {
            Side::Above => value > self.bound,
            Side::Below => value < self.bound,
        }
    }

    /// What of it cannot be, with the remedy, for a past that reaches back so far.
    pub(super) fn objection(&self, retention: Duration) -> Option<String> {
        if self.bound.is_nan() {
            return Some("cannot compare with NaN: give `above` or `below` a number".to_owned());
        }
        if let (Of::Value, Some(window)) = (self.measure.of, self.measure.over) {
            return Some(format!(
                "cannot take a value over {window:?}: take `aggregate(Aggregation::Average)` over it, or leave `over` out"
            ));
        }
        if let Of::Aggregate(Aggregation::Quantile(q)) = self.measure.of {
            if !(0.0..=1.0).contains(&q) {
                return Some(format!("cannot take the quantile {q}: choose one from 0.0 to 1.0"));
            }
        }
        let window = self.measure.window()?;
        let is_possible = !window.is_zero() && window <= retention;
        (!is_possible).then(|| {
            format!(
                "cannot look at a window of {window:?}: the history keeps {retention:?}; take a shorter window, \
                 of more than 0 s, or a longer retention"
            )
        })
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.measure.of {
            Of::Aggregate(aggregation) => write!(f, "{aggregation}")?,
            Of::Rate => f.write_str("rate")?,
            Of::Value => f.write_str("value")?,
        }
        if let Some(window) = self.measure.window() {
            write!(f, " over {window:?}")?;
        }
        let side = if self.side == Side::Above { "above" } else { "below" };
        write!(f, " {side} {}", self.bound)
    }
}

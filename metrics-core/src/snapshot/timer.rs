//! A timer's durations at one moment: a histogram of seconds and the time spent in the calls proper.

use std::time::Duration;

use crate::error::Error;
use crate::snapshot::HistogramSnapshot;

/// The durations of a timer at one moment.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
///
/// let registry = tachograph::Registry::new();
/// registry.timer("job_seconds", &[]).unwrap().record(Duration::from_millis(20));
/// let snapshot = registry.snapshot();
/// let jobs = snapshot.timer("job_seconds", &[]).unwrap();
/// assert_eq!(jobs.count(), 1);
/// assert!(jobs.total().abs_diff(Duration::from_millis(20)) < Duration::from_micros(1));
/// ```
#[derive(Debug, Clone)]
pub struct TimerSnapshot {
    histogram: HistogramSnapshot,
    /// What a second is in the histogram's values.
    per_second: f64,
    self_total: Duration,
}

impl TimerSnapshot {
    /// The values of `histogram` are seconds times `per_second`. No call's own time is longer than the
    /// call, so what rounding adds to `self_total` beyond the total is cut off.
    pub(crate) fn new(
        histogram: HistogramSnapshot,
        per_second: f64,
        self_total: Duration,
    ) -> TimerSnapshot {
        let mut timer = TimerSnapshot { histogram, per_second, self_total };
        timer.self_total = self_total.min(timer.total());
        timer
    }

    /// Holds other values from now on: those that `fill` puts into its distribution.
    pub(super) fn refill<R>(
        &mut self,
        self_total: Duration,
        fill: impl FnOnce(&mut HistogramSnapshot) -> R,
    ) -> R {
        let filled = fill(&mut self.histogram);
        self.self_total = self_total.min(self.total());
        filled
    }

    fn duration(&self, value: f64) -> Duration {
        duration(value / self.per_second)
    }

    /// How many calls were timed.
    pub fn count(&self) -> u64 {
        self.histogram.count()
    }

    /// The time between start and stop, summed over all calls. Recursive and parallel calls count
    /// each time, so this can be more than the time that passed.
    pub fn total(&self) -> Duration {
        self.duration(self.histogram.sum())
    }

    /// What a second is in its unit.
    pub(crate) fn per_second(&self) -> f64 {
        self.per_second
    }

    /// The total in seconds, unrounded.
    pub(crate) fn total_seconds(&self) -> f64 {
        self.histogram.sum() / self.per_second
    }

    /// The part of [`total`](TimerSnapshot::total) that was not spent in other timed calls of the
    /// same thread.
    pub fn self_total(&self) -> Duration {
        self.self_total
    }

    /// The shortest call; see [`HistogramSnapshot::min`].
    pub fn min(&self) -> Option<Duration> {
        self.histogram.min().map(|value| self.duration(value))
    }

    /// The longest call; see [`HistogramSnapshot::max`].
    pub fn max(&self) -> Option<Duration> {
        self.histogram.max().map(|value| self.duration(value))
    }

    /// The mean; `None` without calls.
    pub fn mean(&self) -> Option<Duration> {
        self.histogram.mean().map(|value| self.duration(value))
    }

    /// An estimate of the standard deviation; see [`HistogramSnapshot::stddev`].
    pub fn stddev(&self) -> Option<Duration> {
        self.histogram.stddev().map(|value| self.duration(value))
    }

    /// The duration that a share `q`, `0.0..=1.0`, of the calls did not exceed; see
    /// [`HistogramSnapshot::quantile`].
    pub fn quantile(&self, q: f64) -> Option<Duration> {
        self.histogram.quantile(q).map(|value| self.duration(value))
    }

    /// The distribution.
    ///
    /// # Units
    ///
    /// The metric's: seconds, where it has no other unit of time.
    pub fn histogram(&self) -> &HistogramSnapshot {
        &self.histogram
    }

    /// Adds the calls of `other`, for instance those of another thread, process or label.
    ///
    /// # Errors
    ///
    /// When the two have different layouts (see [`HistogramSnapshot::merge`]) or units.
    pub fn merge(&mut self, other: &TimerSnapshot) -> Result<(), Error> {
        if self.per_second != other.per_second {
            return Err(Error::conflict(
                "the timers have different units: merge those of one unit of time",
            ));
        }
        self.histogram.merge(&other.histogram)?;
        self.self_total = self.self_total.saturating_add(other.self_total);
        Ok(())
    }

    /// What came after `earlier`; see [`Snapshot::since`](crate::Snapshot::since).
    #[must_use]
    pub fn since(&self, earlier: &TimerSnapshot) -> TimerSnapshot {
        match self.histogram.difference(&earlier.histogram) {
            Some(histogram) => {
                let own = self.self_total.saturating_sub(earlier.self_total);
                TimerSnapshot::new(histogram, self.per_second, own)
            }
            None => self.clone(),
        }
    }
}

/// Seconds as a duration: negative ones are zero, those beyond its range its greatest value.
fn duration(seconds: f64) -> Duration {
    Duration::try_from_secs_f64(seconds).unwrap_or(if seconds > 0.0 {
        Duration::MAX
    } else {
        Duration::ZERO
    })
}

//! What readers see: every series of a registry at one moment, as plain, sorted, owned data.
//!
//! The recorder's memory is read once, by `scan`, into the types of this module; from then on nothing
//! here changes, and nothing here can reach that memory. Lookups, encoders, differences and history
//! all work on these values. Series stand in the order of their names and then of their labels, so a
//! lookup is a binary search and two snapshots are compared in one pass.
//!
//! It never locks, never records, and never looks at a clock.

mod cost;
mod delta;
mod distribution;
mod kept;
mod native;
mod overhead;
mod own;
mod rank;
mod reader;
mod scan;
mod series;
mod summary;
mod timer;

use std::sync::Arc;
use std::time::{Duration, SystemTime};

pub use delta::Delta;
pub use distribution::{Bucket, HistogramSnapshot};
pub use overhead::Overhead;
pub(crate) use rank::rank;
pub use reader::Reader;
pub use series::{Series, Value};
pub use summary::SummarySnapshot;
pub(crate) use summary::quantile_of;
pub use timer::TimerSnapshot;

pub(crate) use distribution::Extremes;
pub(crate) use kept::Kept;
pub(crate) use scan::{Found, Recorded};

use crate::label::Labels;
use crate::presentation::Presentation;
use crate::registry::Lint;

/// Every series of a registry at one moment: sorted, owned, and free of the registry.
///
/// # Examples
///
/// ```
/// let registry = tachograph::Registry::new();
/// let jobs = registry.counter("jobs_total", &[("queue", "mail"), ("state", "done")]).unwrap();
/// jobs.increment(3);
/// let snapshot = registry.snapshot();
/// assert_eq!(snapshot.counter("jobs_total", &[("state", "done"), ("queue", "mail")]), Some(3));
/// assert_eq!(snapshot.counter("jobs_total", &[]), None);
///
/// jobs.increment(2);
/// let later = registry.snapshot().since(&snapshot);
/// assert_eq!(later.counter("jobs_total", &[("queue", "mail"), ("state", "done")]), Some(2));
/// ```
#[derive(Debug, Clone)]
pub struct Snapshot {
    series: Vec<Series>,
    taken_at: SystemTime,
    elapsed: Duration,
    overhead: Overhead,
    lints: Vec<Lint>,
    /// How formats show names and labels; here they are as they were written.
    presentation: Arc<Presentation>,
}

/// Everything that one reading of the recorder's memory gives, in any order.
#[derive(Debug)]
pub(crate) struct Parts {
    pub(crate) series: Vec<Series>,
    pub(crate) taken_at: SystemTime,
    pub(crate) elapsed: Duration,
    pub(crate) overhead: Overhead,
    pub(crate) lints: Vec<Lint>,
    pub(crate) presentation: Arc<Presentation>,
}

impl Snapshot {
    /// Sorts the series and takes the rest as it is.
    pub(crate) fn new(parts: Parts) -> Snapshot {
        let Parts { mut series, taken_at, elapsed, overhead, lints, presentation } = parts;
        series.sort_unstable_by(|one, other| one.key().cmp(&other.key()));
        Snapshot { series, taken_at, elapsed, overhead, lints, presentation }
    }

    /// The total of a counter; the order of `labels` does not matter.
    ///
    /// `None` when there is no such series, or when it is of another kind.
    pub fn counter(&self, name: &str, labels: &[(&str, &str)]) -> Option<u64> {
        match self.find(name, labels)? {
            Value::Counter(total) => Some(*total),
            _ => None,
        }
    }

    /// The value of a gauge; the order of `labels` does not matter.
    ///
    /// `None` when there is no such series, or when it is of another kind.
    pub fn gauge(&self, name: &str, labels: &[(&str, &str)]) -> Option<f64> {
        match self.find(name, labels)? {
            Value::Gauge(value) => Some(*value),
            _ => None,
        }
    }

    /// The distribution of a histogram; the order of `labels` does not matter.
    ///
    /// `None` when there is no such series, or when it is of another kind: a timer's distribution is
    /// [`TimerSnapshot::histogram`].
    pub fn histogram(&self, name: &str, labels: &[(&str, &str)]) -> Option<&HistogramSnapshot> {
        match self.find(name, labels)? {
            Value::Histogram(histogram) => Some(histogram),
            _ => None,
        }
    }

    /// The durations of a timer; the order of `labels` does not matter.
    ///
    /// `None` when there is no such series, or when it is of another kind.
    pub fn timer(&self, name: &str, labels: &[(&str, &str)]) -> Option<&TimerSnapshot> {
        match self.find(name, labels)? {
            Value::Timer(timer) => Some(timer),
            _ => None,
        }
    }

    /// What a summary holds; the order of `labels` does not matter.
    ///
    /// `None` when there is no such series, or when it is of another kind.
    pub fn summary(&self, name: &str, labels: &[(&str, &str)]) -> Option<&SummarySnapshot> {
        match self.find(name, labels)? {
            Value::Summary(summary) => Some(summary),
            _ => None,
        }
    }

    /// How many there were of what a rate counts; the order of `labels` does not matter.
    ///
    /// `None` when there is no such series, or when it is of another kind.
    pub fn rate_total(&self, name: &str, labels: &[(&str, &str)]) -> Option<u64> {
        match self.find(name, labels)? {
            Value::Rate(total) => Some(*total),
            _ => None,
        }
    }

    /// How many there were each second, over the time that the snapshot covers; the order of `labels` does not
    /// matter. For a part of that time see [`since`](Snapshot::since).
    ///
    /// `None` when there is no such series, when it is of another kind, or when no time has passed.
    ///
    /// # Examples
    ///
    /// ```
    /// let registry = tachograph::Registry::new();
    /// let jobs = registry.rate("jobs", &[])?;
    /// jobs.increment(100);
    /// let earlier = registry.snapshot();
    /// jobs.increment(3);
    ///
    /// let window = registry.snapshot().since(&earlier);
    /// assert_eq!(window.rate_total("jobs", &[]), Some(3));
    /// let each_second = 3.0 / window.elapsed().as_secs_f64();
    /// assert_eq!(window.rate_per_second("jobs", &[]), Some(each_second));
    /// # Ok::<(), tachograph::Error>(())
    /// ```
    pub fn rate_per_second(&self, name: &str, labels: &[(&str, &str)]) -> Option<f64> {
        self.per_second(self.rate_total(name, labels)?)
    }

    /// A total over the time that the snapshot covers, each second; `None` when no time has passed.
    pub(crate) fn per_second(&self, total: u64) -> Option<f64> {
        let seconds = self.elapsed.as_secs_f64();
        (seconds > 0.0).then(|| total as f64 / seconds)
    }

    /// Every series, in the order of names and then of labels.
    pub fn series(&self) -> &[Series] {
        &self.series
    }

    /// What was recorded between `earlier` and this snapshot, both of one registry.
    ///
    /// Counters, rates, buckets, counts, sums and totals are differences; a gauge keeps its present value. A
    /// series that `earlier` does not know appears whole. One that was reset or removed in between,
    /// so that its total is smaller now, appears with its present total.
    ///
    /// The smallest and the greatest value of such a window are not recorded anywhere: where the
    /// series had values before, [`HistogramSnapshot::min`] and [`max`](HistogramSnapshot::max) are
    /// the edges of the filled buckets, and
    /// [`is_range_exact`](HistogramSnapshot::is_range_exact) says so.
    #[must_use]
    pub fn since(&self, earlier: &Snapshot) -> Snapshot {
        let mut before = earlier.series.iter().peekable();
        let series = self.series.iter().map(|now| {
            while before.next_if(|before| before.key() < now.key()).is_some() {}
            match before.next_if(|before| before.key() == now.key()) {
                Some(before) => now.since(before),
                None => now.clone(),
            }
        });
        Snapshot {
            series: series.collect(),
            taken_at: self.taken_at,
            elapsed: self.elapsed.saturating_sub(earlier.elapsed),
            overhead: self.overhead.since(&earlier.overhead),
            lints: self.lints.clone(),
            presentation: Arc::clone(&self.presentation),
        }
    }

    /// The same with some of the series only.
    pub(crate) fn with_series(&self, is_in: impl FnMut(&&Series) -> bool) -> Snapshot {
        Snapshot {
            series: self.series.iter().filter(is_in).cloned().collect(),
            taken_at: self.taken_at,
            elapsed: self.elapsed,
            overhead: self.overhead.clone(),
            lints: self.lints.clone(),
            presentation: Arc::clone(&self.presentation),
        }
    }

    /// When the snapshot was taken, by the system's clock.
    pub fn taken_at(&self) -> SystemTime {
        self.taken_at
    }

    /// The time that the values cover: since the registry's creation, or, in the result of
    /// [`since`](Snapshot::since), since the earlier snapshot. A steady clock measured it.
    pub fn elapsed(&self) -> Duration {
        self.elapsed
    }

    /// What recording cost the process.
    pub fn overhead(&self) -> &Overhead {
        &self.overhead
    }

    /// What the registry has to say about its metrics.
    pub fn lints(&self) -> &[Lint] {
        &self.lints
    }

    /// The series of that name and those labels, as another snapshot has it.
    pub(crate) fn same(&self, other: &Series) -> Option<&Series> {
        let found = self.series.binary_search_by(|series| series.key().cmp(&other.key()));
        found.ok().map(|place| &self.series[place])
    }

    /// How the registry's names and labels were to be shown at that moment.
    pub(crate) fn presentation(&self) -> &Presentation {
        &self.presentation
    }

    /// The value of one series. More labels than a series can have are found nowhere.
    fn find(&self, name: &str, labels: &[(&str, &str)]) -> Option<&Value> {
        let mut room = [("", ""); Labels::MAX];
        let sorted = room.get_mut(..labels.len())?;
        sorted.copy_from_slice(labels);
        sorted.sort_unstable();
        let order = |series: &Series| {
            let by_name = series.name().cmp(name);
            by_name.then_with(|| series.labels().iter().cmp(sorted.iter().copied()))
        };
        let place = self.series.binary_search_by(order).ok()?;
        Some(self.series[place].value())
    }
}

#[cfg(test)]
mod tests;

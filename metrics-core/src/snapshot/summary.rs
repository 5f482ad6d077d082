//! A summary at one moment: its distribution, and the values that it keeps as they are.

use std::sync::Arc;

use crate::arena::Values;
use crate::error::Error;
use crate::snapshot::{HistogramSnapshot, rank};

/// A summary at one moment: the distribution of all its values, and the last of them as they are.
///
/// Counts, sums and means are of all values. Quantiles are of those that are [kept](SummarySnapshot::kept), up to 10,000, and exact;
/// where none is, of the buckets.
///
/// # Examples
///
/// ```
/// let registry = tachograph::Registry::new();
/// let sizes = registry.summary("size_bytes", &[])?;
/// (1..=20_000).for_each(|size| sizes.record(size));
/// let snapshot = registry.snapshot();
/// let sizes = snapshot.summary("size_bytes", &[]).unwrap();
/// assert_eq!((sizes.count(), sizes.kept().len()), (20_000, 10_000));
/// assert_eq!((sizes.min(), sizes.quantile(0.5)), (Some(1.0), Some(15_000.0)));
/// # Ok::<(), tachograph::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct SummarySnapshot {
    histogram: HistogramSnapshot,
    /// The last values, in the order in which they came.
    kept: Arc<[f64]>,
    /// How many ever came.
    came: u64,
}

impl SummarySnapshot {
    /// The quantiles that the formats of Prometheus have of a summary.
    pub const QUANTILES: [f64; 4] = [0.5, 0.9, 0.95, 0.99];

    pub(crate) fn new(histogram: HistogramSnapshot, values: Values) -> SummarySnapshot {
        SummarySnapshot { histogram, kept: values.values, came: values.came }
    }

    /// That of a window of time, of which all values are kept, or none.
    pub(crate) fn of_window(histogram: HistogramSnapshot, kept: Arc<[f64]>) -> SummarySnapshot {
        let came = kept.len() as u64;
        SummarySnapshot { histogram, kept, came }
    }

    /// How many values there were.
    pub fn count(&self) -> u64 {
        self.histogram.count()
    }

    /// Their sum.
    pub fn sum(&self) -> f64 {
        self.histogram.sum()
    }

    /// The smallest one; see [`HistogramSnapshot::min`].
    pub fn min(&self) -> Option<f64> {
        self.histogram.min()
    }

    /// The greatest one; see [`HistogramSnapshot::max`].
    pub fn max(&self) -> Option<f64> {
        self.histogram.max()
    }

    /// The mean; `None` without values.
    pub fn mean(&self) -> Option<f64> {
        self.histogram.mean()
    }

    /// The value that a share `q`, `0.0..=1.0`, of the kept values did not exceed: one of them. `None` without values
    /// and for any other `q`.
    pub fn quantile(&self, q: f64) -> Option<f64> {
        let [value] = self.quantiles([q]);
        value
    }

    /// Several quantiles at once, which is cheaper; each as by [`quantile`](SummarySnapshot::quantile).
    pub fn quantiles<const N: usize>(&self, shares: [f64; N]) -> [Option<f64>; N] {
        if self.kept.is_empty() {
            return shares.map(|q| self.histogram.quantile(q));
        }
        let mut sorted = self.kept.to_vec();
        sorted.sort_unstable_by(f64::total_cmp);
        shares.map(|q| quantile_of(&sorted, q))
    }

    /// The last values, as they came; those that came between two looks, in the order of their time.
    pub fn kept(&self) -> &[f64] {
        &self.kept
    }

    /// The distribution of all values.
    pub fn histogram(&self) -> &HistogramSnapshot {
        &self.histogram
    }

    /// The values of both; those that are kept are not more than one keeps.
    ///
    /// # Errors
    ///
    /// As for [`HistogramSnapshot::merge`].
    pub fn merge(&mut self, other: &SummarySnapshot) -> Result<(), Error> {
        self.histogram.merge(&other.histogram)?;
        self.kept = self.kept.iter().chain(other.kept.iter()).copied().collect();
        self.came += other.came;
        Ok(())
    }

    /// What was recorded after `earlier`.
    pub(super) fn since(&self, earlier: &SummarySnapshot) -> SummarySnapshot {
        let new = self.came.saturating_sub(earlier.came);
        let new = usize::try_from(new).map_or(self.kept.len(), |new| new.min(self.kept.len()));
        let kept = Arc::from(&self.kept[self.kept.len() - new..]);
        SummarySnapshot {
            histogram: self.histogram.since(&earlier.histogram),
            kept,
            came: self.came,
        }
    }
}

/// The first of ascending values that a share `q` of them does not exceed.
pub(crate) fn quantile_of(sorted: &[f64], q: f64) -> Option<f64> {
    if !(0.0..=1.0).contains(&q) {
        return None;
    }
    let place = rank(q, sorted.len() as u64) - 1;
    sorted.get(place as usize).copied()
}

//! The summary.

use crate::arena;
use crate::clock;
use crate::handle::{DistributionSlot, Histogram};
use crate::number::IntoF64;
use crate::sample::Sample;

/// A distribution of values that also keeps the last 10,000 of them as they are, each with its time, tags and metadata.
///
/// It is a [`Histogram`] with single values beside the buckets: quantiles of what it
/// keeps are exact, and so are those of any window of time of which it keeps all. Where the values
/// are many, or only their distribution is of interest, a histogram is the better choice.
///
/// # What it costs
///
/// It is the slow kind: a record asks the system for the time, takes a lock that nobody waits for, and keeps 24 bytes,
/// and what is said of it; `docs/cost.md` has how much that is. A series keeps up to 10,000 values (240 kB), and
/// each of up to 16 groups of threads up to 1,024 on their way there. A snapshot copies all of them.
///
/// Get one from [`summary!`](crate::summary) or [`Registry::summary`](crate::Registry::summary), and read it in a
/// [`Snapshot`](crate::Snapshot) or a [`Metric`](crate::Metric).
///
/// # Examples
///
/// ```
/// let answers = tachograph::summary!("answer_ms");
/// for value in [12.5, 90.0, 13.25] {
///     answers.record(value);
/// }
/// assert_eq!(answers.snapshot().quantile(0.5), Some(13.25));
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Summary(&'static DistributionSlot);

impl Summary {
    /// The handle of a holder.
    #[inline(always)]
    pub(crate) const fn new(slot: &'static DistributionSlot) -> Summary {
        Summary(slot)
    }

    /// The holder, for what reads it.
    pub(crate) fn holder(&self) -> &'static DistributionSlot {
        self.0
    }

    /// Records one value, now.
    ///
    /// # Units
    ///
    /// As for [`Histogram::record`].
    pub fn record<T: IntoF64>(&self, value: T) {
        self.record_sample(Sample::new(value));
    }

    /// Records one value with its time, tags and metadata. NaN and infinities are dropped and counted.
    ///
    /// To the buckets, and so to a window that is answered from them, a value belongs to the time at which it is recorded.
    #[inline(never)]
    pub fn record_sample(&self, sample: Sample) {
        let mut distribution = self.0.known();
        if distribution.slot() < 0 {
            match self.0.resolve() {
                Ok(found) => distribution = found,
                Err(reason) => return arena::count_drop(reason),
            }
        }
        let amount = sample.amount(|seconds| distribution.in_its_unit(seconds));
        Histogram::new(self.0).record_times(Ok(amount), 1);
        if let Some(samples) = distribution.samples().filter(|_| amount.value().is_finite()) {
            let time = sample.time().unwrap_or_else(clock::wall);
            samples.push(amount.value(), time, sample.into_said());
        }
    }

    /// The values that are kept, up to 10,000, in the order of their time.
    ///
    /// # Examples
    ///
    /// ```
    /// use tachograph::{Sample, summary};
    ///
    /// let orders = summary!("order_euros");
    /// orders.record_sample(Sample::new(19.95).tag("shop", "north"));
    /// let kept = orders.samples();
    /// assert_eq!((kept[0].value(), kept[0].get_tag("shop")), (19.95, Some("north")));
    /// ```
    pub fn samples(&self) -> Vec<Sample> {
        let found = self.0.resolve().ok();
        found.and_then(arena::Distribution::samples).map_or_else(Vec::new, |samples| samples.all())
    }

    /// How many values are in the buckets alone, because all places to keep them were in use at once: 0, but where
    /// many threads record into one summary at the same time.
    pub fn left_out(&self) -> u64 {
        let samples = self.0.known().samples();
        samples.map_or(0, arena::Samples::left_out)
    }
}

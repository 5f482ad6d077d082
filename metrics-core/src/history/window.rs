//! What came in a window of time, in one series: plain data, from which every aggregate is made.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use crate::history::aggregation::Aggregation;
use crate::history::levels::Levels;
use crate::kind::Kind;
use crate::sample::Sample;
use crate::snapshot::{Bucket, HistogramSnapshot, TimerSnapshot, quantile_of};

/// The span of time that an answer is about. A history keeps slots, and no single records: it answers for
/// the slots that the window touches, and so for a little more than was asked, or for less where it does not reach back so far.
///
/// # Examples
///
/// ```
/// use std::time::{Duration, SystemTime};
/// use tachograph::{History, Registry};
///
/// let registry = Registry::new();
/// let jobs = registry.counter("jobs_total", &[])?;
/// let start = SystemTime::now();
/// let history = History::builder().registry(&registry).clock(move || start).build()?;
/// for second in 1..=90 {
///     jobs.increment(2);
///     history.tick(start + Duration::from_secs(second));
/// }
///
/// let minute = history.metric("jobs_total", &[]).unwrap().rate(Duration::from_secs(60)).unwrap();
/// assert_eq!(minute.value(), 2.0);
/// assert_eq!(minute.span().covered(), Duration::from_secs(60));
/// assert_eq!(minute.span().to(), start + Duration::from_secs(90));
/// # Ok::<(), tachograph::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    pub(super) from: SystemTime,
    pub(super) to: SystemTime,
    pub(super) covered: Duration,
}

impl Span {
    /// Where it begins, exclusive.
    pub fn from(&self) -> SystemTime {
        self.from
    }

    /// Where it ends, inclusive.
    pub fn to(&self) -> SystemTime {
        self.to
    }

    /// How much of it the process was watched: what is between its ends, less the gaps. Rates are per second of this.
    pub fn covered(&self) -> Duration {
        self.covered
    }

    /// True where something of it is not known, because the machine slept, the clock was stepped, or nobody ticked.
    pub fn has_gap(&self) -> bool {
        let length = self.to.duration_since(self.from).unwrap_or_default();
        // The clock is not as fine everywhere as its type.
        self.covered + Duration::from_micros(1) < length
    }
}

/// An answer, and the span that it is about.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Answer {
    pub(super) value: f64,
    pub(super) span: Span,
}

impl Answer {
    /// The value, in the unit of what was asked for.
    pub fn value(&self) -> f64 {
        self.value
    }

    /// The span that it is about.
    pub fn span(&self) -> Span {
        self.span
    }
}

/// What one series did in a window of time. All aggregates can be taken from it; it is read once, and does not
/// change.
///
/// # Examples
///
/// ```
/// use std::time::{Duration, SystemTime};
/// use tachograph::{Aggregation, History, Registry};
///
/// let registry = Registry::new();
/// let history = History::builder().registry(&registry).build()?;
/// let sizes = registry.histogram("body_bytes", &[])?;
/// (1..=100).for_each(|size| sizes.record(size));
///
/// let metric = history.metric("body_bytes", &[]).unwrap();
/// let minute = metric.window(Duration::from_secs(60)).unwrap();
/// assert_eq!(minute.aggregate(Aggregation::Count), Some(100.0));
/// assert_eq!(minute.aggregate(Aggregation::Sum), Some(5_050.0));
/// let median = minute.quantile(0.5).unwrap();
/// assert!((median / 50.0 - 1.0).abs() < 0.011);
/// # Ok::<(), tachograph::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Window {
    pub(super) kind: Kind,
    pub(super) span: Span,
    pub(super) data: Data,
}

/// What a series adds up, by its kind.
#[derive(Debug, Clone)]
pub(super) enum Data {
    Counts(Counts),
    /// With how fast it changed, per second.
    Levels {
        levels: Levels,
        rate: Option<f64>,
    },
    Histogram(HistogramSnapshot),
    Timer(TimerSnapshot),
    /// With its samples, where all of them are kept.
    Summary {
        histogram: HistogramSnapshot,
        samples: Option<Exact>,
    },
}

/// All samples of a window: what is asked of them is exact.
#[derive(Debug, Clone)]
pub(super) struct Exact {
    /// In the order of time.
    samples: Vec<Sample>,
    /// Their values, ascending.
    sorted: Vec<f64>,
}

impl Exact {
    pub(super) fn new(samples: Vec<Sample>) -> Exact {
        let mut sorted: Vec<f64> = samples.iter().map(Sample::value).collect();
        sorted.sort_unstable_by(f64::total_cmp);
        Exact { samples, sorted }
    }

    pub(super) fn len(&self) -> u64 {
        self.samples.len() as u64
    }

    /// Their values, in the order of time.
    pub(super) fn in_time(&self) -> Arc<[f64]> {
        self.samples.iter().map(Sample::value).collect()
    }

    fn aggregate(&self, aggregation: Aggregation) -> Option<f64> {
        let sum = || self.samples.iter().map(Sample::value).sum();
        let count = self.sorted.len() as f64;
        match aggregation {
            Aggregation::Sum => Some(sum()),
            Aggregation::Count => Some(count),
            Aggregation::Average => (count > 0.0).then(|| sum() / count),
            Aggregation::Min => self.sorted.first().copied(),
            Aggregation::Max => self.sorted.last().copied(),
            _ => stddev(self.sorted.iter().map(|value| (*value, 1.0))),
        }
    }
}

/// The increase of a counter, and its rates.
#[derive(Debug, Clone, Default)]
pub(super) struct Counts {
    pub(super) increase: u64,
    /// Rates per second, and for how many seconds each held. As they came in time.
    pub(super) rates: Vec<(f64, f64)>,
}

impl Window {
    /// The kind of the metric.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The span that it really covers.
    pub fn span(&self) -> Span {
        self.span
    }

    /// One aggregate; what it means for which kind stands at [`Aggregation`]. `None` where there is no value that
    /// it could be of; a sum and a count of nothing are 0.
    pub fn aggregate(&self, aggregation: Aggregation) -> Option<f64> {
        if let Some(q) = aggregation.as_quantile() {
            return self.quantile(q);
        }
        match &self.data {
            Data::Counts(counts) => match aggregation {
                Aggregation::Sum | Aggregation::Count => Some(counts.increase as f64),
                Aggregation::Average => self.rate(),
                Aggregation::Min => counts.rates.iter().map(|(rate, _)| *rate).reduce(f64::min),
                Aggregation::Max => counts.rates.iter().map(|(rate, _)| *rate).reduce(f64::max),
                _ => stddev(counts.rates.iter().copied()),
            },
            Data::Levels { levels, .. } => match aggregation {
                Aggregation::Sum => Some(levels.sum),
                Aggregation::Count => Some(levels.ticks as f64),
                _ if levels.ticks == 0 => None,
                Aggregation::Average => Some(levels.mean()),
                Aggregation::Min => Some(levels.min),
                Aggregation::Max => Some(levels.max),
                _ => stddev(levels.values().map(|(value, ticks)| (value, ticks as f64))),
            },
            Data::Summary { samples: Some(samples), .. } => samples.aggregate(aggregation),
            Data::Histogram(_) | Data::Timer(_) | Data::Summary { .. } => {
                let histogram = self.histogram()?;
                match aggregation {
                    Aggregation::Sum => Some(histogram.sum()),
                    Aggregation::Count => Some(histogram.count() as f64),
                    Aggregation::Average => histogram.mean(),
                    Aggregation::Min => histogram.min(),
                    Aggregation::Max => histogram.max(),
                    _ => histogram.stddev(),
                }
            }
        }
    }

    /// The value that a share `q`, `0.0..=1.0`, of the values did not exceed; `None` without values and for any
    /// other `q`. What the values are, and how exact it is, stands at [`Aggregation`].
    pub fn quantile(&self, q: f64) -> Option<f64> {
        if !(0.0..=1.0).contains(&q) {
            return None;
        }
        match &self.data {
            Data::Counts(counts) => {
                let mut rates = counts.rates.clone();
                rates.sort_unstable_by(|(one, _), (other, _)| one.total_cmp(other));
                weighed_quantile(q, &rates)
            }
            Data::Levels { levels, .. } => levels.quantile(q),
            Data::Summary { samples: Some(samples), .. } => quantile_of(&samples.sorted, q),
            Data::Histogram(_) | Data::Timer(_) | Data::Summary { .. } => {
                self.histogram()?.quantile(q)
            }
        }
    }

    /// How fast it went, per second of what is [covered](Span::covered): of a counter or rate its increase, of a
    /// histogram, timer or summary how many values came; of a gauge by how much its value changed, from what the tick saw at which the
    /// window begins, or the first one that saw it, to the last. `None` where no time is covered, and of a gauge that was not there
    /// in the end. Only that of a gauge can be negative.
    pub fn rate(&self) -> Option<f64> {
        let seconds = self.span.covered.as_secs_f64();
        let per_second = |amount: f64| (seconds > 0.0).then(|| amount / seconds);
        match &self.data {
            Data::Counts(counts) => per_second(counts.increase as f64),
            Data::Levels { rate, .. } => *rate,
            Data::Histogram(_) | Data::Timer(_) | Data::Summary { .. } => {
                per_second(self.aggregate(Aggregation::Count)?)
            }
        }
    }

    /// The values in `n` ranges of equal width, from the least to the greatest, each with how many lie in it:
    /// above its lower bound, but in the first one at it, too, and up to its upper bound. Where all values are equal there is one range;
    /// where there is none, or `n` is 0, none.
    ///
    /// The values of a histogram count at the middle of their exponential bucket, so that some may be counted
    /// in a range beside theirs. [`HistogramSnapshot::buckets`] has the buckets as they are. Of a counter
    /// the values are its rates, each counted once.
    pub fn buckets(&self, n: usize) -> Vec<Bucket> {
        let values = self.values();
        let (Some(min), Some(max)) =
            (self.aggregate(Aggregation::Min), self.aggregate(Aggregation::Max))
        else {
            return Vec::new();
        };
        let all = || values.iter().fold(0, |sum: u64, (_, count)| sum.saturating_add(*count));
        let width = (max - min) / n as f64;
        if n == 0 || !(width.is_finite() && width > 0.0) {
            let one = Bucket { lower: min, upper: max, count: all() };
            return if n == 0 || one.count == 0 { Vec::new() } else { vec![one] };
        }
        let bound = |place: usize| if place == n { max } else { min + width * place as f64 };
        let bucket = |place| Bucket { lower: bound(place), upper: bound(place + 1), count: 0 };
        let mut buckets: Vec<Bucket> = (0..n).map(bucket).collect();
        for (value, count) in values {
            let place = buckets.partition_point(|bucket| bucket.upper < value).min(n - 1);
            buckets[place].count = buckets[place].count.saturating_add(count);
        }
        buckets
    }

    /// The distribution of a histogram, timer or summary.
    pub fn histogram(&self) -> Option<&HistogramSnapshot> {
        match &self.data {
            Data::Histogram(histogram) => Some(histogram),
            Data::Timer(timer) => Some(timer.histogram()),
            Data::Summary { histogram, .. } => Some(histogram),
            Data::Counts(_) | Data::Levels { .. } => None,
        }
    }

    /// The durations of a timer.
    pub fn timer(&self) -> Option<&TimerSnapshot> {
        match &self.data {
            Data::Timer(timer) => Some(timer),
            _ => None,
        }
    }

    /// The samples of a summary, in the order of their time, with tags and metadata; what is then asked of the window is
    /// exact. `None` where some of them are no longer kept, so that the answers are those of buckets, and of other kinds.
    ///
    /// A sample belongs to the window that its time lies in: after the beginning of the [span](Window::span), and until
    /// its end. In buckets it lies where it was recorded. Where the clock was set back in a window, or shows again in it what
    /// samples from before are dated with, there are none, either.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::{Duration, SystemTime};
    /// use tachograph::{Aggregation, History, Registry, Sample};
    ///
    /// let registry = Registry::new();
    /// let history = History::builder().registry(&registry).build()?;
    /// let orders = registry.summary("order_euros", &[])?;
    /// orders.record_sample(Sample::new(19.95).tag("shop", "north"));
    /// orders.record_sample(Sample::new(7.5).tag("shop", "south"));
    ///
    /// let metric = history.metric("order_euros", &[]).unwrap();
    /// let minute = metric.window(Duration::from_secs(60)).unwrap();
    /// assert_eq!(minute.aggregate(Aggregation::Max), Some(19.95));
    /// let shops = minute.samples().unwrap().iter().filter_map(|sample| sample.get_tag("shop"));
    /// assert_eq!(shops.collect::<Vec<_>>(), ["north", "south"]);
    /// # Ok::<(), tachograph::Error>(())
    /// ```
    pub fn samples(&self) -> Option<&[Sample]> {
        match &self.data {
            Data::Summary { samples, .. } => samples.as_ref().map(|all| all.samples.as_slice()),
            _ => None,
        }
    }

    /// The values, and how many there are of each.
    fn values(&self) -> Vec<(f64, u64)> {
        match &self.data {
            Data::Counts(counts) => counts.rates.iter().map(|(rate, _)| (*rate, 1)).collect(),
            Data::Levels { levels, .. } => levels.values().collect(),
            Data::Histogram(histogram) => histogram.values().collect(),
            Data::Timer(timer) => timer.histogram().values().collect(),
            Data::Summary { samples: Some(samples), .. } => {
                samples.sorted.iter().map(|value| (*value, 1)).collect()
            }
            Data::Summary { histogram, .. } => histogram.values().collect(),
        }
    }
}

/// The standard deviation of values that are weighed.
///
/// # Source
///
/// D. H. D. West, "Updating mean and variance estimates: an improved method", 1979.
fn stddev(values: impl Iterator<Item = (f64, f64)>) -> Option<f64> {
    let (mut weights, mut mean, mut squares) = (0.0, 0.0, 0.0);
    for (value, weight) in values.filter(|(_, weight)| *weight > 0.0) {
        weights += weight;
        let distance = value - mean;
        mean += distance * weight / weights;
        squares += weight * distance * (value - mean);
    }
    (weights > 0.0).then(|| (squares / weights).max(0.0).sqrt())
}

/// The first of ascending values at which a share `q` of the weights is reached.
fn weighed_quantile(q: f64, values: &[(f64, f64)]) -> Option<f64> {
    let all: f64 = values.iter().map(|(_, weight)| weight).sum();
    let mut reached = 0.0;
    let is_reached = |(_, weight): &&(f64, f64)| {
        reached += weight;
        // Weights of time do not add up exactly.
        reached >= q * all * (1.0 - 1e-12)
    };
    values.iter().find(is_reached).or(values.last()).map(|(value, _)| *value)
}

//! What a capture saw.

use crate::snapshot::{HistogramSnapshot, Snapshot, SummarySnapshot, TimerSnapshot};
use crate::testing::expected;

/// What was recorded in a capture: only series that were recorded to, with what was recorded there and then.
///
/// A counter to which only zero was added was not recorded to; a gauge that came back to zero was.
///
/// # Examples
///
/// ```
/// use tachograph::{histogram, testing};
///
/// let ((), seen) = testing::capture(|| histogram!("parcel_grams").record(250));
/// assert_eq!(seen.histogram("parcel_grams", &[]).unwrap().sum(), 250.0);
/// assert!(!seen.is_empty());
/// ```
#[derive(Debug, Clone)]
pub struct Seen(Snapshot);

impl Seen {
    pub(super) fn new(snapshot: Snapshot) -> Seen {
        Seen(snapshot)
    }

    /// What was added to a counter; the order of `labels` does not matter. After
    /// [`Counter::absolute`](crate::Counter::absolute), what it was raised to.
    pub fn counter(&self, name: &str, labels: &[(&str, &str)]) -> Option<u64> {
        self.0.counter(name, labels)
    }

    /// What a gauge was set to, and incremented by since; without a set, what it was incremented by.
    pub fn gauge(&self, name: &str, labels: &[(&str, &str)]) -> Option<f64> {
        self.0.gauge(name, labels)
    }

    /// The values that a histogram took.
    pub fn histogram(&self, name: &str, labels: &[(&str, &str)]) -> Option<&HistogramSnapshot> {
        self.0.histogram(name, labels)
    }

    /// The durations that a timer took.
    pub fn timer(&self, name: &str, labels: &[(&str, &str)]) -> Option<&TimerSnapshot> {
        self.0.timer(name, labels)
    }

    /// The values that a summary took, and up to the last 10,000 of them as they are.
    pub fn summary(&self, name: &str, labels: &[(&str, &str)]) -> Option<&SummarySnapshot> {
        self.0.summary(name, labels)
    }

    /// What was added to a rate.
    pub fn rate_total(&self, name: &str, labels: &[(&str, &str)]) -> Option<u64> {
        self.0.rate_total(name, labels)
    }

    /// True when nothing was recorded.
    pub fn is_empty(&self) -> bool {
        self.0.series().is_empty()
    }

    /// All of it, as a snapshot: its elapsed time is that of the capture, and it says nothing of
    /// [what recording cost](crate::Snapshot::overhead).
    pub fn snapshot(&self) -> &Snapshot {
        &self.0
    }

    /// Asserts that just these series were recorded to, each with this value; the order does not matter.
    ///
    /// A line is `name value` or `name{key=value, key=value} value`. Where a label's value has a comma, a brace or a quote in it,
    /// it is quoted, as in `name{key="a, \"b\""} 1`. The value is
    ///
    /// * of a counter or a rate, what was added,
    /// * of a gauge, its value,
    /// * of a histogram, timer or summary, how many values it took; `sum=` after that asks for their sum, too. A timer's is
    ///   in its unit, to a nanosecond for each duration.
    ///
    /// Numbers that are not whole agree when they differ by less than a billionth.
    ///
    /// # Panics
    ///
    /// When anything else was recorded, or a line cannot be read. The message has all differences, and what was recorded as lines to
    /// be copied from.
    ///
    /// # Examples
    ///
    /// ```
    /// use tachograph::{counter, gauge, histogram, testing};
    ///
    /// let ((), seen) = testing::capture(|| {
    ///     counter!("orders_total", "kind" => "book").increment(2);
    ///     gauge!("orders_open").increment(1.5);
    ///     histogram!("order_cents").record_many(1_995, 2);
    /// });
    /// seen.assert_only(&[
    ///     "orders_total{kind=book} 2",
    ///     "orders_open 1.5",
    ///     "order_cents 2 sum=3990",
    /// ]);
    ///
    /// let ((), seen) = testing::capture(|| ());
    /// seen.assert_only(&[]);
    /// ```
    #[track_caller]
    pub fn assert_only(&self, expected: &[&str]) {
        if let Some(difference) = expected::difference(&self.0, expected) {
            panic!("{difference}");
        }
    }
}

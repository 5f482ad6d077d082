//! The families of a snapshot as every format of Prometheus has them: the one place where encoders find them.
//!
//! `family` decides on names and `labels` on labels, for all series of the snapshot at once; a family is then complete
//! in itself. So an encoder, in this crate or in another one, can leave families out or write them in any format, and
//! a series keeps its name and its labels.

use std::borrow::Cow;
use std::{iter, vec};

use crate::bucket::Layout;
use crate::encode::exposition::family::Family;
use crate::encode::exposition::labels::{CONFLICT, FamilyLabels, Keys, LabelKeys};
use crate::encode::exposition::{Dialect, bounds};
use crate::kind::Kind;
use crate::snapshot::{HistogramSnapshot, Series, Snapshot, SummarySnapshot, Value};
use crate::unit::Unit;

/// Series of one name and kind, as the formats of Prometheus show them: [`Snapshot::families`].
///
/// The name is the one of [`Format::Prometheus`](crate::Format::Prometheus): with the prefix and in the style that the
/// program asked for, made of allowed characters, and no other family's.
#[derive(Debug)]
pub struct MetricFamily<'a> {
    family: Family<'a>,
    labels: FamilyLabels,
}

/// What a family is in the text format 0.0.4 of Prometheus.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum MetricType {
    /// Totals that only grow: counters, rates, and the self time of timers.
    Counter,
    /// Numbers that go up and down.
    Gauge,
    /// Distributions in buckets: histograms and timers.
    Histogram,
    /// Distributions with quantiles.
    Summary,
    /// What the format cannot express under that name.
    Untyped,
}

/// One series of a [`MetricFamily`].
#[derive(Debug, Clone, Copy)]
pub struct FamilySeries<'f> {
    series: &'f Series,
    keys: &'f Keys,
    conflict: Option<Digits>,
    is_self_time: bool,
}

/// The value of a label that tells two series apart.
#[derive(Debug, Clone, Copy)]
struct Digits([u8; 8]);

/// What a series of a family holds.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum Point<'a> {
    /// The total of a counter or rate.
    Total(u64),
    /// The value of a gauge, or the self time of a timer in seconds.
    Number(f64),
    /// The distribution of a histogram or timer.
    Histogram(&'a HistogramSnapshot),
    /// The distribution of a summary, and the values that it keeps.
    Summary(&'a SummarySnapshot),
}

/// The families of a snapshot: [`Snapshot::families`].
#[derive(Debug)]
pub struct MetricFamilies<'a> {
    families: vec::IntoIter<Family<'a>>,
    keys: LabelKeys<'a>,
}

impl Snapshot {
    /// The families that the formats of Prometheus have, for encoders: names, types and labels are those of
    /// [`Format::Prometheus`](crate::Format::Prometheus), in its order.
    ///
    /// A timer is two of them: a histogram, and a counter of its self time. All names are decided before the first
    /// family comes, so that leaving some out changes nothing in the others.
    ///
    /// # Examples
    ///
    /// ```
    /// use tachograph::{MetricType, Point, Registry};
    ///
    /// let registry = Registry::builder().label("zone", "a").build();
    /// registry.counter("http.requests_total", &[("http.method", "GET")])?.increment(3);
    /// let snapshot = registry.snapshot();
    /// let family = snapshot.families().find(|family| family.name() == "http_requests_total").unwrap();
    /// assert_eq!(family.metric_type(), MetricType::Counter);
    ///
    /// let series = family.series().next().unwrap();
    /// let labels: Vec<(&str, &str)> = series.labels().collect();
    /// assert_eq!(labels, [("http_method", "GET"), ("zone", "a")]);
    /// assert!(matches!(series.point(), Point::Total(3)));
    /// # Ok::<(), tachograph::Error>(())
    /// ```
    pub fn families(&self) -> MetricFamilies<'_> {
        let presentation = self.presentation();
        MetricFamilies {
            families: Family::all(self.series(), presentation).into_iter(),
            keys: LabelKeys::new(presentation),
        }
    }
}

/// For each series of a snapshot whether it is asked for: by a name of its families, or by the one that JSON shows.
pub(in crate::encode) fn asked_series(
    snapshot: &Snapshot,
    is_asked: &dyn Fn(&str) -> bool,
) -> Vec<bool> {
    let presentation = snapshot.presentation();
    let mut asked = Vec::with_capacity(snapshot.series().len());
    for family in &Family::all(snapshot.series(), presentation) {
        let shown =
            |one: &Series| is_asked(&presentation.shown_name(one.name(), one.kind(), one.unit()));
        let is_it = family.has_name(is_asked) || family.series.first().is_some_and(shown);
        if !family.is_self_time() {
            asked.extend(iter::repeat_n(is_it, family.series.len()));
        } else if is_it {
            let before = asked.len() - family.series.len();
            asked[before..].fill(true);
        }
    }
    asked
}

impl<'a> Iterator for MetricFamilies<'a> {
    type Item = MetricFamily<'a>;

    fn next(&mut self) -> Option<MetricFamily<'a>> {
        let family = self.families.next()?;
        self.keys.begin(family.kind);
        let labels = self.keys.of_family(family.series);
        Some(MetricFamily { family, labels })
    }
}

impl<'a> MetricFamily<'a> {
    /// The name of the family, and of its series where they are single numbers.
    pub fn name(&self) -> &str {
        &self.family.name
    }

    /// The kind that the series have in the program: a timer's, for its durations and for its self time.
    pub fn kind(&self) -> Kind {
        self.family.kind
    }

    /// True for the self time of a timer, which is a family of its own.
    pub fn is_self_time(&self) -> bool {
        self.family.is_self_time()
    }

    /// What it is in the text format 0.0.4 of Prometheus.
    pub fn metric_type(&self) -> MetricType {
        self.family.type_in(Dialect::Prometheus)
    }

    /// What the metric's description says, and for a family that gave its name to another one, whose it is. Empty
    /// where there is nothing to say.
    pub fn help(&self) -> Cow<'a, str> {
        self.family.help()
    }

    /// The unit of its values, when one was described.
    pub fn unit(&self) -> Option<Unit> {
        self.family.unit()
    }

    /// The unit, where the name ends in it (before the `_total` of a counter): what OpenMetrics has in `# UNIT`.
    ///
    /// # Examples
    ///
    /// ```
    /// use tachograph::{Registry, Unit};
    ///
    /// let registry = Registry::new();
    /// for name in ["sent_bytes_total", "received_total"] {
    ///     registry.counter(name, &[])?;
    ///     registry.describe(name, Some(Unit::Bytes), "")?;
    /// }
    /// let snapshot = registry.snapshot();
    /// let of = |name| snapshot.families().find(|family| family.name() == name).unwrap();
    /// assert_eq!(of("sent_bytes_total").unit_in_name(), Some(Unit::Bytes));
    /// assert_eq!(of("received_total").unit_in_name(), None);
    /// # Ok::<(), tachograph::Error>(())
    /// ```
    pub fn unit_in_name(&self) -> Option<Unit> {
        self.family.unit_in_name()
    }

    /// True when that is asked for which goes by one of its names: that of the family, and those of its lines in text
    /// (`x_bucket`, `x_sum`, `x_count`); for a counter `x_total` also `x`, as OpenMetrics calls the family.
    ///
    /// # Examples
    ///
    /// ```
    /// let registry = tachograph::Registry::new();
    /// registry.timer("job_seconds", &[])?;
    /// let snapshot = registry.snapshot();
    /// let of = |asked: &str| -> Vec<String> {
    ///     let families = snapshot.families().filter(|family| family.has_name(&|name| name == asked));
    ///     families.map(|family| family.name().to_owned()).collect()
    /// };
    /// assert_eq!(of("job_seconds_count"), ["job_seconds"]);
    /// assert_eq!(of("job_self_seconds_total"), ["job_self_seconds_total"]);
    /// # Ok::<(), tachograph::Error>(())
    /// ```
    pub fn has_name(&self, is_asked: &dyn Fn(&str) -> bool) -> bool {
        self.family.has_name(is_asked)
    }

    /// The series, in the order of their labels as they were written.
    #[inline]
    pub fn series(&self) -> impl ExactSizeIterator<Item = FamilySeries<'_>> {
        self.family.series.iter().enumerate().map(|(place, series)| FamilySeries {
            series,
            keys: self.labels.keys(place),
            conflict: self.labels.conflict(place).map(Digits::new),
            is_self_time: self.is_self_time(),
        })
    }

    /// Where the `le` buckets end of the family's series that have this layout, ascending and without the last, infinite
    /// one: the bounds that were declared, or else a few powers of two. A
    /// [layout](HistogramSnapshot::layout) is mostly that of all series.
    ///
    /// [`HistogramSnapshot::counts_at_most`] tells what is in them, exactly.
    ///
    /// # Units
    ///
    /// Those of the family's values.
    pub fn bucket_bounds(&self, layout: &Layout) -> Vec<f64> {
        bounds::values(layout, self.family.is_of_seconds)
    }
}

impl<'f> FamilySeries<'f> {
    /// The labels with the keys that they go out with, and the values as they were recorded; no key twice. Those of a
    /// format itself (`le`, `quantile`) are not among them.
    #[inline]
    pub fn labels(&self) -> impl Iterator<Item = (&str, &str)> {
        let conflict = self.conflict.as_ref().map(|digits| (CONFLICT, digits.as_str()));
        self.keys.pairs(self.series.labels()).chain(conflict)
    }

    /// The series as the snapshot has it.
    #[inline]
    pub fn series(&self) -> &'f Series {
        self.series
    }

    /// What it holds.
    #[inline]
    pub fn point(&self) -> Point<'f> {
        Point::of(self.series, self.is_self_time)
    }
}

impl<'a> Point<'a> {
    /// What a series holds; of a timer its self time, where that is asked for.
    #[inline]
    pub(super) fn of(series: &'a Series, is_self_time: bool) -> Point<'a> {
        match series.value() {
            Value::Counter(total) | Value::Rate(total) => Point::Total(*total),
            Value::Gauge(value) => Point::Number(*value),
            Value::Histogram(histogram) => Point::Histogram(histogram),
            Value::Timer(timer) if is_self_time => Point::Number(timer.self_total().as_secs_f64()),
            Value::Timer(timer) => Point::Histogram(timer.histogram()),
            Value::Summary(summary) => Point::Summary(summary),
        }
    }
}

impl Digits {
    fn new(digits: u32) -> Digits {
        const HEX: [u8; 16] = *b"0123456789abcdef";
        let mut text = [0; 8];
        for (place, letter) in text.iter_mut().enumerate() {
            *letter = HEX[(digits >> (28 - 4 * place)) as usize % 16];
        }
        Digits(text)
    }

    fn as_str(&self) -> &str {
        // They are ASCII.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

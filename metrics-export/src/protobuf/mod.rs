//! Prometheus' binary format: each family a message of `io.prometheus.client`, behind its length.
//!
//! Families, names and labels are those of [`Snapshot::families`], so a series is called what it is called in text. What
//! a distribution's cells become is in `native`; the messages are in `message`, and `writer` fills them. Everything is appended to a buffer of the
//! caller, and what one series needed serves the next one: it opens nothing, and allocates nothing for a series whose
//! labels are not longer than those before.

mod message;
mod native;
mod wire;
mod writer;

use tachograph::Snapshot;

use crate::protobuf::writer::Writer;

/// Writes snapshots in Prometheus' binary format, with native histograms.
///
/// Names, labels, types and help are those of [`Format::Prometheus`](tachograph::Format::Prometheus), the unit is that
/// of OpenMetrics. Rates are counters, and a timer is a histogram and a counter of its self time. Counters, histograms and
/// summaries have the time of their registration as `created_timestamp`. A [reset](tachograph::Registry::reset) does not move it:
/// readers see that a total fell, and one that was moved could meet the total from before.
///
/// # Histograms
///
/// Histograms and timers are native histograms of their own schema, -4 to 8. Every count is exact:
///
/// - what declared bounds cut in two is one bucket again; the bounds go out as classic buckets beside;
/// - the zero bucket goes up to the lower end of the [layout](tachograph::Layout)'s range, which is its `zero_threshold`. That is
///   never zero, so that readers take a histogram without any value for a native one, too;
/// - values above the range are in the first bucket above it, and those below zero in the negative bucket next to the zero
///   bucket. Neither is known closer, and each scrape must find them in the same one. A quantile that falls there says
///   "at least" and "below zero", and the sum has them as they were. Left out of all buckets they would cost the whole
///   scrape: Prometheus from 3 on takes no histogram whose count is not the sum of its buckets.
///
/// Where there would be more buckets than [`max_buckets`](Protobuf::max_buckets), neighbours are added up, which halves the schema's
/// resolution, until there are not. Buckets only ever come, so that the resolution only falls while a program runs, which
/// Prometheus knows how to compare.
///
/// # Units
///
/// Those of the metric: a timer's are seconds, where it has no other unit of time.
///
/// # Examples
///
/// ```
/// use tachograph::Registry;
/// use tachograph_export::Protobuf;
///
/// let registry = Registry::new();
/// registry.counter("up", &[])?.increment(1);
/// let mut body = Vec::new();
/// Protobuf::new().encode(&registry.snapshot(), &mut body);
/// // The family's length, then its name: field 1, two bytes.
/// assert_eq!(body[1..5], [1 << 3 | 2, 2, b'u', b'p']);
/// # Ok::<(), tachograph::Error>(())
/// ```
///
/// # Source
///
/// [Exposition formats](https://prometheus.io/docs/instrumenting/exposition_formats/#protobuf-format); the schema
/// [metrics.proto](https://github.com/prometheus/client_model/blob/master/io/prometheus/client/metrics.proto);
/// [native histograms](https://prometheus.io/docs/specs/native_histograms/); `Histogram.Validate` in Prometheus'
/// `model/histogram/histogram.go`, and `isNativeHistogram` in its `model/textparse/protobufparse.go`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Protobuf {
    max_buckets: usize,
    has_all_classic_buckets: bool,
}

impl Protobuf {
    /// The media type, as a `Content-Type` header has it.
    pub const CONTENT_TYPE: &'static str = "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited";

    /// How many buckets a native histogram has at most, unless [something else](Protobuf::max_buckets) is asked for: as
    /// many as by default in OpenTelemetry's SDKs, and in Prometheus' client for Java.
    pub const MAX_BUCKETS: usize = 160;

    /// With [`MAX_BUCKETS`](Protobuf::MAX_BUCKETS), and classic buckets only where bounds were declared.
    #[must_use]
    pub const fn new() -> Protobuf {
        Protobuf { max_buckets: Protobuf::MAX_BUCKETS, has_all_classic_buckets: false }
    }

    /// How many buckets a native histogram has at most, as Prometheus counts them: those below zero, and empty ones
    /// between others, count as well; the zero bucket does not. What the coarsest schema still has is always written: one
    /// for each sixteen octaves of the layout's range, and one on either side of it.
    ///
    /// # Examples
    ///
    /// ```
    /// use tachograph::Registry;
    /// use tachograph_export::Protobuf;
    ///
    /// let registry = Registry::new();
    /// let sizes = registry.histogram("sizes", &[])?;
    /// (1..1_000).for_each(|size| sizes.record(size));
    /// let (mut fine, mut coarse) = (Vec::new(), Vec::new());
    /// Protobuf::new().encode(&registry.snapshot(), &mut fine);
    /// Protobuf::new().max_buckets(10).encode(&registry.snapshot(), &mut coarse);
    /// assert!(coarse.len() < fine.len());
    /// # Ok::<(), tachograph::Error>(())
    /// ```
    #[must_use]
    pub const fn max_buckets(self, count: usize) -> Protobuf {
        Protobuf { max_buckets: count, ..self }
    }

    /// Classic buckets for all histograms and timers: the `le` bounds of the text formats, for readers of this format that
    /// do not know native histograms, or are told to ignore them. Without it only declared bounds are there.
    #[must_use]
    pub const fn all_classic_buckets(self) -> Protobuf {
        Protobuf { has_all_classic_buckets: true, ..self }
    }

    /// Appends every family.
    pub fn encode(&self, snapshot: &Snapshot, out: &mut Vec<u8>) {
        self.encode_matching(snapshot, &|_| true, out);
    }

    /// Appends the families that are asked for by [one of their names](tachograph::MetricFamily::has_name), as they are among all.
    ///
    /// # Examples
    ///
    /// ```
    /// use tachograph::Registry;
    /// use tachograph_export::Protobuf;
    ///
    /// let registry = Registry::new();
    /// registry.counter("lines_total", &[])?.increment(3);
    /// let mut body = Vec::new();
    /// let snapshot = registry.snapshot();
    /// Protobuf::new().encode_matching(&snapshot, &|name| name == "pages_total", &mut body);
    /// assert!(body.is_empty());
    /// # Ok::<(), tachograph::Error>(())
    /// ```
    pub fn encode_matching(
        &self,
        snapshot: &Snapshot,
        is_asked: &dyn Fn(&str) -> bool,
        out: &mut Vec<u8>,
    ) {
        let mut writer = Writer::new(*self);
        for family in snapshot.families().filter(|family| family.has_name(is_asked)) {
            writer.push_family(&family, out);
        }
    }
}

impl Default for Protobuf {
    fn default() -> Protobuf {
        Protobuf::new()
    }
}

#[cfg(test)]
mod tests;

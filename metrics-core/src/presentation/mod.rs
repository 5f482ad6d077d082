//! How names and labels are shown: a prefix, labels that every series gets, and a style of names.
//!
//! Nothing of it touches what is recorded or looked up. A name stays as the program wrote it until a format
//! shows it, so that series which existed before a prefix was set are shown with it, too. The formats for
//! machines ask here; tables show what was written.

mod charset;
mod recommended;

use std::borrow::Cow;

pub(crate) use charset::{label_key, metric_name};

use crate::error::Error;
use crate::kind::Kind;
use crate::label::Labels;
use crate::name;
use crate::unit::Unit;

/// How the names of the recorder's own series begin. They are the same in every program: no prefix stands
/// before them.
pub(crate) const OWN_PREFIX: &str = "tachograph_";

/// The style in which JSON and the formats of Prometheus show names.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use tachograph::{Format, Naming, Registry, Unit};
///
/// let registry = Registry::builder().naming(Naming::Recommended).build();
/// registry.counter("http.requests", &[("http.method", "GET")])?.increment(3);
/// registry.timer("http.server.duration", &[])?.record(Duration::from_millis(20));
/// registry.describe("sent", Some(Unit::Bytes), "What was sent.")?;
/// registry.counter("sent", &[])?.increment(512);
///
/// let body = registry.render(Format::Prometheus);
/// assert!(body.contains("\nhttp_requests_total{http_method=\"GET\"} 3\n"));
/// assert!(body.contains("\nhttp_server_duration_seconds_count 1\n"));
/// assert!(body.contains("\nsent_bytes_total 512\n"));
/// # Ok::<(), tachograph::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Naming {
    /// As the program wrote them; in the formats of Prometheus, a character that they do not know becomes `_`.
    #[default]
    AsWritten,
    /// As Prometheus and OpenTelemetry recommend, in every format for machines.
    ///
    /// * What is neither an ASCII letter nor a digit, `_` or `:` becomes `_`: `http.requests` is shown as
    ///   `http_requests`. Several of them in a row become one `_`, at either end none; what the program itself
    ///   wrote with `_` stays. A name that begins with a digit gets a `_` before it.
    /// * The unit comes last: `_seconds`, `_bytes`, `_percent`, `_bits_per_second`. A timer's unit is that of its
    ///   time. [`Unit::Count`] gives no suffix, and [`Unit::CountPerSecond`] gives `_per_second`. Values stay as
    ///   they are: a percentage is not made a ratio.
    /// * Counters end in `_total`, behind the unit.
    /// * Keys of labels are treated like names, but without `:`.
    ///
    /// What is there already is not appended again: with bytes as its unit, a counter `x_total` is shown as
    /// `x_bytes_total`, and one `x_bytes_total` as it is. A metric that is described late is renamed late; give
    /// units before anyone looks.
    ///
    /// Two metrics that are shown alike (counters `a.b` and `a_b`) are a [lint](crate::Registry::lints), and are told
    /// apart as [`Format::Prometheus`](crate::Format::Prometheus) tells apart what only differs in characters that
    /// it does not know.
    ///
    /// # Source
    ///
    /// OpenTelemetry, [Prometheus and OpenMetrics
    /// compatibility](https://opentelemetry.io/docs/specs/otel/compatibility/prometheus_and_openmetrics/#otlp-metric-points-to-prometheus):
    /// metric metadata, sums, and metric attributes.
    Recommended,
}

/// What a registry's names and labels are shown with.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Presentation {
    /// What stands before names as they are written, with what joins it; mostly empty.
    prefix: String,
    /// The same, in the style that is recommended.
    recommended_prefix: String,
    labels: Labels,
    /// None: nothing was said, which is as written.
    naming: Option<Naming>,
}

impl Presentation {
    /// Puts a prefix before every name but those of the recorder.
    ///
    /// # Errors
    ///
    /// When it is none that a name could begin with.
    pub(crate) fn set_prefix(&mut self, prefix: &str) -> Result<(), Error> {
        name::check(prefix, "prefix")?;
        let (written, recommended) = (joined(prefix), joined(&recommended::prefix(prefix)));
        if [&*metric_name(&written), &recommended].iter().any(|text| text.starts_with(OWN_PREFIX)) {
            return Err(Error::invalid(format!(
                "prefix `{prefix}` is for the recorder's own metrics: choose another one"
            )));
        }
        (self.prefix, self.recommended_prefix) = (written, recommended);
        Ok(())
    }

    /// Gives every series a label that has none of that key. The last value of a key counts.
    ///
    /// # Errors
    ///
    /// When the key or the value breaks the rules of labels, or when there are [`Labels::MAX`] of them already.
    pub(crate) fn set_label(&mut self, key: &str, value: &str) -> Result<(), Error> {
        let others = self.labels.iter().filter(|(known, _)| *known != key);
        let pairs: Vec<(&str, &str)> = others.chain([(key, value)]).collect();
        if pairs.len() > Labels::MAX {
            return Err(Error::invalid(format!(
                "label `{key}` is one more than the {} that all series can get: leave one out",
                Labels::MAX
            )));
        }
        self.labels = Labels::new(&pairs)?;
        Ok(())
    }

    /// Shows names in that style.
    pub(crate) fn set_naming(&mut self, naming: Naming) {
        self.naming = Some(naming);
    }

    /// Takes what `later` says of the prefix, the labels and the style, each where it says anything.
    pub(crate) fn overlay(&mut self, later: &Presentation) {
        if !later.prefix.is_empty() {
            self.prefix.clone_from(&later.prefix);
            self.recommended_prefix.clone_from(&later.recommended_prefix);
        }
        if !later.labels.is_empty() {
            self.labels = later.labels.clone();
        }
        self.naming = later.naming.or(self.naming);
    }

    /// True when names and labels are shown as they are written.
    pub(crate) fn is_plain(&self) -> bool {
        self.are_names_plain() && self.labels.is_empty()
    }

    /// True when names are shown as they are written.
    pub(crate) fn are_names_plain(&self) -> bool {
        self.prefix.is_empty() && !self.is_recommended()
    }

    /// True for the style that is recommended.
    pub(crate) fn is_recommended(&self) -> bool {
        self.naming == Some(Naming::Recommended)
    }

    /// The labels that every series gets.
    pub(crate) fn labels(&self) -> &Labels {
        &self.labels
    }

    /// What stands before a metric's name.
    pub(crate) fn prefix_of(&self, written: &str) -> &str {
        if written.starts_with(OWN_PREFIX) {
            ""
        } else if self.is_recommended() {
            &self.recommended_prefix
        } else {
            &self.prefix
        }
    }

    /// A metric's name without the prefix. Borrowed where it is as it was written.
    pub(crate) fn unprefixed_name<'a>(
        &self,
        written: &'a str,
        kind: Kind,
        unit: Option<Unit>,
    ) -> Cow<'a, str> {
        if !self.is_recommended() {
            return Cow::Borrowed(written);
        }
        let name = recommended::metric_name(written, kind, unit);
        // Behind a prefix, a digit does not stand first.
        if self.prefix.is_empty() { recommended::first_is_no_digit(name) } else { name }
    }

    /// The name that a metric is shown under.
    pub(crate) fn shown_name<'a>(
        &self,
        written: &'a str,
        kind: Kind,
        unit: Option<Unit>,
    ) -> Cow<'a, str> {
        let name = self.unprefixed_name(written, kind, unit);
        match self.prefix_of(written) {
            "" => name,
            prefix => Cow::Owned(format!("{prefix}{name}")),
        }
    }

    /// What the key of a label is shown as, before anyone asks whether another one is shown alike.
    pub(crate) fn shown_key<'a>(&self, written: &'a str) -> Cow<'a, str> {
        if self.is_recommended() { recommended::label_key(written) } else { Cow::Borrowed(written) }
    }
}

/// A prefix with what joins it to a name, unless it ends in that.
fn joined(prefix: &str) -> String {
    let join = if prefix.ends_with(['_', '.', ':']) { "" } else { "_" };
    format!("{prefix}{join}")
}

#[cfg(test)]
mod tests;

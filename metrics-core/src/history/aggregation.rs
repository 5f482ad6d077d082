//! The aggregates that can be asked of a window.

use std::fmt;
use std::str::FromStr;

use crate::error::Error;

/// One number that stands for what came in a window of time.
///
/// What each says of each kind of metric:
///
/// | | counter, rate | gauge | histogram, timer, summary |
/// |---|---|---|---|
/// | the values | the rates per second, from tick to tick | the values that ticks saw | the values that were recorded |
/// | `Sum` | the increase | the sum of the values | the sum of the values |
/// | `Count` | the increase | how many ticks saw a value, the present moment among them if it is not the last tick's | how many values |
/// | `Average` | the increase per second | the mean of the values | the mean of the values |
/// | `Min`, `Max` | the lowest and the highest rate | exact | edges of buckets, but of a summary exact |
/// | `Median`, `P95`, `P99`, `Quantile` | of the rates, each weighed by how long it held | within half a bucket | within half a bucket, but of a summary exact |
/// | `StdDev` | of the rates, so weighed | of the values, as if at the middle of their buckets | the same; of a summary exact |
///
/// The rates of a counter are as fine as the history still has them: from tick to tick for five minutes, then
/// over ten seconds for an hour, then over a minute. Half a bucket is 1.1 % at schema 5, which is that of gauges and the default
/// of all others. Quantiles are by nearest rank: the value of rank `ceil(q * count)`, at least 1.
///
/// # Units
///
/// Those of the metric; of rates, that per second. A timer's are seconds, unless it has another unit of time.
///
/// # Examples
///
/// ```
/// use tachograph::Aggregation;
///
/// assert_eq!("p95".parse::<Aggregation>()?, Aggregation::P95);
/// assert_eq!("p99.9".parse::<Aggregation>()?, Aggregation::Quantile(0.999));
/// assert_eq!(Aggregation::Quantile(0.9).to_string(), "p90");
/// let error = "p101".parse::<Aggregation>().unwrap_err();
/// assert!(error.to_string().contains("`p101`"));
/// # Ok::<(), tachograph::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum Aggregation {
    /// The sum.
    Sum,
    /// The arithmetic mean.
    Average,
    /// The least.
    Min,
    /// The greatest.
    Max,
    /// How many.
    Count,
    /// The 50th percentile.
    Median,
    /// The 95th percentile.
    P95,
    /// The 99th percentile.
    P99,
    /// The standard deviation, of these values and not of a population that they stand for.
    StdDev,
    /// Any quantile, `0.0..=1.0`; there is none of another number.
    Quantile(f64),
}

const NAMES: [(Aggregation, &str); 9] = [
    (Aggregation::Sum, "sum"),
    (Aggregation::Average, "average"),
    (Aggregation::Min, "min"),
    (Aggregation::Max, "max"),
    (Aggregation::Count, "count"),
    (Aggregation::Median, "median"),
    (Aggregation::P95, "p95"),
    (Aggregation::P99, "p99"),
    (Aggregation::StdDev, "stddev"),
];

impl Aggregation {
    /// All that have a name of their own, in the order of the enum: those that a table of a metric shows.
    pub const ALL: [Aggregation; 9] = [
        Aggregation::Sum,
        Aggregation::Average,
        Aggregation::Min,
        Aggregation::Max,
        Aggregation::Count,
        Aggregation::Median,
        Aggregation::P95,
        Aggregation::P99,
        Aggregation::StdDev,
    ];

    /// The quantile that it is, if it is one.
    pub(crate) fn as_quantile(self) -> Option<f64> {
        match self {
            Aggregation::Median => Some(0.5),
            Aggregation::P95 => Some(0.95),
            Aggregation::P99 => Some(0.99),
            Aggregation::Quantile(q) => Some(q),
            _ => None,
        }
    }
}

impl fmt::Display for Aggregation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (NAMES.iter().find(|(named, _)| named == self), self.as_quantile()) {
            (Some((_, name)), _) => f.write_str(name),
            // Hundredths of what was written: 0.999 is p99.9, and not p99.90000000000001.
            (None, q) => write!(f, "p{}", (q.unwrap_or(f64::NAN) * 1e12).round() / 1e10),
        }
    }
}

impl FromStr for Aggregation {
    type Err = Error;

    /// Reads what [`Display`](fmt::Display) writes: a name, or `p` and a percentage.
    ///
    /// # Errors
    ///
    /// An error that names the text and lists what there is.
    fn from_str(text: &str) -> Result<Aggregation, Error> {
        if let Some((named, _)) = NAMES.iter().find(|(_, name)| *name == text) {
            return Ok(*named);
        }
        let percent = text.strip_prefix('p').and_then(|percent| percent.parse::<f64>().ok());
        match percent.filter(|percent| (0.0..=100.0).contains(percent)) {
            Some(percent) => Ok(Aggregation::Quantile((percent * 1e10).round() / 1e12)),
            None => {
                let known = NAMES.map(|(_, name)| name).join(", ");
                Err(Error::invalid(format!(
                    "unknown aggregation `{text}`: expected one of {known}, or a percentile from p0 to p100, such as p99.9"
                )))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_aggregation_comes_back_from_its_text() {
        let quantiles = [0.0, 0.1, 0.25, 0.9, 0.999, 0.9999, 1.0].map(Aggregation::Quantile);
        for aggregation in Aggregation::ALL.into_iter().chain(quantiles) {
            let text = aggregation.to_string();
            assert_eq!(text.parse::<Aggregation>(), Ok(aggregation), "{text}");
        }
        assert_eq!(Aggregation::Quantile(0.999).to_string(), "p99.9");
        for (place, (named, _)) in NAMES.iter().enumerate() {
            assert_eq!(*named, Aggregation::ALL[place]);
        }
    }

    #[test]
    fn refusal_names_the_text_and_lists_what_there_is() {
        for text in ["", "p", "p101", "p-1", "pNaN", "mean", "P95"] {
            let error = text.parse::<Aggregation>().unwrap_err();
            assert!(error.is_invalid());
            let says = error.to_string();
            assert!(says.contains(&format!("`{text}`")) && says.contains("stddev"), "{says}");
        }
    }
}

//! The formats a snapshot can be written in, by name.

use std::fmt;
use std::str::FromStr;

use crate::error::Error;

/// A way to write a [`Snapshot`](crate::Snapshot).
///
/// # Examples
///
/// ```
/// use tachograph::Format;
///
/// assert_eq!("openmetrics".parse::<Format>()?, Format::OpenMetrics);
/// let error = "xml".parse::<Format>().unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "unknown format `xml`: expected one of table, json, prometheus, openmetrics"
/// );
/// # Ok::<(), tachograph::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Format {
    /// A table for people, 80 columns wide. Names are as the program wrote them.
    Table,
    /// One JSON object, with `"schema_version": 1`: every number that the snapshot holds. Names and labels are those of
    /// the program, with the prefix, the labels and in the style that it [asked for](crate::Init::prefix).
    Json,
    /// The text format 0.0.4 of Prometheus.
    ///
    /// # Names
    ///
    /// Names are written as they are, unless the program asks for a [prefix](crate::Init::prefix), for
    /// [labels](crate::Init::label) of all series, or for the [style](crate::Naming) that is recommended. A character that Prometheus does not know in a name becomes `_`
    /// (`http.requests` goes out as `http_requests`), and a name that begins with a digit gets a `_`
    /// before it. A name that two metrics would share is that of the metric which is written so, but
    /// for the prefix; the others (also a gauge `x_count` beside a histogram `x`) get `_` and eight hexadecimal digits that
    /// depend on nothing but the written name, and their help text says whose they are.
    ///
    /// Labels are treated alike, but without `:`. A label with a meaning of its own (`le` on a
    /// histogram or timer, `quantile` on a summary, names that begin with `__`) gets `exported_` before it. Series that only
    /// differ in what was replaced, or in a label that one has by itself and others get, get a label
    /// `tachograph_conflict`.
    ///
    /// # Histograms and timers
    ///
    /// The `le` buckets are the declared bounds, or else at most eleven powers of two: 2^-24 to 2^6 for
    /// timers and for histograms whose name ends in `_seconds`, 2^-12 to 2^28 for other histograms, and
    /// the whole range where the program chose one. They never depend on what was recorded, and each
    /// count is exact.
    ///
    /// A timer is a histogram in seconds, and a counter of its self time: `x_self_seconds_total` for a
    /// timer `x`, `x_seconds` or `x_duration_seconds`.
    ///
    /// # Rates and summaries
    ///
    /// A rate is a counter. A summary goes out as one, with the quantiles 0.5, 0.9, 0.95 and 0.99 of the values that it keeps,
    /// `NaN` where there is none, and the sum and count of all values. Those of several instances cannot be put together:
    /// for that there are histograms.
    Prometheus,
    /// OpenMetrics 1.0.0, in text.
    ///
    /// It has the same series, with the same names, labels and values, as
    /// [`Prometheus`](Format::Prometheus). What OpenMetrics cannot express under a name has the type
    /// `unknown` there: a counter or rate whose name does not end in `_total` or whose name without it is
    /// another metric's (`jobs` beside `jobs_total`), and the parts of a histogram or summary that holds values
    /// below zero. There are no `_created` lines, which Prometheus would take for series.
    OpenMetrics,
}

/// Every format with its name, in the order of the enum.
const FORMATS: [(Format, &str); 4] = [
    (Format::Table, "table"),
    (Format::Json, "json"),
    (Format::Prometheus, "prometheus"),
    (Format::OpenMetrics, "openmetrics"),
];

impl Format {
    /// The lower-case name: `"table"`, `"json"`, `"prometheus"`, `"openmetrics"`.
    pub const fn as_str(self) -> &'static str {
        FORMATS[self as usize].1
    }

    /// The media type, as a `Content-Type` header has it.
    ///
    /// # Examples
    ///
    /// ```
    /// use tachograph::Format;
    /// assert_eq!(Format::Prometheus.content_type(), "text/plain; version=0.0.4; charset=utf-8");
    /// ```
    pub const fn content_type(self) -> &'static str {
        match self {
            Format::Table => "text/plain; charset=utf-8",
            Format::Json => "application/json",
            Format::Prometheus => "text/plain; version=0.0.4; charset=utf-8",
            Format::OpenMetrics => "application/openmetrics-text; version=1.0.0; charset=utf-8",
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Format {
    type Err = Error;

    /// Reads the name that [`as_str`](Format::as_str) gives.
    ///
    /// # Errors
    ///
    /// An error that names the text and lists the formats.
    fn from_str(text: &str) -> Result<Format, Error> {
        let found = FORMATS.iter().find(|(_, name)| *name == text);
        found.map(|(format, _)| *format).ok_or_else(|| {
            let known: Vec<&str> = FORMATS.iter().map(|(_, name)| *name).collect();
            Error::invalid(format!("unknown format `{text}`: expected one of {}", known.join(", ")))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_format_comes_back_from_its_name() {
        for (place, (format, name)) in FORMATS.iter().enumerate() {
            assert_eq!(*format as usize, place);
            assert_eq!(format.to_string(), *name);
            assert_eq!(name.parse::<Format>().as_ref(), Ok(format));
        }
    }

    #[test]
    fn refusal_names_the_text_and_lists_the_formats() {
        for text in ["xml", "", "Table", "json "] {
            let error = text.parse::<Format>().unwrap_err();
            assert!(error.is_invalid());
            let says = format!(
                "unknown format `{text}`: expected one of table, json, prometheus, openmetrics"
            );
            assert_eq!(error.to_string(), says);
        }
    }
}

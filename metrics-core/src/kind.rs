//! The kinds of metric, as one small enum.

use core::fmt;

/// What a metric is: fixed at its first registration, for all its series.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Kind {
    /// A `u64` that only grows.
    Counter,
    /// An `f64` that goes up and down.
    Gauge,
    /// A distribution of `f64` values.
    Histogram,
    /// A distribution of durations, with self time.
    Timer,
    /// A `u64` that only grows, and is read by how fast it does.
    Rate,
    /// A distribution of `f64` values, of which the last ones are kept as they are.
    Summary,
}

impl Kind {
    /// The lower-case name: `"counter"`, `"gauge"`, `"histogram"`, `"timer"`, `"rate"`,
    /// `"summary"`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Kind::Counter => "counter",
            Kind::Gauge => "gauge",
            Kind::Histogram => "histogram",
            Kind::Timer => "timer",
            Kind::Rate => "rate",
            Kind::Summary => "summary",
        }
    }
}

#[cfg(feature = "record")]
impl Kind {
    /// True where a series is one total that only grows, which other formats call a counter.
    pub(crate) const fn is_a_count(self) -> bool {
        matches!(self, Kind::Counter | Kind::Rate)
    }

    /// True where a series is a distribution, and not a single number.
    pub(crate) const fn is_a_distribution(self) -> bool {
        matches!(self, Kind::Histogram | Kind::Timer | Kind::Summary)
    }

    /// The byte that stands for this kind in the directory.
    pub(crate) const fn code(self) -> u8 {
        match self {
            Kind::Counter => 1,
            Kind::Gauge => 2,
            Kind::Histogram => 3,
            Kind::Timer => 4,
            Kind::Rate => 5,
            Kind::Summary => 6,
        }
    }

    /// The kind that [`code`](Kind::code) wrote.
    pub(crate) const fn from_code(code: u8) -> Option<Kind> {
        match code {
            1 => Some(Kind::Counter),
            2 => Some(Kind::Gauge),
            3 => Some(Kind::Histogram),
            4 => Some(Kind::Timer),
            5 => Some(Kind::Rate),
            6 => Some(Kind::Summary),
            _ => None,
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

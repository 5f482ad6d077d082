//! Units of measurement: the set that the `metrics` crate knows, so that a port keeps its calls.

#[cfg(feature = "record")]
mod codes;

use core::fmt;

/// The unit of a metric's values.
///
/// # Examples
///
/// ```
/// use tachograph::Unit;
/// assert_eq!(Unit::Seconds.as_str(), "seconds");
/// assert_eq!("bytes".parse::<Unit>(), Ok(Unit::Bytes));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
#[allow(missing_docs, reason = "each variant's name is its whole documentation")]
pub enum Unit {
    Count,
    Percent,
    Seconds,
    Milliseconds,
    Microseconds,
    Nanoseconds,
    Tebibytes,
    Gibibytes,
    Mebibytes,
    Kibibytes,
    Bytes,
    TerabitsPerSecond,
    GigabitsPerSecond,
    MegabitsPerSecond,
    KilobitsPerSecond,
    BitsPerSecond,
    CountPerSecond,
}

/// Every unit with its name, in the order of the enum: a unit's place is its code in the directory.
const UNITS: [(Unit, &str); 17] = [
    (Unit::Count, "count"),
    (Unit::Percent, "percent"),
    (Unit::Seconds, "seconds"),
    (Unit::Milliseconds, "milliseconds"),
    (Unit::Microseconds, "microseconds"),
    (Unit::Nanoseconds, "nanoseconds"),
    (Unit::Tebibytes, "tebibytes"),
    (Unit::Gibibytes, "gibibytes"),
    (Unit::Mebibytes, "mebibytes"),
    (Unit::Kibibytes, "kibibytes"),
    (Unit::Bytes, "bytes"),
    (Unit::TerabitsPerSecond, "terabits_per_second"),
    (Unit::GigabitsPerSecond, "gigabits_per_second"),
    (Unit::MegabitsPerSecond, "megabits_per_second"),
    (Unit::KilobitsPerSecond, "kilobits_per_second"),
    (Unit::BitsPerSecond, "bits_per_second"),
    (Unit::CountPerSecond, "count_per_second"),
];

impl Unit {
    /// The lower-case name, words joined by `_`.
    pub const fn as_str(self) -> &'static str {
        UNITS[self as usize].1
    }

    /// The sign of the unit, as in `5 ms`; empty for a count.
    ///
    /// # Examples
    ///
    /// ```
    /// use tachograph::Unit;
    /// assert_eq!(Unit::Kibibytes.as_canonical_label(), "KiB");
    /// assert_eq!(Unit::Count.as_canonical_label(), "");
    /// ```
    pub const fn as_canonical_label(self) -> &'static str {
        match self {
            Unit::Count => "",
            Unit::Percent => "%",
            Unit::Seconds => "s",
            Unit::Milliseconds => "ms",
            Unit::Microseconds => "μs",
            Unit::Nanoseconds => "ns",
            Unit::Tebibytes => "TiB",
            Unit::Gibibytes => "GiB",
            Unit::Mebibytes => "MiB",
            Unit::Kibibytes => "KiB",
            Unit::Bytes => "B",
            Unit::TerabitsPerSecond => "Tbps",
            Unit::GigabitsPerSecond => "Gbps",
            Unit::MegabitsPerSecond => "Mbps",
            Unit::KilobitsPerSecond => "kbps",
            Unit::BitsPerSecond => "bps",
            Unit::CountPerSecond => "/s",
        }
    }

    /// The unit of that [name](Unit::as_str).
    ///
    /// # Examples
    ///
    /// ```
    /// use tachograph::Unit;
    /// assert_eq!(Unit::from_string("bytes"), Some(Unit::Bytes));
    /// assert_eq!(Unit::from_string("Bytes"), None);
    /// ```
    pub fn from_string(name: &str) -> Option<Unit> {
        UNITS.iter().find(|(_, known)| *known == name).map(|(unit, _)| *unit)
    }

    /// True for seconds and their parts.
    pub const fn is_time_based(self) -> bool {
        matches!(self, Unit::Seconds | Unit::Milliseconds | Unit::Microseconds | Unit::Nanoseconds)
    }

    /// True for bytes, their multiples, and rates of bits.
    pub const fn is_data_based(self) -> bool {
        let is_bytes = matches!(
            self,
            Unit::Tebibytes | Unit::Gibibytes | Unit::Mebibytes | Unit::Kibibytes | Unit::Bytes
        );
        is_bytes || self.is_data_rate_based()
    }

    /// True for bits per second and their multiples.
    pub const fn is_data_rate_based(self) -> bool {
        matches!(
            self,
            Unit::TerabitsPerSecond
                | Unit::GigabitsPerSecond
                | Unit::MegabitsPerSecond
                | Unit::KilobitsPerSecond
                | Unit::BitsPerSecond
        )
    }
}

impl fmt::Display for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

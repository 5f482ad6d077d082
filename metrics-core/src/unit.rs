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
}

impl fmt::Display for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

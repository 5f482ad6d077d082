//! Units of measurement: the set that the `metrics` crate knows, so that a port keeps its calls.

use std::fmt;

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

    /// The byte that stands for an optional unit in the directory; 0 is none.
    pub(crate) const fn code(unit: Option<Unit>) -> u8 {
        match unit {
            Some(unit) => unit as u8 + 1,
            None => 0,
        }
    }

    /// The unit that [`code`](Unit::code) wrote.
    pub(crate) fn from_code(code: u8) -> Option<Unit> {
        let place = usize::from(code).checked_sub(1)?;
        UNITS.get(place).map(|(unit, _)| *unit)
    }
}

impl fmt::Display for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl std::str::FromStr for Unit {
    type Err = crate::Error;

    /// Reads the name that [`as_str`](Unit::as_str) gives.
    ///
    /// # Errors
    ///
    /// An error that names the text and lists the units.
    fn from_str(text: &str) -> Result<Unit, crate::Error> {
        let found = UNITS.iter().find(|(_, name)| *name == text);
        found.map(|(unit, _)| *unit).ok_or_else(|| {
            let known: Vec<&str> = UNITS.iter().map(|(_, name)| *name).collect();
            crate::Error::invalid(format!(
                "unknown unit `{text}`: expected one of {}",
                known.join(", ")
            ))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_unit_comes_back_from_its_name_and_its_code() {
        for (place, (unit, name)) in UNITS.iter().enumerate() {
            assert_eq!(*unit as usize, place);
            assert_eq!(name.parse::<Unit>().as_ref(), Ok(unit));
            assert_eq!(Unit::from_code(Unit::code(Some(*unit))), Some(*unit));
        }
        assert_eq!(Unit::from_code(Unit::code(None)), None);
        assert_eq!(Unit::from_code(200), None);
    }
}

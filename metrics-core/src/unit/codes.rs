//! Units read back: from their names, and from the bytes of the directory; and what a second is in them.

use crate::unit::{UNITS, Unit};

impl Unit {
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

    /// What a second is in this unit, if it is one of time, and by how many powers of two a range of
    /// seconds moves to be about the same range in it.
    pub(crate) const fn of_a_second(self) -> Option<(f64, i32)> {
        match self {
            Unit::Seconds => Some((1.0, 0)),
            Unit::Milliseconds => Some((1e3, 10)),
            Unit::Microseconds => Some((1e6, 20)),
            Unit::Nanoseconds => Some((1e9, 30)),
            _ => None,
        }
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
        Unit::from_string(text).ok_or_else(|| {
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

    #[test]
    fn units_of_data_and_of_time_are_told_apart() {
        for (unit, name) in UNITS {
            let is_rate = name.contains("bits");
            assert_eq!(unit.is_data_rate_based(), is_rate, "{name}");
            assert_eq!(unit.is_data_based(), is_rate || name.contains("bytes"), "{name}");
            assert_eq!(unit.is_time_based(), unit.of_a_second().is_some(), "{name}");
            assert_eq!(unit.as_canonical_label().is_empty(), unit == Unit::Count, "{name}");
        }
    }
}

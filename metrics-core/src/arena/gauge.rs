//! The shared value of a gauge in one cell: unset, or any `f64`.
//!
//! A fresh cell is 0 and means unset, so values are stored with their bits changed by a constant: the
//! one pattern that would become 0 is a NaN that no computation makes, and is stored as another NaN.

/// The content of a cell whose gauge was never set.
pub(crate) const UNSET: u64 = 0;

/// A NaN with a payload of our own.
const MASK: u64 = 0x7ff8_7461_6368_6f67;

/// What the cell holds for `value`.
#[inline(always)]
pub(crate) fn encode(value: f64) -> u64 {
    let cell = value.to_bits() ^ MASK;
    if cell == UNSET { f64::NAN.to_bits() ^ MASK } else { cell }
}

/// The value that the cell holds.
#[inline(always)]
pub(crate) fn decode(cell: u64) -> Option<f64> {
    if cell == UNSET { None } else { Some(f64::from_bits(cell ^ MASK)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_comes_back_and_none_reads_as_unset() {
        let hostile = f64::from_bits(MASK);
        for value in [0.0, -0.0, 1.5, f64::MIN, f64::INFINITY, f64::NEG_INFINITY, 5e-324] {
            assert_eq!(decode(encode(value)).map(f64::to_bits), Some(value.to_bits()));
        }
        for nan in [f64::NAN, -f64::NAN, hostile] {
            assert!(decode(encode(nan)).is_some_and(f64::is_nan));
        }
        assert_eq!(decode(UNSET), None);
    }
}

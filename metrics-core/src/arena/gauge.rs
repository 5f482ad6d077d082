//! The cells of a gauge: in each shard the sum of its increments, and in the state extent its value,
//! once it was set.
//!
//! A fresh cell is 0 and means unset, so values are stored with their bits changed by a constant: the
//! one pattern that would become 0 is a NaN that no computation makes, and is stored as another NaN.

use super::extent::Base;
use super::sum::Sum;

/// How many small cells a gauge has.
pub(crate) const CELLS: usize = 2;

/// The content of a state cell whose gauge was never set.
pub(crate) const UNSET: u64 = 0;

/// A NaN with a payload of our own.
const MASK: u64 = 0x7ff8_7461_6368_6f67;

/// The increments in an extent.
#[inline(always)]
pub(crate) fn increments(base: Base, slot: isize) -> Sum {
    Sum { reals: base.cell(slot), wholes: base.cell(slot + 8) }
}

/// What the state cell holds for `value`.
#[inline(always)]
pub(crate) fn encode(value: f64) -> u64 {
    // A branch that is never taken costs less than the choice between two values.
    match value.to_bits() ^ MASK {
        UNSET => encode_the_mask(),
        cell => cell,
    }
}

#[cold]
#[inline(never)]
fn encode_the_mask() -> u64 {
    f64::NAN.to_bits() ^ MASK
}

/// The value that the state cell holds.
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

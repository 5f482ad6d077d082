//! A number as it is summed: whole ones apart from all others.

/// A number to add. Two words, so that it is passed in registers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Amount {
    /// An `i64`, or the bits of an `f64`.
    bits: u64,
    is_whole: bool,
}

/// Up to here every whole number is an `f64`: 2^53.
const EXACT: f64 = 9_007_199_254_740_992.0;

impl Amount {
    #[inline(always)]
    pub(crate) const fn whole(value: i64) -> Amount {
        Amount { bits: value as u64, is_whole: true }
    }

    #[inline(always)]
    pub(crate) const fn real(value: f64) -> Amount {
        Amount { bits: value.to_bits(), is_whole: false }
    }

    /// The same number as what is cheapest to add. The compiler decides it for one that it knows.
    #[inline(always)]
    pub(crate) fn cheapest(self) -> Amount {
        let value = self.value();
        let whole = value as i64;
        if !self.is_whole && value.abs() <= EXACT && whole as f64 == value {
            Amount::whole(whole)
        } else {
            self
        }
    }

    /// The number as an `f64`.
    #[inline(always)]
    pub(crate) fn value(self) -> f64 {
        if self.is_whole { self.bits as i64 as f64 } else { f64::from_bits(self.bits) }
    }

    /// The number as an integer, if it is kept as one.
    #[inline(always)]
    pub(crate) fn as_whole(self) -> Option<i64> {
        self.is_whole.then_some(self.bits as i64)
    }

    /// The number with the other sign.
    #[inline(always)]
    pub(crate) fn negated(self) -> Amount {
        // There is no 2^63.
        match self.as_whole().and_then(i64::checked_neg) {
            Some(whole) => Amount::whole(whole),
            None => Amount::real(-self.value()),
        }
    }

    /// The number, so many times.
    #[inline(always)]
    pub(crate) fn times(self, times: u64) -> Amount {
        let times_whole = i64::try_from(times).ok();
        match self.as_whole().zip(times_whole).and_then(|(one, n)| one.checked_mul(n)) {
            Some(whole) => Amount::whole(whole),
            None => Amount::real(self.value() * times as f64),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_keep_their_value() {
        for value in [0.0, -0.0, 1.0, -3.0, EXACT, -EXACT, 0.5, 1e300, f64::INFINITY] {
            assert_eq!(Amount::real(value).cheapest().value(), value);
            assert_eq!(Amount::real(value).cheapest().negated().value(), -value);
            assert_eq!(Amount::real(value).cheapest().times(3).value(), 3.0 * value);
        }
        assert_eq!(Amount::real(-4.0).cheapest(), Amount::whole(-4));
        assert_eq!(Amount::real(2.0 * EXACT).cheapest(), Amount::real(2.0 * EXACT));
        assert!(Amount::real(f64::NAN).cheapest().value().is_nan());
        assert_eq!(Amount::whole(i64::MIN).negated().value(), (1_u64 << 63) as f64);
        assert_eq!(Amount::whole(i64::MAX).times(u64::MAX).value(), (1_u128 << 127) as f64);
    }
}

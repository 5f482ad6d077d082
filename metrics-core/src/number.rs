//! What can be recorded as a number.
//!
//! It is there whether anything is recorded or not, so that a call means the same either way.

use core::time::Duration;

#[cfg(feature = "record")]
use crate::amount::Amount;

/// A number that gauges and histograms take: every primitive number, and a [`Duration`] in seconds, which a
/// histogram records in its own unit where that is one of time.
///
/// Whole numbers are summed as integers, exactly. A single value beyond 2^53 is rounded to the nearest
/// `f64` where it is shown.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use tachograph::IntoF64;
/// assert_eq!(7_usize.into_f64(), 7.0);
/// assert_eq!(Duration::from_millis(1500).into_f64(), 1.5);
/// ```
pub trait IntoF64 {
    /// True for durations, which a histogram records in its own unit of time.
    #[doc(hidden)]
    const IS_A_DURATION: bool = false;

    /// The value as an `f64`.
    fn into_f64(self) -> f64;

    /// The value as it is summed; an error for a rare one, which takes the slow way.
    #[cfg(feature = "record")]
    #[doc(hidden)]
    #[inline(always)]
    fn into_amount(self) -> Result<Amount, Amount>
    where
        Self: Sized,
    {
        Ok(Amount::real(self.into_f64()))
    }
}

macro_rules! floats {
    ($($number:ty),*) => {
        $(impl IntoF64 for $number {
            #[inline(always)]
            fn into_f64(self) -> f64 {
                self.into()
            }
        })*
    };
}

macro_rules! integers {
    ($($number:ty),*) => {
        $(impl IntoF64 for $number {
            #[inline(always)]
            fn into_f64(self) -> f64 {
                self as f64
            }

            #[cfg(feature = "record")]
            #[inline(always)]
            fn into_amount(self) -> Result<Amount, Amount> {
                match i64::try_from(self) {
                    Ok(whole) => Ok(Amount::whole(whole)),
                    Err(_) => Err(Amount::real(self as f64)),
                }
            }
        })*
    };
}

floats!(f64, f32);
integers!(i8, u8, i16, u16, i32, u32, i64, u64, isize, usize);

impl IntoF64 for Duration {
    const IS_A_DURATION: bool = true;

    #[inline(always)]
    fn into_f64(self) -> f64 {
        self.as_secs_f64()
    }
}

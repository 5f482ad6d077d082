//! What can be recorded as a number.

use std::time::Duration;

/// A number that gauges and histograms take: every primitive number, and a [`Duration`] in seconds.
///
/// Integers beyond 2^53 are rounded to the nearest `f64`.
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
    /// The value as an `f64`.
    fn into_f64(self) -> f64;
}

macro_rules! numbers {
    ($($number:ty),*) => {
        $(impl IntoF64 for $number {
            #[inline(always)]
            fn into_f64(self) -> f64 {
                self as f64
            }
        })*
    };
}

numbers!(f64, f32, i8, u8, i16, u16, i32, u32, i64, u64, isize, usize);

impl IntoF64 for Duration {
    #[inline(always)]
    fn into_f64(self) -> f64 {
        self.as_secs_f64()
    }
}

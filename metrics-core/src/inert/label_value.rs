//! What can be the value of a label: the types that the recorder takes, and what it says of others.
//!
//! On targets without an operating system, `String` and its kin are only known with the feature `alloc`:
//! a program there may have no allocator.

#[cfg(any(feature = "alloc", not(target_os = "none")))]
mod owned;

use core::fmt::Display;
use core::ops::Deref;

/// A value that a label can take: text of any lifetime, characters, bools and integers as they are,
/// and anything else that implements [`Display`] as `%value`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the value of a label",
    label = "not text, an integer, a bool or a char",
    note = "write `%value` to use its `Display`, or derive `LabelSet` for an enum of unit variants"
)]
pub trait LabelValue {
    /// The value as text: nothing, but for types that implement this by a derive.
    type Text<'a>: Deref<Target = str>
    where
        Self: 'a;

    /// The value as text.
    fn text(&self) -> Self::Text<'_>;
}

/// A value that is shown by its [`Display`]: `%value` in a macro call.
#[derive(Debug)]
pub struct Displayed<'a, T: ?Sized>(#[allow(dead_code, reason = "never shown")] &'a T);

impl<'a, T: Display + ?Sized> Displayed<'a, T> {
    /// Wraps the value.
    #[inline(always)]
    pub fn new(value: &'a T) -> Displayed<'a, T> {
        Displayed(value)
    }
}

impl<T: Display + ?Sized> LabelValue for Displayed<'_, T> {
    type Text<'a>
        = &'static str
    where
        Self: 'a;

    #[inline(always)]
    fn text(&self) -> &'static str {
        ""
    }
}

impl<T: LabelValue + ?Sized> LabelValue for &T {
    type Text<'a>
        = T::Text<'a>
    where
        Self: 'a;

    #[inline(always)]
    fn text(&self) -> T::Text<'_> {
        (**self).text()
    }
}

macro_rules! values {
    ($($value:ty),*) => {
        $(impl LabelValue for $value {
            type Text<'a> = &'static str where Self: 'a;

            #[inline(always)]
            fn text(&self) -> &'static str {
                ""
            }
        })*
    };
}
#[cfg(any(feature = "alloc", not(target_os = "none")))]
use values;

values!(str, char, bool);
values!(i8, u8, i16, u16, i32, u32, i64, u64, i128, u128, isize, usize);

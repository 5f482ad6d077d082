//! What can be the value of a label.

use std::borrow::Cow;
use std::fmt::Display;
use std::ops::Deref;
use std::rc::Rc;
use std::sync::Arc;

/// A value that a label can take: text of any lifetime, characters, bools and integers as they are,
/// and anything else that implements [`Display`] as `%value`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the value of a label",
    label = "not text, an integer, a bool or a char",
    note = "write `%value` to use its `Display`, or derive `LabelSet` for an enum of unit variants"
)]
pub trait LabelValue {
    /// The value as text, borrowed where it is text already.
    type Text<'a>: Deref<Target = str>
    where
        Self: 'a;

    /// The value as text.
    fn text(&self) -> Self::Text<'_>;
}

/// The text of an integer, without an allocation.
#[derive(Debug, Clone, Copy)]
pub struct Digits {
    /// The text stands at the end. The longest, of `i128::MIN`, has 40 characters.
    bytes: [u8; 40],
    start: u8,
}

impl Digits {
    #[inline]
    fn of(is_negative: bool, magnitude: u64) -> Digits {
        let mut digits = Digits { bytes: [0; 40], start: 40 };
        digits.prepend(magnitude, 1);
        if is_negative {
            digits.push_front(b'-');
        }
        digits
    }

    #[cold]
    fn of_large(is_negative: bool, mut magnitude: u128) -> Digits {
        /// As many digits as a `u64` holds whatever they are.
        const PIECE: u128 = 10_u128.pow(19);
        let mut digits = Digits { bytes: [0; 40], start: 40 };
        while magnitude >= PIECE {
            digits.prepend((magnitude % PIECE) as u64, 19);
            magnitude /= PIECE;
        }
        digits.prepend(magnitude as u64, 1);
        if is_negative {
            digits.push_front(b'-');
        }
        digits
    }

    /// The digits of a number, with zeros before it up to a width.
    #[inline]
    fn prepend(&mut self, mut number: u64, width: u32) {
        let mut written = 0;
        while number > 0 || written < width {
            self.push_front(b'0' + (number % 10) as u8);
            number /= 10;
            written += 1;
        }
    }

    #[inline]
    fn push_front(&mut self, byte: u8) {
        self.start -= 1;
        self.bytes[usize::from(self.start)] = byte;
    }
}

impl Deref for Digits {
    type Target = str;

    #[inline]
    fn deref(&self) -> &str {
        // Only digits and a sign are ever written.
        std::str::from_utf8(&self.bytes[usize::from(self.start)..]).unwrap_or("")
    }
}

/// The text of a character.
#[derive(Debug, Clone, Copy)]
pub struct Character {
    bytes: [u8; 4],
    len: u8,
}

impl Deref for Character {
    type Target = str;

    fn deref(&self) -> &str {
        // Written by `encode_utf8`.
        std::str::from_utf8(&self.bytes[..usize::from(self.len)]).unwrap_or("")
    }
}

/// A value that is shown by its [`Display`]: `%value` in a macro call.
#[derive(Debug)]
pub struct Displayed<'a, T: ?Sized>(&'a T);

impl<'a, T: Display + ?Sized> Displayed<'a, T> {
    /// Wraps the value.
    pub fn new(value: &'a T) -> Displayed<'a, T> {
        Displayed(value)
    }
}

impl<T: Display + ?Sized> LabelValue for Displayed<'_, T> {
    type Text<'a>
        = String
    where
        Self: 'a;

    fn text(&self) -> String {
        self.0.to_string()
    }
}

impl<T: LabelValue + ?Sized> LabelValue for &T {
    type Text<'a>
        = T::Text<'a>
    where
        Self: 'a;

    fn text(&self) -> T::Text<'_> {
        (**self).text()
    }
}

macro_rules! texts {
    ($($text:ty),*) => {
        $(impl LabelValue for $text {
            type Text<'a> = &'a str where Self: 'a;

            #[inline]
            fn text(&self) -> &str {
                self
            }
        })*
    };
}

texts!(str, String, Cow<'_, str>, Box<str>, Arc<str>, Rc<str>);

macro_rules! digits {
    ($($number:ty),*) => {
        $(impl LabelValue for $number {
            type Text<'a> = Digits;

            #[inline]
            fn text(&self) -> Digits {
                #[allow(unused_comparisons, reason = "unsigned ones are never below zero")]
                let is_negative = *self < 0;
                let magnitude = (*self as i128).unsigned_abs();
                match u64::try_from(magnitude) {
                    Ok(magnitude) => Digits::of(is_negative, magnitude),
                    Err(_) => Digits::of_large(is_negative, magnitude),
                }
            }
        })*
    };
}

digits!(i8, u8, i16, u16, i32, u32, i64, u64, i128, isize, usize);

impl LabelValue for u128 {
    type Text<'a> = Digits;

    fn text(&self) -> Digits {
        Digits::of_large(false, *self)
    }
}

impl LabelValue for char {
    type Text<'a> = Character;

    fn text(&self) -> Character {
        let mut bytes = [0; 4];
        let len = self.encode_utf8(&mut bytes).len() as u8;
        Character { bytes, len }
    }
}

impl LabelValue for bool {
    type Text<'a> = &'static str;

    fn text(&self) -> &'static str {
        if *self { "true" } else { "false" }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_value_is_the_text_it_shows() {
        fn check(value: impl LabelValue, expected: &str) {
            assert_eq!(&*value.text(), expected);
        }
        check("a", "a");
        check(String::from("b"), "b");
        check(Cow::Borrowed("c"), "c");
        check(Arc::<str>::from("d"), "d");
        check(Rc::<str>::from("e"), "e");
        check(Box::<str>::from("f"), "f");
        check('ß', "ß");
        check(true, "true");
        check('\u{10ffff}', "\u{10ffff}");
        check(Displayed::new(&1.5), "1.5");
    }

    #[test]
    fn integers_are_what_the_standard_library_shows() {
        fn check(value: impl LabelValue + Display) {
            assert_eq!(&*value.text(), value.to_string());
        }
        for shift in 0..128 {
            for step in [-1, 0, 1] {
                let value = (1_i128 << shift.min(126)).wrapping_add(step);
                check(value);
                check(-value);
                check((1_u128 << shift).wrapping_add_signed(step));
                check(value as i64);
                check(value as u64);
                check(value as i8);
                check(value as u16);
            }
        }
        check(i128::MIN);
        check(i128::MAX);
        check(u128::MAX);
        check(10_u128.pow(19));
        check(10_u128.pow(38));
    }
}

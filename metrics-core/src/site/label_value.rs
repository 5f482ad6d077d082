//! What can be the value of a label.

use std::borrow::Cow;
use std::fmt::{self, Display, Write};
use std::ops::Deref;
use std::rc::Rc;
use std::sync::Arc;

/// A value that a label can take: text of any lifetime, characters, bools and integers as they are,
/// and anything else that implements [`Display`] as `%value`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the value of a label",
    label = "not text, an integer, a bool or a char",
    note = "write `%value` to use its `Display`"
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
    bytes: [u8; 40],
    used: u8,
}

impl Digits {
    fn of(value: impl Display) -> Digits {
        let mut digits = Digits { bytes: [0; 40], used: 0 };
        // The longest, `i128::MIN`, has 40 characters.
        let _ = write!(digits, "{value}");
        digits
    }
}

impl Write for Digits {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let from = usize::from(self.used);
        let room = self.bytes.get_mut(from..from + text.len()).ok_or(fmt::Error)?;
        room.copy_from_slice(text.as_bytes());
        self.used += text.len() as u8;
        Ok(())
    }
}

impl Deref for Digits {
    type Target = str;

    fn deref(&self) -> &str {
        let bytes = &self.bytes[..usize::from(self.used)];
        // Only whole texts are ever written.
        std::str::from_utf8(bytes).unwrap_or("")
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
                Digits::of(*self)
            }
        })*
    };
}

digits!(i8, u8, i16, u16, i32, u32, i64, u64, i128, u128, isize, usize, char);

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
        check(u8::MAX, "255");
        check(i128::MIN, "-170141183460469231731687303715884105728");
        check(Displayed::new(&1.5), "1.5");
    }
}

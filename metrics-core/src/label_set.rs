//! Sets of labels whose values are all known before the program runs, so that a series is found by its place.
//!
//! A label that can have a few values gives each of them a place, from zero on, and a set of such labels gives
//! each combination one: the places are the digits of its index. That is arithmetic on small numbers, in which
//! no text is compared, hashed or copied. It never registers anything: what lies at an index is for sites.

/// A set of labels whose values are all known before the program runs: `#[derive(LabelSet)]`.
///
/// An enum of unit variants is a set of one label. A struct is one of as many labels as it has fields, each of
/// them such an enum, a `bool`, or a reference to one. The [derive](macro@crate::LabelSet) says how keys and values are
/// written, and what is refused.
///
/// # Examples
///
/// ```
/// use tachograph::LabelSet;
///
/// #[derive(LabelSet)]
/// #[label(rename_all = "lowercase")]
/// enum Method {
///     Get,
///     Post,
/// }
///
/// #[derive(LabelSet)]
/// struct Request {
///     method: Method,
///     cached: bool,
/// }
///
/// const _: () = assert!(Method::SERIES == 2 && Request::SERIES == 4);
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no set of labels whose values are known beforehand",
    label = "not a type that derives `LabelSet`",
    note = "put `#[derive(LabelSet)]` on it"
)]
pub trait LabelSet {
    /// How many series there can be: the product of the numbers of values, 16,384 at most.
    const SERIES: usize;

    /// The labels, in the order of writing.
    #[doc(hidden)]
    const FIELDS: &'static [LabelField];

    /// The place among all series, below [`LabelSet::SERIES`]: the first label counts most.
    #[doc(hidden)]
    fn index(&self) -> usize;
}

impl<T: LabelSet + ?Sized> LabelSet for &T {
    const SERIES: usize = T::SERIES;
    const FIELDS: &'static [LabelField] = T::FIELDS;

    #[inline]
    fn index(&self) -> usize {
        (**self).index()
    }
}

/// A label of a set: its key, and all values that it can have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LabelField {
    /// The label's key.
    pub key: &'static str,
    /// The values, each at its place.
    pub values: &'static [&'static str],
}

/// What can be a field of a set: a value out of a few.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no label whose values are known beforehand",
    label = "neither an enum that derives `LabelSet` nor a `bool`",
    note = "a field of a label set is an enum of unit variants with `#[derive(LabelSet)]` on it, a `bool`, or a \
            reference to one",
    note = "in place of an `Option`, give the enum one variant more, with `#[label(\"\")]` on it"
)]
pub trait LabelVariants {
    /// The values, each at its place.
    const VALUES: &'static [&'static str];

    /// The place of the value.
    fn place(&self) -> usize;

    /// The index of a set of labels, with this one behind those that `index` is already of.
    #[inline]
    fn after(&self, index: usize) -> usize {
        index * Self::VALUES.len() + self.place()
    }
}

impl<T: LabelVariants + ?Sized> LabelVariants for &T {
    const VALUES: &'static [&'static str] = T::VALUES;

    #[inline]
    fn place(&self) -> usize {
        (**self).place()
    }
}

impl LabelVariants for bool {
    const VALUES: &'static [&'static str] = &["false", "true"];

    #[inline]
    fn place(&self) -> usize {
        usize::from(*self)
    }
}

/// A reference to the labels of one set, for [`LabelSet::FIELDS`].
///
/// Of a static, as a site knows its set by the address of its labels, and of a constant each part of a program has a
/// copy: a call in a function that is inlined elsewhere would compare all texts.
#[cfg(feature = "record")]
#[doc(hidden)]
#[macro_export]
macro_rules! __label_fields {
    ($count:literal; $($field:expr),*) => {{
        static FIELDS: [$crate::__private::LabelField; $count] = [$($field),*];
        &FIELDS
    }};
}

/// A reference to the labels of one set. Without sites nobody asks for their address, and a static would be left.
#[cfg(not(feature = "record"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __label_fields {
    ($count:literal; $($field:expr),*) => {
        &[$($field),*]
    };
}

/// The most series that one set can have: they are found through a table of that many places.
const MAX_SERIES: usize = 16_384;

/// How many series a set of `fields` has.
///
/// # Panics
///
/// When there are more than 16,384; while the program is compiled, where this is called.
#[track_caller]
pub const fn series(fields: &[LabelField]) -> usize {
    let mut series: usize = 1;
    let mut place = 0;
    while place < fields.len() {
        series = series.saturating_mul(fields[place].values.len());
        place += 1;
    }
    if series > MAX_SERIES {
        let message = Message::new()
            .text("expected a label set of at most ")
            .number(MAX_SERIES)
            .text(" series, found ")
            // So many that they could not be counted are at least as many as could be.
            .text(if series == usize::MAX { "at least " } else { "" })
            .number(series)
            .text(": remove a field, or write it beside the set as a label of its own");
        panic!("{}", message.as_str());
    }
    series
}

/// A text that is put together while the program is compiled, where nothing can be formatted.
struct Message {
    bytes: [u8; Message::MAX_BYTES],
    len: usize,
}

impl Message {
    /// More than the one message has, with the largest number in it.
    const MAX_BYTES: usize = 192;

    const fn new() -> Message {
        Message { bytes: [0; Message::MAX_BYTES], len: 0 }
    }

    const fn text(mut self, text: &str) -> Message {
        let mut place = 0;
        while place < text.len() {
            self.bytes[self.len] = text.as_bytes()[place];
            self.len += 1;
            place += 1;
        }
        self
    }

    const fn number(mut self, number: usize) -> Message {
        if number >= 10 {
            self = self.number(number / 10);
        }
        self.bytes[self.len] = b'0' + (number % 10) as u8;
        self.len += 1;
        self
    }

    const fn as_str(&self) -> &str {
        match core::str::from_utf8(self.bytes.split_at(self.len).0) {
            Ok(text) => text,
            // Only whole texts and digits are ever written.
            Err(_) => "",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TWO: LabelField = LabelField { key: "two", values: &["a", "b"] };

    #[test]
    fn series_are_the_product_of_the_numbers_of_values() {
        assert_eq!(series(&[]), 1);
        assert_eq!(series(&[TWO]), 2);
        assert_eq!(series(&[TWO; 14]), MAX_SERIES);
    }

    #[test]
    #[should_panic(
        expected = "expected a label set of at most 16384 series, found 32768: remove a field, or write it beside"
    )]
    fn more_series_than_a_table_has_places_are_refused() {
        series(&[TWO; 15]);
    }

    #[test]
    #[should_panic(expected = "found at least 18446744073709551615: remove a field")]
    #[cfg(target_pointer_width = "64")]
    fn more_series_than_can_be_counted_are_refused() {
        series(&[TWO; 64]);
    }

    #[test]
    fn index_counts_through_the_last_label_first() {
        let mut indices = Vec::new();
        for first in [false, true] {
            for second in [false, true] {
                indices.push(second.after(first.place()));
            }
        }
        assert_eq!(indices, [0, 1, 2, 3]);
        assert_eq!(<&bool as LabelVariants>::VALUES[usize::from(true)], "true");
    }
}

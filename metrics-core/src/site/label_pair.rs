//! Labels from one expression: a collection or an iterator of pairs of a key and a value.

use std::borrow::Cow;
use std::fmt;
use std::ops::Deref;

use crate::site::label_value::LabelValue;

/// A label that is put together before the call that uses it.
///
/// `counter!` and its siblings take labels as `"key" => value`, or as one expression: anything that can be
/// iterated and gives pairs of a key and a value, references to such pairs, or `Label`s.
///
/// # Examples
///
/// ```
/// use tachograph::{Label, counter};
///
/// let mut labels = vec![Label::new("method", "GET")];
/// labels.push(Label::new("status", 200));
/// counter!("responses_total", labels.iter()).increment(1);
/// counter!("responses_total", labels).increment(1);
///
/// let snapshot = tachograph::registry().snapshot();
/// let labels = [("method", "GET"), ("status", "200")];
/// assert_eq!(snapshot.counter("responses_total", &labels), Some(2));
/// ```
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Label {
    key: Cow<'static, str>,
    value: Cow<'static, str>,
}

impl Label {
    /// A label of this key and this value: text of any kind, integers, `bool` and `char`.
    pub fn new(key: impl AsRef<str>, value: impl LabelValue) -> Label {
        let value = value.text().to_owned();
        Label { key: Cow::Owned(key.as_ref().to_owned()), value: Cow::Owned(value) }
    }

    /// A label whose key and value stand in the program's text.
    pub const fn from_static_parts(key: &'static str, value: &'static str) -> Label {
        Label { key: Cow::Borrowed(key), value: Cow::Borrowed(value) }
    }

    /// The key.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// The value, as text.
    pub fn value(&self) -> &str {
        &self.value
    }
}

impl fmt::Debug for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} => {:?}", self.key, self.value)
    }
}

impl<K: AsRef<str>, V: LabelValue> From<(K, V)> for Label {
    fn from((key, value): (K, V)) -> Label {
        Label::new(key, value)
    }
}

impl<K: AsRef<str>, V: LabelValue> From<&(K, V)> for Label {
    fn from((key, value): &(K, V)) -> Label {
        Label::new(key, value)
    }
}

/// `labels`, whose elements the compiler then knows to be labels although there are none.
#[inline(always)]
pub fn no_labels<L: IntoIterator<Item = Label>>(labels: L) -> L {
    labels
}

/// A key and a value.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a label: a pair of a key and a value",
    label = "its elements are not labels",
    note = "labels are written as \"key\" => value, or given as a collection of pairs such as `&[(\"key\", value)]`"
)]
pub trait LabelPair {
    /// The value as text.
    type Value<'a>: Deref<Target = str>
    where
        Self: 'a;

    /// Key and value as text, borrowed where they are text already.
    fn texts(&self) -> (&str, Self::Value<'_>);
}

impl<K: AsRef<str>, V: LabelValue> LabelPair for (K, V) {
    type Value<'a>
        = V::Text<'a>
    where
        Self: 'a;

    #[inline]
    fn texts(&self) -> (&str, V::Text<'_>) {
        (self.0.as_ref(), self.1.text())
    }
}

impl LabelPair for Label {
    type Value<'a> = &'a str;

    #[inline]
    fn texts(&self) -> (&str, &str) {
        (&self.key, &self.value)
    }
}

impl<T: LabelPair> LabelPair for &T {
    type Value<'a>
        = T::Value<'a>
    where
        Self: 'a;

    #[inline]
    fn texts(&self) -> (&str, T::Value<'_>) {
        (**self).texts()
    }
}

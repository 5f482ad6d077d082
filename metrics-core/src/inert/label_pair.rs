//! Labels from one expression: the types that the recorder takes.

use crate::inert::label_value::LabelValue;

/// A label that is put together before the call that uses it; without the feature `record`, nothing.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Label(());

impl Label {
    /// Keeps nothing.
    #[inline(always)]
    pub fn new(_: impl AsRef<str>, _: impl LabelValue) -> Label {
        Label(())
    }

    /// Keeps nothing.
    #[inline(always)]
    pub const fn from_static_parts(_: &'static str, _: &'static str) -> Label {
        Label(())
    }

    /// Empty.
    #[inline(always)]
    pub fn key(&self) -> &str {
        ""
    }

    /// Empty.
    #[inline(always)]
    pub fn value(&self) -> &str {
        ""
    }
}

impl<K: AsRef<str>, V: LabelValue> From<(K, V)> for Label {
    #[inline(always)]
    fn from(_: (K, V)) -> Label {
        Label(())
    }
}

impl<K: AsRef<str>, V: LabelValue> From<&(K, V)> for Label {
    #[inline(always)]
    fn from(_: &(K, V)) -> Label {
        Label(())
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
pub trait LabelPair {}

impl<K: AsRef<str>, V: LabelValue> LabelPair for (K, V) {}

impl LabelPair for Label {}

impl<T: LabelPair> LabelPair for &T {}

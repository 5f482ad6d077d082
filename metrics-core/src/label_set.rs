//! Sets of labels whose values are all known before the program runs. (Replaced by the branch that derives it.)
/// A set of labels.
pub trait LabelSet {
    /// How many series.
    const SERIES: usize;
    #[doc(hidden)]
    const FIELDS: &'static [LabelField];
    #[doc(hidden)]
    fn index(&self) -> usize;
}
#[doc(hidden)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LabelField {
    /// The key.
    pub key: &'static str,
    /// The values.
    pub values: &'static [&'static str],
}

//! Labels: sorted, validated key-value pairs that tell the series of one metric apart.

use std::fmt;
use std::sync::Arc;

use crate::error::Error;
use crate::name;

/// The labels of a series, sorted by key, without duplicates. Cheap to clone.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Labels(Arc<[(Box<str>, Box<str>)]>);

impl Labels {
    /// The most labels one series can have.
    pub const MAX: usize = 64;

    /// The longest label value, in bytes of UTF-8.
    pub const MAX_VALUE_BYTES: usize = 4096;

    /// The label that marks the series which takes what a cap refused (the OpenTelemetry name).
    pub const OVERFLOW: (&'static str, &'static str) = ("otel_metric_overflow", "true");

    /// Checks, sorts and copies `pairs`.
    ///
    /// # Errors
    ///
    /// When a key is empty, unprintable, too long or given twice, when a value is longer than
    /// [`Labels::MAX_VALUE_BYTES`], or when there are more than [`Labels::MAX`] labels.
    pub fn new(pairs: &[(&str, &str)]) -> Result<Labels, Error> {
        Pairs::new(pairs).map(|pairs| Labels::from(&pairs))
    }

    /// The pairs in the order of their keys.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &str)> {
        self.0.iter().map(|(key, value)| (&**key, &**value))
    }

    /// The value of the label `key`.
    pub fn get(&self, key: &str) -> Option<&str> {
        self.iter().find(|(k, _)| *k == key).map(|(_, value)| value)
    }

    /// How many labels there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// True when there is no label.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// True when these are the labels of a family's overflow series.
    pub fn is_overflow(&self) -> bool {
        self.len() == 1 && self.iter().next() == Some(Labels::OVERFLOW)
    }
}

impl From<&Pairs<'_>> for Labels {
    fn from(pairs: &Pairs<'_>) -> Labels {
        Labels(
            pairs.as_slice().iter().map(|(key, value)| ((*key).into(), (*value).into())).collect(),
        )
    }
}

/// Labels that passed the rules, sorted by key: what a series is looked up by. A few of them need no
/// allocation.
pub(crate) struct Pairs<'a> {
    few: [(&'a str, &'a str); Pairs::FEW],
    count: usize,
    /// All of them, where they are more than a few.
    many: Vec<(&'a str, &'a str)>,
}

impl<'a> Pairs<'a> {
    /// As many have room without an allocation.
    pub(crate) const FEW: usize = 8;

    /// Checks and sorts; the rules are those of [`Labels::new`].
    pub(crate) fn new(pairs: &[(&'a str, &'a str)]) -> Result<Pairs<'a>, Error> {
        if pairs.len() > Labels::MAX {
            return Err(Error::invalid(format!(
                "{} labels on one series: use at most {}",
                pairs.len(),
                Labels::MAX
            )));
        }
        for (key, value) in pairs {
            name::check(key, "label key")?;
            if value.len() > Labels::MAX_VALUE_BYTES {
                return Err(Error::invalid(format!(
                    "the value of label `{key}` has {} bytes: shorten it to at most {}",
                    value.len(),
                    Labels::MAX_VALUE_BYTES
                )));
            }
        }
        let mut sorted =
            Pairs { few: [("", ""); Pairs::FEW], count: pairs.len(), many: Vec::new() };
        let room = match sorted.few.get_mut(..pairs.len()) {
            Some(room) => {
                room.copy_from_slice(pairs);
                room
            }
            None => {
                sorted.many = pairs.to_vec();
                &mut sorted.many
            }
        };
        room.sort_unstable();
        if let Some(twice) = room.windows(2).find(|two| two[0].0 == two[1].0) {
            return Err(Error::invalid(format!(
                "label `{}` is given twice: remove one of the two",
                twice[0].0
            )));
        }
        Ok(sorted)
    }

    pub(crate) fn as_slice(&self) -> &[(&'a str, &'a str)] {
        self.few.get(..self.count).unwrap_or(&self.many)
    }
}

impl fmt::Debug for Labels {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_of_writing_does_not_matter() {
        let one = Labels::new(&[("b", "2"), ("a", "1")]).unwrap();
        let other = Labels::new(&[("a", "1"), ("b", "2")]).unwrap();
        assert_eq!(one, other);
        assert_eq!(one.iter().collect::<Vec<_>>(), [("a", "1"), ("b", "2")]);
        assert_eq!(one.get("b"), Some("2"));
        assert_eq!(one.get("c"), None);
    }

    #[test]
    fn refusals_name_the_label_and_the_remedy() {
        let long = "x".repeat(Labels::MAX_VALUE_BYTES + 1);
        let many: Vec<(&str, &str)> = vec![("k", "v"); Labels::MAX + 1];
        for (pairs, says) in [
            (&[("a", "1"), ("a", "2")][..], "label `a` is given twice: remove one of the two"),
            (&[("", "1")], "empty label key"),
            (&[("a\0", "1")], "control character '\\0'"),
            (&[("a", long.as_str())], "the value of label `a` has 4097 bytes"),
            (&many, "65 labels on one series: use at most 64"),
        ] {
            let error = Labels::new(pairs).unwrap_err();
            assert!(error.is_invalid());
            assert!(error.to_string().contains(says), "{error}");
        }
    }
}

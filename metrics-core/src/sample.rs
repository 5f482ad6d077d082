//! One value by itself, with its time and what is said about it: what a summary takes and keeps.
//!
//! Plain data. What is said stands behind one pointer, so that a value of which nothing is said costs nothing more.

use std::fmt;
use std::sync::Arc;
use std::time::SystemTime;

use crate::amount::Amount;
use crate::number::IntoF64;

/// One value of a [`Summary`](crate::Summary): when it was, its tags, and any metadata.
///
/// Tags say what the value belongs to, as labels do, but make no series of their own; metadata is for whoever looks at
/// the value, such as the identity of a request. A sample takes up to 16 of each, and
/// [counts](Sample::left_out) what it has no room for; keys and values are cut at 1,024 bytes. A key that is given
/// again has the later value.
///
/// # Examples
///
/// ```
/// use std::time::{Duration, UNIX_EPOCH};
/// use tachograph::{Sample, summary};
///
/// let answers = summary!("answer_bytes");
/// answers.record(512);
/// let moment = UNIX_EPOCH + Duration::from_secs(1_700_000_000);
/// answers.record_sample(Sample::new(96).at(moment).tag("route", "/home").metadata("request", 4711));
///
/// let kept = answers.samples();
/// let first = kept.first().unwrap();
/// assert_eq!((first.value(), first.time()), (96.0, Some(moment)));
/// assert_eq!(first.get_tag("route"), Some("/home"));
/// assert_eq!(first.metadata_of("request"), Some("4711"));
/// ```
#[derive(Debug, Clone, PartialEq)]
#[must_use = "a sample is recorded by `Summary::record_sample`"]
pub struct Sample {
    amount: Amount,
    /// True where the amount is a duration, in seconds.
    is_a_duration: bool,
    time: Option<SystemTime>,
    said: Option<Arc<SaidOf>>,
}

/// What is said about a value.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct SaidOf {
    tags: Texts,
    metadata: Texts,
}

/// Keys and their values, in the order in which they were given.
#[derive(Debug, Clone, PartialEq, Default)]
struct Texts {
    pairs: Vec<(Box<str>, Box<str>)>,
    left_out: usize,
}

impl Sample {
    /// How many tags a sample has room for, and how much metadata.
    pub const MAX_TEXTS: usize = 16;

    /// The bytes that a key or a value is cut at.
    pub const MAX_TEXT_BYTES: usize = 1_024;

    /// A value. A [`Duration`](std::time::Duration) is recorded in the summary's unit where that is one of time, and in
    /// seconds otherwise.
    pub fn new<T: IntoF64>(value: T) -> Sample {
        let (Ok(amount) | Err(amount)) = value.into_amount();
        Sample { amount, is_a_duration: T::IS_A_DURATION, time: None, said: None }
    }

    /// When it was. Without it, a sample has the time at which it is recorded.
    pub fn at(mut self, time: SystemTime) -> Sample {
        self.time = Some(time);
        self
    }

    /// Adds a tag.
    pub fn tag(mut self, key: &str, value: impl fmt::Display) -> Sample {
        self.said_mut().tags.put(key, value);
        self
    }

    /// Adds metadata.
    pub fn metadata(mut self, key: &str, value: impl fmt::Display) -> Sample {
        self.said_mut().metadata.put(key, value);
        self
    }

    fn said_mut(&mut self) -> &mut SaidOf {
        Arc::make_mut(self.said.get_or_insert_default())
    }

    /// The value; of one that a summary kept, in its unit.
    pub fn value(&self) -> f64 {
        self.amount.value()
    }

    /// When it was; of one that a summary kept, always known.
    pub fn time(&self) -> Option<SystemTime> {
        self.time
    }

    /// The tags, in the order in which they were given.
    pub fn tags(&self) -> impl Iterator<Item = (&str, &str)> {
        self.said.iter().flat_map(|said| said.tags.iter())
    }

    /// The value of a tag.
    pub fn get_tag(&self, key: &str) -> Option<&str> {
        self.said.as_ref()?.tags.get(key)
    }

    /// All metadata, in the order in which it was given.
    pub fn all_metadata(&self) -> impl Iterator<Item = (&str, &str)> {
        self.said.iter().flat_map(|said| said.metadata.iter())
    }

    /// The metadata of a key.
    pub fn metadata_of(&self, key: &str) -> Option<&str> {
        self.said.as_ref()?.metadata.get(key)
    }

    /// How many tags and how much metadata found no room.
    pub fn left_out(&self) -> usize {
        self.said.as_ref().map_or(0, |said| said.tags.left_out + said.metadata.left_out)
    }

    /// What there is to record, a duration in the unit that `in_its_unit` gives for seconds.
    pub(crate) fn amount(&self, in_its_unit: impl FnOnce(f64) -> f64) -> Amount {
        if self.is_a_duration {
            Amount::real(in_its_unit(self.amount.value()))
        } else {
            self.amount
        }
    }

    /// What is said about the value, to be kept.
    pub(crate) fn into_said(self) -> Option<Arc<SaidOf>> {
        self.said
    }

    /// A sample as it was kept.
    pub(crate) fn kept(value: f64, time: SystemTime, said: Option<Arc<SaidOf>>) -> Sample {
        Sample { amount: Amount::real(value), is_a_duration: false, time: Some(time), said }
    }
}

impl Texts {
    fn put(&mut self, key: &str, value: impl fmt::Display) {
        let key = cut(key);
        let value = cut(&value.to_string()).into();
        if let Some((_, known)) = self.pairs.iter_mut().find(|(known, _)| **known == *key) {
            *known = value;
        } else if self.pairs.len() < Sample::MAX_TEXTS {
            self.pairs.push((key.into(), value));
        } else {
            self.left_out += 1;
        }
    }

    fn get(&self, key: &str) -> Option<&str> {
        self.iter().find(|(known, _)| *known == key).map(|(_, value)| value)
    }

    fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.pairs.iter().map(|(key, value)| (&**key, &**value))
    }
}

/// As much of a text as is kept, in whole characters.
fn cut(text: &str) -> &str {
    if text.len() <= Sample::MAX_TEXT_BYTES {
        return text;
    }
    let mut end = Sample::MAX_TEXT_BYTES;
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn the_later_value_of_a_key_stands() {
        let sample = Sample::new(1).tag("a", 1).tag("b", 2).tag("a", "x").metadata("a", 3);
        assert_eq!(sample.tags().collect::<Vec<_>>(), [("a", "x"), ("b", "2")]);
        assert_eq!(sample.all_metadata().collect::<Vec<_>>(), [("a", "3")]);
        assert_eq!((sample.get_tag("c"), sample.metadata_of("b")), (None, None));
    }

    #[test]
    fn what_has_no_room_is_counted_and_texts_are_cut_at_characters() {
        let mut sample = Sample::new(1.5);
        for number in 0..Sample::MAX_TEXTS + 3 {
            sample = sample.tag(&format!("k{number}"), number).metadata(&format!("k{number}"), "");
        }
        assert_eq!((sample.tags().count(), sample.left_out()), (Sample::MAX_TEXTS, 6));
        // A known key still takes its later value.
        let sample = sample.tag("k0", "ä".repeat(600));
        assert_eq!((sample.get_tag("k0").unwrap().len(), sample.left_out()), (1_024, 6));
        let odd = Sample::new(1).tag("k", format!("x{}", "ä".repeat(600)));
        assert_eq!(odd.get_tag("k").unwrap().len(), 1_023);
    }

    #[test]
    fn a_clone_is_not_changed_with_its_original() {
        let one = Sample::new(1).tag("a", 1);
        let other = one.clone().tag("a", 2);
        assert_eq!((one.get_tag("a"), other.get_tag("a")), (Some("1"), Some("2")));
    }

    #[test]
    fn a_duration_is_in_the_unit_of_whom_takes_it() {
        let (length, number) = (Sample::new(Duration::from_millis(1_500)), Sample::new(2_u64));
        assert_eq!(length.value(), 1.5);
        assert_eq!(length.amount(|seconds| seconds * 1e3).value(), 1_500.0);
        assert_eq!(number.amount(|seconds| seconds * 1e3), Amount::whole(2));
    }
}

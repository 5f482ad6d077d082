//! The labels of a series as they go out: in text as `{key="value",key="value"}`, elsewhere as pairs.
//!
//! Values are escaped where they stand in text, and otherwise arrive as they were recorded. What stands around them
//! depends on the keys alone, which neighbours mostly share: it is made once for all series that have the same keys.

use std::fmt::Write;
use std::mem;
use std::sync::Arc;

use crate::encode::exposition::conflicts::Conflicts;
use crate::kind::Kind;
use crate::label::Labels;
use crate::presentation::{self, OWN_PREFIX, Presentation};
use crate::snapshot::Series;

/// The label that tells series apart which would be the same without it.
pub(super) const CONFLICT: &str = "tachograph_conflict";

/// Stands before a key that has a meaning of its own.
const EXPORTED: &str = "exported_";

/// The labels of one family's series, as they go out.
#[derive(Debug, Clone)]
pub(super) struct FamilyLabels {
    /// What the first series goes out with, and mostly all of them.
    first: Arc<Keys>,
    /// From which place on others take over.
    more: Vec<(usize, Arc<Keys>)>,
    conflicts: Conflicts,
}

impl FamilyLabels {
    /// The keys of the series at that place.
    #[inline]
    pub(super) fn keys(&self, place: usize) -> &Keys {
        if self.more.is_empty() {
            return &self.first;
        }
        match self.more.partition_point(|(from, _)| *from <= place) {
            0 => &self.first,
            after => &self.more[after - 1].1,
        }
    }

    /// The digits that tell the series at that place from another one.
    #[inline]
    pub(super) fn conflict(&self, place: usize) -> Option<u32> {
        self.conflicts.of(place)
    }
}

/// Finds the keys of series, one family after the other.
#[derive(Debug)]
pub(super) struct LabelKeys<'p> {
    presentation: &'p Presentation,
    /// The label that is the format's own, if one is, in the family at hand.
    own_key: Option<&'static str>,
    current: Arc<Keys>,
    /// Keys for that label, the current ones first.
    known: Vec<Arc<Keys>>,
    /// Those for other labels of formats.
    aside: Vec<(Option<&'static str>, Vec<Arc<Keys>>)>,
}

/// How many different sets of keys are remembered; beyond, the one that was used longest ago is made anew.
const KNOWN_MAX: usize = 8;

impl<'p> LabelKeys<'p> {
    pub(super) fn new(presentation: &'p Presentation) -> LabelKeys<'p> {
        let current = Arc::new(Keys::new(presentation, None, &Labels::default()));
        let known = vec![Arc::clone(&current)];
        LabelKeys { presentation, own_key: None, current, known, aside: Vec::new() }
    }

    /// What comes next belongs to a metric of that kind.
    pub(super) fn begin(&mut self, kind: Kind) {
        let own_key = own_key(kind);
        if self.own_key == own_key {
            return;
        }
        let place = self.aside.iter().position(|(other, _)| *other == own_key);
        let known = place.map(|place| self.aside.swap_remove(place).1).unwrap_or_default();
        let before = mem::replace(&mut self.known, known);
        self.aside.push((mem::replace(&mut self.own_key, own_key), before));
        match self.known.first() {
            Some(keys) => self.current = Arc::clone(keys),
            None => self.find_other(&Labels::default()),
        }
    }

    /// Appends the labels of a series, up to and without the last quote; nothing where there are none. The digits of a
    /// conflict stand in a label of their own.
    ///
    /// False when they might be the labels that another series goes out with: a key is not as it was written, or
    /// stands in the place of a label that all series get; or a value is empty, which Prometheus takes for no label.
    pub(super) fn push(
        &mut self,
        labels: &Labels,
        conflict: Option<u32>,
        out: &mut String,
    ) -> bool {
        let start = out.len();
        if !self.current.push(labels, out) {
            out.truncate(start);
            self.find_other(labels);
            self.current.push(labels, out);
        }
        if let Some(digits) = conflict {
            let opening = if out.len() == start { "{" } else { "\"," };
            // Writing to a string does not fail.
            let _ = write!(out, "{opening}{CONFLICT}=\"{digits:08x}");
        }
        !self.current.is_changed && !has_empty(labels)
    }

    /// The keys of a series with such labels. Nothing is allocated where they are known.
    fn find(&mut self, labels: &Labels) -> &Arc<Keys> {
        if !self.current.are_of(labels) {
            self.find_other(labels);
        }
        &self.current
    }

    #[cold]
    fn find_other(&mut self, labels: &Labels) {
        match self.known.iter().position(|keys| keys.are_of(labels)) {
            Some(place) => self.known[..=place].rotate_right(1),
            None => {
                self.known.truncate(KNOWN_MAX - 1);
                self.known.insert(0, Arc::new(Keys::new(self.presentation, self.own_key, labels)));
            }
        }
        self.current = Arc::clone(&self.known[0]);
    }

    /// Those of all series of a family that [began](LabelKeys::begin).
    pub(super) fn of_family(&mut self, series: &[Series]) -> FamilyLabels {
        let none = Labels::default();
        let first = Arc::clone(self.find(series.first().map_or(&none, Series::labels)));
        let (mut is_changed, mut more) = (first.is_changed, Vec::new());
        let mut current = Arc::clone(&first);
        for (place, one) in series.iter().enumerate() {
            is_changed |= has_empty(one.labels());
            if !current.are_of(one.labels()) {
                current = Arc::clone(self.find(one.labels()));
                is_changed |= current.is_changed;
                more.push((place, Arc::clone(&current)));
            }
        }
        let conflicts = self.conflicts(series, is_changed);
        FamilyLabels { first, more, conflicts }
    }

    /// Which series of a family would go out with the same labels; `is_changed` says that some are not as they were
    /// written, or are empty.
    pub(super) fn conflicts(&mut self, series: &[Series], is_changed: bool) -> Conflicts {
        // A program that uses the recorder's names gives its series a second source.
        let is_the_recorders =
            || series.first().is_some_and(|first| first.name().starts_with(OWN_PREFIX));
        if series.len() < 2 || !(is_changed || is_the_recorders()) {
            return Conflicts::none();
        }
        Conflicts::among(series, |one| {
            let keys = self.find(one.labels());
            (keys.compared(one.labels()), !keys.is_changed && !has_empty(one.labels()))
        })
    }
}

/// What all series with the same written keys go out with, beside their values.
#[derive(Debug)]
pub(super) struct Keys {
    own: Vec<Key>,
    /// What stands behind the last value: labels that all series get. Without its last quote.
    tail: String,
    pairs: Vec<Pair>,
    /// Labels with these keys might be those that other ones go out with: a key is not as it was written, or stands
    /// in the place of a label that all series get.
    is_changed: bool,
    /// The keys go out in their order.
    is_sorted: bool,
}

#[derive(Debug)]
struct Key {
    written: String,
    /// `{key="`, and after the first one, `",key="`. Labels that all series get stand before it, where they sort so.
    opening: String,
}

/// A label as it goes out.
#[derive(Debug)]
struct Pair {
    key: String,
    /// None for the next one of the series itself.
    value: Option<String>,
}

impl Keys {
    /// All is decided here, once for all series that have the keys of these labels.
    #[cold]
    fn new(presentation: &Presentation, own_key: Option<&'static str>, labels: &Labels) -> Keys {
        let all = all_labels(labels, presentation.labels());
        let keys = shown_keys(&all, presentation, own_key);
        let is_changed = are_changed(&all, &keys, presentation, own_key);
        let is_sorted = keys.is_sorted();
        let (mut own, mut tail, mut pairs) = (Vec::new(), String::new(), Vec::new());
        let mut opening = String::from("{");
        for (one, key) in all.iter().zip(keys) {
            let _ = write!(opening, "{key}=\"");
            if one.is_own {
                own.push(Key { written: one.key.to_owned(), opening });
                opening = String::new();
            } else {
                push_value(one.value, &mut opening);
            }
            tail.clone_from(&opening);
            opening.push_str("\",");
            pairs.push(Pair { key, value: (!one.is_own).then(|| one.value.to_owned()) });
        }
        Keys { own, tail, pairs, is_changed, is_sorted }
    }

    /// True where labels have the written keys that these were made of.
    fn are_of(&self, labels: &Labels) -> bool {
        self.own.len() == labels.len()
            && self.own.iter().zip(labels.iter()).all(|(known, (key, _))| known.written == key)
    }

    /// Appends labels up to and without the last quote, nothing where there are none; or some of them and false, where
    /// their keys are others.
    fn push(&self, labels: &Labels, out: &mut String) -> bool {
        if self.own.len() != labels.len() {
            return false;
        }
        for (known, (key, value)) in self.own.iter().zip(labels.iter()) {
            if known.written != key {
                return false;
            }
            out.push_str(&known.opening);
            push_value(value, out);
        }
        if !self.tail.is_empty() {
            out.push_str(&self.tail);
        }
        true
    }

    /// The keys, and the values of labels that have these keys.
    #[inline]
    pub(super) fn pairs<'a>(
        &'a self,
        labels: &'a Labels,
    ) -> impl Iterator<Item = (&'a str, &'a str)> {
        let mut own = labels.iter().map(|(_, value)| value);
        self.pairs.iter().map(move |pair| match &pair.value {
            Some(value) => (&*pair.key, &**value),
            None => (&*pair.key, own.next().unwrap_or_default()),
        })
    }

    /// The same labels are the same text, in whatever order they go out. One without a value is none.
    fn compared(&self, labels: &Labels) -> String {
        let mut text = String::new();
        if self.is_sorted && !has_empty(labels) {
            self.push(labels, &mut text);
            return text;
        }
        let mut pairs: Vec<_> = self.pairs(labels).filter(|(_, value)| !value.is_empty()).collect();
        pairs.sort_unstable();
        for (key, value) in pairs {
            text.push_str(if text.is_empty() { "{" } else { "\"," });
            let _ = write!(text, "{key}=\"");
            push_value(value, &mut text);
        }
        text
    }
}

/// A label of a series, or one that all series get.
#[derive(Debug, Clone, Copy)]
pub(super) struct Label<'a> {
    pub(super) key: &'a str,
    pub(super) value: &'a str,
    /// True for one of the series itself.
    pub(super) is_own: bool,
}

/// The labels of a series and those that all series get, in the order of their written keys. A label of the series
/// counts where both have one.
pub(super) fn all_labels<'a>(own: &'a Labels, constant: &'a Labels) -> Vec<Label<'a>> {
    let of = |is_own| move |(key, value)| Label { key, value, is_own };
    let constant = constant.iter().filter(|(key, _)| own.get(key).is_none());
    let mut all: Vec<Label<'a>> = own.iter().map(of(true)).chain(constant.map(of(false))).collect();
    all.sort_by_key(|one| one.key);
    all
}

/// The keys that labels go out with: each made of allowed characters, none with a meaning of its own, no two alike.
pub(super) fn shown_keys(
    labels: &[Label<'_>],
    presentation: &Presentation,
    own_key: Option<&str>,
) -> Vec<String> {
    let mut given: Vec<String> = Vec::with_capacity(labels.len());
    for Label { key: written, .. } in labels {
        let mut key = presentation::label_key(&presentation.shown_key(written)).into_owned();
        loop {
            let is_another = |other: &Label<'_>| other.key == key;
            let is_taken =
                key != *written && (labels.iter().any(is_another) || given.contains(&key));
            if is_reserved(&key, own_key) {
                key.insert_str(0, EXPORTED);
            } else if is_taken {
                key.push('_');
            } else {
                break;
            }
        }
        given.push(key);
    }
    given
}

/// True when labels might be those that another series goes out with: a key of the series is not as it was written,
/// stands in the place of a label that all series get, or makes one of those go out under another key.
pub(super) fn are_changed(
    all: &[Label<'_>],
    keys: &[String],
    presentation: &Presentation,
    own_key: Option<&str>,
) -> bool {
    let own = all.iter().zip(keys).filter(|(one, _)| one.is_own);
    if own.clone().any(|(one, key)| one.key != key) {
        return true;
    }
    if presentation.labels().is_empty() {
        return false;
    }
    let none = Labels::default();
    let usual = all_labels(&none, presentation.labels());
    let usual_keys = shown_keys(&usual, presentation, own_key);
    let constant = all.iter().zip(keys).filter(|(one, _)| !one.is_own).map(|(_, key)| key);
    !constant.eq(&usual_keys)
}

/// True for keys that a format gives a meaning of its own.
fn is_reserved(key: &str, own_key: Option<&str>) -> bool {
    key.starts_with("__") || key == CONFLICT || own_key == Some(key)
}

/// True where a label has no value, which for Prometheus is as if it were not there.
pub(super) fn has_empty(labels: &Labels) -> bool {
    labels.iter().any(|(_, value)| value.is_empty())
}

/// The key that tells the lines of one series apart: that of buckets, or of quantiles.
pub(super) fn own_key(kind: Kind) -> Option<&'static str> {
    match kind {
        Kind::Histogram | Kind::Timer => Some("le"),
        Kind::Summary => Some("quantile"),
        Kind::Counter | Kind::Gauge | Kind::Rate => None,
    }
}

/// Not zero for what is escaped in a value.
static IS_SPECIAL: [u8; 256] = {
    let mut table = [0; 256];
    table[b'\\' as usize] = 1;
    table[b'"' as usize] = 1;
    table[b'\n' as usize] = 1;
    table
};

/// Appends the value of a label, escaped.
fn push_value(value: &str, out: &mut String) {
    // A look into the table for each byte, all of them, is faster than comparisons that end early.
    let special = value.bytes().fold(0, |found, byte| found | IS_SPECIAL[usize::from(byte)]);
    if special == 0 { out.push_str(value) } else { push_escaped(value, true, out) }
}

/// Appends text with backslashes and line ends escaped, and quotes where asked for.
pub(in crate::encode) fn push_escaped(text: &str, quotes: bool, out: &mut String) {
    for piece in text.split_inclusive(['\\', '"', '\n']) {
        let plain = piece.trim_end_matches(['\\', '"', '\n']);
        out.push_str(plain);
        match &piece[plain.len()..] {
            "\\" => out.push_str("\\\\"),
            "\n" => out.push_str("\\n"),
            "\"" if quotes => out.push_str("\\\""),
            rest => out.push_str(rest),
        }
    }
}

//! The labels of a series as the text formats have them: `{key="value",key="value"}`.
//!
//! Values are escaped, and otherwise arrive as they were recorded. What stands around them depends on
//! the keys alone, which neighbours mostly share: it is made once and used until a series has other
//! keys.

use std::fmt::Write;

use crate::kind::Kind;
use crate::label::Labels;
use crate::presentation::{self, Presentation};

/// The label that tells series apart which would be the same without it.
pub(super) const CONFLICT: &str = "tachograph_conflict";

/// Stands before a key that has a meaning of its own.
const EXPORTED: &str = "exported_";

/// Writes the labels of series, one after the other.
#[derive(Debug)]
pub(super) struct LabelWriter<'p> {
    presentation: &'p Presentation,
    /// The label that is the format's own, if one is.
    own_key: Option<&'static str>,
    keys: Vec<Key>,
    /// What stands behind the last value: labels that all series get. Without its last quote.
    tail: String,
    /// Labels with these keys might be those that other ones go out with.
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

impl<'p> LabelWriter<'p> {
    pub(super) fn new(presentation: &'p Presentation) -> LabelWriter<'p> {
        let mut writer = LabelWriter {
            presentation,
            own_key: None,
            keys: Vec::new(),
            tail: String::new(),
            is_changed: false,
            is_sorted: true,
        };
        writer.learn(&Labels::default());
        writer
    }

    /// What comes next belongs to a metric of that kind.
    pub(super) fn begin(&mut self, kind: Kind) {
        let own_key = own_key(kind);
        if self.own_key != own_key {
            self.own_key = own_key;
            self.learn(&Labels::default());
        }
    }

    /// Appends the labels of a series, up to and without the last quote; nothing where there are none.
    /// The digits of a conflict stand in a label of their own.
    ///
    /// False when they might be the labels that another series goes out with: a key is not as it was written, or
    /// stands in the place of a label that all series get.
    pub(super) fn push(
        &mut self,
        labels: &Labels,
        conflict: Option<u32>,
        out: &mut String,
    ) -> bool {
        let start = out.len();
        if !self.push_known(labels, out) {
            out.truncate(start);
            self.learn(labels);
            self.push_known(labels, out);
        }
        if let Some(digits) = conflict {
            let opening = if out.len() == start { "{" } else { "\"," };
            // Writing to a string does not fail.
            let _ = write!(out, "{opening}{CONFLICT}=\"{digits:08x}");
        }
        !self.is_changed
    }

    /// The same labels are the same text, in whatever order they go out. False as for [`push`](LabelWriter::push).
    pub(super) fn compared(&mut self, labels: &Labels) -> (String, bool) {
        let mut text = String::new();
        let is_as_written = self.push(labels, None, &mut text);
        if !self.is_sorted {
            let all = all_labels(labels, self.presentation.labels());
            let keys = shown_keys(&all, self.presentation, self.own_key);
            let mut pairs: Vec<_> = keys.iter().zip(all.iter().map(|one| one.value)).collect();
            pairs.sort_unstable();
            text = String::new();
            for (key, value) in pairs {
                text.push_str(if text.is_empty() { "{" } else { "\"," });
                let _ = write!(text, "{key}=\"");
                push_value(value, &mut text);
            }
        }
        (text, is_as_written)
    }

    /// Appends the labels, or some of them and false where the keys are others than the known ones.
    fn push_known(&self, labels: &Labels, out: &mut String) -> bool {
        if self.keys.len() != labels.len() {
            return false;
        }
        for (known, (key, value)) in self.keys.iter().zip(labels.iter()) {
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

    /// Takes the keys of a series for those to come. What all series get is written here, once for all of them.
    #[cold]
    fn learn(&mut self, labels: &Labels) {
        let all = all_labels(labels, self.presentation.labels());
        let keys = shown_keys(&all, self.presentation, self.own_key);
        self.is_changed = are_changed(&all, &keys, self.presentation, self.own_key);
        self.is_sorted = keys.is_sorted();
        self.keys.clear();
        self.tail.clear();
        let mut opening = String::from("{");
        for (one, key) in all.iter().zip(keys) {
            let _ = write!(opening, "{key}=\"");
            if one.is_own {
                self.keys.push(Key { written: one.key.to_owned(), opening });
                opening = String::new();
            } else {
                push_value(one.value, &mut opening);
            }
            self.tail.clone_from(&opening);
            opening.push_str("\",");
        }
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

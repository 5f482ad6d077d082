//! The labels of a series as the text formats have them: `{key="value",key="value"}`.
//!
//! Values are escaped, and otherwise arrive as they were recorded. What stands around them depends on
//! the keys alone, which neighbours mostly share: it is made once and used until a series has other
//! keys.

use std::fmt::Write;

use crate::encode::exposition::charset;
use crate::kind::Kind;
use crate::label::Labels;

/// The label that tells series apart which would be the same without it.
const CONFLICT: &str = "tachograph_conflict";

/// Stands before a key that has a meaning of its own.
const EXPORTED: &str = "exported_";

/// Writes the labels of series, one after the other.
#[derive(Debug, Default)]
pub(super) struct LabelWriter {
    /// The label `le` is the format's own.
    has_buckets: bool,
    keys: Vec<Key>,
    /// One of `keys` is not as it was written.
    is_replaced: bool,
}

#[derive(Debug)]
struct Key {
    written: String,
    /// `{key="`, and after the first one, `",key="`.
    opening: String,
}

impl LabelWriter {
    /// What comes next belongs to a metric of that kind.
    pub(super) fn begin(&mut self, kind: Kind) {
        let has_buckets = matches!(kind, Kind::Histogram | Kind::Timer);
        if self.has_buckets != has_buckets {
            self.has_buckets = has_buckets;
            self.keys.clear();
            self.is_replaced = false;
        }
    }

    /// Appends the labels of a series, up to and without the last quote; nothing where there are none.
    /// The digits of a conflict stand in a label of their own.
    ///
    /// False when a key is not as it was written.
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
            let opening = if labels.is_empty() { "{" } else { "\"," };
            // Writing to a string does not fail.
            let _ = write!(out, "{opening}{CONFLICT}=\"{digits:08x}");
        }
        !self.is_replaced
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
        true
    }

    #[cold]
    fn learn(&mut self, labels: &Labels) {
        self.is_replaced = false;
        self.keys.clear();
        let mut given: Vec<String> = Vec::new();
        for (written, _) in labels.iter() {
            let mut key = charset::label_key(written).into_owned();
            loop {
                let is_taken =
                    key != written && (labels.get(&key).is_some() || given.contains(&key));
                if self.is_reserved(&key) {
                    key.insert_str(0, EXPORTED);
                } else if is_taken {
                    key.push('_');
                } else {
                    break;
                }
            }
            self.is_replaced |= key != written;
            let opening = format!("{}{key}=\"", if given.is_empty() { "{" } else { "\"," });
            self.keys.push(Key { written: written.to_owned(), opening });
            given.push(key);
        }
    }

    fn is_reserved(&self, key: &str) -> bool {
        key.starts_with("__") || key == CONFLICT || (self.has_buckets && key == "le")
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

//! What a question says: its parameters, each checked before anything is read.
//!
//! Nothing of a question is kept, and nothing of it becomes a name or a label: a series is looked up, or it is not there.

use std::str::FromStr;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tachograph::{Aggregation, Labels};

use super::Answer;

/// The longest query, in bytes. A series has at most 64 labels; those of which the values are longest are not asked for here.
const QUERY_MAX: usize = 32 << 10;

/// The most parts of a window.
const PARTS_MAX: usize = 400;

/// The longest window, in seconds: no history reaches back further.
const WINDOW_MAX: f64 = 31.0 * 86_400.0;

/// The most aggregates of one answer.
const AGGREGATES_MAX: usize = 16;

/// What stands before the key of a label.
const LABEL: &str = "label.";

/// The parameters of a question, in their order.
#[derive(Debug)]
pub(super) struct Query {
    pairs: Vec<(String, String)>,
}

impl Query {
    /// Reads a query string. `allowed` are the parameters that the path has.
    pub(super) fn read(query: &str, allowed: &[&str]) -> Result<Query, Answer> {
        if query.len() > QUERY_MAX {
            let length = query.len();
            return Err(bad(format!(
                "the query has {length} bytes: ask with no more than {QUERY_MAX}"
            )));
        }
        let pairs: Vec<(String, String)> =
            form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        let has_labels = allowed.contains(&LABEL);
        for (place, (key, _)) in pairs.iter().enumerate() {
            let is_label = has_labels && key.starts_with(LABEL);
            let is_known = allowed.contains(&key.as_str()) && key != LABEL;
            if !is_label && !is_known {
                let mut known = allowed.join("`, `");
                known = known.replace(LABEL, "label.KEY");
                let remedy = if allowed.is_empty() {
                    String::from("there are none here")
                } else {
                    format!("there are `{known}`")
                };
                return Err(bad(format!("unknown parameter `{}`: {remedy}", shown(key))));
            }
            if pairs[..place].iter().any(|(earlier, _)| earlier == key) {
                return Err(bad(format!(
                    "the parameter `{}` is there twice: give it once",
                    shown(key)
                )));
            }
        }
        Ok(Query { pairs })
    }

    fn get(&self, key: &str) -> Option<&str> {
        self.pairs.iter().find(|(known, _)| known == key).map(|(_, value)| value.as_str())
    }

    /// The name of a series, which must be there.
    pub(super) fn name(&self) -> Result<&str, Answer> {
        self.get("name").ok_or_else(|| {
            bad("which series? Give its name, as `name=…`, and its labels, as `label.KEY=…`")
        })
    }

    /// The labels of a series.
    pub(super) fn labels(&self) -> Result<Vec<(&str, &str)>, Answer> {
        let labels = self.pairs.iter();
        let labels: Vec<_> = labels
            .filter_map(|(key, value)| Some((key.strip_prefix(LABEL)?, value.as_str())))
            .collect();
        if labels.len() > Labels::MAX {
            return Err(bad(format!(
                "{} labels are more than a series has: give no more than {}",
                labels.len(),
                Labels::MAX
            )));
        }
        Ok(labels)
    }

    /// A window that ends now: seconds, or None for `retention`.
    pub(super) fn window(&self, usual: Duration) -> Result<Option<Duration>, Answer> {
        match self.get("window") {
            None => Ok(Some(usual)),
            Some("retention") => Ok(None),
            Some(text) => match number(text).filter(|seconds| (1.0..=WINDOW_MAX).contains(seconds))
            {
                Some(seconds) => Ok(Some(Duration::from_secs_f64(seconds))),
                None => Err(bad(format!(
                    "`{}` is no window: give seconds from 1 to {WINDOW_MAX}, or `retention`",
                    shown(text)
                ))),
            },
        }
    }

    /// A window that need not end now: two moments, in seconds since 1970.
    pub(super) fn between(&self) -> Result<Option<(SystemTime, SystemTime)>, Answer> {
        let moment = |key: &str| match self.get(key) {
            None => Ok(None),
            // What does not fit lies beyond all that a clock can show.
            Some(text) => match number(text).filter(|seconds| (0.0..=1e11).contains(seconds)) {
                Some(seconds) => Ok(Some(UNIX_EPOCH + Duration::from_secs_f64(seconds))),
                None => Err(bad(format!(
                    "`{}` is no moment for `{key}`: give seconds since 1970",
                    shown(text)
                ))),
            },
        };
        match (moment("from")?, moment("to")?) {
            (None, None) => Ok(None),
            (Some(_), Some(_)) if self.get("window").is_some() => {
                Err(bad("`window` ends now, and `from` and `to` say otherwise: give one of both"))
            }
            (Some(from), Some(to)) if from < to => Ok(Some((from, to))),
            (Some(_), Some(_)) => {
                Err(bad("`to` is not after `from`: give the earlier one as `from`"))
            }
            _ => Err(bad("`from` and `to` belong together: give both, or `window`")),
        }
    }

    /// In how many parts a window is told.
    pub(super) fn parts(&self, usual: usize) -> Result<usize, Answer> {
        let Some(text) = self.get("parts") else { return Ok(usual) };
        match usize::from_str(text).ok().filter(|parts| *parts <= PARTS_MAX) {
            Some(parts) => Ok(parts),
            None => Err(bad(format!(
                "`{}` is no number of parts: give one from 0 to {PARTS_MAX}",
                shown(text)
            ))),
        }
    }

    /// Aggregates, with commas between; all that have a name without any.
    pub(super) fn aggregates(&self) -> Result<Vec<Aggregation>, Answer> {
        let Some(text) = self.get("aggregate") else { return Ok(Aggregation::ALL.to_vec()) };
        let names: Vec<&str> = text.split(',').collect();
        if names.len() > AGGREGATES_MAX {
            return Err(bad(format!(
                "{} aggregates are too many for one answer: ask for no more than {AGGREGATES_MAX}",
                names.len()
            )));
        }
        let parsed = names.into_iter().map(|name| match name.parse::<Aggregation>() {
            Ok(aggregation) => Ok(aggregation),
            // The error quotes what it was given.
            Err(_) if name.len() > SHOWN_MAX => {
                Err(bad("an aggregation has a short name, such as `p95`"))
            }
            Err(error) => Err(bad(error.to_string())),
        });
        parsed.collect()
    }
}

/// Texts are shown so far in errors, in bytes.
const SHOWN_MAX: usize = 100;

/// A text of a question as an error quotes it.
pub(super) fn shown(text: &str) -> String {
    let end = (0..=SHOWN_MAX.min(text.len())).rev().find(|end| text.is_char_boundary(*end));
    let end = end.unwrap_or(0);
    if end < text.len() { format!("{}…", &text[..end]) } else { text.to_owned() }
}

/// A number without the words that Rust takes for one, such as `inf`.
fn number(text: &str) -> Option<f64> {
    let is_plain = text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    text.parse().ok().filter(|_| is_plain && text.len() <= 24)
}

fn bad(error: impl AsRef<str>) -> Answer {
    Answer::refusal(400, error.as_ref())
}

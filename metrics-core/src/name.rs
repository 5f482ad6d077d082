//! The validated name of a metric.
//!
//! Names are stored as written; encoders render them. A name is refused only when nothing could ever
//! render it: empty, unprintable, or longer than [`Name::MAX_BYTES`].

use std::borrow::Borrow;
use std::fmt;
use std::sync::Arc;

use crate::error::Error;

/// A metric's name: not empty, no control characters, at most [`Name::MAX_BYTES`] long.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Name(Arc<str>);

impl Name {
    /// The longest name, in bytes of UTF-8.
    pub const MAX_BYTES: usize = 512;

    /// Checks and takes a name.
    ///
    /// # Errors
    ///
    /// When the name is empty, holds a control character, or is too long.
    pub fn new(text: &str) -> Result<Name, Error> {
        check(text, "metric name")?;
        Ok(Name(Arc::from(text)))
    }

    /// The name as it was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The rule for names of metrics and keys of labels. `what` names the thing in the error.
pub(crate) fn check(text: &str, what: &str) -> Result<(), Error> {
    if text.is_empty() {
        return Err(Error::invalid(format!("empty {what}: give it at least one character")));
    }
    // Most are ASCII, of which each byte tells.
    let is_plain = text.bytes().all(|byte| matches!(byte, b' '..=b'~'));
    let control = || text.chars().find(|letter| letter.is_control());
    if let Some(bad) = (!is_plain).then(control).flatten() {
        return Err(Error::invalid(format!(
            "{what} {:?} holds the control character {bad:?}: remove it",
            start_of(text)
        )));
    }
    if text.len() > Name::MAX_BYTES {
        return Err(Error::invalid(format!(
            "{what} `{}` has {} bytes: shorten it to at most {}",
            start_of(text),
            text.len(),
            Name::MAX_BYTES
        )));
    }
    Ok(())
}

/// A name is looked up by its text.
impl Borrow<str> for Name {
    fn borrow(&self) -> &str {
        &self.0
    }
}

/// As much of a text as a message shows.
pub(crate) fn start_of(text: &str) -> String {
    let mut letters = text.chars();
    let start: String = letters.by_ref().take(32).collect();
    if letters.next().is_some() { format!("{start}…") } else { start }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refuses_what_nothing_could_render_and_names_it() {
        let long = "x".repeat(Name::MAX_BYTES + 1);
        for (text, says) in [
            ("", "empty metric name: give it at least one character"),
            ("a\nb", "metric name \"a\\nb\" holds the control character '\\n': remove it"),
            (long.as_str(), "has 513 bytes: shorten it to at most 512"),
        ] {
            let error = Name::new(text).unwrap_err();
            assert!(error.is_invalid());
            assert!(error.to_string().contains(says), "{error}");
        }
    }

    #[test]
    fn keeps_every_printable_name_as_written() {
        for text in ["requests_total", "http.server.duration", "größe", "a b", "9"] {
            assert_eq!(Name::new(text).unwrap().as_str(), text);
        }
    }
}

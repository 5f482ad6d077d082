//! Which names a setting is for: one name, or all that fit a glob.

use crate::error::Error;
use crate::name;

/// A name, in which every `*` stands for any number of characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pattern(String);

impl Pattern {
    /// Checks and takes a pattern.
    ///
    /// # Errors
    ///
    /// When no name could ever fit it.
    pub(crate) fn new(text: &str) -> Result<Pattern, Error> {
        // A name may hold stars itself, so that the rules are those for names.
        name::check(text, "name or pattern")?;
        Ok(Pattern(text.to_owned()))
    }

    /// True when it is one name.
    pub(crate) fn is_exact(&self) -> bool {
        !self.0.contains('*')
    }

    /// True when `name` fits.
    pub(crate) fn fits(&self, name: &str) -> bool {
        let Some((start, rest)) = self.0.split_once('*') else { return self.0 == name };
        let Some(mut name) = name.strip_prefix(start) else { return false };
        // The first place that fits is as good as any later one, but for the last piece.
        let mut pieces = rest.split('*').peekable();
        while let Some(piece) = pieces.next() {
            if pieces.peek().is_none() {
                return name.ends_with(piece);
            }
            let Some(place) = name.find(piece) else { return false };
            name = &name[place + piece.len()..];
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_stand_for_anything() {
        for (pattern, fitting, others) in [
            ("a_total", &["a_total"][..], &["b_total", "a_total2", ""][..]),
            ("*", &["a", "a_total"], &[]),
            ("http_*", &["http_", "http_requests"], &["http", "xhttp_requests"]),
            ("*_seconds", &["a_seconds", "_seconds"], &["a_seconds_total", "seconds"]),
            ("a*b*c", &["abc", "a1b2c", "abcbc"], &["ab", "acb", "abcd"]),
            ("a**b", &["ab", "axb"], &["a", "b"]),
            ("ab*ba", &["abba", "abxba"], &["aba"]),
            ("größe*", &["größe_bytes"], &["grösse"]),
        ] {
            let parsed = Pattern::new(pattern).unwrap();
            for name in fitting {
                assert!(parsed.fits(name), "{pattern} and {name}");
            }
            for name in others {
                assert!(!parsed.fits(name), "{pattern} and {name}");
            }
        }
    }

    #[test]
    fn a_pattern_that_no_name_fits_is_refused() {
        for pattern in ["", "a\n*"] {
            assert!(Pattern::new(pattern).unwrap_err().is_invalid(), "{pattern:?}");
        }
    }
}

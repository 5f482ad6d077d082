//! Writes JSON. It is written and not modelled, as in the core: the fields of an answer stand where they are made.
//!
//! What JSON has no number for is a text, `"NaN"`, `"Infinity"` or `"-Infinity"`, and what is not known is `null`.

use std::fmt::Write;
use std::time::{SystemTime, UNIX_EPOCH};

/// A text that grows into one JSON value. Whoever writes opens and closes; commas come by themselves.
#[derive(Debug, Default)]
pub(super) struct Json {
    out: String,
    /// Something stands before the next value that a comma must follow.
    is_after_value: bool,
}

impl Json {
    pub(super) fn into_text(self) -> String {
        self.out
    }

    fn separate(&mut self) {
        if self.is_after_value {
            self.out.push(',');
        }
        self.is_after_value = true;
    }

    /// Writes an object; `fields` writes its keys and values in turns.
    pub(super) fn object(&mut self, fields: impl FnOnce(&mut Json)) {
        self.within('{', fields, '}');
    }

    /// Writes an array of what `items` writes.
    pub(super) fn array(&mut self, items: impl FnOnce(&mut Json)) {
        self.within('[', items, ']');
    }

    fn within(&mut self, open: char, inner: impl FnOnce(&mut Json), close: char) {
        self.separate();
        self.out.push(open);
        self.is_after_value = false;
        inner(self);
        self.out.push(close);
        self.is_after_value = true;
    }

    /// Writes a key; its value must follow.
    pub(super) fn key(&mut self, key: &str) -> &mut Json {
        self.text(key);
        self.out.push(':');
        self.is_after_value = false;
        self
    }

    /// A text. Control characters are escaped, also those that JSON would allow: an answer may be looked at in a terminal.
    pub(super) fn text(&mut self, text: &str) {
        self.separate();
        self.out.push('"');
        let is_special = |c: char| {
            matches!(c, '"' | '\\' | '\u{2028}' | '\u{2029}' | '\u{fffe}' | '\u{ffff}')
                || c.is_control()
        };
        let mut rest = text;
        while let Some(at) = rest.find(is_special) {
            self.out.push_str(&rest[..at]);
            let mut after = rest[at..].chars();
            match after.next() {
                Some('"') => self.out.push_str("\\\""),
                Some('\\') => self.out.push_str("\\\\"),
                // Writing to a string does not fail, here and below.
                Some(other) => drop(write!(self.out, "\\u{:04x}", u32::from(other))),
                None => {}
            }
            rest = after.as_str();
        }
        self.out.push_str(rest);
        self.out.push('"');
    }

    pub(super) fn null(&mut self) {
        self.separate();
        self.out.push_str("null");
    }

    pub(super) fn truth(&mut self, truth: bool) {
        self.separate();
        self.out.push_str(if truth { "true" } else { "false" });
    }

    /// A whole number, with all its digits.
    pub(super) fn whole(&mut self, number: u64) {
        self.separate();
        let _ = write!(self.out, "{number}");
    }

    /// A number, in the fewest digits that come back as the same one.
    pub(super) fn number(&mut self, number: f64) {
        if !number.is_finite() {
            let name = if number.is_nan() {
                "NaN"
            } else if number > 0.0 {
                "Infinity"
            } else {
                "-Infinity"
            };
            return self.text(name);
        }
        self.separate();
        if number.fract() == 0.0 && number.abs() < 1e15 {
            let _ = write!(self.out, "{}", number as i64);
        } else {
            // With an exponent where it is far from 1, which JSON has, too.
            let _ = write!(self.out, "{number:?}");
        }
    }

    /// A number, or `null`.
    pub(super) fn option(&mut self, number: Option<f64>) {
        match number {
            Some(number) => self.number(number),
            None => self.null(),
        }
    }

    /// A text, or `null`.
    pub(super) fn option_text(&mut self, text: Option<&str>) {
        match text {
            Some(text) => self.text(text),
            None => self.null(),
        }
    }

    /// A moment, as seconds since 1970 with three digits after the point.
    pub(super) fn time(&mut self, time: SystemTime) {
        let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
        self.separate();
        let _ = write!(self.out, "{}.{:03}", since.as_secs(), since.subsec_millis());
    }

    /// A moment, or `null`.
    pub(super) fn option_time(&mut self, time: Option<SystemTime>) {
        match time {
            Some(time) => self.time(time),
            None => self.null(),
        }
    }

    /// Labels as an object of texts.
    pub(super) fn labels<'a>(&mut self, labels: impl Iterator<Item = (&'a str, &'a str)>) {
        self.object(|json| labels.for_each(|(key, value)| json.key(key).text(value)));
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn values_are_separated_and_told_exactly() {
        let mut json = Json::default();
        json.object(|json| {
            json.key("whole").whole(u64::MAX);
            json.key("numbers").array(|json| {
                for number in [0.0, -0.0, 1.0, 0.1, 1e-300, 1.5e300, f64::NAN, f64::NEG_INFINITY] {
                    json.number(number);
                }
            });
            json.key("none").option(None);
            json.key("is").truth(true);
            json.key("at").time(UNIX_EPOCH + Duration::from_millis(1_800_000_000_007));
            json.key("labels").labels([("a", "1"), ("b", "2")].into_iter());
            json.key("empty").array(|_| {});
        });
        assert_eq!(
            json.into_text(),
            "{\"whole\":18446744073709551615,\"numbers\":[0,0,1,0.1,1e-300,1.5e300,\"NaN\",\"-Infinity\"],\
             \"none\":null,\"is\":true,\"at\":1800000000.007,\"labels\":{\"a\":\"1\",\"b\":\"2\"},\"empty\":[]}"
        );
    }

    #[test]
    fn no_text_ends_early_or_steers_a_terminal() {
        let mut json = Json::default();
        json.text("a\"b\\c\n\u{1b}[2J\u{9b}</script>\u{2028}ü");
        assert_eq!(json.into_text(), "\"a\\\"b\\\\c\\u000a\\u001b[2J\\u009b</script>\\u2028ü\"");
    }
}

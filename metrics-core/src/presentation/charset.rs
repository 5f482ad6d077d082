//! What names may be made of in the formats of Prometheus, and what becomes of the rest.

use std::borrow::Cow;

/// The name of a metric, with `_` for every character that is none of `[a-zA-Z0-9_:]`.
pub(crate) fn metric_name(written: &str) -> Cow<'_, str> {
    replaced(written, |byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b':')
}

/// The key of a label, with `_` for every character that is none of `[a-zA-Z0-9_]`.
pub(crate) fn label_key(written: &str) -> Cow<'_, str> {
    replaced(written, |byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// A digit cannot stand first, and gets a `_` before it.
fn replaced(written: &str, is_known: impl Fn(u8) -> bool) -> Cow<'_, str> {
    let begins_with_digit = written.as_bytes().first().is_some_and(u8::is_ascii_digit);
    // All bytes are looked at, because a loop that may end early is not made parallel.
    if !begins_with_digit && written.bytes().fold(true, |all, byte| all & is_known(byte)) {
        return Cow::Borrowed(written);
    }
    let known = |c: char| u8::try_from(c).is_ok_and(&is_known);
    let before = begins_with_digit.then_some('_');
    Cow::Owned(
        before.into_iter().chain(written.chars().map(|c| if known(c) { c } else { '_' })).collect(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_characters_stay_and_others_become_one_underscore_each() {
        for (written, metric, label) in [
            ("requests_total", "requests_total", "requests_total"),
            ("job:rate:5m", "job:rate:5m", "job_rate_5m"),
            ("http.server-time", "http_server_time", "http_server_time"),
            ("9lives", "_9lives", "_9lives"),
            ("größe µ", "gr__e__", "gr__e__"),
            ("\u{202e}", "_", "_"),
            ("_", "_", "_"),
        ] {
            assert_eq!(metric_name(written), metric);
            assert_eq!(label_key(written), label);
        }
        assert!(matches!(metric_name("a:b"), Cow::Borrowed(_)));
        assert!(matches!(label_key("a:b"), Cow::Owned(_)));
    }
}

//! What names may be made of in the text formats, and what becomes of the rest.

use std::borrow::Cow;

/// The name of a metric, with `_` for every character that is none of `[a-zA-Z0-9_:]`.
pub(super) fn metric_name(written: &str) -> Cow<'_, str> {
    replaced(written, |byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b':')
}

/// The key of a label, with `_` for every character that is none of `[a-zA-Z0-9_]`.
pub(super) fn label_key(written: &str) -> Cow<'_, str> {
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

/// 32 bits that tell a written text from others: FNV-1a, begun with `salt`.
///
/// They are part of names that go out, so they are the same in every version and on every machine.
pub(super) fn digits(written: &str, salt: u32) -> u32 {
    let bytes = salt.to_le_bytes().into_iter().chain(written.bytes());
    bytes.fold(0x811c_9dc5, |hash: u32, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
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

    #[test]
    fn digits_are_those_of_every_version() {
        assert_eq!(digits("a.b", 1), DIGITS);
        assert_ne!(digits("a.b", 1), digits("a.b", 2));
        assert_ne!(digits("a.b", 1), digits("a-b", 1));
    }

    /// FNV-1a, 32 bits, of the bytes 01 00 00 00 61 2e 62.
    const DIGITS: u32 = 0x70cd_a3b3;
}

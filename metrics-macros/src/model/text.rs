//! The rules for names, label keys and label values, applied to literals before the program runs.
//!
//! They are those of the core crate, which stay the ones that count: a test holds the limits equal.
//! A text that breaks several rules is refused for the first only.

use syn::LitStr;

use crate::refusals::Refusals;

/// The longest name or label key, in bytes of UTF-8.
pub(crate) const NAME_MAX_BYTES: usize = 512;

/// The longest label value, in bytes of UTF-8.
pub(crate) const VALUE_MAX_BYTES: usize = 4096;

/// Refuses a metric's name that nothing could render.
pub(crate) fn check_name(name: &LitStr, refusals: &mut Refusals) {
    check_identifier(name, "name", "say what is measured, as in \"requests_total\"", refusals);
}

/// Refuses a label key that nothing could render.
pub(crate) fn check_key(key: &LitStr, refusals: &mut Refusals) {
    check_identifier(
        key,
        "label key",
        "say what the values tell apart, as in \"method\"",
        refusals,
    );
}

/// Refuses a label value that no series could keep.
pub(crate) fn check_value(value: &LitStr, refusals: &mut Refusals) {
    let bytes = value.value().len();
    if bytes > VALUE_MAX_BYTES {
        refusals.at(
            value,
            format!(
                "expected a label value of at most {VALUE_MAX_BYTES} bytes, found {bytes}: \
                 shorten it"
            ),
        );
    }
}

fn check_identifier(literal: &LitStr, what: &str, when_empty: &str, refusals: &mut Refusals) {
    let text = literal.value();
    if text.is_empty() {
        refusals.at(literal, format!("expected a {what}, found an empty string: {when_empty}"));
    } else if let Some(control) = text.chars().find(|c| c.is_control()) {
        refusals.at(
            literal,
            format!(
                "expected a printable {what}, found the control character {control:?} in it: \
                 remove it"
            ),
        );
    } else if text.len() > NAME_MAX_BYTES {
        let bytes = text.len();
        refusals.at(
            literal,
            format!(
                "expected a {what} of at most {NAME_MAX_BYTES} bytes, found {bytes}: shorten it"
            ),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_those_of_the_core_crate() {
        assert_eq!(NAME_MAX_BYTES, tachograph::Name::MAX_BYTES);
        assert_eq!(VALUE_MAX_BYTES, tachograph::Labels::MAX_VALUE_BYTES);
    }
}

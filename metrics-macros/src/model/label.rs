//! The labels of a series: which are fixed by the program's text, and which are known at run time.

use std::collections::BTreeSet;

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::{Expr, Lit, LitStr, UnOp};

use crate::model::text;
use crate::parse;
use crate::parse::argument::{found, string_literal, ungrouped};
use crate::refusals::Refusals;

/// The most labels that one series can have.
pub(crate) const LABELS_MAX: usize = 64;

/// A label that passed the rules.
#[derive(Clone)]
pub(crate) struct Label {
    pub(crate) key: Key,
    pub(crate) value: Value,
}

/// Where a label's key comes from.
#[derive(Clone)]
pub(crate) enum Key {
    /// From the text of the program.
    Fixed(LitStr),
    /// From an expression that is text.
    Computed(Expr),
}

/// Which keys a macro takes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Keys {
    Literal,
    Any,
}

/// Where a label's value comes from.
#[derive(Clone)]
pub(crate) enum Value {
    /// From the text of the program.
    Fixed(LitStr),
    /// From an expression that is a label value.
    Text(Expr),
    /// From an expression that is shown by its `Display`.
    Displayed(Expr),
}

/// A label that a macro adds by itself.
pub(crate) struct Implied {
    pub(crate) key: &'static str,
    /// What a user does who wants another value.
    pub(crate) remedy: &'static str,
}

/// Takes the labels that pass, and refuses the others.
pub(crate) fn check(
    written: Vec<parse::label::Label>,
    taken: Keys,
    implied: &[Implied],
    refusals: &mut Refusals,
) -> Vec<Label> {
    let most = LABELS_MAX - implied.len();
    if let Some(beyond) = written.get(most) {
        let count = written.len() + implied.len();
        let message = format!(
            "expected at most {LABELS_MAX} labels on one series, found {count}: remove some"
        );
        refusals.at(&beyond.key, message);
    }
    let mut keys = BTreeSet::new();
    let mut labels = Vec::new();
    for label in written {
        let key = match string_literal(&label.key) {
            Some(key) => {
                check_key(key, implied, &mut keys, refusals);
                Some(Key::Fixed(key.clone()))
            }
            None if taken == Keys::Any && !matches!(ungrouped(&label.key), Expr::Lit(_)) => {
                Some(Key::Computed(label.key))
            }
            None => {
                let found = found(&label.key);
                let message =
                    format!("expected a label key in quotes, found {found}: write it out");
                refusals.at(&label.key, message);
                None
            }
        };
        let value = Value::from_written(label.value);
        if let Value::Fixed(value) = &value {
            text::check_value(value, refusals);
        }
        labels.extend(key.map(|key| Label { key, value }));
    }
    labels
}

/// Refuses a literal key that breaks the rules, or stands there already.
fn check_key(
    key: &LitStr,
    implied: &[Implied],
    keys: &mut BTreeSet<String>,
    refusals: &mut Refusals,
) {
    text::check_key(key, refusals);
    let text = key.value();
    if let Some(implied) = implied.iter().find(|implied| implied.key == text) {
        let message = format!(
            "expected no label `{text}` here, found one: it is added anyway, and {}",
            implied.remedy
        );
        refusals.at(key, message);
    } else if !keys.insert(text.clone()) {
        refusals.at(
            key,
            format!("expected the label `{text}` once, found it again: remove one of the two"),
        );
    }
}

/// For messages that mean the whole label.
impl ToTokens for Label {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        match &self.key {
            Key::Fixed(key) => key.to_tokens(tokens),
            Key::Computed(key) => key.to_tokens(tokens),
        }
        match &self.value {
            Value::Fixed(value) => value.to_tokens(tokens),
            Value::Text(value) | Value::Displayed(value) => value.to_tokens(tokens),
        }
    }
}

impl Label {
    /// True where both key and value stand in the program's text.
    pub(crate) fn is_fixed(&self) -> bool {
        matches!((&self.key, &self.value), (Key::Fixed(_), Value::Fixed(_)))
    }
}

impl Value {
    fn from_written(value: parse::label::Value) -> Value {
        match value {
            parse::label::Value::Plain(expr) => {
                fixed(&expr).map_or(Value::Text(expr), Value::Fixed)
            }
            parse::label::Value::Displayed(expr) => {
                fixed(&expr).map_or(Value::Displayed(expr), Value::Fixed)
            }
        }
    }
}

/// The text of a literal, as the same value would be shown at run time.
fn fixed(expr: &Expr) -> Option<LitStr> {
    match ungrouped(expr) {
        Expr::Lit(literal) => match &literal.lit {
            Lit::Str(text) => Some(text.clone()),
            Lit::Bool(value) => Some(LitStr::new(&value.value.to_string(), value.span)),
            Lit::Char(value) => Some(LitStr::new(&value.value().to_string(), value.span())),
            Lit::Int(value) => Some(LitStr::new(value.base10_digits(), value.span())),
            _ => None,
        },
        Expr::Unary(minus) if matches!(minus.op, UnOp::Neg(_)) => match ungrouped(&minus.expr) {
            Expr::Lit(literal) => match &literal.lit {
                Lit::Int(value) if value.base10_digits() != "0" => {
                    Some(LitStr::new(&format!("-{}", value.base10_digits()), value.span()))
                }
                _ => None,
            },
            _ => None,
        },
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limit_is_that_of_the_core_crate() {
        assert_eq!(LABELS_MAX, tachograph::Labels::MAX);
    }

    #[test]
    fn literals_read_as_their_values_would_be_shown() {
        for (written, shown) in [
            (r#""a""#, Some("a")),
            ("true", Some("true")),
            ("'x'", Some("x")),
            ("0x10_u8", Some("16")),
            ("1_000", Some("1000")),
            ("-3", Some("-3")),
            ("-0", None),
            ("1.50", None),
            ("n", None),
            ("!3", None),
            ("-x", None),
        ] {
            let expr: Expr = syn::parse_str(written).unwrap();
            assert_eq!(fixed(&expr).map(|text| text.value()).as_deref(), shown, "{written}");
        }
    }
}

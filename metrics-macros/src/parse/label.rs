//! One label: `key => value`, or `key => %value` for a value that is shown by its `Display`; and a whole
//! set of them: `..set`.
//!
//! Keys are read as expressions, so that a key which is none of those that a macro takes can be
//! named in its message.

use quote::ToTokens;
use syn::parse::ParseStream;
use syn::{Error, Expr, Result, Token};

use crate::parse::argument::{found, read_list, string_literal};
use crate::refusals::Refusals;

/// A label as it was written.
pub(crate) struct Label {
    pub(crate) key: Expr,
    pub(crate) value: Value,
}

/// A label's value as it was written.
pub(crate) enum Value {
    /// `=> value`
    Plain(Expr),
    /// `=> %value`
    Displayed(Expr),
}

/// An element of a list in which labels may stand.
pub(crate) enum Element {
    Label(Label),
    /// `..set`
    Set(Expr),
    /// An expression behind which no arrow follows.
    Plain(Expr),
}

impl Element {
    pub(crate) fn read(input: ParseStream) -> Result<Element> {
        if input.peek(Token![..]) && !input.peek(Token![..=]) {
            let dots: Token![..] = input.parse()?;
            if input.is_empty() || input.peek(Token![,]) {
                return Err(Error::new_spanned(dots, MISSING_SET));
            }
            return input.parse().map(Element::Set);
        }
        let first: Expr = input.parse()?;
        if let Expr::Assign(assign) = &first {
            return Err(wrong_arrow(assign.eq_token, "=", &assign.left));
        }
        if input.peek(Token![:]) {
            return Err(wrong_arrow(input.parse::<Token![:]>()?, ":", &first));
        }
        if !input.peek(Token![=>]) {
            return Ok(Element::Plain(first));
        }
        let arrow: Token![=>] = input.parse()?;
        let percent: Option<Token![%]> = input.parse()?;
        if input.is_empty() || input.peek(Token![,]) {
            return Err(Error::new_spanned(arrow, missing_value(&first)));
        }
        let value = input.parse()?;
        let value = if percent.is_some() { Value::Displayed(value) } else { Value::Plain(value) };
        Ok(Element::Label(Label { key: first, value }))
    }
}

/// Reads a list that holds nothing but labels.
pub(crate) fn read_labels(input: ParseStream, refusals: &mut Refusals) -> Vec<Label> {
    let mut labels = Vec::new();
    read_list(input, refusals, |input, _| match Element::read(input)? {
        Element::Label(label) => {
            labels.push(label);
            Ok(())
        }
        Element::Set(set) => Err(Error::new_spanned(&set, NO_SET_HERE)),
        Element::Plain(key) => Err(Error::new_spanned(&key, missing_value(&key))),
    });
    labels
}

/// The message for dots without a set.
const MISSING_SET: &str = "expected a set of labels after `..`, found none: write ..labels, where the type \
                           of `labels` derives `LabelSet`";

/// The message for a set where only single labels can stand.
const NO_SET_HERE: &str = "expected a label, found a set of labels: write each as \"key\" => value";

/// The message for a key without a value.
pub(crate) fn missing_value(key: &Expr) -> String {
    let example = string_literal(key).map_or_else(|| "key".to_owned(), syn::LitStr::value);
    format!("expected a value for the label {}, found none: write {example:?} => value", found(key))
}

fn wrong_arrow(token: impl ToTokens, written: &str, key: &Expr) -> Error {
    let example = string_literal(key).map_or_else(|| "key".to_owned(), syn::LitStr::value);
    Error::new_spanned(
        token,
        format!(
            "expected `=>` between a label's key and value, found `{written}`: \
             write {example:?} => value"
        ),
    )
}

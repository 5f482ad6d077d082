//! The shapes that an option's value can have: each a function that reads it, or says how it is written.

use std::fmt::Display;
use std::ops::RangeInclusive;

use proc_macro2::TokenTree;
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::punctuated::Punctuated;
use syn::{
    Error, Expr, ExprLit, Ident, Lit, LitStr, Path, Result, Token, UnOp, parenthesized, token,
};

use crate::parse::argument::{Place, found, string_literal, ungrouped};
use crate::parse::label::{Label, read_labels};
use crate::refusals::Refusals;

/// `word = "text"`
pub(crate) fn text(word: &Ident, input: ParseStream) -> Result<LitStr> {
    let example = format!("{word} = \"…\"");
    separator(word, input, &example)?;
    let value: Expr = input.parse()?;
    string_literal(&value).cloned().ok_or_else(|| {
        let message = format!(
            "expected a string in quotes for `{word}`, found {}: write {example}",
            found(&value)
        );
        Error::new_spanned(&value, message)
    })
}

/// `word = path::to::module`
pub(crate) fn path(word: &Ident, input: ParseStream) -> Result<Path> {
    let example = format!("{word} = path::to::tachograph");
    separator(word, input, &example)?;
    let ahead = input.fork();
    input.call(Path::parse_mod_style).map_err(|error| {
        let found =
            ahead.parse().map_or_else(|_| "something else".to_owned(), |expr: Expr| found(&expr));
        Error::new(
            error.span(),
            format!("expected a path for `{word}`, found {found}: write {example}"),
        )
    })
}

/// `word = value`: what a fitting value is, the compiler tells.
pub(crate) fn any(word: &Ident, example: &str, input: ParseStream) -> Result<Expr> {
    separator(word, input, &format!("{word}: {example}"))?;
    input.parse()
}

/// `word = "text"`; in a call any expression that is text.
pub(crate) fn description(word: &Ident, place: Place, input: ParseStream) -> Result<Expr> {
    match place {
        Place::Call { .. } => {
            let value = any(word, "\"…\"", input)?;
            if string_literal(&value).is_none() && matches!(ungrouped(&value), Expr::Lit(_)) {
                let message = format!(
                    "expected text for `{word}`, found {}: write {word}: \"…\"",
                    found(&value)
                );
                return Err(Error::new_spanned(&value, message));
            }
            Ok(value)
        }
        Place::Attribute => text(word, input).map(|text| {
            let lit = Lit::Str(text);
            Expr::Lit(ExprLit { attrs: Vec::new(), lit })
        }),
    }
}

/// `word = Unit::Milliseconds`: what the unit is, the compiler tells.
pub(crate) fn unit(word: &Ident, place: Place, input: ParseStream) -> Result<Expr> {
    let example = match place {
        Place::Call { of_time: false } => format!("{word}: Unit::Bytes"),
        Place::Call { of_time: true } => format!("{word}: Unit::Milliseconds"),
        Place::Attribute => format!("{word} = Unit::Milliseconds"),
    };
    separator(word, input, &example)?;
    let value: Expr = input.parse()?;
    if matches!(ungrouped(&value), Expr::Lit(_)) {
        let message =
            format!("expected a `Unit` for `{word}`, found {}: write {example}", found(&value));
        return Err(Error::new_spanned(&value, message));
    }
    if place == (Place::Call { of_time: false }) {
        return Ok(value);
    }
    if let Some(name) = other_unit(&value) {
        let message =
            format!("expected a unit of time for `{word}`, found {name}: write {example}");
        return Err(Error::new_spanned(&value, message));
    }
    Ok(value)
}

/// The units that are not of time; what a constant holds, the compiler finds out.
const OTHER_UNITS: [&str; 13] = [
    "Count",
    "Percent",
    "Tebibytes",
    "Gibibytes",
    "Mebibytes",
    "Kibibytes",
    "Bytes",
    "TerabitsPerSecond",
    "GigabitsPerSecond",
    "MegabitsPerSecond",
    "KilobitsPerSecond",
    "BitsPerSecond",
    "CountPerSecond",
];

/// The units of time.
const TIME_UNITS: [&str; 4] = ["Seconds", "Milliseconds", "Microseconds", "Nanoseconds"];

/// True for `Unit::Variant`, by any path: known while the program is compiled.
pub(crate) fn is_known_unit(value: &Expr) -> bool {
    let Expr::Path(path) = ungrouped(value) else { return false };
    let mut segments = path.path.segments.iter().rev();
    let variant = segments.next().map(|last| &last.ident);
    let of_unit = segments.next().is_some_and(|parent| parent.ident == "Unit");
    let all = || TIME_UNITS.iter().chain(&OTHER_UNITS);
    of_unit && path.qself.is_none() && variant.is_some_and(|last| all().any(|name| last == name))
}

/// The unit that is not one of time, where it is known while the program is compiled.
pub(crate) fn other_unit(value: &Expr) -> Option<&'static str> {
    let Expr::Path(path) = ungrouped(value) else { return None };
    let last = path.path.segments.last()?;
    OTHER_UNITS.into_iter().find(|name| last.ident == name)
}

/// `word = 3`, with a number in `range`.
pub(crate) fn number<N>(
    word: &Ident,
    range: RangeInclusive<N>,
    example: N,
    input: ParseStream,
) -> Result<N>
where
    N: Display + Into<i64> + TryFrom<i64> + Copy,
{
    let example = format!("{word} = {example}");
    separator(word, input, &example)?;
    let value: Expr = input.parse()?;
    let number = integer(&value);
    let (low, high): (i64, i64) = ((*range.start()).into(), (*range.end()).into());
    number.filter(|number| (low..=high).contains(number)).and_then(|n| N::try_from(n).ok()).ok_or_else(|| {
        let found = number.map_or_else(|| found(&value), |number| number.to_string());
        let message = format!(
            "expected a number from {low} to {high} for `{word}`, found {found}: write {example}"
        );
        Error::new_spanned(&value, message)
    })
}

/// `word = [0.1, 1.0]`: bounds above zero, each above the one before, as far as literals tell.
pub(crate) fn bounds(
    word: &Ident,
    input: ParseStream,
    refusals: &mut Refusals,
) -> Result<Vec<Expr>> {
    let example = format!("{word} = [0.1, 1.0]");
    separator(word, input, &example)?;
    let value: Expr = input.parse()?;
    let list = match ungrouped(&value) {
        Expr::Array(list) if !list.elems.is_empty() => &list.elems,
        other => {
            let found = match other {
                Expr::Array(_) => "an empty one".to_owned(),
                other => found(other),
            };
            let message =
                format!("expected a list of bounds for `{word}`, found {found}: write {example}");
            return Err(Error::new_spanned(&value, message));
        }
    };
    let mut before = 0.0;
    for bound in list {
        match (real(bound), ungrouped(bound)) {
            (Some(number), _) if number > before && number.is_finite() => before = number,
            (Some(number), _) => {
                let message = if before == 0.0 {
                    format!("expected a bound above zero, found {number}: remove it")
                } else {
                    format!("expected bounds that rise, found {number} after {before}: sort them")
                };
                refusals.at(bound, message);
            }
            (None, Expr::Lit(_)) => {
                let message =
                    format!("expected a number as bound, found {}: write {example}", found(bound));
                refusals.at(bound, message);
            }
            // A constant: the registry checks it.
            (None, _) => {}
        }
    }
    Ok(list.iter().cloned().collect())
}

/// `word("key" => value, …)`
pub(crate) fn labels(
    word: &Ident,
    input: ParseStream,
    refusals: &mut Refusals,
) -> Result<Vec<Label>> {
    if !input.peek(token::Paren) {
        let message = format!(
            "expected a list in parentheses after `{word}`, found none: \
             write {word}(\"key\" => \"value\")"
        );
        return Err(Error::new_spanned(word, message));
    }
    let list;
    parenthesized!(list in input);
    Ok(read_labels(&list, refusals))
}

/// `word`
pub(crate) fn none(word: &Ident, input: ParseStream) -> Result<Ident> {
    if !input.is_empty() && !input.peek(Token![,]) {
        let message = format!("expected nothing after `{word}`, found more: write {word} alone");
        return Err(input.error(message));
    }
    Ok(word.clone())
}

/// `word` or `word(more)`; true for the latter.
pub(crate) fn flag(word: &Ident, more: &str, input: ParseStream) -> Result<bool> {
    if input.is_empty() || input.peek(Token![,]) {
        return Ok(false);
    }
    let wrong = |span| {
        let message = format!(
            "expected nothing or ({more}) after `{word}`, found something else: \
             write {word} or {word}({more})"
        );
        Error::new(span, message)
    };
    if !input.peek(token::Paren) {
        return Err(wrong(input.span()));
    }
    let list;
    parenthesized!(list in input);
    let span = list.span();
    let all = Punctuated::<Ident, Token![,]>::parse_terminated_with(&list, Ident::parse_any);
    match all {
        Ok(words) if words.len() == 1 && words[0] == more => Ok(true),
        _ => Err(wrong(span)),
    }
}

/// Reads the `=` or `:` between a word and its value, and sees that a value follows.
fn separator(word: &Ident, input: ParseStream, example: &str) -> Result<()> {
    let missing = || format!("expected a value for `{word}`, found none: write {example}");
    if input.peek(token::Paren) {
        let message = format!("expected `=` after `{word}`, found parentheses: write {example}");
        return Err(input.error(message));
    }
    if input.is_empty() || input.peek(Token![,]) {
        return Err(Error::new_spanned(word, missing()));
    }
    let sign: TokenTree = input.parse()?;
    if input.is_empty() || input.peek(Token![,]) {
        return Err(Error::new_spanned(sign, missing()));
    }
    Ok(())
}

/// The integer that a literal is, with or without a minus.
fn integer(expr: &Expr) -> Option<i64> {
    match ungrouped(expr) {
        Expr::Lit(literal) => match &literal.lit {
            Lit::Int(number) => number.base10_parse().ok(),
            _ => None,
        },
        Expr::Unary(minus) if matches!(minus.op, UnOp::Neg(_)) => {
            integer(&minus.expr).and_then(i64::checked_neg)
        }
        _ => None,
    }
}

/// The number that a literal is, whole or not, with or without a minus.
fn real(expr: &Expr) -> Option<f64> {
    match ungrouped(expr) {
        Expr::Lit(literal) => match &literal.lit {
            Lit::Int(number) => number.base10_parse().ok(),
            Lit::Float(number) => number.base10_parse().ok(),
            _ => None,
        },
        Expr::Unary(minus) if matches!(minus.op, UnOp::Neg(_)) => real(&minus.expr).map(|n| -n),
        _ => None,
    }
}

/// A bound as the expansion needs it: an `f64`, also where an integer was written.
pub(crate) fn as_f64(bound: &Expr) -> proc_macro2::TokenStream {
    if let Expr::Lit(literal) = ungrouped(bound) {
        if let Lit::Int(number) = &literal.lit {
            if let Ok(value) = number.base10_parse::<f64>() {
                let mut literal = proc_macro2::Literal::f64_suffixed(value);
                literal.set_span(number.span());
                return literal.to_token_stream();
            }
        }
    }
    bound.to_token_stream()
}

//! The one reader of options, for all macros.
//!
//! An option is a [`Word`] with a value: `word = value` or `word: value`, and `word(…)` where the value
//! is a list. What shape a value has is decided here, once for every macro that takes the option; a
//! macro only lists the words it knows. A further option is a word, a field and an arm.

use proc_macro2::TokenTree;
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::{Error, Expr, Ident, LitStr, Path, Result, Token, parenthesized, token};

use crate::parse::argument::{Grammar, found, string_literal};
use crate::parse::label::{Label, read_labels};
use crate::refusals::Refusals;

/// The options there are, over all macros.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Word {
    Crate,
    Function,
    Labels,
    Name,
}

impl Word {
    fn as_str(self) -> &'static str {
        match self {
            Word::Crate => "crate",
            Word::Function => "function",
            Word::Labels => "labels",
            Word::Name => "name",
        }
    }
}

/// A value, and the word before it, for refusals that mean the whole option.
pub(crate) struct Given<T> {
    pub(crate) word: Ident,
    pub(crate) value: T,
}

/// The options that were written. One whose value was refused is absent, as its refusal is enough.
#[derive(Default)]
pub(crate) struct Options {
    pub(crate) root: Option<Path>,
    pub(crate) function: Option<LitStr>,
    pub(crate) labels: Vec<Label>,
    pub(crate) name: Option<Given<LitStr>>,
    seen: Vec<Word>,
}

impl Options {
    /// Reads one option, of those that `grammar` knows.
    pub(crate) fn read(
        &mut self,
        input: ParseStream,
        grammar: &Grammar,
        refusals: &mut Refusals,
    ) -> Result<()> {
        let ident = input.call(Ident::parse_any)?;
        let Some(&word) = grammar.words.iter().find(|word| ident == word.as_str()) else {
            return Err(unknown(&ident, grammar));
        };
        if self.seen.contains(&word) {
            refusals.at(
                &ident,
                format!(
                    "expected the option `{ident}` once, found it again: remove one of the two"
                ),
            );
        }
        self.seen.push(word);
        match word {
            Word::Crate => self.root = Some(path(&ident, input)?),
            Word::Function => self.function = Some(text(&ident, input)?),
            Word::Labels => self.labels = labels(&ident, input, refusals)?,
            Word::Name => {
                let value = text(&ident, input)?;
                self.name = Some(Given { word: ident, value });
            }
        }
        Ok(())
    }

    /// True when `word` was written, whether or not its value was taken.
    pub(crate) fn has(&self, word: Word) -> bool {
        self.seen.contains(&word)
    }
}

/// `word = "text"`
fn text(word: &Ident, input: ParseStream) -> Result<LitStr> {
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
fn path(word: &Ident, input: ParseStream) -> Result<Path> {
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

/// `word("key" => value, …)`
fn labels(word: &Ident, input: ParseStream, refusals: &mut Refusals) -> Result<Vec<Label>> {
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

fn unknown(ident: &Ident, grammar: &Grammar) -> Error {
    let known: Vec<_> = grammar.words.iter().map(|word| format!("`{}`", word.as_str())).collect();
    let known = match known.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, others)) => format!("{} or {last}", others.join(", ")),
        None => String::new(),
    };
    let message = format!(
        "expected an option of {}, found `{ident}`: use {known}, or {}",
        grammar.owner, grammar.label
    );
    Error::new_spanned(ident, message)
}

//! The argument list of every macro: names, labels and options, separated by commas.
//!
//! Each argument is read on its own. After a mistake the reader goes on behind the next comma, so that
//! the mistakes of all arguments are reported together. It never decides what an argument means.

use proc_macro2::{TokenStream, TokenTree};
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::{Error, Expr, Ident, Lit, LitStr, Path, Result, Token};

use crate::parse::label::{Element, Label};
use crate::parse::option::{Options, Word};
use crate::refusals::Refusals;

/// What one macro takes.
pub(crate) struct Grammar {
    /// The macro as its user writes it, for messages.
    pub(crate) owner: &'static str,
    /// The options it knows, in the order in which messages list them.
    pub(crate) words: &'static [Word],
    /// Where the words stand.
    pub(crate) place: Place,
    /// How a label is written in this macro, for messages.
    pub(crate) label: &'static str,
}

/// Where arguments stand, which decides how some of them are written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// In a call, which evaluates expressions: `word` and `word(…)` are expressions, too, and may be a name.
    Call {
        /// True where values are durations.
        of_time: bool,
    },
    /// In an attribute, where `word` and `word(…)` are options.
    Attribute,
}

/// The arguments that were written, each kind of them in the order of writing.
#[derive(Default)]
pub(crate) struct Arguments {
    /// What is neither a label nor an option; the first is the name.
    pub(crate) plain: Vec<Expr>,
    pub(crate) labels: Vec<Label>,
    /// `..set`
    pub(crate) sets: Vec<Expr>,
    pub(crate) options: Options,
}

impl Arguments {
    /// Reads all of `tokens`.
    pub(crate) fn read(
        tokens: TokenStream,
        grammar: &Grammar,
        refusals: &mut Refusals,
    ) -> Arguments {
        let mut arguments = Arguments::default();
        let all = |input: ParseStream| {
            read_list(input, refusals, |input, refusals| arguments.one(input, grammar, refusals));
            Ok(())
        };
        // The reader takes every token and reports through `refusals`; what the tokens themselves can
        // still be refused for is left to this result.
        if let Err(error) = all.parse2(tokens) {
            refusals.push(error);
        }
        arguments
    }

    fn one(
        &mut self,
        input: ParseStream,
        grammar: &Grammar,
        refusals: &mut Refusals,
    ) -> Result<()> {
        if at_option(input, grammar) {
            return self.options.read(input, grammar, refusals);
        }
        match Element::read(input)? {
            Element::Label(label) => self.labels.push(label),
            Element::Set(set) => self.sets.push(set),
            Element::Plain(expr) => self.plain.push(expr),
        }
        Ok(())
    }
}

/// Reads `@ path ;`, which stands before what a user wrote where a macro of the core crate handed it on.
pub(crate) fn root_before(input: ParseStream) -> Result<Option<Path>> {
    if !input.peek(Token![@]) {
        return Ok(None);
    }
    let _: Token![@] = input.parse()?;
    let path = input.call(Path::parse_mod_style)?;
    let _: Token![;] = input.parse()?;
    Ok(Some(path))
}

/// Reads elements up to the end of `input`; one that fails costs only itself.
pub(crate) fn read_list(
    input: ParseStream,
    refusals: &mut Refusals,
    mut element: impl FnMut(ParseStream, &mut Refusals) -> Result<()>,
) {
    while !input.is_empty() {
        let result = element(input, refusals);
        if let Err(error) = result {
            refusals.push(error);
            skip_argument(input);
        } else if !input.is_empty() && !input.peek(Token![,]) {
            refusals.push(missing_comma(input));
            skip_argument(input);
        }
        // An absent comma is the end of the list: everything else was skipped.
        let _: Option<Token![,]> = input.parse().unwrap_or_default();
    }
}

/// The string literal that `expr` is, also where a `macro_rules!` fragment handed it on.
pub(crate) fn string_literal(expr: &Expr) -> Option<&LitStr> {
    match ungrouped(expr) {
        Expr::Lit(literal) => match &literal.lit {
            Lit::Str(text) => Some(text),
            _ => None,
        },
        _ => None,
    }
}

/// `expr` without the invisible delimiters that `macro_rules!` puts around a fragment.
pub(crate) fn ungrouped(expr: &Expr) -> &Expr {
    match expr {
        Expr::Group(group) => ungrouped(&group.expr),
        other => other,
    }
}

/// What `expr` is called in a message.
pub(crate) fn found(expr: &Expr) -> String {
    let what = match ungrouped(expr) {
        Expr::Lit(literal) => match &literal.lit {
            Lit::Str(text) => return format!("{:?}", text.value()),
            Lit::Int(_) | Lit::Float(_) => "a number",
            Lit::Bool(_) => "a bool",
            Lit::Char(_) => "a char",
            _ => "a literal of bytes",
        },
        Expr::Path(path) => match path.path.get_ident() {
            Some(ident) => return format!("`{ident}`"),
            None => "a path",
        },
        _ => "an expression",
    };
    what.to_owned()
}

/// True at `word = …` and `word: …`, and in attributes at `word(…)` and `word` alone.
fn at_option(input: ParseStream, grammar: &Grammar) -> bool {
    if !input.peek(Ident::peek_any) {
        return false;
    }
    let assigned = input.peek2(Token![=]) && !input.peek2(Token![==]) && !input.peek2(Token![=>]);
    let colon = input.peek2(Token![:]) && !input.peek2(Token![::]);
    if assigned || colon {
        return true;
    }
    let fork = input.fork();
    let alone = fork.call(Ident::parse_any).is_ok()
        && (fork.is_empty() || fork.peek(Token![,]) || fork.peek(syn::token::Paren));
    grammar.place == Place::Attribute && alone
}

fn missing_comma(input: ParseStream) -> Error {
    let found = input.fork().parse::<TokenTree>().map_or_else(
        |_| String::new(),
        |tree| match tree {
            TokenTree::Group(_) => "a group".to_owned(),
            leaf => format!("`{leaf}`"),
        },
    );
    input.error(format!(
        "expected a comma between two arguments, found {found}: write `,` before it"
    ))
}

/// Goes forward to the next comma, or to the end.
fn skip_argument(input: ParseStream) {
    while !input.is_empty() && !input.peek(Token![,]) {
        if input.parse::<TokenTree>().is_err() {
            return;
        }
    }
}

//! The model of `counter!`, `gauge!`, `histogram!` and `timer!`, which differ by their kind only.

use proc_macro2::{Span, TokenStream};
use syn::{Error, Expr, LitStr, Result};

use crate::kind::Kind;
use crate::model::label::{self, Label};
use crate::model::{Root, text};
use crate::parse;
use crate::parse::argument::{Arguments, Grammar, found, string_literal, ungrouped};
use crate::parse::label::missing_value;
use crate::parse::option::Word;
use crate::refusals::Refusals;

/// A call that is free of mistakes, as far as its tokens tell.
pub(crate) struct Call {
    pub(crate) kind: Kind,
    pub(crate) name: Name,
    pub(crate) labels: Vec<Label>,
    pub(crate) root: Root,
}

/// A metric's name.
pub(crate) enum Name {
    /// A string literal: the site is resolved once.
    Literal(LitStr),
    /// Any other expression: compared at each call.
    Computed(Expr),
}

impl Call {
    /// Reads the tokens of a call.
    ///
    /// # Errors
    ///
    /// All mistakes of the call, combined.
    pub(crate) fn read(kind: Kind, tokens: TokenStream) -> Result<Call> {
        let grammar = Grammar {
            owner: kind.macro_name(),
            words: &[Word::Crate],
            bare_words: false,
            label: "write a label as \"key\" => value",
        };
        let mut refusals = Refusals::default();
        let arguments = Arguments::read(tokens, &grammar, &mut refusals);
        let name = name(kind, arguments.plain, &mut refusals);
        let missing = missing_name(kind, &arguments.labels);
        let labels = label::check(arguments.labels, &[], &mut refusals);
        let root = Root::from(arguments.options.root);
        match name {
            Some(name) => refusals.unless_refused(Call { kind, name, labels, root }),
            None => Err(refusals.and(missing)),
        }
    }
}

/// The first plain argument is the name; further ones can only be labels without their values.
fn name(kind: Kind, plain: Vec<Expr>, refusals: &mut Refusals) -> Option<Name> {
    let mut plain = plain.into_iter();
    let first = plain.next();
    for key in plain {
        refusals.at(&key, missing_value(&key));
    }
    let first = first?;
    if let Some(literal) = string_literal(&first) {
        text::check_name(literal, refusals);
        return Some(Name::Literal(literal.clone()));
    }
    if matches!(ungrouped(&first), Expr::Lit(_)) {
        let message = format!("expected a name, found {}: {}", found(&first), write_name(kind));
        refusals.at(&first, message);
    }
    Some(Name::Computed(first))
}

fn missing_name(kind: Kind, labels: &[parse::label::Label]) -> Error {
    match labels.first() {
        Some(label) => Error::new_spanned(
            &label.key,
            format!("expected a name before the labels, found none: {}", write_name(kind)),
        ),
        None => Error::new(
            Span::call_site(),
            format!("expected a name, found none: {}", write_name(kind)),
        ),
    }
}

fn write_name(kind: Kind) -> String {
    format!("write {}(\"name\")", kind.macro_name())
}

//! The model of `describe_counter!` and its siblings: a name, possibly a unit, and a text.

use proc_macro2::{Span, TokenStream};
use syn::{Error, Expr, Result};

use crate::kind::Kind;
use crate::model::Root;
use crate::model::call::{Name, missing_name, name};
use crate::parse::argument::{Arguments, Grammar, Place, found, string_literal, ungrouped};
use crate::parse::option::Word;
use crate::parse::value::other_unit;
use crate::refusals::Refusals;

/// A description that is free of mistakes, as far as its tokens tell.
pub(crate) struct Description {
    pub(crate) kind: Kind,
    pub(crate) name: Name,
    pub(crate) unit: Option<Expr>,
    pub(crate) text: Expr,
    pub(crate) root: Root,
}

impl Description {
    /// Reads the tokens of a call.
    ///
    /// # Errors
    ///
    /// All mistakes of the call, combined.
    pub(crate) fn read(kind: Kind, tokens: TokenStream) -> Result<Description> {
        let owner = kind.describing_macro_name();
        let mut refusals = Refusals::default();
        let (root, tokens) = Root::before(tokens, &mut refusals);
        let grammar = Grammar {
            owner,
            words: &[Word::Crate],
            place: Place::Call { of_time: kind.is_of_time() },
            label: "say what the metric is in quotes",
        };
        let arguments = Arguments::read(tokens, &grammar, &mut refusals);
        for label in &arguments.labels {
            let message = "expected no labels, found one: a description is that of all series of a \
                           name; remove it";
            refusals.at(&label.key, message);
        }
        for set in &arguments.sets {
            refusals.at(set, "expected no labels, found a set of them: remove it");
        }
        let mut plain = arguments.plain.into_iter();
        let name = plain.next().and_then(|first| name(owner, first, &mut refusals));
        let (second, third) = (plain.next(), plain.next());
        for more in plain {
            let message =
                format!("expected the end of the call, found {}: remove it", found(&more));
            refusals.at(&more, message);
        }
        let (unit, text) = match (second, third) {
            (Some(unit), Some(text)) => {
                if let Expr::Lit(_) = ungrouped(&unit) {
                    let message = format!(
                        "expected a `Unit` before the description, found {}: write Unit::Bytes",
                        found(&unit)
                    );
                    refusals.at(&unit, message);
                }
                if let Some(other) = other_unit(&unit).filter(|_| kind.is_of_time()) {
                    let message = format!(
                        "expected a unit of time for a timer, found {other}: write Unit::Milliseconds"
                    );
                    refusals.at(&unit, message);
                }
                (Some(unit), Some(text))
            }
            (text, _) => (None, text),
        };
        if let Some(text) = text.as_ref().filter(|text| string_literal(text).is_none()) {
            if let Expr::Lit(_) = ungrouped(text) {
                let message =
                    format!("expected a description, found {}: write it in quotes", found(text));
                refusals.at(text, message);
            }
        }
        let root = arguments.options.root.map_or(root, Root::Path);
        match (name, text) {
            (Some(name), Some(text)) => {
                refusals.unless_refused(Description { kind, name, unit, text, root })
            }
            (None, _) => Err(refusals.and(missing_name(owner, &[]))),
            (Some(_), None) => {
                let message = format!(
                    "expected a description, found none: write {owner}(\"name\", \"what it is\")"
                );
                Err(refusals.and(Error::new(Span::call_site(), message)))
            }
        }
    }
}

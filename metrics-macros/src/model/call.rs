//! The model of `counter!`, `gauge!`, `histogram!` and `timer!`, which differ by their kind only.

use proc_macro2::{Span, TokenStream};
use quote::ToTokens;
use syn::{Error, Expr, LitStr, Result};

use crate::kind::Kind;
use crate::model::label::{self, Keys, Label};
use crate::model::said::Said;
use crate::model::{Root, text};
use crate::parse;
use crate::parse::argument::{Arguments, Grammar, Place, found, string_literal, ungrouped};
use crate::parse::label::missing_value;
use crate::parse::option::Word;
use crate::refusals::Refusals;

/// A call that is free of mistakes, as far as its tokens tell.
pub(crate) struct Call {
    pub(crate) kind: Kind,
    pub(crate) name: Name,
    pub(crate) labels: Labels,
    pub(crate) said: Said,
    pub(crate) root: Root,
}

/// A metric's name.
pub(crate) enum Name {
    /// A string literal: known while the program is compiled.
    Literal(LitStr),
    /// Any other expression: compared at each call.
    Computed(Expr),
}

/// A call's labels.
pub(crate) enum Labels {
    /// Each of its own: `"key" => value, …`
    Listed(Vec<Label>),
    /// All from one expression.
    Collected(Expr),
    /// From a `LabelSet`, beside some that stand in the program's text: `..set`
    Set(Expr, Vec<Label>),
}

/// The options of the call macros, in the order in which messages list them.
const WORDS: [Word; 5] = [Word::Description, Word::Unit, Word::Target, Word::Level, Word::Crate];

/// Those of the macros whose metrics have buckets.
const WORDS_WITH_BUCKETS: [Word; 7] = [
    Word::Description,
    Word::Unit,
    Word::Schema,
    Word::Buckets,
    Word::Target,
    Word::Level,
    Word::Crate,
];

impl Call {
    /// Reads the tokens of a call.
    ///
    /// # Errors
    ///
    /// All mistakes of the call, combined.
    pub(crate) fn read(kind: Kind, tokens: TokenStream) -> Result<Call> {
        let mut refusals = Refusals::default();
        let (root, tokens) = Root::before(tokens, &mut refusals);
        let grammar = Grammar {
            owner: kind.macro_name(),
            words: if kind.has_buckets() { &WORDS_WITH_BUCKETS } else { &WORDS },
            place: Place::Call { of_time: kind.is_of_time() },
            label: "write a label as \"key\" => value",
        };
        let arguments = Arguments::read(tokens, &grammar, &mut refusals);
        let mut plain = arguments.plain.into_iter();
        let name = plain.next().and_then(|first| name(kind.macro_name(), first, &mut refusals));
        let missing = missing_name(kind.macro_name(), &arguments.labels);
        let listed = label::check(arguments.labels, Keys::Any, &[], &mut refusals);
        let labels = labels(plain, listed, arguments.sets, &mut refusals);
        if let (Labels::Set(..), Some(Name::Computed(name))) = (&labels, &name) {
            if !matches!(ungrouped(name), Expr::Path(_)) {
                let message = "expected a literal or constant name before a set of labels, found \
                               an expression: write the name in quotes";
                refusals.at(name, message);
            }
        }
        let mut options = arguments.options;
        let root = options.root.take().map_or(root, Root::Path);
        let said = Said::from(options);
        match name {
            Some(name) => refusals.unless_refused(Call { kind, name, labels, said, root }),
            None => Err(refusals.and(missing)),
        }
    }

    /// True where what is said of the metric is said once at this place: its name is the same at each call.
    pub(crate) fn says_once(&self) -> bool {
        matches!((&self.name, &self.labels), (Name::Literal(_), _) | (_, Labels::Set(..)))
    }
}

impl ToTokens for Name {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        match self {
            Name::Literal(name) => name.to_tokens(tokens),
            Name::Computed(name) => name.to_tokens(tokens),
        }
    }
}

/// What the name is, which stands first of all that is neither a label nor an option.
pub(crate) fn name(owner: &str, first: Expr, refusals: &mut Refusals) -> Option<Name> {
    if let Some(literal) = string_literal(&first) {
        text::check_name(literal, refusals);
        return Some(Name::Literal(literal.clone()));
    }
    if matches!(ungrouped(&first), Expr::Lit(_)) {
        let message = format!("expected a name, found {}: {}", found(&first), write_name(owner));
        refusals.at(&first, message);
    }
    Some(Name::Computed(first))
}

/// Takes one of the ways to give labels, and refuses what is given beside it.
fn labels(
    plain: impl Iterator<Item = Expr>,
    listed: Vec<Label>,
    sets: Vec<Expr>,
    refusals: &mut Refusals,
) -> Labels {
    let mut collected = Vec::new();
    for expr in plain {
        match ungrouped(&expr) {
            // A literal was meant as a key.
            Expr::Lit(_) => refusals.at(&expr, missing_value(&expr)),
            _ => collected.push(expr),
        }
    }
    let (mut collected, mut sets) = (collected.into_iter(), sets.into_iter());
    let (first, set) = (collected.next(), sets.next());
    for more in collected.chain(sets) {
        let message = "expected labels from one expression, found another one: put them together, \
                       or write each as \"key\" => value";
        refusals.at(&more, message);
    }
    match (first, set) {
        (None, None) => Labels::Listed(listed),
        (None, Some(set)) => {
            for label in listed.iter().filter(|label| !label.is_fixed()) {
                let message = "expected literal labels beside a set of labels, found one that is \
                               known only at run time: make it a field of the set";
                refusals.at(label, message);
            }
            Labels::Set(set, listed)
        }
        (Some(all), set) => {
            let (single, found) = match (&set, listed.first()) {
                (Some(set), _) => (Some(set as &dyn ToTokens), "a set of them"),
                (None, Some(label)) => (Some(label as _), "a single one"),
                (None, None) => (None, ""),
            };
            if let Some(single) = single {
                let message = format!(
                    "expected all labels from the expression before or none, found {found}: put \
                     it into the expression, or write each as \"key\" => value"
                );
                refusals.at(single, message);
            }
            Labels::Collected(all)
        }
    }
}

/// True for `vec![]` and `Vec::new()`, of whose elements the compiler cannot tell the type.
pub(crate) fn is_empty_vec(labels: &Expr) -> bool {
    match ungrouped(labels) {
        Expr::Macro(call) => call.mac.path.is_ident("vec") && call.mac.tokens.is_empty(),
        Expr::Call(call) if call.args.is_empty() => match &*call.func {
            Expr::Path(path) => {
                let mut backwards = path.path.segments.iter().rev();
                let mut next_is = |name| {
                    backwards
                        .next()
                        .is_some_and(|part| part.ident == name && part.arguments.is_empty())
                };
                next_is("new") && next_is("Vec")
            }
            _ => false,
        },
        _ => false,
    }
}

pub(crate) fn missing_name(owner: &str, labels: &[parse::label::Label]) -> Error {
    match labels.first() {
        Some(label) => Error::new_spanned(
            &label.key,
            format!("expected a name before the labels, found none: {}", write_name(owner)),
        ),
        None => Error::new(
            Span::call_site(),
            format!("expected a name, found none: {}", write_name(owner)),
        ),
    }
}

fn write_name(owner: &str) -> String {
    format!("write {owner}(\"name\")")
}

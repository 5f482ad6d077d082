//! The model of `#[timed]`: which series a function records into, and what its body is.

use proc_macro2::TokenStream;
use syn::{Attribute, Expr, Lit, LitStr, Meta, Result};

use crate::model::label::{self, Label, Value};
use crate::model::{Root, text};
use crate::parse::argument::{Arguments, Grammar, found, string_literal};
use crate::parse::item::Function;
use crate::parse::option::{Options, Word};
use crate::refusals::Refusals;

/// A function to time, and where its times go.
pub(crate) struct Timed {
    pub(crate) function: Function,
    pub(crate) series: Series,
    pub(crate) root: Root,
}

/// The series that a function records into.
pub(crate) struct Series {
    /// The family's name, where it is one of the function's own.
    pub(crate) name: Option<LitStr>,
    pub(crate) function: FunctionLabel,
    /// Key and value of each further label.
    pub(crate) labels: Vec<(LitStr, LitStr)>,
}

/// The label that tells the functions of a family apart.
pub(crate) enum FunctionLabel {
    /// The path of the function, taken at first use.
    Path,
    /// What `function = "…"` says.
    Fixed(LitStr),
    /// None: a family of one's own needs none.
    Absent,
}

const OWNER: &str = "#[timed]";

/// The key of the label that `#[timed]` adds.
pub(crate) const FUNCTION_KEY: &str = "function";

impl Timed {
    /// Reads an attribute's arguments and the item under it.
    ///
    /// # Errors
    ///
    /// All mistakes of both, combined.
    pub(crate) fn read(arguments: TokenStream, item: TokenStream) -> Result<Timed> {
        let grammar = Grammar {
            owner: OWNER,
            words: &[Word::Name, Word::Function, Word::Labels, Word::Crate],
            bare_words: true,
            label: "give a name in quotes",
        };
        let mut refusals = Refusals::default();
        let arguments = Arguments::read(arguments, &grammar, &mut refusals);
        let root = Root::from(arguments.options.root.clone());
        let series = Series::read(arguments, &mut refusals);
        let function = match Function::read(item, OWNER) {
            Ok(function) => function,
            Err(error) => return Err(refusals.and(error)),
        };
        refuse_untimeable(&function, &mut refusals);
        refusals.unless_refused(Timed { function, series, root })
    }

    /// True when the body runs inside a future.
    pub(crate) fn is_async(&self) -> bool {
        self.function.qualifier("async").is_some()
    }

    /// What the family is described by: a family that functions share says it by itself.
    pub(crate) fn description(&self) -> Option<String> {
        self.series.name.as_ref()?;
        first_doc_line(&self.function.attributes)
    }
}

impl Series {
    fn read(arguments: Arguments, refusals: &mut Refusals) -> Series {
        for label in &arguments.labels {
            let message = "expected labels in a list of their own, found one outside of it: \
                 write labels(\"key\" => \"value\")";
            refusals.at(&label.key, message);
        }
        let options = arguments.options;
        // Asked of what was written, as a refused name does not bring the function's path back.
        let is_own_family = !arguments.plain.is_empty() || options.has(Word::Name);
        let name = name(&arguments.plain, &options, refusals);
        if let Some(function) = &options.function {
            check_function(function, refusals);
        }
        let function = match options.function {
            Some(text) => FunctionLabel::Fixed(text),
            None if is_own_family => FunctionLabel::Absent,
            None => FunctionLabel::Path,
        };
        let implied = match function {
            FunctionLabel::Absent => None,
            FunctionLabel::Path | FunctionLabel::Fixed(_) => Some(FUNCTION_KEY),
        };
        let labels = label::check(options.labels, implied, refusals);
        let labels = labels.into_iter().filter_map(|label| fixed(label, refusals)).collect();
        Series { name, function, labels }
    }
}

/// The family's name from the first argument or from `name = …`, not from both.
fn name(plain: &[Expr], options: &Options, refusals: &mut Refusals) -> Option<LitStr> {
    let mut name = None;
    for expr in plain {
        match string_literal(expr) {
            None => refusals.at(
                expr,
                format!(
                    "expected a name in quotes, found {}: write #[timed(\"name\")]",
                    found(expr)
                ),
            ),
            Some(_) if name.is_some() => {
                refusals.at(expr, "expected one name, found a second one: remove one of the two");
            }
            Some(literal) => name = Some(literal.clone()),
        }
    }
    if let Some(given) = &options.name {
        if name.is_some() {
            refusals.at(
                &given.word,
                "expected one name, found `name` beside the name in first place: \
                 remove one of the two",
            );
        }
        name.get_or_insert_with(|| given.value.clone());
    }
    if let Some(name) = &name {
        text::check_name(name, refusals);
    }
    name
}

fn check_function(function: &LitStr, refusals: &mut Refusals) {
    if function.value().is_empty() {
        let message = "expected a value for `function`, found an empty string: \
             name the function, or remove the option to record its path";
        refusals.at(function, message);
    }
    text::check_value(function, refusals);
}

fn fixed(label: Label, refusals: &mut Refusals) -> Option<(LitStr, LitStr)> {
    match label.value {
        Value::Fixed(value) => Some((label.key, value)),
        Value::Text(expr) | Value::Displayed(expr) => {
            let message = "expected a literal as label value of #[timed], found a value known at run time: \
                 write a literal, or use timer! in the body";
            refusals.at(expr, message);
            None
        }
    }
}

/// Refuses functions whose body cannot have a guard in it.
fn refuse_untimeable(function: &Function, refusals: &mut Refusals) {
    if let Some(word) = function.qualifier("const") {
        let message = "expected a function that runs at run time only, found a `const fn`: \
                 remove `const` or #[timed]";
        refusals.at(word, message);
    }
    for attribute in &function.attributes {
        if names_naked(&attribute.meta) {
            let message = "expected a body that a guard can be put into, found a naked function: \
                 remove #[timed]";
            refusals.at(attribute, message);
        }
    }
}

/// True for `naked` and `unsafe(naked)`.
fn names_naked(meta: &Meta) -> bool {
    match meta {
        Meta::List(list) if list.path.is_ident("unsafe") => list.tokens.to_string() == "naked",
        other => other.path().is_ident("naked"),
    }
}

/// The first line of the doc comment that says something.
fn first_doc_line(attributes: &[Attribute]) -> Option<String> {
    attributes.iter().filter_map(doc_text).find_map(|text| {
        let line = text.lines().map(str::trim).find(|line| !line.is_empty())?;
        Some(line.to_owned())
    })
}

fn doc_text(attribute: &Attribute) -> Option<String> {
    let Meta::NameValue(doc) = &attribute.meta else { return None };
    if !doc.path.is_ident("doc") {
        return None;
    }
    match &doc.value {
        Expr::Lit(literal) => match &literal.lit {
            Lit::Str(text) => Some(text.value()),
            _ => None,
        },
        _ => None,
    }
}

//! The model of `#[timed]` on a function: what is recorded of it, and whether it can be.

use proc_macro2::{Ident, TokenStream};
use syn::{Attribute, Error, Expr, Lit, LitStr, Meta, Result};

use crate::model::label::{self, Implied, Keys, Label, Value};
use crate::model::{Root, text};
use crate::parse::argument::{Arguments, Grammar, Place, found, string_literal};
use crate::parse::body::Work;
use crate::parse::item::Function;
use crate::parse::option::{Given, Options, Word};
use crate::parse::signature::{Returned, Signature};
use crate::refusals::Refusals;

/// The attribute as its user writes it; messages name it.
pub(crate) const OWNER: &str = "#[timed]";

/// The key of the label that `#[timed]` adds.
const FUNCTION_KEY: &str = "function";

const FUNCTION: Implied =
    Implied { key: FUNCTION_KEY, remedy: "function = \"…\" sets its value" };

const OUTCOME: Implied =
    Implied { key: "outcome", remedy: "tells how the call ended: choose another key" };

/// A function to time, and what is recorded of it.
pub(crate) struct Timed {
    pub(crate) function: Function,
    pub(crate) settings: Settings,
    /// Known where the body is wrapped.
    pub(crate) signature: Option<Signature>,
}

/// What the attribute's arguments say.
#[derive(Clone)]
pub(crate) struct Settings {
    pub(crate) root: Root,
    /// The family of the durations, where it is one of the function's own.
    pub(crate) name: Option<LitStr>,
    /// The label `function`, where it is not the path.
    pub(crate) function: Option<LitStr>,
    pub(crate) labels: Vec<Label>,
    pub(crate) description: Option<LitStr>,
    pub(crate) unit: Option<Expr>,
    pub(crate) schema: Option<i8>,
    pub(crate) buckets: Option<Vec<Expr>>,
    /// One call in so many is timed.
    pub(crate) sample: Option<u32>,
    pub(crate) in_flight: bool,
    pub(crate) busy: Option<Ident>,
    /// True where calls that return no value are timed, too.
    pub(crate) outcome: Option<Given<bool>>,
    pub(crate) skip: bool,
    /// True where another macro will look at the function, and may want it to be an `async fn`.
    pub(crate) stays_async: bool,
}

impl Timed {
    /// A function with what was written of it.
    ///
    /// # Errors
    ///
    /// All reasons why it cannot be timed so, combined.
    pub(crate) fn new(function: Function, settings: Settings) -> Result<Timed> {
        let mut refusals = Refusals::default();
        refuse_untimeable(&function, &settings, &mut refusals);
        let mut timed = Timed { function, settings, signature: None };
        // `#[must_use]` of an async function is about what its future gives, and would then be about the future.
        timed.settings.stays_async |= timed.function.attributes.iter().any(may_be_macro);
        if timed.wraps() || timed.takes_labels_at_call() {
            match Signature::read(timed.function.head.clone()) {
                Ok(signature) => timed.signature = Some(signature),
                Err(error) => refusals.push(error),
            }
        }
        refusals.unless_refused(timed)
    }

    /// True where the body, or the future, is put into something of ours.
    pub(crate) fn wraps(&self) -> bool {
        self.settings.outcome.is_some() || self.settings.busy.is_some()
    }

    /// True for an `async fn` with labels that are to be taken when it is called, before its future is polled.
    fn takes_labels_at_call(&self) -> bool {
        self.function.qualifier("async").is_some()
            && self.settings.computed_labels().next().is_some()
    }

    /// True where an `async fn` becomes a function that returns its future.
    pub(crate) fn is_lowered(&self) -> bool {
        let returned = self.signature.as_ref().map(|signature| &signature.returned);
        self.function.qualifier("async").is_some()
            && !self.settings.stays_async
            // On stable, `!` can only be named where a function returns it.
            && returned.is_some_and(|returned| !matches!(returned, Returned::Never))
            // A label may use what a pattern binds, and that is bound in the future only.
            && !(self.takes_labels_at_call()
                && self.signature.as_ref().is_some_and(|signature| signature.has_pattern))
    }

    /// True when the work is done inside a future.
    pub(crate) fn is_async(&self) -> bool {
        is_async(&self.function)
    }

    /// What the family is described by: a family that functions share says it by itself.
    pub(crate) fn description(&self) -> Option<String> {
        self.settings.name.as_ref()?;
        match &self.settings.description {
            Some(text) => Some(text.value()),
            None => first_doc_line(&self.function.attributes),
        }
    }
}

impl Settings {
    /// Reads an attribute's arguments.
    pub(crate) fn read(arguments: TokenStream, refusals: &mut Refusals) -> Settings {
        let grammar = Grammar {
            owner: OWNER,
            words: &[
                Word::Name,
                Word::Function,
                Word::Labels,
                Word::Outcome,
                Word::InFlight,
                Word::Busy,
                Word::Sample,
                Word::Unit,
                Word::Description,
                Word::Schema,
                Word::Buckets,
                Word::Skip,
                Word::Crate,
            ],
            place: Place::Attribute,
            label: "give a name in quotes",
        };
        let arguments = Arguments::read(arguments, &grammar, refusals);
        for label in &arguments.labels {
            let message = "expected labels in a list of their own, found one outside of it: \
                 write labels(\"key\" => \"value\")";
            refusals.at(&label.key, message);
        }
        for set in &arguments.sets {
            let message = "expected labels in a list of their own, found a set of them: \
                 write each as labels(\"key\" => value)";
            refusals.at(set, message);
        }
        let options = arguments.options;
        if let Some(skip) = &options.skip {
            if options.count() > 1 || !arguments.plain.is_empty() {
                let message =
                    "expected `skip` alone, found it beside others: remove it or the others";
                refusals.at(skip, message);
            }
        }
        // Asked of what was written, as a refused name does not bring the function's path back.
        let is_own_family = !arguments.plain.is_empty() || options.has(Word::Name);
        let name = name(&arguments.plain, &options, refusals);
        if !is_own_family {
            refuse_of_shared(&options, refusals);
        }
        if let Some(function) = &options.function {
            check_function(&function.value, refusals);
        }
        let adds_series = options.outcome.is_some()
            || options.in_flight.is_some()
            || options.busy.is_some()
            || options.sample.is_some();
        let mut implied = Vec::new();
        if !is_own_family || options.function.is_some() || adds_series {
            implied.push(FUNCTION);
        }
        if options.outcome.is_some() {
            implied.push(OUTCOME);
        }
        Settings {
            root: Root::from(options.root),
            name,
            function: options.function.map(|given| given.value),
            labels: label::check(options.labels, Keys::Literal, &implied, refusals),
            description: options
                .description
                .and_then(|given| string_literal(&given.value).cloned()),
            unit: options.unit.map(|given| given.value),
            schema: options.schema,
            buckets: options.buckets,
            sample: options.sample,
            in_flight: options.in_flight.is_some(),
            busy: options.busy,
            outcome: options.outcome,
            skip: options.skip.is_some(),
            stays_async: false,
        }
    }

    /// The labels whose values are known at run time.
    pub(crate) fn computed_labels(&self) -> impl Iterator<Item = &Label> {
        self.labels.iter().filter(|label| !matches!(label.value, Value::Fixed(_)))
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

/// What belongs to a family is not for one of the functions that share it to say.
fn refuse_of_shared(options: &Options, refusals: &mut Refusals) {
    let description = options.description.as_ref().map(|given| &given.word);
    let unit = options.unit.as_ref().map(|given| &given.word);
    for word in description.into_iter().chain(unit) {
        let message = format!(
            "expected `{word}` beside a name of the function's own, found it without: \
             `function_duration_seconds` is shared by all functions, so write #[timed(\"name\", {word} = …)]"
        );
        refusals.at(word, message);
    }
}

fn check_function(function: &LitStr, refusals: &mut Refusals) {
    if function.value().is_empty() {
        let message = "expected a value for `function`, found an empty string: \
             name the function, or remove the option to record its path";
        refusals.at(function, message);
    }
    text::check_value(function, refusals);
}

/// Why a function cannot be timed at all, at the token that says so.
pub(crate) fn untimeable(function: &Function) -> Option<Error> {
    if let Some(word) = function.qualifier("const") {
        let message = "expected a function that runs at run time only, found a `const fn`: \
                 remove `const` or #[timed]";
        return Some(Error::new_spanned(word, message));
    }
    let naked = function.attributes.iter().find(|attribute| names_naked(&attribute.meta))?;
    let message = "expected a body that a guard can be put into, found a naked function: \
                 remove #[timed]";
    Some(Error::new_spanned(naked, message))
}

fn refuse_untimeable(function: &Function, settings: &Settings, refusals: &mut Refusals) {
    if let Some(error) = untimeable(function) {
        refusals.push(error);
    }
    if let Some(word) = settings.busy.as_ref().filter(|_| !is_async(function)) {
        let message = "expected `busy` on an async function, found it on one that has no polls: \
                 remove it, as the durations of such a function are all busy";
        refusals.at(word, message);
    }
    let track_caller = function
        .attributes
        .iter()
        .find(|attribute| settings.outcome.is_some() && attribute.path().is_ident("track_caller"));
    if let Some(attribute) = track_caller {
        let message = "expected no #[track_caller] beside `outcome`, which moves the body into a closure \
                 with a caller of its own: remove one of the two";
        refusals.at(attribute, message);
    }
    if let Work::Future(future) = &function.work {
        if settings.computed_labels().next().is_some() && !future.is_move() {
            let message = "expected `async move`, found `async`: labels are taken at the call, \
                     and the future outlives it, so write `async move`";
            refusals.at(&future.head[0], message);
        }
    }
}

pub(crate) fn is_async(function: &Function) -> bool {
    function.qualifier("async").is_some() || matches!(function.work, Work::Future(_))
}

/// The attributes that the compiler knows itself, of those that functions and blocks have.
const BUILT_IN: [&str; 21] = [
    "allow",
    "automatically_derived",
    "cfg",
    "cold",
    "coverage",
    "deny",
    "deprecated",
    "doc",
    "expect",
    "export_name",
    "forbid",
    "ignore",
    "inline",
    "link_section",
    "no_mangle",
    "should_panic",
    "target_feature",
    "test",
    "track_caller",
    "unsafe",
    "warn",
];

/// True for an attribute that may be a macro, such as `tokio::main` or `async_trait`.
pub(crate) fn may_be_macro(attribute: &Attribute) -> bool {
    let segments = &attribute.path().segments;
    let Some(first) = segments.first() else { return false };
    let known: &[&str] = if segments.len() == 1 {
        &BUILT_IN
    } else {
        &["clippy", "diagnostic", "rustdoc", "rustfmt"]
    };
    !known.iter().any(|name| first.ident == name)
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

//! The model of `#[derive(LabelSet)]`: which values a label can have, or which labels a set has.
//!
//! How many series that makes is found out by the compiler, which knows the types of a set's fields.

use std::collections::BTreeSet;

use proc_macro2::Ident;
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::{Fields, Generics, LitStr, Result, Type};

use crate::model::case::Case;
use crate::model::label::LABELS_MAX;
use crate::model::{Root, text};
use crate::parse::label_set as parse;
use crate::refusals::Refusals;

/// The derive as its user writes it; messages name it.
const OWNER: &str = "#[derive(LabelSet)]";

/// A type that is a set of labels.
pub(crate) struct LabelSet {
    pub(crate) root: Root,
    pub(crate) name: Ident,
    pub(crate) generics: Generics,
    pub(crate) is_deprecated: bool,
    pub(crate) labels: Labels,
}

/// The labels of a set.
pub(crate) enum Labels {
    /// The one label that an enum is.
    One(Label),
    /// Those of a struct's fields.
    Many(Vec<Field>),
}

/// A label, and its values in the order of writing.
pub(crate) struct Label {
    pub(crate) key: LitStr,
    pub(crate) values: Vec<Value>,
    /// The variant of every text that is no value.
    pub(crate) other: Option<Ident>,
}

/// A value of a label.
pub(crate) struct Value {
    pub(crate) variant: Ident,
    pub(crate) text: LitStr,
}

/// A label that is a field of a set.
pub(crate) struct Field {
    pub(crate) name: Ident,
    pub(crate) key: LitStr,
    pub(crate) ty: Type,
}

impl LabelSet {
    /// Checks what was declared; `refusals` are those of its reading.
    ///
    /// # Errors
    ///
    /// All mistakes of the declaration, combined.
    pub(crate) fn new(declared: &parse::Declared, mut refusals: Refusals) -> Result<LabelSet> {
        let parse::Declared { name, generics, words, body, is_deprecated } = declared;
        let case = case(words.rename_all.as_ref(), &mut refusals);
        let labels = match body {
            parse::Body::Enum(variants) => {
                let key = words.key.clone().unwrap_or_else(|| {
                    LitStr::new(&Case::Snake.of_variant(&unraw(name)), name.span())
                });
                text::check_key(&key, &mut refusals);
                Labels::One(label(name, key, variants, case, &mut refusals))
            }
            parse::Body::Struct(fields) => Labels::Many(many(name, fields, case, &mut refusals)),
            parse::Body::Nameless(fields) => {
                let (tokens, found, remedy) = match fields {
                    Fields::Unnamed(fields) => {
                        (fields.into_token_stream(), "fields without names", "name them")
                    }
                    _ => (name.to_token_stream(), "no fields", "give it one for each label"),
                };
                let message =
                    format!("expected a struct with named fields, found {found}: {remedy}");
                refusals.at(tokens, message);
                Labels::Many(Vec::new())
            }
            parse::Body::Union(word) => {
                let message = format!(
                    "expected an enum or a struct, found a union: put {OWNER} on an enum of unit \
                     variants, or on a struct of such enums"
                );
                refusals.at(word, message);
                Labels::Many(Vec::new())
            }
        };
        refusals.unless_refused(LabelSet {
            root: Root::from(words.root.clone()),
            name: name.clone(),
            generics: generics.clone(),
            is_deprecated: *is_deprecated,
            labels,
        })
    }
}

fn case(word: Option<&LitStr>, refusals: &mut Refusals) -> Option<Case> {
    let word = word?;
    let case = Case::of(&word.value());
    if case.is_none() {
        let [words @ .., last] = Case::WORDS.map(|(word, _)| format!("{word:?}"));
        let message = format!(
            "expected a way to write names for `rename_all`, found {:?}: use {} or {last}",
            word.value(),
            words.join(", ")
        );
        refusals.at(word, message);
    }
    case
}

fn label(
    name: &Ident,
    key: LitStr,
    variants: &[parse::Variant],
    case: Option<Case>,
    refusals: &mut Refusals,
) -> Label {
    if variants.is_empty() {
        refusals.at(name, "expected an enum with variants, found none: add one for each value");
    }
    let mut label = Label { key, values: Vec::new(), other: None };
    let mut texts = BTreeSet::new();
    for parse::Variant { name, fields, words } in variants {
        if !matches!(fields, Fields::Unit) {
            let message = format!(
                "expected a variant that is a name alone, found fields behind `{name}`: remove them, as \
                 all values have to be known before the program runs"
            );
            refusals.at(fields, message);
        }
        let text = words.text.clone().unwrap_or_else(|| {
            let name_of_it = unraw(name);
            let text = case.map_or_else(|| name_of_it.clone(), |case| case.of_variant(&name_of_it));
            LitStr::new(&text, name.span())
        });
        text::check_value(&text, refusals);
        if !texts.insert(text.value()) {
            let message = format!(
                "expected the value {:?} once, found it again: give one of the two another",
                text.value()
            );
            refusals.at(&text, message);
        }
        if let Some(word) = &words.other {
            if label.other.is_some() {
                refusals.at(
                    word,
                    "expected `other` on one variant, found it on another: remove one of the two",
                );
            }
            label.other = Some(name.clone());
        }
        label.values.push(Value { variant: name.clone(), text });
    }
    label
}

fn many(
    name: &Ident,
    fields: &[parse::Field],
    case: Option<Case>,
    refusals: &mut Refusals,
) -> Vec<Field> {
    if fields.is_empty() {
        let message =
            "expected a struct with named fields, found no fields: give it one for each label";
        refusals.at(name, message);
    }
    if let Some(beyond) = fields.get(LABELS_MAX) {
        let count = fields.len();
        let message = format!(
            "expected at most {LABELS_MAX} labels on one series, found {count}: remove some"
        );
        refusals.at(&beyond.name, message);
    }
    let mut keys = BTreeSet::new();
    let mut labels = Vec::new();
    for parse::Field { name, ty, words } in fields {
        let key = words.text.clone().unwrap_or_else(|| {
            let name_of_it = unraw(name);
            let key = case.map_or_else(|| name_of_it.clone(), |case| case.of_field(&name_of_it));
            LitStr::new(&key, name.span())
        });
        text::check_key(&key, refusals);
        if !keys.insert(key.value()) {
            let message = format!(
                "expected the label `{}` once, found it again: give one of the two another key",
                key.value()
            );
            refusals.at(&key, message);
        }
        labels.push(Field { name: name.clone(), key, ty: ty.clone() });
    }
    labels
}

/// A name without the `r#` before it.
fn unraw(name: &Ident) -> String {
    name.unraw().to_string()
}

//! What stands under `#[derive(LabelSet)]`: an item, and the words of the `#[label(…)]` on it and in it.
//!
//! Which words there are depends on the place; all attributes of one place are read as one list. Whether the item
//! can be a set of labels, and whether its texts can be keys and values, is for [`crate::model`].

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::{
    Attribute, Data, DeriveInput, Error, Expr, Fields, Generics, Ident, LitStr, Meta, Path, Result,
    Token, Type,
};

use crate::parse::argument::{found, read_list, string_literal};
use crate::parse::value;
use crate::refusals::Refusals;

/// An item under the derive.
pub(crate) struct Declared {
    pub(crate) name: Ident,
    pub(crate) generics: Generics,
    pub(crate) words: Words,
    pub(crate) body: Body,
    /// True where the compiler warns of uses of the item, or of a part of it.
    pub(crate) is_deprecated: bool,
}

/// What an item consists of.
pub(crate) enum Body {
    Enum(Vec<Variant>),
    Struct(Vec<Field>),
    /// Of a struct whose fields have no names, or that has no list of them.
    Nameless(Fields),
    Union(Token![union]),
}

/// A variant of an enum.
pub(crate) struct Variant {
    pub(crate) name: Ident,
    pub(crate) fields: Fields,
    pub(crate) words: Words,
}

/// A named field of a struct.
pub(crate) struct Field {
    pub(crate) name: Ident,
    pub(crate) ty: Type,
    pub(crate) words: Words,
}

impl Declared {
    /// Reads the item; mistakes in its attributes go to `refusals`.
    ///
    /// # Errors
    ///
    /// Where it is no item that can stand under a derive.
    pub(crate) fn read(item: TokenStream, refusals: &mut Refusals) -> Result<Declared> {
        let DeriveInput { attrs, ident, generics, data, .. } = syn::parse2(item)?;
        let mut is_deprecated = false;
        let mut words = |attributes: &[Attribute], place| {
            is_deprecated |= attributes.iter().any(|one| one.path().is_ident("deprecated"));
            Words::read(attributes, place, refusals)
        };
        let place = if matches!(data, Data::Enum(_)) { Place::Enum } else { Place::Struct };
        let own = words(&attrs, place);
        let body = match data {
            Data::Enum(data) => {
                let variants = data.variants.into_iter().map(|variant| Variant {
                    words: words(&variant.attrs, Place::Variant),
                    name: variant.ident,
                    fields: variant.fields,
                });
                Body::Enum(variants.collect())
            }
            Data::Struct(data) => match data.fields {
                Fields::Named(fields) => {
                    let fields = fields.named.into_iter().filter_map(|field| {
                        let words = words(&field.attrs, Place::Field);
                        Some(Field { words, name: field.ident?, ty: field.ty })
                    });
                    Body::Struct(fields.collect())
                }
                nameless => Body::Nameless(nameless),
            },
            Data::Union(data) => Body::Union(data.union_token),
        };
        Ok(Declared { name: ident, generics, words: own, body, is_deprecated })
    }
}

/// The words of one place. One whose value was refused is absent, as its refusal is enough.
#[derive(Default)]
pub(crate) struct Words {
    /// The text in quotes: a value, or a key.
    pub(crate) text: Option<LitStr>,
    pub(crate) key: Option<LitStr>,
    pub(crate) other: Option<Ident>,
    pub(crate) rename_all: Option<LitStr>,
    pub(crate) root: Option<Path>,
    seen: Vec<Word>,
}

/// The words there are, over all places.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Word {
    Crate,
    Key,
    Other,
    RenameAll,
    /// No word, but a text in quotes.
    Text,
}

/// Where an attribute stands.
#[derive(Clone, Copy)]
enum Place {
    Enum,
    Struct,
    Variant,
    Field,
}

impl Words {
    fn read(attributes: &[Attribute], place: Place, refusals: &mut Refusals) -> Words {
        let mut words = Words::default();
        for attribute in attributes.iter().filter(|one| one.path().is_ident("label")) {
            let Meta::List(list) = &attribute.meta else {
                let message = format!(
                    "expected a list in parentheses after `label`, found none: write {}",
                    place.example()
                );
                refusals.at(&attribute.meta, message);
                continue;
            };
            let all = |input: ParseStream| {
                read_list(input, refusals, |input, refusals| words.one(input, place, refusals));
                Ok(())
            };
            // The reader takes every token and reports through `refusals`.
            if let Err(error) = all.parse2(list.tokens.clone()) {
                refusals.push(error);
            }
        }
        words
    }

    fn one(&mut self, input: ParseStream, place: Place, refusals: &mut Refusals) -> Result<()> {
        if !input.peek(Ident::peek_any) {
            let written: Expr = input.parse()?;
            let Some(text) = string_literal(&written).filter(|_| place.knows(Word::Text)) else {
                return Err(unknown(&written, &found(&written), place));
            };
            self.once(Word::Text, text, "one text in quotes, found another", refusals);
            self.text.get_or_insert(text.clone());
            return Ok(());
        }
        let ident = input.call(Ident::parse_any)?;
        let shown = format!("`{ident}`");
        let Some(word) = Word::of(&ident).filter(|word| place.knows(*word)) else {
            return Err(unknown(&ident, &shown, place));
        };
        self.once(word, &ident, &format!("{shown} once, found it again"), refusals);
        match word {
            Word::Crate => self.root = Some(value::path(&ident, input)?),
            Word::Key => self.key = Some(value::text(&ident, input)?),
            Word::RenameAll => self.rename_all = Some(value::text(&ident, input)?),
            Word::Other => self.other = Some(value::none(&ident, input)?),
            Word::Text => {}
        }
        Ok(())
    }

    fn once(&mut self, word: Word, tokens: impl ToTokens, wrong: &str, refusals: &mut Refusals) {
        if self.seen.contains(&word) {
            refusals.at(tokens, format!("expected {wrong}: remove one of the two"));
        }
        self.seen.push(word);
    }
}

impl Word {
    fn of(ident: &Ident) -> Option<Word> {
        let words = [Word::Crate, Word::Key, Word::Other, Word::RenameAll];
        words.into_iter().find(|word| ident == word.as_str())
    }

    fn as_str(self) -> &'static str {
        match self {
            Word::Crate => "crate",
            Word::Key => "key",
            Word::Other => "other",
            Word::RenameAll => "rename_all",
            Word::Text => "",
        }
    }
}

impl Place {
    fn knows(self, word: Word) -> bool {
        let words: &[Word] = match self {
            Place::Enum => &[Word::RenameAll, Word::Key, Word::Crate],
            Place::Struct => &[Word::RenameAll, Word::Crate],
            Place::Variant => &[Word::Text, Word::Other],
            Place::Field => &[Word::Text],
        };
        words.contains(&word)
    }

    fn as_str(self) -> &'static str {
        match self {
            Place::Enum => "an enum",
            Place::Struct => "a struct",
            Place::Variant => "a variant",
            Place::Field => "a field",
        }
    }

    /// What can be written there.
    fn known(self) -> &'static str {
        match self {
            Place::Enum => "use `rename_all`, `key` or `crate`",
            Place::Struct => "use `rename_all` or `crate`",
            Place::Variant => "use its value in quotes, or `other`",
            Place::Field => "use its key in quotes",
        }
    }

    fn example(self) -> &'static str {
        match self {
            Place::Enum => "#[label(key = \"…\")]",
            Place::Struct => "#[label(rename_all = \"…\")]",
            Place::Variant | Place::Field => "#[label(\"…\")]",
        }
    }
}

fn unknown(tokens: impl ToTokens, found: &str, place: Place) -> Error {
    let message = format!(
        "expected a word of #[label] on {}, found {found}: {}",
        place.as_str(),
        place.known()
    );
    Error::new_spanned(tokens, message)
}

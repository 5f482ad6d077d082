//! What stands under an attribute: a function that is taken apart into its head and its body, a block of
//! items, or something else that a message can name.
//!
//! Only the words before a function's name are understood; signature and body stay the tokens that
//! they were. So a signature of any form passes, and nothing of it can be lost in printing it again.

use proc_macro2::{Delimiter, Span, TokenStream, TokenTree};
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::{Attribute, Error, Ident, Result, Token, Visibility};

use crate::parse::block::{Block, BlockKind};
use crate::parse::body::{Body, Work, braces, only_tree};

/// What can stand under an attribute of ours.
pub(crate) enum Target {
    Function(Box<Function>),
    Block(Block),
}

/// A function with a body.
pub(crate) struct Function {
    pub(crate) attributes: Vec<Attribute>,
    /// The words between visibility and `fn`: `const`, `async`, `unsafe`, …
    pub(crate) qualifiers: Vec<Ident>,
    /// Every token before the body.
    pub(crate) head: TokenStream,
    pub(crate) work: Work,
    name: Ident,
    is_generic: bool,
}

impl Function {
    /// True when `word` is among the qualifiers.
    pub(crate) fn qualifier(&self, word: &str) -> Option<&Ident> {
        self.qualifiers.iter().find(|ident| *ident == word)
    }

    /// True where clippy asks that the body be just what it is: nothing, in a function that has type parameters; the
    /// copy or the comparison that an implementation of `Clone` or `PartialOrd` is to be. With a statement of
    /// ours in it, it has to be known as no longer the user's own.
    pub(crate) fn is_of_one_thought(&self, body: &Body) -> bool {
        match body.rest.as_slice() {
            [] => self.is_generic,
            [TokenTree::Punct(star), TokenTree::Ident(word)] => {
                self.name == "clone" && star.as_char() == '*' && word == "self"
            }
            [TokenTree::Ident(word), TokenTree::Group(_)] => {
                self.name == "partial_cmp" && word == "Some"
            }
            _ => false,
        }
    }
}

impl Target {
    /// Takes the item under `owner` apart.
    pub(crate) fn read(item: TokenStream, owner: &str) -> Result<Target> {
        let mut trees: Vec<TokenTree> = without_invisible_braces(item).into_iter().collect();
        let last = trees.pop();
        let head: TokenStream = trees.into_iter().collect();
        let front: Front = Front::parse_with_rest.parse2(head.clone())?;
        let braces = last.as_ref().and_then(braces);
        let Some(name) = front.name else {
            let kind = front.next.as_ref().and_then(BlockKind::of_word);
            return match (kind, braces) {
                (Some(kind), Some(braces)) => {
                    let attributes = front.attributes;
                    Ok(Target::Block(Block { kind, attributes, head, braces }))
                }
                _ => Err(not_a_function(&front.qualifiers, front.next.or(last), owner)),
            };
        };
        match braces {
            Some(braces) => {
                let is_async = front.qualifiers.iter().any(|word| word == "async");
                Ok(Target::Function(Box::new(Function {
                    attributes: front.attributes,
                    qualifiers: front.qualifiers,
                    head,
                    work: Work::read(braces, is_async)?,
                    name,
                    is_generic: front.next.is_some_and(|tree| tree.to_string() == "<"),
                })))
            }
            None => Err(Error::new_spanned(
                last,
                format!(
                    "expected a function with a body, found `{name}` without one: \
                     give it a body, or put {owner} on what implements it"
                ),
            )),
        }
    }
}

/// What comes before a function's signature, and what comes next where that is no function.
struct Front {
    attributes: Vec<Attribute>,
    qualifiers: Vec<Ident>,
    name: Option<Ident>,
    next: Option<TokenTree>,
}

impl Front {
    fn parse_with_rest(input: ParseStream) -> Result<Front> {
        let attributes = input.call(Attribute::parse_outer)?;
        input.parse::<Visibility>()?;
        let mut qualifiers = Vec::new();
        while is_qualifier(input) {
            qualifiers.push(input.call(Ident::parse_any)?);
            input.parse::<Option<syn::LitStr>>()?;
        }
        let function: Option<Token![fn]> = input.parse()?;
        let name = if function.is_some() { Some(input.call(Ident::parse_any)?) } else { None };
        let rest: TokenStream = input.parse()?;
        Ok(Front { attributes, qualifiers, name, next: rest.into_iter().next() })
    }
}

/// True at a word that may stand before `fn`, `default` and `safe` included where a word follows them.
fn is_qualifier(input: ParseStream) -> bool {
    let fork = input.fork();
    fork.call(Ident::parse_any).is_ok_and(|ident| {
        ["const", "async", "unsafe", "extern"].iter().any(|word| ident == word)
            || (["default", "safe"].iter().any(|word| ident == word) && fork.peek(Ident::peek_any))
    })
}

fn not_a_function(qualifiers: &[Ident], next: Option<TokenTree>, owner: &str) -> Error {
    let next_word = next.as_ref().map(ToString::to_string).unwrap_or_default();
    let last_qualifier = qualifiers.last().map(ToString::to_string).unwrap_or_default();
    let (found, at_qualifier) = match (next_word.as_str(), last_qualifier.as_str()) {
        ("struct", _) => ("a struct", false),
        ("enum", _) => ("an enum", false),
        ("union", _) => ("a union", false),
        ("mod", _) => ("a module in another file", false),
        ("use", _) => ("an import", false),
        ("static", _) => ("a static", false),
        ("type", _) => ("a type alias", false),
        ("macro_rules" | "macro", _) => ("a macro", false),
        ("crate", "extern") => ("an extern crate", true),
        (_, "extern") => ("an extern block", true),
        (_, "const") => ("a constant", true),
        _ => ("something else", false),
    };
    let word = if at_qualifier { qualifiers.last().map(ToTokens::to_token_stream) } else { None };
    let span_of = word.or_else(|| next.map(TokenStream::from));
    let message = format!(
        "expected a function, found {found}: \
         put {owner} on a function with a body, an impl block, a trait, or a module with its items"
    );
    match span_of {
        Some(tokens) => Error::new_spanned(tokens, message),
        None => Error::new(Span::call_site(), message),
    }
}

/// `item` without the invisible delimiters of an `$item:item` fragment.
fn without_invisible_braces(item: TokenStream) -> TokenStream {
    match only_tree(item.clone()) {
        Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::None => {
            without_invisible_braces(group.stream())
        }
        _ => item,
    }
}

//! What stands under an attribute: a function that is taken apart into its head and its body, or
//! something else that a message can name.
//!
//! Only the words before the function's name are understood; signature and body stay the tokens that
//! they were. So a signature of any form passes, and nothing of it can be lost in printing it again.

use proc_macro2::{Delimiter, Group, Span, TokenStream, TokenTree};
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::parse::discouraged::Speculative;
use syn::parse::{Parse, ParseStream, Parser};
use syn::{Attribute, Error, Ident, Item, Result, Token, Visibility};

/// A function with a body.
pub(crate) struct Function {
    pub(crate) attributes: Vec<Attribute>,
    /// The words between visibility and `fn`: `const`, `async`, `unsafe`, …
    pub(crate) qualifiers: Vec<Ident>,
    /// Every token before the body.
    pub(crate) head: TokenStream,
    pub(crate) body: Body,
}

/// A function's body, cut where a statement can be put in without a change for those around it.
pub(crate) struct Body {
    /// The braces, with their place in the source.
    pub(crate) braces: Group,
    /// Inner attributes, which must come first, and the items that stand before the first statement:
    /// a statement before them would be one that clippy's `items_after_statements` complains about.
    pub(crate) opening: TokenStream,
    /// The rest, untouched.
    pub(crate) rest: TokenStream,
}

impl Function {
    /// True when `word` is among the qualifiers.
    pub(crate) fn qualifier(&self, word: &str) -> Option<&Ident> {
        self.qualifiers.iter().find(|ident| *ident == word)
    }

    /// Takes the item under `owner` apart.
    pub(crate) fn read(item: TokenStream, owner: &str) -> Result<Function> {
        let mut trees: Vec<TokenTree> = without_invisible_braces(item).into_iter().collect();
        let last = trees.pop();
        let head: TokenStream = trees.into_iter().collect();
        let front: Front = Front::parse_with_rest.parse2(head.clone())?;
        let Some(name) = front.name else {
            return Err(not_a_function(&front.qualifiers, front.next.or(last), owner));
        };
        match last.as_ref().and_then(braces) {
            Some(braces) => Ok(Function {
                attributes: front.attributes,
                qualifiers: front.qualifiers,
                head,
                body: Body::read(braces)?,
            }),
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

impl Body {
    fn read(braces: Group) -> Result<Body> {
        // Most bodies open with a statement, and need no parser to see it.
        if !opens_with_item(braces.stream()) {
            let (opening, rest) = (TokenStream::new(), braces.stream());
            return Ok(Body { braces, opening, rest });
        }
        let cut = |input: ParseStream| {
            let mut opening = TokenStream::new();
            for attribute in input.call(Attribute::parse_inner)? {
                attribute.to_tokens(&mut opening);
            }
            while let Some(item) = leading_item(input) {
                item.to_tokens(&mut opening);
            }
            Ok((opening, input.parse()?))
        };
        let (opening, rest) = cut.parse2(braces.stream())?;
        Ok(Body { braces, opening, rest })
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

/// The words that an item can open with; statements and expressions may open with some of them, too.
const ITEM_WORDS: [&str; 16] = [
    "use",
    "fn",
    "const",
    "static",
    "struct",
    "enum",
    "union",
    "type",
    "trait",
    "impl",
    "mod",
    "unsafe",
    "extern",
    "async",
    "pub",
    "macro_rules",
];

/// False where `body` certainly opens with neither an item nor an attribute.
fn opens_with_item(body: TokenStream) -> bool {
    match body.into_iter().next() {
        Some(TokenTree::Ident(word)) => ITEM_WORDS.iter().any(|known| word == known),
        Some(TokenTree::Punct(sign)) => sign.as_char() == '#',
        Some(TokenTree::Group(group)) => group.delimiter() == Delimiter::None,
        Some(TokenTree::Literal(_)) | None => false,
    }
}

/// The next item of a body, where it is one and no statement or expression.
fn leading_item(input: ParseStream) -> Option<Item> {
    let after_attributes = input.fork();
    after_attributes.call(Attribute::parse_outer).ok()?;
    let word = after_attributes.call(Ident::parse_any).ok()?;
    if !ITEM_WORDS.iter().any(|known| word == known) {
        return None;
    }
    let attempt = input.fork();
    let item = Item::parse(&attempt).ok()?;
    // A macro call and what syn keeps as mere tokens may be statements.
    let is_item = match &item {
        Item::Macro(call) => call.ident.is_some(),
        Item::Verbatim(_) => false,
        _ => true,
    };
    if !is_item {
        return None;
    }
    input.advance_to(&attempt);
    Some(item)
}

fn not_a_function(qualifiers: &[Ident], next: Option<TokenTree>, owner: &str) -> Error {
    let next_word = next.as_ref().map(ToString::to_string).unwrap_or_default();
    let last_qualifier = qualifiers.last().map(ToString::to_string).unwrap_or_default();
    let (found, at_qualifier) = match (next_word.as_str(), last_qualifier.as_str()) {
        ("struct", _) => ("a struct", false),
        ("enum", _) => ("an enum", false),
        ("union", _) => ("a union", false),
        ("trait", _) => ("a trait", false),
        ("impl", _) => ("an impl block", false),
        ("mod", _) => ("a module", false),
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
         put {owner} on a free function, a method, or a trait method with a body"
    );
    match span_of {
        Some(tokens) => Error::new_spanned(tokens, message),
        None => Error::new(Span::call_site(), message),
    }
}

/// `tree` as a pair of braces, also where a `macro_rules!` fragment handed them on.
fn braces(tree: &TokenTree) -> Option<Group> {
    let TokenTree::Group(group) = tree else { return None };
    match group.delimiter() {
        Delimiter::Brace => Some(group.clone()),
        Delimiter::None => only_tree(group.stream()).as_ref().and_then(braces),
        _ => None,
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

fn only_tree(tokens: TokenStream) -> Option<TokenTree> {
    let mut trees = tokens.into_iter();
    let first = trees.next()?;
    trees.next().is_none().then_some(first)
}

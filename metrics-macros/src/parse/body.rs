//! A function's body: where a statement can be put into it, and the future that its last expression may be.

use proc_macro2::{Delimiter, Group, Ident, TokenStream, TokenTree};
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::parse::discouraged::Speculative;
use syn::parse::{Parse, ParseStream, Parser};
use syn::{Attribute, Item, Result};

/// Where the work of a function is done.
pub(crate) enum Work {
    /// In its body. Of an `async fn` that is the body of its future.
    Body(Body),
    /// In a future that the body makes last: `async move { … }`, or `Box::pin(async move { … })`, which
    /// is what an `async fn` of a trait becomes by `async_trait`.
    Future(Future),
}

/// A function's body, cut where a statement can be put in without a change for those around it.
pub(crate) struct Body {
    /// The braces, with their place in the source.
    pub(crate) braces: Group,
    /// Inner attributes, which must come first, and the items that stand before the first statement:
    /// a statement before them would be one that clippy's `items_after_statements` complains about.
    pub(crate) opening: TokenStream,
    /// The rest, untouched. It is taken apart once, since the compiler copies every tree for each look at a
    /// stream.
    pub(crate) rest: Vec<TokenTree>,
}

/// A future that a body makes last.
pub(crate) struct Future {
    /// The body without it: its braces and opening, and as the rest what comes before.
    pub(crate) body: Body,
    /// The parentheses of `Box::pin(…)`; what stands before them is in `body`.
    pub(crate) call: Option<Group>,
    /// `async` or `async move`
    pub(crate) head: Vec<Ident>,
    pub(crate) inner: Body,
}

impl Work {
    /// Reads a body; one that is not async by itself may end with a future.
    pub(crate) fn read(braces: Group, is_async: bool) -> Result<Work> {
        let mut body = Body::read(braces)?;
        if is_async {
            return Ok(Work::Body(body));
        }
        let Some(found) = AsyncBlock::cut_from(&mut body.rest) else {
            return Ok(Work::Body(body));
        };
        let AsyncBlock { call, head, braces } = found;
        Ok(Work::Future(Future { body, call, head, inner: Body::read(braces)? }))
    }
}

impl Future {
    /// True for `async move`.
    pub(crate) fn is_move(&self) -> bool {
        self.head.len() == 2
    }
}

/// An async block, and the parentheses of the call around it.
struct AsyncBlock {
    call: Option<Group>,
    head: Vec<Ident>,
    braces: Group,
}

impl AsyncBlock {
    /// Takes the block off the end of a body, where it is all of the last expression.
    fn cut_from(trees: &mut Vec<TokenTree>) -> Option<AsyncBlock> {
        let (mut start, found) = match trees.last()? {
            TokenTree::Group(group) if group.delimiter() == Delimiter::Parenthesis => {
                let inside: Vec<TokenTree> = group.stream().into_iter().collect();
                let comma = inside.last().is_some_and(|tree| is_punct(tree, ','));
                let (start, head, braces) =
                    AsyncBlock::at_end_of(&inside[..inside.len() - usize::from(comma)])?;
                let path = path_before(&trees[..trees.len() - 1]);
                if start != 0 || !path.ends_with(&["Box".to_owned(), "pin".to_owned()]) {
                    return None;
                }
                let found = AsyncBlock { call: Some(group.clone()), head, braces };
                // The path stays where it is; only what comes before it has to be looked at.
                let names = path.len() * 3 - 2;
                (trees.len() - 1 - names, found)
            }
            TokenTree::Group(_) => {
                let (start, head, braces) = AsyncBlock::at_end_of(trees)?;
                (start, AsyncBlock { call: None, head, braces })
            }
            _ => return None,
        };
        while found.call.is_some() && start > 0 && is_punct(&trees[start - 1], ':') {
            start -= 1;
        }
        let is_statement = match trees[..start].last() {
            None => true,
            Some(TokenTree::Group(group)) => group.delimiter() == Delimiter::Brace,
            Some(tree) => is_punct(tree, ';'),
        };
        if !is_statement {
            return None;
        }
        match found.call {
            Some(_) => drop(trees.pop()),
            None => trees.truncate(start),
        }
        Some(found)
    }

    /// Where it begins, its words and its braces.
    fn at_end_of(trees: &[TokenTree]) -> Option<(usize, Vec<Ident>, Group)> {
        let (last, before) = trees.split_last()?;
        let TokenTree::Group(braces) = last else { return None };
        let word = |place: usize| match before.get(before.len().checked_sub(place)?)? {
            TokenTree::Ident(word) => Some(word.clone()),
            _ => None,
        };
        let head = match (word(2), word(1)?) {
            (Some(first), second) if first == "async" && second == "move" => vec![first, second],
            (_, only) if only == "async" => vec![only],
            _ => return None,
        };
        (braces.delimiter() == Delimiter::Brace)
            .then(|| (before.len() - head.len(), head, braces.clone()))
    }
}

/// The segments of the path that `trees` end with.
fn path_before(trees: &[TokenTree]) -> Vec<String> {
    let mut segments = Vec::new();
    let mut rest = trees;
    while let Some((TokenTree::Ident(segment), before)) = rest.split_last() {
        segments.insert(0, segment.to_string());
        match before {
            [more @ .., one, two] if is_punct(one, ':') && is_punct(two, ':') => rest = more,
            _ => break,
        }
    }
    segments
}

fn is_punct(tree: &TokenTree, sign: char) -> bool {
    matches!(tree, TokenTree::Punct(punct) if punct.as_char() == sign)
}

impl Body {
    fn read(braces: Group) -> Result<Body> {
        let rest: Vec<TokenTree> = braces.stream().into_iter().collect();
        // Most bodies open with a statement, and need no parser to see it.
        if !rest.first().is_some_and(may_open_item) {
            return Ok(Body { braces, opening: TokenStream::new(), rest });
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
        let (opening, rest): (TokenStream, TokenStream) = cut.parse2(braces.stream())?;
        Ok(Body { braces, opening, rest: rest.into_iter().collect() })
    }
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

/// False for a tree that certainly opens neither an item nor an attribute.
fn may_open_item(first: &TokenTree) -> bool {
    match first {
        TokenTree::Ident(word) => ITEM_WORDS.iter().any(|known| word == known),
        TokenTree::Punct(sign) => sign.as_char() == '#',
        TokenTree::Group(group) => group.delimiter() == Delimiter::None,
        TokenTree::Literal(_) => false,
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

/// `tree` as a pair of braces, also where a `macro_rules!` fragment handed them on.
pub(crate) fn braces(tree: &TokenTree) -> Option<Group> {
    let TokenTree::Group(group) = tree else { return None };
    match group.delimiter() {
        Delimiter::Brace => Some(group.clone()),
        Delimiter::None => only_tree(group.stream()).as_ref().and_then(braces),
        _ => None,
    }
}

/// The one tree that a stream is.
pub(crate) fn only_tree(tokens: TokenStream) -> Option<TokenTree> {
    let mut trees = tokens.into_iter();
    let first = trees.next()?;
    trees.next().is_none().then_some(first)
}

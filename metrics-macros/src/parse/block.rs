//! A block of items under an attribute: an `impl`, a trait, a module; cut into its items.
//!
//! Items are parsed only to find where each one ends; all of them stay the tokens that they were.

use proc_macro2::{Group, TokenStream, TokenTree};
use syn::parse::{Parse, ParseStream, Parser};
use syn::{Attribute, ImplItem, Item, Result, TraitItem};

/// Something whose braces hold items.
pub(crate) struct Block {
    pub(crate) kind: BlockKind,
    pub(crate) attributes: Vec<Attribute>,
    /// Every token before the braces.
    pub(crate) head: TokenStream,
    pub(crate) braces: Group,
}

#[derive(Clone, Copy)]
pub(crate) enum BlockKind {
    Impl,
    Trait,
    Module,
}

/// A part of a block.
pub(crate) enum Piece {
    /// A function, with or without a body, or another block.
    Item(TokenStream),
    Other(TokenStream),
}

impl BlockKind {
    /// The kind of block that this word begins.
    pub(crate) fn of_word(word: &TokenTree) -> Option<BlockKind> {
        match word.to_string().as_str() {
            "impl" => Some(BlockKind::Impl),
            "trait" => Some(BlockKind::Trait),
            "mod" => Some(BlockKind::Module),
            _ => None,
        }
    }
}

impl Block {
    /// The pieces, in order.
    pub(crate) fn pieces(&self) -> Result<Vec<Piece>> {
        let kind = self.kind;
        let pieces = |input: ParseStream| {
            let mut pieces = Vec::new();
            while !input.is_empty() {
                let mut is_item = false;
                let tokens = taken(input, |input| {
                    if !Attribute::parse_inner(input)?.is_empty() {
                        return Ok(());
                    }
                    is_item = kind.parse_item(input)?;
                    Ok(())
                })?;
                pieces.push(if is_item { Piece::Item(tokens) } else { Piece::Other(tokens) });
            }
            Ok(pieces)
        };
        pieces.parse2(self.braces.stream())
    }
}

impl BlockKind {
    /// Reads one item; true for one that may hold a function's body.
    fn parse_item(self, input: ParseStream) -> Result<bool> {
        Ok(match self {
            BlockKind::Impl => matches!(ImplItem::parse(input)?, ImplItem::Fn(_)),
            BlockKind::Trait => matches!(TraitItem::parse(input)?, TraitItem::Fn(_)),
            BlockKind::Module => matches!(
                Item::parse(input)?,
                Item::Fn(_) | Item::Impl(_) | Item::Trait(_) | Item::Mod(_)
            ),
        })
    }
}

/// The tokens that `read` takes from `input`.
fn taken(input: ParseStream, read: impl FnOnce(ParseStream) -> Result<()>) -> Result<TokenStream> {
    let mut cursor = input.cursor();
    read(input)?;
    let end = input.cursor();
    let mut tokens = TokenStream::new();
    while cursor != end {
        let Some((tree, next)) = cursor.token_tree() else { break };
        tokens.extend([tree]);
        cursor = next;
    }
    Ok(tokens)
}

//! The model of `#[timed]` on an impl block, a trait or a module: which of its functions it means.
//!
//! It means all that can be timed. Left as they are: functions that run at compile time or have no body,
//! those with a `#[timed]` of their own, `#[timed(skip)]` included.

use proc_macro2::TokenStream;
use syn::{Meta, Result};

use crate::model::timed::{OWNER, Settings, Timed, is_async, may_be_macro, untimeable};
use crate::parse::block::{Block, Piece};
use crate::parse::item::{Function, Target};
use crate::refusals::Refusals;

/// Part of a block, in the order of the source.
pub(crate) enum Part {
    /// As it was.
    Tokens(TokenStream),
    Timed(Box<Timed>),
    Block(Block, Vec<Part>),
}

/// Refuses what one function alone can have.
pub(crate) fn refuse_of_block(settings: &Settings, refusals: &mut Refusals) {
    let one = [("a name", &settings.name), ("`function`", &settings.function)];
    for (what, given) in one {
        if let Some(value) = given {
            let message = format!(
                "expected options for all functions of the block, found {what}, which would make one of \
                 them: put it on the function"
            );
            refusals.at(value, message);
        }
    }
}

/// The parts of a block.
///
/// # Errors
///
/// Where an item cannot be read.
pub(crate) fn parts(block: &Block, settings: &Settings) -> Result<Vec<Part>> {
    let mut settings = settings.clone();
    settings.stays_async |= block.attributes.iter().any(may_be_macro);
    block.pieces()?.into_iter().map(|piece| part(piece, &settings)).collect()
}

fn part(piece: Piece, settings: &Settings) -> Result<Part> {
    let tokens = match piece {
        Piece::Other(tokens) => return Ok(Part::Tokens(tokens)),
        Piece::Item(tokens) => tokens,
    };
    // What is no target here has no body, such as a required method or a module in another file.
    let Ok(target) = Target::read(tokens.clone(), OWNER) else { return Ok(Part::Tokens(tokens)) };
    match target {
        Target::Block(inner) => {
            let parts = parts(&inner, settings)?;
            Ok(Part::Block(inner, parts))
        }
        // Its own attribute says more, if only that it is to be skipped.
        Target::Function(function) if has_own_attribute(&function) => Ok(Part::Tokens(tokens)),
        Target::Function(function) if untimeable(&function).is_some() => Ok(Part::Tokens(tokens)),
        Target::Function(function) => {
            let mut settings = settings.clone();
            if !is_async(&function) {
                // All that it does is busy.
                settings.busy = None;
            }
            Timed::new(*function, settings).map(|timed| Part::Timed(Box::new(timed)))
        }
    }
}

fn has_own_attribute(function: &Function) -> bool {
    function.attributes.iter().any(|attribute| match &attribute.meta {
        Meta::List(list) if list.path.is_ident("cfg_attr") => {
            list.tokens.clone().into_iter().any(|tree| tree.to_string() == "timed")
        }
        meta => meta.path().segments.last().is_some_and(|segment| segment.ident == "timed"),
    })
}

//! Third stage: from a model to the tokens that replace what was written.
//!
//! Expansions name `::core` and the core crate's `__private` only, so that they work without a prelude
//! and whatever the user's scope holds. Names of ours have mixed-site hygiene: what they bind cannot be
//! seen by the user's tokens, and statics and functions stand in blocks of their own, in which there is
//! no token of the user's. The user's tokens keep their spans.

mod call;
mod description;
mod label;
mod label_set;
mod lower;
mod said;
mod site;
mod timed;
mod wrap;

use proc_macro2::TokenStream;
use quote::quote;
use syn::Result;

use crate::kind::Kind;
use crate::model::block;
use crate::model::call::Call;
use crate::model::description::Description;
use crate::model::label_set::LabelSet;
use crate::model::timed::{OWNER, Settings, Timed};
use crate::parse::item::Target;
use crate::parse::label_set::Declared;
use crate::refusals::Refusals;

/// Expands `counter!` and its siblings to an expression.
pub(crate) fn call(kind: Kind, tokens: TokenStream) -> TokenStream {
    match Call::read(kind, tokens) {
        Ok(call) => call::expand(&call),
        Err(error) => {
            // In a block, as an expression cannot be several macro calls side by side.
            let errors = error.into_compile_error();
            quote!({ #errors })
        }
    }
}

/// Expands `describe_counter!` and its siblings to an expression.
pub(crate) fn describe(kind: Kind, tokens: TokenStream) -> TokenStream {
    match Description::read(kind, tokens) {
        Ok(description) => description::expand(&description),
        Err(error) => {
            // As above.
            let errors = error.into_compile_error();
            quote!({ #errors })
        }
    }
}

/// Expands `#[timed]` to the function, or the functions of the block, with a guard in each.
pub(crate) fn timed(arguments: TokenStream, item: TokenStream) -> TokenStream {
    match read_and_expand(arguments, item.clone()) {
        Ok(expansion) => expansion,
        Err(error) => {
            // The untouched item stays, as without it every use of it would be an error, too.
            let errors = error.into_compile_error();
            quote!(#item #errors)
        }
    }
}

fn read_and_expand(arguments: TokenStream, item: TokenStream) -> Result<TokenStream> {
    let mut refusals = Refusals::default();
    let settings = Settings::read(arguments, &mut refusals);
    if settings.skip {
        return refusals.unless_refused(item);
    }
    match Target::read(item, OWNER) {
        Err(error) => Err(refusals.and(error)),
        Ok(Target::Block(target)) => {
            block::refuse_of_block(&settings, &mut refusals);
            let settings = refusals.unless_refused(settings)?;
            let parts = block::parts(&target, &settings)?;
            Ok(timed::expand_block(&target, &parts))
        }
        Ok(Target::Function(function)) => match Timed::new(*function, settings) {
            Ok(timed) => refusals.unless_refused(timed).map(|timed| timed::expand(&timed)),
            Err(error) => Err(refusals.and(error)),
        },
    }
}

/// Expands `#[derive(LabelSet)]` to implementations for the item.
pub(crate) fn label_set(item: TokenStream) -> TokenStream {
    let mut refusals = Refusals::default();
    let declared = match Declared::read(item, &mut refusals) {
        Ok(declared) => declared,
        Err(error) => return refusals.and(error).into_compile_error(),
    };
    match LabelSet::new(&declared, refusals) {
        Ok(set) => label_set::expand(&set),
        Err(error) => {
            // Without implementations every use of the item would be an error, too.
            let stand_in = label_set::stand_in(&declared);
            let errors = error.into_compile_error();
            quote!(#stand_in #errors)
        }
    }
}

#[cfg(test)]
mod tests;

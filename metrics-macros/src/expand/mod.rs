//! Third stage: from a model to the tokens that replace what was written.
//!
//! Expansions name `::core` and the core crate's `__private` only, so that they work without a prelude
//! and whatever the user's scope holds. Names of ours have mixed-site hygiene: what they bind cannot be
//! seen by the user's tokens, and statics and functions stand in blocks of their own, in which there is
//! no token of the user's. The user's tokens keep their spans.

mod call;
mod site;
mod timed;

use proc_macro2::TokenStream;
use quote::quote;

use crate::kind::Kind;
use crate::model::call::Call;
use crate::model::timed::Timed;

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

/// Expands `#[timed]` to the function with a guard in it.
pub(crate) fn timed(arguments: TokenStream, item: TokenStream) -> TokenStream {
    match Timed::read(arguments, item.clone()) {
        Ok(timed) => timed::expand(&timed),
        Err(error) => {
            // The untouched item stays, as without it every use of it would be an error, too.
            let errors = error.into_compile_error();
            quote!(#item #errors)
        }
    }
}

#[cfg(test)]
mod tests;

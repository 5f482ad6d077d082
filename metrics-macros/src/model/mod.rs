//! Second stage: from what was written to what it means, or to why it is refused.
//!
//! Everything that reaches [`crate::expand`] has passed here: names and keys that can be rendered, each
//! label once, no more labels than a series can have. Whether an expression has a fitting type is left
//! to the compiler, at the user's own tokens.

pub(crate) mod block;
pub(crate) mod call;
pub(crate) mod case;
pub(crate) mod description;
pub(crate) mod label;
pub(crate) mod label_set;
pub(crate) mod said;
pub(crate) mod text;
pub(crate) mod timed;

use proc_macro2::TokenStream;
use syn::Path;
use syn::parse::{ParseStream, Parser};

use crate::parse::argument;
use crate::refusals::Refusals;

/// Where the expansion finds the core crate.
#[derive(Clone)]
pub(crate) enum Root {
    /// `::tachograph`
    Crate,
    /// The path of a `crate = …` option.
    Path(Path),
}

impl Root {
    /// The path that a macro of the core crate writes before the user's tokens, and those tokens.
    pub(crate) fn before(tokens: TokenStream, refusals: &mut Refusals) -> (Root, TokenStream) {
        let split = |input: ParseStream| {
            let path = argument::root_before(input)?;
            Ok((Root::from(path), input.parse()?))
        };
        split.parse2(tokens).unwrap_or_else(|error| {
            refusals.push(error);
            (Root::Crate, TokenStream::new())
        })
    }
}

impl From<Option<Path>> for Root {
    fn from(path: Option<Path>) -> Root {
        path.map_or(Root::Crate, Root::Path)
    }
}

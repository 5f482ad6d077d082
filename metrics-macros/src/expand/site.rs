//! The pieces that all expansions share: the way to the core crate, and our names.

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote_spanned;

use crate::model::Root;

/// The path of the core crate's interface for expansions.
pub(crate) fn private(root: &Root) -> TokenStream {
    match root {
        Root::Crate => quote_spanned!(Span::mixed_site()=> ::tachograph::__private),
        Root::Path(path) => quote_spanned!(Span::mixed_site()=> #path::__private),
    }
}

/// The same path, shown at `span` in the compiler's messages.
pub(crate) fn located(path: &TokenStream, span: Span) -> TokenStream {
    let trees = path.clone().into_iter().map(|mut tree| {
        tree.set_span(tree.span().located_at(span));
        tree
    });
    trees.collect()
}

/// A name of ours.
pub(crate) fn ident(text: &str) -> Ident {
    Ident::new(text, Span::mixed_site())
}

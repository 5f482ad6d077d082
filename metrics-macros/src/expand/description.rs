//! The expansion of `describe_counter!` and its siblings: an expression of type `()`.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote_spanned};

use crate::expand::label::{borrowed, over};
use crate::expand::site;
use crate::model::call::Name;
use crate::model::description::Description;

pub(crate) fn expand(description: &Description) -> TokenStream {
    let private = site::private(&description.root);
    let kind = site::ident(description.kind.variant());
    let as_text = |expr: &syn::Expr| {
        let (at, borrowed) = (over(expr), borrowed(expr));
        quote_spanned!(at=> ::core::convert::AsRef::<str>::as_ref(#borrowed))
    };
    let name = match &description.name {
        Name::Literal(name) => name.to_token_stream(),
        Name::Computed(name) => as_text(name),
    };
    let unit = match &description.unit {
        Some(unit) => quote_spanned!(over(unit)=> ::core::option::Option::Some(#unit)),
        None => quote_spanned!(Span::mixed_site()=> ::core::option::Option::None),
    };
    let text = as_text(&description.text);
    quote_spanned! {Span::mixed_site()=>
        { #private::describe(#private::Kind::#kind, #name, #unit, #text); }
    }
}

//! The expansion of `describe_counter!` and its siblings: an expression of type `()`.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote_spanned};

use crate::expand::label::{as_text, borrowed, over};
use crate::expand::{said, site};
use crate::model::call::Name;
use crate::model::description::Description;

pub(crate) fn expand(description: &Description) -> TokenStream {
    let private = site::private(&description.root);
    let kind = site::ident(description.kind.variant());
    let text_of = |expr| as_text(&borrowed(expr), over(expr));
    let name = match &description.name {
        Name::Literal(name) => name.to_token_stream(),
        Name::Computed(name) => text_of(name),
    };
    let unit = description.unit.as_ref();
    let unit = said::option(unit.map(|unit| quote_spanned!(over(unit)=> #unit)));
    let text = text_of(&description.text);
    quote_spanned! {Span::mixed_site()=>
        { #private::describe(#private::Kind::#kind, #name, #unit, #text); }
    }
}

//! What a call says besides name and labels, in an expansion.

use proc_macro2::{Ident, Literal, Span, TokenStream};
use quote::quote_spanned;

use crate::expand::label::{Binding, as_text, borrowed, over};
use crate::expand::site;
use crate::kind::Kind;
use crate::model::call::Name;
use crate::model::said::Said;
use crate::parse::value::as_f64;

/// What is known while the program is compiled, as a value of the core crate; None where it is nothing.
pub(crate) fn known(said: &Said, private: &TokenStream) -> Option<TokenStream> {
    let mut all = TokenStream::new();
    let mut add = |method: &str, value: TokenStream| {
        let method = site::ident(method);
        all.extend(quote_spanned!(Span::mixed_site()=> .#method(#value)));
    };
    if let Some(unit) = said.known_unit() {
        add("unit", quote_spanned!(Span::mixed_site()=> #unit));
    }
    if let Some(description) = said.known_description() {
        add("describe", quote_spanned!(Span::mixed_site()=> #description));
    }
    if let Some(schema) = said.schema {
        let schema = Literal::i8_unsuffixed(schema);
        add("schema", quote_spanned!(Span::mixed_site()=> #schema));
    }
    if let Some(bounds) = &said.buckets {
        let bounds = bounds.iter().map(as_f64);
        add("bounds", quote_spanned!(Span::mixed_site()=> &[#(#bounds),*]));
    }
    let new = quote_spanned!(Span::mixed_site()=> #private::Said::new() #all);
    (!all.is_empty()).then_some(new)
}

/// What says, at the first use of a site with a constant name, what is known only at run time.
pub(crate) fn at_first_use(
    said: &Said,
    kind: Kind,
    name: &Name,
    private: &TokenStream,
) -> TokenStream {
    let kind = site::ident(kind.variant());
    let unit = option(said.computed_unit().map(|unit| quote_spanned!(over(unit)=> #unit)));
    let text = |text| as_text(&borrowed(text), over(text));
    let description = option(said.computed_description().map(text));
    quote_spanned! {Span::mixed_site()=>
        let __description = {
            static __DESCRIPTION: #private::Description =
                #private::Description::new(#private::Kind::#kind, #name);
            &__DESCRIPTION
        };
        if __description.is_due() {
            __description.say(#unit, #description);
        }
    }
}

/// What has to be evaluated at each call of a dynamic site, for what is known only at run time.
pub(crate) fn bindings(said: &Said) -> Vec<Binding> {
    let unit = said.computed_unit().map(|unit| Binding {
        name: Ident::new("__unit", over(unit)),
        operand: quote_spanned!(over(unit)=> #unit),
    });
    let description = said.computed_description().map(|text| Binding {
        name: Ident::new("__description", over(text)),
        operand: borrowed(text),
    });
    unit.into_iter().chain(description).collect()
}

/// The method that takes what [`bindings`] bind, if there is any.
pub(crate) fn described(said: &Said) -> Option<TokenStream> {
    let unit = option(said.computed_unit().map(|unit| {
        let name = Ident::new("__unit", over(unit));
        quote_spanned!(over(unit)=> #name)
    }));
    let description = option(said.computed_description().map(|text| {
        let name = Ident::new("__description", over(text));
        as_text(&name, over(text))
    }));
    said.is_computed().then(|| quote_spanned!(Span::mixed_site()=> .described(#unit, #description)))
}

/// What only the compiler looks at.
pub(crate) fn metadata(said: &Said, private: &TokenStream) -> TokenStream {
    let target = said
        .target
        .as_ref()
        .map(|target| quote_spanned!(over(target)=> let _: &::core::primitive::str = #target;));
    let level = said.level.as_ref().map(|level| {
        let private = site::located(private, over(level));
        quote_spanned!(over(level)=> let _: #private::Level = #level;)
    });
    quote_spanned!(Span::mixed_site()=> #target #level)
}

/// The value as an `Option` in the expansion.
pub(crate) fn option(value: Option<TokenStream>) -> TokenStream {
    match value {
        Some(value) => quote_spanned!(Span::mixed_site()=> ::core::option::Option::Some(#value)),
        None => quote_spanned!(Span::mixed_site()=> ::core::option::Option::None),
    }
}

//! The expansion of `#[timed]`: the function as it was, with a guard as the first statement of its body.
//!
//! The guard records when it is dropped, however the body is left. Of an `async fn` the body runs inside
//! the future, and so does the guard: its clock starts at the first poll. The body is never moved into a
//! closure or a block, so drops, borrows, types and lints are those of the plain function.

use proc_macro2::{Delimiter, Group, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::LitStr;

use crate::expand::site;
use crate::model::timed::{FUNCTION_KEY, FunctionLabel, Timed};
use crate::parse::item::Body;

/// The family that all functions share which have none of their own.
const SHARED_NAME: &str = "function_duration_seconds";

pub(crate) fn expand(timed: &Timed) -> TokenStream {
    let Body { braces, opening, rest } = &timed.function.body;
    let guard = guard(timed);
    let mut body = Group::new(Delimiter::Brace, quote!(#opening #guard #rest));
    body.set_span(braces.span());
    let head = &timed.function.head;
    quote!(#head #body)
}

fn guard(timed: &Timed) -> TokenStream {
    let private = site::private(&timed.root);
    let site = site_of(timed, &private);
    // The path of the function is that of a function nested in it, less the last step.
    let path = match timed.series.function {
        FunctionLabel::Path => Some(quote_spanned! {Span::mixed_site()=>
            fn here() {}
            fn path() -> &'static str {
                #private::type_path(&here)
            }
        }),
        FunctionLabel::Fixed(_) | FunctionLabel::Absent => None,
    };
    let start = site::ident(if timed.is_async() { "timed_async" } else { "timed" });
    quote_spanned! {Span::mixed_site()=>
        let _guard = {
            #path
            static SITE: #private::Site = #site;
            static SLOT: #private::DistributionSlot = #private::DistributionSlot::deferred(&SITE);
            #private::#start(&SLOT)
        };
    }
}

fn site_of(timed: &Timed, private: &TokenStream) -> TokenStream {
    let series = &timed.series;
    let name = match &series.name {
        Some(name) => name.to_token_stream(),
        None => SHARED_NAME.to_token_stream(),
    };
    let function = match &series.function {
        FunctionLabel::Fixed(text) => Some((LitStr::new(FUNCTION_KEY, text.span()), text.clone())),
        FunctionLabel::Path | FunctionLabel::Absent => None,
    };
    let labels = function.iter().chain(&series.labels).map(|(key, value)| quote!((#key, #value)));
    let place = site::place(private);
    let path = match series.function {
        FunctionLabel::Path => Some(quote_spanned!(Span::mixed_site()=> .function_path(path))),
        FunctionLabel::Fixed(_) | FunctionLabel::Absent => None,
    };
    let description = timed
        .description()
        .map(|description| quote_spanned!(Span::mixed_site()=> .describe(#description)));
    quote_spanned! {Span::mixed_site()=>
        #private::Site::new(#private::Kind::Timer, #name, &[#(#labels),*], #place) #path #description
    }
}

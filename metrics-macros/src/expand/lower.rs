//! An `async fn` as the compiler itself understands it: a function that returns a future, into which its
//! arguments move.
//!
//! So it is written where something has to be done at the call, or around the future: labels are taken, the
//! future is watched. As the compiler does, the arguments are bound anew inside, in order, so that they
//! are dropped as they would be, whenever the future ends. The future captures every lifetime, in every
//! edition: which ones it captures is decided by the edition of the macro's own tokens.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::{FnArg, Pat, PatType, ReturnType};

use crate::expand::{timed as plain, wrap};
use crate::model::timed::Timed;
use crate::parse::body::Body;

/// The function.
pub(super) fn function(
    timed: &Timed,
    body: &Body,
    found: Option<TokenStream>,
    private: &TokenStream,
) -> TokenStream {
    let head = &timed.function.head;
    let Body { braces, opening, rest } = body;
    let Some(signature) = &timed.signature else { return quote!(#head #braces) };
    let mut lowered = signature.signature.clone();
    lowered.asyncness = None;
    let mut bound = TokenStream::new();
    for (place, argument) in lowered.inputs.iter_mut().enumerate() {
        if let FnArg::Typed(argument) = argument {
            bound.extend(bind_anew(argument, place));
        }
    }
    let output = match &lowered.output {
        ReturnType::Default => quote!(()),
        ReturnType::Type(_, ty) => ty.to_token_stream(),
    };
    let future = quote_spanned!(Span::mixed_site()=> impl ::core::future::Future<Output = #output>);
    lowered.output = ReturnType::Type(Default::default(), Box::new(syn::Type::Verbatim(future)));

    let typed = wrap::typed(&signature.returned, private);
    let guards = (!timed.wraps()).then(|| plain::guards(timed, private));
    // Temporaries of the last expression go before the arguments, as at the end of a function.
    let work = plain::regrouped(braces, rest.clone());
    let inner = quote_spanned! {Span::mixed_site()=>
        async move {
            #bound
            #typed
            #guards
            let result = #work;
            result
        }
    };
    let future = if timed.wraps() { wrap::watched(timed, &inner, private) } else { inner };
    let front = &signature.front;
    let braces = plain::regrouped(braces, quote!(#opening #found #future));
    quote!(#front #lowered #braces)
}

/// Makes an argument a plain name, and returns the statements that bind what it bound.
fn bind_anew(argument: &mut PatType, place: usize) -> TokenStream {
    let attributes = argument.attrs.clone();
    let is_name = matches!(&*argument.pat, Pat::Ident(name) if name.by_ref.is_none() && name.subpat.is_none());
    let pattern = argument.pat.clone();
    let (name, value) = match &mut *argument.pat {
        Pat::Ident(name) if is_name => {
            name.mutability = None;
            // The user's name, at a place of ours.
            let mut value = name.ident.clone();
            value.set_span(Span::mixed_site().resolved_at(value.span()));
            (None, value)
        }
        _ => {
            let name = Ident::new(&format!("argument{place}"), Span::mixed_site());
            (Some(name.clone()), name)
        }
    };
    let allowed = value
        .to_string()
        .starts_with('_')
        .then(|| quote_spanned!(Span::mixed_site()=> #[allow(clippy::used_underscore_binding, clippy::no_effect_underscore_binding)]));
    let whole = name.map(|name| {
        *argument.pat = Pat::Verbatim(name.to_token_stream());
        quote_spanned!(Span::mixed_site()=> #(#attributes)* let #name = #name;)
    });
    quote_spanned!(Span::mixed_site()=> #whole #(#attributes)* #allowed let #pattern = #value;)
}

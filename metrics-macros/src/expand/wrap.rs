//! The options that have to know more than that a body was left: `outcome` and `busy`.
//!
//! The body of a function moves into a closure, that of a future into a future that is pinned where it
//! stands. What would otherwise change is put right: arguments move in whole and in the reverse order of
//! their writing, so that they are dropped in the order in which a function drops them; a `return` that
//! is never reached tells the compiler the type that values are to be coerced to.

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote_spanned;

use crate::expand::{site, timed as plain};
use crate::model::timed::Timed;
use crate::parse::body::Work;
use crate::parse::signature::{Returned, Signature};

/// What stands in place of `rest`.
pub(super) fn content(
    timed: &Timed,
    signature: &Signature,
    rest: &TokenStream,
    private: &TokenStream,
) -> TokenStream {
    let settings = &timed.settings;
    let (enter, timing) = (plain::enter(settings), plain::timing(timed));
    let mut watches = Vec::new();
    if let Some(outcome) = &settings.outcome {
        // A call that is no future counts its outcomes in any case.
        watches.extend(timed.is_async().then_some("outcomes"));
        watches.extend(outcome.value.then_some("times_all"));
    }
    if settings.busy.is_some() {
        watches.push("busy");
    }
    let watches = watches.into_iter().map(site::ident);
    let is_own_future = matches!(timed.function.work, Work::Future(_));
    let is_never = matches!(signature.returned, Returned::Never) && !is_own_future;
    if !timed.is_async() && is_never {
        // It can only panic.
        return quote_spanned! {Span::mixed_site()=>
            #enter
            let _call = parts.call(#timing) #(.#watches())*;
            #rest
        };
    }
    // What a future of the function's own takes and gives is written in it, and not in the signature.
    let (moved, typed) = if is_own_future {
        (None, None)
    } else {
        (moved(&signature.names), typed(&signature.returned, private))
    };
    // Of a `mut` argument that moved, what is assigned last would count as never read.
    let allowed = (signature.has_mut && !is_own_future)
        .then(|| quote_spanned!(Span::mixed_site()=> #[allow(unused_assignments)]));
    let tells = settings.outcome.is_some() && (is_own_future || typed.is_some());
    let is_err = |value: TokenStream| {
        if tells {
            quote_spanned!(Span::mixed_site()=> { use #private::Told as _; #private::Tell(#value).is_err() })
        } else {
            quote_spanned!(Span::mixed_site()=> false)
        }
    };
    if timed.is_async() {
        let value = site::ident(if tells { "result" } else { "_result" });
        let is_err = is_err(quote_spanned!(Span::mixed_site()=> result));
        quote_spanned! {Span::mixed_site()=>
            #enter
            let mut call = parts.future(#timing) #(.#watches())*;
            #allowed
            let future = ::core::pin::pin!(async move { #moved #typed #rest });
            let result = call.watch(future, |#value| #is_err).await;
            result
        }
    } else {
        let is_err = is_err(quote_spanned!(Span::mixed_site()=> &result));
        quote_spanned! {Span::mixed_site()=>
            #enter
            let call = parts.call(#timing) #(.#watches())*;
            #allowed
            let result = call.run(move || { #moved #typed #rest });
            call.returned(#is_err);
            result
        }
    }
}

/// Names all arguments, the last one first: what moves in first is dropped first.
fn moved(names: &[Ident]) -> Option<TokenStream> {
    if names.is_empty() {
        return None;
    }
    let references = names.iter().rev().map(|name| {
        // The user's name, at a place of ours.
        let mut name = name.clone();
        name.set_span(Span::mixed_site().resolved_at(name.span()));
        quote_spanned!(Span::mixed_site()=> &#name)
    });
    let is_underscored = |name: &Ident| name.to_string().starts_with('_');
    let allowed = names
        .iter()
        .any(is_underscored)
        .then(|| quote_spanned!(Span::mixed_site()=> #[allow(clippy::used_underscore_binding)]));
    Some(quote_spanned!(Span::mixed_site()=> #allowed let _ = (#(#references,)*);))
}

/// Tells the compiler what is returned.
fn typed(returned: &Returned, private: &TokenStream) -> Option<TokenStream> {
    match returned {
        Returned::Type(ty) => Some(quote_spanned! {Span::mixed_site()=>
            if false {
                return #private::never::<#ty>();
            }
        }),
        Returned::Opaque | Returned::Never => None,
    }
}

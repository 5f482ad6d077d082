//! The options that have to know more than that a body was left: `outcome` and `busy`.
//!
//! The body of a function moves into a closure, that of an async function into a future that is watched. What
//! would otherwise change is put right: arguments move in whole and in the reverse order of
//! their writing, so that they are dropped in the order in which a function drops them; a `return` that
//! is never reached tells the compiler the type that values are to be coerced to.

use proc_macro2::{Group, Span, TokenStream, TokenTree};
use quote::{quote, quote_spanned};

use crate::expand::{site, timed as plain};
use crate::model::timed::Timed;
use crate::parse::body::Body;
use crate::parse::signature::{Bound, Returned, Signature};

/// What stands in place of `rest` in a body that stays where it is.
pub(super) fn content(
    timed: &Timed,
    signature: &Signature,
    body: &Body,
    private: &TokenStream,
) -> TokenStream {
    let Body { braces, rest, .. } = body;
    let moved = moved(&signature.names);
    let work = work(braces, typed(&signature.returned, private), rest);
    // Of a `mut` argument that moved, what is assigned last would count as never read.
    let allowed = signature
        .has_mut
        .then(|| quote_spanned!(Span::mixed_site()=> #[allow(unused_assignments)]));
    if timed.is_async() {
        let future = quote_spanned!(Span::mixed_site()=> async move { #moved #work });
        let watched = watched(timed, &future, private);
        return quote_spanned! {Span::mixed_site()=>
            #allowed
            let result = #watched.await;
            result
        };
    }
    let (enter, timing) = (plain::enter(&timed.settings), plain::timing(timed));
    let times_all = timed.settings.outcome.as_ref().is_some_and(|outcome| outcome.value);
    let times_all = times_all.then(|| quote_spanned!(Span::mixed_site()=> .times_all()));
    let stays = match signature.returned {
        // It can only panic.
        Returned::Never => {
            Some(quote_spanned!(Span::mixed_site()=> parts.call(#timing) #times_all))
        }
        _ if !moves(signature) => {
            Some(quote_spanned!(Span::mixed_site()=> parts.call(#timing) #times_all .stays()))
        }
        _ => None,
    };
    if let Some(call) = stays {
        return quote_spanned!(Span::mixed_site()=> #enter let _call = #call; #(#rest)*);
    }
    let is_err = is_err(timed, &quote_spanned!(Span::mixed_site()=> &result), private);
    quote_spanned! {Span::mixed_site()=>
        #enter
        let call = parts.call(#timing) #times_all;
        #allowed
        let result = call.run(move || { #moved #work });
        call.returned(#is_err);
        result
    }
}

/// False for a body that stays where it is although its outcome is counted: where it is no error whatever it
/// is, or where a trait of the standard library has its caller tracked.
fn moves(signature: &Signature) -> bool {
    !matches!(signature.returned, Returned::Opaque) && !signature.is_of_index()
}

/// The user's block as the last expression of one of ours: what it gives is coerced as it is where a function
/// returns it, and its temporaries are dropped when the user's edition drops them.
pub(super) fn work(braces: &Group, typed: Option<TokenStream>, rest: &[TokenTree]) -> Group {
    // A block of one expression would be one of unneeded braces.
    let statement = (typed.is_none() || rest.is_empty())
        .then(|| quote_spanned!(Span::mixed_site()=> let () = ();));
    plain::regrouped(braces, quote!(#typed #statement #(#rest)*))
}

/// A future, watched.
pub(super) fn watched(timed: &Timed, future: &TokenStream, private: &TokenStream) -> TokenStream {
    let settings = &timed.settings;
    let sampled = settings.sample.map(|every| {
        let every = proc_macro2::Literal::u32_unsuffixed(every);
        quote_spanned!(Span::mixed_site()=> .sampled(#every))
    });
    let asked = [
        (settings.in_flight, "in_flight"),
        (settings.outcome.is_some(), "outcomes"),
        (settings.outcome.as_ref().is_some_and(|outcome| outcome.value), "times_all"),
        (settings.busy.is_some(), "busy"),
    ];
    let asked =
        asked.into_iter().filter(|(is_asked, _)| *is_asked).map(|(_, name)| site::ident(name));
    let is_err = is_err(timed, &quote_spanned!(Span::mixed_site()=> result), private);
    let result = site::ident(if tells(timed) { "result" } else { "_result" });
    quote_spanned! {Span::mixed_site()=>
        parts.future() #sampled #(.#asked())* .watch(#future, |#result| #is_err)
    }
}

/// True where it is told whether a value is an error.
fn tells(timed: &Timed) -> bool {
    let is_known = |signature: &Signature| matches!(signature.returned, Returned::Type(_));
    // What a future of the function's own returns stands in no signature.
    let is_own_future = timed.function.qualifier("async").is_none() && timed.is_async();
    timed.settings.outcome.is_some()
        && (is_own_future || timed.signature.as_ref().is_some_and(is_known))
}

/// The expression that tells whether the value that `reference` refers to is an error.
fn is_err(timed: &Timed, reference: &TokenStream, private: &TokenStream) -> TokenStream {
    if !tells(timed) {
        return quote_spanned!(Span::mixed_site()=> false);
    }
    quote_spanned! {Span::mixed_site()=>
        { use #private::Told as _; #private::Tell(#reference).is_err() }
    }
}

/// Names all arguments, the last one first: what moves in first is dropped first.
fn moved(names: &[Bound]) -> Option<TokenStream> {
    if names.is_empty() {
        return None;
    }
    let references = names.iter().rev().map(|Bound { cfgs, name }| {
        // The user's name, at a place of ours.
        let mut name = name.clone();
        name.set_span(Span::mixed_site().resolved_at(name.span()));
        quote_spanned!(Span::mixed_site()=> #(#cfgs)* &#name)
    });
    let is_underscored = |bound: &Bound| bound.name.to_string().starts_with('_');
    let allowed = names
        .iter()
        .any(is_underscored)
        .then(|| quote_spanned!(Span::mixed_site()=> #[allow(clippy::used_underscore_binding)]));
    Some(quote_spanned!(Span::mixed_site()=> #allowed let _ = (#(#references,)*);))
}

/// Tells the compiler what is returned.
pub(super) fn typed(returned: &Returned, private: &TokenStream) -> Option<TokenStream> {
    match returned {
        Returned::Type(ty) => Some(typed_as(ty, private)),
        Returned::Opaque | Returned::Never => None,
    }
}

/// Tells the compiler that this type is returned. The type stays the user's own, of the user's edition.
pub(super) fn typed_as(ty: &TokenStream, private: &TokenStream) -> TokenStream {
    quote_spanned! {Span::mixed_site()=>
        if false {
            #[allow(clippy::use_self)]
            let value = #private::never::<#ty>();
            return value;
        }
    }
}

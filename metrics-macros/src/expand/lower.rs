//! An `async fn` as the compiler itself understands it: a function that returns a future, into which its
//! arguments move.
//!
//! So it is written where something has to be done at the call, or around the future: labels are taken, the
//! future is watched. As the compiler does, the arguments are bound anew inside, in order, so that they
//! are dropped as they would be, whenever the future ends. The future captures every lifetime, in every
//! edition: which ones it captures is decided by the edition of the macro's own tokens.

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};
use syn::{FnArg, Pat, PatType, ReturnType};

use crate::expand::{timed as plain, wrap};
use crate::model::label::Value;
use crate::model::timed::Timed;
use crate::parse::body::Body;
use crate::parse::signature::{Bound, Signature};

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
    if let Some(FnArg::Receiver(receiver)) = lowered.inputs.first() {
        // It moves in whole, and first, so that it is dropped last.
        let name = Ident::new("self", ours_at(receiver.self_token.span));
        bound.extend(quote_spanned!(Span::mixed_site()=> let _ = &#name;));
    }
    for (place, argument) in lowered.inputs.iter_mut().enumerate() {
        if let FnArg::Typed(argument) = argument {
            bound.extend(bind_anew(argument, place));
        }
    }
    bound.extend(used_by_labels(timed, signature));
    let output = match &lowered.output {
        ReturnType::Default => quote!(()),
        ReturnType::Type(_, ty) => ty.to_token_stream(),
    };
    let future = quote_spanned!(Span::mixed_site()=> impl ::core::future::Future<Output = #output>);
    lowered.output = ReturnType::Type(Default::default(), Box::new(syn::Type::Verbatim(future)));

    let typed = wrap::typed(&signature.returned, private);
    let guards = (!timed.wraps()).then(|| plain::guards(timed, private));
    let work = wrap::work(braces, typed, rest);
    let result = if timed.wraps() {
        wrap::watched(timed, &quote_spanned!(Span::mixed_site()=> future), private)
    } else {
        quote_spanned!(Span::mixed_site()=> future)
    };
    let future = quote_spanned! {Span::mixed_site()=>
        #[allow(clippy::async_yields_async)]
        let future = async move { #bound #guards #work };
        #result
    };
    let front = &signature.front;
    let braces = plain::regrouped(braces, quote!(#opening #found #future));
    quote!(#front #lowered #braces)
}

/// Uses the arguments that labels use, so that one which nothing else uses is no unused variable.
fn used_by_labels(timed: &Timed, signature: &Signature) -> TokenStream {
    let labels = timed.settings.computed_labels().map(|label| match &label.value {
        Value::Fixed(value) => value.to_token_stream(),
        Value::Text(expr) | Value::Displayed(expr) => expr.to_token_stream(),
    });
    let labels: TokenStream = labels.collect();
    let used =
        signature.names.iter().filter(|bound| bound.name != "self" && names(&labels, &bound.name));
    used.map(|Bound { cfgs, name }| {
        let mut name = name.clone();
        name.set_span(ours_at(name.span()));
        quote_spanned!(Span::mixed_site()=> #(#cfgs)* let _ = &#name;)
    })
    .collect()
}

/// True where the name stands anywhere in the tokens.
fn names(tokens: &TokenStream, name: &Ident) -> bool {
    tokens.clone().into_iter().any(|tree| match tree {
        TokenTree::Ident(word) => word == *name,
        TokenTree::Group(group) => names(&group.stream(), name),
        _ => false,
    })
}

/// The user's names, at a place of ours.
fn ours_at(span: Span) -> Span {
    Span::mixed_site().resolved_at(span)
}

/// Makes an argument a plain name, and returns the statements that bind what it bound.
fn bind_anew(argument: &mut PatType, place: usize) -> TokenStream {
    // Lints are about what is bound anew; the argument itself is used.
    let attributes = argument.attrs.clone();
    argument.attrs.retain(|attribute| attribute.path().is_ident("cfg"));
    let cfgs = argument.attrs.clone();
    let is_name = matches!(&*argument.pat, Pat::Ident(name) if name.by_ref.is_none() && name.subpat.is_none());
    let pattern = argument.pat.clone();
    let (name, value) = match &mut *argument.pat {
        Pat::Ident(name) if is_name => {
            name.mutability = None;
            let mut value = name.ident.clone();
            value.set_span(ours_at(value.span()));
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
        quote_spanned!(Span::mixed_site()=> #(#cfgs)* #[allow(unused_mut)] let mut #name = #name;)
    });
    quote_spanned!(Span::mixed_site()=> #whole #(#attributes)* #allowed let #pattern = #value;)
}

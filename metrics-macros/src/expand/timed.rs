//! The expansion of `#[timed]`: the function as it was, with guards as the first statements of its body.
//!
//! The guards record when they are dropped, however the body is left. Of an async function they stand
//! inside the future, so that its clock starts at the first poll. The body is never moved into a closure
//! or a block (but see `wrap`), so drops, borrows, types and lints are those of the plain function.

use proc_macro2::{Group, Literal, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};

use crate::expand::label::{Term, bind};
use crate::expand::{lower, site, wrap};
use crate::model::block::Part;
use crate::model::timed::{Settings, Timed};
use crate::parse::block::Block;
use crate::parse::body::{Body, Work};
use crate::parse::signature::Signature;
use crate::parse::value::as_f64;

/// A block, with guards in those of its functions that are timed.
pub(crate) fn expand_block(block: &Block, parts: &[Part]) -> TokenStream {
    let parts = parts.iter().map(|part| match part {
        Part::Tokens(tokens) => tokens.clone(),
        Part::Timed(timed) => expand(timed),
        Part::Block(block, parts) => expand_block(block, parts),
    });
    let braces = regrouped(&block.braces, parts.collect());
    let head = &block.head;
    quote!(#head #braces)
}

/// A function with its guards.
pub(crate) fn expand(timed: &Timed) -> TokenStream {
    let private = site::private(&timed.settings.root);
    let found = found(timed, &private);
    let head = &timed.function.head;
    match &timed.function.work {
        Work::Body(body) if timed.is_lowered() => lower::function(timed, body, found, &private),
        Work::Body(body) => {
            let content = content(timed, body, &private);
            let Body { braces, opening, .. } = body;
            let mut braces = regrouped(braces, quote!(#opening #found #content));
            if timed.function.is_of_one_thought(body) {
                braces.set_span(Span::mixed_site().located_at(braces.span()));
            }
            quote!(#head #braces)
        }
        Work::Future(future) => {
            // The parts are found at the call; what is inside of the future begins with its first poll.
            let words = &future.head;
            let Body { braces, opening, rest } = &future.inner;
            let (found, found_inside) =
                if future.is_move() || (timed.wraps() && !timed.settings.stays_async) {
                    (found, None)
                } else {
                    (None, found)
                };
            let mut block = if timed.wraps() {
                let output = timed.signature.as_ref().and_then(Signature::output_of_future);
                let typed = output.map(|output| wrap::typed_as(&output, &private));
                let inner = regrouped(braces, quote!(#opening #typed #(#rest)*));
                let watched = wrap::watched(timed, &quote!(#(#words)* #inner), &private);
                if timed.settings.stays_async {
                    // Another macro may look for such a block, as this one does.
                    let inner = quote_spanned! {Span::mixed_site()=>
                        #found_inside let result = #watched.await; result
                    };
                    let inner = regrouped(braces, inner);
                    quote!(#(#words)* #inner)
                } else {
                    watched
                }
            } else {
                let guards = guards(timed, &private);
                let inner = regrouped(braces, quote!(#opening #found_inside #guards #(#rest)*));
                quote!(#(#words)* #inner)
            };
            if let Some(call) = &future.call {
                block = regrouped(call, block).to_token_stream();
            }
            let Body { braces, opening, rest } = &future.body;
            let braces = regrouped(braces, quote!(#opening #found #(#rest)* #block));
            quote!(#head #braces)
        }
    }
}

/// What a body does instead of `rest`.
fn content(timed: &Timed, body: &Body, private: &TokenStream) -> TokenStream {
    match &timed.signature {
        Some(signature) if timed.wraps() => wrap::content(timed, signature, body, private),
        _ => {
            let (guards, rest) = (guards(timed, private), &body.rest);
            quote!(#guards #(#rest)*)
        }
    }
}

/// True where a slot in a static is enough: nothing but durations, in one series.
fn is_plain(settings: &Settings) -> bool {
    settings.computed_labels().next().is_none()
        && settings.sample.is_none()
        && settings.outcome.is_none()
        && settings.busy.is_none()
        && !settings.in_flight
}

/// True where nothing is said of the function, as of most.
fn says_nothing(timed: &Timed) -> bool {
    let Settings { name, function, labels, schema, buckets, .. } = &timed.settings;
    name.is_none()
        && function.is_none()
        && labels.is_empty()
        && schema.is_none()
        && buckets.is_none()
}

/// The statement that finds what a call records into, where that is more than one series.
fn found(timed: &Timed, private: &TokenStream) -> Option<TokenStream> {
    let settings = &timed.settings;
    if is_plain(settings) {
        return None;
    }
    let terms = Term::all(&settings.labels, private);
    let computed: Vec<&Term> = terms.iter().filter(|term| !term.is_fixed()).collect();
    let keys = computed.iter().map(|term| &term.key);
    let texts = computed.iter().map(|term| &term.text);
    let count = Literal::usize_unsuffixed(computed.len());
    let about = about(timed, private);
    let extras = [
        (settings.sample.is_some(), "calls"),
        (settings.in_flight, "in_flight"),
        (settings.outcome.is_some(), "outcomes"),
        (settings.outcome.is_some() && timed.is_async(), "cancellations"),
        (settings.busy.is_some(), "busy"),
    ];
    let extras =
        extras.into_iter().filter(|(is_asked, _)| *is_asked).map(|(_, name)| site::ident(name));
    let arm = quote_spanned! {Span::mixed_site()=>
        static __SITE: #private::FunctionSite<#count> =
            #private::FunctionSite::new(|| #about #(.#extras())*, [#(#keys),*]);
        __SITE.parts([#(#texts),*])
    };
    let parts = if computed.is_empty() {
        quote_spanned!(Span::mixed_site()=> { #arm })
    } else {
        bind(Term::bindings(&terms), &arm)
    };
    Some(quote_spanned!(Span::mixed_site()=> let parts = #parts;))
}

/// The guards of a body that is not wrapped.
pub(super) fn guards(timed: &Timed, private: &TokenStream) -> TokenStream {
    if !is_plain(&timed.settings) {
        let (enter, timing) = (enter(&timed.settings), timing(timed));
        return quote_spanned!(Span::mixed_site()=> #enter let _guard = #timing;);
    }
    let slot = if says_nothing(timed) {
        quote_spanned!(Span::mixed_site()=> #private::function(|| ()))
    } else {
        let about = about(timed, private);
        quote_spanned!(Span::mixed_site()=> #private::DistributionSlot::deferred(|| #about.resolve()))
    };
    let start = site::ident(if timed.is_async() { "timed_async" } else { "timed" });
    quote_spanned! {Span::mixed_site()=>
        let _guard = {
            static __SITE: #private::DistributionSlot = #slot;
            #private::#start(&__SITE)
        };
    }
}

/// The guard that counts the call as in flight: first, so that it is the last to be dropped.
pub(super) fn enter(settings: &Settings) -> Option<TokenStream> {
    settings.in_flight.then(|| quote_spanned!(Span::mixed_site()=> let _in_flight = parts.enter();))
}

/// The expression that begins the timing.
pub(super) fn timing(timed: &Timed) -> TokenStream {
    match (timed.settings.sample, timed.is_async()) {
        (None, false) => quote_spanned!(Span::mixed_site()=> parts.start()),
        (None, true) => quote_spanned!(Span::mixed_site()=> parts.start_detached()),
        (Some(every), is_async) => {
            let every = Literal::u32_unsuffixed(every);
            let start = if is_async { "start_sampled_detached" } else { "start_sampled" };
            let start = site::ident(start);
            quote_spanned!(Span::mixed_site()=> parts.#start(#every))
        }
    }
}

/// What is said of the function, once for all calls.
fn about(timed: &Timed, private: &TokenStream) -> TokenStream {
    let settings = &timed.settings;
    let mut about = quote_spanned!(Span::mixed_site()=> #private::About::function(|| ()));
    let mut add = |name: &str, value: TokenStream| {
        let name = site::ident(name);
        about.extend(quote_spanned!(Span::mixed_site()=> .#name(#value)));
    };
    if let Some(name) = &settings.name {
        add("named", name.to_token_stream());
    }
    if let Some(function) = &settings.function {
        add("labelled", function.to_token_stream());
    }
    let fixed = Term::all(&settings.labels, private).into_iter().filter(Term::is_fixed);
    let fixed: Vec<Term> = fixed.collect();
    if !fixed.is_empty() {
        add("labels", quote_spanned!(Span::mixed_site()=> &[#(#fixed),*]));
    }
    if let Some(description) = timed.description() {
        add("describe", description.to_token_stream());
    }
    if let Some(unit) = &settings.unit {
        add("unit", unit.to_token_stream());
    }
    if let Some(schema) = settings.schema {
        add("schema", Literal::i8_unsuffixed(schema).to_token_stream());
    }
    if let Some(bounds) = &settings.buckets {
        let bounds = bounds.iter().map(as_f64);
        add("bounds", quote_spanned!(Span::mixed_site()=> &[#(#bounds),*]));
    }
    about
}

/// The same delimiters, at the same place, around something else.
pub(super) fn regrouped(group: &Group, content: TokenStream) -> Group {
    let mut regrouped = Group::new(group.delimiter(), content);
    regrouped.set_span(group.span());
    regrouped
}

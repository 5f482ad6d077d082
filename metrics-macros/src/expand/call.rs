//! The expansion of `counter!`, `gauge!`, `histogram!` and `timer!`: an expression of the handle's type.
//!
//! There are four shapes, by what is known before the program runs: name and labels (a site that is
//! resolved once), the name and all values that labels can have (a set), the name and the keys (a family),
//! not even those (a dynamic site). The user's expressions are evaluated once, in order, outside of the
//! block that holds our static; what they borrow is given back before the handle is used.

use proc_macro2::{Ident, Literal, Span, TokenStream};
use quote::{ToTokens, quote_spanned};
use syn::{Expr, LitStr};

use crate::expand::label::{Binding, Term, as_text, bind, borrowed, over};
use crate::expand::{said, site};
use crate::model::call::{Call, Labels, Name, is_empty_vec};
use crate::model::label::Label;

pub(crate) fn expand(call: &Call) -> TokenStream {
    let private = site::private(&call.root);
    let handle = match (&call.name, &call.labels) {
        (Name::Literal(name), Labels::Listed(labels)) => {
            of_literal_name(call, name, labels, &private)
        }
        (name, Labels::Set(set, fixed)) => of_set(call, name, set, fixed, &private),
        (name, labels) => of_dynamic_site(call, name, labels, &private),
    };
    let description = (call.says_once() && call.said.is_computed())
        .then(|| said::at_first_use(&call.said, call.kind, &call.name, &private));
    let metadata = said::metadata(&call.said, &private);
    if description.is_none() && metadata.is_empty() {
        return handle;
    }
    quote_spanned!(Span::mixed_site()=> { #metadata #description #handle })
}

fn of_literal_name(
    call: &Call,
    name: &LitStr,
    labels: &[Label],
    private: &TokenStream,
) -> TokenStream {
    let terms = Term::all(labels, private);
    if terms.iter().all(Term::is_fixed) {
        of_site(call, name, &terms, private)
    } else if terms.iter().all(Term::has_fixed_key) {
        of_family(call, name, &terms, private)
    } else {
        of_dynamic_site(call, &call.name, &call.labels, private)
    }
}

fn of_site(call: &Call, name: &LitStr, labels: &[Term<'_>], private: &TokenStream) -> TokenStream {
    let [kind, slot, function] =
        [call.kind.variant(), call.kind.slot(), call.kind.function()].map(site::ident);
    let mut arguments =
        quote_spanned!(Span::mixed_site()=> #private::Kind::#kind, #name, &[#(#labels),*]);
    let mut literal = site::ident("literal");
    if let Some(said) = said::known(&call.said, private) {
        literal = site::ident("literal_saying");
        arguments.extend(quote_spanned!(Span::mixed_site()=> , #said));
    }
    quote_spanned! {Span::mixed_site()=>
        {
            static __SITE: #private::#slot = #private::#slot::deferred(|| #private::#literal(#arguments));
            #private::#function(&__SITE)
        }
    }
}

fn of_family(
    call: &Call,
    name: &LitStr,
    labels: &[Term<'_>],
    private: &TokenStream,
) -> TokenStream {
    let (fixed, computed): (Vec<_>, Vec<_>) = labels.iter().partition(|label| label.is_fixed());
    let keys = computed.iter().map(|label| &label.key);
    let texts = computed.iter().map(|label| &label.text);
    let count = Literal::usize_unsuffixed(computed.len());
    let [kind, method] = [call.kind.variant(), call.kind.function()].map(site::ident);
    let ty = quote_spanned!(Span::mixed_site()=> #private::Family<#count>);
    let arguments = quote_spanned! {Span::mixed_site()=>
        #private::Kind::#kind, #name, &[#(#fixed),*], [#(#keys),*]
    };
    let site = static_site("Family", &ty, arguments, call, private);
    let arm = quote_spanned! {Span::mixed_site()=>
        #site;
        __SITE.find([#(#texts),*]).#method()
    };
    bind(Term::bindings(labels), &arm)
}

fn of_set(
    call: &Call,
    name: &Name,
    set: &Expr,
    fixed: &[Label],
    private: &TokenStream,
) -> TokenStream {
    let fixed = Term::all(fixed, private);
    let [kind, method] = [call.kind.variant(), call.kind.function()].map(site::ident);
    let ty = quote_spanned!(Span::mixed_site()=> #private::SetSite);
    let arguments =
        quote_spanned!(Span::mixed_site()=> #private::Kind::#kind, #name, &[#(#fixed),*]);
    let site = static_site("SetSite", &ty, arguments, call, private);
    let bound = Binding { name: Ident::new("__set", over(set)), operand: borrowed(set) };
    let bound_name = &bound.name;
    let member = quote_spanned!(over(set)=> __SITE.find(#bound_name));
    let arm = quote_spanned! {Span::mixed_site()=>
        #site;
        #member.#method()
    };
    bind([&bound], &arm)
}

fn of_dynamic_site(
    call: &Call,
    name: &Name,
    labels: &Labels,
    private: &TokenStream,
) -> TokenStream {
    let [kind, method] = [call.kind.variant(), call.kind.function()].map(site::ident);
    let mut bindings = if call.says_once() { Vec::new() } else { said::bindings(&call.said) };
    let name = match name {
        Name::Literal(name) => name.to_token_stream(),
        Name::Computed(name) => {
            let bound = Binding { name: Ident::new("__name", over(name)), operand: borrowed(name) };
            let text = as_text(&bound.name, over(name));
            bindings.push(bound);
            text
        }
    };
    let terms;
    let find = match labels {
        Labels::Collected(labels) => {
            let bound = Ident::new("__labels", over(labels));
            let find = quote_spanned!(over(labels)=> find_in(#name, #bound));
            let mut operand = labels.to_token_stream();
            if is_empty_vec(labels) {
                let private = site::located(private, over(labels));
                operand = quote_spanned!(over(labels)=> #private::no_labels(#operand));
            }
            bindings.push(Binding { name: bound, operand });
            find
        }
        Labels::Listed(labels) | Labels::Set(_, labels) => {
            terms = Term::all(labels, private);
            bindings.extend(Term::bindings(&terms).cloned());
            quote_spanned!(Span::mixed_site()=> find(#name, &[#(#terms),*]))
        }
    };
    let ty = quote_spanned!(Span::mixed_site()=> #private::DynamicSite);
    let arguments = quote_spanned!(Span::mixed_site()=> #private::Kind::#kind);
    let mut site = static_site("DynamicSite", &ty, arguments, call, private);
    if let Name::Literal(_) = call.name {
        site.extend(quote_spanned!(Span::mixed_site()=> .with_literal_name()));
    }
    let described = if call.says_once() { None } else { said::described(&call.said) };
    let arm = quote_spanned! {Span::mixed_site()=>
        #site;
        __SITE #described .#find.#method()
    };
    bind(&bindings, &arm)
}

/// The static of a site, made of `arguments` and what else is known of the metric, up to its semicolon.
fn static_site(
    name: &str,
    ty: &TokenStream,
    mut arguments: TokenStream,
    call: &Call,
    private: &TokenStream,
) -> TokenStream {
    let (name, mut new) = (site::ident(name), site::ident("new"));
    if let Some(said) = said::known(&call.said, private) {
        new = site::ident("saying");
        arguments.extend(quote_spanned!(Span::mixed_site()=> , #said));
    }
    quote_spanned!(Span::mixed_site()=> static __SITE: #ty = #private::#name::#new(#arguments))
}

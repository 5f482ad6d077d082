//! The expansion of `counter!`, `gauge!`, `histogram!` and `timer!`: an expression of the handle's type.
//!
//! There are three shapes, by what is known before the program runs: name and labels (a site that is
//! resolved once), the name only (a family), not even the name (a cache of names). In the latter two the
//! user's expressions are evaluated once, in order, outside of the block that holds our static; what
//! they borrow is given back before the handle is used.

use proc_macro2::{Ident, Literal, Span, TokenStream};
use quote::{format_ident, quote_spanned};
use syn::{Expr, LitStr};

use crate::expand::label::{Binding, Term, bind, borrowed, over};
use crate::expand::site;
use crate::model::call::{Call, Name};

pub(crate) fn expand(call: &Call) -> TokenStream {
    let private = site::private(&call.root);
    let terms = Term::all(&call.labels, &private);
    match &call.name {
        Name::Literal(name) if terms.iter().all(Term::is_fixed) => {
            of_site(call, name, &terms, &private)
        }
        Name::Literal(name) => of_family(call, name, &terms, &private),
        Name::Computed(name) => of_computed_name(call, name, &terms, &private),
    }
}

fn of_site(call: &Call, name: &LitStr, labels: &[Term<'_>], private: &TokenStream) -> TokenStream {
    let [kind, slot, function] =
        [call.kind.variant(), call.kind.slot(), call.kind.function()].map(site::ident);
    quote_spanned! {Span::mixed_site()=>
        {
            static SITE: #private::#slot = #private::#slot::deferred(
                || #private::literal(#private::Kind::#kind, #name, &[#(#labels),*])
            );
            #private::#function(&SITE)
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
    let keys = computed.iter().map(|label| label.key);
    let texts = computed.iter().map(|label| &label.text);
    let count = Literal::usize_unsuffixed(computed.len());
    let kind = site::ident(call.kind.variant());
    let function = format_ident!("{}_of", call.kind.function(), span = Span::mixed_site());
    let arm = quote_spanned! {Span::mixed_site()=>
        static FAMILY: #private::Family<#count> =
            #private::Family::new(#private::Kind::#kind, #name, &[#(#fixed),*], [#(#keys),*]);
        #private::#function(&FAMILY, [#(#texts),*])
    };
    bind(Term::bindings(labels), &arm)
}

fn of_computed_name(
    call: &Call,
    name: &Expr,
    labels: &[Term<'_>],
    private: &TokenStream,
) -> TokenStream {
    let bound = Binding { name: Ident::new("name", over(name)), operand: borrowed(name) };
    let kind = site::ident(call.kind.variant());
    let function = format_ident!("{}_named", call.kind.function(), span = Span::mixed_site());
    let bound_name = &bound.name;
    let text = quote_spanned!(over(name)=> ::core::convert::AsRef::<str>::as_ref(#bound_name));
    let arm = quote_spanned! {Span::mixed_site()=>
        static CACHE: #private::NameCache = #private::NameCache::new(#private::Kind::#kind);
        #private::#function(&CACHE, #text, &[#(#labels),*])
    };
    bind([&bound].into_iter().chain(Term::bindings(labels)), &arm)
}

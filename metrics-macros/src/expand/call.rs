//! The expansion of `counter!`, `gauge!`, `histogram!` and `timer!`: an expression of the handle's type.
//!
//! There are three shapes, by what is known before the program runs: name and labels (a site that is
//! resolved once), the name only (a family), not even the name (a cache of names). In the latter two the
//! user's expressions are evaluated once, in order, outside of the block that holds our static; what
//! they borrow is given back before the handle is used.

use proc_macro2::{Ident, Literal, Span, TokenStream};
use quote::{ToTokens, format_ident, quote_spanned};
use syn::spanned::Spanned;
use syn::{Expr, LitStr};

use crate::expand::site;
use crate::model::call::{Call, Name};
use crate::model::label::{Label, Value};

pub(crate) fn expand(call: &Call) -> TokenStream {
    let private = site::private(&call.root);
    let terms: Vec<Term> = call
        .labels
        .iter()
        .enumerate()
        .map(|(index, label)| Term::new(index, label, &private))
        .collect();
    match &call.name {
        Name::Literal(name) if terms.iter().all(Term::is_fixed) => {
            of_site(call, name, &terms, &private)
        }
        Name::Literal(name) => of_family(call, name, &terms, &private),
        Name::Computed(name) => of_computed_name(call, name, &terms, &private),
    }
}

/// A label in an expansion.
struct Term<'a> {
    key: &'a LitStr,
    /// An expression of type `&str`: a literal, or the text of what `binding` binds.
    text: TokenStream,
    binding: Option<Binding>,
}

/// A user's expression, borrowed under a name of ours.
struct Binding {
    name: Ident,
    operand: TokenStream,
}

impl<'a> Term<'a> {
    fn new(index: usize, label: &'a Label, private: &TokenStream) -> Term<'a> {
        let key = &label.key;
        let (expr, is_displayed) = match &label.value {
            Value::Fixed(value) => {
                return Term { key, text: value.to_token_stream(), binding: None };
            }
            Value::Text(expr) => (expr, false),
            Value::Displayed(expr) => (expr, true),
        };
        // A value of a type that does not fit is the compiler's to refuse: all that it can point at
        // lies over the value.
        let at_value = over(expr);
        let private = site::located(private, at_value);
        let mut operand = borrowed(expr);
        if is_displayed {
            operand = quote_spanned!(at_value=> &#private::Displayed::new(#operand));
        }
        let name = format_ident!("value{index}", span = at_value);
        // Called by path: `&*` would ask for the type at once, and that of `i` in `for i in 0..3` is
        // not settled before the end of the user's function.
        let text = quote_spanned!(at_value=> ::core::ops::Deref::deref(&#private::LabelValue::text(#name)));
        Term { key, text, binding: Some(Binding { name, operand }) }
    }

    fn is_fixed(&self) -> bool {
        self.binding.is_none()
    }
}

impl ToTokens for Term<'_> {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        let Term { key, text, .. } = self;
        tokens.extend(quote_spanned!(Span::mixed_site()=> (#key, #text)));
    }
}

fn of_site(call: &Call, name: &LitStr, labels: &[Term<'_>], private: &TokenStream) -> TokenStream {
    let place = site::place(private);
    let [kind, slot, function] =
        [call.kind.variant(), call.kind.slot(), call.kind.function()].map(site::ident);
    quote_spanned! {Span::mixed_site()=>
        {
            static SITE: #private::Site =
                #private::Site::new(#private::Kind::#kind, #name, &[#(#labels),*], #place);
            static SLOT: #private::#slot = #private::#slot::deferred(&SITE);
            #private::#function(&SLOT)
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
    let place = site::place(private);
    let kind = site::ident(call.kind.variant());
    let function = format_ident!("{}_of", call.kind.function(), span = Span::mixed_site());
    let arm = quote_spanned! {Span::mixed_site()=>
        static FAMILY: #private::Family<#count> =
            #private::Family::new(#private::Kind::#kind, #name, &[#(#fixed),*], [#(#keys),*], #place);
        #private::#function(&FAMILY, [#(#texts),*])
    };
    bind(labels.iter().filter_map(|label| label.binding.as_ref()), &arm)
}

fn of_computed_name(
    call: &Call,
    name: &Expr,
    labels: &[Term<'_>],
    private: &TokenStream,
) -> TokenStream {
    let bound = Binding { name: Ident::new("name", over(name)), operand: borrowed(name) };
    let place = site::place(private);
    let kind = site::ident(call.kind.variant());
    let function = format_ident!("{}_named", call.kind.function(), span = Span::mixed_site());
    let bound_name = &bound.name;
    let text = quote_spanned!(over(name)=> ::core::convert::AsRef::<str>::as_ref(#bound_name));
    let arm = quote_spanned! {Span::mixed_site()=>
        static CACHE: #private::NameCache = #private::NameCache::new(#private::Kind::#kind, #place);
        #private::#function(&CACHE, #text, &[#(#labels),*])
    };
    bind([&bound].into_iter().chain(labels.iter().filter_map(|label| label.binding.as_ref())), &arm)
}

/// Evaluates what `bindings` bind, then `arm`, and drops the temporaries of both before the handle is
/// given out, also where the call is the last expression of a block.
fn bind<'a>(bindings: impl IntoIterator<Item = &'a Binding>, arm: &TokenStream) -> TokenStream {
    let (names, operands): (Vec<_>, Vec<_>) =
        bindings.into_iter().map(|binding| (&binding.name, &binding.operand)).unzip();
    quote_spanned! {Span::mixed_site()=>
        {
            let handle = match (#(#operands,)*) {
                (#(#names,)*) => { #arm }
            };
            handle
        }
    }
}

fn borrowed(expr: &Expr) -> TokenStream {
    quote_spanned!(over(expr)=> &(#expr))
}

/// Where messages about `expr` belong, with names that mean ours.
fn over(expr: &Expr) -> Span {
    Span::mixed_site().located_at(expr.span())
}

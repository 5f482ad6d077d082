//! Labels in an expansion: what stands in the program's text, and what is evaluated at a call.
//!
//! The user's expressions are evaluated once, in order, outside of the block that holds our static; what
//! they borrow is given back before what was found is used.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, format_ident, quote_spanned};
use syn::Expr;
use syn::spanned::Spanned;

use crate::expand::site;
use crate::model::label::{Key, Label, Value};

/// A label in an expansion.
pub(crate) struct Term<'a> {
    /// An expression of type `&str`: a literal, or the text of what is bound for it.
    pub(crate) key: TokenStream,
    /// The same for the value.
    pub(crate) text: TokenStream,
    label: &'a Label,
    bindings: Vec<Binding>,
}

/// A user's expression, borrowed under a name of ours.
#[derive(Clone)]
pub(crate) struct Binding {
    pub(crate) name: Ident,
    pub(crate) operand: TokenStream,
}

impl<'a> Term<'a> {
    /// The labels of a call, in order.
    pub(crate) fn all(labels: &'a [Label], private: &TokenStream) -> Vec<Term<'a>> {
        let numbered = labels.iter().enumerate();
        numbered.map(|(index, label)| Term::new(index, label, private)).collect()
    }

    /// What has to be evaluated for them.
    pub(crate) fn bindings<'t>(terms: &'t [Term<'a>]) -> impl Iterator<Item = &'t Binding> {
        terms.iter().flat_map(|term| &term.bindings)
    }

    fn new(index: usize, label: &'a Label, private: &TokenStream) -> Term<'a> {
        let mut bindings = Vec::new();
        let key = match &label.key {
            Key::Fixed(key) => key.to_token_stream(),
            Key::Computed(expr) => {
                let name = format_ident!("__key{index}", span = over(expr));
                let text = as_text(&name, over(expr));
                bindings.push(Binding { name, operand: borrowed(expr) });
                text
            }
        };
        let (expr, is_displayed) = match &label.value {
            Value::Fixed(value) => {
                return Term { key, text: value.to_token_stream(), label, bindings };
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
        let name = format_ident!("__value{index}", span = at_value);
        // Called by path: `&*` would ask for the type at once, and that of `i` in `for i in 0..3` is
        // not settled before the end of the user's function.
        let text = quote_spanned!(at_value=> ::core::ops::Deref::deref(&#private::LabelValue::text(#name)));
        bindings.push(Binding { name, operand });
        Term { key, text, label, bindings }
    }

    /// True where nothing has to be evaluated.
    pub(crate) fn is_fixed(&self) -> bool {
        self.label.is_fixed()
    }

    /// True where the key stands in the program's text.
    pub(crate) fn has_fixed_key(&self) -> bool {
        matches!(self.label.key, Key::Fixed(_))
    }
}

impl ToTokens for Term<'_> {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        let Term { key, text, .. } = self;
        tokens.extend(quote_spanned!(Span::mixed_site()=> (#key, #text)));
    }
}

/// Evaluates what `bindings` bind, then `arm`, and drops the temporaries of both before the handle is
/// given out, also where the call is the last expression of a block.
pub(crate) fn bind<'a>(
    bindings: impl IntoIterator<Item = &'a Binding>,
    arm: &TokenStream,
) -> TokenStream {
    let (names, operands): (Vec<_>, Vec<_>) =
        bindings.into_iter().map(|binding| (&binding.name, &binding.operand)).unzip();
    quote_spanned! {Span::mixed_site()=>
        {
            let __handle = match (#(#operands,)*) {
                (#(#names,)*) => { #arm }
            };
            __handle
        }
    }
}

/// The text of `operand`, a reference.
pub(crate) fn as_text(operand: &impl ToTokens, at: Span) -> TokenStream {
    quote_spanned!(at=> ::core::convert::AsRef::<str>::as_ref(#operand))
}

pub(crate) fn borrowed(expr: &Expr) -> TokenStream {
    quote_spanned!(over(expr)=> &(#expr))
}

/// Where messages about `expr` belong, with names that mean ours.
pub(crate) fn over(expr: &Expr) -> Span {
    Span::mixed_site().located_at(expr.span())
}

//! The expansion of `#[derive(LabelSet)]`: implementations, and nothing that has a name.
//!
//! An enum is a set of one label, can be a field of others, and is a label's value in a call. A struct asks the
//! types of its fields, so that what is no label is refused by the compiler at the field's type.

use std::mem;

use proc_macro2::{Group, Ident, Literal, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote_spanned};
use syn::spanned::Spanned;
use syn::{GenericParam, Generics, Type};

use crate::expand::site;
use crate::model::Root;
use crate::model::label_set::{Field, Label, LabelSet, Labels};
use crate::parse::label_set::{Body, Declared};

/// The implementations for a set.
pub(crate) fn expand(set: &LabelSet) -> TokenStream {
    let mut target = Target::new(&set.root, &set.name, &set.generics);
    target.is_deprecated = set.is_deprecated;
    let mut tokens = match &set.labels {
        Labels::One(label) => of_label(&target, label),
        Labels::Many(fields) => {
            target.demand_labels(fields);
            of_fields(&target, fields)
        }
    };
    tokens.extend(target.count());
    tokens
}

/// Implementations for an item that was refused, so that its uses are no mistakes, too. They are never run.
pub(crate) fn stand_in(declared: &Declared) -> TokenStream {
    let root = Root::from(declared.words.root.clone());
    let target = Target::new(&root, &declared.name, &declared.generics);
    match &declared.body {
        Body::Enum(variants) => {
            let nothing = || quote_spanned!(Span::mixed_site()=> "");
            let mut tokens =
                target.one(nothing(), nothing(), &Literal::usize_unsuffixed(0), nothing());
            if variants.iter().any(|variant| variant.words.other.is_some()) {
                tokens.extend(
                    target.parsed(&quote_spanned!(Span::mixed_site()=> ::core::panic!("{text}"))),
                );
            }
            tokens
        }
        Body::Struct(_) | Body::Nameless(_) | Body::Union(_) => {
            target.set(&[], &Literal::usize_unsuffixed(0))
        }
    }
}

fn of_label(target: &Target, label: &Label) -> TokenStream {
    let variants = label.values.iter().map(|value| &value.variant);
    let variants_again = variants.clone();
    let texts = label.values.iter().map(|value| &value.text);
    let texts_again = texts.clone();
    let places = (0..label.values.len()).map(Literal::usize_unsuffixed);
    let place = quote_spanned!(Span::mixed_site()=> match self { #(Self::#variants => #places),* });
    let text = quote_spanned!(Span::mixed_site()=> match self { #(Self::#variants_again => #texts_again),* });
    let values = quote_spanned!(Span::mixed_site()=> #(#texts),*);
    let mut tokens = target.one(label.key.to_token_stream(), values, &place, text);
    if let Some(other) = &label.other {
        let others = label.values.iter().filter(|value| value.variant != *other);
        let arms = others.map(|value| {
            let (variant, text) = (&value.variant, &value.text);
            quote_spanned!(Span::mixed_site()=> #text => Self::#variant,)
        });
        tokens.extend(target.parsed(&quote_spanned! {Span::mixed_site()=>
            ::core::result::Result::Ok(match text { #(#arms)* _ => Self::#other })
        }));
    }
    tokens
}

fn of_fields(target: &Target, fields: &[Field]) -> TokenStream {
    let mut all = Vec::new();
    let mut steps = TokenStream::new();
    for field in fields {
        let Field { name, key, ty } = field;
        let at_type = over(ty);
        let private = &target.private;
        let written = ty.to_token_stream();
        // In a static no lifetime has a name; the values are the same for all.
        let lasting = if target.has_parameters() {
            written.clone()
        } else {
            lasting(written.clone(), &target.lasting_name())
        };
        let [values, after] = [lasting, written].map(|ty| target.as_label(&ty, at_type));
        let values = quote_spanned!(at_type=> #values::VALUES);
        let after = quote_spanned!(at_type=> #after::after);
        all.push(quote_spanned!(Span::mixed_site()=> #private::LabelField { key: #key, values: #values }));
        steps.extend(quote_spanned!(Span::mixed_site()=> let index = #after(&self.#name, index);));
    }
    let index = quote_spanned!(Span::mixed_site()=> let index = 0; #steps index);
    target.set(&all, &index)
}

/// What the implementations are for.
struct Target<'a> {
    private: TokenStream,
    name: &'a Ident,
    generics: Generics,
    is_deprecated: bool,
}

impl<'a> Target<'a> {
    fn new(root: &Root, name: &'a Ident, generics: &Generics) -> Target<'a> {
        let generics = generics.clone();
        Target { private: site::private(root), name, generics, is_deprecated: false }
    }

    /// Demands of fields whose types depend on parameters that they are labels.
    fn demand_labels(&mut self, fields: &[Field]) {
        let parameters: Vec<_> =
            self.generics.type_params().map(|parameter| parameter.ident.clone()).collect();
        for Field { ty, .. } in fields {
            if mentions(ty.to_token_stream(), &parameters) {
                let private = site::located(&self.private, over(ty));
                let demand = syn::parse_quote_spanned!(over(ty)=> #ty: #private::LabelVariants);
                self.generics.make_where_clause().predicates.push(demand);
            }
        }
    }

    /// A field's type, as what a label is: messages about it lie over the type.
    fn as_label(&self, ty: &TokenStream, at_type: Span) -> TokenStream {
        let private = site::located(&self.private, at_type);
        quote_spanned!(at_type=> <#ty as #private::LabelVariants>)
    }

    /// All that an enum implements, but for `FromStr`.
    fn one(
        &self,
        key: impl ToTokens,
        values: impl ToTokens,
        place: &impl ToTokens,
        text: impl ToTokens,
    ) -> TokenStream {
        let private = &self.private;
        let variants = self.implementation(
            &quote_spanned!(Span::mixed_site()=> #private::LabelVariants),
            &quote_spanned! {Span::mixed_site()=>
                const VALUES: &'static [&'static str] = &[#values];

                #[inline]
                fn place(&self) -> usize {
                    #place
                }
            },
        );
        let value = self.implementation(
            &quote_spanned!(Span::mixed_site()=> #private::LabelValue),
            &quote_spanned! {Span::mixed_site()=>
                type Text<'a> = &'static str where Self: 'a;

                #[inline]
                fn text(&self) -> &'static str {
                    #text
                }
            },
        );
        let (name, (_, arguments, _)) = (self.name, self.generics.split_for_impl());
        let label =
            quote_spanned!(Span::mixed_site()=> <#name #arguments as #private::LabelVariants>);
        let set = self.set(
            &[quote_spanned!(Span::mixed_site()=> #private::LabelField { key: #key, values: #label::VALUES })],
            &quote_spanned!(Span::mixed_site()=> #label::place(self)),
        );
        quote_spanned!(Span::mixed_site()=> #variants #value #set)
    }

    /// The set of `fields`.
    fn set(&self, fields: &[TokenStream], index: &impl ToTokens) -> TokenStream {
        let private = &self.private;
        // A set that is too large is refused at its name. An enum may have a variant `FIELDS`.
        let over_name = Span::mixed_site().located_at(self.name.span());
        let located = site::located(private, over_name);
        let series =
            quote_spanned!(over_name=> #located::series(<Self as #located::LabelSet>::FIELDS));
        let fields = self.fields(fields);
        self.implementation(
            &quote_spanned!(Span::mixed_site()=> #private::LabelSet),
            &quote_spanned! {Span::mixed_site()=>
                const SERIES: usize = #series;
                const FIELDS: &'static [#private::LabelField] = #fields;

                #[inline]
                fn index(&self) -> usize {
                    #index
                }
            },
        )
    }

    /// A reference to `fields`, which is the same one wherever it is asked for, so that a site knows its set by it. A
    /// static cannot have parameters: where there are some, sites may have to compare the fields themselves.
    fn fields(&self, fields: &[TokenStream]) -> TokenStream {
        let private = &self.private;
        if self.has_parameters() {
            return quote_spanned!(Span::mixed_site()=> &[#(#fields),*]);
        }
        let count = Literal::usize_unsuffixed(fields.len());
        quote_spanned!(Span::mixed_site()=> #private::fields!(#count; #(#fields),*))
    }

    /// `FromStr`, with `result` of a `text`.
    fn parsed(&self, result: &TokenStream) -> TokenStream {
        let infallible = quote_spanned!(Span::mixed_site()=> ::core::convert::Infallible);
        self.implementation(
            &quote_spanned!(Span::mixed_site()=> ::core::str::FromStr),
            &quote_spanned! {Span::mixed_site()=>
                type Err = #infallible;

                fn from_str(text: &str) -> ::core::result::Result<Self, #infallible> {
                    #result
                }
            },
        )
    }

    /// Has the compiler count the series where the set is declared, and not only where it is used: of a set with
    /// parameters only a use tells what they are.
    fn count(&self) -> Option<TokenStream> {
        if self.has_parameters() {
            return None;
        }
        let (name, private, allowed) = (self.lasting_name(), &self.private, self.allowed());
        Some(quote_spanned! {Span::mixed_site()=>
            #allowed
            const _: usize = <#name as #private::LabelSet>::SERIES;
        })
    }

    /// The item's name, with `'static` in place of its lifetimes.
    fn lasting_name(&self) -> TokenStream {
        let name = self.name;
        let mut lifetimes = self
            .generics
            .lifetimes()
            .map(|_| quote_spanned!(Span::mixed_site()=> 'static))
            .peekable();
        match lifetimes.peek() {
            Some(_) => quote_spanned!(Span::mixed_site()=> #name<#(#lifetimes),*>),
            None => name.to_token_stream(),
        }
    }

    /// True where types or numbers are not known before the item is used.
    fn has_parameters(&self) -> bool {
        let mut parameters = self.generics.params.iter();
        parameters.any(|parameter| !matches!(parameter, GenericParam::Lifetime(_)))
    }

    fn implementation(&self, of: &TokenStream, items: &TokenStream) -> TokenStream {
        let (name, allowed) = (self.name, self.allowed());
        let (parameters, arguments, demands) = self.generics.split_for_impl();
        quote_spanned! {Span::mixed_site()=>
            #[automatically_derived]
            #allowed
            impl #parameters #of for #name #arguments #demands {
                #items
            }
        }
    }

    /// Who declares something that is deprecated does not use it.
    fn allowed(&self) -> Option<TokenStream> {
        let allowed = quote_spanned!(Span::mixed_site()=> #[allow(deprecated)]);
        self.is_deprecated.then_some(allowed)
    }
}

/// Where messages about `ty` belong, with names that mean ours.
fn over(ty: &Type) -> Span {
    Span::mixed_site().located_at(ty.span())
}

/// A type with `'static` in place of its lifetimes, and `own` in place of `Self`, as a static knows neither.
fn lasting(ty: TokenStream, own: &TokenStream) -> TokenStream {
    let mut is_lifetime = false;
    let trees = ty.into_iter().map(|tree| match tree {
        TokenTree::Ident(ident) if mem::take(&mut is_lifetime) => {
            TokenTree::Ident(Ident::new("static", ident.span())).into()
        }
        TokenTree::Ident(ident) if ident == "Self" => own.clone(),
        TokenTree::Group(group) => {
            let mut inner = Group::new(group.delimiter(), lasting(group.stream(), own));
            inner.set_span(group.span());
            TokenTree::Group(inner).into()
        }
        other => {
            is_lifetime = matches!(&other, TokenTree::Punct(mark) if mark.as_char() == '\'');
            other.into()
        }
    });
    trees.collect()
}

/// True where one of `names` stands in `tokens`.
fn mentions(tokens: TokenStream, names: &[Ident]) -> bool {
    tokens.into_iter().any(|tree| match tree {
        TokenTree::Group(group) => mentions(group.stream(), names),
        TokenTree::Ident(ident) => names.contains(&ident),
        TokenTree::Punct(_) | TokenTree::Literal(_) => false,
    })
}

//! What a signature says of arguments and of what is returned: only asked for where a body is wrapped.

use proc_macro2::{Group, Ident, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::{Attribute, FnArg, Pat, PatIdent, Result, ReturnType, Token, Visibility};

/// Of a function's signature.
pub(crate) struct Signature {
    /// The names that arguments bind, `self` included, in the order of writing.
    pub(crate) names: Vec<Ident>,
    /// True where one of them is `mut`.
    pub(crate) has_mut: bool,
    pub(crate) returned: Returned,
}

/// What a function returns.
pub(crate) enum Returned {
    /// A type, `_` in place of what is opaque in it.
    Type(TokenStream),
    /// A type of which nothing is known here: `impl Trait`.
    Opaque,
    /// Nothing ever: `!`.
    Never,
}

impl Signature {
    /// Reads it from all that stands before a body.
    pub(crate) fn read(head: TokenStream) -> Result<Signature> {
        let signature = |input: ParseStream| {
            input.call(Attribute::parse_outer)?;
            input.parse::<Visibility>()?;
            let fork = input.fork();
            if fork.call(proc_macro2::Ident::parse_any).is_ok_and(|word| word == "default") {
                input.call(proc_macro2::Ident::parse_any)?;
            }
            input.parse::<syn::Signature>()
        };
        let signature = signature.parse2(head)?;
        let (mut names, mut has_mut) = (Vec::new(), false);
        for argument in &signature.inputs {
            match argument {
                FnArg::Receiver(receiver) => {
                    has_mut |= receiver.mutability.is_some();
                    names.push(Ident::new("self", receiver.self_token.span));
                }
                FnArg::Typed(typed) => names_in(&typed.pat, &mut |bound| {
                    has_mut |= bound.mutability.is_some();
                    names.push(bound.ident.clone());
                }),
            }
        }
        let returned = match &signature.output {
            ReturnType::Default => Returned::Type(quote!(())),
            ReturnType::Type(_, ty) => match &**ty {
                syn::Type::Never(_) => Returned::Never,
                syn::Type::ImplTrait(_) => Returned::Opaque,
                ty => Returned::Type(without_opaque(ty.to_token_stream())),
            },
        };
        Ok(Signature { names, has_mut, returned })
    }
}

/// The names that a pattern binds.
fn names_in(pattern: &Pat, names: &mut dyn FnMut(&PatIdent)) {
    let mut all = |patterns: &mut dyn Iterator<Item = &Pat>| {
        for pattern in patterns {
            names_in(pattern, names);
        }
    };
    match pattern {
        Pat::Ident(bound) => names(bound),
        Pat::Paren(inner) => names_in(&inner.pat, names),
        Pat::Reference(inner) => names_in(&inner.pat, names),
        Pat::Type(inner) => names_in(&inner.pat, names),
        Pat::Slice(list) => all(&mut list.elems.iter()),
        Pat::Tuple(list) => all(&mut list.elems.iter()),
        Pat::TupleStruct(list) => all(&mut list.elems.iter()),
        Pat::Struct(list) => all(&mut list.fields.iter().map(|field| &*field.pat)),
        // Others bind nothing, or are no patterns of an argument.
        _ => {}
    }
}

/// A type in which each `impl Trait` is `_`.
fn without_opaque(ty: TokenStream) -> TokenStream {
    let mut out = TokenStream::new();
    let mut trees = ty.into_iter().peekable();
    while let Some(tree) = trees.next() {
        match tree {
            TokenTree::Ident(word) if word == "impl" => {
                let mut depth = 0_u32;
                let mut previous = ' ';
                while let Some(next) = trees.peek() {
                    let sign = match next {
                        TokenTree::Punct(punct) => punct.as_char(),
                        _ => ' ',
                    };
                    match sign {
                        '<' => depth += 1,
                        // That of `->` closes nothing.
                        '>' if previous == '-' => {}
                        '>' if depth > 0 => depth -= 1,
                        '>' => break,
                        ',' | ';' if depth == 0 => break,
                        _ => {}
                    }
                    previous = sign;
                    trees.next();
                }
                out.extend([<Token![_]>::default().to_token_stream()]);
            }
            TokenTree::Group(group) => {
                let mut inner = Group::new(group.delimiter(), without_opaque(group.stream()));
                inner.set_span(group.span());
                out.extend([TokenTree::Group(inner)]);
            }
            other => out.extend([other]),
        }
    }
    out
}

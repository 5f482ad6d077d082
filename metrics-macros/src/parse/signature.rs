//! What a signature says of arguments and of what is returned: only asked for where a body is wrapped.

use std::iter::Peekable;

use proc_macro2::{Group, Ident, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::{Attribute, FnArg, Pat, PatIdent, Result, ReturnType, Token, Visibility};

/// A function's signature, and what it says.
pub(crate) struct Signature {
    /// Attributes, visibility, and `default`.
    pub(crate) front: TokenStream,
    pub(crate) signature: syn::Signature,
    /// The names that arguments bind, `self` included, in the order of writing.
    pub(crate) names: Vec<Bound>,
    /// True where an argument is a pattern that is taken apart, and not a name.
    pub(crate) has_pattern: bool,
    /// True where one of them is `mut`.
    pub(crate) has_mut: bool,
    pub(crate) returned: Returned,
}

/// A name that an argument binds.
pub(crate) struct Bound {
    /// What the argument is there under.
    pub(crate) cfgs: Vec<Attribute>,
    pub(crate) name: Ident,
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
            let attributes = input.call(Attribute::parse_outer)?;
            let visibility: Visibility = input.parse()?;
            let is_default =
                input.fork().call(Ident::parse_any).is_ok_and(|word| word == "default");
            let default = if is_default { Some(input.call(Ident::parse_any)?) } else { None };
            let front = quote!(#(#attributes)* #visibility #default);
            Ok((front, input.parse::<syn::Signature>()?))
        };
        let (front, signature) = signature.parse2(head)?;
        let (mut names, mut has_mut, mut has_pattern) = (Vec::new(), false, false);
        for argument in &signature.inputs {
            match argument {
                FnArg::Receiver(receiver) => {
                    has_mut |= receiver.mutability.is_some();
                    let name = Ident::new("self", receiver.self_token.span);
                    names.push(Bound { cfgs: Vec::new(), name });
                }
                FnArg::Typed(typed) => {
                    has_pattern |= !matches!(&*typed.pat, Pat::Ident(_) | Pat::Wild(_));
                    names_in(&typed.pat, &mut |bound| {
                        has_mut |= bound.mutability.is_some();
                        let is_cfg = |attribute: &&Attribute| attribute.path().is_ident("cfg");
                        let cfgs = typed.attrs.iter().filter(is_cfg).cloned().collect();
                        names.push(Bound { cfgs, name: bound.ident.clone() });
                    });
                }
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
        Ok(Signature { front, signature, names, has_pattern, has_mut, returned })
    }
}

impl Signature {
    /// True for the methods of `Index` and `IndexMut`, which the standard library declares with `#[track_caller]`: they
    /// take a reference to `self` and one argument, and return a reference, which is never an error.
    pub(crate) fn is_of_index(&self) -> bool {
        let syn::Signature { ident, inputs, output, .. } = &self.signature;
        let is_reference =
            matches!(output, ReturnType::Type(_, ty) if matches!(**ty, syn::Type::Reference(_)));
        (ident == "index" || ident == "index_mut")
            && inputs.len() == 2
            && matches!(inputs.first(), Some(FnArg::Receiver(_)))
            && is_reference
    }

    /// The type that the returned future gives, where the signature says so: `… Future<Output = T> …`, or
    /// `BoxFuture<T>` and its kin.
    pub(crate) fn output_of_future(&self) -> Option<TokenStream> {
        let ReturnType::Type(_, ty) = &self.signature.output else { return None };
        let mut found = None;
        find_output(ty.to_token_stream(), &mut found);
        if let (None, syn::Type::Path(path)) = (&found, &**ty) {
            let last = path.path.segments.last()?;
            let is_boxed = ["BoxFuture", "LocalBoxFuture"].iter().any(|name| last.ident == name);
            if let (true, syn::PathArguments::AngleBracketed(list)) = (is_boxed, &last.arguments) {
                found = list.args.last().map(ToTokens::to_token_stream);
            }
        }
        found.map(without_opaque)
    }
}

/// What stands behind the first `Output =`, up to the end of its argument.
fn find_output(tokens: TokenStream, found: &mut Option<TokenStream>) {
    let mut trees = tokens.into_iter().peekable();
    while let Some(tree) = trees.next() {
        match tree {
            TokenTree::Group(group) => find_output(group.stream(), found),
            TokenTree::Ident(word) if word == "Output" => {
                let is_equals = |tree: &TokenTree| matches!(tree, TokenTree::Punct(sign) if sign.as_char() == '=');
                if trees.next_if(is_equals).is_some() {
                    *found = Some(argument(&mut trees));
                }
            }
            _ => {}
        }
        if found.is_some() {
            return;
        }
    }
}

/// The trees up to the comma or the bracket that end a generic argument.
fn argument(trees: &mut Peekable<proc_macro2::token_stream::IntoIter>) -> TokenStream {
    let mut out = TokenStream::new();
    let (mut depth, mut previous) = (0_u32, ' ');
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
        out.extend(trees.next());
    }
    out
}

/// The names that a pattern binds.
fn names_in(pattern: &Pat, names: &mut dyn FnMut(&PatIdent)) {
    let mut all = |patterns: &mut dyn Iterator<Item = &Pat>| {
        for pattern in patterns {
            names_in(pattern, names);
        }
    };
    match pattern {
        Pat::Ident(bound) => {
            names(bound);
            if let Some((_, inner)) = &bound.subpat {
                names_in(inner, names);
            }
        }
        // All cases bind the same names.
        Pat::Or(cases) => all(&mut cases.cases.iter().take(1)),
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
                argument(&mut trees);
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

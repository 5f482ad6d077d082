//! What the macros expand to, token by token.

use proc_macro2::{Delimiter, TokenStream, TokenTree};

use crate::expand;
use crate::kind::Kind;

mod label_set;
mod timed;

use timed::timed;

/// Tokens in one spelling: each apart from the next, whatever the spaces were.
fn spelled(tokens: TokenStream) -> String {
    let mut words = Vec::new();
    for tree in tokens {
        match tree {
            TokenTree::Group(group) => {
                let (open, close) = match group.delimiter() {
                    Delimiter::Parenthesis => ("(", ")"),
                    Delimiter::Brace => ("{", "}"),
                    Delimiter::Bracket => ("[", "]"),
                    Delimiter::None => ("", ""),
                };
                words.extend([open.to_owned(), spelled(group.stream()), close.to_owned()]);
            }
            leaf => words.push(leaf.to_string()),
        }
    }
    words.retain(|word| !word.is_empty());
    words.join(" ")
}

fn tokens(text: &str) -> String {
    spelled(text.parse().unwrap())
}

fn expanded(kind: Kind, call: &str) -> String {
    spelled(expand::call(kind, call.parse().unwrap()))
}

/// `P` in an expected expansion stands for the path of the private interface, and `TYPED<T>` for the statement
/// that tells the compiler that a `T` is returned.
fn expected(text: &str) -> String {
    let mut parts = text.split("TYPED<");
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        // The type ends where its brackets do.
        let mut depth = 1;
        let end = part.find(|letter| {
            depth += match letter {
                '<' => 1,
                '>' => -1,
                _ => 0,
            };
            depth == 0
        });
        let (ty, rest) = part.split_at(end.unwrap());
        let value = format!("let value = P::never::<{ty}>(); return value;");
        text.push_str(&format!("if false {{ #[allow(clippy::use_self)] {value} }} {}", &rest[1..]));
    }
    tokens(&text.replace("P::", "::tachograph::__private::"))
}

/// The messages of a refused expansion.
fn messages(expansion: &str) -> Vec<String> {
    let mut messages = Vec::new();
    for part in expansion.split("compile_error ! {").skip(1) {
        let literal: syn::LitStr = syn::parse_str(part.split_once('}').unwrap().0).unwrap();
        messages.push(literal.value());
    }
    messages
}

#[test]
fn literal_name_and_labels_are_one_site() {
    for (kind, variant, slot, function) in [
        (Kind::Counter, "Counter", "CellSlot", "counter"),
        (Kind::Gauge, "Gauge", "CellSlot", "gauge"),
        (Kind::Histogram, "Histogram", "DistributionSlot", "histogram"),
        (Kind::Timer, "Timer", "DistributionSlot", "timer"),
        (Kind::Rate, "Rate", "CellSlot", "rate"),
        (Kind::Summary, "Summary", "DistributionSlot", "summary"),
    ] {
        let text = format!(
            "{{
                static __SITE: P::{slot} = P::{slot}::deferred(|| P::literal(
                    P::Kind::{variant}, \"a\", &[(\"k\", \"v\"), (\"n\", \"3\")]));
                P::{function}(&__SITE)
            }}"
        );
        assert_eq!(expanded(kind, r#""a", "k" => "v", "n" => 3,"#), expected(&text));
    }
}

#[test]
fn value_known_at_run_time_makes_a_family() {
    assert_eq!(
        expanded(Kind::Gauge, r#""a", "k" => kind, "fixed" => "v", "n" => %n + 1"#),
        expected(
            r#"{
                let __handle = match (&(kind), &P::Displayed::new(&(n + 1)),) {
                    (__value0, __value2,) => {
                        static __SITE: P::Family<2> =
                            P::Family::new(P::Kind::Gauge, "a", &[("fixed", "v")], ["k", "n"]);
                        __SITE.find([
                            ::core::ops::Deref::deref(&P::LabelValue::text(__value0)),
                            ::core::ops::Deref::deref(&P::LabelValue::text(__value2))
                        ]).gauge()
                    }
                };
                __handle
            }"#
        )
    );
}

#[test]
fn name_known_at_run_time_makes_a_cache() {
    assert_eq!(
        expanded(Kind::Timer, r#"format!("{a}"), "fixed" => "v", "k" => kind"#),
        expected(
            r#"{
                let __handle = match (&(format!("{a}")), &(kind),) {
                    (__name, __value1,) => {
                        static __SITE: P::DynamicSite = P::DynamicSite::new(P::Kind::Timer);
                        __SITE.find(::core::convert::AsRef::<str>::as_ref(__name), &[
                            ("fixed", "v"),
                            ("k", ::core::ops::Deref::deref(&P::LabelValue::text(__value1)))
                        ]).timer()
                    }
                };
                __handle
            }"#
        )
    );
}

#[test]
fn literal_name_beside_a_key_known_at_run_time_is_said_to_be_one() {
    assert_eq!(
        expanded(Kind::Counter, r#""a", KEY => 1, description: text"#),
        expected(
            r#"{
                let __description = {
                    static __DESCRIPTION: P::Description = P::Description::new(P::Kind::Counter, "a");
                    &__DESCRIPTION
                };
                if __description.is_due() {
                    __description.say(
                        ::core::option::Option::None,
                        ::core::option::Option::Some(::core::convert::AsRef::<str>::as_ref(&(text)))
                    );
                }
                {
                    let __handle = match (&(KEY),) {
                        (__key0,) => {
                            static __SITE: P::DynamicSite =
                                P::DynamicSite::new(P::Kind::Counter).with_literal_name();
                            __SITE.find("a", &[
                                (::core::convert::AsRef::<str>::as_ref(__key0), "1")
                            ]).counter()
                        }
                    };
                    __handle
                }
            }"#
        )
    );
}

#[test]
fn crate_option_replaces_the_path_wherever_it_stands_and_however_it_is_written() {
    let expansion = expanded(Kind::Counter, r#"crate: inner::tachograph, "a""#);
    assert_eq!(expansion, expanded(Kind::Counter, r#""a", crate = inner::tachograph"#));
    let plain = expanded(Kind::Counter, r#""a""#);
    assert_eq!(expansion, plain.replace(": : tachograph", "inner : : tachograph"));
    let timed_by_path = timed("crate = inner::tachograph", "fn f() {}");
    assert_eq!(
        timed_by_path,
        timed("", "fn f() {}").replace(": : tachograph", "inner : : tachograph")
    );
}

#[test]
fn path_in_place_of_a_name_is_no_option() {
    assert!(expanded(Kind::Counter, "crate::NAME").contains("& ( crate : : NAME )"));
    assert!(expanded(Kind::Counter, "a == b").contains("& ( a = = b )"));
}

#[test]
fn every_argument_gets_its_own_message() {
    for (call, count) in [
        ("", 1),
        (",", 2),
        (r#""a" "b", "c""#, 2),
        (r#""a", "k" => , "l" => , "m" => 3"#, 2),
        (r#""", "" => "v", "k" => "v", "k" => "v""#, 3),
        (r#""a", crate = , crate = x"#, 2),
        (r#""a", "k" => a b c, 5"#, 2),
        (r#""a", b"k" => "v""#, 1),
        (r#""a", @"#, 1),
    ] {
        let messages = messages(&expanded(Kind::Counter, call));
        assert_eq!(messages.len(), count, "{call}: {messages:?}");
    }
}

/// Not among the ui tests, as compilers differ in how they show a literal of that size.
#[test]
fn text_is_refused_one_byte_above_its_limit() {
    let (name, value) = ("x".repeat(512), "x".repeat(4096));
    let call = |name: &str, key: &str, value: &str| {
        messages(&expanded(Kind::Counter, &format!("{name:?}, {key:?} => {value:?}")))
    };
    assert!(call(&name, &name, &value).is_empty());
    assert_eq!(
        call(&format!("{name}x"), &format!("{name}x"), &format!("{value}x")),
        [
            "expected a name of at most 512 bytes, found 513: shorten it",
            "expected a label key of at most 512 bytes, found 513: shorten it",
            "expected a label value of at most 4096 bytes, found 4097: shorten it",
        ]
    );
}

#[test]
fn docs_show_the_expansion_as_it_is() {
    let calls = include_str!("../../../metrics-core/src/macros.rs");
    let descriptions = include_str!("../../../metrics-core/src/macros/describe.rs");
    let mut shown = Vec::new();
    let sections = [calls, descriptions, include_str!("../lib.rs")]
        .map(|text| text.split("/// # Expansion").skip(1));
    for section in sections.into_iter().flatten() {
        let end =
            ["#[macro_export]", "#[proc_macro"].into_iter().find_map(|end| section.split_once(end));
        let (docs, entry) = end.unwrap();
        let docs = docs.replace("///", "");
        let blocks: Vec<&str> = docs.split("```").skip(1).step_by(2).collect();
        let blocks = blocks.iter().map(|block| block.strip_prefix("text").unwrap().trim());
        let blocks: Vec<&str> = blocks.collect();
        assert!(blocks.len() >= 2 && blocks.len() % 2 == 0, "not in pairs: {docs}");
        for pair in blocks.chunks(2) {
            let [written, becomes] = [pair[0], pair[1]];
            assert_eq!(expansion_of(written), tokens(becomes), "the docs say of {written}");
        }
        let name = ["macro_rules! ", "pub fn "].into_iter().find_map(|word| entry.split_once(word));
        shown.push(name.unwrap().1.split([' ', '(']).next().unwrap());
    }
    assert_eq!(
        shown,
        [
            "counter",
            "gauge",
            "histogram",
            "timer",
            "rate",
            "summary",
            "describe_counter",
            "timed",
            "label_set"
        ]
    );
}

/// Of a call, of a function under the attribute, or of an item under the derive.
fn expansion_of(written: &str) -> String {
    if let Some(item) = written.strip_prefix("#[derive(LabelSet)]") {
        return label_set::derived(item);
    }
    if let Some((attribute, item)) = written.split_once("]\n") {
        let arguments = attribute.strip_prefix("#[timed").unwrap();
        let inside = arguments.strip_prefix('(').and_then(|rest| rest.strip_suffix(')'));
        return timed(inside.unwrap_or(""), item);
    }
    let call: syn::Macro = syn::parse_str(written).unwrap();
    let kinds =
        [Kind::Counter, Kind::Gauge, Kind::Histogram, Kind::Timer, Kind::Rate, Kind::Summary];
    let is_described =
        |kind: &Kind| call.path.is_ident(&kind.describing_macro_name()[..].replace('!', ""));
    if let Some(kind) = kinds.into_iter().find(is_described) {
        return spelled(expand::describe(kind, call.tokens));
    }
    let kind = kinds.into_iter().find(|kind| call.path.is_ident(kind.function())).unwrap();
    expanded(kind, &call.tokens.to_string())
}

//! What `#[derive(LabelSet)]` expands to; of its docs, the tests beside this one hold the expansions.

use super::{expected, messages, spelled};
use crate::expand;

/// What is added to an item.
pub(super) fn derived(item: &str) -> String {
    spelled(expand::label_set(item.parse().unwrap()))
}

#[test]
fn crate_word_replaces_the_path_however_it_is_written() {
    for item in ["enum A { B }", "struct A { b: C }"] {
        let plain = derived(item);
        for word in ["crate = inner::tachograph", "crate: inner::tachograph"] {
            let expansion = derived(&format!("#[label({word})] {item}"));
            assert_eq!(expansion, plain.replace(": : tachograph", "inner : : tachograph"));
        }
    }
}

#[test]
fn parameters_are_those_of_the_implementation_and_labels_where_a_field_is_of_them() {
    let expansion =
        derived("struct A<'a, B: C = D, const N: usize = 3> where B: E { f: &'a (B), g: [F; N] }");
    let head = "impl<'a, B: C, const N: usize> P::LabelSet for A<'a, B, N>
        where B: E, &'a (B): P::LabelVariants {";
    assert!(expansion.contains(&expected(&format!("{head} }}")).replace(" }", "")), "{expansion}");
    // How many series there are is known where the parameters are.
    assert!(!expansion.contains("const _"), "{expansion}");
    assert!(!expansion.contains("fields !"), "{expansion}");
    let lasting = expected("values: <&'static &'static D as P::LabelVariants>::VALUES");
    assert!(derived("struct A<'a, 'b> { c: &'a &'b D }").contains(&lasting));
    let counted = expected("const _: usize = <A<'static, 'static> as P::LabelSet>::SERIES;");
    assert!(derived("struct A<'a, 'b> { c: &'a &'b D }").ends_with(&counted));
}

#[test]
fn what_is_deprecated_is_allowed_where_something_is() {
    let allowed = expected("#[allow(deprecated)]");
    for (item, times) in [
        ("enum A { B }", 0),
        ("#[deprecated] enum A { B }", 4),
        ("enum A { #[deprecated = \"old\"] #[label(other)] B }", 5),
        ("struct A { #[deprecated(note = \"old\")] b: C }", 2),
    ] {
        assert_eq!(derived(item).matches(&allowed).count(), times, "{item}");
    }
}

#[test]
fn refused_item_has_implementations_beside_its_messages() {
    for (item, implementations) in [
        ("enum A { B, #[label(\"B\")] C }", 3),
        ("enum A<'a> { B(&'a u8), #[label(other)] C }", 4),
        ("struct A<B>(B);", 1),
        ("struct A;", 1),
        ("union A { b: u8 }", 1),
    ] {
        let expansion = derived(item);
        assert_eq!(expansion.matches("# [ automatically_derived ]").count(), implementations);
        assert_eq!(messages(&expansion).len(), 1, "{expansion}");
    }
}

#[test]
fn every_mistake_gets_its_own_message() {
    for (item, count) in [
        ("#[label] #[label(key)] enum A {}", 3),
        ("enum A { #[label(\"a\", \"b\", other, other)] B }", 2),
        ("enum A { #[label(rename_all = \"a\")] B(u8), #[label(key = \"c\")] C {} }", 4),
        ("#[label(key = \"\", key = 3, rename_all = \"\")] enum A { B }", 4),
        ("struct A { #[label()] b: B, #[label(\"b\")] c: B, #[label(\"\")] d: B }", 2),
        ("#[label(crate = , rename_all, = 3)] struct A();", 4),
        ("struct A { #[label(\"b\" other)] #[label[\"c\"]] b: B }", 2),
        ("struct A { #[label::a] #[other] b: B }", 0),
    ] {
        let messages = messages(&derived(item));
        assert_eq!(messages.len(), count, "{item}: {messages:?}");
    }
}

/// Not among the ui tests, as compilers differ in how they show a literal of that size.
#[test]
fn text_is_refused_one_byte_above_its_limit() {
    let (key, value) = ("x".repeat(512), "x".repeat(4096));
    let of = |key: &str, value: &str, name: &str| {
        let one = derived(&format!("#[label(key = {key:?})] enum A {{ #[label({value:?})] B }}"));
        let many = derived(&format!("struct A {{ #[label({key:?})] b: B, {name}: B }}"));
        [messages(&one), messages(&many)].concat()
    };
    assert_eq!(of(&key, &value, &key.replacen('x', "y", 1)), [""; 0]);
    assert_eq!(
        of(&format!("{key}x"), &format!("{value}x"), &format!("{key}y")),
        [
            "expected a label key of at most 512 bytes, found 513: shorten it",
            "expected a label value of at most 4096 bytes, found 4097: shorten it",
            "expected a label key of at most 512 bytes, found 513: shorten it",
            "expected a label key of at most 512 bytes, found 513: shorten it",
        ]
    );
}

//! What `#[derive(LabelSet)]` promises: an index of its own for each combination, and the texts that were asked for.

#![deny(warnings, clippy::pedantic)]
#![deny(
    elided_lifetimes_in_paths,
    explicit_outlives_requirements,
    let_underscore_drop,
    macro_use_extern_crate,
    missing_copy_implementations,
    missing_debug_implementations,
    missing_docs,
    non_ascii_idents,
    single_use_lifetimes,
    trivial_casts,
    trivial_numeric_casts,
    unreachable_pub,
    unused_import_braces,
    unused_lifetimes,
    unused_qualifications,
    unused_results,
    variant_size_differences,
    clippy::allow_attributes,
    clippy::missing_inline_in_public_items,
    clippy::wildcard_enum_match_arm
)]

use std::collections::BTreeSet;
use std::str::FromStr;

use tachograph::{LabelSet, counter};

/// The values of a set's labels at each of its indices, as they would be labels of the series there.
fn series<S: LabelSet>() -> Vec<Vec<&'static str>> {
    let series = (0..S::SERIES).map(|mut index| {
        let mut values: Vec<_> = S::FIELDS
            .iter()
            .rev()
            .map(|field| {
                let value = field.values[index % field.values.len()];
                index /= field.values.len();
                value
            })
            .collect();
        values.reverse();
        values
    });
    series.collect()
}

fn keys<S: LabelSet>() -> Vec<&'static str> {
    S::FIELDS.iter().map(|field| field.key).collect()
}

/// The values of a set of one label.
fn values<S: LabelSet>() -> &'static [&'static str] {
    assert_eq!(S::FIELDS.len(), 1);
    S::FIELDS[0].values
}

#[derive(LabelSet, Debug, Clone, Copy, PartialEq, Eq)]
#[label(rename_all = "UPPERCASE")]
enum Method {
    Get,
    Post,
    #[label("other", other)]
    Unknown,
}

#[derive(LabelSet, Clone, Copy)]
#[label(key = "status")]
enum StatusClass {
    #[label("2xx")]
    Success = 200,
    #[label("5xx")]
    Failure = 500,
}

#[derive(LabelSet)]
struct Request<'a> {
    method: Method,
    #[label("status_class")]
    class: &'a StatusClass,
    cached: bool,
}

const METHODS: [Method; 3] = [Method::Get, Method::Post, Method::Unknown];
const CLASSES: [StatusClass; 2] = [StatusClass::Success, StatusClass::Failure];

#[test]
fn every_combination_has_an_index_of_its_own() {
    assert_eq!(keys::<Request<'_>>(), ["method", "status_class", "cached"]);
    let series = series::<Request<'_>>();
    let mut seen = BTreeSet::new();
    for (method, method_text) in METHODS.iter().zip(["GET", "POST", "other"]) {
        for (class, class_text) in CLASSES.iter().zip(["2xx", "5xx"]) {
            for cached in [false, true] {
                let request = Request { method: *method, class, cached };
                let texts = [method_text, class_text, if cached { "true" } else { "false" }];
                assert_eq!(series[request.index()], texts);
                assert_eq!((&&request).index(), request.index());
                assert!(seen.insert(request.index()));
            }
        }
    }
    assert!(seen.into_iter().eq(0..Request::SERIES));
}

#[test]
fn labels_of_a_set_are_at_one_address() {
    // Far apart, so that the compiler has no reason to have one constant for both.
    assert!(std::ptr::eq(without_prelude::fields(), without_prelude::Step::FIELDS));
    assert!(std::ptr::eq(Request::<'_>::FIELDS, <&Request<'_>>::FIELDS));
    assert_eq!(without_prelude::fields().len(), 2);
}

#[test]
fn enum_is_a_set_of_one_label() {
    assert_eq!((Method::SERIES, keys::<Method>()), (3, vec!["method"]));
    assert_eq!((StatusClass::SERIES, keys::<StatusClass>()), (2, vec!["status"]));
    assert_eq!(METHODS.map(|method| method.index()), [0, 1, 2]);
    assert_eq!(CLASSES.map(|class| class.index()), [0, 1]);
    assert_eq!(<&&Method as LabelSet>::FIELDS, Method::FIELDS);
}

#[test]
fn text_is_its_variant_and_every_other_text_is_other() {
    for (text, method) in [
        ("GET", Method::Get),
        ("POST", Method::Post),
        ("other", Method::Unknown),
        ("get", Method::Unknown),
        ("", Method::Unknown),
    ] {
        let Ok(parsed) = Method::from_str(text);
        assert_eq!(parsed, method, "{text}");
    }
}

#[test]
fn enum_is_a_value_of_a_label_by_its_text() {
    for method in METHODS {
        counter!("methods_total", "method" => method, "class" => &StatusClass::Failure)
            .increment(2);
    }
    let snapshot = tachograph::registry().snapshot();
    for text in ["GET", "POST", "other"] {
        let labels = [("method", text), ("class", "5xx")];
        assert_eq!(snapshot.counter("methods_total", &labels), Some(2));
    }
}

#[test]
fn names_are_written_as_rename_all_says() {
    #[derive(LabelSet)]
    enum CacheTier {
        InMemory,
        r#OnDisk,
    }

    #[derive(LabelSet)]
    #[label(rename_all = "kebab-case", key = "tier")]
    enum Kebab {
        InMemory,
        #[label("On Disk")]
        OnDisk,
    }

    #[derive(LabelSet)]
    #[label(rename_all = "camelCase")]
    struct Lookup {
        cache_tier: CacheTier,
        r#type: Kebab,
        #[label("as_it_is")]
        was_found: bool,
    }

    assert_eq!(keys::<CacheTier>(), ["cache_tier"]);
    assert_eq!(values::<CacheTier>(), ["InMemory", "OnDisk"]);
    assert_eq!(values::<Kebab>(), ["in-memory", "On Disk"]);
    assert_eq!(keys::<Lookup>(), ["cacheTier", "type", "as_it_is"]);
    let last = Lookup { cache_tier: CacheTier::OnDisk, r#type: Kebab::OnDisk, was_found: true };
    assert_eq!(last.index(), 7);
    let first =
        Lookup { cache_tier: CacheTier::InMemory, r#type: Kebab::InMemory, was_found: false };
    assert_eq!(first.index(), 0);
}

#[test]
fn set_may_have_parameters() {
    #[derive(LabelSet)]
    struct Pair<'a, A: Copy, B: ?Sized, const N: usize>
    where
        A: PartialEq,
    {
        one: A,
        other: &'a B,
        fixed: bool,
    }

    assert_eq!(Pair::<Method, StatusClass, 3>::SERIES, 12);
    let pair = Pair::<_, _, 0> { one: Method::Post, other: &StatusClass::Success, fixed: true };
    assert_eq!(pair.index(), 5);
    assert_eq!(pair.one, Method::Post);
}

#[test]
fn declarations_written_by_macros_are_sets() {
    macro_rules! declare {
        ($name:ident { $($variant:ident $text:literal),* } $set:ident $field:ident: $ty:ty) => {
            #[derive(LabelSet)]
            enum $name {
                $(#[label($text)] $variant),*
            }

            #[derive(LabelSet)]
            struct $set {
                $field: $ty,
                index: bool,
            }
        };
    }
    declare!(Level { Low "1", High "2" } Leveled level: Level);
    assert_eq!(values::<Level>(), ["1", "2"]);
    assert_eq!(Leveled { level: Level::High, index: false }.index(), 2);
    assert_eq!(Leveled { level: Level::Low, index: true }.index(), 1);
}

#[test]
fn variants_and_fields_may_be_called_what_ours_are() {
    #[expect(clippy::upper_case_acronyms, reason = "so are constants of ours")]
    #[derive(LabelSet, Clone, Copy)]
    enum Ours {
        Text,
        Err,
        Ok,
        Self_,
        FIELDS,
        SERIES,
        #[label(other)]
        VALUES,
    }

    #[derive(LabelSet)]
    struct Fields {
        index: Ours,
        place: bool,
        after: bool,
    }

    let all =
        [Ours::Text, Ours::Err, Ours::Ok, Ours::Self_, Ours::FIELDS, Ours::SERIES, Ours::VALUES];
    assert_eq!(all.map(|ours| ours.index()), [0, 1, 2, 3, 4, 5, 6]);
    assert_eq!(<Ours as LabelSet>::SERIES, 7);
    assert_eq!(Fields { index: Ours::Err, place: false, after: true }.index(), 5);
    counter!("ours_total", ..Fields { index: Ours::FIELDS, place: true, after: false })
        .increment(1);
    let snapshot = tachograph::registry().snapshot();
    let labels = [("index", "FIELDS"), ("place", "true"), ("after", "false")];
    assert_eq!(snapshot.counter("ours_total", &labels), Some(1));
}

#[test]
fn who_declares_what_is_deprecated_is_not_warned() {
    #[derive(LabelSet)]
    enum Version {
        #[deprecated]
        One,
        Two,
        #[deprecated]
        #[label(other)]
        Three,
    }

    assert_eq!(values::<Version>(), ["One", "Two", "Three"]);
    assert_eq!(Version::Two.index(), 1);
}

mod again {
    pub(crate) use ::tachograph as toolkit;
}

mod without_prelude {
    #![no_implicit_prelude]
    #![deny(clippy::arithmetic_side_effects, clippy::indexing_slicing)]
    //! Nothing is in scope here, and the crate is at another path.

    #[derive(::tachograph::LabelSet)]
    #[label(rename_all = "snake_case", crate = crate::again::toolkit)]
    pub(crate) enum Stage {
        #[label(other)]
        Parse,
        TypeCheck,
    }

    #[derive(::tachograph::LabelSet)]
    #[label(crate: crate::again::toolkit)]
    pub(crate) struct Step {
        pub(crate) stage: Stage,
        pub(crate) again: bool,
    }

    pub(crate) fn fields() -> &'static [::tachograph::__private::LabelField] {
        <Step as ::tachograph::LabelSet>::FIELDS
    }
}

#[test]
fn nothing_has_to_be_in_scope() {
    use without_prelude::{Stage, Step};
    assert_eq!(values::<Stage>(), ["parse", "type_check"]);
    let Ok(stage) = "type_check".parse();
    assert_eq!(Step { stage, again: false }.index(), 2);
    let Ok(stage) = "nothing".parse();
    assert_eq!(Step { stage, again: true }.index(), 1);
}

trait Speaks {
    type Method;
}

#[derive(LabelSet)]
struct OfItself<'a> {
    method: <Self as Speaks>::Method,
    borrowed: &'a bool,
}

impl Speaks for OfItself<'_> {
    type Method = bool;
}

#[test]
fn fields_may_be_of_types_that_the_struct_itself_tells() {
    assert_eq!(OfItself::SERIES, 4);
    assert_eq!(OfItself { method: true, borrowed: &false }.index(), 2);
}

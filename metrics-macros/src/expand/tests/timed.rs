//! What `#[timed]` puts into functions, and what it leaves as it is.

use super::{expected, messages, spelled, tokens};
use crate::expand;

pub(super) fn timed(arguments: &str, item: &str) -> String {
    spelled(expand::timed(arguments.parse().unwrap(), item.parse().unwrap()))
}

/// The guard of a function that is told apart by its path.
const GUARD: &str = r#"let _guard = {
    static __SITE: P::DistributionSlot = P::function(|| ());
    P::timed(&__SITE)
};"#;

#[test]
fn guard_stands_behind_inner_attributes_and_leading_items() {
    for (before, after) in [
        ("", ""),
        ("", "line.len()"),
        ("#![allow(unused)]", "let x = 1; x"),
        (
            "use std::fmt; const N: usize = 1; #[inline] fn inner() {} macro_rules! m { () => {} }",
            "m!(); N",
        ),
        (
            "#![allow(unused)] pub struct S; impl S { fn f() {} }",
            "let _ = S; use later::Item; S::f()",
        ),
        ("static S: u8 = 0;", "unsafe { f() }"),
        ("", "const { assert!(true) } N"),
        ("", "println!(\"x\"); fn late() {}"),
        ("", "union = 3; union"),
    ] {
        let head = "#[inline] pub(crate) unsafe extern \"C\" fn f<const N: usize>(a: [u8; { N }]) -> Box<{ N }>";
        let text = format!("{head} {{ {before} {GUARD} {after} }}");
        assert_eq!(timed("", &format!("{head} {{ {before} {after} }}")), expected(&text));
    }
}

#[test]
fn async_function_has_its_guard_in_the_future() {
    let text = format!("pub async fn f() {{ {GUARD} wait().await }}")
        .replace("P::timed(", "P::timed_async(");
    assert_eq!(timed("", "pub async fn f() { wait().await }"), expected(&text));
}

#[test]
fn future_that_a_body_makes_last_has_its_guard_inside() {
    let guard = GUARD.replace("P::timed(", "P::timed_async(");
    for (before, after) in [
        ("async move {", "}"),
        ("let x = 1; async {", "}"),
        ("Box::pin(async move {", "})"),
        ("if a { b() } ::std::boxed::Box::pin(async {", "})"),
    ] {
        let plain = format!("fn f() -> F {{ {before} wait().await {after} }}");
        let text = format!("fn f() -> F {{ {before} {guard} wait().await {after} }}");
        assert_eq!(timed("", &plain), expected(&text));
    }
    for body in [
        "run(async {})",
        "drive!(async { 1 })",
        "run::<u8, _>(async { 1 })",
        "(async move { 1 })",
        "return async {}",
        "a || Box::pin(async {})",
        "async {}; 3",
        "Box::pin(f)",
    ] {
        assert_eq!(
            timed("", &format!("fn f() {{ {body} }}")),
            expected(&format!("fn f() {{ {GUARD} {body} }}"))
        );
    }
}

#[test]
fn options_choose_the_series() {
    for (arguments, item, about) in [
        (
            r#"function = "parse", labels("stage" => "one", "n" => 2)"#,
            "/// Not this.\nfn f() {}",
            r#".labelled("parse").labels(&[("stage", "one"), ("n", "2")])"#,
        ),
        (r#""own_seconds""#, "fn f() {}", r#".named("own_seconds")"#),
        (
            r#"name = "own_seconds", function = "f","#,
            "#[doc = \"\"] ///  What it says. \n /// And not this.\nfn f() {}",
            r#".named("own_seconds").labelled("f").describe("What it says.")"#,
        ),
        (
            r#"labels("function" => "f"), name = "own_seconds""#,
            "/** \n Over lines.\n More. */ #[inline] fn f() {}",
            r#".named("own_seconds").labels(&[("function", "f")]).describe("Over lines.")"#,
        ),
        (
            r#""own_ms", unit = Unit::Milliseconds, description = "Said.", schema = -3, buckets = [1, 2.5, MAX]"#,
            "/// Not this.\nfn f() {}",
            r#".named("own_ms").describe("Said.").unit(Unit::Milliseconds).schema(-3).bounds(&[1f64, 2.5, MAX])"#,
        ),
        (r#""own_seconds""#, "#[doc(hidden)] fn f() {}", r#".named("own_seconds")"#),
    ] {
        let expansion = timed(arguments, item);
        let site = expected(&format!(
            "P::DistributionSlot::deferred(|| P::About::function(|| ()) {about}.resolve());"
        ));
        assert!(expansion.contains(&site), "{arguments}: {expansion}");
    }
}

#[test]
fn options_that_record_more_find_their_parts_first() {
    for (arguments, head, extras, becomes) in [
        ("sample = 8", "fn f()", ".calls()", "let _guard = parts.start_sampled(8); a()"),
        (
            "sample = 8",
            "async fn f()",
            ".calls()",
            "let _guard = parts.start_sampled_detached(8); a()",
        ),
        (
            "in_flight",
            "fn f()",
            ".in_flight()",
            "let _in_flight = parts.enter(); let _guard = parts.start(); a()",
        ),
        (
            "outcome(all)",
            "fn f() -> !",
            ".outcomes()",
            "let _call = parts.call(parts.start()).times_all(); a()",
        ),
        (
            "outcome",
            "fn f(&self, mut a: A, B(_, c): B) -> Box<impl C<D> + '_>",
            ".outcomes()",
            "let call = parts.call(parts.start());
            #[allow(unused_assignments)]
            let result = call.run(move || {
                let _ = (&c, &a, &self,);
                { TYPED<Box<_>> a() }
            });
            call.returned({ use P::Told as _; P::Tell(&result).is_err() });
            result",
        ),
        (
            "outcome",
            "fn f(#[cfg(b)] _a: A) -> B",
            ".outcomes()",
            "let call = parts.call(parts.start());
            let result = call.run(move || {
                #[allow(clippy::used_underscore_binding)]
                let _ = (#[cfg(b)] &_a,);
                { TYPED<B> a() }
            });
            call.returned({ use P::Told as _; P::Tell(&result).is_err() });
            result",
        ),
        (
            "outcome",
            "fn f() -> impl Fn(A) -> B",
            ".outcomes()",
            "let _call = parts.call(parts.start()).stays(); a()",
        ),
        (
            "outcome",
            "fn index(&self, a: A) -> &B",
            ".outcomes()",
            "let _call = parts.call(parts.start()).stays(); a()",
        ),
        (
            "busy, outcome, sample = 2",
            "#[other::attribute] async fn f(mut a: A)",
            ".calls().outcomes().cancellations().busy()",
            "#[allow(unused_assignments)]
            let result = parts.future().sampled(2).outcomes().busy().watch(
                async move {
                    let _ = (&a,);
                    { TYPED<()> a() }
                },
                |result| { use P::Told as _; P::Tell(result).is_err() }
            ).await;
            result",
        ),
    ] {
        let expansion = timed(arguments, &format!("{head} {{ a() }}"));
        let text = format!("{head} {{ {} {becomes} }}", parts(extras));
        assert_eq!(expansion, expected(&text), "{arguments} on {head}");
    }
    for (returned, told) in [
        ("F", ""),
        ("Pin<Box<dyn Future<Output = A<B, C>> + Send + 'a>>", "A<B, C>"),
        ("BoxFuture<'a, A>", "A"),
        ("impl Future<Output = ()>", "()"),
    ] {
        let expansion =
            timed("busy", &format!("fn f() -> {returned} {{ Box::pin(async {{ a() }}) }}"));
        let typed = format!("TYPED<{told}>");
        let text = format!(
            "fn f() -> {returned} {{
                {}
                Box::pin(parts.future().busy().watch(async {{ {} a() }}, |_result| false))
            }}",
            parts(".busy()"),
            if told.is_empty() { "" } else { &typed }
        );
        assert_eq!(expansion, expected(&text));
    }
    let expansion = timed("in_flight", "fn f() -> F { async { a() } }");
    let found = parts(".in_flight()");
    let guards = "let _in_flight = parts.enter(); let _guard = parts.start_detached();";
    assert_eq!(expansion, expected(&format!("fn f() -> F {{ async {{ {found} {guards} a() }} }}")));
}

#[test]
fn async_function_becomes_one_that_returns_its_future_where_the_call_matters() {
    let head = "#[inline] pub(crate) async unsafe fn f<T>(&self, mut a: A, B(_, c): B, _d: D) -> Box<impl C<T> + '_> where T: E";
    let lowered = "#[inline] pub(crate) unsafe fn f<T>(&self, a: A, argument2: B, _d: D)
        -> impl ::core::future::Future<Output = Box<impl C<T> + '_>> where T: E";
    let bound = "let _ = &self;
        let mut a = a;
        #[allow(unused_mut)] let mut argument2 = argument2;
        let B(_, c) = argument2;
        #[allow(clippy::used_underscore_binding, clippy::no_effect_underscore_binding)] let _d = _d;";
    let typed = "TYPED<Box<_>>";
    let body = "#![allow(unused)] use g; h(a)";
    let watched = format!(
        "{lowered} {{ #![allow(unused)] use g; {}
            #[allow(clippy::async_yields_async)]
            let future = async move {{ {bound} {{ {typed} h(a) }} }};
            parts.future().in_flight().outcomes().watch(
                future,
                |result| {{ use P::Told as _; P::Tell(result).is_err() }}
            )
        }}",
        parts(".in_flight().outcomes().cancellations()")
    );
    let expansion = timed("in_flight, outcome", &format!("{head} {{ {body} }}"));
    assert_eq!(expansion, expected(&watched));
    // What a pattern binds is there for labels in the future only.
    let expansion = timed(r#"labels("a" => a)"#, &format!("{head} {{ {body} }}"));
    assert!(expansion.starts_with(&tokens(head)), "{expansion}");
    let expansion = timed(r#"labels("a" => a)"#, "async fn f(mut a: A) -> B { h(a) }");
    let guarded = "async move {
        let mut a = a;
        let _ = &a;
        let _guard = parts.start_detached();
        { TYPED<B> h(a) }
    }";
    assert!(expansion.contains(&expected(guarded)), "{expansion}");
}

/// The statement that finds what a call records into, without labels.
fn parts(extras: &str) -> String {
    format!(
        "let parts = {{
            static __SITE: P::FunctionSite<0> =
                P::FunctionSite::new(|| P::About::function(|| ()) {extras}, []);
            __SITE.parts([])
        }};"
    )
}

#[test]
fn block_times_what_can_be_timed_and_leaves_the_rest() {
    let block = |guard: &str| {
        format!(
            "#[a] unsafe impl<T> B for C {{ #![b] const D: u8 = {{ 3 }}; type E = F;
                pub fn one(&self) -> G<{{ 1 }}> {{ {guard} a() }}
                const fn two() {{}}
                #[timed(skip)] fn three() {{ b() }}
                #[tachograph::timed(outcome)] fn four() {{ c() }}
                #[cfg_attr(b, tachograph::timed(skip))] fn five() {{ c() }}
                call! {{ fn six() {{}} }}
                default fn seven() {{ {guard} d() }}
            }}"
        )
    };
    assert_eq!(timed("", &block("")), expected(&block(GUARD)));
    let module = |guard: &str| {
        format!(
            "mod a {{ use b; mod c; fn d() {{ {guard} e() }} mod f {{ trait G {{ fn h(); fn i() {{ {guard} j() }} }} }} }}"
        )
    };
    assert_eq!(timed("", &module("")), expected(&module(GUARD)));
    assert_eq!(timed("skip", "const fn f() {}"), tokens("const fn f() {}"));
}

#[test]
fn refused_function_stays_as_it_was_beside_its_messages() {
    let item = "/// Doc.\nconst fn f() -> u8 { #![allow(unused)] 3 }";
    let expansion = timed("labels(), nonsense", item);
    assert!(expansion.starts_with(&tokens(item)), "{expansion}");
    assert_eq!(messages(&expansion).len(), 2, "{expansion}");
}

#[test]
fn items_that_are_no_function_are_named() {
    for (item, found) in [
        ("pub struct S { x: u8 }", "a struct"),
        ("enum E {}", "an enum"),
        ("union U { x: u8 }", "a union"),
        ("pub mod m;", "a module in another file"),
        ("use std::fmt;", "an import"),
        ("static S: u8 = 0;", "a static"),
        ("pub const C: u8 = { 0 };", "a constant"),
        ("type A = u8;", "a type alias"),
        ("macro_rules! m { () => {} }", "a macro"),
        ("extern crate alloc;", "an extern crate"),
        ("unsafe extern \"C\" { fn f(); }", "an extern block"),
        ("call!();", "something else"),
        ("", "something else"),
    ] {
        let expansion = timed("", item);
        assert!(expansion.starts_with(&tokens(item)), "{expansion}");
        let messages = messages(&expansion);
        assert_eq!(messages.len(), 1, "{item}: {messages:?}");
        assert!(
            messages[0].starts_with(&format!("expected a function, found {found}:")),
            "{messages:?}"
        );
    }
}

#[test]
fn naked_function_is_refused() {
    for attribute in ["#[naked]", "#[unsafe(naked)]"] {
        let expansion = timed("", &format!("{attribute} extern \"C\" fn f() {{ asm!() }}"));
        assert!(messages(&expansion)[0].contains("found a naked function"), "{expansion}");
    }
}

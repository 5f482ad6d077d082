//! The messages: one mistake a file, named after it, and each `.stderr` a sentence that a user reads.
//!
//! Only messages of these macros are held here, as those of the compiler change with its version. After
//! a change of wording: `TRYBUILD=overwrite cargo test -p tachograph-macros --test ui`, and read them.

#[test]
fn mistakes_are_refused_with_the_caret_on_the_token_and_correct_calls_pass() {
    let cases = trybuild::TestCases::new();
    cases.compile_fail("tests/ui/*.rs");
    cases.pass("tests/ui/accepted/*.rs");
}

//! What the library does where nothing is recorded: what it did.

use std::cell::Cell;
use std::future::ready;
use std::rc::Rc;
use std::sync::Arc;

use tachograph::LabelSet;

use library::{Number, Parity, asks, plain_find, plain_wait, timed_find, timed_wait, watched_wait};

thread_local!(static ASKED: Cell<u64> = const { Cell::new(0) });

fn ask() -> u64 {
    ASKED.set(ASKED.get() + 1);
    ASKED.get()
}

#[test]
fn every_expression_is_evaluated_once() {
    assert_eq!(asks(ask), 17);
    assert_eq!(ASKED.get(), 17);
}

#[test]
fn results_are_the_same() {
    for (text, wanted) in [("abc", 'c'), ("abcdefg", 'g'), ("", 'x')] {
        assert_eq!(timed_find(text, wanted), plain_find(text, wanted));
    }
}

#[test]
fn label_sets_are_what_they_are_when_something_is_recorded() {
    assert_eq!((Parity::SERIES, Number::SERIES), (2, 4));
    assert_eq!(Number { parity: &Parity::Odd, large: false }.index(), 2);
    assert_eq!("even".parse(), Ok(Parity::Even));
    assert_eq!("odd".parse(), Ok(Parity::Odd));
}

#[test]
fn futures_are_the_plain_ones() {
    let plain = size_of_val(&plain_wait([0; 256], ready(1)));
    assert_eq!(size_of_val(&timed_wait([0; 256], ready(1))), plain);
    assert_eq!(size_of_val(&watched_wait([0; 256], ready(1))), plain);
}

#[test]
fn labels_that_own_their_text_are_labels_here_too() {
    let text = String::from("a");
    tachograph::counter!(
        "owned_total",
        "string" => text,
        "shared" => Arc::<str>::from("b"),
        "counted" => Rc::<str>::from("c"),
        "boxed" => Box::<str>::from("d"),
        "either" => std::borrow::Cow::Borrowed("e"),
    )
    .increment(1);
    assert_eq!(text, "a");
}

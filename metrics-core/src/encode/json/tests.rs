//! The golden object, and what a text becomes in it.

use super::*;
use crate::encode::sample::{everything, snapshot};

fn process() -> Process {
    Process { program: Some(String::from("index")), id: 4_711 }
}

fn json(snapshot: &Snapshot, process: &Process) -> String {
    let mut out = String::new();
    write_json(snapshot, process, None, &mut out);
    out
}

#[test]
fn body_is_the_golden_one() {
    assert_eq!(json(&everything(), &process()), include_str!("../golden/snapshot.json"));
}

#[test]
fn nothing_is_an_object_too() {
    let body = json(&snapshot(Vec::new()), &Process { program: None, id: 1 });
    assert!(
        body.starts_with("{\n\"schema_version\": 1,\n\"program\": null,\n\"process_id\": 1,\n"),
        "{body}"
    );
    assert!(body.contains("\n\"series\": [],\n"), "{body}");
    assert!(body.ends_with("}\n"), "{body}");
}

#[test]
fn what_is_special_in_a_text_is_escaped() {
    for (text, written) in [
        ("plain", r#""plain""#),
        ("", r#""""#),
        ("größe ☃ 🦀", r#""größe ☃ 🦀""#),
        ("a\"b\\c", r#""a\"b\\c""#),
        ("\n\r\t", r#""\n\r\t""#),
        ("\0\u{1b}[31m\u{7f}\u{9b}", r#""\u0000\u001b[31m\u007f\u009b""#),
        ("\u{2028}\u{2029}", r#""\u2028\u2029""#),
        ("<img onerror>", r#""<img onerror>""#),
    ] {
        let mut out = String::new();
        push_text(text, &mut out);
        assert_eq!(out, written);
    }
}

#[test]
fn what_is_no_number_in_json_is_a_text() {
    for (value, written) in [
        (1.5, "1.5"),
        (-0.0, "-0"),
        (1e300, "1e300"),
        (f64::NAN, r#""NaN""#),
        (f64::INFINITY, r#""Infinity""#),
        (f64::NEG_INFINITY, r#""-Infinity""#),
    ] {
        let mut out = String::new();
        push_number(value, &mut out);
        assert_eq!(out, written);
    }
}

#[test]
fn this_process_is_known() {
    let process = Process::current();
    assert_eq!(process.id, std::process::id());
    // Test binaries are called after their crate, with a hash behind.
    assert!(process.program.unwrap().starts_with("tachograph-"));
}

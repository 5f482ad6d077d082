//! The feature `record`: without it, an instrumented function is the plain one, instruction by
//! instruction; and it only adds, so that what one crate asks for holds for all.
//!
//! The crates of these tests are built in a folder of their own, as features are unified within one build.

#[path = "support/workspace.rs"]
mod workspace;

use std::fs;

use workspace::Workspace;

const LIBRARY: &str = include_str!("without_record/library.rs");
const BEHAVIOUR: &str = include_str!("without_record/behaviour.rs");
const PROGRAM: &str = include_str!("without_record/program.rs");

/// The assembly of a library.
fn assembly(workspace: &Workspace, name: &str) -> String {
    let folder = workspace.folder().join("target/debug/deps");
    let files = || {
        let entries = fs::read_dir(&folder).expect("it was built");
        entries.map(|entry| entry.expect("the folder can be read").path()).filter(|path| {
            let file = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            file.starts_with(&format!("{name}-")) && file.ends_with(".s")
        })
    };
    // What an earlier build left is none of this one.
    for stale in files() {
        fs::remove_file(stale).expect("a file can be removed");
    }
    // Something has to be new, or nothing would be built.
    let emit = ["rustc", "--quiet", "--package", name, "--lib", "--", "--emit", "asm,link"];
    workspace.touch(&format!("{name}/src/lib.rs"));
    workspace.cargo(&emit);
    let found: Vec<_> = files().collect();
    assert_eq!(found.len(), 1, "{found:?}");
    fs::read_to_string(&found[0]).expect("it is a text")
}

/// The instructions of a function, without what differs between two equal ones: the numbers of labels, and
/// the function's own name. None where the compiler found out that the function is another one.
fn instructions(assembly: &str, function: &str) -> Option<Vec<String>> {
    let label = format!("{function}:");
    let body = assembly.lines().skip_while(|line| *line != label).skip(1);
    let body: Vec<&str> = body.take_while(|line| !line.starts_with(".Lfunc_end")).collect();
    if body.is_empty() {
        return None;
    }
    let mut labels: Vec<String> = Vec::new();
    let mut number = |label: &str| {
        let known = labels.iter().position(|known| known == label);
        let place = known.unwrap_or_else(|| {
            labels.push(label.to_owned());
            labels.len() - 1
        });
        format!("L{place}")
    };
    let is_word = |letter: char| letter.is_alphanumeric() || "._$@".contains(letter);
    let mut instructions = Vec::new();
    for line in body.iter().map(|line| line.trim()).filter(|line| !line.starts_with('#')) {
        let mut text = String::new();
        for piece in line.split_inclusive(|letter| !is_word(letter)) {
            let word = piece.trim_end_matches(|letter| !is_word(letter));
            let rest = &piece[word.len()..];
            text.push_str(&if word.starts_with(".L") { number(word) } else { word.to_owned() });
            text.push_str(rest);
        }
        instructions.push(text.replace(function, "ITSELF"));
    }
    Some(instructions)
}

#[test]
fn without_it_an_instrumented_function_is_the_plain_one() {
    let workspace = Workspace::new("without_record", &["library"]);
    workspace.package(
        "library",
        "2024",
        "tachograph = { path = CORE, default-features = false }\n",
        &[("src/lib.rs", LIBRARY), ("tests/behaviour.rs", BEHAVIOUR)],
    );
    workspace.cargo(&["test", "--quiet", "--package", "library", "--test", "behaviour"]);
    let assembly = assembly(&workspace, "library");
    for name in ["sum", "find", "count"] {
        let [plain, timed] = ["plain", "timed"].map(|kind| format!("{kind}_{name}"));
        match [&plain, &timed].map(|function| instructions(&assembly, function)) {
            [Some(plain), Some(timed)] => {
                assert!(plain.len() > 5, "{plain:?}");
                assert_eq!(plain, timed, "{name}");
            }
            // The compiler may keep one of two equal functions.
            _ => {
                let alias = |one: &str, other: &str| {
                    assembly.lines().any(|line| line.trim() == format!("{one} = {other}"))
                };
                assert!(alias(&plain, &timed) || alias(&timed, &plain), "{name} is not there");
            }
        }
    }
    for trace in ["tachograph", "numbers_total", "find_ms"] {
        assert!(!assembly.contains(trace), "{trace} is left in the program");
    }
}

#[test]
fn what_one_crate_asks_for_holds_for_the_libraries_that_do_not() {
    let workspace = Workspace::new("with_record", &["library", "program"]);
    workspace.package(
        "library",
        "2024",
        "tachograph = { path = CORE, default-features = false }\n",
        &[("src/lib.rs", LIBRARY)],
    );
    workspace.package(
        "program",
        "2024",
        "tachograph = { path = CORE }\nlibrary = { path = \"../library\" }\n",
        &[("src/main.rs", PROGRAM)],
    );
    workspace.cargo(&["run", "--quiet", "--package", "program"]);
}

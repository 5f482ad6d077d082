//! The feature `record`: without it, an instrumented function is the plain one, instruction by
//! instruction; and it only adds, so that what one crate asks for holds for all.
//!
//! The crates of these tests are built in a folder of their own, as features are unified within one build.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const LIBRARY: &str = include_str!("without_record/library.rs");
const BEHAVIOUR: &str = include_str!("without_record/behaviour.rs");
const PROGRAM: &str = include_str!("without_record/program.rs");

/// A workspace of its own.
struct Workspace {
    folder: PathBuf,
}

impl Workspace {
    fn new(name: &str, members: &[&str]) -> Workspace {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        // Optimised, so that what is left of an instrumented function is what a release would have.
        let manifest = format!(
            "[workspace]\nresolver = \"3\"\nmembers = {members:?}\n\n\
             [profile.dev]\nopt-level = 3\ndebug = false\noverflow-checks = false\ncodegen-units = 1\n"
        );
        write(&folder.join("Cargo.toml"), &manifest);
        let lock = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.lock"));
        write(&folder.join("Cargo.lock"), &lock.expect("the workspace has a lock file"));
        Workspace { folder }
    }

    /// Adds a package; `files` are those below its folder.
    fn package(&self, name: &str, dependencies: &str, files: &[(&str, &str)]) {
        let core = Path::new(env!("CARGO_MANIFEST_DIR")).join("metrics-core");
        let manifest = format!(
            "[package]\nname = {name:?}\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[dependencies]\n{}",
            dependencies.replace("CORE", &format!("{core:?}"))
        );
        write(&self.folder.join(name).join("Cargo.toml"), &manifest);
        for (path, text) in files {
            write(&self.folder.join(name).join(path), text);
        }
    }

    /// Runs cargo, which must succeed.
    fn cargo(&self, arguments: &[&str]) {
        let told = Command::new(env!("CARGO"))
            .args(arguments)
            .current_dir(&self.folder)
            .env("CARGO_TARGET_DIR", self.folder.join("target"))
            .env_remove("RUSTFLAGS")
            .output()
            .expect("cargo can be run");
        let said = String::from_utf8_lossy(&told.stderr);
        let found = String::from_utf8_lossy(&told.stdout);
        assert!(told.status.success(), "cargo {arguments:?}\n{found}\n{said}");
    }

    /// The assembly that cargo left of a library.
    fn assembly(&self, name: &str) -> String {
        let folder = self.folder.join("target/debug/deps");
        let entries = fs::read_dir(&folder).expect("it was built");
        let paths = entries.map(|entry| entry.expect("the folder can be read").path());
        let mut found = paths.filter(|path| {
            let file = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            file.starts_with(&format!("{name}-")) && file.ends_with(".s")
        });
        let path = found.next().expect("assembly was asked for");
        fs::read_to_string(path).expect("it is a text")
    }
}

fn write(path: &Path, text: &str) {
    // What is as it was is not built again.
    if fs::read_to_string(path).is_ok_and(|before| before == text) {
        return;
    }
    fs::create_dir_all(path.parent().expect("a file is in a folder"))
        .expect("a folder can be made");
    fs::write(path, text).expect("a file can be written");
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
        "tachograph = { path = CORE, default-features = false }\n",
        &[("src/lib.rs", LIBRARY), ("tests/behaviour.rs", BEHAVIOUR)],
    );
    workspace.cargo(&["test", "--quiet", "--package", "library", "--test", "behaviour"]);
    let emit = ["rustc", "--quiet", "--package", "library", "--lib", "--", "--emit", "asm,link"];
    workspace.cargo(&emit);
    let assembly = workspace.assembly("library");
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
        "tachograph = { path = CORE, default-features = false }\n",
        &[("src/lib.rs", LIBRARY)],
    );
    workspace.package(
        "program",
        "tachograph = { path = CORE }\nlibrary = { path = \"../library\" }\n",
        &[("src/main.rs", PROGRAM)],
    );
    workspace.cargo(&["run", "--quiet", "--package", "program"]);
}

//! The main job as a user meets it: `examples/index` is run on directories made for the purpose.
//!
//! Cargo builds the examples before it runs `cargo test`; these tests run what it built, and never
//! look into it.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

#[test]
fn missing_path_is_one_line_and_exit_code_1() {
    let directory = Directory::new("missing_path");
    let output = index(&[directory.path("nowhere").to_str().unwrap()]);
    check_refusal(&output, "nowhere");
}

#[cfg(unix)]
#[test]
fn path_that_holds_no_text_is_one_line_and_exit_code_1() {
    check_refusal(&index(&["/dev/null"]), "neither a directory nor a file");
}

#[test]
fn misused_options_are_one_line_and_exit_code_1() {
    for (arguments, named) in
        [(&["--fast"][..], "`--fast`"), (&["--query"], "`--query`"), (&["a", "b"], "`b`")]
    {
        check_refusal(&index(arguments), named);
    }
}

#[test]
fn what_cannot_be_read_is_counted_and_the_rest_goes_on() {
    let directory = Directory::new("cannot_be_read");
    directory.write("a/plain.txt", b"tachograph records\n");
    directory.write("b/latin1.txt", b"caf\xe9 records\n");
    directory.write("b/image.png", b"\x89PNG\0records\n");
    directory.write("c/plain.rs", b"records again\n");
    let unreadable = directory.add_unreadable();

    let output = index(&[directory.root()]);
    let (answers, remarks) = texts(&output);
    assert_eq!(output.status.code(), Some(0), "{remarks}");
    check_line(&answers, "indexed 2 files: 33 bytes, 4 tokens, 3 terms");
    let count = unreadable.len();
    check_line(&answers, &format!("skipped 2 binary, 0 too large, {count} unreadable"));
    for name in unreadable {
        let line = remarks.lines().find(|line| line.starts_with("index: skipped ")).unwrap_or("");
        assert!(line.contains(name), "no remark on {name}: {remarks}");
    }
    check_counter(&remarks, "index_files_total{extension=\"rs\"}", 1);
    check_counter(&remarks, "index_files_skipped_total{reason=\"binary\"}", 2);
    if count > 0 {
        check_counter(&remarks, "index_files_skipped_total{reason=\"unreadable\"}", count);
    }
    for function in ["walk::walk", "Index::tokenise", "work::merge"] {
        assert!(remarks.contains(function), "the dump lacks {function}: {remarks}");
    }
}

#[test]
fn answers_are_the_same_in_every_run() {
    let directory = Directory::new("same_in_every_run");
    for number in 0..200 {
        let text = format!("common words here\nfile {number} holds word_{number}\n");
        directory.write(&format!("{}/{number}.txt", number % 7), text.as_bytes());
    }
    directory.write("local.txt", b"peculiar, Peculiar! PECULIAR? \xc3\x9cber common words");
    let arguments = [directory.root(), "--query", "WORD_77 file", "über", "common nowhere", "--"];

    for _ in 0..3 {
        let (answers, remarks) = texts(&index(&arguments));
        assert_eq!(answers.replace('\\', "/"), ANSWERS, "{remarks}");
    }
}

/// What the files of `answers_are_the_same_in_every_run` say, counted by hand.
const ANSWERS: &str = "\
indexed 201 files: 8228 bytes, 1406 tokens, 407 terms
skipped 0 binary, 0 too large, 0 unreadable

most frequent terms
      201  common (in 201 files)
      201  words (in 201 files)
      200  file (in 200 files)
      200  here (in 200 files)
      200  holds (in 200 files)

`common words`: in 201 files
        2  0/0.txt
        2  0/105.txt
        2  0/112.txt
        2  0/119.txt
        2  0/126.txt
           and 196 more

`peculiar`: in 1 file
        3  local.txt

`WORD_77 file`: in 1 file
        2  0/77.txt

`über`: in 1 file
        1  local.txt

`common nowhere`: in 0 files

`--`: in 0 files
";

#[test]
fn version_control_and_caches_are_left_out() {
    let directory = Directory::new("left_out");
    directory.write(".git/config", b"core\n");
    directory.write("build/CACHEDIR.TAG", b"Signature: 8a477f597d28d172789f06886806bc55\n");
    directory.write("build/deep/output.txt", b"output\n");
    directory.write(".hidden", b"kept\n");
    directory.write("LICENSE", b"kept\n");
    let (answers, _) = texts(&index(&[directory.root()]));
    check_line(&answers, "indexed 2 files: 10 bytes, 2 tokens, 1 term");
}

#[test]
fn empty_directory_has_answers_too() {
    let directory = Directory::new("empty");
    let output = index(&[directory.root()]);
    let (answers, remarks) = texts(&output);
    assert_eq!(output.status.code(), Some(0), "{remarks}");
    check_line(&answers, "indexed 0 files: 0 bytes, 0 tokens, 0 terms");
}

#[test]
fn no_progress_bar_without_a_terminal() {
    let directory = Directory::new("no_progress_bar");
    directory.write("plain.txt", b"text\n");
    let (answers, remarks) = texts(&index(&[directory.root()]));
    for output in [answers, remarks] {
        assert!(!output.contains(['\r', '\x1b']), "{output:?}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn answers_that_cannot_be_written_are_a_failure() {
    let directory = Directory::new("cannot_be_written");
    directory.write("plain.txt", b"text\n");
    let full = fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let output = example().arg(directory.root()).stdout(full).output().unwrap();
    let (_, remarks) = texts(&output);
    assert_eq!(output.status.code(), Some(1), "{remarks}");
    assert!(remarks.contains("index: cannot write the answers: "), "{remarks}");
}

fn check_refusal(output: &Output, named: &str) {
    let (answers, remarks) = texts(output);
    assert_eq!(output.status.code(), Some(1), "{remarks}");
    assert_eq!(answers, "");
    assert_eq!(remarks.lines().count(), 1, "{remarks}");
    assert!(remarks.starts_with("index: ") && remarks.contains(named), "{remarks}");
}

fn check_line(answers: &str, line: &str) {
    assert!(answers.lines().any(|answer| answer == line), "no line {line:?} in:\n{answers}");
}

/// A line of the dump has the series first and its total second.
fn check_counter(dump: &str, series: &str, total: usize) {
    let mut words =
        dump.lines().map(str::split_whitespace).map(|mut line| (line.next(), line.next()));
    let total = total.to_string();
    assert!(
        words.any(|line| line == (Some(series), Some(&total))),
        "no {series} {total} in:\n{dump}"
    );
}

fn index(arguments: &[&str]) -> Output {
    example().args(arguments).output().unwrap()
}

/// The example stands beside the folder of the test executables: `deps/..` and `examples`.
fn example() -> Command {
    let test = env::current_exe().unwrap();
    let profile = test.parent().and_then(Path::parent).unwrap();
    let example = profile.join("examples").join(format!("index{}", env::consts::EXE_SUFFIX));
    assert!(
        example.is_file(),
        "`{}` is missing: run `cargo test`, or `cargo build --example index` before this test alone",
        example.display(),
    );
    let mut command = Command::new(example);
    command.stdin(Stdio::null());
    command
}

/// Standard output and standard error.
fn texts(output: &Output) -> (String, String) {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    (text(&output.stdout), text(&output.stderr))
}

/// A directory of this run, removed when dropped.
struct Directory {
    root: PathBuf,
}

impl Directory {
    fn new(test: &str) -> Directory {
        let name = format!("example_index-{test}-{}", std::process::id());
        let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        fs::create_dir_all(&root).unwrap();
        Directory { root }
    }

    fn root(&self) -> &str {
        self.root.to_str().unwrap()
    }

    fn path(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }

    fn write(&self, name: &str, bytes: &[u8]) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }

    /// Adds what nobody can read, root included, and returns the names.
    #[cfg(unix)]
    fn add_unreadable(&self) -> Vec<&'static str> {
        use std::os::unix::fs::symlink;

        symlink("nowhere", self.path("dangling.txt")).unwrap();
        vec!["dangling.txt"]
    }

    /// Links take a privilege here, and permissions a library.
    #[cfg(not(unix))]
    fn add_unreadable(&self) -> Vec<&'static str> {
        Vec::new()
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        // What is left behind lies in the target directory, and does no harm there.
        let _ = fs::remove_dir_all(&self.root);
    }
}

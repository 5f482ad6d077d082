//! Dumps at the end of a process, however it ends: what is written, where, and what else changes.
//!
//! Each scenario runs in a process of its own: this executable again, told by a variable what to do.

#![cfg(unix)]

use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{self, Command, Output, Stdio};
use std::thread;
use std::time::Duration;

use tachograph::{Dump, counter, init, timed};

const SCENARIO: &str = "TACHOGRAPH_TEST_SCENARIO";
const FOLDER: &str = "TACHOGRAPH_TEST_FOLDER";
const ENDING: &str = "TACHOGRAPH_TEST_ENDING";
const SPINS: &str = "TACHOGRAPH_TEST_SPINS";

/// Long enough that a guard is not taken for one dropped by mistake.
const RUN: Duration = Duration::from_millis(2);

/// A folder that is gone when the test ends.
struct Folder(PathBuf);

impl Folder {
    fn new(test: &str) -> Folder {
        let path = std::env::temp_dir().join(format!("tachograph-dump-{test}-{}", process::id()));
        fs::create_dir_all(&path).unwrap();
        Folder(path)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// This executable, about to run a scenario.
fn command(scenario: &str, folder: &Path) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["scenario", "--exact", "--nocapture", "--test-threads=1"]);
    command.env(SCENARIO, scenario).env(FOLDER, folder).env_remove("TACHOGRAPH_DUMP");
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn run(scenario: &str, folder: &Folder) -> Output {
    command(scenario, &folder.0).output().unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// The lines that the crate itself says.
fn said(output: &Output) -> Vec<String> {
    let text = stderr(output);
    text.lines().filter(|line| line.starts_with("tachograph: ")).map(str::to_owned).collect()
}

/// How many tables stand on standard error.
fn tables(output: &Output) -> usize {
    stderr(output).matches("tachograph · a run of ").count()
}

#[timed(function = "work")]
fn work() {
    counter!("work_total").increment(7);
    thread::sleep(RUN);
}

/// What the processes do. Without the variable this is no test at all.
#[test]
fn scenario() {
    let Ok(scenario) = std::env::var(SCENARIO) else { return };
    let folder = PathBuf::from(std::env::var_os(FOLDER).unwrap());
    let file = folder.join("dump");
    match scenario.as_str() {
        "drop" => {
            let _recording = init().dump_on_exit(Dump::table()).start();
            work();
        }
        "exit" => {
            let _recording = init().dump_on_exit(Dump::table()).start();
            work();
            process::exit(3);
        }
        "exit after drop" => {
            drop({
                let recording = init().dump_on_exit(Dump::table()).start();
                work();
                recording
            });
            process::exit(0);
        }
        "panic" => {
            let _recording = init().dump_on_exit(Dump::table()).start();
            work();
            panic!("as it happens");
        }
        "signal" => {
            for signal in [libc::SIGINT, libc::SIGTERM] {
                // Whoever runs the tests in the background may have it ignored, and then it stays so.
                // SAFETY: the default action needs no handler.
                unsafe { libc::signal(signal, libc::SIG_DFL) };
            }
            let dump = Dump::json().to_file(&file);
            let _recording = init().dump_on_exit(dump).on_signals().start();
            work();
            fs::write(folder.join("ready"), "").unwrap();
            thread::sleep(Duration::from_secs(60));
        }
        "several" => {
            let _recording = init()
                .dump_on_exit(Dump::table())
                .dump_on_exit(Dump::json().to_file(folder.join("%p.json")))
                .dump_on_exit(Dump::prometheus().to_file(folder.join("metrics.prom")))
                .dump_on_exit(Dump::openmetrics().to_stdout())
                .start();
            work();
        }
        "prefix" => {
            let _recording = init().env_prefix("MYTOOL").dump_on_exit(Dump::table()).start();
            work();
        }
        "no environment" => {
            let _recording = init().env(false).dump_on_exit(Dump::table()).start();
            work();
        }
        "nowhere" => {
            let dump = Dump::json().to_file(folder.join("missing/dump.json"));
            let _recording = init().dump_on_exit(dump).start();
            work();
        }
        "full disk" => {
            let _recording = init().dump_on_exit(Dump::json().to_file("/dev/full")).start();
            work();
        }
        "broken pipe" => {
            let mut ends = [0; 2];
            // SAFETY: `ends` has room for the two descriptors.
            assert_eq!(unsafe { libc::pipe(ends.as_mut_ptr()) }, 0);
            // SAFETY: a descriptor of our own.
            unsafe { libc::close(ends[0]) };
            // SAFETY: as above; standard output is replaced.
            unsafe { libc::dup2(ends[1], libc::STDOUT_FILENO) };
            let _recording = init().dump_on_exit(Dump::json().to_stdout()).start();
            work();
            process::exit(5);
        }
        "at once" => {
            let _ = init().dump_on_exit(Dump::table()).start();
        }
        "bare" => {
            let before = (entries("/proc/self/task"), entries("/proc/self/fd"));
            let recording = init().start();
            work();
            assert_eq!((entries("/proc/self/task"), entries("/proc/self/fd")), before);
            drop(recording);
        }
        "rewrite" => rewrite(&folder, &file),
        other => panic!("no scenario {other}"),
    }
}

/// Dumps many series into `file`, and ends itself meanwhile in the way and at the time it is told.
fn rewrite(folder: &Path, file: &Path) {
    let _recording = init().dump_on_exit(Dump::json().to_file(file)).on_signals().start();
    for number in 0..200 {
        let name = format!("series_{number}_total");
        tachograph::registry().counter(&name, &[("n", &"x".repeat(200))]).unwrap();
    }
    work();
    let told = |name| std::env::var(name).unwrap();
    let (ending, spins) = (told(ENDING), told(SPINS).parse::<u32>().unwrap());
    let end: fn() = match ending.as_str() {
        "exit" => || process::exit(7),
        "abort" => || process::abort(),
        "panic" => panic!("as it happens"),
        // The test kills it.
        _ => || thread::sleep(Duration::from_secs(60)),
    };
    thread::spawn(move || {
        (0..spins).for_each(|_| std::hint::spin_loop());
        end();
    });
    fs::write(folder.join("ready"), "").unwrap();
}

/// What signals are sent to.
fn process_of(child: &process::Child) -> libc::pid_t {
    libc::pid_t::try_from(child.id()).expect("process numbers are small")
}

fn entries(folder: &str) -> usize {
    fs::read_dir(folder).map_or(0, Iterator::count)
}

#[test]
fn a_dump_is_written_once_however_the_process_ends() {
    let folder = Folder::new("ends");
    for (scenario, code) in [("drop", 0), ("exit", 3), ("exit after drop", 0), ("panic", 101)] {
        let output = run(scenario, &folder);
        assert_eq!(output.status.code(), Some(code), "{scenario}: {}", stderr(&output));
        assert_eq!(tables(&output), 1, "{scenario}: {}", stderr(&output));
        assert!(stderr(&output).contains("work_total"), "{scenario}");
        assert_eq!(said(&output), [""; 0], "{scenario}");
    }
}

#[test]
fn a_signal_dumps_and_then_does_what_it_would_have_done() {
    for signal in [libc::SIGINT, libc::SIGTERM] {
        let folder = Folder::new(&format!("signal-{signal}"));
        let mut child = command("signal", &folder.0).spawn().unwrap();
        while !folder.path("ready").exists() {
            assert!(child.try_wait().unwrap().is_none(), "ended early");
            thread::yield_now();
        }
        // SAFETY: a child of ours that was not waited for.
        unsafe { libc::kill(process_of(&child), signal) };
        let status = child.wait().unwrap();
        assert_eq!(status.signal(), Some(signal));
        let json = fs::read_to_string(folder.path("dump")).unwrap();
        assert!(json.contains("work_total"), "{json}");
    }
}

#[test]
fn several_dumps_go_to_several_places() {
    let folder = Folder::new("several");
    let child = command("several", &folder.0).spawn().unwrap();
    let id = child.id();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(tables(&output), 1);
    let json = fs::read_to_string(folder.path(&format!("{id}.json"))).unwrap();
    assert!(json.contains("\"work_total\""), "{json}");
    let prometheus = fs::read_to_string(folder.path("metrics.prom")).unwrap();
    assert!(prometheus.contains("\nwork_total 7\n"), "{prometheus}");
    let openmetrics = String::from_utf8(output.stdout).unwrap();
    assert!(openmetrics.contains("\nwork_total 7\n") && openmetrics.contains("# EOF\n"));
    assert_eq!(fs::read_dir(&folder.0).unwrap().count(), 2, "nothing is left beside them");
}

#[test]
fn the_environment_overrides_what_the_program_configured() {
    let folder = Folder::new("environment");
    let file = folder.path("said.json");
    let with = |scenario: &str, name: &str, value: &str| {
        command(scenario, &folder.0).env(name, value).output().unwrap()
    };
    let output = with("drop", "TACHOGRAPH_DUMP", "off");
    assert_eq!((tables(&output), said(&output).len()), (0, 0), "{}", stderr(&output));

    let output = with("drop", "TACHOGRAPH_DUMP", &format!("json:{}", file.display()));
    assert_eq!(tables(&output), 0);
    assert!(fs::read_to_string(&file).unwrap().contains("work_total"));

    let output = with("drop", "TACHOGRAPH_DUMP", "xml");
    assert_eq!(tables(&output), 1, "the program's own dump is kept");
    let expected = "tachograph: TACHOGRAPH_DUMP=`xml`: unknown format `xml`: expected one of table, \
                    json, prometheus, openmetrics, or off; the program's own dump is kept";
    assert_eq!(said(&output), [expected]);

    let output = with("prefix", "TACHOGRAPH_DUMP", "off");
    assert_eq!(tables(&output), 1, "another prefix was given");
    assert_eq!(tables(&with("prefix", "MYTOOL_DUMP", "off")), 0);
    assert_eq!(tables(&with("no environment", "TACHOGRAPH_DUMP", "off")), 1);
    let output = with("bare", "TACHOGRAPH_DUMP", "table");
    assert_eq!(tables(&output), 0, "the environment adds no dump");
}

#[test]
fn a_dump_that_cannot_be_written_is_one_line_and_changes_nothing_else() {
    let folder = Folder::new("failing");
    for (scenario, why) in
        [("nowhere", "No such file or directory"), ("full disk", "No space left on device")]
    {
        let output = run(scenario, &folder);
        assert_eq!(output.status.code(), Some(0), "{scenario}");
        let lines = said(&output);
        assert_eq!(lines.len(), 1, "{scenario}: {lines:?}");
        assert!(lines[0].contains(why) && lines[0].contains('`'), "{scenario}: {lines:?}");
    }

    let output = run("broken pipe", &folder);
    assert_eq!(output.status.code(), Some(5), "{}", stderr(&output));
    let lines = said(&output);
    assert_eq!(lines.len(), 1, "{}", stderr(&output));
    assert!(lines[0].contains("standard output: Broken pipe"), "{lines:?}");

    let mut closed = Command::new("sh");
    closed.args(["-c", "exec \"$0\" scenario --exact --nocapture 2>&-"]);
    closed.arg(std::env::current_exe().unwrap());
    closed.env(SCENARIO, "exit").env(FOLDER, &folder.0).stdout(Stdio::null());
    assert_eq!(closed.status().unwrap().code(), Some(3));
}

#[test]
fn a_guard_that_is_dropped_at_once_says_what_to_write() {
    let folder = Folder::new("at-once");
    let output = run("at once", &folder);
    let lines = said(&output);
    assert_eq!(lines.len(), 1, "{}", stderr(&output));
    assert!(lines[0].starts_with("tachograph: the guard lived "), "{lines:?}");
    assert!(lines[0].ends_with("; write `let _recording = …`"), "{lines:?}");
}

#[test]
fn a_bare_start_starts_opens_and_prints_nothing() {
    let folder = Folder::new("bare");
    let output = run("bare", &folder);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert_eq!(stderr(&output), "");
}

/// Ends processes at any moment of their dump: the file is the old one or the new one, and the
/// process ends as it would have ended without a dump.
#[test]
fn a_process_that_ends_while_it_dumps_leaves_no_half_file() {
    let rounds = if std::env::var_os("TACHOGRAPH_SOAK").is_some() { 200 } else { 25 };
    let folder = Folder::new("ends-dumping");
    let (file, ready) = (folder.path("dump"), folder.path("ready"));
    for round in 0..rounds {
        let ending = ["kill", "term", "exit", "abort", "panic"][round % 5];
        // From "before the dump" to "after it".
        let spins = (round / 5) as u32 * 4_000;
        let old = if round % 2 == 0 { Some("the old one") } else { None };
        match old {
            Some(old) => fs::write(&file, old).unwrap(),
            None => drop(fs::remove_file(&file)),
        }
        let _ = fs::remove_file(&ready);
        let mut command = command("rewrite", &folder.0);
        let mut child = command.env(ENDING, ending).env(SPINS, spins.to_string()).spawn().unwrap();
        if ["kill", "term"].contains(&ending) {
            while !ready.exists() && child.try_wait().unwrap().is_none() {
                std::hint::spin_loop();
            }
            (0..spins).for_each(|_| std::hint::spin_loop());
            let signal = if ending == "kill" { libc::SIGKILL } else { libc::SIGTERM };
            // SAFETY: a child of ours that was not waited for.
            unsafe { libc::kill(process_of(&child), signal) };
        }
        let status = child.wait().unwrap();
        // What comes first decides: the end of `main`, or the other ending.
        let ended = (status.code(), status.signal());
        let expected = match ending {
            "kill" => (None, Some(libc::SIGKILL)),
            "term" => (None, Some(libc::SIGTERM)),
            "exit" => (Some(7), None),
            "abort" => (None, Some(libc::SIGABRT)),
            _ => (Some(101), None),
        };
        assert!(
            ended == expected || (ending != "panic" && ended == (Some(0), None)),
            "{ending}: {ended:?}"
        );
        match (fs::read_to_string(&file), old) {
            (Ok(found), Some(old)) if found == old => {}
            (Ok(found), _) => {
                assert!(found.starts_with('{') && found.ends_with("}\n"), "half a file: {found}");
            }
            (Err(_), None) => {}
            (Err(error), Some(_)) => panic!("the old file is gone: {error}"),
        }
    }
}

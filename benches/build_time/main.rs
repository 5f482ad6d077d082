//! What annotating costs when a crate is built: `cargo bench --bench build_time`.
//!
//! A crate of 700 functions of the kind that programs consist of is written twice, plain and with
//! `#[timed]` before each function, and checked in turns, without incremental compilation. The least
//! processor time of all rounds is shown, which wanders less than the time on the wall where others use the
//! machine, and by how much the annotated crate takes longer. The dependencies are built before; what they
//! take once is not in it.

#[path = "../support/machine.rs"]
mod machine;
mod source;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::time::Duration;

/// How many functions the crate has.
const FUNCTIONS: usize = 700;

const ROUNDS: usize = 12;

/// By how much the annotated crate may take longer.
const MOST_PERCENT: f64 = 40.0;

fn main() -> ExitCode {
    println!("{}\n", machine::describe());
    match measure() {
        Ok([plain, timed]) => {
            let more = (timed.as_secs_f64() / plain.as_secs_f64() - 1.0) * 100.0;
            println!("{:<36}{:>10}", format!("cargo check of {FUNCTIONS} functions"), "ms");
            println!("{:<36}{:>10}", "plain", plain.as_millis());
            println!("{:<36}{:>10}  {more:+.0} %", "annotated", timed.as_millis());
            println!("\nthe mark is {MOST_PERCENT:+.0} %\n");
            ExitCode::SUCCESS
        }
        Err(why) => {
            eprintln!("build_time: {why}");
            ExitCode::FAILURE
        }
    }
}

/// The least time to check the plain crate and the annotated one.
fn measure() -> Result<[Duration; 2], String> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("build_time");
    let crates = [("plain", ""), ("annotated", "#[::tachograph::timed]\n")]
        .map(|(name, attribute)| write(&folder, name, attribute));
    let mut least = [Duration::MAX; 2];
    // The first round builds what they depend on.
    for round in 0..=ROUNDS {
        for (made, least) in crates.iter().zip(&mut least) {
            let took = check(made.as_ref().map_err(String::clone)?)?;
            if round > 0 {
                *least = took.min(*least);
            }
        }
    }
    Ok(least)
}

/// Writes a crate; returns its folder.
fn write(folder: &Path, name: &str, attribute: &str) -> Result<PathBuf, String> {
    let folder = folder.join(name);
    let root = env!("CARGO_MANIFEST_DIR");
    let manifest = format!(
        "[package]\nname = \"{name}\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n\
         [dependencies]\ntachograph = {{ path = {:?} }}\n\n[workspace]\n",
        Path::new(root).join("metrics-core")
    );
    let written = fs::create_dir_all(folder.join("src"))
        .and_then(|()| fs::write(folder.join("Cargo.toml"), manifest))
        .and_then(|()| fs::copy(Path::new(root).join("Cargo.lock"), folder.join("Cargo.lock")))
        .and_then(|_| fs::write(folder.join("src/lib.rs"), source::of_crate(FUNCTIONS, attribute)));
    written.map_err(|error| format!("cannot write {}: {error}", folder.display()))?;
    Ok(folder)
}

/// Checks a crate as if it had just been changed.
fn check(folder: &Path) -> Result<Duration, String> {
    let library = folder.join("src/lib.rs");
    let touched = fs::read(&library).and_then(|text| fs::write(&library, text));
    touched.map_err(|error| format!("cannot write {}: {error}", library.display()))?;
    let before = processor_time();
    let told = Command::new(env!("CARGO"))
        .args(["check", "--quiet"])
        .current_dir(folder)
        .env("CARGO_INCREMENTAL", "0")
        .env("CARGO_TARGET_DIR", folder.with_file_name("target"))
        .stdout(Stdio::null())
        .output()
        .map_err(|error| format!("cargo cannot be run: {error}"))?;
    let took = processor_time() - before;
    if told.status.success() {
        return Ok(took);
    }
    Err(format!("the crate does not compile:\n{}", String::from_utf8_lossy(&told.stderr)))
}

/// What the processes that ended so far took of the processor, for themselves and in the system.
#[cfg(unix)]
fn processor_time() -> Duration {
    let mut usage = std::mem::MaybeUninit::<libc::rusage>::zeroed();
    // SAFETY: `usage` has room for the answer.
    let answer = unsafe { libc::getrusage(libc::RUSAGE_CHILDREN, usage.as_mut_ptr()) };
    assert_eq!(answer, 0, "the system tells what children used");
    // SAFETY: zeros are a value of it, and the system has written over them.
    let usage = unsafe { usage.assume_init() };
    let duration = |time: libc::timeval| {
        Duration::from_secs(time.tv_sec as u64) + Duration::from_micros(time.tv_usec as u64)
    };
    duration(usage.ru_utime) + duration(usage.ru_stime)
}

/// Elsewhere, the time on the wall.
#[cfg(not(unix))]
fn processor_time() -> Duration {
    use std::time::Instant;
    static START: std::sync::OnceLock<Instant> = std::sync::OnceLock::new();
    START.get_or_init(Instant::now).elapsed()
}

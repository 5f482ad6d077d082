//! Running this very program under callgrind.

use std::process::{Command, Stdio};

/// The argument that tells a child to call a path, before the path's name and how often.
pub(crate) const CALL: &str = "--call";

/// The calls of the shorter run.
const CALLS: u64 = 1_000;

/// What valgrind says it is, if there is one.
pub(crate) fn version() -> Option<String> {
    let told = Command::new("valgrind").arg("--version").output().ok()?;
    told.status.success().then(|| String::from_utf8_lossy(&told.stdout).trim().to_owned())
}

/// How often a path is counted that reads the clock.
const COUNTS: usize = 5;

/// The instructions of one call, and of the loop that makes it. What a timer does depends on how long it took (a
/// longest sample is stored), and that wanders by three instructions; of such a path it is the median of
/// several counts.
pub(crate) fn count(path: &str) -> Result<u64, String> {
    let times = if path.starts_with("time") { COUNTS } else { 1 };
    let mut counts = (0..times).map(|_| count_once(path)).collect::<Result<Vec<u64>, _>>()?;
    counts.sort_unstable();
    Ok(counts[times / 2])
}

fn count_once(path: &str) -> Result<u64, String> {
    let [fewer, more] = [run(path, CALLS)?, run(path, 2 * CALLS)?];
    let difference = more.checked_sub(fewer).ok_or("more calls took fewer instructions")?;
    Ok((difference + CALLS / 2) / CALLS)
}

/// The instructions of the whole program when it calls a path so often.
fn run(path: &str, times: u64) -> Result<u64, String> {
    let program = std::env::current_exe().map_err(|error| error.to_string())?;
    let told = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(program)
        .args([CALL, path, &times.to_string()])
        // Instruction counts depend on what the environment makes the program do, not on its size.
        .env_clear()
        .envs(std::env::var_os("PATH").map(|path| ("PATH", path)))
        .stdout(Stdio::null())
        .output()
        .map_err(|error| format!("valgrind cannot be run: {error}"))?;
    let said = String::from_utf8_lossy(&told.stderr);
    if !told.status.success() {
        return Err(format!("it ended with {}:\n{said}", told.status));
    }
    let counted = said.lines().find_map(|line| line.split_once("Collected : "));
    let count = counted.and_then(|(_, count)| count.trim().parse().ok());
    count.ok_or_else(|| format!("callgrind said nothing of instructions:\n{said}"))
}

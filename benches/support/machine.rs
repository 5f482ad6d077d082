//! The machine that figures come from.

use std::fs;
use std::num::NonZero;
use std::thread;

/// How many threads can run at once.
pub(crate) fn cores() -> usize {
    thread::available_parallelism().map_or(1, NonZero::get)
}

/// One line: processor, cores, system.
pub(crate) fn describe() -> String {
    format!(
        "{}, {} cores, {} {}",
        processor().unwrap_or_else(|| "unknown processor".to_owned()),
        cores(),
        std::env::consts::OS,
        std::env::consts::ARCH
    )
}

/// As Linux names it.
fn processor() -> Option<String> {
    let told = fs::read_to_string("/proc/cpuinfo").ok()?;
    let line = told.lines().find(|line| line.starts_with("model name"))?;
    Some(line.split_once(": ")?.1.trim().to_owned())
}

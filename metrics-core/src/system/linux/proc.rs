//! Processors and the process, from `/proc`.
//!
//! # Source
//!
//! The manual pages `proc_stat(5)`, `proc_pid_stat(5)`, `proc_pid_status(5)` and `proc_pid_limits(5)`.

use std::fs;
use std::path::Path;

use crate::system::linux::text;
use crate::system::page::{Found, Unreadable};

/// In which the kernel tells programs of time: its `USER_HZ`, the same on every processor that it runs on with Rust.
const TICKS_PER_SECOND: f64 = 100.0;

/// What `/proc/stat` says.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Processors {
    /// Ticks of all processors in which they were not idle.
    pub(super) busy: f64,
    pub(super) whole: f64,
    pub(super) count: f64,
    /// When the machine began, in seconds since 1970.
    pub(super) booted: f64,
}

/// What is said of this process; each by itself, as each has a file or a line of its own.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Process {
    pub(super) cpu_seconds: Result<f64, Unreadable>,
    /// When it began, in seconds since the machine did.
    pub(super) since_boot: Result<f64, Unreadable>,
    pub(super) resident: Result<f64, Unreadable>,
    pub(super) address_space: Result<f64, Unreadable>,
    pub(super) threads: Result<f64, Unreadable>,
    pub(super) descriptors: Result<f64, Unreadable>,
    pub(super) descriptors_max: Found<f64>,
}

impl Processors {
    pub(super) fn read(root: &Path) -> Result<Processors, Unreadable> {
        let stat = text(&root.join("proc/stat")).map_err(|_| Unreadable)?;
        let rest = stat.lines().find_map(|line| line.strip_prefix("cpu ")).ok_or(Unreadable)?;
        // What guests used is part of what users used.
        let ticks = rest.split_whitespace().take(8).map(number).collect::<Result<Vec<_>, _>>()?;
        let [_, _, _, idle, more @ ..] = ticks.as_slice() else { return Err(Unreadable) };
        let (whole, waiting) = (ticks.iter().sum::<f64>(), more.first().unwrap_or(&0.0));
        let is_processor = |line: &&str| {
            line.strip_prefix("cpu")
                .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
        };
        let booted = stat.lines().find_map(|line| line.strip_prefix("btime ")).ok_or(Unreadable)?;
        Ok(Processors {
            busy: whole - idle - waiting,
            whole,
            count: stat.lines().filter(is_processor).count() as f64,
            booted: number(booted.trim())?,
        })
    }
}

impl Process {
    pub(super) fn read(root: &Path) -> Process {
        let own = root.join("proc/self");
        let read = |name| text(&own.join(name)).map_err(|_| Unreadable);
        let (stat, status) = (read("stat"), read("status"));
        let ticks = |field| stat_field(stat.as_deref().map_err(|&error| error)?, field);
        let line = |key| status_line(status.as_deref().map_err(|&error| error)?, key);
        let seconds = |ticks: f64| ticks / TICKS_PER_SECOND;
        Process {
            cpu_seconds: ticks(14).and_then(|user| Ok(seconds(user + ticks(15)?))),
            since_boot: ticks(22).map(seconds),
            resident: line("VmRSS:"),
            address_space: line("VmSize:"),
            threads: line("Threads:"),
            descriptors: count_descriptors(&own.join("fd")),
            descriptors_max: read("limits").and_then(|limits| descriptors_max(&limits)),
        }
    }
}

/// A field of `/proc/self/stat` by its number in the manual. The second is the name in parentheses, which may have both
/// and spaces in it.
fn stat_field(stat: &str, field: usize) -> Result<f64, Unreadable> {
    let (_, rest) = stat.rsplit_once(')').ok_or(Unreadable)?;
    number(rest.split_whitespace().nth(field - 3).ok_or(Unreadable)?)
}

/// A number of `/proc/self/status`, of bytes where it is said in kibibytes.
fn status_line(status: &str, key: &str) -> Result<f64, Unreadable> {
    let rest = status.lines().find_map(|line| line.strip_prefix(key)).ok_or(Unreadable)?;
    match *rest.split_whitespace().collect::<Vec<_>>() {
        [value] => number(value),
        [value, "kB"] => Ok(number(value)? * 1024.0),
        _ => Err(Unreadable),
    }
}

/// How many are open, without the one that reads the folder.
fn count_descriptors(folder: &Path) -> Result<f64, Unreadable> {
    let entries = fs::read_dir(folder).map_err(|_| Unreadable)?;
    let mut count = 0.0;
    for entry in entries {
        entry.map_err(|_| Unreadable)?;
        count += 1.0;
    }
    Ok(count - 1.0)
}

/// The soft limit, if there is one.
fn descriptors_max(limits: &str) -> Found<f64> {
    let rest =
        limits.lines().find_map(|line| line.strip_prefix("Max open files")).ok_or(Unreadable)?;
    match rest.split_whitespace().next().ok_or(Unreadable)? {
        "unlimited" => Ok(None),
        soft => number(soft).map(Some),
    }
}

/// A whole number, of nothing but digits.
pub(super) fn number(text: &str) -> Result<f64, Unreadable> {
    text.parse::<u64>().map(|value| value as f64).map_err(|_| Unreadable)
}

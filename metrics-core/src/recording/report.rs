//! The table as a value, for programs that print it themselves.

use std::fmt;

use crate::encode::{self, By, Format, Look};
use crate::snapshot::Snapshot;

/// The table of a snapshot; shown by its [`Display`](fmt::Display), without colours.
///
/// # Examples
///
/// ```
/// use tachograph::By;
///
/// tachograph::counter!("lines_total").increment(3);
/// let recording = tachograph::init().start();
/// let report = recording.report().sort(By::Calls).width(100);
/// assert!(report.to_string().contains("lines_total"));
/// ```
#[derive(Debug, Clone)]
#[must_use = "a report is a value to print"]
pub struct Report {
    snapshot: Snapshot,
    minute: Option<Snapshot>,
    look: Look,
}

impl Report {
    /// The table of a run, and of its last minute.
    pub(super) fn new(snapshot: Snapshot, minute: Option<Snapshot>) -> Report {
        Report { snapshot, minute, look: Look::default() }
    }

    /// The order of the timers, by self time by default.
    pub fn sort(mut self, by: By) -> Report {
        self.look.sort = by;
        self
    }

    /// The width in columns, 80 by default; less than 40 is written as 40.
    pub fn width(mut self, columns: usize) -> Report {
        self.look.width = columns;
        self
    }

    /// The most timers that are shown, 20 by default. The others are summed up in one line.
    pub fn limit(mut self, timers: usize) -> Report {
        self.look.limit = timers;
        self
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = String::new();
        let minute = self.minute.as_ref();
        encode::write(Format::Table, &self.snapshot, minute, &self.look, &mut text);
        f.write_str(&text)
    }
}

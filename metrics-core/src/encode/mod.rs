//! Snapshots as text, for people and for machines.
//!
//! Every encoder is a pure function: it reads a [`Snapshot`](crate::Snapshot) and appends to a buffer
//! of the caller. None of them opens, writes or locks anything, and none trusts a label value.

mod blocks;
mod digits;
mod exposition;
mod format;
mod grid;
mod human;
mod json;
mod look;
mod openmetrics;
mod prometheus;
mod table;
mod text;
mod timestamp;

pub(crate) use exposition::{Exported, exported};
pub use format::Format;
pub(crate) use json::push_text as push_json_string;
pub use look::By;
pub(crate) use look::Look;
pub(crate) use timestamp::push_compact_time;

use crate::registry::Registry;
use crate::snapshot::Snapshot;

impl Snapshot {
    /// Everything in the snapshot, as text.
    ///
    /// # Examples
    ///
    /// ```
    /// use tachograph::{Format, Registry};
    ///
    /// let registry = Registry::new();
    /// registry.counter("lines_total", &[("file", "a.txt")])?.increment(3);
    /// assert_eq!(
    ///     registry.snapshot().render(Format::Prometheus),
    ///     "# TYPE lines_total counter\nlines_total{file=\"a.txt\"} 3\n"
    /// );
    /// # Ok::<(), tachograph::Error>(())
    /// ```
    #[must_use]
    pub fn render(&self, format: Format) -> String {
        let mut out = String::new();
        self.write_to(format, &mut out);
        out
    }

    /// As [`render`](Snapshot::render), at the end of a text whose room can be used again.
    pub fn write_to(&self, format: Format, out: &mut String) {
        write(format, self, None, &Look::default(), out);
    }
}

impl Registry {
    /// Everything that was recorded so far, as text: [`Snapshot::render`] of a new snapshot, for which all
    /// [collectors](Registry::add_collector) run.
    ///
    /// # Examples
    ///
    /// ```
    /// use tachograph::{Format, counter};
    ///
    /// counter!("lines_total").increment(3);
    /// let body = tachograph::registry().render(Format::OpenMetrics);
    /// assert!(body.contains("\nlines_total 3\n") && body.ends_with("# EOF\n"));
    /// ```
    #[must_use]
    pub fn render(&self, format: Format) -> String {
        // What failed is counted among what is rendered.
        let _ = self.collect_all();
        self.snapshot().render(format)
    }
}

/// Appends everything in a snapshot; a table has its last minute beside it, where there is one, and looks as `look`
/// says.
pub(crate) fn write(
    format: Format,
    snapshot: &Snapshot,
    minute: Option<&Snapshot>,
    look: &Look,
    out: &mut String,
) {
    match format {
        Format::Table => table::write_table(snapshot, minute, look, out),
        Format::Json => json::write_json(snapshot, &json::Process::current(), out),
        Format::Prometheus => prometheus::write_prometheus(snapshot, out),
        Format::OpenMetrics => openmetrics::write_openmetrics(snapshot, out),
    }
}

#[cfg(test)]
mod sample;

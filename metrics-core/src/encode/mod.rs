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
mod renderer;
mod table;
mod text;
mod timestamp;

pub(crate) use exposition::{Exported, exported};
pub use exposition::{FamilySeries, MetricFamilies, MetricFamily, MetricType, Point};
pub use format::Format;
pub(crate) use json::push_text as push_json_string;
pub use look::By;
pub(crate) use look::Look;
pub use renderer::Renderer;
pub(crate) use timestamp::push_compact_time;

use crate::encode::exposition::{Dialect, write_body};
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

    /// As [`write_to`](Snapshot::write_to), with only those metrics for which `is_asked` is true of one of their names:
    /// what `name[]` is in the address of an endpoint.
    ///
    /// The names are those of [`MetricFamily::has_name`], and of JSON those that it shows, too. All that is shown is as it
    /// would be in the whole text: names are decided with all metrics at hand, so that each line of one of the formats of
    /// Prometheus is a line of the whole body. The self time of a timer is a metric of its own there, and goes with
    /// the timer in JSON and in a table.
    ///
    /// # Examples
    ///
    /// ```
    /// use tachograph::{Format, Registry};
    ///
    /// let registry = Registry::new();
    /// registry.counter("lines_total", &[])?.increment(3);
    /// registry.gauge("queue_depth", &[])?.set(1);
    /// let mut body = String::new();
    /// registry.snapshot().write_matching(Format::Prometheus, &|name| name == "queue_depth", &mut body);
    /// assert_eq!(body, "# TYPE queue_depth gauge\nqueue_depth 1\n");
    /// # Ok::<(), tachograph::Error>(())
    /// ```
    pub fn write_matching(
        &self,
        format: Format,
        is_asked: &dyn Fn(&str) -> bool,
        out: &mut String,
    ) {
        let asked = Some(is_asked);
        match format {
            Format::Table => {
                // It shows names as they were written, so that nothing in it is decided by others.
                let mut asked = exposition::asked_series(self, is_asked).into_iter();
                let some = self.with_series(|_| asked.next() == Some(true));
                table::write_table(&some, None, &Look::default(), out);
            }
            Format::Json => json::write_json(self, &json::Process::current(), asked, out),
            Format::Prometheus => write_body(Dialect::Prometheus, self, asked, None, out),
            Format::OpenMetrics => write_body(Dialect::OpenMetrics, self, asked, None, out),
        }
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
        Format::Json => json::write_json(snapshot, &json::Process::current(), None, out),
        Format::Prometheus => write_body(Dialect::Prometheus, snapshot, None, None, out),
        Format::OpenMetrics => write_body(Dialect::OpenMetrics, snapshot, None, None, out),
    }
}

#[cfg(test)]
mod sample;

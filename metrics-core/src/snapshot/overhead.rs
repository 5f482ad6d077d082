//! What recording itself cost the process.

use std::time::Duration;

/// What recording cost the process: series, memory, refused records, and the time of the calls.
#[derive(Debug, Clone, Default)]
pub struct Overhead {
    pub(crate) clock: &'static str,
    pub(crate) series: u64,
    pub(crate) shards: u64,
    pub(crate) shards_refused: u64,
    /// Series of registries that were dropped, in the whole process.
    pub(crate) abandoned: u64,
    pub(crate) reserved_bytes: u64,
    pub(crate) accessible_bytes: u64,
    /// Reasons in a fixed order, each with its count; zeros included.
    pub(crate) dropped: Vec<(&'static str, u64)>,
    /// Reasons in a fixed order, each with its count; zeros included.
    pub(crate) overflowed: Vec<(&'static str, u64)>,
    pub(crate) timer_calls: u64,
    pub(crate) histogram_calls: u64,
    pub(crate) summary_calls: u64,
    /// Calibrated, for one call.
    pub(crate) timer_ns: f64,
    /// Calibrated, for one call.
    pub(crate) histogram_ns: f64,
    /// Calibrated, for one call.
    pub(crate) summary_ns: f64,
}

impl Overhead {
    /// What timers read: `"tsc"`, `"cntvct"`, `"monotonic"` (the system's clock), or `"none"`.
    pub fn clock(&self) -> &'static str {
        self.clock
    }

    /// How many series the registry holds.
    pub fn series(&self) -> u64 {
        self.series
    }

    /// How many shards there are: at most as many as threads that recorded at once, and as
    /// [captures](crate::testing) had at once.
    pub fn shards(&self) -> u64 {
        self.shards
    }

    /// How many threads could not have a shard, and recorded into the shared one at a higher price.
    pub fn shards_refused(&self) -> u64 {
        self.shards_refused
    }

    /// How many series belonged to registries that were dropped: their slots are not used again.
    pub fn abandoned(&self) -> u64 {
        self.abandoned
    }

    /// The address space set aside for shards, in bytes. It costs no memory until it is used.
    pub fn reserved_bytes(&self) -> u64 {
        self.reserved_bytes
    }

    /// The part of [`reserved_bytes`](Overhead::reserved_bytes) that was made accessible.
    pub fn accessible_bytes(&self) -> u64 {
        self.accessible_bytes
    }

    /// How many records were dropped, by reason.
    pub fn dropped(&self) -> &[(&'static str, u64)] {
        &self.dropped
    }

    /// How many times a series could not be had and its family's overflow series was taken instead,
    /// by reason: `cap` and `no_room`.
    pub fn overflowed(&self) -> &[(&'static str, u64)] {
        &self.overflowed
    }

    /// How many calls were timed.
    pub fn timer_calls(&self) -> u64 {
        self.timer_calls
    }

    /// How many values histograms took.
    pub fn histogram_calls(&self) -> u64 {
        self.histogram_calls
    }

    /// How many values summaries took.
    pub fn summary_calls(&self) -> u64 {
        self.summary_calls
    }

    /// An estimate of the time that timers, histograms and summaries took, over all threads: the cost of one
    /// call, measured in this process, times the calls.
    pub fn cost(&self) -> Duration {
        let timers = self.timer_calls as f64 * self.timer_ns;
        let histograms = self.histogram_calls as f64 * self.histogram_ns;
        let summaries = self.summary_calls as f64 * self.summary_ns;
        Duration::try_from_secs_f64((timers + histograms + summaries) * 1e-9).unwrap_or_default()
    }

    /// What came after `earlier`: calls, drops and overflows are differences, the rest is present.
    pub(super) fn since(&self, earlier: &Overhead) -> Overhead {
        Overhead {
            dropped: reasons_since(&self.dropped, &earlier.dropped),
            overflowed: reasons_since(&self.overflowed, &earlier.overflowed),
            timer_calls: self.timer_calls.saturating_sub(earlier.timer_calls),
            histogram_calls: self.histogram_calls.saturating_sub(earlier.histogram_calls),
            summary_calls: self.summary_calls.saturating_sub(earlier.summary_calls),
            ..*self
        }
    }
}

fn reasons_since(
    now: &[(&'static str, u64)],
    earlier: &[(&'static str, u64)],
) -> Vec<(&'static str, u64)> {
    let before = |reason: &str| {
        earlier.iter().find(|(known, _)| *known == reason).map_or(0, |(_, count)| *count)
    };
    now.iter().map(|(reason, count)| (*reason, count.saturating_sub(before(reason)))).collect()
}

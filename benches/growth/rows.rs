//! What is measured, in which sizes.

use crate::costs;

/// One measurement, in a process of its own.
pub(crate) struct Row {
    pub(crate) name: &'static str,
    /// Rows of one series differ in size alone, and follow one another.
    pub(crate) series: &'static str,
    /// How much there is to do.
    pub(crate) size: f64,
    pub(crate) unit: Unit,
    pub(crate) measure: fn() -> f64,
}

#[derive(Debug, Clone, Copy)]
pub(crate) enum Unit {
    Nanoseconds,
    Bytes,
}

impl Unit {
    /// A figure as people read it; a dash where it cannot be had.
    pub(crate) fn show(self, figure: f64) -> String {
        match self {
            _ if !figure.is_finite() => "–".to_owned(),
            Unit::Nanoseconds if figure >= 1e6 => format!("{:.2} ms", figure / 1e6),
            Unit::Nanoseconds if figure >= 1e3 => format!("{:.2} µs", figure / 1e3),
            Unit::Nanoseconds => format!("{figure:.1} ns"),
            Unit::Bytes => format!("{:.2} KiB", figure / 1024.0),
        }
    }
}

macro_rules! rows {
    ($($series:literal, $unit:ident, $of:literal: $($size:literal => $measure:expr),+;)*) => {
        &[$($(Row {
            name: concat!($series, $size, $of),
            series: $series,
            size: $size as f64,
            unit: Unit::$unit,
            measure: || $measure,
        },)+)*]
    };
}

pub(crate) const ROWS: &[Row] = rows![
    "snapshot of 100 counters, all used by each of ", Nanoseconds, " threads":
        2 => costs::snapshot_of_counters(2, 100),
        64 => costs::snapshot_of_counters(64, 100),
        512 => costs::snapshot_of_counters(512, 100);
    "snapshot of 1,000 counters, all used by each of ", Nanoseconds, " threads":
        2 => costs::snapshot_of_counters(2, 1_000),
        64 => costs::snapshot_of_counters(64, 1_000),
        512 => costs::snapshot_of_counters(512, 1_000);
    "snapshot of 10,000 counters, all used by each of ", Nanoseconds, " threads":
        2 => costs::snapshot_of_counters(2, 10_000),
        64 => costs::snapshot_of_counters(64, 10_000),
        512 => costs::snapshot_of_counters(512, 10_000);
    "snapshot after 64 threads of ", Nanoseconds, " counters":
        100 => costs::snapshot_of_counters(64, 100),
        1000 => costs::snapshot_of_counters(64, 1_000),
        10000 => costs::snapshot_of_counters(64, 10_000);
    "snapshot of 100 histograms, 5 used by each of ", Nanoseconds, " threads":
        2 => costs::snapshot_of_histograms(2, 100),
        64 => costs::snapshot_of_histograms(64, 100),
        512 => costs::snapshot_of_histograms(512, 100);
    "snapshot of 100 timers, 5 used by each of ", Nanoseconds, " threads":
        2 => costs::snapshot_of_timers(2, 100),
        64 => costs::snapshot_of_timers(64, 100),
        512 => costs::snapshot_of_timers(512, 100);
    "Prometheus text, a series of ", Nanoseconds, " counters":
        100 => costs::exposition(100),
        1000 => costs::exposition(1_000),
        10000 => costs::exposition(10_000);
    "memory of a thread that uses 200 counters, of ", Bytes, " threads":
        64 => costs::memory_of_counters(64, 200),
        512 => costs::memory_of_counters(512, 200);
    "memory of a thread, histograms used: ", Bytes, "":
        1 => costs::memory_of_histograms(64, 1),
        10 => costs::memory_of_histograms(64, 10),
        100 => costs::memory_of_histograms(64, 100);
    "first record of a thread beside ", Nanoseconds, " others":
        2 => costs::first_record(2),
        64 => costs::first_record(64),
        512 => costs::first_record(512);
    "the same where another thread left its shard, beside ", Nanoseconds, " others":
        2 => costs::first_record_in_a_free_shard(2),
        64 => costs::first_record_in_a_free_shard(64),
        512 => costs::first_record_in_a_free_shard(512);
    "exit of a thread that recorded, beside ", Nanoseconds, " others":
        2 => costs::thread_exit(2),
        64 => costs::thread_exit(64),
        512 => costs::thread_exit(512);
    "registration of a series beside ", Nanoseconds, " others":
        1000 => costs::registration(1_000),
        50000 => costs::registration(50_000);
];

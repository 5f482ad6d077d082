//! Instrumentation that is left on.
//!
//! Put [`#[timed]`](timed) before a function, drop [`counter!`] into a hot path, and read the
//! registry at exit or live. Recording takes no lock, no atomic read-modify-write, no hashing and no
//! allocation after its first use at a place in a thread ([`summary!`] alone is of the slow kind); histograms are
//! exponential from the moment of recording, so that they merge and export exactly. A [`History`] answers for
//! windows of time.
//!
//! # Examples
//!
//! ```
//! use tachograph::{counter, gauge, histogram, timed};
//!
//! #[timed]
//! fn parse(line: &str) -> usize {
//!     counter!("lines_total").increment(1);
//!     histogram!("line_bytes").record(line.len());
//!     line.split(' ').count()
//! }
//!
//! assert_eq!(parse("to be or not to be"), 6);
//! gauge!("queue_depth").set(0);
//!
//! let snapshot = tachograph::registry().snapshot();
//! assert_eq!(snapshot.counter("lines_total", &[]), Some(1));
//! assert_eq!(snapshot.histogram("line_bytes", &[]).unwrap().sum(), 18.0);
//! ```
//!
//! # What it does to the process
//!
//! Nothing that was not asked for: no thread, no hook, no file, no port. Each thread that records
//! reserves address space (256 MiB on 64-bit systems, without access and without memory) and uses a
//! page or two of memory; on Unix a handler makes forked children begin from zero.
//!
//! # Features
//!
//! * `record` (default): everything. Without it there are the macros and the handles they give, which
//!   check and evaluate their arguments and leave nothing in the program; there is no registry then, no
//!   dependency but the macros, and no need of the standard library. A library that instruments itself
//!   depends on this crate with `default-features = false`; it records as soon as a program that it is
//!   part of asks for `record`, and no other library can take that back.
//! * `system`: `SystemMetrics`, gauges and counters of the machine, of this process and of its container, taken by a
//!   thread that a program starts. It implies `record`, and brings the crate `sysinfo`.
//! * `alloc`: without `record`, on targets without an operating system: label values of type `String`, `Box<str>`,
//!   `Rc<str>`, `Arc<str>` and `Cow<str>`. Elsewhere these are always taken.

#![cfg_attr(not(feature = "record"), no_std)]

// Each module uses only those above it. Those without a feature are there whether anything is recorded or
// not; `inert` stands in the place of all that is not.
#[cfg(feature = "record")]
mod error;
#[cfg(feature = "record")]
mod name;
#[cfg(feature = "record")]
mod label;
mod kind;
mod level;
mod unit;
#[cfg(feature = "record")]
mod presentation;
#[cfg(feature = "record")]
mod amount;
mod number;
mod told;
mod label_set;
#[cfg(feature = "record")]
mod clock;
#[cfg(feature = "record")]
mod ticker;
#[cfg(feature = "record")]
mod panicked;
#[cfg(feature = "record")]
mod sample;
#[cfg(feature = "record")]
mod bucket;
#[cfg(feature = "record")]
mod arena;
#[cfg(feature = "record")]
mod handle;
#[cfg(feature = "record")]
mod table;
#[cfg(feature = "record")]
mod registry;
#[cfg(feature = "record")]
mod site;
#[cfg(feature = "record")]
mod snapshot;
#[cfg(feature = "record")]
pub mod testing;
#[cfg(feature = "record")]
mod history;
#[cfg(feature = "record")]
mod encode;
#[cfg(feature = "system")]
mod system;
#[cfg(feature = "record")]
mod trigger;
#[cfg(feature = "record")]
mod recording;
#[cfg(not(feature = "record"))]
mod inert;

mod macros;

#[doc(hidden)]
pub mod __private;

#[cfg(not(feature = "record"))]
pub use inert::{
    Counter, DetachedGuard, Gauge, Histogram, Label, Rate, Sample, Summary, Timer, TimerGuard,
};
pub use kind::Kind;
pub use label_set::LabelSet;
pub use level::{Level, UnknownLevel};
pub use number::IntoF64;
#[cfg(feature = "system")]
pub use system::{SystemMetrics, SystemMetricsBuilder};
pub use tachograph_macros::{LabelSet, timed};
pub use unit::Unit;
#[cfg(feature = "record")]
pub use {
    bucket::Layout,
    encode::{By, FamilySeries, Format, MetricFamilies, MetricFamily, MetricType, Point, Renderer},
    error::Error,
    handle::{Counter, DetachedGuard, Gauge, Histogram, Rate, Summary, Timer, TimerGuard},
    history::{
        Aggregation, Answer, Grid, History, HistoryBuilder, HistoryUsage, Metric, Span, Survey,
        Surveyed, Window,
    },
    label::Labels,
    name::Name,
    presentation::Naming,
    recording::{Dump, Init, Recording, Report, init},
    registry::{
        Buckets, Collect, CollectFailure, CollectReport, Collected, FailureReason, Lint, Registry,
        RegistryBuilder, registry,
    },
    sample::Sample,
    site::Label,
    snapshot::{
        Bucket, Delta, HistogramSnapshot, Overhead, Reader, Series, Snapshot, SummarySnapshot,
        TimerSnapshot, Value,
    },
    trigger::{NoData, Trigger, TriggerBuilder, TriggerEvent, TriggerStatus, rules},
};

/// What a [trigger](Registry::trigger) measures, and the bounds that it holds that against.
#[cfg(feature = "record")]
pub mod when {
    pub use crate::trigger::{Condition, Measure, aggregate, quantile, rate, value};
}

/// The README's examples are tests, too.
#[cfg(all(doctest, feature = "record"))]
#[doc = include_str!("../../README.md")]
pub struct Readme;

/// So are those of the guide for users of other crates.
#[cfg(all(doctest, feature = "record"))]
#[doc = include_str!("../../docs/porting.md")]
pub struct Porting;

/// And those of the page on windows of time.
#[cfg(all(doctest, feature = "record"))]
#[doc = include_str!("../../docs/history.md")]
pub struct Windows;

/// And those of the page on collectors and triggers.
#[cfg(all(doctest, feature = "record"))]
#[doc = include_str!("../../docs/triggers.md")]
pub struct Triggers;

/// And those of the page on the machine's own metrics.
#[cfg(all(doctest, feature = "system"))]
#[doc = include_str!("../../docs/system.md")]
pub struct Machine;

/// And those of the page on tests.
#[cfg(all(doctest, feature = "record"))]
#[doc = include_str!("../../docs/testing.md")]
pub struct Testing;

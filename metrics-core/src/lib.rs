//! Instrumentation that is left on.
//!
//! Put [`#[timed]`](timed) before a function, drop [`counter!`] into a hot path, and read the
//! registry at exit or live. Recording takes no lock, no atomic read-modify-write, no hashing and no
//! allocation after its first use at a place in a thread; histograms are exponential from the moment
//! of recording, so that they merge and export exactly.
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

// Each module uses only those above it.
mod error;
mod name;
mod label;
mod kind;
mod unit;
mod amount;
mod number;
mod told;
mod clock;
mod bucket;
mod arena;
mod handle;
mod registry;
mod site;
mod snapshot;
mod encode;
mod recording;

#[doc(hidden)]
pub mod __private;

pub use bucket::Layout;
pub use encode::{By, Format};
pub use error::Error;
pub use handle::{Counter, DetachedGuard, Gauge, Histogram, Timer, TimerGuard};
pub use kind::Kind;
pub use label::Labels;
pub use name::Name;
pub use number::IntoF64;
pub use recording::{Dump, Init, Recording, Report, init};
pub use registry::{Buckets, Lint, Registry, RegistryBuilder, registry};
pub use snapshot::{Bucket, HistogramSnapshot, Overhead, Series, Snapshot, TimerSnapshot, Value};
pub use tachograph_macros::{counter, gauge, histogram, timed, timer};
pub use unit::Unit;

/// The README's examples are tests, too.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
pub struct Readme;

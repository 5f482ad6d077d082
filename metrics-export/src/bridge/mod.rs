//! What programs say to other crates, recorded here: `recorder` is for `metrics`, `span` for `tracing`.
//!
//! Both remember what they found in a `cache`, which is read without a lock and has a maximum.

mod cache;
#[cfg(feature = "metrics")]
mod recorder;
#[cfg(feature = "metrics")]
mod shared;
#[cfg(feature = "tracing")]
mod span;

#[cfg(feature = "metrics")]
pub use recorder::MetricsBridge;
#[cfg(feature = "tracing")]
pub use span::SpanLayer;

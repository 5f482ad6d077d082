//! Serves what [`tachograph`] recorded.
//!
//! ```
//! use tachograph_export::Serve;
//!
//! let recording = tachograph::init().start();
//! let _server = recording.serve("127.0.0.1:0")?; // 9464 in a program
//! # Ok::<(), tachograph_export::Error>(())
//! ```

// Each module uses only those above it.
mod error;
mod access;
#[cfg(any(feature = "metrics", feature = "tracing"))]
mod bridge;
mod protobuf;
mod exposition;
mod negotiate;
#[cfg(feature = "serve")]
mod api;
#[cfg(feature = "serve")]
mod page;
mod source;
mod responder;
#[cfg(any(feature = "serve", feature = "tower"))]
mod bodies;
mod served;
#[cfg(feature = "serve")]
mod listening;
mod endpoint;
#[cfg(feature = "serve")]
mod server;
#[cfg(feature = "serve")]
mod serve;
#[cfg(feature = "tower")]
mod service;
#[cfg(feature = "axum")]
pub mod axum;

#[cfg(feature = "metrics")]
pub use bridge::MetricsBridge;
#[cfg(feature = "tracing")]
pub use bridge::SpanLayer;
pub use endpoint::Endpoint;
pub use error::Error;
pub use protobuf::Protobuf;
pub use responder::Responder;
pub use served::Served;
#[cfg(feature = "tower")]
pub use service::MetricsService;
#[cfg(feature = "serve")]
pub use {serve::Serve, server::Server};

/// The examples of the page on serving are tests, too.
#[cfg(all(doctest, feature = "serve"))]
#[doc = include_str!("../../docs/serving.md")]
pub struct Serving;

/// So are those of the page on the live page.
#[cfg(all(doctest, feature = "serve"))]
#[doc = include_str!("../../docs/page.md")]
pub struct LivePage;

/// The examples of the page on bridges are tests, too.
#[cfg(all(doctest, feature = "metrics", feature = "tracing"))]
#[doc = include_str!("../../docs/bridges.md")]
pub struct Bridges;

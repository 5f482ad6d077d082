//! The crates, each as its own docs advise.

mod hotpath;
mod measured;
mod metrics;
mod metriken;
mod opentelemetry;
mod prometheus;
mod prometheus_client;
mod tachograph;

use crate::case::Peer;

/// In the order of the tables' rows; the first is the one that all others are compared with.
pub fn all() -> Vec<Peer> {
    let mut peers = tachograph::peers();
    peers.extend(metrics::peers());
    peers.extend(prometheus::peers());
    peers.extend(prometheus_client::peers());
    peers.extend(measured::peers());
    peers.push(metriken::peer());
    peers.push(opentelemetry::peer());
    peers.push(hotpath::peer());
    peers
}

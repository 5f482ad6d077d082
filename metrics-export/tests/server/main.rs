//! The server, as clients see it: those that mean well, and those that do not.

#![cfg(feature = "serve")]

mod access;
#[path = "../support/ask.rs"]
mod ask;
#[path = "../support/client.rs"]
mod client;
#[path = "../support/binary.rs"]
mod binary;
mod limits;
#[path = "../../src/protobuf/message.rs"]
#[allow(dead_code, reason = "what is only written is not read here")]
mod message;
mod page;
mod routes;
mod scrapes;
mod stop;
#[path = "../support/strict.rs"]
mod strict;
#[cfg(unix)]
mod unix;

use std::net::SocketAddr;

use tachograph::Registry;
use tachograph_export::{Endpoint, Server};

/// A registry with something in it.
fn shop() -> Registry {
    let registry = Registry::new();
    registry.counter("orders_total", &[("shop", "north")]).unwrap().increment(3);
    registry.gauge("queue_depth", &[]).unwrap().set(4);
    registry.histogram("basket_euros", &[]).unwrap().record(19.5);
    registry
}

/// A server of it, somewhere.
fn serve(registry: &Registry, endpoint: &Endpoint) -> (Server, SocketAddr) {
    let server = endpoint.clone().quiet(true).serve(registry, "127.0.0.1:0").unwrap();
    let address = server.address().unwrap();
    (server, address)
}

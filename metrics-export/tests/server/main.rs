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

use std::io::Write;
use std::net::{SocketAddr, TcpStream};
use std::sync::mpsc::{self, Receiver, Sender};

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

/// A collector that tells when it has begun, and ends when it is told to.
fn slow_collector(registry: &Registry) -> (Receiver<()>, Sender<()>) {
    let (began, has_begun) = mpsc::channel();
    let (go, may_go) = mpsc::channel::<()>();
    let collector = move |_: &mut tachograph::Collect| {
        began.send(()).unwrap();
        may_go.recv_timeout(client::PATIENCE).unwrap();
    };
    registry.add_collector("slow", collector).unwrap();
    (has_begun, go)
}

/// A scrape that was asked for.
fn begin_scrape(address: SocketAddr) -> TcpStream {
    let mut stream = client::connect(address);
    write!(stream, "GET /metrics HTTP/1.1\r\nhost: localhost\r\n\r\n").unwrap();
    stream
}

/// A server of it, somewhere.
fn serve(registry: &Registry, endpoint: &Endpoint) -> (Server, SocketAddr) {
    let server = endpoint.clone().quiet(true).serve(registry, "127.0.0.1:0").unwrap();
    let address = server.address().unwrap();
    (server, address)
}

//! Requests that nobody would send: whatever they are, they have their status, and the server goes on. They are alone in
//! their process, so that it can be seen whether it grows.

#![cfg(feature = "serve")]

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr};

use tachograph::Registry;
use tachograph_export::Endpoint;

#[path = "support/ask.rs"]
#[allow(dead_code, reason = "other tests ask for more")]
mod ask;
#[path = "support/client.rs"]
#[allow(dead_code, reason = "other tests look at more")]
mod client;

use ask::get;
use client::connect;

/// What the process may grow by while it answers ten times as many.
const GROWTH_MAX: u64 = 8 << 20;

/// What is mutated.
const SEEDS: [&str; 6] = [
    "GET /metrics HTTP/1.1\r\nhost: localhost\r\naccept: application/openmetrics-text;version=1.0.0;q=0.8,text/plain;q=0.5\r\naccept-encoding: gzip;q=1.0, identity;q=0.5\r\n\r\n",
    "HEAD /metrics?name[]=orders_total&name%5B%5D=a HTTP/1.1\r\nHost: 127.0.0.1:9464\r\nAuthorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==\r\n\r\n",
    "POST /metrics HTTP/1.1\r\nhost: localhost\r\ncontent-length: 5\r\n\r\nhello",
    "GET http://localhost/metrics HTTP/1.0\r\nconnection: keep-alive\r\n\r\n",
    "PUT /x HTTP/1.1\r\nhost: [::1]\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
    "GET /metrics HTTP/1.1\r\nhost: localhost\r\naccept: application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited\r\n\r\n",
];

/// What mutations put in.
const PARTS: [&[u8]; 16] = [
    b"\r\n",
    b"\n",
    b" ",
    b":",
    b"\0",
    b"\xff",
    b"%",
    b"=",
    b"&",
    b";q=",
    b",",
    b"\"",
    b"\\",
    b"999999999999999999999",
    b"transfer-encoding: chunked\r\n",
    b"content-length: 3\r\n",
];

struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % bound as u64) as usize
    }
}

fn mutated(random: &mut Random) -> Vec<u8> {
    let mut request = SEEDS[random.below(SEEDS.len())].as_bytes().to_vec();
    for _ in 0..random.below(4) {
        let place = random.below(request.len() + 1);
        match random.below(5) {
            0 if place < request.len() => request[place] = random.below(256) as u8,
            1 if place < request.len() => request[place] ^= 1 << random.below(8),
            2 => {
                let end = (place + random.below(20)).min(request.len());
                request.drain(place..end);
            }
            3 => {
                let end = (place + random.below(40)).min(request.len());
                let part = request[place..end].to_vec();
                request.splice(place..place, part);
            }
            _ => {
                let part = PARTS[random.below(PARTS.len())];
                request.splice(place..place, part.iter().copied());
            }
        }
        if request.is_empty() {
            request.push(b'\n');
        }
    }
    request
}

/// The statuses in what came back: of whole responses, as far as their heads tell.
fn exchange(address: SocketAddr, request: &[u8]) -> Vec<u8> {
    let mut stream = connect(address);
    // It may be refused before it was read.
    let _ = stream.write_all(request).and_then(|()| stream.shutdown(Shutdown::Write));
    let mut response = Vec::new();
    let _ = stream.read_to_end(&mut response);
    response
}

#[test]
fn whatever_comes_is_answered_or_refused() {
    let count = if std::env::var("TACHOGRAPH_SOAK").is_ok() { 100_000 } else { 5_000 };
    let registry = Registry::new();
    registry.counter("orders_total", &[("shop", "north")]).unwrap().increment(3);
    registry.histogram("basket_euros", &[]).unwrap().record(19.5);
    let server = Endpoint::new().quiet(true).serve(&registry, "127.0.0.1:0").unwrap();
    let address = server.address().unwrap();
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    let series = registry.snapshot().series().len();
    let (mut answered, mut memory) = (0, 0);
    for number in 0..count {
        if number == count / 10 {
            memory = resident();
        }
        let request = mutated(&mut random);
        let response = exchange(address, &request);
        let shown = || String::from_utf8_lossy(&request).into_owned();
        if response.is_empty() {
            // The head did not come to its end.
            continue;
        }
        let status = std::str::from_utf8(&response[9..12]).unwrap().parse::<u16>().unwrap();
        let known = [200, 400, 401, 403, 404, 405, 413, 414, 431, 501, 505];
        assert!(known.contains(&status), "{status} for {:?}", shown());
        answered += usize::from(status == 200);
        if number % 1_000 == 0 {
            assert_eq!(get(address, "/metrics", &[]).status, 200);
        }
    }
    assert!(answered > count / 20, "{answered} of {count} were answered");
    let grown = resident().saturating_sub(memory);
    assert!(grown < GROWTH_MAX, "{grown} bytes more after {count} requests");
    // Nothing of a request was recorded.
    assert_eq!(registry.snapshot().series().len(), series);
}

/// Memory that is really there, in bytes; 0 where nobody tells.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib = line.and_then(|line| line.trim().strip_suffix(" kB")?.parse::<u64>().ok());
    kib.unwrap_or(0) << 10
}

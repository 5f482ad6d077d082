//! Scrapes over loopback, alone and beside clients that stall.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use tachograph::Registry;
use tachograph_export::Endpoint;

use crate::{MARK, while_recording};

const SCRAPES: usize = 200;
const STALLED: usize = 1_000;

/// Prints what scrapes take, and returns the slowest of those that had the most beside them.
pub(crate) fn show(registry: &Registry) -> Duration {
    println!(
        "\n{:<52}{:>10}{:>10}{:>10}",
        "a scrape of 1000 series", "least", "median", "greatest"
    );
    let mut slowest = Duration::ZERO;
    for (places, stalled) in [(64, 0), (64, STALLED), (2_000, STALLED)] {
        let endpoint = Endpoint::new().quiet(true).max_connections(places);
        let server = endpoint.serve(registry, "127.0.0.1:0").expect("a port");
        let address = server.address().expect("a port");
        let kept: Vec<TcpStream> = (0..stalled).map(|number| stall(address, number)).collect();
        let mut times = Vec::new();
        while_recording(registry, || times = (0..SCRAPES).map(|_| scrape(address)).collect());
        times.sort();
        let (least, median, greatest) = (times[0], times[SCRAPES / 2], times[SCRAPES - 1]);
        let name = match stalled {
            0 => "alone".to_owned(),
            _ => format!("beside {stalled} that stall, {places} places"),
        };
        println!("{name:<52}{:>10}{:>10}{:>10}", time(least), time(median), time(greatest));
        slowest = slowest.max(greatest);
        drop(kept);
    }
    let verdict = if slowest <= MARK { "met" } else { "missed" };
    println!("mark for the slowest {MARK:?}: {verdict}");
    slowest
}

fn time(time: Duration) -> String {
    format!("{:.2} ms", time.as_secs_f64() * 1e3)
}

fn scrape(address: SocketAddr) -> Duration {
    let began = Instant::now();
    let mut stream = TcpStream::connect(address).expect("the server");
    let request = "GET /metrics HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n";
    stream.write_all(request.as_bytes()).expect("the server");
    let mut body = Vec::new();
    stream.read_to_end(&mut body).expect("the server");
    let took = began.elapsed();
    assert!(body.starts_with(b"HTTP/1.1 200") && body.len() > 100_000);
    took
}

/// A connection that says nothing, a part of a request, or that does not read what it asked for.
fn stall(address: SocketAddr, number: usize) -> TcpStream {
    let mut stream = TcpStream::connect(address).expect("the server");
    let said: &[u8] = match number % 4 {
        0 => b"",
        1 => b"GET /metr",
        2 => b"GET /metrics HTTP/1.1\r\nhost: localhost\r\nx: ",
        _ => b"GET /metrics HTTP/1.1\r\nhost: localhost\r\n\r\n",
    };
    // Its place may be another's already.
    let _ = stream.write_all(said);
    stream
}

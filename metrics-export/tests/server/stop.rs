//! How a server begins and ends.

use std::io::Write;
use std::net::TcpStream;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use tachograph_export::Endpoint;

use crate::ask::get;
use crate::client::{connect, read};
use crate::{begin_scrape, serve, shop, slow_collector};

#[test]
fn a_stopped_server_listens_no_more_and_its_port_is_free() {
    let registry = shop();
    let (server, address) = serve(&registry, &Endpoint::new());
    assert_eq!(get(address, "/metrics", &[]).status, 200);
    server.stop();
    assert!(TcpStream::connect(address).is_err());
    let again = Endpoint::new().quiet(true).serve(&registry, &address.to_string()).unwrap();
    assert_eq!(get(address, "/metrics", &[]).status, 200);
    drop(again);
    assert!(TcpStream::connect(address).is_err());
}

#[test]
fn a_taken_port_is_named() {
    let registry = shop();
    let (_server, address) = serve(&registry, &Endpoint::new());
    let error = Endpoint::new().serve(&registry, &address.to_string()).unwrap_err();
    assert!(error.is_address_in_use());
    assert!(error.to_string().contains(&address.to_string()), "{error}");
}

#[test]
fn the_scrape_in_hand_comes_to_its_end() {
    let registry = shop();
    let (has_begun, go) = slow_collector(&registry);
    let (server, address) = serve(&registry, &Endpoint::new());
    let mut stream = begin_scrape(address);
    has_begun.recv().unwrap();
    let stopping = thread::spawn(move || server.stop());
    // It accepts nobody while it waits for the scrape.
    while TcpStream::connect(address).is_ok() {
        thread::yield_now();
    }
    go.send(()).unwrap();
    let response = read(&mut stream, false);
    assert_eq!(response.status, 200);
    assert!(response.text().contains("orders_total"));
    stopping.join().unwrap();
}

#[test]
fn what_waits_for_its_turn_is_not_begun_after_the_end() {
    let registry = shop();
    let (began, has_begun) = mpsc::channel();
    let collector = move |_: &mut tachograph::Collect| {
        began.send(()).unwrap();
        thread::sleep(Duration::from_millis(900));
    };
    registry.add_collector("slow", collector).unwrap();
    let (server, address) = serve(&registry, &Endpoint::new());
    let asking: Vec<TcpStream> = (0..6).map(|_| begin_scrape(address)).collect();
    has_begun.recv().unwrap();
    server.stop();
    // Two were at work at most.
    thread::sleep(Duration::from_secs(3));
    let later = has_begun.try_iter().count();
    assert!(later <= 2, "the collector ran {later} times more");
    drop(asking);
}

#[test]
fn who_says_nothing_keeps_no_server_from_stopping() {
    let (server, address) = serve(&shop(), &Endpoint::new());
    let mut silent = connect(address);
    let mut half = connect(address);
    half.write_all(b"GET /metrics HTTP/1.1\r\n").unwrap();
    // Both are known to the server when a later one was answered.
    assert_eq!(get(address, "/metrics", &[]).status, 200);
    let (told, stopped) = mpsc::channel();
    thread::spawn(move || {
        server.stop();
        told.send(()).unwrap();
    });
    stopped.recv_timeout(Duration::from_secs(20)).unwrap();
    for stream in [&mut silent, &mut half] {
        let mut rest = Vec::new();
        let _ = std::io::Read::read_to_end(stream, &mut rest);
    }
}

#[test]
fn a_detached_server_goes_on() {
    let (server, address) = serve(&shop(), &Endpoint::new());
    server.detach();
    assert_eq!(get(address, "/metrics", &[]).status, 200);
}

#[test]
fn a_thousand_servers_leave_neither_threads_nor_descriptors() {
    let registry = shop();
    let count =
        |what: &str| std::fs::read_dir(format!("/proc/self/{what}")).map_or(0, Iterator::count);
    let (server, address) = serve(&registry, &Endpoint::new());
    assert_eq!(get(address, "/metrics", &[]).status, 200);
    server.stop();
    for round in 0..1_000 {
        let (server, address) = serve(&registry, &Endpoint::new());
        if round % 100 == 0 {
            assert_eq!(get(address, "/metrics", &[]).status, 200);
        }
        server.stop();
    }
    // Others of these tests run beside it, with a few servers each.
    assert!(count("task") < 300, "{} threads", count("task"));
    assert!(count("fd") < 300 + 3_000, "{} descriptors", count("fd"));
}

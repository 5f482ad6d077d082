//! What a client may do, and what becomes of those that do more.

use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use tachograph_export::Endpoint;

use crate::ask::{ask, get};
use crate::client::{PATIENCE, connect, read};
use crate::{begin_scrape, serve, shop, slow_collector};

#[test]
fn a_head_that_is_too_large_is_told_so() {
    let (_server, address) = serve(&shop(), &Endpoint::new());
    let long = format!("x: {}", "y".repeat(60_000));
    assert_eq!(get(address, "/metrics", &[&long]).status, 431);
    let many: Vec<String> = (0..100).map(|number| format!("x-{number}: y")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    assert_eq!(get(address, "/metrics", &many).status, 431);
    let almost = format!("x: {}", "y".repeat(15_000));
    assert_eq!(get(address, "/metrics", &[&almost]).status, 200);
    let query = format!("/metrics?{}", "y".repeat(200_000));
    assert!(matches!(get(address, &query, &[]).status, 414 | 431));
}

#[test]
fn a_body_is_refused_without_being_read() {
    let (_server, address) = serve(&shop(), &Endpoint::new());
    for header in
        ["content-length: 10", "content-length: 99999999999", "transfer-encoding: chunked"]
    {
        let response = get(address, "/metrics", &[header]);
        assert_eq!(response.status, 413, "{header}");
        assert_eq!(response.header("connection"), Some("close"));
        assert_eq!(ask(address, "POST", "/metrics", &[header]).status, 405);
    }
    assert_eq!(get(address, "/metrics", &["content-length: 0"]).status, 200);
}

#[test]
fn a_request_that_does_not_come_to_its_end_is_told_so() {
    let timeout = Duration::from_millis(200);
    let (_server, address) = serve(&shop(), &Endpoint::new().request_timeout(timeout));
    let mut stream = connect(address);
    stream.write_all(b"GET /metrics HTTP/1.1\r\nhost: loc").unwrap();
    let response = read(&mut stream, false);
    assert_eq!((response.status, response.header("connection")), (408, Some("close")));
    assert_ended(&mut stream);

    // Also where a byte comes now and then.
    let mut stream = connect(address);
    for byte in b"GET /metrics HTTP/1.1\r\nhost: localhost\r\n".iter().cycle() {
        if stream.write_all(&[*byte]).is_err() {
            break;
        }
        stream.set_read_timeout(Some(Duration::from_millis(5))).unwrap();
        let mut start = [0; 12];
        if stream.read_exact(&mut start).is_ok() {
            assert_eq!(&start, b"HTTP/1.1 408");
            break;
        }
    }

    // Who says nothing at all hears nothing.
    let mut stream = connect(address);
    assert_ended(&mut stream);
}

#[test]
fn who_does_not_read_keeps_a_place_only_for_some_time() {
    let registry = shop();
    // More than the sockets of both sides hold.
    for name in ["a_total", "b_total"] {
        for number in 0..1_900 {
            let value = format!("{number}{}", "x".repeat(4_000));
            registry.counter(name, &[("value", &value)]).unwrap().increment(1);
        }
    }
    let timeout = Duration::from_millis(300);
    let (_server, address) = serve(&registry, &Endpoint::new().request_timeout(timeout));
    let mut stream = connect(address);
    write!(stream, "GET /metrics HTTP/1.1\r\nhost: localhost\r\n\r\n").unwrap();
    // It is on its way when the first byte is here.
    stream.read_exact(&mut [0]).unwrap();
    // Another client, which came later, waits for its own end.
    let mut other = connect(address);
    other.write_all(b"GET").unwrap();
    assert_eq!(read(&mut other, false).status, 408);
    assert_eq!(get(address, "/nowhere", &[]).status, 404);
    let mut body = Vec::new();
    // It is cut off: what is in the sockets comes, and then nothing.
    let _ = stream.read_to_end(&mut body);
    assert!(body.len() < 14_000_000, "{} bytes of a body of 15 MB came", body.len());
}

#[test]
fn a_scrape_is_answered_beside_a_thousand_connections_that_stall() {
    for places in [4, 64, 1_500] {
        let (_server, address) = serve(&shop(), &Endpoint::new().max_connections(places));
        let stalled: Vec<TcpStream> = (0..1_000).map(|number| stall(address, number)).collect();
        let began = Instant::now();
        for _ in 0..5 {
            assert_eq!(get(address, "/metrics", &[]).status, 200);
        }
        println!("{places} places: 5 scrapes in {:?}", began.elapsed());
        drop(stalled);
    }
}

#[test]
fn who_comes_while_everybody_is_being_served_waits_and_is_answered() {
    let registry = shop();
    let (has_begun, go) = slow_collector(&registry);
    let (_server, address) = serve(&registry, &Endpoint::new().max_connections(1));
    let mut first = begin_scrape(address);
    has_begun.recv().unwrap();
    let mut second = begin_scrape(address);
    // It hears nothing yet, and is not sent away.
    second.set_read_timeout(Some(Duration::from_millis(100))).unwrap();
    let heard = second.read(&mut [0]).unwrap_err().kind();
    assert!(matches!(heard, ErrorKind::WouldBlock | ErrorKind::TimedOut), "{heard}");
    second.set_read_timeout(Some(PATIENCE)).unwrap();
    (0..2).for_each(|_| go.send(()).unwrap());
    assert_eq!(read(&mut first, false).status, 200);
    assert_eq!(read(&mut second, false).status, 200);
}

#[test]
fn who_waits_too_long_for_others_is_told_and_what_takes_no_time_waits_for_nobody() {
    let registry = shop();
    let (has_begun, go) = slow_collector(&registry);
    let endpoint = Endpoint::new().request_timeout(Duration::from_millis(200));
    let (_server, address) = serve(&registry, &endpoint);
    let mut first = begin_scrape(address);
    has_begun.recv().unwrap();
    // It waits for the collector, as the first one does, and the third for one of the two.
    let (mut second, mut third) = (begin_scrape(address), begin_scrape(address));
    assert_eq!(get(address, "/nowhere", &[]).status, 404);
    assert_eq!(get(address, "/main.js", &[]).status, 200);
    let refused = [read(&mut second, false).status, read(&mut third, false).status];
    assert!(refused.contains(&503), "{refused:?}");
    (0..3).for_each(|_| go.send(()).unwrap());
    assert_eq!(read(&mut first, false).status, 200);
}

#[test]
fn who_always_has_a_next_request_ready_keeps_nobody_out() {
    let (_server, address) = serve(&shop(), &Endpoint::new().max_connections(2));
    let eager: Vec<TcpStream> = (0..2).map(|_| connect(address)).collect();
    thread::scope(|scope| {
        for stream in &eager {
            let (mut requests, mut answers) =
                (stream.try_clone().unwrap(), stream.try_clone().unwrap());
            scope.spawn(move || {
                let many = "GET /metrics HTTP/1.1\r\nhost: localhost\r\n\r\n".repeat(100);
                while requests.write_all(many.as_bytes()).is_ok() {}
            });
            scope
                .spawn(move || while answers.read(&mut [0; 4_096]).is_ok_and(|count| count > 0) {});
        }
        // Both are at it.
        thread::sleep(Duration::from_millis(300));
        let status = get(address, "/nowhere", &[]).status;
        for stream in &eager {
            let _ = stream.shutdown(Shutdown::Both);
        }
        assert_eq!(status, 404);
    });
}

/// A connection that says nothing, half a request, or one after another without reading.
fn stall(address: SocketAddr, number: usize) -> TcpStream {
    let mut stream = connect(address);
    let said: &[u8] = match number % 4 {
        0 => b"",
        1 => b"GET /metr",
        2 => b"GET /metrics HTTP/1.1\r\nhost: localhost\r\nx: ",
        _ => b"GET /metrics HTTP/1.1\r\nhost: localhost\r\n\r\n",
    };
    // Its place may be somebody else's already.
    let _ = stream.write_all(said);
    stream
}

#[test]
fn one_connection_takes_many_requests() {
    let (_server, address) = serve(&shop(), &Endpoint::new());
    let mut stream = connect(address);
    for _ in 0..3 {
        write!(stream, "GET /metrics HTTP/1.1\r\nhost: localhost\r\n\r\n").unwrap();
        assert_eq!(read(&mut stream, false).status, 200);
    }
    // Also where they come before they are answered.
    let both = "GET /metrics HTTP/1.1\r\nhost: localhost\r\n\r\nGET /x HTTP/1.1\r\nhost: localhost\r\n\r\n";
    stream.write_all(both.as_bytes()).unwrap();
    assert_eq!(read(&mut stream, false).status, 200);
    assert_eq!(read(&mut stream, false).status, 404);
}

/// Nothing more comes.
fn assert_ended(stream: &mut TcpStream) {
    let mut byte = [0];
    match stream.read(&mut byte) {
        Ok(count) => assert_eq!(count, 0),
        Err(error) => assert_eq!(error.kind(), ErrorKind::ConnectionReset),
    }
}

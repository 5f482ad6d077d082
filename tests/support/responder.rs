//! An HTTP server that knows a body for each path, and nothing else.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// More than anybody takes to ask, or to read the answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// Media types and bodies, by their paths.
pub(crate) type Bodies = BTreeMap<String, (String, Vec<u8>)>;

/// A running server, which ends with this value.
pub(crate) struct Responder {
    address: SocketAddr,
    is_over: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Responder {
    pub(crate) fn start(bodies: Bodies) -> Responder {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (is_over, bodies) = (Arc::new(AtomicBool::new(false)), Arc::new(bodies));
        let is_last = Arc::clone(&is_over);
        let thread = thread::spawn(move || {
            for stream in listener.incoming() {
                // Acquire: pairs with the Release in `drop`.
                if is_last.load(Ordering::Acquire) {
                    return;
                }
                let bodies = Arc::clone(&bodies);
                // Who asks and goes away again is nobody's trouble here.
                thread::spawn(move || stream.and_then(|stream| answer(stream, &bodies)));
            }
        });
        Responder { address, is_over, thread: Some(thread) }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Responder {
    fn drop(&mut self) {
        // Release: pairs with the Acquire of the thread that takes connections.
        self.is_over.store(true, Ordering::Release);
        // The thread waits for a connection.
        let _ = TcpStream::connect_timeout(&self.address, PATIENCE);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn answer(stream: TcpStream, bodies: &Bodies) -> std::io::Result<()> {
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let mut reader = BufReader::new(stream);
    let mut first = String::new();
    reader.read_line(&mut first)?;
    let mut line = String::new();
    while reader.read_line(&mut line)? > 2 {
        line.clear();
    }
    let path = first.split(' ').nth(1).unwrap_or_default();
    let mut stream = reader.into_inner();
    let Some((content_type, body)) = bodies.get(path) else {
        return stream.write_all(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
    };
    let length = body.len();
    let head = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: {content_type}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n"
    );
    stream.write_all(&[head.as_bytes(), body].concat())
}

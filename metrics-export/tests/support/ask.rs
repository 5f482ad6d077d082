//! One request on a connection of its own.

use std::io::{Read, Write};
use std::net::SocketAddr;

use crate::client::{Response, connect, read};

/// Asks with these headers, each as `name: value`, on a connection of its own.
pub(crate) fn get(address: SocketAddr, target: &str, headers: &[&str]) -> Response {
    ask(address, "GET", target, headers)
}

pub(crate) fn ask(address: SocketAddr, method: &str, target: &str, headers: &[&str]) -> Response {
    let has_host = headers.iter().any(|header| header.to_ascii_lowercase().starts_with("host:"));
    let host = if has_host { String::new() } else { format!("host: {address}\r\n") };
    let more: String = headers.iter().map(|header| format!("{header}\r\n")).collect();
    let mut stream = connect(address);
    write!(stream, "{method} {target} HTTP/1.1\r\n{host}{more}\r\n").unwrap();
    read(&mut stream, method == "HEAD")
}

/// What stands in gzip.
pub(crate) fn unpacked(body: &[u8]) -> Vec<u8> {
    let mut unpacked = Vec::new();
    flate2::read::GzDecoder::new(body).read_to_end(&mut unpacked).unwrap();
    unpacked
}

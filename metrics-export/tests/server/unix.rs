//! A Unix socket.

use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::{UnixDatagram, UnixListener, UnixStream};
use std::path::PathBuf;

use tachograph_export::{Endpoint, Serve};

use crate::client::{PATIENCE, read};
use crate::shop;

/// A path of its own that nothing is at.
fn path(name: &str) -> PathBuf {
    let path = std::env::temp_dir().join(format!("tachograph-{name}-{}", std::process::id()));
    let _ = fs::remove_file(&path);
    path
}

#[test]
fn it_answers_and_is_for_this_user_alone_and_leaves_nothing() {
    let path = path("serves");
    let server = shop().serve_unix(&path).unwrap();
    assert_eq!((server.address(), server.path()), (None, Some(&*path)));
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    let mut stream = UnixStream::connect(&path).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    write!(stream, "GET /metrics HTTP/1.1\r\nhost: whatever\r\n\r\n").unwrap();
    let response = read(&mut stream, false);
    assert_eq!(response.status, 200);
    assert!(response.text().contains("orders_total{shop=\"north\"} 3\n"));
    server.stop();
    assert!(!path.exists());
}

#[test]
fn what_a_dead_process_left_is_replaced_and_a_living_one_is_not() {
    let path = path("stale");
    drop(UnixListener::bind(&path).unwrap());
    let server = Endpoint::new().unix_mode(0o660).serve_unix(&shop(), &path).unwrap();
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o660);
    let error = shop().serve_unix(&path).unwrap_err();
    assert!(error.is_address_in_use() && error.to_string().contains(&*path.to_string_lossy()));
    drop(server);
}

#[test]
fn what_is_no_socket_is_left_alone() {
    let path = path("file");
    fs::write(&path, "mine").unwrap();
    let error = shop().serve_unix(&path).unwrap_err();
    assert!(error.is_invalid() && error.to_string().contains("no socket"), "{error}");
    assert_eq!(fs::read_to_string(&path).unwrap(), "mine");
    fs::remove_file(&path).unwrap();
    let nowhere = path.join("under/nothing");
    assert!(shop().serve_unix(nowhere).unwrap_err().is_unavailable());
}

#[test]
fn only_what_nobody_listens_at_is_replaced() {
    let path = path("datagrams");
    let _living = UnixDatagram::bind(&path).unwrap();
    let error = shop().serve_unix(&path).unwrap_err();
    assert!(error.to_string().contains(&*path.to_string_lossy()), "{error}");
    // It is still there.
    UnixDatagram::unbound().unwrap().send_to(b"hello", &path).unwrap();
    fs::remove_file(&path).unwrap();
}

#[test]
fn a_server_removes_its_own_socket_and_no_other() {
    let path = path("succeeded");
    let first = shop().serve_unix(&path).unwrap();
    // As a service manager does that clears the folder for a successor.
    fs::remove_file(&path).unwrap();
    let second = shop().serve_unix(&path).unwrap();
    first.stop();
    UnixStream::connect(&path).unwrap();
    second.stop();
    assert!(!path.exists());
}

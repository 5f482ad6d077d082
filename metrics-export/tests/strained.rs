//! A server in a process that lacks what a server needs: threads, descriptors, a port of its own.
//!
//! What changes a whole process is done in one of its own: this executable again, told by a variable what to do.

#![cfg(all(feature = "serve", target_os = "linux"))]

#[path = "support/ask.rs"]
#[allow(dead_code, reason = "not each test file needs all of it")]
mod ask;
#[path = "../../tests/support/child.rs"]
mod child;
#[path = "support/client.rs"]
#[allow(dead_code, reason = "not each test file needs all of it")]
mod client;

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::os::unix::net::UnixStream;
use std::process::{Child, Command, Stdio};
use std::thread;

use tachograph::Registry;
use tachograph_export::{Endpoint, Server};

use ask::get;
use client::{PATIENCE, connect, read};

const SCENARIO: &str = "TACHOGRAPH_TEST_SCENARIO";

fn serve(address: &str) -> (Server, SocketAddr) {
    let registry = Registry::new();
    registry.counter("orders_total", &[]).unwrap().increment(3);
    let server = Endpoint::new().quiet(true).serve(&registry, address).unwrap();
    let address = server.address().unwrap();
    (server, address)
}

/// A process of its own, which ends with this.
struct Apart(Child);

impl Drop for Apart {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Apart {
    fn start(scenario: &str) -> Apart {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["scenario", "--exact", "--nocapture", "--test-threads=1"]);
        command.env(SCENARIO, scenario).stdin(Stdio::piped()).stdout(Stdio::piped());
        Apart(command.spawn().unwrap())
    }

    /// The rest of the line that says this.
    fn said(&mut self, what: &str) -> String {
        let mut lines = BufReader::new(self.0.stdout.as_mut().unwrap()).lines().map(Result::unwrap);
        lines.find_map(|line| line.strip_prefix(what).map(str::to_owned)).unwrap()
    }
}

/// Not a test: what another process does.
#[test]
fn scenario() {
    match std::env::var(SCENARIO).as_deref() {
        Ok("descriptors") => {
            let (_server, address) = serve("127.0.0.1:0");
            let open = std::fs::read_dir("/proc/self/fd").unwrap().count() as u64;
            limit(libc::RLIMIT_NOFILE, open + 10);
            println!("\nserved: {address}");
            // Until whoever started it has seen enough.
            let _ = io::stdin().read(&mut [0]);
        }
        Ok("pipe") => {
            // SAFETY: the default takes no handler.
            unsafe { libc::signal(libc::SIGPIPE, libc::SIG_DFL) };
            let (_server, address) = serve("127.0.0.1:0");
            println!("\nserved: {address}");
            let _ = io::stdin().read(&mut [0]);
        }
        #[cfg(feature = "tower")]
        Ok("tower") => println!("\nanswered: {:?}", answers_of_tower()),
        Ok("threads") => println!("\nanswered: {:?}", answers_without_threads()),
        _ => {}
    }
}

/// Lowers a limit, which can be raised again.
fn limit(which: libc::__rlimit_resource_t, to: u64) -> u64 {
    let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: the call writes one `rlimit`, which is there.
    assert_eq!(unsafe { libc::getrlimit(which, &mut limit) }, 0);
    let before = std::mem::replace(&mut limit.rlim_cur, to.min(limit.rlim_max));
    // SAFETY: the call reads one `rlimit`, which is there.
    assert_eq!(unsafe { libc::setrlimit(which, &limit) }, 0);
    before
}

/// From now on no thread can be had, until the limit is what it was; None where the system gives them all the same.
fn forbid_threads() -> Option<u64> {
    // The limit is not one for root. Nobody else has this user.
    // SAFETY: the call touches no memory; where it is refused, the limit holds already.
    unsafe { libc::setuid(54_321) };
    let before = limit(libc::RLIMIT_NPROC, 1);
    thread::Builder::new().spawn(|| {}).is_err().then_some(before)
}

/// The statuses without threads and with them again; None where the system gives them all the same.
fn answers_without_threads() -> Option<[u16; 4]> {
    let (_server, address) = serve("127.0.0.1:0");
    let before = forbid_threads()?;
    let [scrape, page, elsewhere] =
        ["/metrics", "/", "/nowhere"].map(|path| get(address, path, &[]).status);
    limit(libc::RLIMIT_NPROC, before);
    Some([scrape, page, elsewhere, get(address, "/metrics", &[]).status])
}

/// Without threads and with them again, as a process of its own saw it.
fn check_without_threads(scenario: &str, expected: &str) {
    let mut apart = Apart::start(scenario);
    match apart.said("answered: ").as_str() {
        "None" => println!("this system gives threads beyond the limit"),
        answered => assert_eq!(answered, expected),
    }
    assert!(apart.0.wait().unwrap().success());
}

/// The statuses of a service in a server of others, without threads and with them.
#[cfg(feature = "tower")]
fn answers_of_tower() -> Option<[u16; 2]> {
    use tower_service::Service;

    let mut service = Endpoint::new().service(&Registry::new()).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let mut ask = || {
        let request = http::Request::get("/metrics").body(()).unwrap();
        runtime.block_on(service.call(request)).unwrap().status().as_u16()
    };
    let before = forbid_threads()?;
    let refused = ask();
    limit(libc::RLIMIT_NPROC, before);
    Some([refused, ask()])
}

#[test]
fn without_a_thread_a_scrape_is_refused_and_the_program_goes_on() {
    check_without_threads("threads", "Some([503, 200, 404, 200])");
}

#[cfg(feature = "tower")]
#[test]
fn without_a_thread_a_service_of_tower_refuses_and_goes_on() {
    check_without_threads("tower", "Some([503, 200])");
}

#[test]
fn a_client_that_has_gone_ends_no_program_that_ends_by_broken_pipes() {
    let mut apart = Apart::start("pipe");
    let address: SocketAddr = apart.said("served: ").parse().unwrap();
    for _ in 0..50 {
        let mut stream = connect(address);
        // Three answers to who hears none.
        let request = "GET /metrics HTTP/1.1\r\nhost: localhost\r\n\r\n".repeat(3);
        let _ = stream.write_all(request.as_bytes());
    }
    assert_eq!(get(address, "/metrics", &[]).status, 200);
    apart.0.stdin.as_mut().unwrap().write_all(b"\n").unwrap();
    assert!(apart.0.wait().unwrap().success());
}

#[test]
fn without_descriptors_those_that_wait_for_nothing_are_closed() {
    let mut apart = Apart::start("descriptors");
    let address: SocketAddr = apart.said("served: ").parse().unwrap();
    // Far more than there are descriptors for: each is answered, and stays.
    let kept: Vec<TcpStream> = (0..60)
        .map(|number| {
            let mut stream = connect(address);
            write!(stream, "GET /metrics HTTP/1.1\r\nhost: localhost\r\n\r\n").unwrap();
            assert_eq!(read(&mut stream, false).status, 200, "{number}");
            stream
        })
        .collect();
    let silent: Vec<TcpStream> = (0..60).map(|_| connect(address)).collect();
    assert_eq!(get(address, "/metrics", &[]).status, 200);
    drop((kept, silent));
    apart.0.stdin.as_mut().unwrap().write_all(b"\n").unwrap();
    assert!(apart.0.wait().unwrap().success());
}

#[test]
fn a_port_is_free_when_its_server_has_stopped_also_while_a_forked_child_lives() {
    let (server, address) = serve("127.0.0.1:0");
    let mut kept = connect(address);
    write!(kept, "GET /metrics HTTP/1.1\r\nhost: localhost\r\n\r\n").unwrap();
    assert_eq!(read(&mut kept, false).status, 200);
    let (mut here, mut there) = UnixStream::pair().unwrap();
    there.set_read_timeout(Some(PATIENCE)).unwrap();
    let child = child::fork(|| {
        // Until all has been seen.
        there.read_exact(&mut [0]).map(|()| String::new()).map_err(|error| error.to_string())
    });
    server.stop();
    // The child has copies of both, and yet both have ended.
    assert_eq!(kept.read(&mut [0]).unwrap(), 0);
    assert!(TcpStream::connect(address).is_err());
    let (_server, again) = serve(&address.to_string());
    assert_eq!(get(again, "/metrics", &[]).status, 200);
    here.write_all(b"\n").unwrap();
    assert_eq!(child.wait(PATIENCE), Ok(String::new()));
}

//! A server on a thread of its own, with all that it needs to run.
//!
//! The thread has a runtime for one thread. It accepts, reads and writes; whatever takes long, which is putting a body
//! together, is done on a thread of that body's own, of which there are two at most. It never waits for a client:
//! each connection has a place in `room`, with what it is at and since when, and loses it when that takes too long or when
//! another one needs it.

mod address;
mod connection;
mod listener;
mod room;
mod settings;
mod sigpipe;
mod socket;
#[cfg(feature = "tls")]
mod tls;
mod watched;

use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::process;
use std::rc::Rc;
use std::sync::mpsc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use tokio::runtime;
use tokio::sync::oneshot;
use tokio::task::{JoinSet, LocalSet};

use crate::bodies::THREAD;
use crate::endpoint::Endpoint;
use crate::error::Error;
use crate::responder::{Responder, Routes};
use crate::served::{Parts, Served};
use address::Wanted;
use connection::Connections;
use listener::{Listener, Listening};
use socket::Socket;

/// How long what is at work when a server is told to stop has for coming to its end.
const PATIENCE: Duration = Duration::from_millis(800);
/// How long it does not accept after the system refused to give a connection, for want of file descriptors mostly.
const BREATH: Duration = Duration::from_millis(50);
/// How long a request may take to come before its connection is closed for a descriptor: to accept fails for want of one also
/// where nobody waits to be accepted.
const GRACE: Duration = Duration::from_millis(100);

/// Serves until it is dropped.
///
/// # Examples
///
/// ```
/// use tachograph_export::Serve;
///
/// let recording = tachograph::init().start();
/// let server = recording.serve("127.0.0.1:0")?;
/// println!("http://{}/metrics", server.address().unwrap());
/// server.stop();
/// # Ok::<(), tachograph_export::Error>(())
/// ```
#[derive(Debug)]
#[must_use = "it stops when it is dropped; write `let _server = …`, or `.detach()`"]
pub struct Server {
    address: Option<SocketAddr>,
    running: Option<Running>,
    socket: Option<Socket>,
}

#[derive(Debug)]
struct Running {
    stop: oneshot::Sender<()>,
    thread: JoinHandle<()>,
    /// A forked child has the value, and not the thread.
    process: u32,
}

impl Server {
    /// Where it listens; None at a Unix socket, and where the environment has it listen nowhere.
    pub fn address(&self) -> Option<SocketAddr> {
        self.address
    }

    /// The Unix socket that it listens at.
    pub fn path(&self) -> Option<&Path> {
        self.socket.as_ref().map(Socket::path)
    }

    /// Stops as dropping it does: no connection is accepted any more, what is at work has 0.8 s to come to its end, and
    /// then it returns.
    pub fn stop(self) {}

    /// Serves for as long as the process lives.
    pub fn detach(mut self) {
        if let Some(running) = self.running.take() {
            // Dropped, the sender would tell it to stop.
            std::mem::forget(running.stop);
        }
        if let Some(socket) = self.socket.take() {
            socket.keep();
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Before the end, so that it is not the file of a successor.
        drop(self.socket.take());
        let Some(running) = self.running.take() else { return };
        if running.process != process::id() {
            std::mem::forget(running);
            return;
        }
        // It fails where the thread has ended, and then there is nothing to be told.
        let _ = running.stop.send(());
        let _ = running.thread.join();
    }
}

impl Endpoint {
    /// As [`Serve::serve`](crate::Serve::serve), with these settings.
    ///
    /// # Errors
    ///
    /// As [`Serve::serve`](crate::Serve::serve), and when a setting makes no sense.
    pub fn serve(&self, served: &impl Served, address: &str) -> Result<Server, Error> {
        let Parts { source, variable } = served.parts();
        let said = variable.as_deref().and_then(address::of_environment);
        // What the program asks for is checked also where the environment goes before it.
        let (own, credentials) = (Wanted::parse(address)?, self.credentials()?);
        let (listener, address) = match said {
            None => own.listen()?,
            Some(said) => match said.and_then(|wanted| wanted.map(|it| it.listen()).transpose()) {
                Ok(Some(listening)) => listening,
                Ok(None) => return Ok(Server::nowhere()),
                Err(error) => {
                    let name = variable.as_deref().unwrap_or_default();
                    say(&format!("{name}: {error}; nothing is served"));
                    return Ok(Server::nowhere());
                }
            },
        };
        let is_loopback = crate::access::is_loopback_address(address.ip());
        let routes = self.routes(is_loopback);
        let responder = self.respond_with(source, routes, credentials, is_loopback);
        let running = self.start(Listener::tcp(listener), responder)?;
        if is_loopback && !self.listening.quiet {
            say(&notice(address, variable.as_deref()));
        }
        Ok(Server { address: Some(address), running: Some(running), socket: None })
    }

    /// As [`Serve::serve_unix`](crate::Serve::serve_unix), with these settings.
    ///
    /// # Errors
    ///
    /// As [`Serve::serve_unix`](crate::Serve::serve_unix), and when a setting makes no sense.
    #[cfg(unix)]
    pub fn serve_unix(
        &self,
        served: &impl Served,
        path: impl AsRef<Path>,
    ) -> Result<Server, Error> {
        let path = path.as_ref();
        let source = served.parts().source;
        // A browser cannot ask here, so any host may be named.
        let responder = self.respond_with(source, self.routes(true), self.credentials()?, false);
        let (bound, socket) = socket::bind(path, self.listening.unix_mode)?;
        let running = self.start(Listener::unix(bound), responder)?;
        let is_in_place = socket.is_in_place();
        let server = Server { address: None, running: Some(running), socket: Some(socket) };
        // Two that replace the same left-over socket: one of them, before it listened, was taken for another left-over.
        if is_in_place { Ok(server) } else { Err(socket::taken(path)) }
    }

    fn routes(&self, is_local: bool) -> Routes {
        if self.listening.page.unwrap_or(is_local) { Routes::Page } else { Routes::Metrics }
    }

    /// Starts the thread, and returns when it listens.
    fn start(&self, listener: Listener, responder: Responder) -> Result<Running, Error> {
        let refused = |error: io::Error| {
            Error::unavailable(format!("cannot start the thread that serves: {error}"))
        };
        let connections = Connections::new(responder, self.listening.clone());
        let (stop, told) = oneshot::channel();
        let (tell, started) = mpsc::channel();
        let serve = move || {
            sigpipe::block();
            // Made and dropped on its own thread, as a runtime cannot be dropped within another one.
            let listening = runtime().and_then(|runtime| {
                let within = runtime.enter();
                let listening = listener.listen()?;
                drop(within);
                Ok((runtime, listening))
            });
            match listening {
                Ok((runtime, listening)) => {
                    // Whoever started it waits for this.
                    let _ = tell.send(Ok(()));
                    LocalSet::new().block_on(&runtime, serve(listening, connections, told));
                }
                Err(error) => drop(tell.send(Err(error))),
            }
        };
        let thread =
            thread::Builder::new().name(THREAD.to_owned()).spawn(serve).map_err(refused)?;
        let started = started.recv().unwrap_or_else(|ended| Err(io::Error::other(ended)));
        started.map_err(refused)?;
        Ok(Running { stop, thread, process: process::id() })
    }
}

/// A runtime for one thread.
fn runtime() -> io::Result<runtime::Runtime> {
    runtime::Builder::new_current_thread().enable_io().enable_time().build()
}

impl Server {
    /// Where the environment has it so.
    fn nowhere() -> Server {
        Server { address: None, running: None, socket: None }
    }
}

/// What a server that only this machine reaches says of itself.
fn notice(address: SocketAddr, variable: Option<&str>) -> String {
    let port = address.port();
    let any = if address.is_ipv4() { "0.0.0.0" } else { "[::]" };
    let remedy = match variable {
        Some(variable) => format!("; {variable}={any}:{port} exposes it"),
        None => String::new(),
    };
    format!("serving {address} only{remedy}")
}

/// One line on standard error; nothing else where that is closed.
fn say(what: &str) {
    use std::io::Write;
    let _ = writeln!(io::stderr(), "tachograph: {what}");
}

/// Accepts until it is told to stop.
async fn serve(listener: Listening, connections: Connections, mut told: oneshot::Receiver<()>) {
    let (connections, room) = (Rc::new(connections), Rc::new(room::Room::default()));
    let mut tasks = JoinSet::new();
    loop {
        tokio::select! {
            biased;
            _ = &mut told => break,
            Some(_) = tasks.join_next() => {}
            accepted = listener.accept() => match accepted {
                Ok(stream) => {
                    // Where everybody is being served it waits, and whoever comes after it waits to be accepted.
                    let place = tokio::select! {
                        biased;
                        _ = &mut told => break,
                        place = room.enter_in_turn(connections.listening.connections_max) => place,
                    };
                    tasks.spawn_local(Rc::clone(&connections).run(stream, place));
                    // What it has said already is read before others can have its place.
                    tokio::task::yield_now().await;
                }
                Err(error) if listener::is_of_one_client(&error) => {}
                // What clients hold that wait for nothing goes to who comes next.
                Err(_) if room.spare(GRACE) => tokio::time::sleep(room::LOOK).await,
                Err(_) => tokio::time::sleep(BREATH).await,
            },
        }
    }
    listener.end();
    room.close();
    let all = async { while tasks.join_next().await.is_some() {} };
    // Who has not come to an end by then is cut off.
    let _ = tokio::time::timeout(PATIENCE, all).await;
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::net::{TcpListener, TcpStream};

    use tachograph::Registry;

    use super::*;

    #[test]
    fn a_request_that_is_there_is_read_before_its_place_is_anothers() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let address = listener.local_addr().unwrap();
        let endpoint = Endpoint::new();
        let mut first = TcpStream::connect(address).unwrap();
        first.write_all(b"GET /metrics HTTP/1.1\r\nhost: localhost\r\n\r\n").unwrap();
        // They all wait to be accepted, more than there are places.
        let _silent: Vec<TcpStream> = (0..endpoint.listening.connections_max + 30)
            .map(|_| TcpStream::connect(address).unwrap())
            .collect();
        let source = Registry::new().parts().source;
        let responder = endpoint.respond_with(source, Routes::Metrics, None, true);
        let running = endpoint.start(Listener::tcp(listener), responder).unwrap();
        let _server = Server { address: Some(address), running: Some(running), socket: None };
        first.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        let mut status = [0; 12];
        first.read_exact(&mut status).unwrap();
        assert_eq!(&status, b"HTTP/1.1 200");
    }
}

//! Where to listen: what a program or the environment says, and what the system gives.

use std::io::{self, ErrorKind};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener, ToSocketAddrs};

use socket2::{Domain, Protocol, Socket, Type};

use crate::error::Error;
use crate::server::listener::QUEUE;

/// An address as it was written, and what it stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Wanted {
    written: String,
    host: String,
    port: u16,
}

impl Wanted {
    /// Reads `host:port`, `:port` or `port`.
    pub(super) fn parse(written: &str) -> Result<Wanted, Error> {
        let (host, port) = match written.trim().rsplit_once(':') {
            Some((host, port)) => (host, port),
            None => ("", written.trim()),
        };
        let is_bracketed = host.starts_with('[') && host.ends_with(']');
        let host = if is_bracketed { &host[1..host.len() - 1] } else { host };
        let is_port = !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit());
        let is_host =
            if is_bracketed { host.contains(':') } else { !host.contains([':', '[', ']']) };
        let port = port.parse().ok().filter(|_| is_port && is_host);
        let Some(port) = port else {
            return Err(Error::invalid(format!(
                "`{}` is no address to listen on: write host:port, such as 127.0.0.1:9464",
                written.escape_debug()
            )));
        };
        Ok(Wanted { written: written.trim().to_owned(), host: host.to_owned(), port })
    }

    /// Listens there.
    pub(super) fn listen(&self) -> Result<(TcpListener, SocketAddr), Error> {
        let listening = self.addresses().and_then(listen_at_first_of);
        listening.map_err(|error| refused(&self.written, &error))
    }

    fn addresses(&self) -> io::Result<Vec<SocketAddr>> {
        if self.host.is_empty() {
            return Ok(vec![SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), self.port)]);
        }
        Ok((self.host.as_str(), self.port).to_socket_addrs()?.collect())
    }
}

/// Listens at the first address that this machine has. Where somebody listens at that it is refused: who asks there is
/// not to find somebody else.
fn listen_at_first_of(addresses: Vec<SocketAddr>) -> io::Result<(TcpListener, SocketAddr)> {
    let mut listening = Err(ErrorKind::AddrNotAvailable.into());
    for address in addresses {
        listening = bind(address);
        let is_nowhere = |error: &io::Error| error.kind() != ErrorKind::AddrInUse;
        if !listening.as_ref().is_err_and(is_nowhere) {
            break;
        }
    }
    listening
}

/// Listens at an address. As the standard library does it, but for the length of the queue.
fn bind(address: SocketAddr) -> io::Result<(TcpListener, SocketAddr)> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    // What a connection leaves behind keeps nobody from listening; elsewhere it would let two listen.
    #[cfg(unix)]
    socket.set_reuse_address(true)?;
    socket.bind(&address.into())?;
    socket.listen(QUEUE as i32)?;
    socket.set_nonblocking(true)?;
    let listener = TcpListener::from(socket);
    let address = listener.local_addr()?;
    Ok((listener, address))
}

fn refused(written: &str, error: &io::Error) -> Error {
    match error.kind() {
        ErrorKind::AddrInUse => Error::address_in_use(format!(
            "cannot listen on {written}: somebody listens there already; choose another port, or 0 for one that is free"
        )),
        ErrorKind::PermissionDenied => Error::unavailable(format!(
            "cannot listen on {written}: {error}; choose a port above 1023"
        )),
        _ => Error::unavailable(format!("cannot listen on {written}: {error}")),
    }
}

/// What the variable of that name says: None where it is not set, or empty, and nothing to listen at for `off`.
pub(super) fn of_environment(variable: &str) -> Option<Result<Option<Wanted>, Error>> {
    let value = std::env::var_os(variable)?;
    match value.to_str().map(str::trim) {
        Some("") => None,
        Some(text) if text.eq_ignore_ascii_case("off") => Some(Ok(None)),
        Some(text) => Some(Wanted::parse(text).map(Some)),
        None => Some(Err(Error::invalid("it is not UTF-8"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_of_an_address_is_read() {
        let read = |text| Wanted::parse(text).map(|wanted| (wanted.host, wanted.port));
        assert_eq!(read("127.0.0.1:9464"), Ok(("127.0.0.1".to_owned(), 9464)));
        assert_eq!(read(" localhost:0 "), Ok(("localhost".to_owned(), 0)));
        assert_eq!(read("[::1]:9464"), Ok(("::1".to_owned(), 9464)));
        assert_eq!(read(":9464"), Ok((String::new(), 9464)));
        assert_eq!(read("9464"), Ok((String::new(), 9464)));
        for text in [
            "",
            ":",
            "localhost",
            "localhost:",
            "a:b",
            "::1:80",
            "a:+80",
            "a:65536",
            "a:-1",
            "[]:80",
            "[a]:80",
        ] {
            let error = Wanted::parse(text).unwrap_err();
            assert!(error.is_invalid());
            assert!(error.to_string().contains(&format!("`{text}`")), "{error}");
            assert!(error.to_string().contains("127.0.0.1:9464"), "{error}");
        }
    }

    #[test]
    fn without_a_host_it_is_this_machine_alone() {
        let (_listener, address) = Wanted::parse(":0").unwrap().listen().unwrap();
        assert!(address.ip().is_loopback() && address.port() > 0);
    }

    #[test]
    fn the_next_address_is_for_a_machine_without_the_first() {
        let [nowhere, free] = ["192.0.2.1:0", "127.0.0.1:0"].map(|text| text.parse().unwrap());
        let (_listener, taken) = listen_at_first_of(vec![nowhere, free]).unwrap();
        assert!(taken.ip().is_loopback());
        let refused = listen_at_first_of(vec![taken, free]).unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::AddrInUse);
    }

    #[test]
    fn what_cannot_be_had_is_named() {
        let (_listener, taken) = Wanted::parse(":0").unwrap().listen().unwrap();
        let error = Wanted::parse(&taken.to_string()).unwrap().listen().unwrap_err();
        assert!(error.is_address_in_use() && error.to_string().contains(&taken.to_string()));
        let nowhere = Wanted::parse("192.0.2.1:9464").unwrap().listen().unwrap_err();
        assert!(nowhere.is_unavailable() && nowhere.to_string().contains("192.0.2.1:9464"));
    }
}

//! What connections come from: a port or a Unix socket.

use std::io;
use std::net::Shutdown;

use socket2::SockRef;
use tokio::io::{AsyncRead, AsyncWrite};

/// Connections that may wait to be accepted. Beyond that, a client that connects tries again a second later.
pub(super) const QUEUE: u32 = 1_024;

/// Bytes in both directions.
pub(super) trait Stream: AsyncRead + AsyncWrite + Unpin {}

impl<S: AsyncRead + AsyncWrite + Unpin> Stream for S {}

/// What was opened, and belongs to no runtime yet.
#[derive(Debug)]
pub(super) enum Listener {
    Tcp(std::net::TcpListener),
    #[cfg(unix)]
    Unix(tokio::net::UnixSocket),
}

/// The same within a runtime.
#[derive(Debug)]
pub(super) enum Listening {
    Tcp(tokio::net::TcpListener),
    #[cfg(unix)]
    Unix(tokio::net::UnixListener),
}

impl Listener {
    pub(super) fn tcp(listener: std::net::TcpListener) -> Listener {
        Listener::Tcp(listener)
    }

    #[cfg(unix)]
    pub(super) fn unix(socket: tokio::net::UnixSocket) -> Listener {
        Listener::Unix(socket)
    }

    /// Begins to accept; within a runtime.
    pub(super) fn listen(self) -> io::Result<Listening> {
        Ok(match self {
            Listener::Tcp(listener) => Listening::Tcp(tokio::net::TcpListener::from_std(listener)?),
            #[cfg(unix)]
            Listener::Unix(socket) => Listening::Unix(socket.listen(QUEUE)?),
        })
    }
}

impl Listening {
    /// Nobody connects any more, also where a forked child has a copy of this.
    pub(super) fn end(self) {
        // Where the system knows no such thing, closing does it, once the child has ended.
        let _ = match &self {
            Listening::Tcp(listener) => SockRef::from(listener).shutdown(Shutdown::Both),
            #[cfg(unix)]
            Listening::Unix(listener) => SockRef::from(listener).shutdown(Shutdown::Both),
        };
    }

    /// The next connection.
    pub(super) async fn accept(&self) -> io::Result<Box<dyn Stream>> {
        Ok(match self {
            Listening::Tcp(listener) => {
                let (stream, _) = listener.accept().await?;
                // A response is written as a whole; there is nothing to wait for. It fails where the client has gone.
                let _ = stream.set_nodelay(true);
                Box::new(stream)
            }
            #[cfg(unix)]
            Listening::Unix(listener) => Box::new(listener.accept().await?.0),
        })
    }
}

/// True where accepting failed for a client that has gone meanwhile: the next one need not wait.
pub(super) fn is_of_one_client(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionReset, Interrupted};
    matches!(error.kind(), ConnectionAborted | ConnectionReset | Interrupted)
}

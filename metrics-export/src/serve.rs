//! `recording.serve(address)`: the one line that a program adds.

#[cfg(unix)]
use std::path::Path;

use crate::endpoint::Endpoint;
use crate::error::Error;
use crate::served::Served;
use crate::server::Server;

/// `.serve(…)` for whatever can be served: a [`Recording`](tachograph::Recording) or a [`Registry`](tachograph::Registry).
///
/// # Examples
///
/// ```
/// use tachograph_export::Serve;
///
/// let recording = tachograph::init().start();
/// let _server = recording.serve("127.0.0.1:0")?; // 9464 in a program
/// # Ok::<(), tachograph_export::Error>(())
/// ```
pub trait Serve: Served + Sized {
    /// Answers `/metrics` at that address until the returned server is dropped, from a thread of its own.
    ///
    /// `address` is `host:port`. Port 0 is one that is free, which [`Server::address`] tells; without a host (`:9464`) it is
    /// `127.0.0.1`. At a loopback address, which only this machine reaches, a line on standard error says so, and how to
    /// expose it. There the page is served, too; elsewhere only where [`Endpoint::page`] says so.
    ///
    /// For a recording, the environment variable [`TACHOGRAPH_LISTEN`](tachograph::Recording::variable) goes before `address`: another
    /// address, or `off`. One that cannot be had is told on standard error, and nothing is served: it may have been meant
    /// for a parent of this process.
    ///
    /// [`Endpoint`] has the settings that this leaves at their defaults.
    ///
    /// # Errors
    ///
    /// When `address` makes no sense or somebody listens there already, or when the system refuses.
    fn serve(&self, address: &str) -> Result<Server, Error> {
        Endpoint::new().serve(self, address)
    }

    /// As [`serve`](Serve::serve), at a Unix socket of that path, which only this user may connect to
    /// ([`Endpoint::unix_mode`]).
    ///
    /// A socket there that nobody listens at any more is replaced; the server removes its own when it ends.
    ///
    /// # Errors
    ///
    /// When something else is at that path or somebody listens there, or when the system refuses.
    #[cfg(unix)]
    fn serve_unix(&self, path: impl AsRef<Path>) -> Result<Server, Error> {
        Endpoint::new().serve_unix(self, path)
    }
}

impl<T: Served> Serve for T {}

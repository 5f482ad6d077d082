//! The file of a Unix socket, which goes with its server.

use std::path::Path;

#[cfg(unix)]
pub(super) use unix::{Socket, bind, taken};

/// There is none on this system.
#[cfg(not(unix))]
#[derive(Debug)]
pub(super) enum Socket {}

#[cfg(not(unix))]
impl Socket {
    pub(super) fn path(&self) -> &Path {
        match *self {}
    }

    pub(super) fn keep(self) {
        match self {}
    }
}

#[cfg(unix)]
mod unix {
    use std::fs::{self, Permissions};
    use std::io::{self, ErrorKind};
    use std::os::unix::fs::{FileTypeExt, MetadataExt, PermissionsExt};
    use std::os::unix::net::UnixStream;
    use std::path::{PathBuf, absolute};
    use std::process;

    use tokio::net::UnixSocket;

    use super::Path;
    use crate::error::Error;

    /// The file of a Unix socket: removed with this, unless another one has come to its path.
    #[derive(Debug)]
    pub(in crate::server) struct Socket {
        path: PathBuf,
        /// The device and the number of the file.
        identity: (u64, u64),
        /// A forked child has the value, and the file is its parent's.
        process: u32,
    }

    impl Socket {
        pub(in crate::server) fn path(&self) -> &Path {
            &self.path
        }

        /// False where another one has come to the path.
        pub(in crate::server) fn is_in_place(&self) -> bool {
            identity(&self.path).is_ok_and(|found| found == self.identity)
        }

        /// Leaves the file where it is.
        pub(in crate::server) fn keep(mut self) {
            self.process = 0;
        }
    }

    impl Drop for Socket {
        fn drop(&mut self) {
            if self.process == process::id() && self.is_in_place() {
                // Whoever removed it before us did what we want.
                let _ = fs::remove_file(&self.path);
            }
        }
    }

    fn identity(path: &Path) -> io::Result<(u64, u64)> {
        fs::symlink_metadata(path).map(|found| (found.dev(), found.ino()))
    }

    /// Takes a path for a Unix socket, with those permissions; one that nobody listens at any more is replaced. Nobody
    /// connects before it listens, so that nobody does whom the permissions keep out.
    pub(in crate::server) fn bind(path: &Path, mode: u32) -> Result<(UnixSocket, Socket), Error> {
        make_way(path)?;
        let bound = UnixSocket::new_stream().and_then(|socket| {
            socket.bind(path)?;
            let identity = identity(path)?;
            // A program may change its folder meanwhile.
            let file = Socket { path: absolute(path)?, identity, process: process::id() };
            fs::set_permissions(path, Permissions::from_mode(mode))?;
            Ok((socket, file))
        });
        bound.map_err(|error| match error.kind() {
            ErrorKind::AddrInUse => taken(path),
            _ => Error::unavailable(format!("cannot listen at {}: {error}", path.display())),
        })
    }

    /// Removes a socket that nobody listens at any more.
    fn make_way(path: &Path) -> Result<(), Error> {
        // If there is something that cannot be looked at, to bind fails, and says why.
        let Ok(found) = fs::symlink_metadata(path) else { return Ok(()) };
        let written = path.display();
        if !found.file_type().is_socket() {
            return Err(Error::invalid(format!(
                "cannot listen at {written}: there is something that is no socket; choose another path"
            )));
        }
        match UnixStream::connect(path) {
            Ok(_) => return Err(taken(path)),
            Err(error) if error.kind() == ErrorKind::ConnectionRefused => {}
            // It has gone meanwhile.
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
            // A socket of another type, or of another user, or no descriptor left to ask by.
            Err(error) => {
                return Err(Error::unavailable(format!(
                    "cannot listen at {written}: there is a socket, and whether somebody listens there cannot be told: \
                     {error}; if nobody does, remove it, or choose another path"
                )));
            }
        }
        if identity(path).is_ok_and(|now| now != (found.dev(), found.ino())) {
            // Another process has made way for itself meanwhile.
            return Err(taken(path));
        }
        match fs::remove_file(path) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(Error::unavailable(format!(
                "cannot listen at {written}: there is a socket that nobody listens at, and it cannot be removed: {error}"
            ))),
            _ => Ok(()),
        }
    }

    pub(in crate::server) fn taken(path: &Path) -> Error {
        Error::address_in_use(format!(
            "cannot listen at {}: somebody listens there already; choose another path",
            path.display()
        ))
    }
}

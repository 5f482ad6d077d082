//! Settings of an [`Endpoint`] that only a server has.

use std::time::Duration;

use crate::endpoint::Endpoint;

impl Endpoint {
    /// Whether the page that people look at is served beside the metrics, and what it reads. By default it is at loopback
    /// addresses and Unix sockets, and nowhere else.
    pub fn page(mut self, page: bool) -> Endpoint {
        self.listening.page = Some(page);
        self
    }

    /// How many connections there may be at once, 1 to 65,536; 64 by default. Nearest, where it is another.
    ///
    /// When one more comes, the one is closed that has been waiting for longest for its next request, or for the rest of
    /// it; where all are being answered, the new one waits, and the one that came first ends after its response. So clients that stall keep nobody out, and take no more of the
    /// process' file descriptors than that.
    pub fn max_connections(mut self, max: usize) -> Endpoint {
        self.listening.connections_max = max.clamp(1, 65_536);
        self
    }

    /// How long a request's head may take to come (408 after that), and a response to be taken; 10 seconds by default,
    /// 10 ms to one hour. Nearest, where it is another.
    pub fn request_timeout(mut self, timeout: Duration) -> Endpoint {
        self.listening.patience =
            timeout.clamp(Duration::from_millis(10), Duration::from_secs(3_600));
        self
    }

    /// Says nothing on standard error of a server that only this machine reaches.
    pub fn quiet(mut self, quiet: bool) -> Endpoint {
        self.listening.quiet = quiet;
        self
    }

    /// The permissions of a Unix socket; `0o600` by default, for this user alone. `0o660` lets in its group.
    #[cfg(unix)]
    pub fn unix_mode(mut self, mode: u32) -> Endpoint {
        self.listening.unix_mode = mode;
        self
    }
}

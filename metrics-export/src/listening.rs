//! How a server listens, and what it puts up with: settings that only it has.

use std::time::Duration;

/// How a server listens, and what it puts up with.
#[derive(Debug, Clone)]
pub(crate) struct Listening {
    /// None: where only this machine reaches it.
    pub(crate) page: Option<bool>,
    pub(crate) quiet: bool,
    /// At once.
    pub(crate) connections_max: usize,
    /// For a request's head to come, and for a response to be taken.
    pub(crate) patience: Duration,
    #[cfg(unix)]
    pub(crate) unix_mode: u32,
    #[cfg(feature = "tls")]
    pub(crate) tls: Option<std::sync::Arc<rustls::ServerConfig>>,
}

impl Default for Listening {
    fn default() -> Listening {
        Listening {
            page: None,
            quiet: false,
            connections_max: 64,
            patience: Duration::from_secs(10),
            #[cfg(unix)]
            unix_mode: 0o600,
            #[cfg(feature = "tls")]
            tls: None,
        }
    }
}

//! What is served, to whom, and within which limits.

use std::sync::Arc;

use crate::access::{Credentials, Hosts};
use crate::error::Error;
use crate::protobuf::Protobuf;
use crate::responder::{Responder, Routes};
use crate::served::Served;
use crate::source::Source;

/// Settings of a server, or of a service in a program's own server.
///
/// With the feature `serve`, `recording.serve(address)` has the default ones.
///
/// # Examples
///
/// ```
/// use tachograph_export::Endpoint;
///
/// let recording = tachograph::init().start();
/// let server = Endpoint::new()
///     .bearer_token("c2VjcmV0")
///     .quiet(true)
///     .serve(&recording, "127.0.0.1:0")?;
/// assert!(server.address().is_some_and(|address| address.port() > 0));
/// # Ok::<(), tachograph_export::Error>(())
/// ```
#[derive(Debug, Clone)]
#[must_use = "nothing is served before `.serve(…)`"]
pub struct Endpoint {
    #[cfg(feature = "serve")]
    pub(crate) listening: crate::listening::Listening,
    protobuf: Protobuf,
    hosts: Hosts,
    credentials: Option<Result<Credentials, Error>>,
}

impl Endpoint {
    /// The default settings.
    pub fn new() -> Endpoint {
        Endpoint {
            #[cfg(feature = "serve")]
            listening: crate::listening::Listening::default(),
            protobuf: Protobuf::new(),
            hosts: Hosts::default(),
            credentials: None,
        }
    }

    /// Asks every request for a token, as `Authorization: Bearer …`. Without TLS it is readable on its way.
    ///
    /// It is compared in constant time. Letters, digits and `-._~+/=`, 1 to 512 bytes; others are an error of `serve`.
    pub fn bearer_token(mut self, token: &str) -> Endpoint {
        self.credentials = Some(Credentials::bearer(token));
        self
    }

    /// Asks every request for a name and a password, which browsers ask their users for. Without TLS they are readable
    /// on their way.
    ///
    /// They are compared in constant time. At most 511 bytes together, no control characters, and no colon in the name;
    /// others are an error of `serve`, and so are two that are empty.
    pub fn basic_auth(mut self, name: &str, password: &str) -> Endpoint {
        self.credentials = Some(Credentials::basic(name, password));
        self
    }

    /// A further host that requests to a loopback address may name, such as that of a proxy before it; its port, if it has
    /// one, is not looked at.
    ///
    /// `localhost` and addresses may be named in any case. All others are refused there with 403, since a foreign page in
    /// a browser on the same machine could read the metrics otherwise. On other addresses any host may be named.
    pub fn allow_host(mut self, host: &str) -> Endpoint {
        self.hosts.push(host);
        self
    }

    /// How many buckets a native histogram has at most; 160 by default. A histogram that has more is sent in a coarser
    /// schema, whose counts are exact.
    pub fn max_native_buckets(mut self, max: usize) -> Endpoint {
        self.protobuf = self.protobuf.max_buckets(max);
        self
    }

    /// What requests must know, if that can be.
    pub(crate) fn credentials(&self) -> Result<Option<Credentials>, Error> {
        self.credentials.clone().transpose()
    }

    /// Answers the requests that a server of the program's own hands over, with metrics at whatever path.
    ///
    /// Requests may name any host, as that server lets them.
    ///
    /// # Errors
    ///
    /// When a setting makes no sense.
    pub fn responder(&self, served: &impl Served) -> Result<Responder, Error> {
        Ok(self.respond_with(served.parts().source, Routes::Anywhere, self.credentials()?, false))
    }

    /// The responder to requests that come from whoever can reach it.
    pub(crate) fn respond_with(
        &self,
        source: Arc<Source>,
        routes: Routes,
        credentials: Option<Credentials>,
        is_loopback: bool,
    ) -> Responder {
        let hosts = is_loopback.then(|| self.hosts.clone());
        Responder { source, protobuf: self.protobuf, credentials, hosts, routes }
    }
}

impl Default for Endpoint {
    fn default() -> Endpoint {
        Endpoint::new()
    }
}

//! Who is answered: by the host that a request names, and by what it knows.

mod credentials;
mod host;

pub(crate) use credentials::Credentials;
pub(crate) use host::Hosts;
#[cfg(feature = "serve")]
pub(crate) use host::is_loopback_address;

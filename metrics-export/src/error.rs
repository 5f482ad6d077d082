//! The one error type of the crate.
//!
//! It is opaque: a message that names the value and the remedy, and predicates for what a caller may want to tell
//! apart.

use std::borrow::Cow;
use std::fmt;

/// Why nothing is served or recorded: an address, a path, a certificate, a setting or a place that cannot be had.
///
/// # Examples
///
/// ```
/// use tachograph_export::Endpoint;
///
/// let registry = tachograph::Registry::new();
/// let first = Endpoint::new().quiet(true).serve(&registry, "127.0.0.1:0")?;
/// let taken = first.address().unwrap().to_string();
///
/// let error = Endpoint::new().serve(&registry, &taken).unwrap_err();
/// assert!(error.is_address_in_use());
/// assert!(error.to_string().starts_with(&format!("cannot listen on {taken}: ")));
/// assert_eq!(format!("{error:?}"), error.to_string());
/// # Ok::<(), tachograph_export::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Error {
    reason: Reason,
    message: Cow<'static, str>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reason {
    Invalid,
    #[cfg(feature = "serve")]
    AddressInUse,
    #[cfg(feature = "serve")]
    Unavailable,
    #[cfg(feature = "metrics")]
    AlreadyInstalled,
}

impl Error {
    /// A setting outside its rules.
    pub(crate) fn invalid(message: impl Into<Cow<'static, str>>) -> Error {
        Error { reason: Reason::Invalid, message: message.into() }
    }

    /// An address or path that somebody else listens on.
    #[cfg(feature = "serve")]
    pub(crate) fn address_in_use(message: impl Into<Cow<'static, str>>) -> Error {
        Error { reason: Reason::AddressInUse, message: message.into() }
    }

    /// What the system does not give.
    #[cfg(feature = "serve")]
    pub(crate) fn unavailable(message: impl Into<Cow<'static, str>>) -> Error {
        Error { reason: Reason::Unavailable, message: message.into() }
    }

    /// A place in another crate that somebody else has.
    #[cfg(feature = "metrics")]
    pub(crate) fn already_installed(message: impl Into<Cow<'static, str>>) -> Error {
        Error { reason: Reason::AlreadyInstalled, message: message.into() }
    }

    /// True when an address, a token, a certificate or another setting broke its rules.
    pub fn is_invalid(&self) -> bool {
        self.reason == Reason::Invalid
    }

    /// True when somebody listens there already.
    #[cfg(feature = "serve")]
    pub fn is_address_in_use(&self) -> bool {
        self.reason == Reason::AddressInUse
    }

    /// True when the crate `metrics` has another recorder already.
    #[cfg(feature = "metrics")]
    pub fn is_already_installed(&self) -> bool {
        self.reason == Reason::AlreadyInstalled
    }

    /// True when the system refused something else: a port below 1024, a folder, a thread.
    #[cfg(feature = "serve")]
    pub fn is_unavailable(&self) -> bool {
        self.reason == Reason::Unavailable
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

/// The message alone, as that is what a `main` prints which returns the error.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {}

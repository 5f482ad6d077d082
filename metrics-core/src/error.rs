//! The one error type of the crate.
//!
//! It is opaque: a message that names the value and the remedy, and predicates for what a caller may
//! want to tell apart. It is built by the floors above through its `pub(crate)` constructors; nothing
//! here decides what is an error.

use std::borrow::Cow;
use std::fmt;

/// Why a metric, a name, a label or a histogram layout was refused.
///
/// The message names the offending value and what to do about it.
///
/// # Examples
///
/// ```
/// let registry = tachograph::Registry::new();
/// registry.gauge("jobs", &[]).unwrap();
/// let error = registry.counter("jobs", &[]).unwrap_err();
/// assert!(error.is_conflict());
/// assert!(error.to_string().starts_with("metric `jobs` is already a gauge (registered at "));
/// assert_eq!(format!("{error:?}"), error.to_string());
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Error {
    reason: Reason,
    message: Cow<'static, str>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reason {
    Invalid,
    Conflict,
    Overflow,
}

impl Error {
    /// A name, label or layout outside its rules.
    pub(crate) fn invalid(message: impl Into<Cow<'static, str>>) -> Error {
        Error { reason: Reason::Invalid, message: message.into() }
    }

    /// A name that already belongs to another kind.
    pub(crate) fn conflict(message: impl Into<Cow<'static, str>>) -> Error {
        Error { reason: Reason::Conflict, message: message.into() }
    }

    /// No room for one more series: a cap, or the system refused memory.
    pub(crate) fn overflow(message: impl Into<Cow<'static, str>>) -> Error {
        Error { reason: Reason::Overflow, message: message.into() }
    }

    /// True when a name, a label or a layout broke its rules.
    pub fn is_invalid(&self) -> bool {
        self.reason == Reason::Invalid
    }

    /// True when the name is already taken by a metric of another kind.
    pub fn is_conflict(&self) -> bool {
        self.reason == Reason::Conflict
    }

    /// True when there is no room for one more series.
    pub fn is_overflow(&self) -> bool {
        self.reason == Reason::Overflow
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

//! Where in the source something was first registered.

use std::fmt;
use std::panic::Location;

/// A place in the source, for messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    file: &'static str,
    line: u32,
}

impl Place {
    /// What `file!()` and `line!()` said.
    pub const fn new(file: &'static str, line: u32) -> Place {
        Place { file, line }
    }

    /// The place of a call of a `#[track_caller]` function.
    pub(crate) fn of(caller: &'static Location<'static>) -> Place {
        Place { file: caller.file(), line: caller.line() }
    }

    pub(crate) fn file(&self) -> &'static str {
        self.file
    }

    pub(crate) fn line(&self) -> u32 {
        self.line
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file, self.line)
    }
}

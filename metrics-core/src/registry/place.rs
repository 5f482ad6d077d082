//! Where in the source something was first registered.

use std::fmt;
use std::panic::Location;

/// A place in the source, for messages: a line, or a function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    file: &'static str,
    line: u32,
}

impl Place {
    /// The place of the call. Of a call that a macro makes, the place of the macro's.
    #[track_caller]
    pub(crate) const fn here() -> Place {
        Place::of(Location::caller())
    }

    /// A function, by a path of something in it.
    pub(crate) const fn in_function(path: &'static str) -> Place {
        Place { file: path, line: 0 }
    }

    /// A place as a message shows it.
    pub(super) fn shown(file: &str, line: u32) -> String {
        if line == 0 { file.to_owned() } else { format!("{file}:{line}") }
    }

    /// The place of a call of a `#[track_caller]` function.
    pub(crate) const fn of(caller: &'static Location<'static>) -> Place {
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
        f.write_str(&Place::shown(self.file, self.line))
    }
}

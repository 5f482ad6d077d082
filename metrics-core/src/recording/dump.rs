//! One way to write the registry: a format, a destination, and how a table shall look.

use std::io;
use std::path::PathBuf;
use std::time::SystemTime;

use crate::encode::{self, By, Format, Look};
use crate::recording::destination::Destination;
use crate::snapshot::Snapshot;

/// One way to write the registry at exit: what to write, and where to.
///
/// # Examples
///
/// ```no_run
/// use tachograph::Dump;
///
/// let _recording = tachograph::init()
///     .dump_on_exit(Dump::table())
///     .dump_on_exit(Dump::json().to_file("/var/tmp/%e-%p.json"))
///     .start();
/// ```
#[derive(Debug, Clone)]
#[must_use = "a dump is written when it is given to `dump_on_exit`"]
pub struct Dump {
    format: Format,
    destination: Destination,
    width: Option<usize>,
    limit: usize,
    sort: By,
}

impl Dump {
    /// A table for people, on standard error unless told otherwise.
    pub fn table() -> Dump {
        Dump::of(Format::Table)
    }

    /// JSON, on standard error unless told otherwise.
    pub fn json() -> Dump {
        Dump::of(Format::Json)
    }

    /// The Prometheus text format 0.0.4, on standard error unless told otherwise.
    pub fn prometheus() -> Dump {
        Dump::of(Format::Prometheus)
    }

    /// OpenMetrics 1.0, on standard error unless told otherwise.
    pub fn openmetrics() -> Dump {
        Dump::of(Format::OpenMetrics)
    }

    /// Any format, on standard error unless told otherwise.
    pub fn of(format: Format) -> Dump {
        let look = Look::default();
        Dump {
            format,
            destination: Destination::Stderr,
            width: None,
            limit: look.limit,
            sort: look.sort,
        }
    }

    /// On standard error, which is the default.
    pub fn to_stderr(mut self) -> Dump {
        self.destination = Destination::Stderr;
        self
    }

    /// On standard output.
    pub fn to_stdout(mut self) -> Dump {
        self.destination = Destination::Stdout;
        self
    }

    /// Into a file, which is written beside and renamed: whoever looks sees the old file or the new
    /// one, never half of one.
    ///
    /// In the path, `%p` is the process id, `%e` the program's name, `%t` the start of the run in UTC
    /// (`20261122T102824Z`) and `%%` a percent sign.
    pub fn to_file(mut self, path: impl Into<PathBuf>) -> Dump {
        self.destination = Destination::File(path.into());
        self
    }

    /// The columns of a table; less than 40 is written as 40. The default is the width of the
    /// terminal, or 80 where there is none.
    pub fn width(mut self, columns: usize) -> Dump {
        self.width = Some(columns);
        self
    }

    /// The most timers that a table shows, 20 by default. The others are summed up in one line.
    pub fn limit(mut self, timers: usize) -> Dump {
        self.limit = timers;
        self
    }

    /// The order of a table's timers, by self time by default.
    pub fn sort(mut self, by: By) -> Dump {
        self.sort = by;
        self
    }

    /// Renders and writes `snapshot`; a table with its last minute, where there is one.
    pub(super) fn write(
        &self,
        snapshot: &Snapshot,
        minute: Option<&Snapshot>,
        started: SystemTime,
    ) -> io::Result<()> {
        let look = Look {
            width: self.width.or_else(|| self.destination.columns()).unwrap_or(Look::WIDTH),
            colour: self.destination.is_terminal() && wants_colour(),
            limit: self.limit,
            sort: self.sort,
        };
        let mut text = String::new();
        encode::write(self.format, snapshot, minute, &look, &mut text);
        self.destination.write(&text, started)
    }

    /// Where it goes, for messages.
    pub(super) fn destination(&self, started: SystemTime) -> String {
        self.destination.name(started)
    }
}

/// False where the user said so: `NO_COLOR` is set to anything, or the terminal is a dumb one.
///
/// # Source
///
/// <https://no-color.org>
fn wants_colour() -> bool {
    let set = |name| std::env::var_os(name).filter(|value| !value.is_empty());
    set("NO_COLOR").is_none() && set("TERM").is_none_or(|term| term != "dumb")
}

//! How a table shall look: width, order, length, colour.

/// The order of a table's timers, the greatest first; equal ones by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum By {
    /// Time in the timed code itself: where the run went.
    #[default]
    SelfTime,
    /// Time between start and stop, calls inside included.
    Total,
    /// How often it was called.
    Calls,
    /// The mean duration.
    Mean,
    /// The 99th percentile of the durations.
    P99,
    /// The longest duration.
    Max,
    /// The name, in the order of the alphabet.
    Name,
}

/// How a table shall look.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Look {
    /// Columns; fewer than 40 are taken as 40.
    pub(crate) width: usize,
    /// True for a terminal that shows colours.
    pub(crate) colour: bool,
    /// The most timers.
    pub(crate) limit: usize,
    pub(crate) sort: By,
}

impl Look {
    /// The columns of a table whose terminal is not known.
    pub(crate) const WIDTH: usize = 80;
    /// The most timers, unless told otherwise.
    const LIMIT: usize = 20;

    /// Appends what `write` writes, each line in `style` where colours are shown.
    pub(super) fn paint(&self, style: Style, out: &mut String, write: impl FnOnce(&mut String)) {
        let start = out.len();
        write(out);
        if !self.colour {
            return;
        }
        let plain = out.split_off(start);
        for line in plain.split_inclusive('\n') {
            let text = line.trim_end_matches('\n');
            if !text.is_empty() {
                out.push_str(style.begin());
                out.push_str(text);
                out.push_str("\x1b[0m");
            }
            out.push_str(&line[text.len()..]);
        }
    }
}

impl Default for Look {
    fn default() -> Look {
        Look { width: Look::WIDTH, colour: false, limit: Look::LIMIT, sort: By::default() }
    }
}

/// What a part of the table is; the terminal's own colours stay, so that it is readable on light and
/// on dark.
#[derive(Debug, Clone, Copy)]
pub(super) enum Style {
    /// Titles.
    Strong,
    /// Rules, and what is said about the recording itself.
    Faint,
    /// What wants attention.
    Warning,
}

impl Style {
    /// The escape sequence of ECMA-48, "select graphic rendition".
    const fn begin(self) -> &'static str {
        match self {
            Style::Strong => "\x1b[1m",
            Style::Faint => "\x1b[2m",
            Style::Warning => "\x1b[33m",
        }
    }
}

//! How much a metric matters, as callers say it.

use core::fmt;

/// How much a metric matters: `level: Level::DEBUG` in a call.
///
/// It is there so that calls written for the `metrics` crate stay as they are: its levels are for
/// recorders that filter. Here every metric is recorded, whatever its level, since recording costs less
/// than a filter would.
///
/// # Examples
///
/// ```
/// use tachograph::{Level, counter};
///
/// counter!(level: Level::DEBUG, target: "parser", "lines_total").increment(1);
/// assert!(Level::TRACE < Level::ERROR);
/// assert_eq!(Level::try_from("warn"), Ok(Level::WARN));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Level(Rank);

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Rank {
    Trace,
    Debug,
    Info,
    Warn,
    Error,
}

/// Every level with its name.
const LEVELS: [(Level, &str); 5] = [
    (Level::TRACE, "trace"),
    (Level::DEBUG, "debug"),
    (Level::INFO, "info"),
    (Level::WARN, "warn"),
    (Level::ERROR, "error"),
];

impl Level {
    /// What matters least.
    pub const TRACE: Level = Level(Rank::Trace);

    /// For those who work on the program.
    pub const DEBUG: Level = Level(Rank::Debug);

    /// For those who run it; the default of the `metrics` crate.
    pub const INFO: Level = Level(Rank::Info);

    /// What should not be.
    pub const WARN: Level = Level(Rank::Warn);

    /// What must not be.
    pub const ERROR: Level = Level(Rank::Error);

    /// The lower-case name.
    pub const fn as_str(self) -> &'static str {
        LEVELS[self.0 as usize].1
    }
}

impl TryFrom<&str> for Level {
    type Error = UnknownLevel;

    /// Reads the lower-case or upper-case name, spaces around it left out.
    ///
    /// # Errors
    ///
    /// When it is no level's name.
    fn try_from(text: &str) -> Result<Level, UnknownLevel> {
        let text = text.trim();
        let is_upper = !text.bytes().any(|letter| letter.is_ascii_lowercase());
        let found = LEVELS
            .iter()
            .find(|(_, name)| text == *name || (is_upper && text.eq_ignore_ascii_case(name)));
        found.map(|(level, _)| *level).ok_or(UnknownLevel(()))
    }
}

/// A text that is no level's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnknownLevel(());

impl fmt::Display for UnknownLevel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("unknown level: expected one of trace, debug, info, warn, error")
    }
}

impl core::error::Error for UnknownLevel {}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_come_back_from_their_names_and_rise() {
        for (place, (level, name)) in LEVELS.into_iter().enumerate() {
            assert_eq!(level.as_str(), name);
            assert_eq!(Level::try_from(name), Ok(level));
            assert_eq!(Level::try_from(&*format!("  {}\n", name.to_uppercase())), Ok(level));
            assert!(LEVELS[..place].iter().all(|(lower, _)| *lower < level));
        }
        for text in ["", "Warn", "warning", "warn ing"] {
            assert!(Level::try_from(text).is_err(), "{text:?}");
        }
    }
}

//! What collectors did when they were asked.

use std::fmt;
use std::time::Duration;

/// What a collector may return: nothing, or a result whose error says why it could not.
pub trait Collected: sealed::Sealed {
    #[doc(hidden)]
    fn into_result(self) -> Result<(), String>;
}

impl Collected for () {
    fn into_result(self) -> Result<(), String> {
        Ok(())
    }
}

impl<E: fmt::Display> Collected for Result<(), E> {
    fn into_result(self) -> Result<(), String> {
        self.map_err(|error| error.to_string())
    }
}

mod sealed {
    /// Further types may come; none from elsewhere.
    pub trait Sealed {}

    impl Sealed for () {}

    impl<E> Sealed for Result<(), E> {}
}

/// What came of [`Registry::collect_all`](crate::Registry::collect_all).
#[derive(Debug, Clone, Default)]
#[must_use = "it tells which collectors failed"]
pub struct CollectReport {
    collectors: usize,
    failures: Vec<CollectFailure>,
    duration: Duration,
}

impl CollectReport {
    pub(super) fn of(collectors: usize) -> CollectReport {
        CollectReport { collectors, ..CollectReport::default() }
    }

    pub(super) fn add(&mut self, failure: CollectFailure) {
        self.failures.push(failure);
    }

    pub(super) fn finish(&mut self, duration: Duration) {
        self.duration = duration;
    }

    /// How many collectors were asked.
    pub fn collectors(&self) -> usize {
        self.collectors
    }

    /// Those that failed, in the order in which they were asked.
    pub fn failures(&self) -> &[CollectFailure] {
        &self.failures
    }

    /// True where none failed.
    pub fn is_complete(&self) -> bool {
        self.failures.is_empty()
    }

    /// How long all of it took.
    pub fn duration(&self) -> Duration {
        self.duration
    }
}

/// A collector that failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CollectFailure {
    collector: String,
    reason: FailureReason,
    message: String,
}

impl CollectFailure {
    pub(super) fn new(collector: &str, reason: FailureReason, message: String) -> CollectFailure {
        CollectFailure { collector: collector.to_owned(), reason, message }
    }

    /// Its name.
    pub fn collector(&self) -> &str {
        &self.collector
    }

    /// What went wrong.
    pub fn reason(&self) -> FailureReason {
        self.reason
    }

    /// What it said: its error, the message of its panic, or that it took too long.
    pub fn message(&self) -> &str {
        &self.message
    }
}

impl fmt::Display for CollectFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "collector `{}`: {}: {}", self.collector, self.reason.as_str(), self.message)
    }
}

/// What went wrong with a callback of the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FailureReason {
    /// It returned an error, or set what cannot be.
    Error,
    /// It panicked.
    Panic,
    /// It took longer than its deadline, or has not come back from an earlier call.
    Deadline,
}

impl FailureReason {
    /// The value of the label `reason`.
    pub fn as_str(self) -> &'static str {
        match self {
            FailureReason::Error => "error",
            FailureReason::Panic => "panic",
            FailureReason::Deadline => "deadline",
        }
    }
}

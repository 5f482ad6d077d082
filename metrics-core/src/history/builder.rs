//! What can be said of a history before it begins.

use std::fmt;
use std::ops::RangeInclusive;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use crate::clock;
use crate::error::Error;
use crate::history::History;
use crate::registry::{Registry, registry};

/// Where a history takes the time from.
pub(super) type Clock = Arc<dyn Fn() -> SystemTime + Send + Sync>;

/// Settings of a [`History`].
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use tachograph::History;
///
/// let history = History::builder().retention(Duration::from_secs(3_600)).memory_limit(8 << 20);
/// let recording = tachograph::init().history(history).start();
/// assert_eq!(recording.history().unwrap().retention(), Duration::from_secs(3_600));
/// ```
#[must_use = "nothing begins before `.build()`, or before it is given to `init().history(…)`"]
#[derive(Clone)]
pub struct HistoryBuilder {
    registry: Registry,
    interval: Duration,
    retention: Duration,
    memory_limit: usize,
    clock: Clock,
    is_apart: bool,
}

/// What is taken.
const INTERVALS: RangeInclusive<Duration> = Duration::from_millis(100)..=Duration::from_secs(60);
const RETENTIONS: RangeInclusive<Duration> =
    Duration::from_secs(60)..=Duration::from_secs(31 * 24 * 3_600);
const MEMORY_LIMIT_MIN: usize = 1 << 20;

impl HistoryBuilder {
    pub(super) fn new() -> HistoryBuilder {
        HistoryBuilder {
            registry: registry().clone(),
            interval: Duration::from_secs(1),
            retention: Duration::from_secs(24 * 3_600),
            memory_limit: 64 << 20,
            clock: Arc::new(clock::wall),
            is_apart: false,
        }
    }

    /// The history of a registry of one's own; that of the global one without it. The registry lives as long as its histories.
    pub fn registry(mut self, registry: &Registry) -> HistoryBuilder {
        self.registry = registry.clone();
        self
    }

    /// How often it ticks, a second by default; 100 ms to 60 s. This is the finest resolution, and a tick that comes
    /// within half of it after another one is left out. Ticks that are further apart than ten of it leave a gap.
    pub fn interval(mut self, interval: Duration) -> HistoryBuilder {
        self.interval = interval;
        self
    }

    /// How far it reaches back, a day by default; a minute to 31 days.
    pub fn retention(mut self, retention: Duration) -> HistoryBuilder {
        self.retention = retention;
        self
    }

    /// The most memory that it takes, in bytes, 64 MiB by default; 1 MiB at least. See [`History`] for what takes how much,
    /// and for what is forgotten at the limit.
    pub fn memory_limit(mut self, bytes: usize) -> HistoryBuilder {
        self.memory_limit = bytes;
        self
    }

    /// Where it takes the time from that it answers at; the system's clock by default. A test or a simulation passes
    /// its own, and [ticks](History::tick) by that.
    pub fn clock(
        mut self,
        clock: impl Fn() -> SystemTime + Send + Sync + 'static,
    ) -> HistoryBuilder {
        self.clock = Arc::new(clock);
        self
    }

    /// A history that [`Registry::history`] and triggers do not find: one that somebody begins for a while only, and may end at
    /// any time.
    ///
    /// # Examples
    ///
    /// ```
    /// use tachograph::{History, Registry};
    ///
    /// let registry = Registry::new();
    /// let mine = History::builder().registry(&registry).apart().build()?;
    /// assert!(registry.history().is_none());
    /// let for_all = History::builder().registry(&registry).build()?;
    /// assert!(registry.history().is_some());
    /// # Ok::<(), tachograph::Error>(())
    /// ```
    pub fn apart(mut self) -> HistoryBuilder {
        self.is_apart = true;
        self
    }

    /// Begins a history that its owner [ticks](History::tick). That of the global registry is usually had by
    /// [`init().history(…)`](crate::Init::history), which ticks it.
    ///
    /// # Errors
    ///
    /// When the interval, the retention or the memory limit is out of its range.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    /// use tachograph::History;
    ///
    /// let error = History::builder().retention(Duration::from_secs(3)).build().unwrap_err();
    /// assert_eq!(
    ///     error.to_string(),
    ///     "a history cannot have a retention of 3s: choose one from 60s to 2678400s"
    /// );
    /// ```
    pub fn build(self) -> Result<History, Error> {
        self.check()?;
        Ok(self.begin())
    }

    fn begin(self) -> History {
        let HistoryBuilder { registry, interval, retention, memory_limit, clock, is_apart } = self;
        let history = History::new(registry, interval, retention, memory_limit, clock);
        if !is_apart {
            history.register();
        }
        history
    }

    fn check(&self) -> Result<(), Error> {
        for (what, value, range) in
            [("an interval", self.interval, INTERVALS), ("a retention", self.retention, RETENTIONS)]
        {
            if !range.contains(&value) {
                return Err(Error::invalid(format!(
                    "a history cannot have {what} of {value:?}: choose one from {:?} to {:?}",
                    range.start(),
                    range.end()
                )));
            }
        }
        if self.memory_limit < MEMORY_LIMIT_MIN {
            return Err(Error::invalid(format!(
                "a history cannot do with {} bytes: allow it at least {MEMORY_LIMIT_MIN}",
                self.memory_limit
            )));
        }
        Ok(())
    }

    /// As [`build`](HistoryBuilder::build), with the nearest that is possible in place of what is not, and why.
    pub(crate) fn build_nearest(mut self) -> (History, Option<Error>) {
        let error = self.check().err();
        self.interval = self.interval.clamp(*INTERVALS.start(), *INTERVALS.end());
        self.retention = self.retention.clamp(*RETENTIONS.start(), *RETENTIONS.end());
        self.memory_limit = self.memory_limit.max(MEMORY_LIMIT_MIN);
        (self.begin(), error)
    }
}

impl fmt::Debug for HistoryBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HistoryBuilder")
            .field("interval", &self.interval)
            .field("retention", &self.retention)
            .field("memory_limit", &self.memory_limit)
            .finish_non_exhaustive()
    }
}

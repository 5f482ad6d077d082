//! Time windows: what was recorded in the last minute, the last hour, since the last look.
//!
//! Recording keeps totals, and knows nothing of this floor. A tick reads all totals and takes down, for each
//! series, by how much they grew since the tick before (`track`), as bytes (`log`, `levels`, `spread`) in
//! the slots of a time line that all series share (`ring`, `axis`). Ten seconds and minutes are put together from
//! whole seconds, so that a window is a sum of slots, and a sum of slots is exact. `gather` reads one; `window` is what
//! was read; `metric` asks on behalf of one series, `survey` on behalf of all, in parts as `grid` cuts them.
//!
//! A history never touches what it reads, and is never called by what records. It takes the time from whom ticks it.

mod aggregation;
mod axis;
mod builder;
mod gather;
mod grid;
mod levels;
mod log;
mod metric;
#[cfg(test)]
mod random;
mod ring;
mod spread;
mod state;
mod survey;
mod track;
mod watch;
mod window;

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, SystemTime};

pub use aggregation::Aggregation;
pub use builder::HistoryBuilder;
pub use grid::Grid;
pub use metric::Metric;
pub use survey::{Survey, Surveyed};
pub(crate) use watch::Watch;
pub use window::{Answer, Span, Window};

use crate::arena::PerProcess;
use crate::history::axis::nanos_of;
use crate::history::builder::Clock;
use crate::history::gather::{Asked, window};
use crate::history::levels::Levels;
use crate::history::state::{State, Untracked};
use crate::history::watch::Watches;
use crate::history::window::{Data, Exact};
use crate::kind::Kind;
use crate::label::Pairs;
use crate::registry::Registry;
use crate::snapshot::{Found, Parts, Series, Snapshot, SummarySnapshot, Value};

/// The past of a registry: what was recorded in any window of time.
///
/// [`init().history(…)`](crate::Init::history) begins that of the global registry and ticks it from a thread of its own, once a
/// second; one that is [built](HistoryBuilder::build) is [ticked](History::tick) by its owner. It costs recording nothing: a
/// tick reads the totals, and keeps by how much they grew. What came since the last tick is part of every answer.
///
/// A clone is the same history.
///
/// # Resolution
///
/// | reaches back | in slots of |
/// |---|---|
/// | 5 minutes | an [interval](HistoryBuilder::interval): 1 s |
/// | 1 hour | 10 s |
/// | the [retention](HistoryBuilder::retention): a day | 60 s |
///
/// A window is answered for the slots that it touches, of the finest resolution at its age, and [`Span`] tells which these were. What
/// is added up (sums, counts, distributions) is exact for them, however they are put together. Time at which the machine
/// slept, or that the clock was stepped over, or in which nobody ticked for more than ten intervals, is a gap: it counts for
/// no rate.
///
/// # Memory
///
/// For each series about 800 bytes, and of a distribution 8 for each bucket from that of its least value to that of
/// its greatest (32 for each factor of two between them); and in each slot in which it changed
///
/// * of a counter or rate at most 11 bytes, and usually 3,
/// * of a gauge at most 11 bytes where the slot has one tick, else at most 62 and 4 for each bucket that its values lie in,
/// * of a histogram or summary at most 16 bytes, of a timer at most 24, and for each bucket that got something
///   2 to 13 bytes, usually 2;
///
/// nothing in slots in which it did not change; up to a half of all that as room to grow, and 32 to 64 bytes for each slot, of
/// which a day has 2,100. What a [summary](crate::Summary) keeps is its own. At the
/// [limit](HistoryBuilder::memory_limit) the oldest quarter of the finest ring is forgotten, as often as it takes; when
/// that has nothing left but what the next ring still needs, the ring of ten seconds, then that of minutes. Each slot
/// that is forgotten so is [counted](HistoryUsage::thinned). A quarter of the limit is
/// for the past: where the series themselves take more than the rest, those that came last are not taken up, or let go, and
/// [counted](HistoryUsage::refused), too, until there is room again. Such a one takes 16 bytes.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use tachograph::{Aggregation, History, counter, histogram};
///
/// let recording = tachograph::init().history(History::builder()).start();
/// counter!("jobs_total", "queue" => "mail").increment(3);
/// histogram!("job_bytes").record(512);
///
/// let history = recording.history().unwrap();
/// let minute = Duration::from_secs(60);
/// let jobs = history.metric("jobs_total", &[("queue", "mail")]).unwrap();
/// assert_eq!(jobs.aggregate(Aggregation::Sum, minute).unwrap().value(), 3.0);
/// let bytes = history.metric("job_bytes", &[]).unwrap();
/// assert!((bytes.quantile(0.99, minute).unwrap().value() / 512.0 - 1.0).abs() < 0.011);
/// ```
#[derive(Clone)]
pub struct History {
    shared: Arc<Shared>,
}

struct Shared {
    registry: Registry,
    interval: Duration,
    retention: Duration,
    memory_limit: usize,
    clock: Clock,
    /// A forked child has a history of its own, which begins when it is first asked.
    state: PerProcess<Mutex<State>>,
    watches: PerProcess<Watches>,
}

impl Shared {
    fn begin(&self) -> Mutex<State> {
        begin(&self.registry, self.interval, self.retention, self.memory_limit, &self.clock)
    }
}

fn begin(
    registry: &Registry,
    interval: Duration,
    retention: Duration,
    memory_limit: usize,
    clock: &Clock,
) -> Mutex<State> {
    Mutex::new(State::new(registry, clock(), interval, retention, memory_limit))
}

impl History {
    /// Settings for a history.
    pub fn builder() -> HistoryBuilder {
        HistoryBuilder::new()
    }

    fn new(
        registry: Registry,
        interval: Duration,
        retention: Duration,
        memory_limit: usize,
        clock: Clock,
    ) -> History {
        let state = PerProcess::new(begin(&registry, interval, retention, memory_limit, &clock));
        let watches = PerProcess::new(Watches::default());
        let shared = Shared { registry, interval, retention, memory_limit, clock, state, watches };
        History { shared: Arc::new(shared) }
    }

    /// Takes down what was recorded since the last tick. To be called once in an [interval](HistoryBuilder::interval), with the
    /// time of the [clock](HistoryBuilder::clock); not where [`init().history(…)`](crate::Init::history) does. Returns false where the last tick
    /// was less than half an interval before: nothing is lost, the next tick has it.
    ///
    /// All [collectors](Registry::add_collector) of the registry run first. The tick itself takes about a microsecond for each series that
    /// changed, and locks out only who asks this history.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::{Duration, SystemTime};
    /// use tachograph::{History, Registry};
    ///
    /// let registry = Registry::new();
    /// let start = SystemTime::now();
    /// let history = History::builder().registry(&registry).clock(move || start).build()?;
    /// assert!(history.tick(start + Duration::from_secs(1)));
    /// assert!(!history.tick(start + Duration::from_millis(1_100)));
    /// # Ok::<(), tachograph::Error>(())
    /// ```
    pub fn tick(&self, now: SystemTime) -> bool {
        // Before the lock: what they do takes its time. What failed is counted.
        let _ = self.shared.registry.collect_all();
        let mut state = self.lock();
        let ticked = state.tick(&self.shared.registry, now);
        let (watched, time) = (state.line.watched(), state.axis.time(state.axis.last()));
        drop(state);
        if ticked {
            self.shared.watches.get(Watches::default).tell(watched, time);
        }
        ticked
    }

    /// A series by its name and labels, in any order; `None` where the registry does not have it.
    pub fn metric(&self, name: &str, labels: &[(&str, &str)]) -> Option<Metric> {
        let pairs = Pairs::new(labels).ok()?;
        let series = self.shared.registry.index().known(name, &pairs)?;
        Some(Metric::new(self.clone(), series))
    }

    /// All series, in the order of names and then of labels.
    pub fn metrics(&self) -> Vec<Metric> {
        let list = self.shared.registry.index().list();
        list.into_iter().map(|series| Metric::new(self.clone(), series)).collect()
    }

    /// What was recorded in a window that ends now, in all series: counters hold their increases, distributions what was
    /// recorded in it, gauges their present value. Series of which nothing is known in the window are left out; so are
    /// those that are idle or removed.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    /// use tachograph::{Format, History, Registry};
    ///
    /// let registry = Registry::new();
    /// let history = History::builder().registry(&registry).build()?;
    /// registry.counter("jobs_total", &[])?.increment(2);
    ///
    /// let minute = history.over(Duration::from_secs(60));
    /// assert_eq!(minute.counter("jobs_total", &[]), Some(2));
    /// assert!(minute.render(Format::Table).contains("jobs_total"));
    /// # Ok::<(), tachograph::Error>(())
    /// ```
    pub fn over(&self, span: Duration) -> Snapshot {
        self.over_with(span, |levels, present| present.unwrap_or(levels.last))
    }

    /// The same, with the means of gauges.
    pub(crate) fn means_over(&self, span: Duration) -> Snapshot {
        self.over_with(span, |levels, _| levels.mean())
    }

    /// The same, with what `level` makes of what ticks saw of a gauge, and of its present value.
    fn over_with(&self, span: Duration, level: fn(&Levels, Option<f64>) -> f64) -> Snapshot {
        let registry = &self.shared.registry;
        let state = self.lock();
        let now = state.now((self.shared.clock)());
        let asked = Asked::until_now(now, nanos_of(span));
        let mut found = Vec::new();
        let mut covered = Duration::ZERO;
        for present in registry.read_all().into_iter().filter(|present| !present.is_out) {
            let Some(window) = window_of(&state, &present, asked) else { continue };
            covered = covered.max(window.span().covered());
            let about = present.series.family().about();
            let (name, labels) = (present.series.name().clone(), present.series.labels().clone());
            let value = value_of(&window, &present, level);
            let made = Series::new(name, labels, about.unit, about.description, value);
            found.push(made.registered(present.series.created()));
        }
        let taken_at = state.axis.time(now.at);
        drop(state);
        Snapshot::new(Parts {
            overhead: registry.overhead(&found),
            series: found,
            taken_at,
            elapsed: covered,
            lints: registry.lints(),
            presentation: Arc::clone(&registry.settings().presentation),
        })
    }

    /// How far it reaches back.
    pub fn retention(&self) -> Duration {
        self.shared.retention
    }

    /// How often it ticks.
    pub fn interval(&self) -> Duration {
        self.shared.interval
    }

    /// What it takes, and what it had to leave out.
    pub fn usage(&self) -> HistoryUsage {
        let state = self.lock();
        HistoryUsage {
            bytes: state.bytes,
            memory_limit: self.shared.memory_limit,
            ticks: state.ticks,
            series: state.known,
            refused: state.refused,
            thinned: state.thinned,
            slots: state.line.lengths(),
            oldest: state.axis.time(state.line.oldest()),
        }
    }

    /// The time of its clock.
    pub(crate) fn clock(&self) -> SystemTime {
        (self.shared.clock)()
    }

    /// Tells it of each tick from now on.
    pub(crate) fn watch(&self, watch: Weak<dyn Watch>) {
        self.shared.watches.get(Watches::default).add(watch);
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        let state = self.shared.state.get(|| self.shared.begin());
        // Poison is ignored: what panics under the lock are allocations; what was not taken down then is in
        // the next tick.
        state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a series did in a window, whether it is new or known; None of one that was refused.
fn window_of(state: &State, now: &Found, asked: Asked) -> Option<Window> {
    match state.track(now.series.number()) {
        Ok(track) => window(state, track, now, asked),
        Err(Untracked::New) => window(state, &state.track_of_new(now), now, asked),
        Err(Untracked::Refused) => None,
    }
}

/// A window as a snapshot has it.
fn value_of(window: &Window, now: &Found, level: fn(&Levels, Option<f64>) -> f64) -> Value {
    match &window.data {
        Data::Counts(counts) if window.kind == Kind::Rate => Value::Rate(counts.increase),
        Data::Counts(counts) => Value::Counter(counts.increase),
        Data::Levels { levels, .. } => Value::Gauge(level(levels, track::level(now))),
        Data::Histogram(histogram) => Value::Histogram(histogram.clone()),
        Data::Timer(timer) => Value::Timer(timer.clone()),
        Data::Summary { histogram, samples } => {
            let values = samples.as_ref().map(Exact::in_time).unwrap_or_default();
            Value::Summary(SummarySnapshot::of_window(histogram.clone(), values))
        }
    }
}

impl fmt::Debug for History {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("History")
            .field("registry", &self.shared.registry)
            .field("interval", &self.shared.interval)
            .field("retention", &self.shared.retention)
            .field("memory_limit", &self.shared.memory_limit)
            .finish_non_exhaustive()
    }
}

/// What a history takes, and what it had to leave out.
#[derive(Debug, Clone)]
pub struct HistoryUsage {
    bytes: usize,
    memory_limit: usize,
    ticks: u64,
    series: usize,
    refused: usize,
    thinned: [u64; ring::RINGS],
    slots: [usize; ring::RINGS],
    oldest: SystemTime,
}

impl HistoryUsage {
    /// The memory that it takes, in bytes, as of the last tick.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// The most that it may take, in bytes.
    pub fn memory_limit(&self) -> usize {
        self.memory_limit
    }

    /// How many ticks there were.
    pub fn ticks(&self) -> u64 {
        self.ticks
    }

    /// How many series it knows.
    pub fn series(&self) -> usize {
        self.series
    }

    /// How many series there was no memory for.
    pub fn refused(&self) -> usize {
        self.refused
    }

    /// How many slots were forgotten before their time, of the finest ring, of that of ten seconds, and of that of minutes.
    pub fn thinned(&self) -> [u64; 3] {
        self.thinned
    }

    /// How many slots there are in each ring, the finest first.
    pub fn slots(&self) -> [usize; 3] {
        self.slots
    }

    /// How far it reaches back.
    pub fn oldest(&self) -> SystemTime {
        self.oldest
    }
}

//! One series and its past.

use std::fmt;
use std::time::{Duration, SystemTime};

use crate::arena::Reading;
use crate::error::Error;
use crate::handle::{Counter, Gauge, Histogram, Summary, Timer};
use crate::history::aggregation::Aggregation;
use crate::history::axis::{Nanos, nanos_of};
use crate::history::gather::Asked;
use crate::history::grid::Grid;
use crate::history::track::level;
use crate::history::window::{Answer, Window};
use crate::history::{History, window_of};
use crate::kind::Kind;
use crate::label::Labels;
use crate::registry;
use crate::sample::Sample;
use crate::snapshot::{Bucket, Found};
use crate::unit::Unit;

/// The window of [`Metric::current`], for kinds that have no value at a moment.
const CURRENT: Duration = Duration::from_secs(60);

/// A view of one series: what it is, what it holds, and its past.
///
/// It is had from [`History::metric`] and [`History::metrics`]. Each call reads the series anew.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use tachograph::{Aggregation, History, Kind, Registry};
///
/// let registry = Registry::new();
/// let history = History::builder().registry(&registry).build()?;
/// let latency = registry.timer("query_seconds", &[("table", "users")])?;
/// for milliseconds in 1..=200 {
///     latency.record(Duration::from_millis(milliseconds));
/// }
///
/// let metric = history.metric("query_seconds", &[("table", "users")]).unwrap();
/// assert_eq!((metric.kind(), metric.count()), (Kind::Timer, Some(200)));
/// let p95 = metric.aggregate(Aggregation::P95, Duration::from_secs(60)).unwrap();
/// assert!((p95.value() / 0.19 - 1.0).abs() < 0.011);
/// # Ok::<(), tachograph::Error>(())
/// ```
#[derive(Clone)]
pub struct Metric {
    history: History,
    series: &'static registry::Series,
}

impl Metric {
    pub(super) fn new(history: History, series: &'static registry::Series) -> Metric {
        Metric { history, series }
    }

    /// The metric's name, as the program wrote it.
    pub fn name(&self) -> &str {
        self.series.name().as_str()
    }

    /// The labels, in the order of their keys.
    pub fn labels(&self) -> &Labels {
        self.series.labels()
    }

    /// The metric's kind.
    pub fn kind(&self) -> Kind {
        self.series.kind()
    }

    /// The unit, when one was described.
    pub fn unit(&self) -> Option<Unit> {
        self.series.family().about().unit
    }

    /// The help text, when there is one.
    pub fn description(&self) -> Option<String> {
        self.series.family().about().description.map(|text| text.to_string())
    }

    /// When it was registered, by the system's clock.
    pub fn created_at(&self) -> SystemTime {
        self.series.created()
    }

    /// The last tick that saw something new in it, or now, if something came since; `None` where nothing did since the
    /// history began.
    pub fn updated_at(&self) -> Option<SystemTime> {
        let state = self.history.lock();
        let now = self.read();
        match state.track(self.series.number()) {
            Ok(track) if track.is_new(&now) => Some(self.history.clock()),
            Ok(track) => track.updated.map(|at| state.axis.time(at)),
            Err(_) => None,
        }
    }

    /// How far its past reaches back.
    pub fn retention(&self) -> Duration {
        self.history.retention()
    }

    /// What it is now: the total of a counter, the value of a gauge, the rate of a rate and the mean of a histogram, timer or
    /// summary over the last minute. `None` where there is none: of a gauge that was removed, of a distribution without values in
    /// that minute.
    pub fn current(&self) -> Option<f64> {
        match self.kind() {
            Kind::Counter => self.total(),
            Kind::Gauge => level(&self.read()),
            _ => self.aggregate(Aggregation::Average, CURRENT).map(|answer| answer.value()),
        }
    }

    /// All that was ever recorded, added up: the total of a counter or rate, the sum of the values of a distribution; the value of
    /// a gauge. Since a reset, where there was one.
    pub fn total(&self) -> Option<f64> {
        let now = self.read();
        match &now.reading {
            Reading::Counter(total) => Some(*total as f64),
            Reading::Gauge(_) => level(&now),
            Reading::Histogram(_) | Reading::Timer(_) => Some(now.distribution()?.sum()),
        }
    }

    /// How many values were ever recorded, or a counter or rate counted; `None` of a gauge.
    pub fn count(&self) -> Option<u64> {
        let now = self.read();
        match &now.reading {
            Reading::Counter(total) => Some(*total),
            Reading::Gauge(_) => None,
            Reading::Histogram(_) | Reading::Timer(_) => Some(now.distribution()?.count()),
        }
    }

    /// The least value that was ever recorded, of a distribution; of a gauge the least that a tick saw, and of a counter or rate the
    /// lowest rate, within the retention. `None` without values.
    pub fn min(&self) -> Option<f64> {
        self.extreme(Aggregation::Min)
    }

    /// The greatest; see [`min`](Metric::min).
    pub fn max(&self) -> Option<f64> {
        self.extreme(Aggregation::Max)
    }

    fn extreme(&self, which: Aggregation) -> Option<f64> {
        let Some(histogram) = self.read().distribution() else {
            return self.aggregate(which, self.retention()).map(|answer| answer.value());
        };
        if which == Aggregation::Min { histogram.min() } else { histogram.max() }
    }

    /// Records a value: increments a counter or rate by a whole number, sets a gauge, records into a distribution; into a
    /// timer seconds. A summary keeps it with the time of the history's clock.
    ///
    /// # Errors
    ///
    /// When the value cannot be recorded to this kind: a counter or rate takes whole numbers from 0 to 2^53, a timer none below 0,
    /// and none but a gauge takes NaN or an infinity.
    ///
    /// # Examples
    ///
    /// ```
    /// use tachograph::{History, Registry};
    ///
    /// let registry = Registry::new();
    /// let history = History::builder().registry(&registry).build()?;
    /// registry.counter("jobs_total", &[])?;
    ///
    /// let jobs = history.metric("jobs_total", &[]).unwrap();
    /// jobs.record(2.0)?;
    /// assert_eq!(jobs.current(), Some(2.0));
    /// let error = jobs.record(-1.0).unwrap_err();
    /// assert_eq!(error.to_string(), "counter `jobs_total` cannot take -1: record a whole number from 0 to 2^53");
    /// # Ok::<(), tachograph::Error>(())
    /// ```
    pub fn record(&self, value: f64) -> Result<(), Error> {
        const WHOLE_MAX: f64 = 9_007_199_254_740_992.0;
        let refuse = |remedy: &str| {
            let (kind, name) = (self.kind(), self.name());
            Error::invalid(format!("{kind} `{name}` cannot take {value}: {remedy}"))
        };
        match self.kind() {
            Kind::Counter | Kind::Rate => {
                if value.fract() != 0.0 || !(0.0..=WHOLE_MAX).contains(&value) {
                    return Err(refuse("record a whole number from 0 to 2^53"));
                }
                if let Some(cell) = self.series.cell() {
                    Counter::new(cell).increment(value as u64);
                }
            }
            Kind::Gauge => {
                if let Some(cell) = self.series.cell() {
                    Gauge::new(cell).set(value);
                }
            }
            Kind::Timer => {
                let duration = Duration::try_from_secs_f64(value);
                let duration = duration.map_err(|_| refuse("record seconds, 0 or more"))?;
                if let Some(slot) = self.series.distribution() {
                    Timer::new(slot).record(duration);
                }
            }
            Kind::Histogram | Kind::Summary => {
                if !value.is_finite() {
                    return Err(refuse("record a finite number"));
                }
                match self.series.distribution() {
                    Some(slot) if self.kind() == Kind::Summary => {
                        let sample = Sample::new(value).at(self.history.clock());
                        Summary::new(slot).record_sample(sample);
                    }
                    Some(slot) => Histogram::new(slot).record(value),
                    None => {}
                }
            }
        }
        Ok(())
    }

    /// One aggregate over a window that ends now; what it means for which kind stands at [`Aggregation`]. `None` where there is no
    /// value that it could be of, and where the history knows nothing of the window.
    pub fn aggregate(&self, aggregation: Aggregation, window: Duration) -> Option<Answer> {
        let window = self.window(window)?;
        let value = window.aggregate(aggregation)?;
        Some(Answer { value, span: window.span() })
    }

    /// How fast it went over a window that ends now; see [`Window::rate`].
    pub fn rate(&self, window: Duration) -> Option<Answer> {
        let window = self.window(window)?;
        Some(Answer { value: window.rate()?, span: window.span() })
    }

    /// A quantile over a window that ends now; see [`Window::quantile`].
    pub fn quantile(&self, q: f64, window: Duration) -> Option<Answer> {
        self.aggregate(Aggregation::Quantile(q), window)
    }

    /// All that is kept, in `n` ranges of equal width; see [`Window::buckets`].
    pub fn buckets(&self, n: usize) -> Vec<Bucket> {
        self.window(self.retention()).map_or_else(Vec::new, |window| window.buckets(n))
    }

    /// What came in a window that ends now, for several aggregates of one and the same; `None` where nothing is known of it.
    pub fn window(&self, window: Duration) -> Option<Window> {
        let state = self.history.lock();
        let now = state.now(self.history.clock());
        window_of(&state, &self.read(), Asked::until_now(now, nanos_of(window)))
    }

    /// What came between two moments; see [`window`](Metric::window). Where the second one is not before the last tick, until now.
    pub fn between(&self, from: SystemTime, to: SystemTime) -> Option<Window> {
        if to <= from {
            return None;
        }
        let state = self.history.lock();
        let now = state.now(self.history.clock());
        let until = Some(state.axis.place(to)).filter(|until| *until < state.line.last());
        // The slot that it ends in is part of it.
        let until = until.map(|until| state.line.border_from(until));
        let asked = Asked { after: state.axis.place(from), until, now };
        window_of(&state, &self.read(), asked)
    }

    /// A window that ends now in `n` parts of equal length, the oldest first, as for a chart. The parts share no slot, and each
    /// is as long as its slots are; `None` stands where nothing is known.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::{Duration, SystemTime};
    /// use tachograph::{History, Registry};
    ///
    /// let registry = Registry::new();
    /// let jobs = registry.counter("jobs_total", &[])?;
    /// let start = SystemTime::now();
    /// let history = History::builder().registry(&registry).clock(move || start).build()?;
    /// for second in 1..=60 {
    ///     jobs.increment(if second > 40 { 3 } else { 1 });
    ///     history.tick(start + Duration::from_secs(second));
    /// }
    ///
    /// let parts = history.metric("jobs_total", &[]).unwrap().parts(Duration::from_secs(60), 3);
    /// let rates: Vec<_> = parts.iter().map(|part| part.as_ref().unwrap().rate().unwrap()).collect();
    /// assert_eq!(rates, [1.0, 1.0, 3.0]);
    /// # Ok::<(), tachograph::Error>(())
    /// ```
    pub fn parts(&self, window: Duration, n: usize) -> Vec<Option<Window>> {
        let state = self.history.lock();
        let now = state.now(self.history.clock());
        let length = nanos_of(window).min(now.at);
        // In whole nanoseconds, so that no two borders are in the wrong order.
        let border = |place: usize| -> Nanos {
            now.at - length + (u128::from(length) * place as u128 / n as u128) as Nanos
        };
        let present = self.read();
        let part = |place: usize| {
            let until = (place + 1 < n).then(|| border(place + 1));
            let until = until.filter(|until| *until < state.line.last());
            let after = border(place);
            if place > 0 && after >= state.line.last() {
                // What came since the last tick belongs to the part that the last tick lies in.
                return None;
            }
            window_of(&state, &present, Asked { after, until, now })
        };
        (0..n).map(part).collect()
    }

    /// A window that ends now in at most `most` parts that begin at [round times](Grid), one more where the window touches it, the
    /// oldest first. The parts share no slot: what a slot has is in the part that it ends in. `None` stands where nothing is known.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::{Duration, SystemTime};
    /// use tachograph::{History, Registry};
    ///
    /// let registry = Registry::new();
    /// let jobs = registry.counter("jobs_total", &[])?;
    /// let start = SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000);
    /// let history = History::builder().registry(&registry).clock(move || start).build()?;
    /// for second in 1..=25 {
    ///     jobs.increment(1);
    ///     history.tick(start + Duration::from_secs(second));
    /// }
    ///
    /// let metric = history.metric("jobs_total", &[]).unwrap();
    /// let (grid, parts) = metric.parts_on_grid(Duration::from_secs(20), 2);
    /// assert_eq!((grid.begin(), grid.len()), (start, 3));
    /// let rates: Vec<_> = parts.iter().map(|part| part.as_ref().unwrap().rate().unwrap()).collect();
    /// assert_eq!(rates, [1.0, 1.0, 1.0]);
    /// # Ok::<(), tachograph::Error>(())
    /// ```
    pub fn parts_on_grid(&self, window: Duration, most: usize) -> (Grid, Vec<Option<Window>>) {
        let state = self.history.lock();
        let now = state.now(self.history.clock());
        let (grid, parts) = Grid::new(&state, nanos_of(window), most, now);
        let present = self.read();
        (grid, parts.into_iter().map(|asked| window_of(&state, &present, asked)).collect())
    }

    fn read(&self) -> Found {
        self.history.shared.registry.read_one(self.series)
    }
}

impl fmt::Debug for Metric {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Metric")
            .field("name", &self.name())
            .field("labels", self.labels())
            .field("kind", &self.kind())
            .finish_non_exhaustive()
    }
}

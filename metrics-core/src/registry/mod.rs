//! The registry: names, labels and kinds over the arena's slots.
//!
//! There is one global registry, made at its first use; macros record into it. Further ones are
//! catalogues of their own over the same memory. A registry finds and registers series, notices
//! broken conventions, and can reset and remove; reading all of it is the affair of `snapshot`.

mod bounds;
mod buckets;
mod builder;
mod catalogue;
mod collect;
mod describe;
mod family;
mod index;
mod lint;
mod listing;
mod moment;
mod overflow;
mod own;
mod pattern;
mod place;
mod rebuild;
mod record;
mod series;
mod settings;
mod wanted;
mod wishes;

use std::fmt;
use std::panic::Location;
use std::ptr;
use std::sync::Arc;
use std::sync::atomic::Ordering::{AcqRel, Acquire, Relaxed};
use std::sync::atomic::{AtomicPtr, AtomicU64};

use once_cell::race::OnceBox;

use crate::arena;
use crate::error::Error;
use crate::handle::{Counter, Gauge, Histogram, Rate, Summary, Timer};
use crate::kind::Kind;
use crate::unit::Unit;

pub use buckets::Buckets;
pub use builder::RegistryBuilder;
use collect::Collectors;
pub use collect::{Collect, CollectFailure, CollectReport, Collected, FailureReason};
pub(crate) use family::FamilyHint;
pub(crate) use index::Index;
pub use lint::Lint;
pub(crate) use listing::Version;
#[cfg(feature = "system")]
pub(crate) use moment::Moment;
pub(crate) use own::Own;
#[cfg(test)]
pub(crate) use pattern::Pattern;
pub(crate) use place::Place;
pub(crate) use series::{Series, is_out};
use settings::CurrentSettings;
pub(crate) use settings::Settings;
pub(crate) use wanted::Wanted;
pub(crate) use wishes::Wishes;

/// Series of registries that were dropped; their slots are not given out again.
static ABANDONED: AtomicU64 = AtomicU64::new(0);

/// Made by whoever is first; a loser of the race drops an empty index, and no one ever waits.
static GLOBAL: OnceBox<Registry> = OnceBox::new();

/// The global registry, which the macros record into.
///
/// # Examples
///
/// ```
/// tachograph::counter!("lines_total").increment(3);
/// assert_eq!(tachograph::registry().snapshot().counter("lines_total", &[]), Some(3));
/// ```
pub fn registry() -> &'static Registry {
    GLOBAL.get_or_init(|| {
        // What the program's allocator records meanwhile must not come here again.
        let _slow = arena::enter_slow_path();
        Box::new(Registry::with_number(0, Settings::default()))
    })
}

/// A catalogue of metrics.
///
/// Most programs use the global one through the macros and [`registry`]. A registry of one's own
/// keeps the metrics of a test or of a part of a program apart; it has the same methods. Handles stay
/// valid after their registry is dropped; what they record is then no longer read. A clone is the same
/// registry, which is dropped with the last of them.
///
/// # Examples
///
/// ```
/// use tachograph::Registry;
///
/// let registry = Registry::new();
/// let hits = registry.counter("cache_hits_total", &[("cache", "users")])?;
/// hits.increment(2);
/// assert_eq!(registry.snapshot().counter("cache_hits_total", &[("cache", "users")]), Some(2));
/// # Ok::<(), tachograph::Error>(())
/// ```
#[derive(Clone)]
pub struct Registry {
    shared: Arc<Shared>,
}

/// What a registry is.
struct Shared {
    number: u32,
    /// Lives as long as the index, which outlives the registry.
    settings: &'static CurrentSettings,
    /// Replaced, and left behind, in a forked child.
    index: AtomicPtr<Index>,
    collectors: Collectors,
}

impl Registry {
    /// A registry of one's own, with the default settings.
    pub fn new() -> Registry {
        Registry::builder().build()
    }

    /// Settings for a registry of one's own.
    pub fn builder() -> RegistryBuilder {
        RegistryBuilder::default()
    }

    fn with_number(number: u32, settings: Settings) -> Registry {
        arena::watch_forks();
        let settings: &CurrentSettings = Box::leak(Box::new(CurrentSettings::new(settings)));
        let index = Box::into_raw(Box::new(Index::new(number, settings)));
        let (index, collectors) = (AtomicPtr::new(index), Collectors::new());
        let shared = Shared { number, settings, index, collectors };
        Registry { shared: Arc::new(shared) }
    }

    /// The counter of that name and those labels, registered if it is new.
    ///
    /// # Errors
    ///
    /// When the name or a label breaks its rules, when the name belongs to another kind
    /// ([`Error::is_conflict`]), or when there is no memory ([`Error::is_overflow`]). At the cap of a
    /// name there is no error: the handle is that of its overflow series.
    #[track_caller]
    pub fn counter(&self, name: &str, labels: &[(&str, &str)]) -> Result<Counter, Error> {
        let series = self.at_run_time(Kind::Counter, name, labels, None, Location::caller())?;
        series.cell().map(Counter::new).ok_or_else(no_such_slot)
    }

    /// The gauge of that name and those labels, registered if it is new.
    ///
    /// # Errors
    ///
    /// As for [`counter`](Registry::counter).
    #[track_caller]
    pub fn gauge(&self, name: &str, labels: &[(&str, &str)]) -> Result<Gauge, Error> {
        let series = self.at_run_time(Kind::Gauge, name, labels, None, Location::caller())?;
        series.cell().map(Gauge::new).ok_or_else(no_such_slot)
    }

    /// The histogram of that name and those labels, registered if it is new.
    ///
    /// # Errors
    ///
    /// As for [`counter`](Registry::counter).
    #[track_caller]
    pub fn histogram(&self, name: &str, labels: &[(&str, &str)]) -> Result<Histogram, Error> {
        let series = self.at_run_time(Kind::Histogram, name, labels, None, Location::caller())?;
        series.distribution().map(Histogram::new).ok_or_else(no_such_slot)
    }

    /// As [`histogram`](Registry::histogram), with buckets of one's own. The first buckets of a name
    /// win; others are noted as a [lint](Registry::lints).
    ///
    /// # Errors
    ///
    /// As for [`counter`](Registry::counter), and when the buckets are not possible.
    #[track_caller]
    pub fn histogram_with(
        &self,
        name: &str,
        labels: &[(&str, &str)],
        buckets: Buckets,
    ) -> Result<Histogram, Error> {
        let series =
            self.at_run_time(Kind::Histogram, name, labels, Some(&buckets), Location::caller())?;
        series.distribution().map(Histogram::new).ok_or_else(no_such_slot)
    }

    /// The timer of that name and those labels, registered if it is new.
    ///
    /// # Errors
    ///
    /// As for [`counter`](Registry::counter).
    #[track_caller]
    pub fn timer(&self, name: &str, labels: &[(&str, &str)]) -> Result<Timer, Error> {
        let series = self.at_run_time(Kind::Timer, name, labels, None, Location::caller())?;
        series.distribution().map(Timer::new).ok_or_else(no_such_slot)
    }

    /// As [`timer`](Registry::timer), with buckets of one's own, in seconds.
    ///
    /// # Errors
    ///
    /// As for [`histogram_with`](Registry::histogram_with).
    #[track_caller]
    pub fn timer_with(
        &self,
        name: &str,
        labels: &[(&str, &str)],
        buckets: Buckets,
    ) -> Result<Timer, Error> {
        let series =
            self.at_run_time(Kind::Timer, name, labels, Some(&buckets), Location::caller())?;
        series.distribution().map(Timer::new).ok_or_else(no_such_slot)
    }

    /// The rate of that name and those labels, registered if it is new.
    ///
    /// # Errors
    ///
    /// As for [`counter`](Registry::counter).
    #[track_caller]
    pub fn rate(&self, name: &str, labels: &[(&str, &str)]) -> Result<Rate, Error> {
        let series = self.at_run_time(Kind::Rate, name, labels, None, Location::caller())?;
        series.cell().map(Rate::new).ok_or_else(no_such_slot)
    }

    /// The summary of that name and those labels, registered if it is new.
    ///
    /// # Errors
    ///
    /// As for [`counter`](Registry::counter).
    #[track_caller]
    pub fn summary(&self, name: &str, labels: &[(&str, &str)]) -> Result<Summary, Error> {
        let series = self.at_run_time(Kind::Summary, name, labels, None, Location::caller())?;
        series.distribution().map(Summary::new).ok_or_else(no_such_slot)
    }

    /// As [`summary`](Registry::summary), with buckets of one's own for what is no longer kept as it was.
    ///
    /// # Errors
    ///
    /// As for [`histogram_with`](Registry::histogram_with).
    #[track_caller]
    pub fn summary_with(
        &self,
        name: &str,
        labels: &[(&str, &str)],
        buckets: Buckets,
    ) -> Result<Summary, Error> {
        let series =
            self.at_run_time(Kind::Summary, name, labels, Some(&buckets), Location::caller())?;
        series.distribution().map(Summary::new).ok_or_else(no_such_slot)
    }

    /// Gives a metric its unit and a description, whether it is registered yet or not. The first of
    /// each wins; others are noted as a [lint](Registry::lints), and blank text says nothing. A timer whose unit is one of time when it is
    /// registered is recorded and exported in that unit; all others are in seconds.
    ///
    /// # Errors
    ///
    /// When the name breaks its rules, and when 10,000 others are described that nothing was recorded to.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    /// use tachograph::{Registry, Unit};
    ///
    /// let registry = Registry::new();
    /// registry.describe("job_milliseconds", Some(Unit::Milliseconds), "How long jobs take.")?;
    /// registry.timer("job_milliseconds", &[])?.record(Duration::from_millis(20));
    ///
    /// let snapshot = registry.snapshot();
    /// let jobs = snapshot.timer("job_milliseconds", &[]).unwrap();
    /// assert!(jobs.total().abs_diff(Duration::from_millis(20)) < Duration::from_micros(1));
    /// assert!((jobs.histogram().sum() - 20.0).abs() < 1e-3);
    /// # Ok::<(), tachograph::Error>(())
    /// ```
    pub fn describe(&self, name: &str, unit: Option<Unit>, description: &str) -> Result<(), Error> {
        self.index().describe(name, unit, Some(description))
    }

    /// What was noticed about the metrics: conventions broken, names in conflict, caps reached.
    /// Sorted by metric.
    ///
    /// # Examples
    ///
    /// ```
    /// let registry = tachograph::Registry::new();
    /// registry.gauge("jobs_total", &[])?;
    /// assert!(registry.lints()[0].message().contains("`_total`"));
    /// # Ok::<(), tachograph::Error>(())
    /// ```
    pub fn lints(&self) -> Vec<Lint> {
        let mut lints = self.index().lints();
        if self.is_global() && arena::usage().is_small {
            let message = "address space is limited (RLIMIT_AS): there is room for fewer threads, \
                           histograms and timers than usual";
            lints.push(Lint::new("tachograph_reserved_bytes", message.to_owned()));
        }
        lints
    }

    /// Lets every series of a name begin from zero. Returns how many there were.
    ///
    /// No thread's memory is written: what was recorded so far is kept as a baseline and subtracted.
    /// Counts and buckets are exact; after a reset the range of a histogram is that of its buckets.
    pub fn reset(&self, name: &str) -> usize {
        let _idle = self.index().lock_idle();
        self.rebase(name).len()
    }

    /// Lets the series of a name begin from zero. The caller holds the index's lock for idle series.
    fn rebase(&self, name: &str) -> Vec<&'static Series> {
        let series = self.named(name);
        let requests: Vec<_> = series.iter().map(|series| series.request()).collect();
        arena::rebase(&requests);
        series.iter().for_each(|series| series.forget());
        series
    }

    /// Takes every series of a name out of snapshots, and gives its places under the cap back.
    /// Returns how many there were. A series comes back, from zero, when it is recorded to.
    pub fn remove(&self, name: &str) -> usize {
        let _idle = self.index().lock_idle();
        self.rebase(name).into_iter().filter(|series| series.remove()).count()
    }

    /// Takes one series out of snapshots until it is recorded to.
    pub(crate) fn remove_series(&self, series: &'static Series) {
        let _idle = self.index().lock_idle();
        arena::rebase(&[series.request()]);
        series.forget();
        series.remove();
    }

    /// The series of a name. One that was removed and recorded to since is back, whether a snapshot has
    /// noticed or not.
    fn named(&self, name: &str) -> Vec<&'static Series> {
        let mut list = self.index().list();
        list.retain(|series| series.name().as_str() == name);
        for series in &list {
            let removals = series.removals();
            if is_out(removals) && !series.still_holds(&arena::read_one(series.request())) {
                series.bring_back(removals);
            }
        }
        list
    }

    /// Asked for by name at run time, outside the slow path of a macro's site.
    fn at_run_time(
        &self,
        kind: Kind,
        name: &str,
        labels: &[(&str, &str)],
        buckets: Option<&Buckets>,
        caller: &'static Location<'static>,
    ) -> Result<&'static Series, Error> {
        let Some(_slow) = arena::enter_slow_path() else {
            // A fixed text: an allocator that asks would come here again for any other.
            return Err(Error::overflow(
                "a metric was asked for by the allocator while another one was being registered: \
                 ask for it earlier",
            ));
        };
        let place = Place::of(caller);
        let plain = Wanted::plain(kind, name, labels, place);
        let wanted = Wanted { capped: true, is_named_at_run_time: true, buckets, ..plain };
        self.index().series(&wanted)
    }

    /// The index of this process.
    pub(crate) fn index(&self) -> &Index {
        self.shared.index()
    }

    /// What the program says of the whole registry.
    pub(crate) fn settings(&self) -> &'static Settings {
        self.shared.settings.get()
    }

    /// Says something of the whole registry.
    pub(crate) fn change_settings(&self, change: impl Fn(&mut Settings)) {
        self.shared.settings.change(change);
        self.index().settings_changed();
    }

    /// Lets `wishes` hold, and keeps what cannot be among the lints.
    pub(crate) fn fulfil(&self, wishes: &Wishes) {
        if !wishes.are_none() {
            self.change_settings(|settings| wishes.change(settings));
        }
        for lint in wishes.refused() {
            self.index().lock().note(lint.clone());
        }
    }

    /// Its number in this process; 0 is the global one.
    pub(crate) fn number(&self) -> u32 {
        self.shared.number
    }

    pub(crate) fn is_global(&self) -> bool {
        self.shared.number == 0
    }
}

impl Shared {
    /// The index of this process.
    fn index(&self) -> &Index {
        // Acquire: pairs with the Release below, or with whatever handed this registry over.
        let now = self.index.load(Acquire);
        // SAFETY: the pointer comes from a `Box` that is only freed when the registry is dropped.
        let index = unsafe { &*now };
        if index.is_of_this_process() { index } else { self.renew(now) }
    }

    /// Makes the index of a forked child. The parent's is left behind as it is: its locks may be held
    /// by threads that do not exist here.
    #[cold]
    fn renew(&self, old: *mut Index) -> &Index {
        let fresh = Box::into_raw(Box::new(Index::new(self.number, self.settings)));
        match self.index.compare_exchange(old, fresh, AcqRel, Acquire) {
            // SAFETY: just made, and now owned by the registry.
            Ok(_) => unsafe { &*fresh },
            Err(_) => {
                // SAFETY: just made, and nobody else has seen it.
                drop(unsafe { Box::from_raw(fresh) });
                self.index()
            }
        }
    }
}

/// The pointer to the index says nothing of it: it is shared between threads like a reference.
const _: () = {
    const fn shared_between_threads<T: Send + Sync>() {}
    shared_between_threads::<Index>();
    shared_between_threads::<Settings>();
    // The same holds for the pointers in families and hints.
    shared_between_threads::<family::Family>();
    shared_between_threads::<Series>();
};

/// Series of dropped registries.
pub(crate) fn abandoned() -> u64 {
    // Relaxed: a total that stands alone.
    ABANDONED.load(Relaxed)
}

fn no_such_slot() -> Error {
    Error::conflict("the series holds a slot of another kind")
}

impl Default for Registry {
    fn default() -> Registry {
        Registry::new()
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        let index = std::mem::replace(self.index.get_mut(), ptr::null_mut());
        // SAFETY: made from a `Box`, and nobody else has the registry any more.
        let index = unsafe { Box::from_raw(index) };
        if index.is_of_this_process() {
            // Relaxed: a total that stands alone.
            ABANDONED.fetch_add(index.len() as u64, Relaxed);
        }
        index.keep();
    }
}

impl fmt::Debug for Registry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Registry")
            .field("number", &self.shared.number)
            .field("series", &self.index().len())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;

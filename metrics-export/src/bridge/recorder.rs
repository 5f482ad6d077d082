//! A recorder for the crate `metrics`, whose macros ask it for a handle at each use.

use std::cell::Cell;
use std::hash::{DefaultHasher, Hasher};
use std::ptr;
use std::sync::Arc;

use metrics::{Key, KeyName, Metadata, Recorder, SharedString};
use tachograph::__private::bridge::{Bridged, CONFLICT, NESTED, bridged, refused};
use tachograph::{Counter, Gauge, Histogram, Registry, Unit};

use crate::bridge::cache::Cache;
use crate::bridge::shared::{Adapter, Handle, Shared};
use crate::error::Error;

/// Stands in messages where macros have a line of the source, which `metrics` does not tell.
const CALLER: &str = "a call of the crate `metrics`";

/// What libraries record through the crate `metrics` lands in a registry.
///
/// [Install](MetricsBridge::install) it once, early: `metrics` drops what is recorded before. Or use it on one
/// thread, as in the example. What is recorded is what was said: names and labels as they are written, values
/// as they are given, histograms with exponential buckets from the first value on. Nothing is converted. What a
/// metric is described as, and in which unit, is taken over; the first description wins.
///
/// # Labels
///
/// All of them count as known only at run time: a name has 2,000 series, as with
/// [`max_series`](tachograph::Init::max_series), and what finds no place goes to one series labelled
/// `otel_metric_overflow="true"`; series that stand still leave with
/// [`idle_timeout`](tachograph::Init::idle_timeout) and come back. A name that belongs to another kind, and
/// names and labels that are not possible, are dropped, counted in `tachograph_dropped_total`, and told by
/// [`lints`](Registry::lints).
///
/// # What it costs
///
/// The bridge finds a series that it knows without a lock and without an allocation; `metrics` itself allocates
/// where labels are known only at run time. It remembers 16,384 series of each kind, and as many descriptions;
/// others, and those that find no place, are asked for each time, which takes a short lock. A handle that is kept, as `let requests = metrics::counter!("requests_total");`, is asked for once.
///
/// # Examples
///
/// ```
/// use tachograph::Registry;
/// use tachograph_export::MetricsBridge;
///
/// let registry = Registry::new();
/// metrics::with_local_recorder(&MetricsBridge::of(&registry), || {
///     metrics::counter!("requests_total", "method" => "GET").increment(2);
///     metrics::histogram!("request_seconds").record(0.25);
/// });
///
/// let snapshot = registry.snapshot();
/// assert_eq!(snapshot.counter("requests_total", &[("method", "GET")]), Some(2));
/// assert_eq!(snapshot.histogram("request_seconds", &[]).unwrap().sum(), 0.25);
/// ```
#[derive(Debug)]
pub struct MetricsBridge {
    registry: Registry,
    counters: Known<Counter>,
    gauges: Known<Gauge>,
    histograms: Known<Histogram>,
    described: Cache<KeyName, Description>,
}

impl MetricsBridge {
    /// A bridge to the global registry.
    pub fn new() -> MetricsBridge {
        MetricsBridge::of(tachograph::registry())
    }

    /// A bridge to a registry of one's own.
    pub fn of(registry: &Registry) -> MetricsBridge {
        MetricsBridge {
            registry: registry.clone(),
            counters: Known::new(),
            gauges: Known::new(),
            histograms: Known::new(),
            described: Cache::new(),
        }
    }

    /// Makes it the recorder of the process, for good.
    ///
    /// # Errors
    ///
    /// When `metrics` has one already.
    ///
    /// # Examples
    ///
    /// ```
    /// use tachograph_export::MetricsBridge;
    ///
    /// MetricsBridge::new().install()?;
    /// metrics::counter!("jobs_total").increment(1);
    /// assert_eq!(tachograph::registry().snapshot().counter("jobs_total", &[]), Some(1));
    ///
    /// let error = MetricsBridge::new().install().unwrap_err();
    /// assert!(error.to_string().contains("another recorder"));
    /// # Ok::<(), tachograph_export::Error>(())
    /// ```
    pub fn install(self) -> Result<(), Error> {
        metrics::set_global_recorder(self).map_err(|_| {
            Error::already_installed(
                "the crate `metrics` has another recorder already, and keeps it: install the bridge before, or use \
                 it on a thread with `metrics::with_local_recorder`",
            )
        })
    }

    fn describe(&self, name: KeyName, unit: Option<metrics::Unit>, text: SharedString) {
        let hash = hash_of(name.as_str());
        let description = Description { unit, text };
        // Macros that describe do so at each use.
        if self.described.find(hash, |known| *known == name) == Some(&description) {
            return;
        }
        let Some(_outermost) = Outermost::enter() else { return };
        let unit = unit.and_then(|unit| Unit::from_string(unit.as_str()));
        // A name that is refused is told when it is recorded to.
        if self.registry.describe(name.as_str(), unit, &description.text).is_ok() {
            self.described.insert(hash, || (name, description));
        }
    }
}

impl Default for MetricsBridge {
    fn default() -> MetricsBridge {
        MetricsBridge::new()
    }
}

impl Recorder for MetricsBridge {
    fn describe_counter(&self, name: KeyName, unit: Option<metrics::Unit>, text: SharedString) {
        self.describe(name, unit, text);
    }

    fn describe_gauge(&self, name: KeyName, unit: Option<metrics::Unit>, text: SharedString) {
        self.describe(name, unit, text);
    }

    fn describe_histogram(&self, name: KeyName, unit: Option<metrics::Unit>, text: SharedString) {
        self.describe(name, unit, text);
    }

    fn register_counter(&self, key: &Key, _metadata: &Metadata<'_>) -> metrics::Counter {
        metrics::Counter::from_arc(self.counters.find(&self.registry, key))
    }

    fn register_gauge(&self, key: &Key, _metadata: &Metadata<'_>) -> metrics::Gauge {
        metrics::Gauge::from_arc(self.gauges.find(&self.registry, key))
    }

    fn register_histogram(&self, key: &Key, _metadata: &Metadata<'_>) -> metrics::Histogram {
        metrics::Histogram::from_arc(self.histograms.find(&self.registry, key))
    }
}

#[derive(Debug, PartialEq)]
struct Description {
    unit: Option<metrics::Unit>,
    text: SharedString,
}

/// The series of one kind that were asked for.
#[derive(Debug)]
struct Known<H> {
    series: Cache<Key, Shared<H>>,
    /// What takes the place of series of a name that find none.
    names: Cache<KeyName, Instead<H>>,
    /// What drops and counts, by reason. Made before, as all else is remembered: were it made at each use, an
    /// allocator that counts what is freed would ask for it again when it is freed.
    refused: Vec<Arc<Adapter<H>>>,
}

impl<H: Handle> Known<H> {
    fn new() -> Known<H> {
        let refused = refused().map(|found| Adapter::new(H::of(found)));
        Known { series: Cache::new(), names: Cache::new(), refused: refused.into() }
    }

    #[inline(always)]
    fn find(&self, registry: &Registry, key: &Key) -> Arc<Adapter<H>> {
        let known = self.series.find(key.get_hash(), |known| is_same(known, key));
        known.and_then(Shared::get).unwrap_or_else(|| self.find_slowly(registry, key))
    }

    #[cold]
    #[inline(never)]
    fn find_slowly(&self, registry: &Registry, key: &Key) -> Arc<Adapter<H>> {
        let Some(_outermost) = Outermost::enter() else { return self.refused[NESTED].clone() };
        if let Some(known) = self.series.find(key.get_hash(), |known| is_same(known, key)) {
            return known.get_or_make();
        }
        let hash = hash_of(key.name());
        let instead = self.names.find(hash, |known| known.as_str() == key.name());
        if let Some(Instead::Conflict) = instead {
            return self.refused[CONFLICT].clone();
        }
        match ask::<H>(registry, key) {
            Bridged::Series(found) => {
                let handle = H::of(found);
                let new = || (key.clone(), Shared::new(handle));
                let known = self.series.insert(key.get_hash(), new);
                known.map_or_else(|| Adapter::new(handle), Shared::get_or_make)
            }
            Bridged::Overflow(found) => {
                let handle = H::of(found);
                let new = || (key.name_shared(), Instead::Overflow(Shared::new(handle)));
                match instead.or_else(|| self.names.insert(hash, new)) {
                    Some(Instead::Overflow(known)) => known.get_or_make(),
                    _ => Adapter::new(handle),
                }
            }
            Bridged::Refused(reason) => {
                if reason == CONFLICT {
                    self.names.insert(hash, || (key.name_shared(), Instead::Conflict));
                }
                self.refused[reason].clone()
            }
        }
    }
}

/// What calls with a name may find in the place of a series. Where a cache is full, it is made for one use.
#[derive(Debug)]
enum Instead<H> {
    /// The overflow series, as long as there is no room.
    Overflow(Shared<H>),
    /// Nothing: the name belongs to another kind, for good.
    Conflict,
}

fn hash_of(name: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    hasher.write(name.as_bytes());
    hasher.finish()
}

fn ask<H: Handle>(registry: &Registry, key: &Key) -> Bridged {
    /// As many labels are handed on without an allocation.
    const FEW: usize = 8;
    let mut few = [("", ""); FEW];
    let labels = key.labels().map(|label| (label.key(), label.value()));
    if labels.len() > FEW {
        let labels: Vec<_> = labels.collect();
        return bridged(registry, H::KIND, key.name(), &labels, CALLER);
    }
    let count = labels.len();
    few.iter_mut().zip(labels).for_each(|(place, label)| *place = label);
    bridged(registry, H::KIND, key.name(), &few[..count], CALLER)
}

/// Keys are the same in whatever order their labels are; `metrics` allocates to find that out where there are
/// many, and they mostly are in the same. Those of a call whose labels are literals are in one place, too.
#[inline(always)]
fn is_same(known: &Key, key: &Key) -> bool {
    let (mine, others) = (known.labels().as_slice(), key.labels().as_slice());
    known.name() == key.name() && (ptr::eq(mine, others) || mine == others || known == key)
}

/// Held by a thread that asks the registry or remembers: an allocator that records meanwhile comes no further.
struct Outermost(());

thread_local! {
    static IS_ASKING: Cell<bool> = const { Cell::new(false) };
}

impl Outermost {
    fn enter() -> Option<Outermost> {
        let was_asking = IS_ASKING.with(|is_asking| is_asking.replace(true));
        // Made only for who holds it, as its drop lets others in.
        (!was_asking).then(|| Outermost(()))
    }
}

impl Drop for Outermost {
    fn drop(&mut self) {
        IS_ASKING.with(|is_asking| is_asking.set(false));
    }
}

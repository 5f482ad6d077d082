//! Collectors: callbacks of the program that set what is only known when somebody asks.
//!
//! They run when all are collected: before a history ticks and before a registry is rendered or reported, and
//! whenever the program asks. They run one after the other, on a thread of their own that is there as long as they are, so that one
//! that hangs keeps nobody from what the others say: it is left behind at the deadline, and left out until it has come back.
//! What one of them does wrong is counted with its name, and nothing else comes of it.
//!
//! Nobody who records waits for anything here, and an exit hook runs none of them.

mod report;
mod worker;

use std::cell::Cell;
use std::fmt;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::{AcqRel, Release};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

pub use report::{CollectFailure, CollectReport, Collected, FailureReason};

use crate::arena::PerProcess;
use crate::clock;
use crate::error::Error;
use crate::handle::{Counter, Histogram};
use crate::name::Name;
use crate::number::IntoF64;
use crate::panicked;
use crate::registry::moment::Moment;
use crate::registry::{Own, Registry};
use worker::Worker;

/// Counts what collectors did wrong, by their names and by what it was.
const FAILURES: Own = Own {
    name: "tachograph_collector_failures_total",
    description: "Times that a collector failed, panicked or took too long.",
};

thread_local! {
    /// True on a thread that runs a collector.
    static IS_COLLECTING: Cell<bool> = const { Cell::new(false) };
}

/// The collectors of one registry. A forked child has none: its parent's may have been in the middle of something.
#[derive(Debug)]
pub(super) struct Collectors(Arc<PerProcess<Table>>);

#[derive(Debug, Default)]
struct Table {
    all: Mutex<Vec<Arc<Collector>>>,
    /// Held by who collects, so that each is asked by one at a time; with the thread that runs them, while there are any.
    turn: Mutex<Option<Worker>>,
}

impl Drop for Collectors {
    fn drop(&mut self) {
        if !self.0.is_of_this_process() {
            // The channel of a parent's thread may be locked by that thread, which does not exist here: it stays behind.
            std::mem::forget(Arc::clone(&self.0));
        }
    }
}

/// One callback with its name.
pub(super) struct Collector {
    name: String,
    /// True while it runs, also when nobody waits for it any more.
    is_running: AtomicBool,
    work: Mutex<Work>,
}

/// What the program gave.
type Call = Box<dyn FnMut(&mut Collect) -> Result<(), String> + Send>;

struct Work {
    call: Call,
    gauges: Moment,
}

impl Collectors {
    pub(super) fn new() -> Collectors {
        Collectors(Arc::new(PerProcess::new(Table::default())))
    }

    fn table(&self) -> &Table {
        self.0.get(Table::default)
    }
}

impl Registry {
    /// Adds a callback that sets gauges, counters and histograms to what they are at the moment when somebody asks: the depth
    /// of a queue, the size of a pool, what another library counts by itself.
    ///
    /// It runs, with all others, before a [`History`](crate::History) ticks, before the registry is
    /// [rendered](Registry::render) or a [`Recording`](crate::Recording) reads, reports or writes it, when the guard of a recording
    /// writes its dumps, and in [`collect_all`](Registry::collect_all). [`Registry::snapshot`] runs none, and neither do the
    /// hooks of an exit without a guard.
    ///
    /// A gauge that it set and does not set the next time leaves the snapshots. An error, a panic and more time than the
    /// [deadline](crate::RegistryBuilder::collector_deadline) are counted in
    /// `tachograph_collector_failures_total{collector, reason}`, and the other collectors go on; what it set until then
    /// stays. It is called by one thread at a time, and not by a thread of the program; it may record and register whatever it
    /// likes, add and remove collectors, and what it asks of a history or a registry runs no collector.
    ///
    /// A forked child has none of its parent's collectors.
    ///
    /// # Errors
    ///
    /// When the name breaks the [rules of names](crate::Name::new), or belongs to another collector of this registry
    /// ([`Error::is_conflict`]).
    ///
    /// # Examples
    ///
    /// ```
    /// use std::sync::{Arc, Mutex};
    /// use tachograph::{Format, Registry};
    ///
    /// let registry = Registry::new();
    /// let queue = Arc::new(Mutex::new(vec!["one", "two"]));
    /// let seen = Arc::clone(&queue);
    /// registry.add_collector("queues", move |collect| {
    ///     collect.gauge("queue_depth", &[("queue", "mail")], seen.lock().unwrap().len());
    /// })?;
    ///
    /// queue.lock().unwrap().push("three");
    /// assert!(registry.render(Format::Prometheus).contains("queue_depth{queue=\"mail\"} 3\n"));
    /// # Ok::<(), tachograph::Error>(())
    /// ```
    pub fn add_collector<R: Collected>(
        &self,
        name: &str,
        mut collector: impl FnMut(&mut Collect) -> R + Send + 'static,
    ) -> Result<(), Error> {
        let name = Name::new(name)?.as_str().to_owned();
        let mut all = lock(&self.shared.collectors.table().all);
        if all.iter().any(|known| known.name == name) {
            return Err(Error::conflict(format!(
                "there is a collector `{name}` already: remove it first, or choose another name"
            )));
        }
        let call = Box::new(move |collect: &mut Collect| collector(collect).into_result());
        all.push(Arc::new(Collector {
            name,
            is_running: AtomicBool::new(false),
            work: Mutex::new(Work { call, gauges: Moment::default() }),
        }));
        Ok(())
    }

    /// Takes a collector away; false where there is none of that name. One that is running comes to its end. The gauges that it
    /// set stay as they are.
    pub fn remove_collector(&self, name: &str) -> bool {
        let table = self.shared.collectors.table();
        let mut all = lock(&table.all);
        let place = all.iter().position(|known| known.name == name);
        let removed = place.map(|place| all.remove(place));
        let is_last = all.is_empty();
        // What a callback owns is dropped without the lock.
        drop(all);
        if is_last {
            // Who collects at the moment sees to it.
            if let Ok(mut worker) = table.turn.try_lock() {
                *worker = None;
            }
        }
        removed.is_some()
    }

    /// Runs all collectors, in the order in which they were added, and tells what they did. Where another thread does so at
    /// the moment, it waits for that one first. Within a collector it does nothing.
    ///
    /// # Examples
    ///
    /// ```
    /// use tachograph::Registry;
    ///
    /// let registry = Registry::new();
    /// registry.add_collector("pool", |collect| collect.gauge("pool_size", &[], 4))?;
    /// registry.add_collector("disk", |_| Err::<(), _>("the disk does not answer"))?;
    ///
    /// let report = registry.collect_all();
    /// assert_eq!((report.collectors(), report.failures().len()), (2, 1));
    /// assert_eq!(report.failures()[0].collector(), "disk");
    /// assert_eq!(registry.snapshot().gauge("pool_size", &[]), Some(4.0));
    /// let labels = [("collector", "disk"), ("reason", "error")];
    /// let failures = registry.snapshot().counter("tachograph_collector_failures_total", &labels);
    /// assert_eq!(failures, Some(1));
    /// # Ok::<(), tachograph::Error>(())
    /// ```
    pub fn collect_all(&self) -> CollectReport {
        let table = self.shared.collectors.table();
        let is_none = || lock(&table.all).is_empty();
        if IS_COLLECTING.get() || is_none() {
            return CollectReport::default();
        }
        let mut worker = lock(&table.turn);
        // Those that are added meanwhile run the next time.
        let all = lock(&table.all).clone();
        let started = clock::steady();
        let mut report = CollectReport::of(all.len());
        for collector in &all {
            let failed = match worker.take().map_or_else(Worker::start, Ok) {
                Ok(ready) => {
                    let deadline = self.settings().collector_deadline;
                    let (after, failed) = ready.run(self, collector, deadline);
                    *worker = after;
                    failed
                }
                // Without a thread it runs here, as long as it takes.
                Err(_) => collector.run(self).err(),
            };
            if let Some((reason, message)) = failed {
                self.count_failure(&collector.name, reason);
                report.add(CollectFailure::new(&collector.name, reason, message));
            }
        }
        if is_none() {
            *worker = None;
        }
        drop(worker);
        // What was removed meanwhile goes here, without the turn: it may have collectors run.
        drop(all);
        report.finish(clock::steady().saturating_sub(started));
        report
    }

    fn count_failure(&self, collector: &str, reason: FailureReason) {
        let labels = [("collector", collector), ("reason", reason.as_str())];
        // Where there is no room for it, the report has it.
        if let Ok(failures) = self.own_counter(FAILURES, &labels) {
            failures.increment(1);
        }
    }
}

/// Why a collector failed, and what it said.
type Failed = (FailureReason, String);

impl Collector {
    /// Calls it, on this thread.
    fn run(&self, registry: &Registry) -> Result<(), Failed> {
        // Acquire, Release: of two calls the later one sees what the earlier one did.
        if self.is_running.swap(true, AcqRel) {
            let message = "it has not come back from an earlier call".to_owned();
            return Err((FailureReason::Deadline, message));
        }
        let mut work = lock(&self.work);
        let gauges = std::mem::take(&mut work.gauges);
        let mut collect = Collect { registry: registry.clone(), gauges, refused: None };
        IS_COLLECTING.set(true);
        let call = || (work.call)(&mut collect);
        let ended = std::panic::catch_unwind(std::panic::AssertUnwindSafe(call));
        IS_COLLECTING.set(false);
        let result = match ended {
            Ok(Ok(())) => match collect.refused.take() {
                None => Ok(()),
                Some(error) => Err((FailureReason::Error, error.to_string())),
            },
            Ok(Err(message)) => Err((FailureReason::Error, message)),
            Err(panic) => Err((FailureReason::Panic, panicked::message_of(panic))),
        };
        collect.gauges.end_round(registry, result.is_ok());
        work.gauges = collect.gauges;
        drop(work);
        self.is_running.store(false, Release);
        result
    }
}

impl fmt::Debug for Collector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Collector").field("name", &self.name).finish_non_exhaustive()
    }
}

/// What a collector sets its values through: metrics of the registry that collects, by their names and labels.
///
/// What cannot be, since a name or a label breaks its rules, or the name is one of another kind, is the collector's failure,
/// and the rest of what it sets holds.
#[derive(Debug)]
pub struct Collect {
    registry: Registry,
    gauges: Moment,
    /// The first thing that could not be.
    refused: Option<Error>,
}

impl Collect {
    /// The registry that collects.
    pub fn registry(&self) -> &Registry {
        &self.registry
    }

    /// Sets a gauge. It leaves the snapshots when the collector does not set it the next time.
    #[track_caller]
    pub fn gauge(&mut self, name: &str, labels: &[(&str, &str)], value: impl IntoF64) {
        let set = self.gauges.set(&self.registry, name, labels, value);
        self.or_refused(set);
    }

    /// Raises a counter to a total that is counted elsewhere, as [`Counter::absolute`] does: one that is less than it was
    /// changes nothing.
    #[track_caller]
    pub fn counter(&mut self, name: &str, labels: &[(&str, &str)], total: u64) {
        let counter: Result<Counter, Error> = self.registry.counter(name, labels);
        if let Some(counter) = self.or_refused(counter) {
            counter.absolute(total);
        }
    }

    /// Records a value in a histogram.
    #[track_caller]
    pub fn histogram(&mut self, name: &str, labels: &[(&str, &str)], value: impl IntoF64) {
        let histogram: Result<Histogram, Error> = self.registry.histogram(name, labels);
        if let Some(histogram) = self.or_refused(histogram) {
            histogram.record(value);
        }
    }

    fn or_refused<T>(&mut self, found: Result<T, Error>) -> Option<T> {
        found.map_err(|error| self.refused.get_or_insert(error)).ok()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Poison is ignored: what panics under these locks leaves a list, or a callback, as it was.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

//! Snapshots of one registry, one after the other, in the same memory.
//!
//! Between two scrapes hardly anything changes but totals. So a reader keeps the list of series, the snapshot that was
//! made of it, and the room for a reading, and as long as the registry is the same it only puts new totals into what it
//! has: nothing is allocated for a series then, but for summaries, whose values are copied. Otherwise it takes a
//! snapshot as everybody does.

use crate::arena::{Reading, Request, Scan, Tally};
use crate::clock;
use crate::registry::{self, Registry, Version};
use crate::snapshot::{HistogramSnapshot, Snapshot, Value, own, scan};

/// Takes snapshots of a registry again and again, as an exporter does, at a lower price than
/// [`Registry::snapshot`].
///
/// # Examples
///
/// ```
/// let registry = tachograph::Registry::new();
/// let lines = registry.counter("lines_total", &[])?;
/// let mut reader = registry.reader();
///
/// lines.increment(2);
/// assert_eq!(reader.read().counter("lines_total", &[]), Some(2));
/// lines.increment(1);
/// assert_eq!(reader.read().counter("lines_total", &[]), Some(3));
/// # Ok::<(), tachograph::Error>(())
/// ```
#[derive(Debug)]
pub struct Reader {
    registry: Registry,
    scan: Scan,
    kept: Option<Kept>,
    /// How often everything was read anew.
    renewals: u64,
}

/// What was read before, and may be read again.
#[derive(Debug)]
struct Kept {
    version: Version,
    overflowed: Vec<(&'static str, u64)>,
    list: Vec<&'static registry::Series>,
    requests: Vec<Request<'static>>,
    /// Where each series of the list stands in the snapshot; those that are left out are nowhere.
    places: Vec<Option<usize>>,
    /// How many of them are somewhere; the rest of the snapshot is the recorder's own.
    of_program: usize,
    snapshot: Snapshot,
}

impl Registry {
    /// A reader of this registry, which takes snapshots of it one after the other.
    pub fn reader(&self) -> Reader {
        Reader { registry: self.clone(), scan: Scan::default(), kept: None, renewals: 0 }
    }
}

impl Reader {
    /// Everything that was recorded so far, as [`Registry::snapshot`] gives it, until the next call.
    ///
    /// As with that, no collector runs: [`Registry::collect_all`] does.
    pub fn read(&mut self) -> &Snapshot {
        self.read_and_tell().0
    }

    /// The same, with a number: as long as that is the same, nothing in the snapshots has changed but what was recorded.
    pub(crate) fn read_and_tell(&mut self) -> (&Snapshot, u64) {
        let before = self.kept.take();
        let again = before
            .and_then(|mut kept| kept.refresh(&self.registry, &mut self.scan).then_some(kept));
        let kept = again.unwrap_or_else(|| {
            self.renewals += 1;
            Kept::new(&self.registry)
        });
        (&self.kept.insert(kept).snapshot, self.renewals)
    }
}

impl Kept {
    /// Everything anew. A change that comes meanwhile makes the next reading anew, too.
    fn new(registry: &Registry) -> Kept {
        let version = registry.index().version();
        let overflowed = registry.index().overflowed().to_vec();
        let (list, snapshot) = registry.snapshot_with_list(clock::steady());
        let requests = list.iter().map(|series| series.request()).collect();
        let mut in_order = snapshot.series().iter().enumerate().peekable();
        let places = list.iter().map(|series| {
            // Both are sorted; what stands between is the recorder's own.
            let key = (series.name(), series.labels());
            while in_order.next_if(|(_, one)| one.key() < key).is_some() {}
            in_order.next_if(|(_, one)| one.key() == key).map(|(place, _)| place)
        });
        let places: Vec<Option<usize>> = places.collect();
        let of_program = places.iter().flatten().count();
        Kept { version, overflowed, list, requests, places, of_program, snapshot }
    }

    /// Puts new totals into the snapshot; false where that is not all that there is to be done.
    fn refresh(&mut self, registry: &Registry, scan: &mut Scan) -> bool {
        let index = registry.index();
        if index.version() != self.version {
            return false;
        }
        let now = clock::steady();
        let idle_timeout = registry.settings().idle_timeout;
        // As for any snapshot.
        let _idle = idle_timeout.map(|_| index.lock_idle());
        scan.read(&self.requests);
        let all = self.list.iter().zip(&self.requests).zip(&self.places).zip(&mut scan.readings);
        for (((series, request), place), reading) in all {
            let Some(place) = place else {
                if series.still_holds(reading) {
                    continue;
                }
                // It is back.
                return false;
            };
            if idle_timeout.is_some_and(|timeout| series.retire_if_idle(reading, now, timeout)) {
                return false;
            }
            let Some(one) = self.snapshot.series.get_mut(*place) else { return false };
            refill(one.value_mut(), request, reading);
            one.set_kept_elsewhere(scan::is_kept_elsewhere(request));
        }
        (self.snapshot.taken_at, self.snapshot.elapsed) = (clock::wall(), index.age());
        self.renew_own(registry)
    }

    /// What the recorder says of itself.
    fn renew_own(&mut self, registry: &Registry) -> bool {
        let overflowed = registry.index().overflowed();
        if overflowed != *self.overflowed {
            self.overflowed = overflowed.to_vec();
            self.snapshot.lints = registry.lints();
        }
        let mut overhead = registry.overhead(self.snapshot.series());
        overhead.series = self.of_program as u64;
        let mut own = Vec::new();
        if registry.is_global() {
            own = own::series(&overhead, registry.index().created());
        }
        self.snapshot.overhead = overhead;
        if self.of_program + own.len() != self.snapshot.series.len() {
            return false;
        }
        own.into_iter().all(|one| {
            let found =
                self.snapshot.series.binary_search_by(|series| series.key().cmp(&one.key()));
            let place = found.ok().and_then(|place| self.snapshot.series.get_mut(place));
            place.map(|series| *series = one).is_some()
        })
    }
}

/// Puts what was read into a value of its kind. The reading gets the room of what was there before.
fn refill(value: &mut Value, request: &Request<'_>, reading: &mut Reading) {
    match (value, request, reading) {
        (Value::Counter(total) | Value::Rate(total), _, Reading::Counter(read)) => *total = *read,
        (Value::Gauge(value), _, Reading::Gauge(level)) => *value = level.value(),
        (Value::Histogram(histogram), Request::Histogram(_), Reading::Histogram(tally)) => {
            refill_histogram(histogram, tally);
        }
        (Value::Summary(summary), Request::Histogram(of), Reading::Histogram(tally)) => {
            let mut histogram = summary.histogram().clone();
            refill_histogram(&mut histogram, tally);
            *summary = scan::summary_of(of, histogram);
        }
        (Value::Timer(timer), Request::Timer(of), Reading::Timer(tally)) => {
            timer.refill(clock::duration(tally.own_ticks), |histogram| {
                let (sum, extremes) = scan::of_ticks(of, tally);
                let counts = std::mem::take(&mut tally.counts);
                tally.counts = histogram.fill(tally.first, counts, sum, extremes);
            });
        }
        // The arena answers each request with its own kind, and a series has one.
        _ => {}
    }
}

fn refill_histogram(histogram: &mut HistogramSnapshot, tally: &mut Tally) {
    let (sum, extremes) = scan::of_values(tally);
    let counts = std::mem::take(&mut tally.counts);
    tally.counts = histogram.fill(tally.first, counts, sum, extremes);
}

//! The index of a registry: finds the series of a name and labels, and registers new ones.
//!
//! A family is looked up by its name in a DashMap, whose guard is held only while a reference is copied
//! out, and a series by its labels in a table of the family, without a lock. Registering holds the
//! catalogue's lock; no user code runs under it. All of this can be rebuilt from the directory, and is,
//! in a forked child, whose parent's locks may be held by threads that do not exist there.

use std::ptr;
use std::sync::atomic::Ordering::{AcqRel, Relaxed, Release};
use std::sync::atomic::{AtomicBool, AtomicPtr, AtomicU32, AtomicU64};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use dashmap::DashMap;

use crate::arena::{self, Cells, Distribution};
use crate::bucket::Layout;
use crate::clock;
use crate::error::Error;
use crate::kind::Kind;
use crate::label::{Labels, Pairs};
use crate::name::{self, Name};
use crate::registry::catalogue::{self, Catalogue, Locked};
use crate::registry::family::{Family, FamilyHint, Overflow};
use crate::registry::lint::{self, Lint};
use crate::registry::place::Place;
use crate::registry::record::{FamilyRecord, Record, SeriesRecord};
use crate::registry::series::{Given, Series};
use crate::registry::settings::CurrentSettings;
use crate::registry::wanted::Wanted;

/// How the names of the crate's own metrics begin.
const OWN_PREFIX: &str = "tachograph_";

/// The parts of the index that are locked apart from each other.
const INDEX_SHARDS: usize = 16;

#[derive(Debug)]
pub(crate) struct Index {
    /// The fork generation that it was made in.
    generation: u32,
    /// The number of the registry, which its records carry.
    pub(super) registry: u32,
    pub(super) settings: &'static CurrentSettings,
    started: Duration,
    created: SystemTime,
    pub(super) families: DashMap<Name, &'static Family>,
    catalogue: Mutex<Catalogue>,
    /// Held by who judges whether series stand still, and by who resets them.
    idle: Mutex<()>,
    /// Lookups that ended at an overflow series, by reason.
    pub(super) overflowed: [AtomicU64; Overflow::ALL.len()],
    /// Refused names and labels that were noted.
    refusals_noted: AtomicU32,
    /// True once no more names are taken that are known only at run time.
    has_all_names: AtomicBool,
    /// The registry that was dropped before this one.
    dropped_before: AtomicPtr<Index>,
}

/// The most refused names and labels that are noted.
const MAX_REFUSALS_NOTED: u32 = 100;

/// The most names that are known only at run time: a program that makes more puts values into names, which
/// belong into labels.
pub(super) const MAX_NAMES_AT_RUN_TIME: usize = 10_000;

fn too_many_names(place: Place) -> String {
    format!(
        "there are {MAX_NAMES_AT_RUN_TIME} names that are known only at run time, and no more are taken \
         (at {place}): put what differs into labels"
    )
}

/// The registry that was dropped last.
static LAST_DROPPED: AtomicPtr<Index> = AtomicPtr::new(ptr::null_mut());

impl Index {
    /// The index of a registry, with what the directory says of it already in a forked child.
    pub(super) fn new(registry: u32, settings: &'static CurrentSettings) -> Index {
        let index = Index {
            generation: arena::generation(),
            registry,
            settings,
            started: clock::steady(),
            created: clock::wall(),
            // A number of our own: DashMap's would be taken from files that it opens.
            families: DashMap::with_shard_amount(INDEX_SHARDS),
            catalogue: Mutex::default(),
            idle: Mutex::default(),
            overflowed: [const { AtomicU64::new(0) }; Overflow::ALL.len()],
            refusals_noted: AtomicU32::new(0),
            has_all_names: AtomicBool::new(false),
            dropped_before: AtomicPtr::new(ptr::null_mut()),
        };
        if index.generation > 0 {
            index.rebuild();
        }
        index
    }

    /// When this process got the registry, by the system's clock.
    pub(crate) fn created(&self) -> SystemTime {
        self.created
    }

    /// How long this process has had the registry.
    pub(crate) fn age(&self) -> Duration {
        clock::steady().saturating_sub(self.started)
    }

    /// Keeps the index of a dropped registry: its series live as long as the process, since handles
    /// point at them, and so that a leak checker sees that they are known.
    pub(super) fn keep(self: Box<Index>) {
        let index = Box::into_raw(self);
        // Release: whoever follows the chain sees what it leads to.
        let before = LAST_DROPPED.swap(index, AcqRel);
        // SAFETY: from a box that is leaked by now.
        unsafe { &*index }.dropped_before.store(before, Release);
    }

    pub(super) fn is_of_this_process(&self) -> bool {
        self.generation == arena::generation()
    }

    pub(super) fn lock(&self) -> Locked<'_> {
        catalogue::lock(&self.catalogue)
    }

    /// Locks what is known of series that stand still: nobody else judges or resets any meanwhile.
    pub(crate) fn lock_idle(&self) -> MutexGuard<'_, ()> {
        // Poison is ignored: what panics under the lock are allocations, between complete steps.
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The series of a name and labels, registered if it is new. At a cap, the overflow series.
    ///
    /// # Errors
    ///
    /// Invalid names and labels, another kind under the name, no room.
    pub(crate) fn series(&self, wanted: &Wanted<'_>) -> Result<&'static Series, Error> {
        let family = self.family_of(wanted.name);
        self.series_of(family, wanted)
    }

    /// As [`series`](Index::series), for a site that mostly asks for the same name: what exists, and
    /// what finds no place, is then answered without a lock.
    pub(crate) fn series_near(
        &self,
        hint: &FamilyHint,
        wanted: &Wanted<'_>,
    ) -> Result<&'static Series, Error> {
        let Some(family) = hint.get(wanted.name) else {
            let answer = self.series(wanted);
            if let Some(family) = self.family_of(wanted.name) {
                hint.set(family);
            }
            return answer;
        };
        if family.kind != wanted.kind {
            // It was told, with both places, when the site asked first.
            return Err(Error::conflict("the name belongs to another kind"));
        }
        // So was what the site says of the family.
        self.series_of(Some(family), &wanted.without_more())
    }

    /// As [`series`](Index::series), for a site that asks for several names: without a lock where the answer
    /// lies in the family that the hint leads to.
    pub(crate) fn series_beside(
        &self,
        hint: &FamilyHint,
        wanted: &Wanted<'_>,
    ) -> Result<&'static Series, Error> {
        let family = hint.get(wanted.name).or_else(|| self.family_of(wanted.name));
        self.series_of(family, wanted)
    }

    /// The family of a name.
    pub(super) fn family_of(&self, name: &str) -> Option<&'static Family> {
        self.families.get(name).map(|entry| *entry.value())
    }

    /// The series of a name and labels, if there is one.
    pub(crate) fn known(&self, name: &str, labels: &Pairs<'_>) -> Option<&'static Series> {
        self.family_of(name)?.get(labels)
    }

    fn series_of(
        &self,
        family: Option<&'static Family>,
        wanted: &Wanted<'_>,
    ) -> Result<&'static Series, Error> {
        let labels =
            Pairs::new(wanted.labels).inspect_err(|error| self.note_refusal(wanted, error))?;
        // Relaxed: as where it is set.
        if family.is_none() && wanted.is_named_at_run_time && self.has_all_names.load(Relaxed) {
            return Err(Error::overflow("no more names are taken that are known only at run time"));
        }
        let known = family
            .filter(|family| family.kind == wanted.kind)
            .and_then(|family| family.find(&labels, wanted.takes_a_place()));
        match known {
            // Nothing is said of a family by those that find no place in it.
            Some((series, Some(why))) => {
                self.count_overflow(series.family, why);
                Ok(series)
            }
            Some((series, None)) if !wanted.says_more() && series.is_capped() <= wanted.capped => {
                Ok(series)
            }
            _ => self.register(wanted, &labels),
        }
    }

    #[cold]
    fn register(&self, wanted: &Wanted<'_>, labels: &Pairs<'_>) -> Result<&'static Series, Error> {
        let name = Name::new(wanted.name)
            .and_then(|name| if wanted.is_own { Ok(name) } else { self.check_prefix(name) })
            .inspect_err(|error| self.note_refusal(wanted, error))?;
        let mut catalogue = self.lock();
        let family = self.family(&mut catalogue, name, wanted);
        let family = noted(&mut catalogue, wanted, family)?;
        if let Some(series) = family.get(labels) {
            // It said more, or is bounded by the program's text from now on, or another thread was faster.
            if !wanted.capped && series.uncap() {
                // Lints tell how many there are.
                catalogue.changes += 1;
            }
            return Ok(series);
        }
        let capped = wanted.takes_a_place();
        if let Some(why) = family.refuses().filter(|_| capped) {
            return self.overflow(&mut catalogue, family, why);
        }
        let own_buckets = wanted.buckets.filter(|_| wanted.buckets_are_own);
        let own_layout = own_buckets.map(|buckets| buckets.layout(wanted.kind, family.unit));
        let own_layout = noted(&mut catalogue, wanted, own_layout.transpose())?;
        match self.add(&mut catalogue, family, labels, own_layout, capped) {
            Ok(series) => Ok(series),
            Err(_) => self.overflow(&mut catalogue, family, Overflow::NoRoom),
        }
    }

    /// The family of a name: the one there is, or a new one.
    fn family(
        &self,
        catalogue: &mut Catalogue,
        name: Name,
        wanted: &Wanted<'_>,
    ) -> Result<&'static Family, Error> {
        if let Some(family) = self.family_of(name.as_str()) {
            self.check_family(catalogue, family, wanted)?;
            return Ok(family);
        }
        if wanted.is_named_at_run_time {
            if catalogue.names_at_run_time >= MAX_NAMES_AT_RUN_TIME {
                // Relaxed: who does not see it yet asks here.
                self.has_all_names.store(true, Relaxed);
                catalogue.note(Lint::new(wanted.name, too_many_names(wanted.place)));
                return Err(Error::overflow(too_many_names(wanted.place)));
            }
            catalogue.names_at_run_time += 1;
        }
        let described = catalogue.described.get(name.as_str()).and_then(|about| about.unit);
        let unit = wanted.time_unit(described)?;
        let layout = match wanted.kind {
            kind if kind.is_a_distribution() => {
                Some(Arc::new(self.first_layout(catalogue, wanted, unit)?))
            }
            _ => None,
        };
        let number = self.families.len() as u32;
        self.append(&Record::Family(FamilyRecord {
            registry: self.registry,
            number,
            kind: wanted.kind,
            name: name.as_str().to_owned(),
            unit,
            layout: layout.as_deref().cloned(),
            file: wanted.place.file().to_owned(),
            line: wanted.place.line(),
        }))?;
        let place = wanted.place.to_string();
        let family: &'static Family =
            Box::leak(Box::new(Family::new(number, name, wanted.kind, unit, layout, place)));
        let about = catalogue.described.remove(family.name.as_str()).unwrap_or_default();
        self.amend(catalogue, family, &about);
        self.amend_as_wanted(catalogue, family, wanted);
        self.know(family);
        Ok(family)
    }

    /// A family that exists is asked for again: the kind must agree; other differences are noted.
    fn check_family(
        &self,
        catalogue: &mut Catalogue,
        family: &'static Family,
        wanted: &Wanted<'_>,
    ) -> Result<(), Error> {
        let (name, kind) = (&family.name, family.kind);
        if kind != wanted.kind {
            let message = format!(
                "is a {kind} (registered at {}) and was asked for as a {} at {}: rename one of them",
                family.place, wanted.kind, wanted.place
            );
            catalogue.note(Lint::new(name.as_str(), message));
            return Err(Error::conflict(format!(
                "metric `{name}` is already a {kind} (registered at {}): use another name for the {} at {}",
                family.place, wanted.kind, wanted.place
            )));
        }
        self.compare_buckets(catalogue, family, wanted)?;
        self.amend_as_wanted(catalogue, family, wanted);
        Ok(())
    }

    /// Makes a family known. The caller holds the catalogue's lock.
    pub(super) fn know(&self, family: &'static Family) {
        let max_series = self.settings.get().max_series_of(family.name.as_str());
        // Relaxed: a number that stands alone.
        family.max_series.store(max_series, Relaxed);
        self.families.insert(family.name.clone(), family);
    }

    /// Lets every family know its cap. One that is made meanwhile sees the new settings itself, or is
    /// seen here.
    pub(super) fn settings_changed(&self) {
        let mut catalogue = self.lock();
        catalogue.changes += 1;
        let settings = self.settings.get();
        for family in &self.families {
            // Relaxed: a number that stands alone.
            family.max_series.store(settings.max_series_of(family.name.as_str()), Relaxed);
        }
    }

    /// Gives out slots for a new series and makes it known.
    pub(super) fn add(
        &self,
        catalogue: &mut Catalogue,
        family: &'static Family,
        labels: &Pairs<'_>,
        own_layout: Option<Layout>,
        capped: bool,
    ) -> Result<&'static Series, Error> {
        let created = clock::wall();
        let since_epoch = created.duration_since(UNIX_EPOCH).unwrap_or_default();
        let describe = |small: isize, buckets: isize| {
            let record = Record::Series(SeriesRecord {
                registry: self.registry,
                family: family.number,
                capped,
                small: small as u64,
                buckets: buckets as u64,
                created: since_epoch.as_nanos() as u64,
                layout: own_layout.clone(),
                labels: labels
                    .as_slice()
                    .iter()
                    .map(|&(key, value)| (key.to_owned(), value.to_owned()))
                    .collect(),
            });
            record.encode()
        };
        let full = |_| Error::overflow(format!("no room for another series of `{}`", family.name));
        let given = match &family.layout {
            None => {
                let cells = if family.kind == Kind::Gauge { Cells::Gauge } else { Cells::Counter };
                Given::Cell(arena::register(cells, 0, describe).map_err(full)?.0)
            }
            Some(layout) => {
                let is_timer = family.kind == Kind::Timer;
                let cells = if is_timer { Cells::Timer } else { Cells::Histogram };
                if is_timer {
                    // Fixed here, where nobody is being timed, and noted beside the record.
                    arena::publish_clock(clock::seconds_per_tick());
                }
                let layout = own_layout.clone().map_or_else(|| layout.clone(), Arc::new);
                let per_second = family.per_second();
                let mut found =
                    Distribution::register(cells, layout, per_second, describe).map_err(full)?;
                if family.kind == Kind::Summary {
                    found = found.with_samples();
                }
                Given::Distribution(Box::leak(Box::new(found)))
            }
        };
        let series = Series::new(family, Labels::from(labels), capped, created, given);
        Ok(self.insert(catalogue, labels, series))
    }

    /// Makes a series known.
    pub(super) fn insert(
        &self,
        catalogue: &mut Catalogue,
        labels: &Pairs<'_>,
        mut series: Series,
    ) -> &'static Series {
        series.number = catalogue.list.len() as u32;
        let family = series.family;
        for (label, _) in labels.as_slice() {
            if let Some(lint) = lint::label_convention(family.name.as_str(), family.kind, label) {
                catalogue.note(lint);
            }
        }
        let series: &'static Series = Box::leak(Box::new(series));
        family.insert(labels, series);
        catalogue.list.push(series);
        catalogue.changes += 1;
        series
    }

    /// Runs `work` on another thread while this one holds every lock of the index.
    #[cfg(test)]
    pub(crate) fn while_locked<T: Send>(&self, name: &str, work: impl FnOnce() -> T + Send) -> T {
        let _catalogue = self.lock();
        let _family = self.families.get_mut(name);
        std::thread::scope(|scope| scope.spawn(work).join()).expect("the work does not panic")
    }

    pub(crate) fn len(&self) -> usize {
        self.lock().list.len()
    }

    /// The global registry's own series stand beside those of the program, and must not be taken for
    /// them.
    pub(super) fn check_prefix(&self, name: Name) -> Result<Name, Error> {
        if self.registry == 0 && name.as_str().starts_with(OWN_PREFIX) {
            return Err(Error::invalid(format!(
                "metric name `{name}` begins with `{OWN_PREFIX}`, which is for the recorder itself: \
                 choose another prefix"
            )));
        }
        Ok(name)
    }

    /// Notes the first refusals; more would say nothing new, and those who are refused need not wait then.
    fn note_refusal(&self, wanted: &Wanted<'_>, error: &Error) {
        // Relaxed: a number that stands alone.
        if self.refusals_noted.fetch_add(1, Relaxed) >= MAX_REFUSALS_NOTED {
            // Relaxed: as above. So that it never begins again.
            self.refusals_noted.store(MAX_REFUSALS_NOTED, Relaxed);
            return;
        }
        let message = format!("{error} (at {})", wanted.place);
        let is_a_name = wanted.name.len() <= Name::MAX_BYTES;
        let metric = if is_a_name { wanted.name.to_owned() } else { name::start_of(wanted.name) };
        self.lock().note(Lint::new(&metric, message));
    }

    pub(super) fn append(&self, record: &Record) -> Result<(), Error> {
        arena::append(&record.encode())
            .map_err(|_| Error::overflow("the directory of metrics is full: register fewer series"))
    }
}

/// A result of registering; what is invalid in it is told, since a macro's caller sees no error.
fn noted<T>(
    catalogue: &mut Catalogue,
    wanted: &Wanted<'_>,
    result: Result<T, Error>,
) -> Result<T, Error> {
    result.inspect_err(|error| {
        // A conflict is noted where it is found.
        if error.is_invalid() {
            catalogue.note(Lint::new(wanted.name, format!("{error} (at {})", wanted.place)));
        }
    })
}

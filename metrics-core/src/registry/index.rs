//! The index of a registry: finds the series of a name and labels, and registers new ones.
//!
//! Looking up goes through a DashMap and holds its guard only while a reference is copied out.
//! Registering holds the catalogue's lock; no user code runs under it. All of this can be rebuilt
//! from the directory, and is, in a forked child, whose parent's locks may be held by threads that do
//! not exist there.

use std::ptr;
use std::sync::atomic::Ordering::{AcqRel, Relaxed, Release};
use std::sync::atomic::{AtomicPtr, AtomicU64};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use dashmap::DashMap;

use crate::arena::{self, Distribution};
use crate::bucket::Layout;
use crate::clock;
use crate::error::Error;
use crate::kind::Kind;
use crate::label::Labels;
use crate::name::Name;
use crate::registry::buckets;
use crate::registry::catalogue::{self, Catalogue, Locked};
use crate::registry::lint::{self, Lint};
use crate::registry::record::{FamilyRecord, Record, SeriesRecord};
use crate::registry::series::{Family, Given, Series};
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
    settings: &'static CurrentSettings,
    started: Duration,
    created: SystemTime,
    /// By `key_of` name and labels.
    series: DashMap<Box<[u8]>, &'static Series>,
    catalogue: Mutex<Catalogue>,
    /// Lookups that ended at an overflow series, by `Overflow`.
    overflowed: [AtomicU64; 2],
    /// The registry that was dropped before this one.
    dropped_before: AtomicPtr<Index>,
}

/// The registry that was dropped last.
static LAST_DROPPED: AtomicPtr<Index> = AtomicPtr::new(ptr::null_mut());

/// Why a series could not be had.
#[derive(Debug, Clone, Copy)]
enum Overflow {
    Cap,
    NoRoom,
}

impl Overflow {
    const fn as_str(self) -> &'static str {
        match self {
            Overflow::Cap => "cap",
            Overflow::NoRoom => "no_room",
        }
    }

    const fn message(self) -> &'static str {
        match self {
            Overflow::Cap => "the cap is reached",
            Overflow::NoRoom => "there is no more memory",
        }
    }
}

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
            series: DashMap::with_shard_amount(INDEX_SHARDS),
            catalogue: Mutex::default(),
            overflowed: [const { AtomicU64::new(0) }; 2],
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

    /// The series of a name and labels, registered if it is new. At a cap, the overflow series.
    ///
    /// # Errors
    ///
    /// Invalid names and labels, another kind under the name, no room.
    pub(crate) fn series(&self, wanted: &Wanted<'_>) -> Result<&'static Series, Error> {
        let labels =
            Labels::new(wanted.labels).inspect_err(|error| self.note_refusal(wanted, error))?;
        let key = key_of(wanted.name, &labels);
        let known = self.series.get(&*key).map(|entry| *entry.value());
        match known {
            Some(series) if series.kind() == wanted.kind && !wanted.says_more() => Ok(series),
            Some(_) => self.register(wanted, labels, key),
            None => match self.overflow_at_cap(wanted) {
                Some(series) => Ok(series),
                None => self.register(wanted, labels, key),
            },
        }
    }

    /// The overflow series of a name that is at its cap already: a miss there waits for nobody.
    fn overflow_at_cap(&self, wanted: &Wanted<'_>) -> Option<&'static Series> {
        let labels = Labels::new(&[Labels::OVERFLOW]).ok()?;
        let series = *self.series.get(&*key_of(wanted.name, &labels))?.value();
        // Relaxed: a removal that makes room at this moment is seen by the next miss.
        let full = series.family.capped.load(Relaxed) >= self.settings.get().max_series_of(wanted.name);
        (wanted.capped && full && series.kind() == wanted.kind).then(|| {
            self.count_overflow(Overflow::Cap);
            series
        })
    }

    fn count_overflow(&self, why: Overflow) {
        // Relaxed: a total that stands alone.
        self.overflowed[why as usize].fetch_add(1, Relaxed);
    }

    #[cold]
    fn register(
        &self,
        wanted: &Wanted<'_>,
        labels: Labels,
        key: Box<[u8]>,
    ) -> Result<&'static Series, Error> {
        let name = Name::new(wanted.name)
            .and_then(|name| self.check_prefix(name))
            .inspect_err(|error| self.note_refusal(wanted, error))?;
        let mut catalogue = self.lock();
        let family = self.family(&mut catalogue, name, wanted);
        let family = noted(&mut catalogue, wanted, family)?;
        if let Some(series) = self.series.get(&*key).map(|entry| *entry.value()) {
            // Another thread was faster.
            return Ok(series);
        }
        // Relaxed: only changed under the lock that is held, or by removals, which make room.
        if wanted.capped && family.capped.load(Relaxed) >= self.settings.get().max_series_of(wanted.name) {
            return self.overflow(&mut catalogue, family, Overflow::Cap);
        }
        let own_buckets = wanted.buckets.filter(|_| wanted.buckets_are_own);
        let own_layout = own_buckets.map(|buckets| buckets.layout(wanted.kind, family.unit));
        let own_layout = noted(&mut catalogue, wanted, own_layout.transpose())?;
        match self.add(&mut catalogue, family, labels, own_layout, wanted.capped, key) {
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
        if let Some(family) = catalogue.families.get(&name) {
            self.check_family(catalogue, family, wanted)?;
            return Ok(catalogue.families[&name]);
        }
        let described = catalogue.described.get(name.as_str()).and_then(|about| about.unit);
        let unit = wanted.timer_unit(described)?;
        let buckets = wanted.buckets.filter(|_| !wanted.buckets_are_own);
        let layout = match (wanted.kind, buckets) {
            (Kind::Counter | Kind::Gauge, _) => None,
            (kind, Some(buckets)) => Some(Arc::new(buckets.layout(kind, unit)?)),
            (kind, None) => Some(Arc::new(buckets::default_layout(kind, unit))),
        };
        let number = catalogue.families.len() as u32;
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
        let family: &'static Family = Box::leak(Box::new(Family::new(
            number,
            name.clone(),
            wanted.kind,
            unit,
            layout,
            place,
        )));
        let about = catalogue.described.remove(name.as_str()).unwrap_or_default();
        self.amend(catalogue, family, &about);
        self.amend_as_wanted(catalogue, family, wanted);
        catalogue.families.insert(name, family);
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
        if let Some(buckets) = wanted.buckets.filter(|_| !wanted.buckets_are_own) {
            let layout = buckets.layout(kind, family.unit)?;
            if family.layout.as_deref() != Some(&layout) {
                let message = format!(
                    "was given other buckets at {} than first at {}: the first are kept",
                    wanted.place, family.place
                );
                catalogue.note(Lint::new(name.as_str(), message));
            }
        }
        self.amend_as_wanted(catalogue, family, wanted);
        Ok(())
    }

    /// Gives out slots for a new series and makes it known.
    fn add(
        &self,
        catalogue: &mut Catalogue,
        family: &'static Family,
        labels: Labels,
        own_layout: Option<Layout>,
        capped: bool,
        key: Box<[u8]>,
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
                    .iter()
                    .map(|(key, value)| (key.to_owned(), value.to_owned()))
                    .collect(),
            });
            record.encode()
        };
        let full = |_| Error::overflow(format!("no room for another series of `{}`", family.name));
        let given = match &family.layout {
            None => {
                let cells = if family.kind == Kind::Gauge { arena::gauge::CELLS } else { 1 };
                Given::Cell(arena::register(cells, 0, describe).map_err(full)?.0)
            }
            Some(layout) => {
                if family.kind == Kind::Timer {
                    // Fixed here, where nobody is being timed, and noted beside the record.
                    arena::publish_clock(clock::seconds_per_tick());
                }
                let layout = own_layout.clone().map_or_else(|| layout.clone(), Arc::new);
                let per_second = family.per_second();
                let found = Distribution::register(layout, per_second, describe).map_err(full)?;
                Given::Distribution(Box::leak(Box::new(found)))
            }
        };
        Ok(self.insert(catalogue, Series::new(family, labels, capped, created, given), key))
    }

    /// Makes a series known.
    pub(super) fn insert(
        &self,
        catalogue: &mut Catalogue,
        series: Series,
        key: Box<[u8]>,
    ) -> &'static Series {
        for (label, _) in series.labels.iter() {
            if let Some(lint) =
                lint::label_convention(series.family.name.as_str(), series.family.kind, label)
            {
                catalogue.note(lint);
            }
        }
        if series.capped {
            // Relaxed: only grows under the lock that is held.
            series.family.capped.fetch_add(1, Relaxed);
        }
        let series: &'static Series = Box::leak(Box::new(series));
        self.series.insert(key, series);
        catalogue.list.push(series);
        series
    }

    /// The series that takes what a family has no place for.
    fn overflow(
        &self,
        catalogue: &mut Catalogue,
        family: &'static Family,
        why: Overflow,
    ) -> Result<&'static Series, Error> {
        self.count_overflow(why);
        let labels = Labels::new(&[Labels::OVERFLOW])?;
        let key = key_of(family.name.as_str(), &labels);
        if let Some(series) = self.series.get(&*key).map(|entry| *entry.value()) {
            return Ok(series);
        }
        let message = format!(
            "{} at {} series: further labels are recorded under {}=\"{}\"",
            why.message(),
            // Relaxed: for a message.
            family.capped.load(Relaxed),
            Labels::OVERFLOW.0,
            Labels::OVERFLOW.1
        );
        catalogue.note(Lint::new(family.name.as_str(), message));
        self.add(catalogue, family, labels, None, false, key)
    }

    /// All series, sorted by name and then by labels.
    pub(crate) fn list(&self) -> Vec<&'static Series> {
        let mut catalogue = self.lock();
        if catalogue.sorted < catalogue.list.len() {
            catalogue.list.sort_by(|a, b| (a.name(), a.labels()).cmp(&(b.name(), b.labels())));
            catalogue.sorted = catalogue.list.len();
        }
        catalogue.list.clone()
    }

    /// What was noticed so far, sorted by metric.
    pub(crate) fn lints(&self) -> Vec<Lint> {
        let catalogue = self.lock();
        let mut lints = catalogue.lints.clone();
        for family in catalogue.families.values() {
            lints.extend(lint::conventions(family.name.as_str(), family.kind, family.about().unit));
        }
        let families = catalogue.families.values().copied();
        lints.extend(lint::alike(families, &self.settings.get().presentation));
        lints.sort();
        lints
    }

    /// Lookups that ended at an overflow series, by reason.
    pub(crate) fn overflowed(&self) -> [(&'static str, u64); 2] {
        // Relaxed: totals that stand alone.
        [Overflow::Cap, Overflow::NoRoom]
            .map(|why| (why.as_str(), self.overflowed[why as usize].load(Relaxed)))
    }

    pub(crate) fn len(&self) -> usize {
        self.lock().list.len()
    }

    /// The global registry's own series stand beside those of the program, and must not be taken for
    /// them.
    fn check_prefix(&self, name: Name) -> Result<Name, Error> {
        if self.registry == 0 && name.as_str().starts_with(OWN_PREFIX) {
            return Err(Error::invalid(format!(
                "metric name `{name}` begins with `{OWN_PREFIX}`, which is for the recorder itself: \
                 choose another prefix"
            )));
        }
        Ok(name)
    }

    fn note_refusal(&self, wanted: &Wanted<'_>, error: &Error) {
        let message = format!("{error} (at {})", wanted.place);
        self.lock().note(Lint::new(wanted.name, message));
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

/// Name and labels in one unambiguous row of bytes: each text with its length before it.
pub(super) fn key_of(name: &str, labels: &Labels) -> Box<[u8]> {
    let texts = || labels.iter().flat_map(|(key, value)| [key, value]);
    let bytes = name.len() + 4 + texts().map(|text| text.len() + 4).sum::<usize>();
    let mut key = Vec::with_capacity(bytes);
    for text in std::iter::once(name).chain(texts()) {
        key.extend_from_slice(&(text.len() as u32).to_le_bytes());
        key.extend_from_slice(text.as_bytes());
    }
    key.into_boxed_slice()
}

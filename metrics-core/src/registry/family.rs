//! What a registry knows of a name: a family of series.

use std::ptr;
use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};
use std::sync::atomic::{AtomicBool, AtomicPtr, AtomicU32, AtomicU64};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::arena;
use crate::bucket::Layout;
use crate::kind::Kind;
use crate::label::Pairs;
use crate::name::Name;
use crate::registry::series::{Series, is_out};
use crate::table::{Row, Table, Texts};
use crate::unit::Unit;

/// How often over the places under its cap may be taken in the life of a process: what was removed or
/// is idle gives its place back, but stays known, since a handle may write into it at any time.
const LIVES: u32 = 10;

/// A name, and what all its series share. Lives as long as the process.
#[derive(Debug)]
pub(crate) struct Family {
    pub(super) number: u32,
    pub(super) name: Name,
    pub(super) kind: Kind,
    /// The unit of time that the values of a timer are in, and of a histogram if it has one.
    pub(super) unit: Option<Unit>,
    /// The buckets of every series that has none of its own; None for counters and gauges.
    pub(super) layout: Option<Arc<Layout>>,
    /// Where it was first registered, as a message shows it.
    pub(super) place: String,
    about: Mutex<About>,
    /// The fork generation that it was made in.
    generation: u32,
    /// All its series, by the keys and values of their labels.
    series: Table<&'static Series>,
    /// The most series at once whose labels are known only at run time.
    pub(super) max_series: AtomicU32,
    /// How many of those there are.
    capped: AtomicU32,
    /// How many of those there ever were.
    capped_ever: AtomicU32,
    /// True once there was no memory for one.
    has_no_room: AtomicBool,
    /// The series that takes what finds no place; null before it is needed.
    overflow: AtomicPtr<Series>,
    /// Lookups that ended there, by reason.
    overflowed: [AtomicU64; Overflow::ALL.len()],
}

/// Why a series could not be had.
#[derive(Debug, Clone, Copy)]
pub(super) enum Overflow {
    Cap,
    NoRoom,
}

impl Overflow {
    pub(super) const ALL: [Overflow; 2] = [Overflow::Cap, Overflow::NoRoom];

    /// The value of the label `reason`.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Overflow::Cap => "cap",
            Overflow::NoRoom => "no_room",
        }
    }
}

/// Unit and description of a family: the first of each wins.
#[derive(Debug, Clone, Default)]
pub(crate) struct About {
    pub(crate) unit: Option<Unit>,
    pub(crate) description: Option<Arc<str>>,
}

impl About {
    /// Takes what is not there yet, and returns what is said otherwise than first.
    pub(super) fn fill(&mut self, more: &About) -> Vec<String> {
        let mut differences = Vec::new();
        if let Some(unit) = more.unit {
            let first = *self.unit.get_or_insert(unit);
            if first != unit {
                differences.push(format!(
                    "was described in {unit}, and first in {first}: the first is kept"
                ));
            }
        }
        if let Some(text) = &more.description {
            let first = self.description.get_or_insert_with(|| text.clone());
            if first != text {
                differences.push(format!(
                    "was described as {text:?}, and first as {first:?}: the first is kept"
                ));
            }
        }
        differences
    }
}

impl Family {
    pub(super) fn new(
        number: u32,
        name: Name,
        kind: Kind,
        unit: Option<Unit>,
        layout: Option<Arc<Layout>>,
        place: String,
    ) -> Family {
        let about = Mutex::new(About { unit, description: None });
        Family {
            number,
            name,
            kind,
            unit,
            layout,
            place,
            about,
            generation: arena::generation(),
            series: Table::new(usize::MAX),
            max_series: AtomicU32::new(0),
            capped: AtomicU32::new(0),
            capped_ever: AtomicU32::new(0),
            has_no_room: AtomicBool::new(false),
            overflow: AtomicPtr::new(ptr::null_mut()),
            overflowed: [const { AtomicU64::new(0) }; Overflow::ALL.len()],
        }
    }

    /// The series of these labels, and where there is none and no place for a new one whose labels are
    /// known only at run time, the overflow series and why. Takes no lock.
    pub(super) fn find(
        &self,
        labels: &Pairs<'_>,
        capped: bool,
    ) -> Option<(&'static Series, Option<Overflow>)> {
        let row = row_of(labels);
        if let Some(entry) = self.series.find(&row) {
            return Some((entry.holder(), None));
        }
        let overflow = self.overflow().filter(|_| capped)?;
        let why = self.refuses()?;
        // Asked for once more: it may be the very one that took the last place.
        match self.series.find(&row) {
            Some(entry) => Some((entry.holder(), None)),
            None => Some((overflow, Some(why))),
        }
    }

    /// The series of these labels.
    pub(super) fn get(&self, labels: &Pairs<'_>) -> Option<&'static Series> {
        self.series.find(&row_of(labels)).map(|entry| *entry.holder())
    }

    /// Makes a series known. The caller holds the catalogue's lock, and has seen that there is none.
    pub(super) fn insert(&self, labels: &Pairs<'_>, series: &'static Series) {
        if series.labels.is_overflow() {
            // Release: pairs with the Acquire in `overflow`: the series is complete.
            self.overflow.store(ptr::from_ref(series).cast_mut(), Release);
        }
        self.series.insert(&row_of(labels), series);
        if series.is_capped() {
            // Relaxed: only grows under the lock that is held.
            self.capped_ever.fetch_add(1, Relaxed);
            // After it can be found: who sees the place taken finds who took it.
            if !is_out(series.removals()) {
                self.take_place();
            }
        }
    }

    /// Counts one more series under the cap.
    pub(super) fn take_place(&self) {
        // Release: pairs with the Acquire in `refuses`.
        self.capped.fetch_add(1, Release);
    }

    /// Counts one series less under the cap.
    pub(super) fn give_place_back(&self) {
        // Relaxed: there is nothing to be seen with it.
        self.capped.fetch_sub(1, Relaxed);
    }

    /// Remembers that there was no memory for one more series.
    pub(super) fn refuse_for_good(&self) {
        // Relaxed: a mark that stands alone.
        self.has_no_room.store(true, Relaxed);
    }

    /// Why there is no place for one more series whose labels are known only at run time, if there is none.
    pub(super) fn refuses(&self) -> Option<Overflow> {
        // Acquire: pairs with the Release in `take_place`, also through removals, which go on from it.
        let capped = self.capped.load(Acquire);
        // A place that is given back before it was counted as taken leaves less than none for a moment.
        let capped = if capped > u32::MAX / 2 { 0 } else { capped };
        // Relaxed, all: numbers that stand alone.
        let max_series = self.max_series.load(Relaxed);
        let lives = max_series.saturating_mul(LIVES);
        if capped >= max_series || self.capped_ever.load(Relaxed) >= lives {
            Some(Overflow::Cap)
        } else {
            self.has_no_room.load(Relaxed).then_some(Overflow::NoRoom)
        }
    }

    /// The series that takes what finds no place.
    pub(super) fn overflow(&self) -> Option<&'static Series> {
        // Acquire: pairs with the Release in `insert`.
        let series = self.overflow.load(Acquire);
        // SAFETY: null, or made from a `&'static Series`.
        unsafe { series.as_ref() }
    }

    pub(super) fn count_overflow(&self, why: Overflow) {
        // Relaxed: a total that stands alone.
        self.overflowed[why as usize].fetch_add(1, Relaxed);
    }

    /// Lookups that ended at the overflow series for this reason.
    pub(super) fn overflowed(&self, why: Overflow) -> u64 {
        // Relaxed: a total that stands alone.
        self.overflowed[why as usize].load(Relaxed)
    }

    /// False in a child that was forked since it was made: the child has families of its own.
    pub(super) fn is_of_this_process(&self) -> bool {
        self.generation == arena::generation()
    }

    /// What a second is in the values, where these are of time.
    pub(super) fn per_second(&self) -> Option<f64> {
        self.unit.and_then(Unit::of_a_second).map(|(per_second, _)| per_second)
    }

    pub(super) fn lock_about(&self) -> MutexGuard<'_, About> {
        // Poison is ignored: nothing panics while it is held.
        self.about.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn about(&self) -> About {
        self.lock_about().clone()
    }
}

/// The row that a series is found under: keys and values in turn, or one text where there is no label.
fn row_of<'a>(labels: &'a Pairs<'_>) -> Row<impl Texts<'a>> {
    let pairs = labels.as_slice();
    let none = pairs.is_empty().then_some("");
    let texts = none.into_iter().chain(pairs.iter().flat_map(|(key, value)| [*key, *value]));
    Row::new((2 * pairs.len()).max(1), texts)
}

/// The family that a site asked last, so that it can ask again without a lock.
#[derive(Debug)]
pub(crate) struct FamilyHint(AtomicPtr<Family>);

impl FamilyHint {
    pub(crate) const fn new() -> FamilyHint {
        FamilyHint(AtomicPtr::new(ptr::null_mut()))
    }

    /// The family of that name, if it is the one that was asked last.
    pub(super) fn get(&self, name: &str) -> Option<&'static Family> {
        // Acquire: pairs with the Release in `set`.
        let family = self.0.load(Acquire);
        // SAFETY: null, or made from a `&'static Family`.
        let family = unsafe { family.as_ref() }?;
        (family.name.as_str() == name && family.is_of_this_process()).then_some(family)
    }

    /// True once a family was found.
    pub(crate) fn leads_somewhere(&self) -> bool {
        // Relaxed: only whether there is one.
        !self.0.load(Relaxed).is_null()
    }

    pub(crate) fn set(&self, family: &'static Family) {
        // Release: pairs with the Acquire in `get`: the family is complete.
        self.0.store(ptr::from_ref(family).cast_mut(), Release);
    }
}

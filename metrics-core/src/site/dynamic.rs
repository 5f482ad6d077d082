//! Sites whose labels, or whose name, are known only at run time.

use std::iter;

use crate::arena::{self, Reason};
use crate::handle::{CellSlot, Counter, DistributionSlot, Gauge, Histogram, Timer};
use crate::kind::Kind;
use crate::registry::{Place, Series, Wanted, registry};
use crate::site::reason_of;
use crate::site::table::{Entry, Table, hash_of};

/// Where a lookup ended: in the site's own table, or in the registry.
enum Found {
    Entry(&'static Entry<Holder>),
    Series(&'static Series),
    Nothing(Reason),
}

/// What a table remembers: the same slot as the series has.
#[derive(Debug)]
enum Holder {
    Cell(CellSlot),
    Distribution(DistributionSlot),
}

impl Holder {
    /// A holder of one's own; None of a series that is not resolved.
    fn of(series: &'static Series) -> Option<Holder> {
        if let Some(holder) = series.cell() {
            return holder.resolve().ok().map(|slot| Holder::Cell(CellSlot::resolved(slot)));
        }
        let found = series.distribution()?.resolve().ok()?;
        Some(Holder::Distribution(DistributionSlot::resolved(found)))
    }

    /// The holder of a counter or a gauge.
    #[inline]
    fn cell(&'static self) -> Option<&'static CellSlot> {
        match self {
            Holder::Cell(holder) => Some(holder),
            Holder::Distribution(_) => None,
        }
    }

    /// The holder of a histogram or a timer.
    #[inline]
    fn distribution(&'static self) -> Option<&'static DistributionSlot> {
        match self {
            Holder::Cell(_) => None,
            Holder::Distribution(holder) => Some(holder),
        }
    }
}

impl From<Result<&'static Series, Reason>> for Found {
    fn from(found: Result<&'static Series, Reason>) -> Found {
        found.map_or_else(Found::Nothing, Found::Series)
    }
}

/// A call with a literal name and `N` labels whose values are known at run time.
#[derive(Debug)]
pub struct Family<const N: usize> {
    kind: Kind,
    name: &'static str,
    fixed: &'static [(&'static str, &'static str)],
    keys: [&'static str; N],
    place: Place,
    table: Table<Holder>,
}

impl<const N: usize> Family<N> {
    /// The site of a call here.
    #[track_caller]
    pub const fn new(
        kind: Kind,
        name: &'static str,
        fixed: &'static [(&'static str, &'static str)],
        keys: [&'static str; N],
    ) -> Family<N> {
        Family { kind, name, fixed, keys, place: Place::here(), table: Table::new() }
    }

    #[inline]
    fn find(&'static self, values: [&str; N]) -> Found {
        let hash = hash_of(values.iter().copied());
        match self.table.find(hash, values.iter().copied()) {
            Some(entry) => Found::Entry(entry),
            None => self.miss(hash, values).into(),
        }
    }

    #[cold]
    #[inline(never)]
    fn miss(&'static self, hash: u64, values: [&str; N]) -> Result<&'static Series, Reason> {
        // Before anything allocates: an allocator that records would come here again.
        let _slow = arena::enter_slow_path().ok_or(Reason::Reentrant)?;
        let mut labels = self.fixed.to_vec();
        labels.extend(self.keys.into_iter().zip(values));
        look_up(
            &self.table,
            hash,
            values.iter().copied(),
            self.kind,
            self.name,
            &labels,
            self.place,
        )
    }
}

/// A call with a name that is known only at run time.
#[derive(Debug)]
pub struct NameCache {
    kind: Kind,
    place: Place,
    table: Table<Holder>,
}

impl NameCache {
    /// The site of a call here.
    #[track_caller]
    pub const fn new(kind: Kind) -> NameCache {
        NameCache { kind, place: Place::here(), table: Table::new() }
    }

    fn find(&'static self, name: &str, labels: &[(&str, &str)]) -> Found {
        // The keys are the same at each call, so name and values tell series apart.
        let texts = iter::once(name).chain(labels.iter().map(|(_, value)| *value));
        let hash = hash_of(texts.clone());
        if let Some(entry) = self.table.find(hash, texts.clone()) {
            return Found::Entry(entry);
        }
        // As in `Family::miss`.
        let Some(_slow) = arena::enter_slow_path() else {
            return Found::Nothing(Reason::Reentrant);
        };
        look_up(&self.table, hash, texts, self.kind, name, labels, self.place).into()
    }
}

/// Asks the registry, and remembers the answer unless it is an overflow series, whose number of
/// texts has no bound. The caller is in the slow path.
#[cold]
fn look_up<'a>(
    table: &Table<Holder>,
    hash: u64,
    texts: impl Iterator<Item = &'a str> + Clone,
    kind: Kind,
    name: &str,
    labels: &[(&str, &str)],
    place: Place,
) -> Result<&'static Series, Reason> {
    let wanted = Wanted { capped: true, ..Wanted::plain(kind, name, labels, place) };
    let series = registry().index().series(&wanted).map_err(|error| reason_of(&error))?;
    if !series.labels().is_overflow() {
        if let Some(holder) = Holder::of(series) {
            // Where the table is full, the registry is asked each time.
            table.insert(hash, texts, holder);
        }
    }
    Ok(series)
}

/// Holders whose records are dropped and counted, for handles without a series.
static DROPPED_CELLS: [CellSlot; Reason::ALL.len()] = {
    let mut all = [const { CellSlot::dropping(Reason::NotFinite) }; Reason::ALL.len()];
    let mut place = 0;
    while place < all.len() {
        all[place] = CellSlot::dropping(Reason::ALL[place]);
        place += 1;
    }
    all
};

static DROPPED_DISTRIBUTIONS: [DistributionSlot; Reason::ALL.len()] = {
    let mut all = [const { DistributionSlot::dropping(Reason::NotFinite) }; Reason::ALL.len()];
    let mut place = 0;
    while place < all.len() {
        all[place] = DistributionSlot::dropping(Reason::ALL[place]);
        place += 1;
    }
    all
};

#[inline]
fn cell(found: Found) -> &'static CellSlot {
    let holder = match found {
        Found::Entry(entry) => entry.holder().cell(),
        Found::Series(series) => series.cell(),
        Found::Nothing(reason) => return &DROPPED_CELLS[reason as usize],
    };
    holder.unwrap_or(&DROPPED_CELLS[Reason::Conflict as usize])
}

#[inline]
fn distribution(found: Found) -> &'static DistributionSlot {
    let holder = match found {
        Found::Entry(entry) => entry.holder().distribution(),
        Found::Series(series) => series.distribution(),
        Found::Nothing(reason) => return &DROPPED_DISTRIBUTIONS[reason as usize],
    };
    holder.unwrap_or(&DROPPED_DISTRIBUTIONS[Reason::Conflict as usize])
}

/// The counter with these values.
#[inline]
pub fn counter_of<const N: usize>(site: &'static Family<N>, values: [&str; N]) -> Counter {
    Counter::new(cell(site.find(values)))
}

/// The gauge with these values.
#[inline]
pub fn gauge_of<const N: usize>(site: &'static Family<N>, values: [&str; N]) -> Gauge {
    Gauge::new(cell(site.find(values)))
}

/// The histogram with these values.
#[inline]
pub fn histogram_of<const N: usize>(site: &'static Family<N>, values: [&str; N]) -> Histogram {
    Histogram::new(distribution(site.find(values)))
}

/// The timer with these values.
#[inline]
pub fn timer_of<const N: usize>(site: &'static Family<N>, values: [&str; N]) -> Timer {
    Timer::new(distribution(site.find(values)))
}

/// The counter of this name and these labels.
pub fn counter_named(site: &'static NameCache, name: &str, labels: &[(&str, &str)]) -> Counter {
    Counter::new(cell(site.find(name, labels)))
}

/// The gauge of this name and these labels.
pub fn gauge_named(site: &'static NameCache, name: &str, labels: &[(&str, &str)]) -> Gauge {
    Gauge::new(cell(site.find(name, labels)))
}

/// The histogram of this name and these labels.
pub fn histogram_named(site: &'static NameCache, name: &str, labels: &[(&str, &str)]) -> Histogram {
    Histogram::new(distribution(site.find(name, labels)))
}

/// The timer of this name and these labels.
pub fn timer_named(site: &'static NameCache, name: &str, labels: &[(&str, &str)]) -> Timer {
    Timer::new(distribution(site.find(name, labels)))
}

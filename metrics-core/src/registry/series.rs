//! What a registry knows of a name (a family) and of one set of labels under it (a series).

use std::sync::atomic::AtomicU32;
use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use crate::arena::{Distribution, Request};
use crate::bucket::Layout;
use crate::handle::{CellSlot, DistributionSlot};
use crate::kind::Kind;
use crate::label::Labels;
use crate::name::Name;
use crate::unit::Unit;

/// A name, and what all its series share. Lives as long as the process.
#[derive(Debug)]
pub(crate) struct Family {
    pub(super) number: u32,
    pub(super) name: Name,
    pub(super) kind: Kind,
    /// What the values of a timer are in; None of other kinds.
    pub(super) unit: Option<Unit>,
    /// The buckets of every series that has none of its own; None for counters and gauges.
    pub(super) layout: Option<Arc<Layout>>,
    /// Where it was first registered, as a message shows it.
    pub(super) place: String,
    /// Series that count under the cap.
    pub(super) capped: AtomicU32,
    about: Mutex<About>,
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
        Family { number, name, kind, unit, layout, place, capped: AtomicU32::new(0), about }
    }

    /// What a second is in the values of a timer.
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

/// One set of labels under a name, with its slot. Lives as long as the process, also when its
/// registry does not: handles point into it.
#[derive(Debug)]
pub(crate) struct Series {
    pub(super) family: &'static Family,
    pub(super) labels: Labels,
    /// True when it counts under the cap of its name.
    pub(super) capped: bool,
    pub(super) created: SystemTime,
    slot: Slot,
    /// See [`Series::removals`].
    removals: AtomicU32,
}

#[derive(Debug)]
enum Slot {
    Cell(CellSlot),
    Distribution(DistributionSlot),
}

/// What the arena gave out for a series.
#[derive(Debug, Clone, Copy)]
pub(super) enum Given {
    Cell(isize),
    Distribution(&'static Distribution),
}

impl Series {
    pub(super) fn new(
        family: &'static Family,
        labels: Labels,
        capped: bool,
        created: SystemTime,
        given: Given,
    ) -> Series {
        let slot = match given {
            Given::Cell(slot) => Slot::Cell(CellSlot::resolved(slot)),
            Given::Distribution(found) => Slot::Distribution(DistributionSlot::resolved(found)),
        };
        Series { family, labels, capped, created, slot, removals: AtomicU32::new(0) }
    }

    pub(crate) fn name(&self) -> &Name {
        &self.family.name
    }

    pub(crate) fn labels(&self) -> &Labels {
        &self.labels
    }

    pub(crate) fn family(&self) -> &'static Family {
        self.family
    }

    pub(crate) fn kind(&self) -> Kind {
        self.family.kind
    }

    pub(crate) fn created(&self) -> SystemTime {
        self.created
    }

    /// The holder of its slot, for a counter or a gauge.
    pub(crate) fn cell(&'static self) -> Option<&'static CellSlot> {
        match &self.slot {
            Slot::Cell(slot) => Some(slot),
            Slot::Distribution(_) => None,
        }
    }

    /// The holder of its slot, for a histogram or a timer.
    pub(crate) fn distribution(&'static self) -> Option<&'static DistributionSlot> {
        match &self.slot {
            Slot::Cell(_) => None,
            Slot::Distribution(slot) => Some(slot),
        }
    }

    /// What to ask the arena for its totals.
    pub(crate) fn request(&'static self) -> Request<'static> {
        match (&self.slot, self.kind()) {
            (Slot::Cell(slot), Kind::Gauge) => Request::Gauge(slot.known()),
            (Slot::Cell(slot), _) => Request::Counter(slot.known()),
            (Slot::Distribution(slot), Kind::Timer) => Request::Timer(slot.known()),
            (Slot::Distribution(slot), _) => Request::Histogram(slot.known()),
        }
    }

    /// How often it was removed and came back, together: odd while it is out.
    pub(crate) fn removals(&self) -> u32 {
        // Acquire: pairs with the Release in `take_out`: the reset before it is seen.
        self.removals.load(Acquire)
    }

    /// Leaves it out of snapshots; its place under the cap is free. False if it was out already. The
    /// caller has reset it.
    pub(crate) fn take_out(&self) -> bool {
        // A removal of what is out already counts too: see `bring_back`.
        let next = |seen: u32| Some(seen.wrapping_add(if is_out(seen) { 2 } else { 1 }));
        // Release: pairs with the Acquire in `removals`. The closure never refuses.
        let before = self.removals.fetch_update(Release, Relaxed, next).unwrap_or_else(|seen| seen);
        let was_in = !is_out(before);
        if was_in && self.capped {
            // Relaxed: a number that stands alone.
            self.family.capped.fetch_sub(1, Relaxed);
        }
        was_in
    }

    /// Brings it back into snapshots; false if it was removed once more since `seen`.
    pub(crate) fn bring_back(&self, seen: u32) -> bool {
        let back = seen.wrapping_add(1);
        // Relaxed: who sees it back has nothing else to see.
        match self.removals.compare_exchange(seen, back, Relaxed, Relaxed) {
            Ok(_) => {
                if self.capped {
                    // Relaxed: a number that stands alone.
                    self.family.capped.fetch_add(1, Relaxed);
                }
                true
            }
            // Another reader may have been faster.
            Err(now) => now == back,
        }
    }
}

/// True for a count of removals at which a series is left out of snapshots.
pub(crate) fn is_out(removals: u32) -> bool {
    removals % 2 == 1
}

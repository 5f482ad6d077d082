//! What a registry knows of one set of labels under a name.

use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64};
use std::time::{Duration, SystemTime};

use crate::arena::{Distribution, Reading, Request};
use crate::handle::{CellSlot, DistributionSlot, Holder};
use crate::kind::Kind;
use crate::label::Labels;
use crate::name::Name;
use crate::registry::family::Family;

/// One set of labels under a name, with its slot. Lives as long as the process, also when its
/// registry does not: handles point into it.
#[derive(Debug)]
pub(crate) struct Series {
    /// Its place in the order of registration.
    pub(super) number: u32,
    pub(super) family: &'static Family,
    pub(super) labels: Labels,
    /// True when it counts under the cap of its name: as long as nobody asks for it whose labels the program's
    /// text bounds.
    capped: AtomicBool,
    pub(super) created: SystemTime,
    holder: Holder,
    /// See [`Series::removals`].
    removals: AtomicU32,
    /// How often it was reset.
    resets: AtomicU32,
    /// The fingerprint of what it held when a snapshot last looked whether it stands still.
    seen: AtomicU64,
    /// When a snapshot first saw that, in milliseconds of the steady clock, plus one; 0 is never.
    seen_since: AtomicU64,
}

/// How often any series left the snapshots or came back.
static REMOVALS: AtomicU64 = AtomicU64::new(0);

/// Another number after any series of any registry left the snapshots or came back.
pub(super) fn removals_of_all() -> u64 {
    // Acquire: pairs with the Release where it is counted, so that a removal that is counted is seen.
    REMOVALS.load(Acquire)
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
        let holder = match given {
            Given::Cell(slot) => Holder::Cell(CellSlot::resolved(slot)),
            Given::Distribution(found) => Holder::Distribution(DistributionSlot::resolved(found)),
        };
        Series {
            number: 0,
            family,
            labels,
            capped: AtomicBool::new(capped),
            created,
            holder,
            removals: AtomicU32::new(0),
            resets: AtomicU32::new(0),
            seen: AtomicU64::new(0),
            seen_since: AtomicU64::new(0),
        }
    }

    /// Its place in the order in which the series of its registry were registered.
    pub(crate) fn number(&self) -> u32 {
        self.number
    }

    /// How often it was reset. The caller holds the index's lock for idle series.
    pub(crate) fn resets(&self) -> u32 {
        // Relaxed: changed under the lock that is held.
        self.resets.load(Relaxed)
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

    /// What it is recorded through.
    pub(crate) fn holder(&'static self) -> &'static Holder {
        &self.holder
    }

    /// The holder of its slot, for a counter or a gauge.
    pub(crate) fn cell(&'static self) -> Option<&'static CellSlot> {
        match &self.holder {
            Holder::Cell(holder) => Some(holder),
            Holder::Distribution(_) => None,
        }
    }

    /// The holder of its slot, for a histogram or a timer.
    pub(crate) fn distribution(&'static self) -> Option<&'static DistributionSlot> {
        match &self.holder {
            Holder::Distribution(holder) => Some(holder),
            Holder::Cell(_) => None,
        }
    }

    /// What to ask the arena for its totals.
    pub(crate) fn request(&'static self) -> Request<'static> {
        match (&self.holder, self.kind()) {
            (Holder::Distribution(slot), Kind::Timer) => Request::Timer(slot.known()),
            (Holder::Distribution(slot), _) => Request::Histogram(slot.known()),
            (Holder::Cell(slot), Kind::Gauge) => Request::Gauge(slot.known()),
            (Holder::Cell(slot), _) => Request::Counter(slot.known()),
        }
    }

    /// How often it was removed and came back, together: odd while it is out.
    pub(crate) fn removals(&self) -> u32 {
        // Acquire: pairs with the Release in `take_out`: a reset before it is seen.
        self.removals.load(Acquire)
    }

    /// True when it counts under the cap of its name.
    pub(super) fn is_capped(&self) -> bool {
        // Relaxed: a mark that stands alone.
        self.capped.load(Relaxed)
    }

    /// Counts it under the cap no more; false where it did not. The caller holds the catalogue's lock.
    pub(super) fn uncap(&self) -> bool {
        // Relaxed: as above.
        let was_capped = self.capped.swap(false, Relaxed);
        if was_capped && !is_out(self.removals()) {
            self.family.give_place_back();
        }
        was_capped
    }

    /// Leaves it out of snapshots until it is recorded to; in a forked child, in which nothing is recorded
    /// yet, and before anybody else sees it. It takes no place.
    pub(super) fn begin_out(&self) {
        // Relaxed: nobody else has it.
        self.removals.store(1, Relaxed);
    }

    /// Forgets what it held, as it was reset. The caller holds the index's lock for idle series.
    pub(super) fn forget(&self) {
        // Relaxed, all: read under the lock that is held, or after `removals`. No fingerprint is that of nothing.
        self.seen.store(0, Relaxed);
        self.seen_since.store(0, Relaxed);
        self.resets.fetch_add(1, Relaxed);
    }

    /// Leaves it out of snapshots until it holds something; its place under the cap is free. False if it
    /// was out already. The caller has reset it.
    pub(super) fn remove(&self) -> bool {
        self.take_out()
    }

    /// It counts as recorded to, though it may hold what it held.
    pub(super) fn keep_in(&self) {
        // Relaxed: as in `retire_if_idle`, which takes a new look then.
        self.seen_since.store(0, Relaxed);
        let removals = self.removals();
        if is_out(removals) {
            self.bring_back(removals);
        }
    }

    /// Takes note of what it holds now, and leaves it out of snapshots if that is the same since
    /// `timeout`: what is recorded later brings it back, and nothing of it is lost. Returns whether it
    /// is out. Series that the program's text bounds stay. The caller holds the index's lock for idle series,
    /// and has read `holds` since it holds it.
    pub(crate) fn retire_if_idle(&self, holds: &Reading, now: Duration, timeout: Duration) -> bool {
        if !self.is_capped() {
            return false;
        }
        let (seen, now) = (holds.fingerprint(), (now.as_millis() as u64).saturating_add(1));
        // Relaxed, here and below: ordered by the lock, and for `still_holds` by the Release in `take_out`.
        let since = self.seen_since.load(Relaxed);
        if since == 0 || self.seen.load(Relaxed) != seen {
            self.seen.store(seen, Relaxed);
            self.seen_since.store(now, Relaxed);
            return false;
        }
        let timeout = timeout.as_millis().try_into().unwrap_or(u64::MAX);
        now.saturating_sub(since) >= timeout && self.take_out()
    }

    /// True while a series that is out has not been recorded to since.
    pub(crate) fn still_holds(&self, reading: &Reading) -> bool {
        // Relaxed: the caller has read `removals`, which acquires it.
        reading.is_untouched() || reading.fingerprint() == self.seen.load(Relaxed)
    }

    /// False if it was out already.
    fn take_out(&self) -> bool {
        // A removal of what is out already counts too: see `bring_back`.
        let next = |seen: u32| Some(seen.wrapping_add(if is_out(seen) { 2 } else { 1 }));
        // Release: pairs with the Acquire in `removals`. The closure never refuses.
        let before = self.removals.fetch_update(Release, Relaxed, next).unwrap_or_else(|seen| seen);
        // Release: pairs with the Acquire in `removals_of_all`.
        REMOVALS.fetch_add(1, Release);
        let was_in = !is_out(before);
        if was_in && self.is_capped() {
            self.family.give_place_back();
        }
        was_in
    }

    /// Brings it back into snapshots; false if it was removed once more since `seen`.
    pub(crate) fn bring_back(&self, seen: u32) -> bool {
        let back = seen.wrapping_add(1);
        // Relaxed: who sees it back has nothing else to see.
        match self.removals.compare_exchange(seen, back, Relaxed, Relaxed) {
            Ok(_) => {
                // Release: as in `take_out`.
                REMOVALS.fetch_add(1, Release);
                // Relaxed: as in `retire_if_idle`.
                self.seen_since.store(0, Relaxed);
                if self.is_capped() {
                    self.family.take_place();
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

//! Slot holders: a slot that is known, or where to ask for it at the first use.

use std::fmt;
use std::ptr;
use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};
use std::sync::atomic::{AtomicIsize, AtomicPtr, AtomicU64};

use crate::arena::{self, Distribution, NOWHERE, Reason, Shortcut, UNRESOLVED};

/// Who knows which slot a holder shall have: called at the first use, and possibly by several threads at
/// once; all get the same answer.
pub(crate) type Origin = fn() -> Resolved;

/// The answer of whom a holder asks.
#[derive(Debug, Clone, Copy)]
pub struct Resolved(pub(crate) Answer);

#[derive(Debug, Clone, Copy)]
pub(crate) enum Answer {
    Cell(isize),
    Distribution(&'static Distribution),
    /// There is no slot, for ever: records are dropped and counted under this reason.
    Dropped(Reason),
}

/// Holds the slot of a counter or a gauge.
pub struct CellSlot {
    /// The slot, `NOWHERE`, or the mark of a reason.
    slot: AtomicIsize,
    /// The cell that all threads share of the slot, of a gauge; none before its first use, and while there are captures.
    state: Shortcut,
    origin: Option<Origin>,
}

impl CellSlot {
    #[allow(
        clippy::declare_interior_mutable_const,
        reason = "copied into statics, and never written"
    )]
    const UNRESOLVED: CellSlot = CellSlot::marked(NOWHERE);

    /// A holder that asks `origin` at its first use.
    pub const fn deferred(origin: fn() -> Resolved) -> CellSlot {
        CellSlot { origin: Some(origin), ..CellSlot::UNRESOLVED }
    }

    /// A holder of what was answered: one without an answer of its own is that of another kind.
    pub(crate) fn of(answer: Resolved) -> CellSlot {
        match answer.0 {
            Answer::Cell(slot) => CellSlot::resolved(slot),
            Answer::Dropped(reason) => CellSlot::dropping(reason),
            Answer::Distribution(_) => CellSlot::dropping(Reason::Conflict),
        }
    }

    /// A holder of a slot that was given out.
    pub(crate) const fn resolved(slot: isize) -> CellSlot {
        CellSlot::marked(slot)
    }

    /// A holder whose records are dropped.
    pub(crate) const fn dropping(reason: Reason) -> CellSlot {
        CellSlot::marked(mark(reason))
    }

    /// Why its records are dropped, if they are.
    pub(super) fn dropped_for(&self) -> Option<Reason> {
        let known = self.known();
        (known < 0 && known != NOWHERE).then(|| reason(known))
    }

    const fn marked(slot: isize) -> CellSlot {
        CellSlot { slot: AtomicIsize::new(slot), state: Shortcut::none(), origin: None }
    }

    /// The cell that all threads share of a gauge's slot, where it is kept; otherwise the gauge goes the slow way.
    #[inline(always)]
    pub(crate) fn state(&self) -> Option<&'static AtomicU64> {
        self.state.get()
    }

    /// The same cell, looked for; `slot` is that of this holder.
    pub(crate) fn find_state(&'static self, slot: isize) -> Option<&'static AtomicU64> {
        self.state.find(slot)
    }

    /// The slot as it is known now; negative before it is resolved.
    #[inline(always)]
    pub(crate) fn known(&self) -> isize {
        // Relaxed: a thread that uses the slot has a shard of its own, which it took under the lock
        // that slots are given out under, or looks at what `state` acquires.
        self.slot.load(Relaxed)
    }

    /// The slot, asked for if need be; or why there is none. Inlined, so that it costs its callers the same wherever the
    /// compiler puts them.
    #[cold]
    #[inline]
    pub(crate) fn resolve(&self) -> Result<isize, Reason> {
        // Acquire: pairs with the Release in `ask`: what was made for the slot is seen with it.
        let known = self.slot.load(Acquire);
        if known >= 0 { Ok(known) } else { self.ask(known) }
    }

    /// Asks for the slot; apart from where it is known, which shall cost nothing that asking needs.
    #[cold]
    #[inline(never)]
    fn ask(&self, known: isize) -> Result<isize, Reason> {
        let Some(origin) = self.origin.filter(|_| known == NOWHERE) else {
            return Err(reason(known));
        };
        let _slow = arena::enter_slow_path().ok_or(Reason::Reentrant)?;
        let slot = match origin().0 {
            Answer::Cell(slot) => slot,
            Answer::Dropped(reason) => mark(reason),
            // An origin answers for its own kind; another kind is a conflict.
            Answer::Distribution(_) => mark(Reason::Conflict),
        };
        // Release and Acquire: as in `resolve`. The first answer stays: a slot is not overwritten by the mark
        // of another thread that found no room a moment before.
        let slot = match self.slot.compare_exchange(NOWHERE, slot, Release, Acquire) {
            Ok(_) => slot,
            Err(first) => first,
        };
        if slot >= 0 { Ok(slot) } else { Err(reason(slot)) }
    }
}

/// Holds what a histogram or a timer records into.
pub struct DistributionSlot {
    /// Never null: a distribution, or one of those below that have no cells.
    distribution: AtomicPtr<Distribution>,
    origin: Option<Origin>,
}

/// What a holder points at when its records are dropped, by reason.
static DROPPED: [Distribution; Reason::ALL.len()] = [
    Distribution::nowhere(mark(Reason::ALL[0])),
    Distribution::nowhere(mark(Reason::ALL[1])),
    Distribution::nowhere(mark(Reason::ALL[2])),
    Distribution::nowhere(mark(Reason::ALL[3])),
    Distribution::nowhere(mark(Reason::ALL[4])),
    Distribution::nowhere(mark(Reason::ALL[5])),
    Distribution::nowhere(mark(Reason::ALL[6])),
];

impl DistributionSlot {
    #[allow(
        clippy::declare_interior_mutable_const,
        reason = "copied into statics, and never written"
    )]
    const UNRESOLVED: DistributionSlot = DistributionSlot {
        distribution: AtomicPtr::new(ptr::from_ref(&UNRESOLVED).cast_mut()),
        origin: None,
    };

    /// A holder that asks `origin` at its first use.
    pub const fn deferred(origin: fn() -> Resolved) -> DistributionSlot {
        DistributionSlot { origin: Some(origin), ..DistributionSlot::UNRESOLVED }
    }

    /// A holder of what was answered.
    pub(crate) fn of(answer: Resolved) -> DistributionSlot {
        match answer.0 {
            Answer::Distribution(found) => DistributionSlot::resolved(found),
            Answer::Dropped(reason) => DistributionSlot::dropping(reason),
            Answer::Cell(_) => DistributionSlot::dropping(Reason::Conflict),
        }
    }

    /// A holder of a distribution that was given out.
    pub(crate) fn resolved(distribution: &'static Distribution) -> DistributionSlot {
        DistributionSlot {
            distribution: AtomicPtr::new(ptr::from_ref(distribution).cast_mut()),
            origin: None,
        }
    }

    /// A holder whose records are dropped.
    pub(crate) const fn dropping(reason: Reason) -> DistributionSlot {
        DistributionSlot {
            distribution: AtomicPtr::new(ptr::from_ref(&DROPPED[reason as usize]).cast_mut()),
            origin: None,
        }
    }

    /// The distribution as it is known now; one without cells before it is resolved.
    #[inline(always)]
    pub(crate) fn known(&self) -> &'static Distribution {
        // Acquire: pairs with the Release in `ask`: the distribution is complete.
        let known = self.distribution.load(Acquire);
        // SAFETY: the pointer is only ever made from a `&'static Distribution`.
        unsafe { &*known }
    }

    /// The distribution, asked for if need be; or why there is none. Inlined, as that of a `CellSlot`.
    #[cold]
    #[inline]
    pub(crate) fn resolve(&self) -> Result<&'static Distribution, Reason> {
        let known = self.known();
        if known.slot() >= 0 { Ok(known) } else { self.ask(known) }
    }

    /// Asks for the distribution; apart from where it is known, as in a `CellSlot`.
    #[cold]
    #[inline(never)]
    fn ask(&self, known: &'static Distribution) -> Result<&'static Distribution, Reason> {
        let Some(origin) = self.origin.filter(|_| known.slot() == NOWHERE) else {
            return Err(reason(known.slot()));
        };
        let _slow = arena::enter_slow_path().ok_or(Reason::Reentrant)?;
        let found = match origin().0 {
            Answer::Distribution(distribution) => distribution,
            Answer::Dropped(reason) => &DROPPED[reason as usize],
            // An origin answers for its own kind; another kind is a conflict.
            Answer::Cell(_) => &DROPPED[Reason::Conflict as usize],
        };
        let (before, new) = (ptr::from_ref(known).cast_mut(), ptr::from_ref(found).cast_mut());
        // Release: pairs with the Acquire in `known`. The first answer stays, as in a `CellSlot`.
        let found = match self.distribution.compare_exchange(before, new, Release, Acquire) {
            Ok(_) => found,
            Err(_) => self.known(),
        };
        if found.slot() >= 0 { Ok(found) } else { Err(reason(found.slot())) }
    }
}

/// The negative slot that stands for "dropped, for this reason".
const fn mark(reason: Reason) -> isize {
    NOWHERE + 1 + reason as isize
}

/// The reason that a negative slot stands for.
fn reason(mark: isize) -> Reason {
    let place = mark.wrapping_sub(NOWHERE + 1);
    let found = usize::try_from(place).ok().and_then(|place| Reason::ALL.get(place));
    // `NOWHERE` itself: a holder without an origin was never given a slot.
    found.copied().unwrap_or(Reason::Invalid)
}

impl fmt::Debug for CellSlot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("CellSlot").field(&self.known()).finish()
    }
}

impl fmt::Debug for DistributionSlot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("DistributionSlot").field(&self.known().slot()).finish()
    }
}

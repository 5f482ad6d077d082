//! Either kind of slot holder, as a lookup finds it.

use crate::arena::Reason;
use crate::handle::{CellSlot, DistributionSlot};

/// What a series is recorded through.
#[derive(Debug)]
pub(crate) enum Holder {
    /// Of a counter or a gauge.
    Cell(CellSlot),
    /// Of a histogram or a timer.
    Distribution(DistributionSlot),
}

impl Holder {
    /// A holder of nothing: records of every kind are dropped, and counted under this reason.
    pub(crate) fn dropping(reason: Reason) -> &'static Holder {
        &DROPPING[reason as usize]
    }

    /// A holder of one's own, of the same slot; None of one that is not resolved.
    pub(crate) fn again(&self) -> Option<Holder> {
        match self {
            Holder::Cell(holder) => holder.resolve().ok().map(CellSlot::resolved).map(Holder::Cell),
            Holder::Distribution(holder) => {
                let found = holder.resolve().ok()?;
                Some(Holder::Distribution(DistributionSlot::resolved(found)))
            }
        }
    }

    /// The slot of a counter or a gauge.
    #[inline(always)]
    pub(crate) fn cell(&'static self) -> &'static CellSlot {
        match self {
            Holder::Cell(holder) => holder,
            Holder::Distribution(_) => CellSlot::without_slot(Reason::Conflict),
        }
    }

    /// The slot of a histogram or a timer.
    #[inline(always)]
    pub(crate) fn distribution(&'static self) -> &'static DistributionSlot {
        match self {
            Holder::Distribution(holder) => holder,
            Holder::Cell(other) => no_distribution(other),
        }
    }
}

/// A cell where a distribution is asked for: one that drops everything, or that of another kind.
#[cold]
#[inline(never)]
fn no_distribution(found: &CellSlot) -> &'static DistributionSlot {
    DistributionSlot::without_slot(found.dropped_for().unwrap_or(Reason::Conflict))
}

/// One of them for each reason, in their order.
macro_rules! for_each_reason {
    ($reason:ident => $made:expr) => {{
        let mut all = [const {
            let $reason = Reason::ALL[0];
            $made
        }; Reason::ALL.len()];
        let mut place = 1;
        while place < all.len() {
            let $reason = Reason::ALL[place];
            all[place] = $made;
            place += 1;
        }
        all
    }};
}

static DROPPING: [Holder; Reason::ALL.len()] =
    for_each_reason!(reason => Holder::Cell(CellSlot::dropping(reason)));

static DROPPED_CELLS: [CellSlot; Reason::ALL.len()] =
    for_each_reason!(reason => CellSlot::dropping(reason));

static DROPPED_DISTRIBUTIONS: [DistributionSlot; Reason::ALL.len()] =
    for_each_reason!(reason => DistributionSlot::dropping(reason));

impl CellSlot {
    /// For handles without a series: records are dropped and counted.
    pub(crate) fn without_slot(reason: Reason) -> &'static CellSlot {
        &DROPPED_CELLS[reason as usize]
    }
}

impl DistributionSlot {
    /// For handles without a series: records are dropped and counted.
    pub(crate) fn without_slot(reason: Reason) -> &'static DistributionSlot {
        &DROPPED_DISTRIBUTIONS[reason as usize]
    }
}

//! What a lookup at a site finds: something to record into, or why there is nothing.

use crate::arena::Reason;
use crate::handle::{CellSlot, Counter, DistributionSlot, Gauge, Histogram, Timer};
use crate::registry::Series;

/// Where a lookup ended.
#[derive(Debug, Clone, Copy)]
pub struct Found(End);

#[derive(Debug, Clone, Copy)]
enum End {
    /// At what a site remembers.
    Known(&'static Holder),
    /// At what the registry answers.
    Series(&'static Series),
    /// Records are dropped, and counted under this reason.
    Nothing(Reason),
}

/// What a site remembers: the same slot as the series has.
#[derive(Debug)]
pub(super) enum Holder {
    Cell(CellSlot),
    Distribution(DistributionSlot),
}

impl Holder {
    /// A holder of one's own; None of a series that is not resolved.
    pub(super) fn of(series: &'static Series) -> Option<Holder> {
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
        Found(found.map_or_else(End::Nothing, End::Series))
    }
}

impl Found {
    /// What a site remembers.
    #[inline(always)]
    pub(super) const fn known(holder: &'static Holder) -> Found {
        Found(End::Known(holder))
    }

    /// The counter that was found.
    #[inline(always)]
    pub fn counter(self) -> Counter {
        Counter::new(self.cell())
    }

    /// The gauge that was found.
    #[inline(always)]
    pub fn gauge(self) -> Gauge {
        Gauge::new(self.cell())
    }

    /// The histogram that was found.
    #[inline(always)]
    pub fn histogram(self) -> Histogram {
        Histogram::new(self.distribution())
    }

    /// The timer that was found.
    #[inline(always)]
    pub fn timer(self) -> Timer {
        Timer::new(self.distribution())
    }

    #[inline(always)]
    fn cell(self) -> &'static CellSlot {
        let holder = match self.0 {
            End::Known(holder) => holder.cell(),
            End::Series(series) => series.cell(),
            End::Nothing(reason) => return dropped_cell(reason),
        };
        holder.unwrap_or(dropped_cell(Reason::Conflict))
    }

    #[inline(always)]
    fn distribution(self) -> &'static DistributionSlot {
        let holder = match self.0 {
            End::Known(holder) => holder.distribution(),
            End::Series(series) => series.distribution(),
            End::Nothing(reason) => return dropped_distribution(reason),
        };
        holder.unwrap_or(dropped_distribution(Reason::Conflict))
    }
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

/// The holder whose records are dropped for this reason.
#[inline]
pub(super) fn dropped_cell(reason: Reason) -> &'static CellSlot {
    &DROPPED_CELLS[reason as usize]
}

/// The holder whose records are dropped for this reason.
#[inline]
pub(super) fn dropped_distribution(reason: Reason) -> &'static DistributionSlot {
    &DROPPED_DISTRIBUTIONS[reason as usize]
}

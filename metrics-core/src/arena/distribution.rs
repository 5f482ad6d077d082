//! The cells of one histogram or timer, and how a value gets into them.
//!
//! Four small cells in a row (sum, max, min, and one more of the sum) and a row of buckets. The small
//! cells are written first and the bucket last; max and min say which buckets a reader has to look at,
//! and an untouched distribution is one whose max cell is 0.
//!
//! A histogram sums whole numbers apart from others and keeps its range as ordered bits. A timer sums
//! raw ticks, those of its own code apart, and keeps its range in ticks; they become seconds where a
//! sample is folded into a bucket, and on reading.

use std::cell::Cell;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use super::blank::Cells;
use super::cell::{Access, Anyone, Folding, Owner};
use super::drops::{self, Reason};
use super::epoch::Sample;
use super::extent::{self, Base, NoRoom};
use super::samples::Samples;
use super::shard::{self, Place};
use super::sum::Sum;
use crate::amount::Amount;
use crate::bucket::Layout;
use crate::clock;

/// Bits of the pending word that hold the ticks: 2^40 of them are 6 minutes at 3 GHz. Longer
/// samples are recorded at once.
const TICK_BITS: u32 = 40;

/// Bits of the pending word that hold the slot, counted in cells.
const SLOT_BITS: u32 = 64 - TICK_BITS;

/// How many small cells a distribution has.
pub(super) const SMALL_CELLS: usize = 4;

/// What timers keep of a thread: in one place, so that who needs both finds it once.
struct Timed {
    /// What the pending sample of this thread's shard belongs to. Only meaningful while there is
    /// one: a thread writes both, and gives its shard back without a pending sample.
    pending: Cell<&'static Distribution>,
    /// Ticks that timed calls inside the current one took.
    inner: Cell<u64>,
}

thread_local! {
    static TIMED: Timed = const { Timed { pending: Cell::new(&UNRESOLVED), inner: Cell::new(0) } };
}

/// What a holder points at before it is resolved: every record goes the slow way.
pub(crate) static UNRESOLVED: Distribution = Distribution::nowhere(super::NOWHERE);

/// Where the cells of one distribution are, and how values find their bucket.
#[derive(Debug)]
pub(crate) struct Distribution {
    small: isize,
    buckets: isize,
    /// What a clock tick and a second are in the values of the layout; 0 for a histogram.
    per_tick: f64,
    per_second: f64,
    layout: Layout,
    /// The same layout, for snapshots to share; None where there are no cells.
    shared: Option<Arc<Layout>>,
    /// The single values of a summary.
    samples: Option<&'static Samples>,
}

impl Distribution {
    /// A distribution without cells; `mark` is a negative slot.
    pub(crate) const fn nowhere(mark: isize) -> Distribution {
        Distribution {
            small: mark,
            buckets: 0,
            per_tick: 0.0,
            per_second: 0.0,
            layout: Layout::empty(),
            shared: None,
            samples: None,
        }
    }

    /// Gives out the cells of a histogram or a timer for `layout`, and appends the record that `describe` makes of both slots. Where
    /// the values of the layout are of time, `per_second` says what a second is in them.
    pub(crate) fn register(
        kind: Cells,
        layout: Arc<Layout>,
        per_second: Option<f64>,
        describe: impl FnOnce(isize, isize) -> Vec<u8>,
    ) -> Result<Distribution, NoRoom> {
        let (small, buckets) = extent::register(kind, layout.cells() as usize, describe)?;
        // An extent's small cells are at most an eighth of the largest size: 2^22 of them.
        debug_assert!((small as usize / 8) >> SLOT_BITS == 0);
        Ok(Distribution::at(small, buckets, layout, per_second))
    }

    /// As [`register`](Distribution::register), without a record; of a timer, where a capture moves it.
    #[cfg(test)]
    pub(crate) fn allocate(layout: Arc<Layout>) -> Result<Distribution, NoRoom> {
        Distribution::register(Cells::Timer, layout, Some(1.0), |_, _| Vec::new())
    }

    /// The distribution whose cells were given out earlier at these slots.
    pub(crate) fn at(
        small: isize,
        buckets: isize,
        layout: Arc<Layout>,
        per_second: Option<f64>,
    ) -> Distribution {
        let per_tick = per_second.map_or(0.0, |per_second| per_second * clock::seconds_per_tick());
        Distribution {
            small,
            buckets,
            per_tick,
            per_second: per_second.unwrap_or(0.0),
            layout: Layout::clone(&layout),
            shared: Some(layout),
            samples: None,
        }
    }

    /// The same, keeping single values, too.
    pub(crate) fn with_samples(self) -> Distribution {
        Distribution { samples: Some(Samples::of(self.small)), ..self }
    }

    /// The single values that are kept, of a summary.
    pub(crate) fn samples(&self) -> Option<&'static Samples> {
        self.samples
    }

    /// The slot of the first small cell, which also identifies the distribution.
    #[inline(always)]
    pub(crate) fn slot(&self) -> isize {
        self.small
    }

    pub(crate) fn layout(&self) -> &Layout {
        &self.layout
    }

    /// What so many ticks of a timer are in the values of its layout.
    #[inline(always)]
    pub(crate) fn value_of(&self, ticks: u64) -> f64 {
        ticks as f64 * self.per_tick
    }

    /// A duration in the values of the layout, where these are of time.
    pub(crate) fn in_its_unit(&self, seconds: f64) -> f64 {
        if self.per_second == 0.0 { seconds } else { seconds * self.per_second }
    }

    /// What a second is in the values of the layout, where these are of time.
    pub(crate) fn per_second(&self) -> f64 {
        self.per_second
    }

    /// The layout, for a snapshot to keep.
    pub(crate) fn shared_layout(&self) -> Arc<Layout> {
        self.shared.clone().unwrap_or_else(|| Arc::new(self.layout.clone()))
    }

    /// The sum of a histogram's values.
    #[inline(always)]
    pub(super) fn sum(&self, base: Base) -> Sum {
        Sum { reals: base.cell(self.small), wholes: base.cell(self.small + 24) }
    }

    /// The sum of a timer's ticks.
    #[inline(always)]
    pub(super) fn ticks(&self, base: Base) -> &'static AtomicU64 {
        base.cell(self.small)
    }

    #[inline(always)]
    pub(super) fn max(&self, base: Base) -> &'static AtomicU64 {
        base.cell(self.small + 8)
    }

    #[inline(always)]
    pub(super) fn min(&self, base: Base) -> &'static AtomicU64 {
        base.cell(self.small + 16)
    }

    /// The sum of those of a timer's ticks that were not spent in timed calls inside.
    #[inline(always)]
    pub(super) fn own_ticks(&self, base: Base) -> &'static AtomicU64 {
        base.cell(self.small + 24)
    }

    #[inline(always)]
    pub(super) fn bucket(&self, base: Base, cell: usize) -> &'static AtomicU64 {
        debug_assert!(cell < self.layout.cells() as usize);
        base.cell(self.buckets + 8 * cell as isize)
    }

    // ---- histograms ----

    /// Records a value `times` over into this thread's shard; false when the value lies outside the
    /// range, the layout has splits, or the thread needs the slow way.
    #[inline(always)]
    pub(crate) fn record_fast(&self, amount: Amount, times: u64) -> bool {
        let value = amount.value();
        let Some(cell) = self.layout.unsplit_cell(value) else { return false };
        let Some(base) = shard::own_base(self.small) else { return false };
        // A value of a native bucket is at most 2^900: no sum of them leaves the finite numbers.
        if !self.sum(base).add_small(amount.times(times)) {
            return false;
        }
        // As `ascending`: what has a native bucket is above zero.
        let ordered = value.to_bits() | 1 << 63;
        Owner::raise(self.max(base), ordered);
        Owner::raise(self.min(base), !ordered);
        if times == 1 {
            Owner::add(self.bucket(base, cell), 1);
        } else {
            Owner::add_saturating(self.bucket(base, cell), times);
        }
        true
    }

    /// Records any value into this thread's shard, or counts that it cannot be recorded; false when
    /// the thread needs the slow way.
    #[inline]
    pub(crate) fn record_unusual(&self, amount: Amount, times: u64) -> bool {
        let Some(base) = shard::own_base(self.small) else { return false };
        match self.layout.cell(amount.value()) {
            Some(cell) => self.record_into::<Owner>(base, cell, amount, times),
            None => drops::count(Reason::NotFinite),
        }
        true
    }

    /// Records any value from any thread. What cannot be recorded is counted.
    pub(crate) fn record_slowly(&self, amount: Amount, times: u64) {
        let Some(cell) = self.layout.cell(amount.value()) else {
            return drops::count(Reason::NotFinite);
        };
        match shard::place() {
            Some(Place::Own(base)) => self.record_into::<Owner>(base, cell, amount, times),
            Some(Place::Shared(base)) => self.record_into::<Anyone>(base, cell, amount, times),
            None => {}
        }
    }

    fn record_into<A: Access>(&self, base: Base, cell: u32, amount: Amount, times: u64) {
        // The value counts where it lies even if the sum has no room for it.
        if !self.sum(base).add::<A>(amount.times(times)) {
            drops::count(Reason::SumOverflow);
        }
        let value = amount.value();
        A::raise(self.max(base), ascending(value));
        A::raise(self.min(base), !ascending(value));
        A::add_saturating(self.bucket(base, cell as usize), times);
    }

    // ---- timers ----

    /// Records a sample of `ticks`, of which `own` were not spent in timed calls inside it. While
    /// the clock read that gave the ticks is in flight, the previous sample of the shard is folded;
    /// this one becomes the pending one. False when it needs the slow way: a sample that is too long
    /// for a word, or whose predecessor is none or of no native bucket.
    ///
    /// Whatever needs a call is asked before anything is written, so that nothing has to be kept over
    /// one.
    #[inline(always)]
    pub(crate) fn record_ticks(&'static self, ticks: u64, own: u64) -> bool {
        let Some(base) = shard::own_base(self.small) else { return false };
        let Some(word) = self.pending_word(ticks) else { return false };
        let previous = TIMED.with(|timed| timed.pending.get());
        let previous_ticks = base.pending().word() & TICK_MASK;
        // Zero for no sample, and where there was no timer yet.
        let value = previous.value_of(previous_ticks);
        let Some(cell) = previous.layout.unsplit_cell(value) else { return false };
        TIMED.with(|timed| timed.pending.set(self));
        base.pending().replace(Sample { word, inner: own }, |sample| {
            previous.fold_into::<Folding>(base, cell, sample.word & TICK_MASK, sample.inner);
        });
        true
    }

    /// Records any number of ticks from any thread. What cannot be recorded is counted.
    pub(crate) fn record_ticks_slowly(&'static self, ticks: u64, own: u64) {
        if ticks > clock::TICKS_MAX {
            return drops::count(Reason::TooLong);
        }
        match shard::place() {
            Some(Place::Own(base)) => match self.pending_word(ticks) {
                Some(word) => {
                    let previous = TIMED.with(|timed| timed.pending.replace(self));
                    base.pending().replace(Sample { word, inner: own }, |sample| {
                        previous.fold_ticks::<Folding>(base, sample.word & TICK_MASK, sample.inner);
                    });
                }
                // Stored as a fold stores, although it is none: who sees these stores sees with them
                // what was folded into the same cells before, and must see that fold's epoch, too.
                None => self.fold_ticks::<Folding>(base, ticks, own),
            },
            Some(Place::Shared(base)) => self.fold_ticks::<Anyone>(base, ticks, own),
            None => {}
        }
    }

    /// The slot and the ticks in one word; None where they are too many for that.
    #[inline(always)]
    fn pending_word(&self, ticks: u64) -> Option<u64> {
        // The slot fits its bits (see `register`) and is not 0, so the word is never 0.
        (ticks >> TICK_BITS == 0).then_some((self.small as u64 / 8) << TICK_BITS | ticks)
    }

    fn fold_ticks<A: Access>(&self, base: Base, ticks: u64, own: u64) {
        let cell = self.layout.cell(self.value_of(ticks)).unwrap_or(0);
        self.fold_into::<A>(base, cell as usize, ticks, own);
    }

    #[inline(always)]
    fn fold_into<A: Access>(&self, base: Base, cell: usize, ticks: u64, own: u64) {
        A::add_saturating(self.ticks(base), ticks);
        A::add_saturating(self.own_ticks(base), own);
        A::raise(self.max(base), ticks + 1);
        A::raise(self.min(base), !ticks);
        A::add(self.bucket(base, cell), 1);
    }
}

const TICK_MASK: u64 = (1 << TICK_BITS) - 1;

/// Folds the pending sample of the calling thread's shard.
pub(super) fn fold_previous(base: Base, sample: Sample) {
    TIMED.with(|timed| timed.pending.get()).fold_ticks::<Folding>(
        base,
        sample.word & TICK_MASK,
        sample.inner,
    );
}

/// The slot of the distribution that a pending word belongs to, and its ticks.
pub(super) fn unpack(word: u64) -> (isize, u64) {
    ((word >> TICK_BITS) as isize * 8, word & TICK_MASK)
}

/// A timing that has begun.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Timing {
    start: u64,
    outer: u64,
}

impl Timing {
    /// Begins a timing: timed calls of this thread count as inside it until it is stopped or
    /// abandoned.
    #[inline(always)]
    pub(crate) fn start() -> Timing {
        let outer = TIMED.with(|timed| timed.inner.replace(0));
        Timing { start: clock::now(), outer }
    }

    /// Ends the timing at `now`: how long it took, and how much of that was not spent in timed calls
    /// inside it, in ticks. A clock that stepped back gives 0.
    #[inline(always)]
    pub(crate) fn stop_at(self, now: u64) -> (u64, u64) {
        let ticks = clock::elapsed(self.start, now);
        let around = self.outer.wrapping_add(ticks);
        let inner = TIMED.with(|timed| timed.inner.replace(around));
        (ticks, ticks.saturating_sub(inner))
    }

    /// The tick at which it began.
    #[inline(always)]
    pub(crate) fn start_tick(&self) -> u64 {
        self.start
    }

    /// Ends the timing without a record; calls inside it then count as inside the one around it.
    pub(crate) fn abandon(self) {
        TIMED.with(|timed| timed.inner.set(self.outer.wrapping_add(timed.inner.get())));
    }
}

/// The bits of a finite `f64` as an integer of the same order, never 0 and never `u64::MAX`.
#[inline(always)]
pub(super) fn ascending(value: f64) -> u64 {
    let bits = value.to_bits();
    let negative = (bits as i64 >> 63) as u64;
    bits ^ (negative | 1 << 63)
}

/// The `f64` that [`ascending`] took.
pub(super) fn from_ascending(ordered: u64) -> f64 {
    let bits = if ordered >> 63 == 1 { ordered ^ (1 << 63) } else { !ordered };
    f64::from_bits(bits)
}

//! Blank shards: those whose cells are all zero, for captures to record into.
//!
//! An ordinary shard holds the totals of all threads that ever had it, so nothing tells what one piece
//! of work added. In a blank one that is all there is. Afterwards its contents are moved to where the
//! thread would have recorded them, under the readers' turn, so that no reader sees anything twice or not at all; then
//! it is blank again. Threads never get a blank shard for their own: captures that come one after the other share one.
//!
//! Moving needs to know what the cells are, and the arena knows no names: so it keeps a list of what it gave out.

use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};
use std::sync::atomic::{AtomicU64, fence};

use super::cell::{Access, Anyone, Owner};
use super::distribution::SMALL_CELLS;
use super::extent::{self, BASELINE, Base, NoRoom, SHARED};
use super::patience::Patience;
use super::shard::Place;
use super::shortcut::Shortcuts;
use super::sum::Sum;
use super::{gauge, read};

/// What the cells of a slot are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cells {
    Counter,
    Gauge,
    Histogram,
    Timer,
}

impl Cells {
    /// How many small cells there are.
    pub(super) const fn small(self) -> usize {
        match self {
            Cells::Counter => 1,
            Cells::Gauge => gauge::CELLS,
            Cells::Histogram | Cells::Timer => SMALL_CELLS,
        }
    }
}

/// Cells that were given out together. Both slots are counted in cells, which fits: an extent has less than 2^32 of them.
#[derive(Debug, Clone, Copy)]
pub(super) struct Given {
    cells: Cells,
    small: u32,
    buckets: u32,
    bucket_count: u32,
}

/// What captures need of what only one thread at a time may change.
pub(super) struct Stock {
    /// All cells that were given out, in order.
    given: Vec<Given>,
    /// The blank shards that no capture has.
    blank: Vec<u32>,
    /// All that were ever made for captures: threads never get them.
    made: Vec<u32>,
    /// How many captures there are.
    captures: usize,
    /// What is withdrawn while there are any.
    pub(super) shortcuts: Shortcuts,
}

/// Odd while cells are being moved, for those who add them up without taking the readers' turn.
static MOVES: AtomicU64 = AtomicU64::new(0);

impl Given {
    pub(super) fn new(cells: Cells, small: isize, buckets: isize, bucket_count: usize) -> Given {
        let in_cells = |slot: isize| (slot / 8) as u32;
        Given {
            cells,
            small: in_cells(small),
            buckets: in_cells(buckets),
            bucket_count: bucket_count as u32,
        }
    }

    fn small(&self, base: Base, place: isize) -> &'static AtomicU64 {
        base.cell(8 * (self.small as isize + place))
    }

    /// Adds what one extent holds to another, and leaves it at zero.
    fn move_to<A: Access>(&self, from: Base, to: Base) {
        let sum = |base| Sum { reals: self.small(base, 0), wholes: self.small(base, 3) };
        match self.cells {
            // What is zero is not added: that would take memory for all cells there are.
            Cells::Counter => match take(self.small(from, 0)) {
                0 => {}
                count => A::add(self.small(to, 0), count),
            },
            Cells::Gauge => {
                let sum = |base| Sum { reals: self.small(base, 0), wholes: self.small(base, 1) };
                sum(to).take_over::<A>(sum(from));
            }
            Cells::Histogram | Cells::Timer if self.small(from, 1).load(Relaxed) == 0 => {}
            Cells::Histogram => {
                sum(to).take_over::<A>(sum(from));
                self.move_distribution::<A>(from, to);
            }
            Cells::Timer => {
                for place in [0, 3] {
                    A::add_saturating(self.small(to, place), take(self.small(from, place)));
                }
                self.move_distribution::<A>(from, to);
            }
        }
    }

    /// The range, and the buckets.
    fn move_distribution<A: Access>(&self, from: Base, to: Base) {
        for place in [1, 2] {
            A::raise(self.small(to, place), take(self.small(from, place)));
        }
        for place in 0..self.bucket_count as isize {
            let slot = 8 * (self.buckets as isize + place);
            match take(from.cell(slot)) {
                0 => {}
                count => A::add_saturating(to.cell(slot), count),
            }
        }
    }
}

/// The content of a cell, which is zero from then on. Relaxed, as all that is moved: the caller is the only one to
/// write the cell, and whoever reads it has the turn, or asks `MOVES`.
fn take(cell: &AtomicU64) -> u64 {
    let content = cell.load(Relaxed);
    if content != 0 {
        cell.store(0, Relaxed);
    }
    content
}

impl Stock {
    pub(super) const EMPTY: Stock = Stock {
        given: Vec::new(),
        blank: Vec::new(),
        made: Vec::new(),
        captures: 0,
        shortcuts: Shortcuts::NONE,
    };

    /// Room for one more to be noted.
    pub(super) fn reserve(&mut self) -> Result<(), NoRoom> {
        self.given.try_reserve(1).map_err(|_| NoRoom)
    }

    /// Notes cells that are given out.
    pub(super) fn note(&mut self, given: Given) {
        self.given.push(given);
    }

    /// True for a shard that was made for captures.
    #[cfg(all(unix, not(miri)))]
    pub(super) fn made(&self, shard: u32) -> bool {
        self.made.contains(&shard)
    }

    pub(super) fn has_captures(&self) -> bool {
        self.captures > 0
    }

    /// There is one more capture. The first one withdraws all shortcuts.
    pub(super) fn begin_capture(&mut self) {
        if self.captures == 0 {
            self.shortcuts.withdraw();
        }
        self.captures += 1;
    }

    pub(super) fn end_capture(&mut self) {
        // In a forked child, those of threads that do not exist there never end: its gauges are set the slow way, for ever.
        self.captures -= 1;
    }
}

/// A blank shard: one that a capture gave back, or a new one.
pub(super) fn take_blank() -> Result<u32, NoRoom> {
    let mut growth = extent::lock_growth();
    growth.start()?;
    if let Some(shard) = growth.stock.blank.pop() {
        return Ok(shard);
    }
    let shard = growth.add_extent()?;
    growth.stock.made.push(shard);
    Ok(shard)
}

/// Moves what shards of captures hold to where the calling thread records, and gives them back. It must be the only one
/// that writes them, none of them may hold a pending sample, and the caller is in a slow path.
pub(super) fn give_back(shards: &[u32], to: Place) {
    let _turn = read::lock_turn();
    let mut growth = extent::lock_growth();
    // Relaxed: only changed under the turn.
    let moves = MOVES.load(Relaxed);
    MOVES.store(moves.wrapping_add(1), Relaxed);
    // Release: pairs with the Acquire fence in `counted`: who sees anything of the move sees the odd number.
    fence(Release);
    for &shard in shards {
        let Some(from) = extent::extent(shard as usize) else { continue };
        for given in &growth.stock.given {
            match to {
                Place::Own(to) => given.move_to::<Owner>(from, to),
                Place::Shared(to) => given.move_to::<Anyone>(from, to),
            }
        }
    }
    // Release: pairs with the Acquire load in `counted`: the move is complete.
    MOVES.store(moves.wrapping_add(2), Release);
    growth.stock.blank.extend_from_slice(shards);
}

/// The sum of a counter's increments, over all extents, without taking turns.
pub(crate) fn counted(slot: isize) -> u64 {
    let mut patience = Patience::default();
    loop {
        // Acquire: pairs with the Release in `give_back`: what was moved by then is where it is now.
        let before = MOVES.load(Acquire);
        let extents = (SHARED..extent::count()).filter(|number| *number != BASELINE);
        let cells = extents.filter_map(extent::extent).map(|base| base.cell(slot).load(Relaxed));
        let sum = cells.fold(0, u64::wrapping_add);
        // Acquire: pairs with the Release fence in `give_back`.
        fence(Acquire);
        if (before % 2 == 0 && MOVES.load(Relaxed) == before) || !patience.wait() {
            return sum;
        }
    }
}

//! Extents: the reservations of equal shape, and the slots given out of them.

use std::ptr;
use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};
use std::sync::atomic::{AtomicPtr, AtomicU32, AtomicU64};
use std::sync::{Mutex, MutexGuard, PoisonError, TryLockError};

use super::blank::{Cells, Given, Stock};
use super::{directory, memory, shard};

/// The extent of what all threads share of a slot.
pub(crate) const STATE: usize = 0;
/// The extent that threads without a shard add to.
pub(crate) const SHARED: usize = 1;
/// The extent of what a reset subtracts.
pub(crate) const BASELINE: usize = 2;
/// The first shard.
pub(crate) const FIRST_SHARD: usize = 3;

/// The most extents; threads beyond record into the shared one.
///
/// Each takes up to four mappings of the 65,530 that Linux allows a process by default.
const MAX_EXTENTS: usize = 4_096;

/// Bytes in front of the slots: the cells of the pending sample, on a cache line of their own.
pub(super) const HEADER_BYTES: usize = 64;

/// The smallest step in which a region grows, in bytes; it also grows by a quarter of itself.
const GROWTH_BYTES: usize = 16 * 1024;

/// Bytes that fit a cache line, so that the buckets of two distributions never share one.
const LINE_BYTES: usize = 64;

/// Where extents lie. A place is written once, before `EXTENTS` counts it.
static BASES: [AtomicPtr<u8>; MAX_EXTENTS] =
    [const { AtomicPtr::new(ptr::null_mut()) }; MAX_EXTENTS];

/// How many extents there are.
static EXTENTS: AtomicU32 = AtomicU32::new(0);

/// Counts the forks between the first process and this one.
pub(super) static GENERATION: AtomicU32 = AtomicU32::new(0);

/// How often a thread could not have a shard, since the system refused or there were too many.
static SHARDS_REFUSED: AtomicU64 = AtomicU64::new(0);

/// What only one thread at a time may change: growth of the arena, and the shards that are free.
pub(super) static GROWTH: Mutex<Growth> = Mutex::new(Growth {
    extent_bytes: 0,
    budget_bytes: 0,
    spare: None,
    small: Region::EMPTY,
    buckets: Region::EMPTY,
    free: Vec::new(),
    stock: Stock::EMPTY,
});

pub(super) struct Growth {
    /// The size of each extent, fixed by the first reservation; 0 before.
    extent_bytes: usize,
    /// How many bytes all extents together may reserve.
    budget_bytes: usize,
    /// A reservation that could not be made accessible; the next extent takes it.
    spare: Option<Spare>,
    small: Region,
    buckets: Region,
    /// The shards that no thread holds.
    pub(super) free: Vec<u32>,
    /// What captures need.
    pub(super) stock: Stock,
}

/// A part of every extent: given out from `start` on, accessible up to `ready`, at most to `end`.
#[derive(Clone, Copy)]
struct Region {
    start: usize,
    used: usize,
    ready: usize,
    end: usize,
}

/// A reservation that nobody uses yet.
struct Spare {
    start: *mut u8,
    bytes: usize,
}

// SAFETY: the reservation belongs to whoever holds this value, on whatever thread.
unsafe impl Send for Spare {}

impl Region {
    const EMPTY: Region = Region { start: 0, used: 0, ready: 0, end: 0 };
}

/// Why there is no slot or no shard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NoRoom;

/// The start of an extent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Base(*mut u8);

impl Base {
    pub(super) const fn from_ptr(start: *mut u8) -> Base {
        Base(start)
    }

    pub(super) const fn as_ptr(self) -> *mut u8 {
        self.0
    }

    /// True if this is no extent, or `slot` no slot: addresses and slots are never negative, and
    /// `NOWHERE` in either makes their sum so.
    #[inline(always)]
    #[cfg(target_pointer_width = "64")]
    pub(super) fn is_nowhere_with(self, slot: isize) -> bool {
        (self.0.wrapping_offset(slot).addr() as isize) < 0
    }

    /// As above, where an address may use all bits.
    #[inline(always)]
    #[cfg(not(target_pointer_width = "64"))]
    pub(super) fn is_nowhere_with(self, slot: isize) -> bool {
        slot < 0 || self.0.addr() as isize == super::NOWHERE
    }

    /// The cell of `slot` in this extent.
    #[inline(always)]
    pub(crate) fn cell(self, slot: isize) -> &'static AtomicU64 {
        // SAFETY: a `Base` is the start of an extent, and a slot is given out by `allocate` (or is a
        // place in the header) only after it was made accessible in every extent, which lives as
        // long as the process. Both are multiples of eight. All access to cells is atomic.
        unsafe { &*self.0.wrapping_offset(slot).cast::<AtomicU64>() }
    }
}

/// Locks what grows. Poison is ignored: every change is complete before anything can panic.
pub(super) fn lock_growth() -> MutexGuard<'static, Growth> {
    super::watch_forks();
    GROWTH.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Locks what grows, if nobody has it. The caller has seen a slot: so forks are watched already.
pub(super) fn try_lock_growth() -> Option<MutexGuard<'static, Growth>> {
    match GROWTH.try_lock() {
        Ok(growth) => Some(growth),
        Err(TryLockError::Poisoned(poisoned)) => Some(poisoned.into_inner()),
        Err(TryLockError::WouldBlock) => None,
    }
}

/// The extent of that number, if it exists.
pub(crate) fn extent(number: usize) -> Option<Base> {
    (number < count()).then(|| Base(BASES[number].load(Relaxed)))
}

/// How many extents there are; those before that number can be read.
pub(crate) fn count() -> usize {
    // Acquire: pairs with the Release in `add_extent`: the base and its memory are there.
    EXTENTS.load(Acquire) as usize
}

/// The cell that all threads share of a slot. None before the first slot was given out.
pub(crate) fn state_cell(slot: isize) -> Option<&'static AtomicU64> {
    // A slot that was given out: so the fixed extents are there.
    extent(STATE).filter(|_| slot >= 0).map(|state| state.cell(slot))
}

/// What a counter has beside what was counted: the part of its total that somebody else kept.
pub(crate) fn absolute_base(slot: isize) -> u64 {
    // Relaxed: a total that stands alone.
    state_cell(slot).map_or(0, |base| base.load(Relaxed))
}

/// Gives out small cells in a row and, where `buckets` is not 0, as many bucket cells in a row, and
/// appends the record that `describe` makes of both slots; all of it or nothing. The second slot is 0
/// where no bucket was asked for.
pub(crate) fn register(
    cells: Cells,
    buckets: usize,
    describe: impl FnOnce(isize, isize) -> Vec<u8>,
) -> Result<(isize, isize), NoRoom> {
    let mut growth = lock_growth();
    growth.stock.reserve()?;
    let (small, bucket) = growth.give_out(cells.small(), buckets, describe)?;
    growth.stock.note(Given::new(cells, small, bucket, buckets));
    Ok((small, bucket))
}

/// As [`register`], without a record, and of no kind: captures do not move such cells.
#[cfg(test)]
pub(crate) fn allocate(small: usize, buckets: usize) -> Result<(isize, isize), NoRoom> {
    lock_growth().give_out(small, buckets, |_, _| Vec::new())
}

/// A shard for the calling thread: one that another thread gave back, or a new one.
pub(super) fn take_shard() -> Result<u32, NoRoom> {
    let mut growth = lock_growth();
    growth.start()?;
    if let Some(shard) = growth.free.pop() {
        return Ok(shard);
    }
    let taken = growth.add_extent();
    if taken.is_err() {
        // Relaxed: a total that stands alone.
        SHARDS_REFUSED.fetch_add(1, Relaxed);
    }
    taken
}

/// Gives a shard back; its totals stay in it, and its next holder goes on from there.
pub(super) fn give_back(shard: u32) {
    // Windows ends a process by killing its other threads, wherever they are, and then runs the
    // destructors of this one: the lock may be held by nobody, for ever.
    if cfg!(windows) {
        if let Ok(mut growth) = GROWTH.try_lock() {
            growth.free.push(shard);
        }
        return;
    }
    lock_growth().free.push(shard);
}

impl Growth {
    /// Cells in a row of both regions, and their record.
    fn give_out(
        &mut self,
        small: usize,
        buckets: usize,
        describe: impl FnOnce(isize, isize) -> Vec<u8>,
    ) -> Result<(isize, isize), NoRoom> {
        self.start()?;
        let small_region = self.make_room(self.small, small * 8, small.next_power_of_two() * 8)?;
        let bucket_region = self.make_room(self.buckets, buckets * 8, LINE_BYTES)?;
        // Both are less than the size of an extent, which fits an `isize`.
        let small_slot = (small_region.used - small * 8) as isize;
        let bucket_slot =
            if buckets == 0 { 0 } else { (bucket_region.used - buckets * 8) as isize };
        directory::append_locked(self, &describe(small_slot, bucket_slot))?;
        self.small = small_region;
        self.buckets = bucket_region;
        directory::publish_sizes(self, self.extent_bytes, small_region.used, bucket_region.used);
        Ok((small_slot, bucket_slot))
    }

    /// Makes the fixed extents, once; after a refusal it tries again the next time.
    pub(super) fn start(&mut self) -> Result<(), NoRoom> {
        if count() >= FIRST_SHARD {
            return Ok(());
        }
        self.budget_bytes = memory::budget();
        for (place, &bytes) in memory::SIZES.iter().enumerate() {
            // A size is taken when it leaves room for some threads beside the fixed extents; the
            // smallest in any case, since without the fixed extents nothing can be recorded.
            let smallest = place + 1 == memory::SIZES.len();
            if !smallest && bytes > self.budget_bytes / (4 * FIRST_SHARD) {
                continue;
            }
            self.shape(bytes);
            if self.start_with_shape().is_ok() {
                return Ok(());
            }
        }
        Err(NoRoom)
    }

    /// Makes the fixed extents and the directory: all of them, or none, so that what a larger size got
    /// is not missing for a smaller one.
    fn start_with_shape(&mut self) -> Result<(), NoRoom> {
        self.small.ready = step(0);
        let mut fixed = [ptr::null_mut(); FIRST_SHARD];
        let mut made = Ok(());
        for start in &mut fixed {
            made = made.and_then(|()| {
                *start = memory::reserve(self.extent_bytes).ok_or(NoRoom)?;
                let base = Base(*start);
                if base.commit(self.small.start, self.small.ready) { Ok(()) } else { Err(NoRoom) }
            });
        }
        if made.and_then(|()| directory::prepare(self)).is_err() {
            for start in fixed.into_iter().filter(|start| !start.is_null()) {
                // SAFETY: reserved above, with this size, and known to nobody else.
                unsafe { memory::release(start, self.extent_bytes) };
            }
            return Err(NoRoom);
        }
        fixed.into_iter().for_each(publish);
        Ok(())
    }

    /// Fixes the shape of extents of `bytes`: an eighth for small cells, the rest for buckets.
    fn shape(&mut self, bytes: usize) {
        let small_end = bytes / 8;
        self.extent_bytes = bytes;
        self.small = Region { start: 0, used: HEADER_BYTES, ready: 0, end: small_end };
        self.buckets = Region { start: small_end, used: small_end, ready: small_end, end: bytes };
    }

    /// Reserves one more extent and makes accessible in it what is in the others.
    pub(super) fn add_extent(&mut self) -> Result<u32, NoRoom> {
        let number = count();
        let within_budget = (number + 1).saturating_mul(self.extent_bytes) <= self.budget_bytes;
        if number == MAX_EXTENTS || !within_budget {
            return Err(NoRoom);
        }
        // So that giving a shard back never allocates: an exiting thread holds the lock for it.
        self.free.reserve((number + 1).saturating_sub(self.free.len()));
        let start = self.reserve()?;
        let base = Base(start);
        if !(base.commit(self.small.start, self.small.ready)
            && base.commit(self.buckets.start, self.buckets.ready))
        {
            self.spare = Some(Spare { start, bytes: self.extent_bytes });
            return Err(NoRoom);
        }
        publish(start);
        Ok(number as u32)
    }

    /// Address space for an extent: what an earlier attempt left, or new.
    fn reserve(&mut self) -> Result<*mut u8, NoRoom> {
        match self.spare.take() {
            Some(spare) if spare.bytes >= self.extent_bytes => Ok(spare.start),
            other => {
                self.spare = other;
                memory::reserve(self.extent_bytes).ok_or(NoRoom)
            }
        }
    }

    /// The region with `bytes` more in use, made accessible in every extent.
    fn make_room(&self, region: Region, bytes: usize, align: usize) -> Result<Region, NoRoom> {
        if bytes == 0 {
            return Ok(region);
        }
        let used = region.used.next_multiple_of(align).checked_add(bytes).ok_or(NoRoom)?;
        if used > region.end {
            return Err(NoRoom);
        }
        let mut ready = region.ready;
        if used > ready {
            let wanted = region.start + step(used - region.start);
            ready = wanted.min(region.end);
            let all = (0..count()).filter_map(extent);
            // What some extents got before another was refused stays accessible, which is harmless.
            if !all.into_iter().all(|base| base.commit(region.ready, ready)) {
                return Err(NoRoom);
            }
        }
        Ok(Region { used, ready, ..region })
    }

    /// Address space that the directory may take.
    pub(super) fn directory_budget(&self) -> usize {
        self.budget_bytes / 4
    }

    /// The accessible ranges of every extent, as offsets.
    pub(super) fn ready(&self) -> [(usize, usize); 2] {
        [(self.small.start, self.small.ready), (self.buckets.start, self.buckets.ready)]
    }
}

impl Base {
    /// Makes the bytes between two offsets accessible.
    fn commit(self, from: usize, to: usize) -> bool {
        if from >= to {
            return true;
        }
        // SAFETY: both ends are inside the reservation of `extent_bytes` and multiples of the page
        // size: see `step` and `shape`.
        unsafe { memory::commit(self.0.wrapping_add(from), to - from) }
    }
}

/// Makes an extent known. The caller holds the growth lock.
fn publish(start: *mut u8) {
    let number = count();
    // Relaxed: the count below publishes it.
    BASES[number].store(start, Relaxed);
    // Release: pairs with the Acquire in `count`.
    EXTENTS.store(number as u32 + 1, Release);
}

/// How far a region that needs `bytes` is made accessible: a quarter more, in whole pages.
fn step(bytes: usize) -> usize {
    (bytes + (bytes / 4).max(1)).next_multiple_of(GROWTH_BYTES.max(memory::page_bytes()))
}

/// What the arena takes from the system.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Usage {
    /// Shards, held or free.
    pub(crate) shards: u64,
    /// Address space reserved, in bytes.
    pub(crate) reserved_bytes: u64,
    /// Of that, the bytes made accessible; what was never written takes no memory.
    pub(crate) accessible_bytes: u64,
    /// Threads that could not have a shard and record into the shared one.
    pub(crate) shards_refused: u64,
    /// True when extents are smaller than usual, since address space is limited.
    pub(crate) is_small: bool,
}

/// Nothing was refused yet, in a forked child.
#[cfg(all(unix, not(miri)))]
pub(super) fn forget_refusals() {
    // Relaxed: the child has one thread.
    SHARDS_REFUSED.store(0, Relaxed);
}

/// What the arena takes from the system at this moment.
pub(crate) fn usage() -> Usage {
    // What a signal handler records or forks meanwhile must not wait for the lock.
    let _slow = shard::enter_slow_path();
    let growth = lock_growth();
    let extents = count();
    let accessible: usize = growth.ready().iter().map(|(from, to)| to - from).sum();
    Usage {
        shards: extents.saturating_sub(FIRST_SHARD) as u64,
        reserved_bytes: (extents * growth.extent_bytes + directory::reserved_bytes()) as u64,
        accessible_bytes: (extents * accessible + directory::accessible_bytes()) as u64,
        // Relaxed: a total that stands alone.
        shards_refused: SHARDS_REFUSED.load(Relaxed),
        is_small: extents > 0 && growth.extent_bytes < memory::SIZES[0],
    }
}

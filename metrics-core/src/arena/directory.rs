//! The arena describes itself: a header, and records that are only ever appended.
//!
//! The header says what this memory is (magic, version, shape of the extents, process, start, clock);
//! the records say which slot belongs to what. Their contents are the registry's affair. A record is
//! complete before the length that covers it is published, and is never changed; so it can be read
//! at any time, in a forked child too. There are no pointers in here: the same bytes in a file would
//! say the same.
//!
//! ```text
//! byte 0    magic "tachogr\n"         8 bytes each, native byte order
//!      8    version
//!     16    process id
//!     24    start, nanoseconds since 1970
//!     32    start, ticks
//!     40    seconds per tick, bits of an f64; 0 until the first timer
//!     48    length of the records, published with Release
//!     56    bytes of an extent         64  slots in use of its small region, in bytes from its start
//!     72    end of the buckets in use, in bytes from the extent's start
//!   4096    records: length of the content (8 bytes), content, zeroes up to a multiple of 8
//! ```

use std::ptr;
use std::slice;
use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};
use std::sync::atomic::{AtomicPtr, AtomicU64, AtomicUsize};
use std::time::UNIX_EPOCH;

use super::extent::{self, Growth, NoRoom};
use super::memory;
use crate::clock;

const MAGIC: u64 = u64::from_ne_bytes(*b"tachogr\n");
const VERSION: u64 = 1;
/// Where the records begin.
const RECORDS: usize = 4096;
/// The step in which the directory is made accessible; every page size divides it.
const STEP: usize = 64 * 1024;

/// Address space for the directory, in bytes, largest first: the first that is granted is used.
const SIZES: &[usize] = if cfg!(miri) {
    &[2 * STEP]
} else if cfg!(all(target_pointer_width = "64", any(unix, windows))) {
    &[64 << 20, 8 << 20, 1 << 20]
} else {
    &[1 << 20, 4 * STEP]
};

/// The fields of the header, by their place in words.
#[derive(Clone, Copy)]
enum Field {
    Magic = 0,
    Version = 1,
    Process = 2,
    StartNanos = 3,
    StartTicks = 4,
    SecondsPerTick = 5,
    Length = 6,
    ExtentBytes = 7,
    SmallEnd = 8,
    BucketEnd = 9,
}

static START: AtomicPtr<u8> = AtomicPtr::new(ptr::null_mut());
/// The reservation, from before it is known to be accessible.
static LEFT: AtomicPtr<u8> = AtomicPtr::new(ptr::null_mut());
static RESERVED: AtomicUsize = AtomicUsize::new(0);
static READY: AtomicUsize = AtomicUsize::new(0);

/// Appends a record. `NoRoom` when the directory is full.
pub(crate) fn append(content: &[u8]) -> Result<(), NoRoom> {
    let mut growth = extent::lock_growth();
    growth.start()?;
    append_locked(&growth, content)
}

/// As [`append`], by whoever holds the growth lock: one writer at a time.
pub(super) fn append_locked(growth: &Growth, content: &[u8]) -> Result<(), NoRoom> {
    let start = start(growth)?;
    // Relaxed: only written under the lock that is held.
    let length = field(start, Field::Length).load(Relaxed) as usize;
    let at = RECORDS + length;
    let end = (at + 8 + content.len()).next_multiple_of(8);
    make_ready(start, end)?;
    // SAFETY: `at..end` is accessible (see `make_ready`), and beyond the published length, so no
    // reader looks at it.
    unsafe {
        ptr::copy_nonoverlapping(content.as_ptr(), start.wrapping_add(at + 8), content.len())
    };
    // SAFETY: as above; `at` is a multiple of 8.
    unsafe { start.wrapping_add(at).cast::<u64>().write(content.len() as u64) };
    // Release: pairs with the Acquire in `records`: the record is complete.
    field(start, Field::Length).store((end - RECORDS) as u64, Release);
    Ok(())
}

/// All records there are, in the order in which they were appended.
pub(crate) fn records() -> impl Iterator<Item = &'static [u8]> {
    // Acquire: pairs with the Release in `start`.
    let start = START.load(Acquire);
    let length =
        if start.is_null() { 0 } else { field(start, Field::Length).load(Acquire) as usize };
    let mut at = 0;
    std::iter::from_fn(move || {
        if at >= length {
            return None;
        }
        let head = start.wrapping_add(RECORDS + at);
        // SAFETY: below the published length lie complete records, each begun by its length at a
        // multiple of 8.
        let bytes = unsafe { head.cast::<u64>().read() } as usize;
        at = (at + 8 + bytes).next_multiple_of(8);
        // SAFETY: as above; a published record is never written again.
        Some(unsafe { slice::from_raw_parts(head.wrapping_add(8), bytes) })
    })
}

/// Notes how far the extents are in use.
pub(super) fn publish_sizes(
    growth: &Growth,
    extent_bytes: usize,
    small_end: usize,
    bucket_end: usize,
) {
    // A process whose directory was refused has no series to describe either.
    let Ok(start) = start(growth) else { return };
    for (name, bytes) in [
        (Field::ExtentBytes, extent_bytes),
        (Field::SmallEnd, small_end),
        (Field::BucketEnd, bucket_end),
    ] {
        // Relaxed: the records that need these sizes are published after them.
        field(start, name).store(bytes as u64, Relaxed);
    }
}

/// Notes the calibration of the clock, once it is fixed.
pub(crate) fn publish_clock(seconds_per_tick: f64) {
    // Acquire: pairs with the Release in `start`.
    let start = START.load(Acquire);
    if !start.is_null() {
        // Relaxed: a value that stands alone and is fixed once.
        field(start, Field::SecondsPerTick).store(seconds_per_tick.to_bits(), Relaxed);
    }
}

/// The header is that of a new process, in a forked child.
#[cfg(all(unix, not(miri)))]
pub(super) fn renew() {
    // Relaxed: the child has one thread.
    let start = START.load(Relaxed);
    if !start.is_null() {
        describe_process(start);
    }
}

pub(super) fn reserved_bytes() -> usize {
    // Relaxed: a size that stands alone.
    RESERVED.load(Relaxed)
}

pub(super) fn accessible_bytes() -> usize {
    // Relaxed: a size that stands alone.
    READY.load(Relaxed)
}

/// The start of the directory, which is made the first time.
fn start(growth: &Growth) -> Result<*mut u8, NoRoom> {
    // Relaxed: only written under the lock that is held.
    let start = START.load(Relaxed);
    if !start.is_null() {
        return Ok(start);
    }
    let start = reserve(growth)?;
    make_ready(start, RECORDS)?;
    field(start, Field::Magic).store(MAGIC, Relaxed);
    field(start, Field::Version).store(VERSION, Relaxed);
    describe_process(start);
    // Release: pairs with the Acquire loads: the header is complete.
    START.store(start, Release);
    Ok(start)
}

/// Makes the directory, the first time.
pub(super) fn prepare(growth: &Growth) -> Result<(), NoRoom> {
    start(growth).map(|_| ())
}

/// Address space for the directory: what an earlier attempt left, or new.
fn reserve(growth: &Growth) -> Result<*mut u8, NoRoom> {
    // Relaxed: only written under the lock that is held.
    let left = LEFT.load(Relaxed);
    if !left.is_null() {
        return Ok(left);
    }
    let smallest = SIZES.last().copied().unwrap_or(RECORDS);
    let sizes =
        SIZES.iter().filter(|bytes| **bytes == smallest || **bytes <= growth.directory_budget());
    let found = sizes.copied().find_map(|bytes| memory::reserve(bytes).map(|start| (start, bytes)));
    let (start, bytes) = found.ok_or(NoRoom)?;
    // Relaxed: as above.
    RESERVED.store(bytes, Relaxed);
    LEFT.store(start, Relaxed);
    Ok(start)
}

fn describe_process(start: *mut u8) {
    let now = clock::wall().duration_since(UNIX_EPOCH).unwrap_or_default();
    // Relaxed: the header is published by `START`, or rewritten by a child that is alone.
    field(start, Field::Process).store(u64::from(std::process::id()), Relaxed);
    field(start, Field::StartNanos).store(now.as_nanos() as u64, Relaxed);
    field(start, Field::StartTicks).store(clock::now(), Relaxed);
}

/// Makes the directory accessible up to `end`.
fn make_ready(start: *mut u8, end: usize) -> Result<(), NoRoom> {
    // Relaxed: both only change under the growth lock, which is held.
    let (ready, reserved) = (READY.load(Relaxed), RESERVED.load(Relaxed));
    if end > reserved {
        return Err(NoRoom);
    }
    if end > ready {
        let wanted = end.next_multiple_of(STEP).min(reserved);
        // SAFETY: the range is inside the reservation, and `STEP` is a multiple of every page size.
        if !unsafe { memory::commit(start.wrapping_add(ready), wanted - ready) } {
            return Err(NoRoom);
        }
        // Relaxed: as above.
        READY.store(wanted, Relaxed);
    }
    Ok(())
}

/// A word of the header.
fn field(start: *mut u8, name: Field) -> &'static AtomicU64 {
    // SAFETY: the header is accessible from the time on that `start` is known (`make_ready` comes
    // first), lies at a page's start, and its words are only ever accessed atomically.
    unsafe { &*start.wrapping_add(8 * name as usize).cast::<AtomicU64>() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_come_back_as_they_were_appended() {
        let long = vec![7; 1000];
        let mine: [&[u8]; 4] = [b"directory test \x01", b"directory test \x02 longer", b"", &long];
        for content in mine {
            append(content).unwrap();
        }
        let found: Vec<&[u8]> = records().filter(|record| mine.contains(record)).collect();
        assert!(found.windows(4).any(|four| four == mine), "in order, among those of other tests");
    }

    #[test]
    fn the_header_says_what_it_is() {
        append(b"header test").unwrap();
        let start = START.load(Acquire);
        assert_eq!(field(start, Field::Magic).load(Relaxed).to_ne_bytes(), *b"tachogr\n");
        assert_eq!(field(start, Field::Version).load(Relaxed), VERSION);
        assert_eq!(field(start, Field::Process).load(Relaxed), u64::from(std::process::id()));
    }

    #[test]
    fn a_record_that_does_not_fit_is_refused_and_harms_nothing() {
        append(b"before").unwrap();
        assert_eq!(append(&vec![0; reserved_bytes()]), Err(NoRoom));
        append(b"after").unwrap();
        assert!(records().any(|record| record == b"after"));
    }
}

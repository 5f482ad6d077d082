//! `fork`: the child gets fresh memory at the same addresses.
//!
//! A child that went on with its parent's totals would report them a second time. So in the child
//! every cell starts from zero, its one thread keeps its shard, and all other shards are free, but for those of captures. Slots,
//! handles and sites stay valid. The locks of this floor are held over the fork by the thread that
//! forks, so that the child finds them free and what they guard complete.

use std::cell::Cell;
use std::mem::ManuallyDrop;
use std::sync::MutexGuard;
use std::sync::atomic::AtomicU32;
use std::sync::atomic::Ordering::{AcqRel, Acquire, Release};

use super::extent::{self, Base, FIRST_SHARD, GENERATION, GROWTH, Growth};
use super::read::TURN;
use super::{directory, drops, memory, shard};

type Held = ManuallyDrop<(MutexGuard<'static, ()>, MutexGuard<'static, Growth>)>;

thread_local! {
    /// The locks that this thread holds over a fork.
    static HELD: Cell<Option<Held>> = const { Cell::new(None) };
}

/// 0: no handler is registered; `DONE`: one is; else the process that is registering it.
static REGISTERED: AtomicU32 = AtomicU32::new(0);
const DONE: u32 = u32::MAX;

/// Registers the handlers, before a lock of this floor is taken for the first time.
pub(super) fn register() {
    // Acquire: pairs with the Release below: the handlers are in place.
    if REGISTERED.load(Acquire) != DONE {
        register_first();
    }
}

#[cold]
fn register_first() {
    let process = std::process::id();
    loop {
        // Acquire: as in `register`.
        let state = REGISTERED.load(Acquire);
        if state == DONE {
            return;
        }
        if state == process {
            std::thread::yield_now();
            continue;
        }
        // 0, or left behind by a parent whose other thread was registering when this child was
        // forked. Handlers registered twice do no harm: see `before`.
        if REGISTERED.compare_exchange(state, process, AcqRel, Acquire).is_ok() {
            // SAFETY: the three are functions of the required signature, valid for ever.
            unsafe { libc::pthread_atfork(Some(before), Some(in_parent), Some(in_child)) };
            // Release: pairs with the Acquire loads above.
            REGISTERED.store(DONE, Release);
            return;
        }
    }
}

extern "C" fn before() {
    // A thread that forks inside our own slow path may hold the locks already; so does one whose
    // handlers were registered twice.
    if shard::in_slow_path() {
        return;
    }
    let held = HELD.take();
    HELD.set(held.or_else(|| {
        let turn = TURN.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let growth = GROWTH.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        Some(ManuallyDrop::new((turn, growth)))
    }));
}

extern "C" fn in_parent() {
    drop(HELD.take().map(ManuallyDrop::into_inner));
}

extern "C" fn in_child() {
    let Some(held) = HELD.take() else { return };
    let (turn, mut growth) = ManuallyDrop::into_inner(held);
    let own = shard::held();
    growth.free.clear();
    for number in 0..extent::count() {
        let Some(base) = extent::extent(number) else { continue };
        wipe(base, &growth);
        let is_a_shard = number >= FIRST_SHARD && !growth.stock.made(number as u32);
        if is_a_shard && own != Some(number as u32) {
            // Room for every shard was made when it was added.
            growth.free.push(number as u32);
        }
    }
    drops::reset();
    extent::forget_refusals();
    directory::renew();
    // Release: pairs with the Acquire in `generation`.
    GENERATION.fetch_add(1, Release);
    drop((turn, growth));
}

/// Zeroes what is accessible of an extent.
fn wipe(base: Base, growth: &Growth) {
    for (from, to) in growth.ready() {
        if to > from {
            // SAFETY: `ready` gives the committed, page-aligned ranges of every extent, and a freshly
            // forked child has no other thread.
            unsafe { memory::wipe(base.as_ptr().wrapping_add(from), to - from) };
        }
    }
}

//! Shards and threads: how a thread comes to its shard, and gives it back.
//!
//! A thread takes a shard at its first record and gives it back when it ends; the totals stay in the
//! shard and the next thread goes on from there. So nothing is folded at thread exit, nothing is
//! lost or counted twice, and there are never more shards than threads that recorded at once, but for those of captures.

use std::cell::Cell;
use std::ptr;
use std::sync::atomic::Ordering::SeqCst;
use std::sync::atomic::{AtomicU64, compiler_fence};

use super::drops::{self, Reason};
use super::epoch::{Pending, Sample};
use super::extent::{self, Base};
use super::{NOWHERE, distribution};

/// Where this thread stands with its shard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// It never recorded.
    Fresh,
    /// It holds this shard.
    Holding(u32),
    /// It could not have one.
    Refused,
    /// It gave its shard back: its thread-local destructors are running.
    Left,
}

thread_local! {
    /// The start of this thread's shard, or `NOWHERE`. Const and without a destructor, so that
    /// reading it is one load and works at any time of a thread's life.
    static BASE: Cell<*mut u8> = const { Cell::new(ptr::without_provenance_mut(NOWHERE as usize)) };
    static PHASE: Cell<Phase> = const { Cell::new(Phase::Fresh) };
    /// The start of the shard that this thread records into while its base is `NOWHERE`, so that all of its records go
    /// the slow way; null where that is none.
    static ASIDE: Cell<*mut u8> = const { Cell::new(ptr::null_mut()) };
    /// True while this thread is in a slow path of the recorder.
    static SLOW: Cell<bool> = const { Cell::new(false) };
    /// Touched once, when a shard is taken: its destructor gives the shard back.
    static LEAVING: Leaving = const { Leaving };
}

/// True where thread-locals are emulated: there even those without a destructor are destroyed at
/// thread exit, in an order that is not ours, and come back fresh when they are used again. A thread
/// could not tell that it gave its shard back; so it takes none, and records into the shared extent.
const KEYED: bool =
    cfg!(any(target_os = "android", target_os = "openbsd", all(windows, target_env = "gnu")));

struct Leaving;

impl Drop for Leaving {
    fn drop(&mut self) {
        leave();
    }
}

/// The cell of `slot` in this thread's shard. None without a shard, or for a slot that is not
/// resolved: the caller then goes the slow way.
#[inline(always)]
pub(crate) fn own_cell(slot: isize) -> Option<&'static AtomicU64> {
    own_base(slot).map(|base| base.cell(slot))
}

/// The start of this thread's shard, if `slot` may be used with it.
#[inline(always)]
pub(crate) fn own_base(slot: isize) -> Option<Base> {
    let base = Base::from_ptr(BASE.get());
    if base.is_nowhere_with(slot) { None } else { Some(base) }
}

/// Where this thread records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// Into its own shard, as the owner.
    Own(Base),
    /// Into the shared extent, atomically.
    Shared(Base),
}

/// The place of this thread; takes a shard for it if it has none yet. None when there is no memory
/// at all, or when this is a call from within that very work; the dropped record is counted.
pub(crate) fn place() -> Option<Place> {
    // A signal handler may come while this thread takes or leaves its shard: the base alone says
    // whether there is one.
    if let Some(base) = own_base(0) {
        return Some(Place::Own(base));
    }
    place_of_none()
}

/// That of a thread without a shard; apart from where there is one, which shall cost nothing that taking one needs.
#[cold]
#[inline(never)]
fn place_of_none() -> Option<Place> {
    if let Some(base) = aside() {
        return Some(Place::Own(base));
    }
    if PHASE.get() == Phase::Fresh {
        let Some(_slow) = enter_slow_path() else {
            drops::count(Reason::Reentrant);
            return None;
        };
        take();
        if let Some(base) = own_base(0) {
            return Some(Place::Own(base));
        }
    }
    let shared = extent::extent(extent::SHARED).map(Place::Shared);
    if shared.is_none() {
        drops::count(Reason::NoRoom);
    }
    shared
}

/// Takes a shard and arranges for its return.
fn take() {
    if KEYED {
        PHASE.set(Phase::Refused);
        return;
    }
    // A thread that is already being torn down cannot register a destructor, and would never give
    // the shard back.
    if LEAVING.try_with(|_| ()).is_err() {
        PHASE.set(Phase::Left);
        return;
    }
    #[cfg(all(unix, not(miri)))]
    super::ending::arrange();
    let taken = extent::take_shard().ok().and_then(|shard| {
        let base = extent::extent(shard as usize)?;
        Some((shard, base))
    });
    match taken {
        Some((shard, base)) => {
            BASE.set(base.as_ptr());
            // For a signal handler on this thread: the base is there before the phase says so.
            compiler_fence(SeqCst);
            PHASE.set(Phase::Holding(shard));
        }
        None => PHASE.set(Phase::Refused),
    }
}

/// Gives this thread's shard back, its pending sample folded.
pub(super) fn leave() {
    if let Phase::Holding(shard) = PHASE.get() {
        fold_pending();
        // What a signal handler records or forks from here on must not wait for the lock.
        let _slow = enter_slow_path();
        BASE.set(ptr::without_provenance_mut(NOWHERE as usize));
        ASIDE.set(ptr::null_mut());
        // As in `take`, the other way round.
        compiler_fence(SeqCst);
        PHASE.set(Phase::Left);
        extent::give_back(shard);
    } else {
        PHASE.set(Phase::Left);
    }
}

/// Folds the pending sample of the shard that this thread records into.
fn fold_pending() {
    if let Some(base) = own_base(0).or_else(aside) {
        base.pending()
            .replace(Sample::NONE, |previous| distribution::fold_previous(base, previous));
    }
}

/// Where a thread records: into which shard, if any, and by which way.
#[derive(Debug, Clone, Copy)]
pub(super) struct Station {
    base: *mut u8,
    aside: *mut u8,
}

impl Station {
    /// Into a shard, as into its own.
    pub(super) fn at(shard: Base) -> Station {
        Station { base: shard.as_ptr(), aside: ptr::null_mut() }
    }

    /// Into a shard, but always by the slow way, which can ask how.
    pub(super) fn aside(shard: Base) -> Station {
        let base = ptr::without_provenance_mut(NOWHERE as usize);
        Station { base, aside: shard.as_ptr() }
    }
}

/// Has this thread record elsewhere from now on, and returns where it did before; neither
/// has a pending sample then. What it was given is to be brought back before the thread ends: the shard that
/// it holds stays the same.
pub(super) fn exchange(other: Station) -> Station {
    fold_pending();
    // For a signal handler on this thread: there is always one of the two, as far as there was before.
    if other.aside.is_null() {
        let base = BASE.replace(other.base);
        compiler_fence(SeqCst);
        Station { base, aside: ASIDE.replace(other.aside) }
    } else {
        let aside = ASIDE.replace(other.aside);
        compiler_fence(SeqCst);
        Station { base: BASE.replace(other.base), aside }
    }
}

/// The shard that this thread records into the slow way, if it is to.
fn aside() -> Option<Base> {
    let base = ASIDE.get();
    (!base.is_null()).then(|| Base::from_ptr(base))
}

/// True while this thread always records the slow way.
pub(super) fn is_aside() -> bool {
    aside().is_some()
}

/// What tells this thread from all others that live.
pub(super) fn thread() -> usize {
    PHASE.with(|phase| ptr::from_ref(phase).addr())
}

/// The shard that this thread holds; for the fork handler, whose child goes on with it.
#[cfg(all(unix, not(miri)))]
pub(super) fn held() -> Option<u32> {
    match PHASE.get() {
        Phase::Holding(shard) => Some(shard),
        _ => None,
    }
}

/// Marks this thread as being in a slow path of the recorder until the value is dropped. None when
/// it already is: the call comes from user code that the slow path runs (an allocator, a
/// `Display`), and must not wait for a lock that the thread may hold.
pub(crate) fn enter_slow_path() -> Option<SlowPath> {
    if SLOW.replace(true) { None } else { Some(SlowPath(())) }
}

/// See [`enter_slow_path`].
pub(crate) struct SlowPath(());

impl Drop for SlowPath {
    fn drop(&mut self) {
        SLOW.set(false);
    }
}

/// True while this thread is in a slow path.
#[cfg(all(unix, not(miri)))]
pub(super) fn in_slow_path() -> bool {
    SLOW.get()
}

impl Base {
    /// The cells of the pending sample, in the header of a shard.
    #[inline(always)]
    pub(crate) fn pending(self) -> Pending<'static, AtomicU64> {
        Pending { epoch: self.cell(0), sample: self.cell(8), inner: self.cell(16) }
    }
}

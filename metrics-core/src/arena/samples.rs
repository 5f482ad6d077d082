//! The single values that a summary keeps beside its buckets: the last ones, with their time.
//!
//! This is no fast path. A thread puts a value into one of a few stripes, from its own on the first that nobody
//! holds; a stripe that is full goes over into the ring, which keeps the last values of all. Readers
//! empty the stripes into the ring first. Nobody who records waits for a lock: where every stripe is held, or the ring is
//! while the stripes are full, or where it is the recorder's own work that records, the value is in the buckets alone, and
//! counted as left out.
//!
//! What is no longer kept leaves behind how late it was, so that a window can tell whether it has all its values.

use std::cell::Cell;
use std::collections::VecDeque;
use std::ptr;
use std::sync::atomic::Ordering::{AcqRel, Acquire, Relaxed};
use std::sync::atomic::{AtomicI64, AtomicPtr, AtomicU64, AtomicUsize};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::per_process::PerProcess;
use super::{capture, shard};
use crate::sample::{SaidOf, Sample};

/// How many values the ring keeps. Under Miri, which is slow, all three are small: what happens at them is the same.
const KEPT_MAX: usize = if cfg!(miri) { 500 } else { 10_000 };

/// Over how many places threads are spread.
const STRIPES: usize = 16;

/// How many values a stripe collects before they go over into the ring, where nobody holds that.
const STRIPE_FULL: usize = if cfg!(miri) { 8 } else { 256 };

/// How many it has room for.
const STRIPE_MAX: usize = if cfg!(miri) { 32 } else { 1_024 };

thread_local! {
    /// The stripe that this thread tries first; `STRIPES` before its first value.
    static HOME: Cell<usize> = const { Cell::new(STRIPES) };
}

/// The stripe of the next thread.
static NEXT_HOME: AtomicUsize = AtomicUsize::new(0);

/// The samples of all summaries, each pointing at the one before. They live as long as the process; a forked child,
/// whose index is new, finds here what the handles of its parent point at.
static LAST_MADE: AtomicPtr<Samples> = AtomicPtr::new(ptr::null_mut());

/// What one summary keeps.
#[derive(Debug)]
pub(crate) struct Samples {
    /// That of the distribution which they belong to.
    slot: isize,
    before: Option<&'static Samples>,
    store: PerProcess<Store>,
    /// The latest time of a value that was left out; `i64::MIN` for none.
    left_out_until: AtomicI64,
    /// By this process, and before that by those that it was forked from.
    left_out: AtomicU64,
}

#[derive(Debug)]
struct Store {
    stripes: [Mutex<Vec<Kept>>; STRIPES],
    ring: Mutex<Ring>,
    /// How many values had been left out when this process began.
    left_out_before: u64,
}

#[derive(Debug)]
pub(super) struct Ring {
    /// In the order in which they came into the ring.
    last: VecDeque<Kept>,
    /// How many ever came.
    came: u64,
    /// The latest time of a value that was kept, and is no longer.
    forgotten_until: i64,
}

/// A value as it is kept.
#[derive(Debug, Clone)]
pub(super) struct Kept {
    value: f64,
    /// Nanoseconds since 1970.
    time: i64,
    said: Option<Arc<SaidOf>>,
}

/// The values that are kept, as they came.
#[derive(Debug, Clone, Default)]
pub(crate) struct Values {
    pub(crate) values: Arc<[f64]>,
    /// How many ever came, with these.
    pub(crate) came: u64,
}

impl Samples {
    /// Those of the distribution at a slot, which are made if there are none yet.
    pub(crate) fn of(slot: isize) -> &'static Samples {
        super::watch_forks();
        // Acquire: pairs with the AcqRel below: what is found is complete.
        let mut head = LAST_MADE.load(Acquire);
        loop {
            // SAFETY: null, or made from a `&'static mut Samples` below, and not written since it was published.
            let before: Option<&'static Samples> = unsafe { head.as_ref() };
            let mut all = std::iter::successors(before, |samples| samples.before);
            if let Some(known) = all.find(|samples| samples.slot == slot) {
                return known;
            }
            let made = Box::into_raw(Box::new(Samples::new(slot, before)));
            // AcqRel: pairs with the Acquire above; and where another one was faster, that one is seen complete.
            match LAST_MADE.compare_exchange(head, made, AcqRel, Acquire) {
                // SAFETY: it came from a box just now, and nobody frees it.
                Ok(_) => return unsafe { &*made },
                Err(now) => {
                    // SAFETY: it came from a box just now, and nobody else has seen it.
                    drop(unsafe { Box::from_raw(made) });
                    head = now;
                }
            }
        }
    }

    fn new(slot: isize, before: Option<&'static Samples>) -> Samples {
        Samples {
            slot,
            before,
            store: PerProcess::new(Store::new(0)),
            left_out_until: AtomicI64::new(i64::MIN),
            left_out: AtomicU64::new(0),
        }
    }

    fn store(&self) -> &Store {
        // Relaxed: see `left_out`.
        self.store.get(|| Store::new(self.left_out.load(Relaxed)))
    }

    /// Keeps a value. What the recorder's own work records is left out.
    pub(crate) fn push(&self, value: f64, time: SystemTime, said: Option<Arc<SaidOf>>) {
        let kept = Kept { value, time: nanos(time), said };
        let refused = match shard::enter_slow_path() {
            Some(slow) => {
                capture::keep(&slow, self.slot, &kept);
                self.store().push(kept)
            }
            None => Err(kept),
        };
        if let Err(Kept { time, .. }) = refused {
            // Relaxed, both: see `chosen` and `left_out`.
            self.left_out_until.fetch_max(time, Relaxed);
            self.left_out.fetch_add(1, Relaxed);
        }
    }

    /// What is kept, in the order in which it came.
    pub(crate) fn values(&self) -> Values {
        let Some(_slow) = shard::enter_slow_path() else {
            return Values::default();
        };
        let ring = self.store().collected();
        ring.values()
    }

    /// What is kept, in the order of time.
    pub(crate) fn all(&self) -> Vec<Sample> {
        self.chosen(|_| true).0
    }

    /// What is kept of the time after `after` and until `until`, in the order of time; and whether that is all that
    /// was recorded of it.
    pub(crate) fn between(&self, after: SystemTime, until: SystemTime) -> (Vec<Sample>, bool) {
        let (after, until) = (nanos(after), nanos(until));
        let (samples, lost_until) = self.chosen(|kept| after < kept.time && kept.time <= until);
        (samples, lost_until <= after)
    }

    /// Those that are chosen, and the latest time of one that is not kept.
    fn chosen(&self, is_chosen: impl Fn(&Kept) -> bool) -> (Vec<Sample>, i64) {
        let Some(_slow) = shard::enter_slow_path() else { return (Vec::new(), i64::MAX) };
        let store = self.store();
        let ring = store.collected();
        let mut chosen: Vec<Kept> =
            ring.last.iter().filter(|kept| is_chosen(kept)).cloned().collect();
        // Relaxed: what is left out meanwhile is as if it came after this look.
        let lost_until = ring.forgotten_until.max(self.left_out_until.load(Relaxed));
        drop(ring);
        chosen.sort_by_key(|kept| kept.time);
        (chosen.into_iter().map(Kept::into_sample).collect(), lost_until)
    }

    /// How many values of this process are in the buckets alone.
    pub(crate) fn left_out(&self) -> u64 {
        // Relaxed: a number that stands alone.
        self.left_out.load(Relaxed).saturating_sub(self.store().left_out_before)
    }

    /// Keeps nothing of what came until now. The caller is in a slow path.
    pub(super) fn forget(&self) {
        let mut ring = self.store().collected();
        let latest = ring.last.iter().map(|kept| kept.time).max();
        ring.forgotten_until = latest.map_or(ring.forgotten_until, |t| t.max(ring.forgotten_until));
        ring.last.clear();
    }
}

impl Store {
    fn new(left_out_before: u64) -> Store {
        Store {
            stripes: [const { Mutex::new(Vec::new()) }; STRIPES],
            ring: Mutex::new(Ring::new()),
            left_out_before,
        }
    }

    /// The value comes back where everything is held.
    fn push(&self, kept: Kept) -> Result<(), Kept> {
        let home = home();
        for offset in 0..STRIPES {
            let Some(mut stripe) = try_lock(&self.stripes[(home + offset) % STRIPES]) else {
                continue;
            };
            if stripe.len() >= STRIPE_FULL {
                if let Some(mut ring) = try_lock(&self.ring) {
                    stripe.drain(..).for_each(|kept| ring.push(kept));
                }
            }
            if stripe.len() < STRIPE_MAX {
                stripe.push(kept);
                return Ok(());
            }
        }
        Err(kept)
    }

    /// The ring, with all that was in the stripes.
    fn collected(&self) -> MutexGuard<'_, Ring> {
        let mut ring = lock(&self.ring);
        let mut new: Vec<Kept> = Vec::new();
        for stripe in &self.stripes {
            new.append(&mut lock(stripe));
        }
        // So that of different threads, too, the oldest ones go first.
        new.sort_by_key(|kept| kept.time);
        new.into_iter().for_each(|kept| ring.push(kept));
        ring
    }
}

impl Ring {
    pub(super) fn new() -> Ring {
        Ring { last: VecDeque::new(), came: 0, forgotten_until: i64::MIN }
    }

    /// What it keeps, in the order in which it came.
    pub(super) fn values(&self) -> Values {
        Values { values: self.last.iter().map(|kept| kept.value).collect(), came: self.came }
    }

    /// Takes what another one has, after its own.
    pub(super) fn append(&mut self, later: Ring) {
        self.came += later.came - later.last.len() as u64;
        later.last.into_iter().for_each(|kept| self.push(kept));
    }

    pub(super) fn push(&mut self, kept: Kept) {
        if self.last.len() == KEPT_MAX {
            if let Some(oldest) = self.last.pop_front() {
                self.forgotten_until = self.forgotten_until.max(oldest.time);
            }
        }
        self.came += 1;
        self.last.push_back(kept);
    }
}

impl Kept {
    fn into_sample(self) -> Sample {
        let since = Duration::from_nanos(self.time.unsigned_abs());
        let time = if self.time < 0 {
            UNIX_EPOCH.checked_sub(since)
        } else {
            UNIX_EPOCH.checked_add(since)
        };
        Sample::kept(self.value, time.unwrap_or(UNIX_EPOCH), self.said)
    }
}

fn home() -> usize {
    if HOME.get() == STRIPES {
        // Relaxed: which thread has which number does not matter.
        HOME.set(NEXT_HOME.fetch_add(1, Relaxed) % STRIPES);
    }
    HOME.get()
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn try_lock<T>(mutex: &Mutex<T>) -> Option<MutexGuard<'_, T>> {
    match mutex.try_lock() {
        Ok(guard) => Some(guard),
        Err(TryLockError::Poisoned(poisoned)) => Some(poisoned.into_inner()),
        Err(TryLockError::WouldBlock) => None,
    }
}

/// Nanoseconds since 1970, from 1678 to 2262.
fn nanos(time: SystemTime) -> i64 {
    let (since, sign) = match time.duration_since(UNIX_EPOCH) {
        Ok(since) => (since, 1),
        Err(error) => (error.duration(), -1),
    };
    i64::try_from(since.as_nanos()).map_or(i64::MAX, |nanos| nanos) * sign
}

#[cfg(test)]
mod tests {
    use std::thread;

    use super::*;

    /// None that another test has.
    fn fresh() -> Samples {
        Samples::new(-1, None)
    }

    fn at(seconds: u64) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(seconds)
    }

    fn values(samples: &[Sample]) -> Vec<f64> {
        samples.iter().map(Sample::value).collect()
    }

    #[test]
    fn a_slot_always_has_the_same_samples() {
        let slots = [1 << 40, 2 << 40, 1 << 40];
        let found = slots.map(|slot| ptr::from_ref(Samples::of(slot)));
        assert_eq!(found[0], found[2]);
        assert_ne!(found[0], found[1]);
        let slot = 3 << 40;
        let all = thread::scope(|scope| {
            let threads: Vec<_> =
                (0..8).map(|_| scope.spawn(|| ptr::from_ref(Samples::of(slot)) as usize)).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect::<Vec<_>>()
        });
        assert!(all.iter().all(|one| *one == all[0]));
    }

    #[test]
    fn the_last_ones_are_kept_and_a_window_knows_what_it_lacks() {
        let samples = fresh();
        let all = KEPT_MAX as u64 + 500;
        for second in 1..=all {
            samples.push(second as f64, at(second), None);
        }
        let kept = samples.values();
        assert_eq!((kept.values.len(), kept.came), (KEPT_MAX, all));
        assert_eq!((kept.values[0], kept.values[KEPT_MAX - 1]), (501.0, all as f64));

        // The last one that is gone is of second 500.
        let (found, is_complete) = samples.between(at(500), at(503));
        assert_eq!((values(&found), is_complete), (vec![501.0, 502.0, 503.0], true));
        let (found, is_complete) = samples.between(at(499), at(503));
        assert_eq!((values(&found), is_complete), (vec![501.0, 502.0, 503.0], false));
    }

    #[test]
    fn threads_lose_nothing_and_come_in_the_order_of_time() {
        const ROUNDS: u64 = if cfg!(miri) { 100 } else { 2_000 };
        let samples = fresh();
        thread::scope(|scope| {
            for thread in 0..4_u64 {
                let samples = &samples;
                scope.spawn(move || {
                    for round in 0..ROUNDS {
                        let number = 4 * round + thread;
                        samples.push(number as f64, at(number), None);
                        if round % (ROUNDS / 4) == 0 {
                            // Readers in between take nothing away.
                            samples.values();
                        }
                    }
                });
            }
        });
        let all = samples.all();
        assert_eq!(all.len() as u64 + samples.left_out(), 4 * ROUNDS);
        assert!(all.windows(2).all(|pair| pair[0].time() < pair[1].time()));
        assert!(all.iter().all(|sample| sample.time() == Some(at(sample.value() as u64))));
    }

    #[test]
    fn what_is_forgotten_is_missed_and_what_comes_later_is_not() {
        let samples = fresh();
        samples.push(1.0, at(10), None);
        let _slow = shard::enter_slow_path();
        samples.forget();
        drop(_slow);
        samples.push(2.0, at(11), None);
        assert_eq!(values(&samples.all()), [2.0]);
        assert_eq!(samples.values().came, 2);
        assert!(!samples.between(at(9), at(20)).1);
        assert!(samples.between(at(10), at(20)).1);
    }

    #[test]
    fn who_finds_everything_held_leaves_the_value_out_and_does_not_wait() {
        let samples = fresh();
        let store = samples.store();
        samples.push(1.0, at(1), None);
        let held: Vec<_> = store.stripes.iter().map(lock).collect();
        samples.push(2.0, at(2), None);
        drop(held);
        assert_eq!((samples.left_out(), values(&samples.all())), (1, vec![1.0]));
        assert!(!samples.between(at(1), at(3)).1 && samples.between(at(2), at(3)).1);

        // Who only finds the ring held goes on in the stripes until these are full.
        let ring = lock(&store.ring);
        let room = STRIPES * STRIPE_MAX;
        (0..room + 7).for_each(|_| samples.push(3.0, at(4), None));
        drop(ring);
        assert_eq!((samples.left_out(), samples.values().came), (8, 1 + room as u64));
    }

    #[test]
    fn the_recorders_own_work_keeps_nothing_and_waits_for_nothing() {
        let samples = fresh();
        let ring = lock(&samples.store().ring);
        let slow = shard::enter_slow_path();
        samples.push(1.0, at(1), None);
        assert_eq!(samples.values().values.len(), 0);
        assert!(!samples.between(at(0), at(2)).1);
        drop((slow, ring));
        assert!(samples.all().is_empty());
        // Whoever asks for that time does not take the rest for all of it.
        samples.push(2.0, at(2), None);
        assert_eq!((samples.left_out(), values(&samples.all())), (1, vec![2.0]));
        assert!(!samples.between(at(0), at(2)).1 && samples.between(at(1), at(2)).1);
    }

    #[test]
    fn times_before_1970_and_out_of_range_are_kept_at_the_ends() {
        let samples = fresh();
        samples.push(1.0, UNIX_EPOCH - Duration::from_nanos(1_500), None);
        if let Some(far) = UNIX_EPOCH.checked_add(Duration::from_secs(1 << 40)) {
            samples.push(2.0, far, None);
        }
        let all = samples.all();
        assert_eq!(all[0].time(), Some(UNIX_EPOCH - Duration::from_nanos(1_500)));
        assert_eq!(all[1].time(), Some(UNIX_EPOCH + Duration::from_nanos(i64::MAX as u64)));
    }
}

//! The protocol under loom: what every interleaving and every reordering that the memory model
//! allows makes of it. `RUSTFLAGS="--cfg loom" cargo test -p tachograph --lib --release protocol`.
//!
//! The owner reads its own cells without a choice (nobody else writes them), so that loom spends its
//! time on what a reader may see. Interleavings are limited to `PREEMPTIONS`, of which one more
//! found nothing more and took ten times as long; what a load may see is not limited.

use std::sync::atomic::Ordering::{self, Relaxed, Release};

use loom::model::Builder;
use loom::sync::atomic::AtomicU64;
use loom::sync::{Arc, Mutex};
use loom::thread;

use super::{Pending, Sample, Word};

/// How often a thread that could go on has to wait for another.
const PREEMPTIONS: usize = 2;

/// How the core stores a sample that it records at once, into the cells that a fold writes, too. With
/// Relaxed in this place loom finds a pending sample counted twice: who sees such a store sees what was
/// folded before it, and need not see that fold's epoch.
const AT_ONCE: Ordering = Release;

/// A cell as its readers have it.
impl Word for AtomicU64 {
    fn load(&self, order: Ordering) -> u64 {
        self.load(order)
    }

    fn store(&self, _: u64, _: Ordering) {
        unreachable!("a reader writes nothing");
    }

    fn fence(order: Ordering) {
        loom::sync::atomic::fence(order);
    }
}

/// A cell as its owner has it.
struct Own<'a>(&'a AtomicU64);

impl Word for Own<'_> {
    fn load(&self, _: Ordering) -> u64 {
        // SAFETY: only the owner writes the cell, so the last store is the one it sees; loom checks
        // that whoever owned the shard before handed it over.
        unsafe { self.0.unsync_load() }
    }

    fn store(&self, value: u64, order: Ordering) {
        self.0.store(value, order);
    }

    fn fence(_: Ordering) {
        unreachable!("the owner needs no fence");
    }
}

/// One series: what a fold adds to, in its order.
struct Cells {
    sum: AtomicU64,
    count: AtomicU64,
}

/// A shard with two series, whose samples have the words 1 and 2.
struct Shard {
    epoch: AtomicU64,
    sample: AtomicU64,
    inner: AtomicU64,
    series: [Cells; 2],
    /// What the last reader saw; readers take turns.
    seen: Mutex<Totals>,
}

/// Count and sum of each series.
type Totals = [[u64; 2]; 2];

/// What an owner does: a sample of a series, with what belongs to it.
#[derive(Clone, Copy)]
enum Step {
    Defer(u64, u64),
    /// Recorded into the cells while another sample may be pending.
    AtOnce(u64, u64),
    /// Folds what is pending, as an exiting thread does.
    Leave,
}

/// How long a reader waits for the end of a fold.
#[derive(Clone, Copy)]
enum Patience {
    Endless,
    /// It gives up at once, as if the owner were dead.
    None,
}

impl Shard {
    fn new() -> Arc<Shard> {
        let zero = || AtomicU64::new(0);
        let cells = || Cells { sum: zero(), count: zero() };
        Arc::new(Shard {
            epoch: zero(),
            sample: zero(),
            inner: zero(),
            series: [cells(), cells()],
            seen: Mutex::new(Totals::default()),
        })
    }

    fn go(&self, steps: &[Step]) {
        let (epoch, sample, inner) = (Own(&self.epoch), Own(&self.sample), Own(&self.inner));
        let pending = Pending { epoch: &epoch, sample: &sample, inner: &inner };
        for step in steps {
            match *step {
                Step::Defer(word, inner) => {
                    pending.replace(Sample { word, inner }, |it| self.add(it, Release));
                }
                Step::AtOnce(word, inner) => self.add(Sample { word, inner }, AT_ONCE),
                Step::Leave => pending.replace(Sample::NONE, |it| self.add(it, Release)),
            }
        }
    }

    fn add(&self, sample: Sample, order: Ordering) {
        let cells = &self.series[sample.word as usize - 1];
        for (cell, amount) in [(&cells.sum, sample.inner), (&cells.count, 1)] {
            let cell = Own(cell);
            cell.store(cell.load(Relaxed) + amount, order);
        }
    }

    /// The totals of all series as a reader sees them, who has the turn.
    fn read(&self, mut wait: impl FnMut() -> bool) -> Totals {
        let cells = |place: usize| {
            let cells = &self.series[place];
            [cells.count.load(Relaxed), cells.sum.load(Relaxed)]
        };
        let mut totals = Totals::default();
        let mut add = |place: usize, [count, sum]: [u64; 2]| {
            totals[place][0] += count;
            totals[place][1] += sum;
        };
        let scan = |skipped: u64| {
            for place in (0..2).filter(|place| *place as u64 + 1 != skipped) {
                add(place, cells(place));
            }
        };
        let pending = Pending { epoch: &self.epoch, sample: &self.sample, inner: &self.inner };
        let read = |word: u64| (word as usize - 1, cells(word as usize - 1));
        if let Some(((place, cells), sample)) = pending.observe(scan, read, &mut wait) {
            add(place, cells);
            if sample != Sample::NONE {
                add(place, [1, sample.inner]);
            }
        }
        totals
    }

    /// Reads once, and holds it against what was seen before and what is recorded in all.
    fn check(&self, recorded: Totals, patience: Patience) {
        let mut seen = self.seen.lock().unwrap();
        let now = self.read(|| match patience {
            Patience::Endless => {
                thread::yield_now();
                true
            }
            Patience::None => false,
        });
        assert_not_below(recorded, now, "counted what was not recorded");
        match patience {
            Patience::Endless => assert_not_below(now, *seen, "went back"),
            Patience::None => assert!(count(now) + 1 >= count(*seen), "lacks more than one sample"),
        }
        *seen = now;
    }
}

fn assert_not_below(large: Totals, small: Totals, otherwise: &str) {
    for (large, small) in large.as_flattened().iter().zip(small.as_flattened()) {
        assert!(large >= small, "{otherwise}: {large} where {small} was expected at least");
    }
}

fn count(totals: Totals) -> u64 {
    totals.iter().map(|[count, _]| count).sum()
}

fn recorded(steps: &[Step]) -> Totals {
    let mut totals = Totals::default();
    for step in steps {
        if let Step::Defer(word, inner) | Step::AtOnce(word, inner) = *step {
            totals[word as usize - 1][0] += 1;
            totals[word as usize - 1][1] += inner;
        }
    }
    totals
}

fn explore(model: impl Fn() + Sync + Send + 'static) {
    let mut builder = Builder::new();
    builder.preemption_bound.get_or_insert(PREEMPTIONS);
    builder.check(model);
}

/// One owner and as many readers as `reads` has numbers, each of which reads that often.
fn model<const READERS: usize>(steps: &'static [Step], reads: [usize; READERS]) {
    model_with(Patience::Endless, steps, reads);
}

fn model_with<const READERS: usize>(
    patience: Patience,
    steps: &'static [Step],
    reads: [usize; READERS],
) {
    explore(move || {
        let shard = Shard::new();
        let all = recorded(steps);
        let owner = {
            let shard = shard.clone();
            thread::spawn(move || shard.go(steps))
        };
        let read = |times: usize| {
            let shard = shard.clone();
            move || (0..times).for_each(|_| shard.check(all, patience))
        };
        let [here, elsewhere @ ..] = &reads[..] else { unreachable!("a model has a reader") };
        let others: Vec<_> = elsewhere.iter().map(|times| thread::spawn(read(*times))).collect();
        read(*here)();
        owner.join().unwrap();
        others.into_iter().for_each(|other| other.join().unwrap());
        shard.check(all, patience);
        assert_eq!(*shard.seen.lock().unwrap(), all, "at rest");
    });
}

#[test]
fn protocol_with_equal_samples_never_goes_back() {
    model(&[Step::Defer(1, 5), Step::Defer(1, 5), Step::Defer(1, 5)], [2]);
}

#[test]
fn protocol_with_two_series_never_goes_back() {
    model(&[Step::Defer(1, 5), Step::Defer(2, 7), Step::Defer(1, 3)], [2]);
}

#[test]
fn protocol_with_records_at_once_never_goes_back() {
    model(&[Step::Defer(1, 5), Step::AtOnce(1, 5), Step::Defer(2, 5), Step::AtOnce(1, 5)], [2]);
}

#[test]
fn protocol_with_two_readers_never_goes_back() {
    model(&[Step::Defer(1, 9), Step::Defer(2, 5)], [1, 1]);
}

#[test]
fn protocol_with_a_sample_folded_for_good_never_goes_back() {
    model(&[Step::Defer(1, 5), Step::Defer(2, 7), Step::Leave], [2]);
}

#[test]
fn protocol_with_a_reader_that_gives_up_lacks_one_sample_at_most() {
    let steps = &[Step::Defer(1, 5), Step::Defer(1, 5), Step::Defer(2, 7)];
    model_with(Patience::None, steps, [2]);
}

//! Rings against a twin that keeps every tick.

use super::*;
use crate::history::random::Random;

const SECOND: Nanos = 1_000_000_000;

/// Where time begins here: not on a border of any ring.
const BEGIN: Nanos = 1_767_312_007_250_000_000;

/// A time line, and all ticks that there ever were.
struct Scene {
    line: TimeLine,
    steps: Vec<Step>,
    /// Where slots end by the rule of each ring, whatever it has forgotten since; and where the first one began.
    borders: [Vec<Nanos>; RINGS],
}

impl Scene {
    fn new(retention: u64) -> Scene {
        let line = TimeLine::new(BEGIN, SECOND, Duration::from_secs(retention));
        Scene { line, steps: Vec::new(), borders: [(); RINGS].map(|()| vec![BEGIN]) }
    }

    fn push(&mut self, passed: Nanos, covered: Nanos) {
        let after = self.line.last();
        let step = Step { after, to: after + passed, covered };
        let (number, merges) = self.line.push(step);
        assert_eq!(self.line.slot(0, number).unwrap().to, step.to);
        for (ring, merge) in (1..).zip(merges).filter_map(|(ring, merge)| Some((ring, merge?))) {
            // It is made of what the finer ring has, all of it, without a hole.
            let whole = *self.line.slot(ring, merge.number).unwrap();
            let parts: Vec<Slot> =
                merge.made_of.map(|number| *self.line.slot(ring - 1, number).unwrap()).collect();
            assert_eq!((whole.after, whole.to), (parts[0].after, parts[parts.len() - 1].to));
            assert!(parts.windows(2).all(|pair| pair[0].to == pair[1].after));
            assert_eq!(whole.covered, parts.iter().map(|part| part.covered).sum::<Nanos>());
        }
        self.steps.push(step);
        for (ring, borders) in self.borders.iter_mut().enumerate() {
            let is_next = |grid: Duration| {
                borders[borders.len() - 1] / nanos_of(grid) != step.to / nanos_of(grid)
            };
            if ring == 0 || is_next(COARSER[ring - 1]) {
                borders.push(step.to);
            }
        }
    }

    /// How much was covered, and how many ticks there were, between two ticks.
    fn between(&self, after: Nanos, to: Nanos) -> (Nanos, usize) {
        let within = self.steps.iter().filter(|step| step.after >= after && step.to <= to);
        (within.clone().map(|step| step.covered).sum(), within.count())
    }

    /// What is found is one row of slots, of which each is what the twin has of its time.
    fn check(&self, after: Nanos, until: Nanos, prefer: Prefer) {
        let cover = self.line.cover(after, until, prefer);
        let mut at = cover.after;
        let mut ticks = 0;
        for run in &cover.runs {
            for number in run.slots.clone() {
                let slot = self.line.slot(run.ring, number).unwrap();
                assert_eq!(slot.after, at, "{cover:?}");
                let borders = &self.borders[run.ring];
                let place = borders.binary_search(&slot.to).expect("a slot ends at a border");
                assert_eq!(slot.after, borders[place - 1], "{cover:?}");
                let expected = self.between(slot.after, slot.to);
                assert_eq!((slot.covered, slot.ticks as usize), expected, "{cover:?} {slot:?}");
                ticks += slot.ticks as usize;
                at = slot.to;
            }
        }
        assert_eq!(cover.to, at, "{cover:?}");
        assert_eq!((cover.covered, ticks), self.between(cover.after, cover.to), "{cover:?}");
        // It begins and ends where slots are still told apart at that age.
        let what = format!("{after} to {until}: {cover:?}");
        let (from, to) = (self.border(after), self.border(until));
        assert_eq!((cover.after, cover.to), (from, to.max(from)), "{what}");
        assert_eq!((self.line.border(after), self.line.border(until)), (from, to), "{what}");
        self.check_choice(&cover, prefer);
        self.check_end(until);
    }

    /// Where the oldest slot of a ring begins; None where there never was one.
    fn begin(&self, ring: RingNumber) -> Option<Nanos> {
        let oldest = self.line.slot(ring, self.line.first(ring)).map(|slot| slot.after);
        let last = self.borders[ring].last().copied().filter(|last| *last > BEGIN);
        oldest.or(last)
    }

    /// The last border that is not after a moment, of the finest ring that reaches back so far.
    fn border(&self, at: Nanos) -> Nanos {
        let reaches = |ring: &RingNumber| self.begin(*ring).is_some_and(|begin| begin <= at);
        match (0..RINGS).find(reaches) {
            Some(ring) => *self.borders[ring].iter().rfind(|border| **border <= at).unwrap(),
            None => (0..RINGS).filter_map(|ring| self.begin(ring)).min().unwrap_or(BEGIN),
        }
    }

    /// No slot of a cover has a better one in its place.
    fn check_choice(&self, cover: &Cover, prefer: Prefer) {
        for run in &cover.runs {
            for number in run.slots.clone() {
                let slot = self.line.slot(run.ring, number).unwrap();
                match prefer {
                    Prefer::Fine => {
                        let finer = (0..run.ring).filter_map(|ring| self.begin(ring));
                        assert!(finer.min().is_none_or(|begin| begin > slot.after), "{cover:?}");
                    }
                    Prefer::Coarse => {
                        for ring in run.ring + 1..RINGS {
                            let is_better = |number| {
                                self.line.slot(ring, number).is_some_and(|coarser| {
                                    coarser.after == slot.after && coarser.to <= cover.to
                                })
                            };
                            let first = self.line.first(ring);
                            let end = first + self.line.lengths()[ring] as u32;
                            assert!(!(first..end).any(is_better), "{cover:?}");
                        }
                    }
                }
            }
        }
    }

    /// A moment lies at a border, or in the slot that ends at the next one.
    fn check_end(&self, at: Nanos) {
        let (before, border) = (self.border(at), self.line.border_from(at));
        let expected = if before >= at || at > self.line.last() {
            before
        } else {
            let reaches = |ring: &RingNumber| self.begin(*ring).is_some_and(|begin| begin <= at);
            let ring = (0..RINGS).find(reaches).unwrap();
            let next = self.borders[ring].iter().copied().find(|border| *border > at);
            next.unwrap_or(self.line.last())
        };
        assert_eq!(border, expected, "{at}");
    }
}

#[test]
fn every_cover_is_a_row_of_whole_slots_whatever_was_forgotten() {
    for seed in 1..=12 {
        let mut random = Random::new(seed);
        let mut scene = Scene::new(1_200);
        let expires = random.below(2) == 0;
        for _ in 0..800 {
            let passed = match random.below(40) {
                0 => 60 * SECOND + random.below(SECOND),
                1 => 9 * SECOND,
                _ => SECOND / 2 + random.below(SECOND),
            };
            let covered = if passed > 10 * SECOND { SECOND } else { passed };
            scene.push(passed, covered);
            if expires {
                scene.line.expire(scene.line.last());
            }
            if random.below(30) == 0 {
                // As it is done: a coarser ring only where the finer ones have nothing left to forget.
                for _ in 0..random.below(20) {
                    let before = scene.line.lengths();
                    let gone = (0..RINGS).map(|ring| scene.line.thin(ring)).find(|gone| *gone > 0);
                    let now = scene.line.lengths();
                    let fewer = before.iter().sum::<usize>() - now.iter().sum::<usize>();
                    assert_eq!(fewer, gone.unwrap_or(0) as usize);
                }
            }
            if random.below(10) == 0 {
                let length = scene.line.last() - BEGIN;
                // Anywhere, and at a tick or beside it.
                let mut moment = |_| match random.below(2) {
                    0 => BEGIN + random.below(length + 2 * SECOND),
                    _ => {
                        let place = random.below(scene.steps.len() as u64) as usize;
                        scene.steps[place].to - 1 + random.below(3)
                    }
                };
                let [one, other] = [0, 0].map(&mut moment);
                let near = scene.line.last() - random.below(400 * SECOND).min(length);
                for prefer in [Prefer::Coarse, Prefer::Fine] {
                    scene.check(one.min(other), one.max(other), prefer);
                    scene.check(near, scene.line.last(), prefer);
                    scene.check(0, Nanos::MAX, prefer);
                }
            }
        }
    }
}

#[test]
fn thinning_takes_the_oldest_quarter_in_whole_slots_of_the_next_ring() {
    let (mut scene, mut random) = (Scene::new(86_400), Random::new(7));
    let mut thinned = [0; RINGS];
    for _ in 0..3_000 {
        let passed = SECOND / 2 + random.below(SECOND);
        scene.push(passed, passed);
        let ring = random.below(3) as usize;
        if random.below([60, 200, 800][ring]) > 0 {
            continue;
        }
        let first = scene.line.first(ring);
        let count = scene.line.lengths()[ring];
        let slot = |number: usize| *scene.line.slot(ring, first + number as u32).unwrap();
        let quarter = count.div_ceil(4).min(count.saturating_sub(1));
        let expected = (quarter > 0).then(|| {
            // Up to the end of the quarter, but one slot of the next ring at least.
            let end = slot(quarter - 1).to;
            let Some(borders) = scene.borders.get(ring + 1) else { return end };
            let least = borders.iter().copied().find(|border| *border > slot(0).after);
            let until = end.max(least.unwrap_or(0));
            borders.iter().copied().rfind(|border| *border <= until).unwrap().max(slot(0).after)
        });
        let before = scene.begin(ring);
        let gone = scene.line.thin(ring);
        assert_eq!(scene.begin(ring), expected.or(before), "ring {ring} of {count} slots");
        assert_eq!(count - scene.line.lengths()[ring], gone as usize);
        thinned[ring] += gone;
    }
    assert!(thinned.iter().all(|gone| *gone > 0), "{thinned:?}");
}

#[test]
fn rings_forget_what_is_too_old_up_to_a_border_of_the_next_one() {
    for retention in [60, 1_000, 7_200] {
        let (mut scene, mut random) = (Scene::new(retention), Random::new(retention));
        for _ in 0..6_000 {
            let longest = if random.below(500) == 0 { 900 } else { 3 };
            let passed = SECOND / 2 + random.below(longest * SECOND);
            scene.push(passed, passed);
            scene.line.expire(scene.line.last());
            let keep = |ring: RingNumber| [300, 3_600, retention][ring].min(retention) * SECOND;
            let limit = |ring| scene.line.last() - keep(ring);
            for ring in 0..RINGS {
                // A coarsest slot goes when all of it is too old.
                let borders = &scene.borders[(ring + 1).min(RINGS - 1)];
                let last = borders.iter().copied().rfind(|border| *border <= limit(ring));
                let expected = scene.begin(ring).map(|_| last.unwrap_or(BEGIN));
                assert_eq!(scene.begin(ring), expected, "ring {ring} of {retention} s");
            }
        }
    }
}

#[test]
fn what_is_fine_is_fine_for_five_minutes_and_for_an_hour() {
    let mut scene = Scene::new(86_400);
    for _ in 0..10_000 {
        scene.push(SECOND, SECOND);
        scene.line.expire(scene.line.last());
    }
    let [seconds, tens, minutes] = scene.line.lengths();
    assert!((300..=310).contains(&seconds), "{seconds}");
    assert!((360..=366).contains(&tens), "{tens}");
    assert_eq!(minutes, 10_000 / 60);
    let last = scene.line.last();
    let rings = |length: u64, prefer| -> Vec<RingNumber> {
        let cover = scene.line.cover(last - length * SECOND, last, prefer);
        cover.runs.iter().map(|run| run.ring).collect()
    };
    assert_eq!(rings(300, Prefer::Fine), [0]);
    assert_eq!(rings(3_600, Prefer::Fine), [1, 0]);
    assert_eq!(rings(9_000, Prefer::Fine), [2, 1, 0]);
    // Few slots: whole minutes as far as there are any, then tens, then seconds.
    assert_eq!(rings(9_000, Prefer::Coarse), [2, 1, 0]);
    let coarse = scene.line.cover(last - 3_600 * SECOND, last, Prefer::Coarse);
    assert!(coarse.runs.iter().map(|run| run.slots.len()).sum::<usize>() < 90, "{coarse:?}");
}

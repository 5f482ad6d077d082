//! When there were ticks, and what the documentation makes of that: slots, and what of a span was watched.

use super::clock::{HOUR, MINUTE, SECOND};

/// Slots of each age end with the tick that is the first one in a stretch of this grid; 0 is every tick.
const GRIDS: [u64; 3] = [0, 10 * SECOND, MINUTE];

/// How far slots of each grid reach back, but for the last one, of which days are kept.
const REACHES: [u64; 2] = [5 * MINUTE, HOUR];

/// All ticks; the history was begun at the first one.
pub(crate) struct Ticks(pub(crate) Vec<u64>);

impl Ticks {
    pub(crate) fn last(&self) -> u64 {
        self.0[self.0.len() - 1]
    }

    /// Whether slots of a ring end there.
    fn is_border(&self, place: usize, ring: usize) -> bool {
        let grid = GRIDS[ring];
        grid == 0 || place == 0 || self.0[place] / grid != self.0[place - 1] / grid
    }

    /// The last border of a ring that is not after a moment; the beginning of all where there is none.
    fn last_border(&self, ring: usize, at: u64) -> u64 {
        let until = self.0.partition_point(|tick| *tick <= at);
        let found = (0..until).rev().find(|place| self.is_border(*place, ring));
        self.0[found.unwrap_or(0)]
    }

    /// The ring that a moment is told apart in: the finest one that reaches back so far, and up to a border of the next one.
    fn ring(&self, at: u64) -> usize {
        let begins = |ring: usize| self.last_border(ring + 1, self.last() - REACHES[ring]);
        // Early on, no ring has forgotten anything.
        let reaches =
            |ring: &usize| self.last() < self.0[0] + REACHES[*ring] || begins(*ring) <= at;
        (0..REACHES.len()).find(reaches).unwrap_or(REACHES.len())
    }

    /// Where a window begins that shall begin there.
    pub(crate) fn border(&self, at: u64) -> u64 {
        self.last_border(self.ring(at), at)
    }

    /// The next border after a moment, of the slots of its age; the last tick where there is none.
    fn next_border(&self, at: u64) -> u64 {
        let (ring, after) = (self.ring(at), self.0.partition_point(|tick| *tick <= at));
        let found = (after..self.0.len()).find(|place| self.is_border(*place, ring));
        found.map_or(self.last(), |place| self.0[place])
    }

    /// Where a window ends that shall end there, before the last tick.
    pub(crate) fn border_from(&self, at: u64) -> u64 {
        if self.border(at) == at { at } else { self.next_border(at) }
    }

    /// How much of a span was watched, in seconds. Where more than ten intervals lie between two ticks, one interval is.
    pub(crate) fn covered(&self, from: u64, to: u64) -> f64 {
        let (mut covered, mut before) = (0, from);
        let [first, end] = [from, to].map(|at| self.0.partition_point(|tick| *tick <= at));
        for tick in self.0[first..end].iter().copied().chain([to]) {
            let passed = tick - before;
            covered += if passed > 10 * SECOND { SECOND } else { passed };
            before = tick;
        }
        covered as f64 / SECOND as f64
    }

    /// The slots that a span is made of, as fine as there are any, and what came after the last tick.
    pub(crate) fn slots(&self, from: u64, to: u64) -> Vec<(u64, u64)> {
        let (mut slots, mut at) = (Vec::new(), from);
        while at < to {
            let next = if at < self.last() { self.next_border(at).min(to) } else { to };
            slots.push((at, next));
            at = next;
        }
        slots
    }
}

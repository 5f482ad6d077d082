//! What a history holds, and what a tick does to it.

use std::cell::RefCell;
use std::time::{Duration, SystemTime};

use crate::history::axis::{Axis, Nanos, Now};
use crate::history::ring::{RINGS, TimeLine};
use crate::history::spread::Spread;
use crate::history::track::{Scratch, Track};
use crate::registry::Registry;
use crate::snapshot::{Found, Kept};

#[derive(Debug)]
pub(super) struct State {
    pub(super) axis: Axis,
    pub(super) line: TimeLine,
    /// By the number of the series in its registry.
    tracks: Vec<Place>,
    limit: usize,
    /// What all of it takes, as of the last tick.
    pub(super) bytes: usize,
    /// How many series are known, and how many were refused, as of the last tick.
    pub(super) known: usize,
    pub(super) refused: usize,
    pub(super) ticks: u64,
    /// Slots that were forgotten before their time, in each ring.
    pub(super) thinned: [u64; RINGS],
    scratch: Scratch,
    /// The slots of a distribution that were put together last: several aggregates of one window follow each other.
    pub(super) last_gathered: RefCell<(Option<Gathered>, Spread)>,
}

/// Which: of what series, after how many ticks, and what the slots span.
type Gathered = (u32, u64, Nanos, Nanos);

/// What is known of a series.
#[derive(Debug)]
#[allow(clippy::large_enum_variant, reason = "nearly all of them are known")]
enum Place {
    /// It was not there at the last tick.
    Unknown,
    /// There was no memory for it.
    Refused,
    Known(Track),
}

impl Place {
    /// That of a series which there may be room for.
    fn of(track: Track, room: &mut usize) -> Place {
        match room.checked_sub(track.bytes()) {
            Some(left) => {
                *room = left;
                Place::Known(track)
            }
            None => Place::Refused,
        }
    }
}

impl State {
    /// Begins now: what was recorded so far came at no known time.
    pub(super) fn new(
        registry: &Registry,
        now: SystemTime,
        interval: Duration,
        retention: Duration,
        limit: usize,
    ) -> State {
        let axis = Axis::new(now, interval);
        let begin = axis.last();
        let line = TimeLine::new(begin, axis.interval(), retention);
        let mut state = State {
            axis,
            line,
            tracks: Vec::new(),
            limit,
            bytes: 0,
            known: 0,
            refused: 0,
            ticks: 0,
            thinned: [0; RINGS],
            scratch: Scratch::default(),
            last_gathered: RefCell::default(),
        };
        let mut room = limit;
        for found in registry.read_all() {
            let number = found.series.number();
            let track = Track::new(found.series, state.line.mark(), found.reading, found.resets);
            state.put(number, Place::of(track, &mut room));
        }
        state.count();
        state.thin();
        state
    }

    /// Takes down what was recorded since the last tick. False where that was just now.
    pub(super) fn tick(&mut self, registry: &Registry, now: SystemTime) -> bool {
        let Some(step) = self.axis.tick(now) else { return false };
        let before = self.line.mark();
        let (slot, merges) = self.line.push(step);
        let (mut room, mut lacks_room) = (self.limit.saturating_sub(self.bytes), false);
        for found in registry.read_all() {
            let (series, resets) = (found.series, found.resets);
            let number = series.number();
            if let Some(Place::Known(track)) = self.tracks.get_mut(number as usize) {
                track.tick(slot, step.to, found, &mut self.scratch.out);
                continue;
            }
            let was_refused = matches!(self.tracks.get(number as usize), Some(Place::Refused));
            let track = if was_refused {
                // What it held before came at no known time.
                Track::new(series, self.line.mark(), found.reading, resets)
            } else {
                let mut track = Track::of_new(series, before, resets);
                track.tick(slot, step.to, found, &mut self.scratch.out);
                track
            };
            let place = Place::of(track, &mut room);
            lacks_room |= matches!(place, Place::Refused);
            self.put(number, place);
        }
        for (ring, merge) in (1..).zip(merges) {
            let Some(merge) = merge else { break };
            for place in &mut self.tracks {
                if let Place::Known(track) = place {
                    track.merge(ring, &merge, &self.line, &mut self.scratch);
                }
            }
        }
        let began = self.firsts();
        self.line.expire(step.to);
        let begin = self.firsts();
        (0..RINGS).filter(|ring| began[*ring] != begin[*ring]).for_each(|ring| self.forget(ring));
        self.ticks += 1;
        self.count();
        if lacks_room {
            // Some of the past for those that have none: they are taken up by and by.
            self.thin_once();
        }
        self.thin();
        if registry.is_global() {
            self.kept().report();
        }
        true
    }

    /// What it says of itself.
    fn kept(&self) -> Kept {
        Kept {
            bytes: self.bytes as u64,
            ticks: self.ticks,
            refused: self.refused as u64,
            thinned: self.thinned,
        }
    }

    /// Forgets until the limit is kept: the finest ring first, and of each the oldest slots; then, where what the series
    /// hold now is too much already, the newest series.
    fn thin(&mut self) {
        while self.bytes > self.limit && self.thin_once() {}
        let mut excess = self.bytes.saturating_sub(self.limit);
        if excess == 0 {
            return;
        }
        for place in self.tracks.iter_mut().rev() {
            if excess == 0 {
                break;
            }
            if let Place::Known(track) = place {
                excess = excess.saturating_sub(track.bytes() - size_of::<Track>());
                *place = Place::Refused;
            }
        }
        self.count();
    }

    /// Forgets the oldest quarter of the finest ring that has something to forget; false where none has.
    fn thin_once(&mut self) -> bool {
        for ring in 0..RINGS {
            let gone = self.line.thin(ring);
            if gone == 0 {
                continue;
            }
            self.thinned[ring] += gone;
            self.forget(ring);
            for place in &mut self.tracks {
                if let Place::Known(track) = place {
                    track.shrink(ring);
                }
            }
            self.count();
            return true;
        }
        false
    }

    /// The oldest slot of each ring.
    fn firsts(&self) -> [u32; RINGS] {
        std::array::from_fn(|ring| self.line.first(ring))
    }

    /// Forgets the entries of slots that a ring has no longer.
    fn forget(&mut self, ring: usize) {
        let first = self.line.first(ring);
        for place in &mut self.tracks {
            if let Place::Known(track) = place {
                track.forget(ring, first);
            }
        }
    }

    /// Counts what all of it takes, and the series.
    fn count(&mut self) {
        let mut bytes = self.tracks.capacity() * size_of::<Place>() + self.line.bytes();
        (self.known, self.refused) = (0, 0);
        for place in &self.tracks {
            match place {
                Place::Known(track) => {
                    self.known += 1;
                    bytes += track.bytes() - size_of::<Track>();
                }
                Place::Refused => self.refused += 1,
                Place::Unknown => {}
            }
        }
        self.bytes = bytes;
    }

    fn put(&mut self, number: u32, place: Place) {
        let number = number as usize;
        while self.tracks.len() <= number {
            self.tracks.push(Place::Unknown);
        }
        self.tracks[number] = place;
    }

    /// What is known of a series; the error tells whether it was refused.
    pub(super) fn track(&self, number: u32) -> Result<&Track, Untracked> {
        match self.tracks.get(number as usize) {
            Some(Place::Known(track)) => Ok(track),
            Some(Place::Refused) => Err(Untracked::Refused),
            Some(Place::Unknown) | None => Err(Untracked::New),
        }
    }

    /// A track of a series that came since the last tick.
    pub(super) fn track_of_new(&self, now: &Found) -> Track {
        Track::of_new(now.series, self.line.mark(), now.resets)
    }

    /// Now, as far as the clock says.
    pub(super) fn now(&self, clock: SystemTime) -> Now {
        self.axis.now(clock)
    }
}

/// Why nothing is known of a series.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Untracked {
    /// It came since the last tick.
    New,
    /// There was no memory for it.
    Refused,
}

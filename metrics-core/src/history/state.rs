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
    /// What all of it takes, as of the last tick, and how much of that is the past, which can be thinned.
    pub(super) bytes: usize,
    past_bytes: usize,
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
enum Place {
    /// It was not there at the last tick.
    Unknown,
    /// There was no memory for it.
    Refused,
    /// Behind a pointer, so that those that are not known take little.
    Known(Box<Track>),
}

/// What is left for series that are new, and the least that one of them lacked.
#[derive(Debug)]
struct Room {
    left: usize,
    lacking: Option<usize>,
}

impl Room {
    fn of(bytes: usize) -> Room {
        Room { left: bytes, lacking: None }
    }

    fn take_up(&mut self, track: Track) -> Place {
        let bytes = track.bytes();
        match self.left.checked_sub(bytes) {
            Some(left) => {
                self.left = left;
                Place::Known(Box::new(track))
            }
            None => {
                self.lacking = Some(self.lacking.map_or(bytes, |least| least.min(bytes)));
                Place::Refused
            }
        }
    }
}

/// This part of the limit is for the past: what series hold at present, and they themselves, take no more than the rest.
const PAST_PART: usize = 4;

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
            past_bytes: 0,
            known: 0,
            refused: 0,
            ticks: 0,
            thinned: [0; RINGS],
            scratch: Scratch::default(),
            last_gathered: RefCell::default(),
        };
        let all = registry.read_all();
        state.make_places(&all);
        let mut room = state.room();
        for found in all {
            let number = found.series.number();
            let track = Track::new(found.series, state.line.mark(), found.reading, found.resets);
            state.tracks[number as usize] = room.take_up(track);
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
        let all = registry.read_all();
        self.make_places(&all);
        let mut room = self.room();
        for found in all {
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
                let mut track = Track::of_new(&found, before);
                track.tick(slot, step.to, found, &mut self.scratch.out);
                track
            };
            self.tracks[number as usize] = room.take_up(track);
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
        let present = self.bytes - self.past_bytes;
        if room.lacking.is_some_and(|lacking| present + lacking <= self.present_max()) {
            // It is the past that takes their room: they are taken up by and by.
            self.thin_once();
        }
        self.thin();
        if registry.is_global() {
            self.kept().report();
        }
        true
    }

    /// A place for each series.
    fn make_places(&mut self, all: &[Found]) {
        let numbers = all.iter().map(|found| found.series.number() as usize + 1);
        let places = numbers.max().unwrap_or(0);
        if places > self.tracks.len() {
            self.tracks.reserve_exact(places - self.tracks.len());
            self.tracks.resize_with(places, || Place::Unknown);
            self.count();
        }
    }

    /// What there is for series that are new.
    fn room(&self) -> Room {
        let present = self.bytes - self.past_bytes;
        let of_all = self.limit.saturating_sub(self.bytes);
        Room::of(of_all.min(self.present_max().saturating_sub(present)))
    }

    /// See [`PAST_PART`].
    fn present_max(&self) -> usize {
        self.limit - self.limit / PAST_PART
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
                excess = excess.saturating_sub(track.bytes());
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
        (self.known, self.refused, self.past_bytes) = (0, 0, 0);
        for place in &self.tracks {
            match place {
                Place::Known(track) => {
                    self.known += 1;
                    self.past_bytes += track.past_bytes();
                    bytes += track.bytes();
                }
                Place::Refused => self.refused += 1,
                Place::Unknown => {}
            }
        }
        self.bytes = bytes;
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
        Track::of_new(now, self.line.mark())
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

//! What one series did in the slots of one ring: bytes, and nothing where it did nothing.
//!
//! An entry is the number of its slot, as the distance to the one before, the length of its payload, and
//! the payload. The usual one, of the next slot and short, has one byte before its payload. The oldest entries are taken
//! from the front, and the room that they leave is used again when it is a quarter of all.

use std::ops::Range;

/// The room for new entries grows by this part of what there is, so that little of it is empty.
const GROWTH_PART: usize = 8;
const GROWTH_MIN: usize = 24;

/// One entry in so many is marked: whoever looks for a slot reads no more than these in vain.
const MARKED_ONE_IN: u32 = 32;

/// Set in the first byte of an entry that is not of the next slot, or is long.
const LONG: u8 = 0x80;

#[derive(Debug, Default)]
pub(super) struct Log {
    bytes: Vec<u8>,
    /// Where the oldest entry begins.
    start: usize,
    /// The slots of the oldest and of the newest entry; meaningless where there is none.
    first: u32,
    last: u32,
    /// How many entries came since the last one that is marked.
    unmarked: u32,
    /// How many bytes were taken from the front so far, wrapping.
    taken: u32,
    /// In the order of time; some at the front may be of entries that are gone.
    marks: Vec<Mark>,
}

/// Where an entry begins.
#[derive(Debug, Clone, Copy)]
struct Mark {
    slot: u32,
    /// Behind so many bytes since the log began, wrapping.
    at: u32,
}

impl Log {
    pub(super) fn is_empty(&self) -> bool {
        self.start == self.bytes.len()
    }

    /// Adds an entry for a slot after all others.
    pub(super) fn push(&mut self, slot: u32, payload: &[u8]) {
        let distance = if self.is_empty() { 1 } else { slot.wrapping_sub(self.last) };
        if self.is_empty() {
            self.first = slot;
        }
        self.last = slot;
        self.mark(slot);
        let room = payload.len() + 16;
        if self.bytes.capacity() - self.bytes.len() < room {
            let more = room.max(self.bytes.len() / GROWTH_PART).max(GROWTH_MIN);
            self.bytes.reserve_exact(more);
        }
        match u8::try_from(payload.len()) {
            Ok(length) if length < LONG && distance == 1 => self.bytes.push(length),
            _ => {
                self.bytes.push(LONG);
                put(&mut self.bytes, u64::from(distance));
                put(&mut self.bytes, payload.len() as u64);
            }
        }
        self.bytes.extend_from_slice(payload);
    }

    /// Marks the entry that is added next, if its turn has come.
    fn mark(&mut self, slot: u32) {
        if self.unmarked < MARKED_ONE_IN {
            self.unmarked += 1;
            return;
        }
        self.unmarked = 1;
        if self.marks.len() == self.marks.capacity() {
            self.forget_marks();
        }
        self.marks.push(Mark { slot, at: self.taken.wrapping_add(self.bytes.len() as u32) });
    }

    /// Takes the oldest entry away if its slot is before `first`, and gives its payload to `with`.
    pub(super) fn forget_one(&mut self, first: u32, with: impl FnOnce(&[u8])) -> bool {
        if self.is_empty() || self.first >= first {
            return false;
        }
        let mut from = &self.bytes[self.start..];
        let Some((_, payload)) = read(&mut from) else {
            self.clear();
            return false;
        };
        with(payload);
        self.start = self.bytes.len() - from.len();
        let distance = read(&mut from).map_or(0, |(distance, _)| distance);
        self.first = self.first.wrapping_add(distance);
        if self.is_empty() {
            self.marks.clear();
            self.unmarked = 0;
        }
        if self.start > self.bytes.len() / 4 {
            self.use_again();
            // A series that is no longer what it was: room for what it was is given back.
            if self.bytes.capacity() > 2 * self.bytes.len() + 2 * GROWTH_MIN {
                self.bytes.shrink_to_fit();
            }
        }
        true
    }

    /// Makes the room of the entries that are gone room for new ones.
    fn use_again(&mut self) {
        self.bytes.drain(..self.start);
        self.taken = self.taken.wrapping_add(self.start as u32);
        self.start = 0;
    }

    /// Gives back the room that is not used.
    pub(super) fn shrink(&mut self) {
        self.use_again();
        self.bytes.shrink_to_fit();
        self.forget_marks();
        self.marks.shrink_to_fit();
    }

    /// Forgets those of entries that are gone.
    fn forget_marks(&mut self) {
        let gone = self.marks.partition_point(|mark| mark.slot < self.first);
        self.marks.drain(..gone);
    }

    fn clear(&mut self) {
        self.bytes.clear();
        self.start = 0;
        self.marks.clear();
        self.unmarked = 0;
    }

    /// The entries of some slots, in the order of time, each with its slot.
    pub(super) fn entries(&self, slots: Range<u32>) -> impl Iterator<Item = (u32, &[u8])> {
        let (first, start) = self.begin(slots.start);
        let mut from = &self.bytes[start..];
        // The distance of the first one is to an entry that is not read.
        let mut before = None;
        let all = std::iter::from_fn(move || {
            let (distance, payload) = read(&mut from)?;
            let slot = before.map_or(first, |before: u32| before.wrapping_add(distance));
            before = Some(slot);
            Some((slot, payload))
        });
        let (begin, end) = (slots.start, slots.end);
        all.skip_while(move |(slot, _)| *slot < begin).take_while(move |(slot, _)| *slot < end)
    }

    /// The payload of the last entry before a slot.
    pub(super) fn last_before(&self, slot: u32) -> Option<&[u8]> {
        let earlier = slot.checked_sub(1)?;
        self.entries(self.begin(earlier).0..slot).last().map(|(_, payload)| payload)
    }

    /// The last known place at which an entry begins whose slot is not after this one: the slot, and where it is.
    fn begin(&self, slot: u32) -> (u32, usize) {
        let behind = self.marks.partition_point(|mark| mark.slot <= slot);
        match behind.checked_sub(1).map(|place| self.marks[place]) {
            Some(mark) if mark.slot > self.first => {
                (mark.slot, mark.at.wrapping_sub(self.taken) as usize)
            }
            _ => (self.first, self.start),
        }
    }

    /// What it takes, in bytes.
    pub(super) fn bytes(&self) -> usize {
        self.bytes.capacity() + self.marks.capacity() * size_of::<Mark>()
    }
}

/// The distance of the next entry to the one before, and its payload.
fn read<'a>(from: &mut &'a [u8]) -> Option<(u32, &'a [u8])> {
    let (head, rest) = from.split_first()?;
    *from = rest;
    let (distance, length) =
        if *head < LONG { (1, u64::from(*head)) } else { (take(from)? as u32, take(from)?) };
    let (payload, rest) = from.split_at_checked(length as usize)?;
    *from = rest;
    Some((distance, payload))
}

/// Appends a number, in as few groups of seven bits as it needs, the lowest first (LEB128).
pub(super) fn put(out: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

/// Takes a number that [`put`] wrote.
#[inline(always)]
pub(super) fn take(from: &mut &[u8]) -> Option<u64> {
    let (head, rest) = from.split_first()?;
    *from = rest;
    if *head < 0x80 { Some(u64::from(*head)) } else { take_long(*head, from) }
}

/// Takes the rest of a number of several bytes.
#[inline(never)]
fn take_long(head: u8, from: &mut &[u8]) -> Option<u64> {
    let mut number = u64::from(head & 0x7f);
    for shift in (7..64).step_by(7) {
        let (head, rest) = from.split_first()?;
        *from = rest;
        number |= u64::from(*head & 0x7f) << shift;
        if *head < 0x80 {
            return Some(number);
        }
    }
    None
}

/// Takes two numbers that [`put`] wrote, most often of one byte each.
#[inline]
pub(super) fn take_pair(from: &mut &[u8]) -> Option<(u64, u64)> {
    match **from {
        [one, other, ref rest @ ..] if (one | other) < 0x80 => {
            *from = rest;
            Some((u64::from(one), u64::from(other)))
        }
        _ => Some((take(from)?, take(from)?)),
    }
}

/// Appends a signed number: small ones of either sign are short.
pub(super) fn put_signed(out: &mut Vec<u8>, number: i64) {
    put(out, ((number << 1) ^ (number >> 63)) as u64);
}

pub(super) fn take_signed(from: &mut &[u8]) -> Option<i64> {
    let folded = take(from)?;
    Some((folded >> 1) as i64 ^ -((folded & 1) as i64))
}

/// Appends an `f64`. Whole numbers end in zero bits, and are short the other way round.
pub(super) fn put_f64(out: &mut Vec<u8>, number: f64) {
    put(out, number.to_bits().swap_bytes());
}

pub(super) fn take_f64(from: &mut &[u8]) -> Option<f64> {
    take(from).map(|bits| f64::from_bits(bits.swap_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(log: &Log, slots: Range<u32>) -> Vec<(u32, Vec<u8>)> {
        log.entries(slots).map(|(slot, payload)| (slot, payload.to_vec())).collect()
    }

    #[test]
    fn every_number_comes_back() {
        let numbers =
            (0..64).flat_map(|bit| [0, 1, 2].map(|less| (1_u64 << bit).wrapping_sub(less)));
        for number in numbers.chain([u64::MAX]) {
            let mut out = Vec::new();
            put(&mut out, number);
            put_signed(&mut out, number as i64);
            put_signed(&mut out, (number as i64).wrapping_neg());
            put_f64(&mut out, number as f64);
            put_f64(&mut out, -1.0 / number as f64);
            let from = &mut out.as_slice();
            assert_eq!(take(from), Some(number));
            assert_eq!(take_signed(from), Some(number as i64));
            assert_eq!(take_signed(from), Some((number as i64).wrapping_neg()));
            assert_eq!(take_f64(from), Some(number as f64));
            assert_eq!(take_f64(from), Some(-1.0 / number as f64));
            assert_eq!((take(from), take_f64(from)), (None, None), "nothing is left");
        }
        let mut short = Vec::new();
        put_f64(&mut short, 250.0);
        assert!(short.len() <= 4, "{short:?}");
    }

    #[test]
    fn entries_come_back_like_those_of_a_naive_twin() {
        let mut log = Log::default();
        let mut twin: Vec<(u32, Vec<u8>)> = Vec::new();
        let mut seed = 7_u32;
        let mut next = |below: u32| {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (seed >> 8) % below
        };
        let mut slot = 5;
        for round in 0..3_000 {
            let length = [0, 1, 3, 126, 127, 128, 300][next(7) as usize];
            let payload: Vec<u8> = (0..length).map(|byte| byte as u8 ^ round as u8).collect();
            log.push(slot, &payload);
            twin.push((slot, payload));
            slot += 1 + if next(3) == 0 { next(200) } else { 0 };
            if next(4) == 0 {
                let first = slot.saturating_sub(next(400));
                let mut gone = Vec::new();
                while log.forget_one(first, |payload| gone.push(payload.to_vec())) {}
                let kept = twin.iter().position(|(slot, _)| *slot >= first).unwrap_or(twin.len());
                let expected: Vec<_> = twin.drain(..kept).map(|(_, payload)| payload).collect();
                assert_eq!(gone, expected);
            }
            if round % 50 == 0 {
                log.shrink();
            }
            let (begin, end) = (slot.saturating_sub(next(500)), slot.saturating_sub(next(100)));
            let within = |(slot, _): &&(u32, Vec<u8>)| (begin..end).contains(slot);
            assert_eq!(
                all(&log, begin..end),
                twin.iter().filter(within).cloned().collect::<Vec<_>>()
            );
            let before = twin.iter().rfind(|(slot, _)| *slot < begin);
            assert_eq!(log.last_before(begin), before.map(|(_, payload)| &**payload));
            assert_eq!(log.is_empty(), twin.is_empty());
        }
        assert!(log.bytes() > 0);
    }

    #[test]
    fn little_of_its_room_is_empty() {
        let mut log = Log::default();
        for slot in 0..10_000 {
            log.push(slot, &[1, 2, 3]);
            while log.forget_one(slot.saturating_sub(300), |_| {}) {}
        }
        assert!(log.bytes() < 3 * 300 * 4, "{} bytes", log.bytes());
    }
}

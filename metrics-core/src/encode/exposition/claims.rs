//! Which names are taken: every metric takes its own, and those of its parts.
//!
//! A name is kept as the hash of what stands before its last known suffix, with one bit for the
//! suffix; so all that a metric takes is one or two entries. Two names of one hash count as one name:
//! that can only rename what need not be, never let two metrics have one name.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use crate::encode::openmetrics::family_of_counter;
use crate::kind::Kind;

/// Suffixes, each with its bit; a name without any of them has [`BARE`].
const SUFFIXES: [(&str, u8); 5] = [
    ("_total", TOTAL),
    ("_created", CREATED),
    ("_bucket", BUCKET),
    ("_count", COUNT),
    ("_sum", SUM),
];
const BARE: u8 = 1;
const TOTAL: u8 = 2;
const CREATED: u8 = 4;
const BUCKET: u8 = 8;
const COUNT: u8 = 16;
const SUM: u8 = 32;

/// Names under one stem: its hash, and the bits of the suffixes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Claim {
    stem: u64,
    suffixes: u8,
}

/// What a metric takes in both formats. A histogram takes its own name too, for its type.
pub(super) fn of(name: &str, kind: Kind) -> [Claim; 2] {
    let parts = match kind {
        Kind::Histogram | Kind::Timer => Claim::under(name, BUCKET | COUNT | SUM),
        Kind::Summary => Claim::under(name, COUNT | SUM),
        Kind::Counter | Kind::Gauge | Kind::Rate => Claim::NOTHING,
    };
    [Claim::one(name), parts]
}

/// What OpenMetrics reserves for it besides.
pub(super) fn in_openmetrics(name: &str, kind: Kind) -> [Claim; 2] {
    match (kind, family_of_counter(name)) {
        (Kind::Counter | Kind::Rate, Some(family)) => {
            let (own, created) = (Claim::one(family), Claim::under(family, CREATED));
            // Mostly the family's name has no suffix, and both stand under it.
            match own.suffixes {
                BARE => [Claim { suffixes: BARE | CREATED, ..own }, Claim::NOTHING],
                _ => [own, created],
            }
        }
        (Kind::Histogram | Kind::Timer | Kind::Summary, _) => {
            [Claim::under(name, CREATED), Claim::NOTHING]
        }
        _ => [Claim::NOTHING; 2],
    }
}

/// What a counter takes in either format, by its name that ends in `_total`.
pub(super) fn of_total(name: &str) -> [Claim; 3] {
    let [family, created] = in_openmetrics(name, Kind::Counter);
    [Claim::one(name), family, created]
}

impl Claim {
    const NOTHING: Claim = Claim { stem: 0, suffixes: 0 };

    /// That one name.
    fn one(name: &str) -> Claim {
        let split = |(suffix, bit): &(&str, u8)| Some((name.strip_suffix(suffix)?, *bit));
        let (stem, suffix) = SUFFIXES.iter().find_map(split).unwrap_or((name, BARE));
        Claim::under(stem, suffix)
    }

    /// The names that `stem` makes with those suffixes.
    fn under(stem: &str, suffixes: u8) -> Claim {
        Claim { stem: hash(stem), suffixes }
    }
}

/// The names that are taken.
#[derive(Debug)]
pub(super) struct Claims {
    stems: HashMap<u64, Taken, BuildHasherDefault<AsItIs>>,
}

/// Suffixes of one stem.
#[derive(Debug, Clone, Copy, Default)]
struct Taken {
    once: u8,
    /// Asked for again by [`Claims::contest`].
    again: u8,
}

impl Claims {
    pub(super) fn with_room_for(metrics: usize) -> Claims {
        Claims { stems: HashMap::with_capacity_and_hasher(metrics, BuildHasherDefault::default()) }
    }

    /// Takes all of the names, or, where one is taken, none.
    pub(super) fn take(&mut self, names: &[Claim]) -> bool {
        for (place, claim) in names.iter().enumerate() {
            if claim.suffixes == 0 {
                continue;
            }
            let taken = self.stems.entry(claim.stem).or_default();
            if taken.once & claim.suffixes != 0 {
                self.give_back(&names[..place]);
                return false;
            }
            taken.once |= claim.suffixes;
        }
        true
    }

    fn give_back(&mut self, names: &[Claim]) {
        for claim in names {
            if let Some(taken) = self.stems.get_mut(&claim.stem) {
                taken.once &= !claim.suffixes;
            }
        }
    }

    /// Takes the names, and remembers those that were taken.
    pub(super) fn contest(&mut self, names: &[Claim]) {
        for claim in names.iter().filter(|claim| claim.suffixes != 0) {
            let taken = self.stems.entry(claim.stem).or_default();
            taken.again |= taken.once & claim.suffixes;
            taken.once |= claim.suffixes;
        }
    }

    /// True when one of the names was contested.
    pub(super) fn are_contested(&self, names: &[Claim]) -> bool {
        let is_contested = |claim: &Claim| {
            self.stems.get(&claim.stem).is_some_and(|taken| taken.again & claim.suffixes != 0)
        };
        names.iter().any(is_contested)
    }
}

/// Eight bytes at a time; good enough where a collision does no harm.
fn hash(text: &str) -> u64 {
    const ODD: u64 = 0x9e37_79b9_7f4a_7c15;
    let mut hash = text.len() as u64;
    for word in text.as_bytes().chunks(8) {
        let mut bytes = [0; 8];
        bytes[..word.len()].copy_from_slice(word);
        hash = (hash ^ u64::from_le_bytes(bytes)).wrapping_mul(ODD);
        hash ^= hash >> 32;
    }
    hash
}

/// Takes a hash for what it is.
#[derive(Debug, Default)]
struct AsItIs(u64);

impl Hasher for AsItIs {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }

    /// Only for keys that are no `u64`, of which there are none.
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0 << 8 | u64::from(*byte);
        }
    }
}

//! What a bridge remembers: a tree by hashes, read without a lock.
//!
//! A node is complete before it becomes visible, and is never changed or taken out. Each step down the tree
//! uses further bits of the hash, so that a few thousand entries are found in two or three steps. Nobody waits
//! for anybody, so that a fork leaves nothing locked behind.

use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::Relaxed;

use once_cell::race::OnceBox;

/// The most entries of one cache; what is not remembered is asked for each time.
pub(super) const MAX_ENTRIES: usize = 16_384;

/// The most nodes that a lookup passes: hashes that are alike on purpose make it no slower than that.
const MAX_STEPS: usize = 48;

/// By how many bits of a hash the first step goes, and each further one.
const ROOT_BITS: u32 = 8;
const CHILD_BITS: u32 = 2;

const CHILDREN: usize = 1 << CHILD_BITS;

/// Finds what belongs to a key.
#[derive(Debug)]
pub(super) struct Cache<K, V> {
    roots: Box<[OnceBox<Node<K, V>>]>,
    used: AtomicUsize,
    max_entries: usize,
}

#[derive(Debug)]
struct Node<K, V> {
    hash: u64,
    key: K,
    value: V,
    children: [OnceBox<Node<K, V>>; CHILDREN],
}

/// The way down for one hash.
struct Way(u64);

impl Way {
    /// Spreads the bits of hashes whose differences may lie at one end, as those of addresses do.
    #[inline(always)]
    fn of(hash: u64) -> Way {
        let product = u128::from(hash) * u128::from(0x9e37_79b9_7f4a_7c15_u64);
        Way((product >> 64) as u64 ^ product as u64)
    }

    #[inline(always)]
    fn next(&mut self, bits: u32) -> usize {
        let place = self.0 >> (u64::BITS - bits);
        self.0 <<= bits;
        place as usize
    }
}

impl<K, V> Cache<K, V> {
    pub(super) fn new() -> Cache<K, V> {
        Cache::with_max(MAX_ENTRIES)
    }

    /// One that takes about so many entries: some more where threads put them at once.
    fn with_max(max_entries: usize) -> Cache<K, V> {
        let roots = (0..1 << ROOT_BITS).map(|_| OnceBox::new()).collect();
        Cache { roots, used: AtomicUsize::new(0), max_entries }
    }

    /// What belongs to the key of that hash.
    #[inline(always)]
    pub(super) fn find(&self, hash: u64, is_it: impl Fn(&K) -> bool) -> Option<&V> {
        let mut way = Way::of(hash);
        let mut place = &self.roots[way.next(ROOT_BITS)];
        for _ in 0..MAX_STEPS {
            let node = place.get()?;
            if node.hash == hash && is_it(&node.key) {
                return Some(&node.value);
            }
            place = &node.children[way.next(CHILD_BITS)];
        }
        None
    }
}

impl<K: PartialEq, V> Cache<K, V> {
    /// Remembers a key and what belongs to it; what is there already stays. None where the cache is full, or too
    /// many hashes are alike.
    pub(super) fn insert(&self, hash: u64, new: impl FnOnce() -> (K, V)) -> Option<&V> {
        // Relaxed: a number that stands alone.
        if self.used.load(Relaxed) >= self.max_entries {
            return None;
        }
        let (key, value) = new();
        let mut new =
            Box::new(Node { hash, key, value, children: [const { OnceBox::new() }; CHILDREN] });
        let mut way = Way::of(hash);
        let mut place = &self.roots[way.next(ROOT_BITS)];
        for _ in 0..MAX_STEPS {
            let node = match place.get() {
                Some(node) => node,
                None => match place.set(new) {
                    Ok(()) => {
                        // Relaxed: as above.
                        self.used.fetch_add(1, Relaxed);
                        return place.get().map(|node| &node.value);
                    }
                    Err(too_late) => {
                        new = too_late;
                        place.get()?
                    }
                },
            };
            if node.hash == hash && node.key == new.key {
                return Some(&node.value);
            }
            place = &node.children[way.next(CHILD_BITS)];
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MANY: u64 = if cfg!(miri) { 300 } else { 10_000 };

    #[test]
    fn each_key_is_found_and_no_other() {
        let cache = Cache::new();
        // Hashes that differ in their low bits, in their high bits, and like addresses.
        for shift in [0, 40, 4] {
            for number in 1..MANY / 3 {
                let key = number << shift;
                let known = cache.find(key, |known| *known == key).copied();
                assert_eq!(cache.insert(key, || (key, known.unwrap_or(key + 7))), Some(&(key + 7)));
                // The first one stays.
                assert_eq!(cache.insert(key, || (key, 1)), Some(&(key + 7)));
            }
        }
        for shift in [0, 40, 4] {
            for number in 1..MANY / 3 {
                let key = number << shift;
                assert_eq!(cache.find(key, |known| *known == key), Some(&(key + 7)));
                assert_eq!(cache.find(key, |known| *known == key + 1), None);
            }
        }
    }

    #[test]
    fn full_cache_takes_no_more_and_keeps_what_it_has() {
        let cache = Cache::with_max(3);
        for key in 0..10_u64 {
            assert_eq!(cache.insert(key, || (key, key)).is_some(), key < 3);
        }
        for key in 0..10_u64 {
            assert_eq!(cache.find(key, |known| *known == key).is_some(), key < 3);
        }
    }

    #[test]
    fn hashes_that_are_alike_are_told_apart_and_make_no_long_way() {
        let cache = Cache::new();
        let taken = (0..200).filter(|key| cache.insert(7, || (*key, *key)).is_some()).count();
        assert_eq!(taken, MAX_STEPS);
        for key in 0..200 {
            let found = cache.find(7, |known| *known == key);
            assert_eq!(found.copied(), (key < taken as i32).then_some(key));
        }
    }

    #[test]
    fn threads_that_insert_at_once_agree() {
        let cache = Cache::new();
        std::thread::scope(|scope| {
            for thread in 0..4 {
                let cache = &cache;
                scope.spawn(move || {
                    for number in 0..MANY / 4 {
                        let key = (number * 7 + thread * 31) % (MANY / 4);
                        let value = *cache.insert(key, || (key, thread)).unwrap();
                        assert_eq!(cache.find(key, |known| *known == key), Some(&value));
                    }
                });
            }
        });
    }
}

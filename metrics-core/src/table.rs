//! A table from rows of texts to what belongs to them, read without a lock.
//!
//! It is what labels known at run time are looked up in, by a macro's site and by the registry.
//!
//! Open addressing, at most half full. An entry is complete before a Release store makes it visible,
//! and is never changed or taken out. A table that is full is followed by one of twice the size; the
//! old ones stay, so together they are at most twice the last. An entry that another thread puts into
//! the old table meanwhile is only missed, and put into the new one by whoever misses it. There is no
//! lock that a fork could leave behind.

use std::marker::PhantomData;
use std::ptr;
use std::sync::atomic::Ordering::{AcqRel, Acquire, Relaxed, Release};
use std::sync::atomic::{AtomicPtr, AtomicUsize};

/// The places of a first table; who uses one pays for them.
const FIRST_PLACES: usize = 16;

/// What is looked up: at least one text, how many they are, and their hash.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Row<I> {
    hash: u64,
    len: usize,
    texts: I,
}

/// Texts that can be gone through more than once.
pub(crate) trait Texts<'a>: Iterator<Item = &'a str> + Clone {}

impl<'a, I: Iterator<Item = &'a str> + Clone> Texts<'a> for I {}

impl<'a, I: Texts<'a>> Row<I> {
    /// The row of `texts`, which are `len`.
    #[inline(always)]
    pub(crate) fn new(len: usize, texts: I) -> Row<I> {
        Row { hash: hash_of(texts.clone()), len, texts }
    }
}

/// Finds the holder that belongs to a row of at least one text.
#[derive(Debug)]
pub(crate) struct Table<H: 'static> {
    current: AtomicPtr<Places<H>>,
    max_entries: usize,
    /// Holders are shared between threads like references.
    holders: PhantomData<&'static H>,
}

#[derive(Debug)]
struct Places<H: 'static> {
    /// A power of two of them. The low bits of a pointer, which are zero in an address of an entry, hold some
    /// of its hash: one that is passed by is mostly not looked at.
    places: Box<[AtomicPtr<Entry<H>>]>,
    used: AtomicUsize,
    /// The table before this one: some thread may still look at it.
    _before: Option<&'static Places<H>>,
}

/// What a lookup of one short text needs lies in the entry itself, down to the slot, in a line of the
/// processor's cache: each further place in memory that one waits for is a tenth of the price of a label.
#[derive(Debug)]
#[repr(C, align(64))]
pub(crate) struct Entry<H> {
    /// Those of the first text.
    ends: Ends,
    /// The length of the first text, in bytes.
    first_len: u32,
    /// How many texts there are.
    len: u32,
    rest: Box<Rest>,
    holder: H,
}

/// What is only looked at where texts are long, or more than one.
#[derive(Debug)]
struct Rest {
    /// The whole of the first text.
    whole: Box<str>,
    others: Box<[Text]>,
    hash: u64,
}

/// An entry of a site that is found by one short text is one line.
#[cfg(target_pointer_width = "64")]
const _: () = assert!(size_of::<Entry<[usize; 4]>>() == 64);

/// The bits of an entry's address that are zero.
const TAG: usize = align_of::<Entry<()>>() - 1;

/// What of a hash stands in the low bits of a pointer: not that by which the place is found, and never
/// zero, so that an empty place is like no entry.
#[inline(always)]
fn tag_of(hash: u64) -> usize {
    (hash >> (u64::BITS - TAG.count_ones())) as usize | 1
}

/// A text of an entry, after the first.
#[derive(Debug)]
struct Text {
    /// In bytes.
    len: u32,
    ends: Ends,
    whole: Box<str>,
}

/// All bytes of a text of at most 16, and nothing of a longer one.
type Ends = (u64, u64);

impl<H: 'static> Table<H> {
    /// An empty table that takes about so many entries: some more where threads put them at once.
    pub(crate) const fn new(max_entries: usize) -> Table<H> {
        Table { current: AtomicPtr::new(ptr::null_mut()), max_entries, holders: PhantomData }
    }

    /// The entry of `texts`, whose hash is `hash`.
    #[inline(always)]
    pub(crate) fn find<'a>(&self, row: &Row<impl Texts<'a>>) -> Option<&'static Entry<H>> {
        self.places()?.find(row)
    }

    /// Remembers `holder` under `texts`; the one that is there already stays. None where the table is full.
    pub(crate) fn insert<'a>(
        &self,
        row: &Row<impl Texts<'a>>,
        holder: H,
    ) -> Option<&'static Entry<H>> {
        let places = match self.places() {
            None => self.follow(None),
            // Relaxed: a table that is a little fuller than half is still right.
            Some(now) if now.used.load(Relaxed) * 2 >= now.places.len() => self.follow(Some(now)),
            Some(now) => now,
        };
        if let Some(known) = places.find(row) {
            return Some(known);
        }
        // Relaxed: as above.
        if places.used.load(Relaxed) >= self.max_entries {
            return None;
        }
        let mut texts = row.texts.clone().map(Text::new);
        let Text { ends, len: first_len, whole } = texts.next()?;
        let rest = Box::new(Rest { whole, others: texts.collect(), hash: row.hash });
        let len = row.len as u32;
        let entry: &'static Entry<H> =
            Box::leak(Box::new(Entry { ends, first_len, len, rest, holder }));
        places.put(entry);
        Some(entry)
    }

    #[inline(always)]
    fn places(&self) -> Option<&'static Places<H>> {
        // Acquire: pairs with the Release in `follow`: the places are there.
        let current = self.current.load(Acquire);
        // SAFETY: null, or made from a leaked box.
        unsafe { current.as_ref() }
    }

    /// The table after `old`, made by whoever is first.
    #[cold]
    fn follow(&self, old: Option<&'static Places<H>>) -> &'static Places<H> {
        let count = old.map_or(FIRST_PLACES, |old| old.places.len() * 2);
        let next = Box::new(Places {
            places: (0..count).map(|_| AtomicPtr::new(ptr::null_mut())).collect(),
            used: AtomicUsize::new(0),
            _before: old,
        });
        for entry in old.iter().flat_map(|old| old.entries()) {
            next.put(entry);
        }
        let next = Box::into_raw(next);
        let before = old.map_or(ptr::null_mut(), |old| ptr::from_ref(old).cast_mut());
        // AcqRel: Release pairs with the Acquire in `places`; Acquire, for the winner's table.
        match self.current.compare_exchange(before, next, AcqRel, Acquire) {
            // SAFETY: from a box that is now leaked.
            Ok(_) => unsafe { &*next },
            Err(winner) => {
                // SAFETY: from a box that nobody else has seen; its entries are leaked and stay.
                drop(unsafe { Box::from_raw(next) });
                // SAFETY: another thread's leaked box; a table never goes back to null.
                unsafe { &*winner }
            }
        }
    }
}

impl<H: 'static> Places<H> {
    #[inline(always)]
    fn find<'a>(&self, row: &Row<impl Texts<'a>>) -> Option<&'static Entry<H>> {
        let mask = self.places.len() - 1;
        let (mut place, tag) = (row.hash as usize & mask, tag_of(row.hash));
        // At least half of the places are empty, so this ends; the count is for the one that is not
        // believed.
        for _ in 0..self.places.len() {
            // Acquire: pairs with the Release in `put`: the entry is complete.
            let entry = self.places[place].load(Acquire);
            let entry = entry.map_addr(|address| address ^ tag);
            if entry.addr() & TAG == 0 {
                // SAFETY: made from a leaked box, as the tag that was taken off again is that of an entry.
                let entry = unsafe { &*entry };
                if entry.is_of(row) {
                    return Some(entry);
                }
            } else if entry.addr() == tag {
                // The place is empty.
                return None;
            }
            place = (place + 1) & mask;
        }
        None
    }

    fn put(&self, entry: &'static Entry<H>) {
        let mask = self.places.len() - 1;
        let mut place = entry.rest.hash as usize & mask;
        let new = ptr::from_ref(entry).cast_mut();
        let new = new.map_addr(|address| address | tag_of(entry.rest.hash));
        for _ in 0..self.places.len() {
            // Release: pairs with the Acquire in `find`. Relaxed: a taken place is only passed by.
            let put = self.places[place].compare_exchange(ptr::null_mut(), new, Release, Relaxed);
            if put.is_ok() {
                // Relaxed: see `insert`.
                self.used.fetch_add(1, Relaxed);
                return;
            }
            place = (place + 1) & mask;
        }
    }

    fn entries(&self) -> impl Iterator<Item = &'static Entry<H>> {
        // Acquire: as in `find`.
        self.places.iter().filter_map(|place| {
            let entry = place.load(Acquire);
            // A null pointer has no tag, so that it stays one.
            let entry = entry.map_addr(|address| address & !TAG);
            // SAFETY: null, or made from a leaked box.
            unsafe { entry.as_ref() }
        })
    }
}

impl<H> Entry<H> {
    #[inline(always)]
    pub(crate) fn holder(&self) -> &H {
        &self.holder
    }

    #[inline(always)]
    fn is_of<'a>(&self, row: &Row<impl Texts<'a>>) -> bool {
        let mut texts = row.texts.clone();
        self.len as usize == row.len
            && texts
                .next()
                .is_some_and(|text| is_text(text, self.first_len, self.ends, || &self.rest.whole))
            && (row.len == 1 || texts.zip(&*self.rest.others).all(|(text, known)| known.is(text)))
    }
}

impl Text {
    fn new(text: &str) -> Text {
        let ends = if text.len() <= SHORT { ends(text.as_bytes()) } else { (0, 0) };
        // No text that is looked up is as long as this could tell.
        Text { len: text.len() as u32, ends, whole: text.into() }
    }

    #[inline(always)]
    fn is(&self, text: &str) -> bool {
        is_text(text, self.len, self.ends, || &self.whole)
    }
}

/// Whether `text` is that of which the others are: `whole` is only asked for where it is long.
#[inline(always)]
fn is_text<'a>(text: &str, len: u32, known: Ends, whole: impl FnOnce() -> &'a str) -> bool {
    len as usize == text.len()
        && if text.len() <= SHORT { known == ends(text.as_bytes()) } else { whole() == text }
}

/// A hash of short texts: multiply and fold, eight bytes at a time. It is seeded with an address,
/// which differs from run to run; what an attacker could still do is make one bounded table slow.
#[inline(always)]
fn hash_of<'a>(texts: impl Iterator<Item = &'a str>) -> u64 {
    static SEED: u8 = 0;
    let seed = (&raw const SEED).addr() as u64;
    texts.fold(seed, |hash, text| hash_bytes(hash, text.as_bytes()))
}

#[inline]
fn hash_bytes(hash: u64, bytes: &[u8]) -> u64 {
    let (mut hash, mut rest) = (hash ^ bytes.len() as u64, bytes);
    while rest.len() > SHORT {
        let (head, tail) = rest.split_at(8);
        hash = fold(hash, ends(head));
        rest = tail;
    }
    fold(hash, ends(rest))
}

/// Odd numbers with bits spread evenly: 2^64 divided by the golden ratio, and the fraction of the square
/// root of two.
const FACTORS: [u64; 2] = [0x9e37_79b9_7f4a_7c15, 0x6a09_e667_f3bc_c909];

/// One multiplication of both words, each changed before so that neither is likely to be zero.
#[inline(always)]
fn fold(hash: u64, (start, end): Ends) -> u64 {
    let product = u128::from(hash ^ start ^ FACTORS[0]) * u128::from(end ^ FACTORS[1]);
    (product as u64) ^ (product >> 64) as u64
}

/// How many bytes a text may have to lie in two words.
const SHORT: usize = 16;

/// All bytes of a text of at most 16, in two words that may overlap: no copy, no call.
#[inline(always)]
fn ends(bytes: &[u8]) -> Ends {
    if let (Some(first), Some(last)) = (bytes.first_chunk::<8>(), bytes.last_chunk::<8>()) {
        (u64::from_le_bytes(*first), u64::from_le_bytes(*last))
    } else if let (Some(first), Some(last)) = (bytes.first_chunk::<4>(), bytes.last_chunk::<4>()) {
        (u64::from(u32::from_le_bytes(*first)), u64::from(u32::from_le_bytes(*last)))
    } else if let (Some(first), Some(last)) = (bytes.first(), bytes.last()) {
        (u64::from(*first) << 8 | u64::from(bytes[bytes.len() / 2]), u64::from(*last))
    } else {
        (0, 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_the_same_exactly_when_all_their_bytes_are() {
        for len in 0..40 {
            let text = "a".repeat(len);
            let known = Text::new(&text);
            assert!(known.is(&text.clone()));
            assert!(!known.is(&"a".repeat(len + 1)));
            for place in 0..len {
                let mut other = text.clone();
                other.replace_range(place..=place, "b");
                assert!(!known.is(&other), "{len} bytes, differing at {place}");
                let [one, other] = [&text, &other].map(|text| hash_bytes(1, text.as_bytes()));
                assert_ne!(one, other, "{len}, {place}");
            }
        }
    }

    #[test]
    fn where_one_text_ends_and_the_next_begins_matters() {
        let hash = |texts: &[&'static str]| hash_of(texts.iter().copied());
        assert_ne!(hash(&["ab", "c"]), hash(&["a", "bc"]));
        assert_ne!(hash(&["", "a"]), hash(&["a", ""]));
        assert_ne!(hash(&["a"]), hash(&["a", ""]));
    }

    /// How many rows the tests put into a table: more than a few times its first places.
    const ROWS: usize = if cfg!(miri) { 80 } else { 5_000 };

    fn texts(number: usize) -> [String; 2] {
        // Short and long ones.
        [number.to_string(), format!("{number} is the number of this row")]
    }

    fn row<'a>(texts: &'a [String]) -> Row<impl Texts<'a>> {
        Row::new(texts.len(), texts.iter().map(String::as_str))
    }

    #[test]
    fn rows_are_found_under_all_their_texts_and_no_others() {
        let table: Table<usize> = Table::new(usize::MAX);
        for number in 0..ROWS {
            let texts = texts(number);
            assert!(table.find(&row(&texts)).is_none());
            assert_eq!(table.insert(&row(&texts), number).map(Entry::holder), Some(&number));
            // The first one stays.
            assert_eq!(table.insert(&row(&texts), number + 1).map(Entry::holder), Some(&number));
        }
        for number in 0..ROWS {
            let [short, long] = texts(number);
            let found = |texts: &[String]| table.find(&row(texts)).map(|entry| *entry.holder());
            assert_eq!(found(&[short.clone(), long.clone()]), Some(number));
            assert_eq!(found(std::slice::from_ref(&short)), None);
            assert_eq!(found(&[long.clone(), short.clone()]), None);
            assert_eq!(found(&[short.clone(), short.clone()]), None);
            assert_eq!(found(&[short, long, String::new()]), None);
        }
    }

    #[test]
    fn full_table_takes_no_more_and_keeps_what_it_has() {
        let table: Table<usize> = Table::new(3);
        for number in 0..10 {
            let put = table.insert(&row(&texts(number)), number);
            assert_eq!(put.is_some(), number < 3);
        }
        for number in 0..10 {
            assert_eq!(table.find(&row(&texts(number))).is_some(), number < 3);
        }
    }

    #[test]
    fn threads_that_put_and_find_at_once_see_whole_entries() {
        const THREADS: usize = 4;
        let table: Table<[usize; 9]> = Table::new(usize::MAX);
        std::thread::scope(|scope| {
            for thread in 0..THREADS {
                let table = &table;
                scope.spawn(move || {
                    for number in 0..ROWS {
                        // All of them put all rows, each in an order of its own.
                        let number = (number * 7 + thread * 31) % ROWS;
                        let texts = texts(number);
                        let entry = table.insert(&row(&texts), [number; 9]).unwrap();
                        assert_eq!(*entry.holder(), [number; 9]);
                        let other = (number * 13) % ROWS;
                        if let Some(entry) = table.find(&row(&self::texts(other))) {
                            assert_eq!(*entry.holder(), [other; 9]);
                        }
                    }
                });
            }
        });
        // One that was put while the table grew may have been missed, and is put again.
        for number in 0..ROWS {
            let entry = table.insert(&row(&texts(number)), [number; 9]).unwrap();
            assert_eq!(*entry.holder(), [number; 9]);
        }
    }
}

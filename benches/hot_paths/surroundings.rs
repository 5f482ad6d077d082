//! What goes on around the operation that is measured.
//!
//! A tight loop flatters whatever is in it: the processor does several rounds at once, and nothing
//! else asks for its caches. So each operation is also put between the rounds of a loop that computes,
//! and of one whose stores miss every cache.

use std::cell::RefCell;
use std::hint::black_box;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Surroundings {
    /// Nothing but the operation.
    Tight,
    /// The same, four in a row. How code happens to be aligned makes a difference of half a cycle, which
    /// is much beside one; so each operation and each floor gets a second chance, and the better one
    /// counts.
    TightInFours,
    /// A hash of 64 bytes before each, which takes some ten nanoseconds.
    Work,
    /// A store to memory that no cache holds before each.
    StoreMisses,
}

/// What the hash reads.
const TEXT: [u64; 8] = [3, 1, 4, 1, 5, 9, 2, 6];

/// Words of the memory that is stored to: 64 MiB, more than any cache of a core.
const WORDS: usize = 8 << 20;

thread_local! {
    static MEMORY: RefCell<Vec<u64>> = const { RefCell::new(Vec::new()) };
}

/// Does `operation` so many times; it is given a number, from 0 on.
///
/// Between two of them the compiler must think that all memory may have changed: otherwise it would
/// make one addition out of many.
#[inline(always)]
pub(crate) fn repeat(surroundings: Surroundings, times: u64, operation: impl Fn(u64)) {
    match surroundings {
        Surroundings::Tight => {
            for number in 0..times {
                operation(number);
                black_box(());
            }
        }
        Surroundings::TightInFours => {
            for number in (0..times).step_by(4) {
                operation(number);
                black_box(());
                operation(number + 1);
                black_box(());
                operation(number + 2);
                black_box(());
                operation(number + 3);
                black_box(());
            }
        }
        Surroundings::Work => {
            let mut hash = 0;
            for number in 0..times {
                hash = mix(hash);
                operation(number);
                black_box(());
            }
            black_box(hash);
        }
        Surroundings::StoreMisses => MEMORY.with_borrow_mut(|memory| {
            if memory.is_empty() {
                // Not zero, or the system would give the same page for all of it.
                memory.resize(WORDS, 1);
            }
            for number in 0..times {
                let place = number.wrapping_mul(0x9e37_79b9_7f4a_7c15) as usize % WORDS;
                memory[place] = number;
                operation(number);
                black_box(());
            }
        }),
    }
}

/// The hash of the text and of what was hashed before: no two can overlap.
#[inline(always)]
pub(crate) fn mix(before: u64) -> u64 {
    black_box(&TEXT).iter().fold(before, |hash, word| {
        (hash ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29)
    })
}

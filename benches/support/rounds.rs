//! Measuring in rounds: everything once, then everything again, so that whatever disturbs the machine
//! disturbs all of it alike.

use std::ops::Div;
use std::time::Instant;

/// The times of one operation, in nanoseconds; or, divided by another's, two ratios.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Times {
    /// The least of all rounds: what the operation costs when nothing disturbs it.
    pub(crate) minimum: f64,
    /// What half of the rounds stayed below.
    pub(crate) median: f64,
}

impl Times {
    /// Of the times of single rounds, of which there must be one.
    pub(crate) fn of(mut rounds: Vec<f64>) -> Times {
        rounds.sort_by(f64::total_cmp);
        Times { minimum: rounds[0], median: rounds[rounds.len() / 2] }
    }

    /// The lower ones of two ways to do the same.
    pub(crate) fn least(self, other: Times) -> Times {
        Times { minimum: self.minimum.min(other.minimum), median: self.median.min(other.median) }
    }
}

impl Div for Times {
    type Output = Times;

    fn div(self, floor: Times) -> Times {
        Times { minimum: self.minimum / floor.minimum, median: self.median / floor.median }
    }
}

/// Runs each of `count` batches once in every round, and once before the first. A batch is prepared,
/// and then timed; `run` returns how many operations it did, and the times are those of one.
pub(crate) fn interleaved(
    rounds: usize,
    count: usize,
    mut prepare: impl FnMut(usize),
    mut run: impl FnMut(usize) -> u64,
) -> Vec<Times> {
    let mut times = vec![Vec::with_capacity(rounds); count];
    for round in 0..=rounds {
        for (number, times) in times.iter_mut().enumerate() {
            prepare(number);
            let start = Instant::now();
            let operations = run(number);
            let took = start.elapsed().as_secs_f64() * 1e9 / operations as f64;
            if round > 0 {
                times.push(took);
            }
        }
    }
    times.into_iter().map(Times::of).collect()
}

//! Parts of a window that begin at round times, for charts: the same moment lies in the same part whenever one asks.

use std::time::{Duration, SystemTime};

use crate::history::axis::{Nanos, Now, nanos_of};
use crate::history::gather::Asked;
use crate::history::state::State;

/// The lengths that a part can have, in seconds; beyond them whole days.
const LENGTHS: [u64; 18] =
    [1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 10_800, 21_600, 43_200, DAY];
const DAY: u64 = 86_400;
const SECOND: Nanos = 1_000_000_000;

/// The parts of a window that ends now: all of one length, and each begins at a multiple of it, counted from 1970. A chart of such
/// parts does not tremble while time goes on, and what it showed of a part stays true when the next one begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Grid {
    begin: SystemTime,
    length: Duration,
    len: usize,
}

impl Grid {
    /// Where the first part begins: at the beginning of the window, or up to a part before it.
    pub fn begin(&self) -> SystemTime {
        self.begin
    }

    /// How long each part is: 1, 2, 5, 10, 20, 30 seconds, and so on, up to whole days. The last one is not over yet.
    pub fn length(&self) -> Duration {
        self.length
    }

    /// How many parts there are.
    pub fn len(&self) -> usize {
        self.len
    }

    /// True where no part was asked for.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// A window in at most `most` parts, and one more that it only touches; and the borders between them on the time line.
    pub(super) fn new(state: &State, window: Nanos, most: usize, now: Now) -> (Grid, Vec<Asked>) {
        let length = length_of(window, most, state.axis.interval());
        let first = now.at.saturating_sub(window) / length * length;
        let mut asked = Vec::new();
        let mut begin = first;
        while most > 0 && begin < now.at {
            let end = begin.saturating_add(length);
            // A slot belongs to the part that it ends in.
            let until = (end < now.at).then(|| state.line.border_from(end));
            asked.push(Asked { after: state.line.border_from(begin), until, now });
            begin = end;
        }
        let length = Duration::from_nanos(length);
        (Grid { begin: state.axis.time(first), length, len: asked.len() }, asked)
    }
}

/// The least length of which no more than `most` are in a window, and that is no shorter than a slot.
fn length_of(window: Nanos, most: usize, interval: Nanos) -> Nanos {
    let least = (window / (most as Nanos).max(1)).max(interval).max(1);
    let round = LENGTHS.iter().map(|seconds| seconds * SECOND).find(|length| *length >= least);
    let day = nanos_of(Duration::from_secs(DAY));
    round.unwrap_or_else(|| least.div_ceil(day).saturating_mul(day))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_of_a_round_length_that_fits() {
        for (window, most, interval, length) in [
            (300, 30, 1, 10),
            (300, 29, 1, 20),
            (3_600, 60, 1, 60),
            (86_400, 96, 1, 900),
            (60, 600, 1, 1),
            (60, 600, 5, 5),
            (31 * DAY, 10, 1, 4 * DAY),
            (60, 0, 1, 60),
        ] {
            let found = length_of(window * SECOND, most, interval * SECOND);
            assert_eq!(found, length * SECOND, "{window} in {most}");
        }
        assert_eq!(length_of(1, 1_000, SECOND / 10), SECOND);
    }
}

//! Calls of another crate that a bridge passes on: nothing of them stands in this program's text, and the
//! bridge has a memory of its own.

use crate::arena::{self, Reason};
use crate::clock;
use crate::handle::Timer;
use crate::kind::Kind;
use crate::registry::{Place, Registry, Wanted};
use crate::site::found::Found;
use crate::site::reason_of;

/// What was found on behalf of another crate's call.
#[derive(Debug, Clone, Copy)]
pub enum Bridged {
    /// A series: the next call with the same name and labels finds the same.
    Series(Found),
    /// The overflow series of the name. There may be room later, and the texts that lead here have no bound.
    Overflow(Found),
    /// Nothing: the number is that of the reason, as in [`refused`].
    Refused(usize),
}

/// Asks `registry` for a series whose name and labels are known only at run time. `caller` stands in messages
/// where others have a line of the source.
pub fn bridged(
    registry: &Registry,
    kind: Kind,
    name: &str,
    labels: &[(&str, &str)],
    caller: &'static str,
) -> Bridged {
    // Before anything allocates: an allocator that records would come here again.
    let Some(_slow) = arena::enter_slow_path() else {
        return Bridged::Refused(NESTED);
    };
    let plain = Wanted::plain(kind, name, labels, Place::in_function(caller));
    let wanted = Wanted { capped: true, is_named_at_run_time: true, ..plain };
    match registry.index().series(&wanted) {
        Ok(series) if series.labels().is_overflow() => Bridged::Overflow(Ok(series).into()),
        Ok(series) => Bridged::Series(Ok(series).into()),
        Err(error) => Bridged::Refused(reason_of(&error) as usize),
    }
}

/// What drops and counts, for each reason.
pub fn refused() -> [Found; Reason::ALL.len()] {
    Reason::ALL.map(|reason| Err(reason).into())
}

/// The number of the reason for a name that belongs to another kind, as it does from then on.
pub const CONFLICT: usize = Reason::Conflict as usize;

/// The number of the reason for a call that the allocator makes while another one is being answered.
pub const NESTED: usize = Reason::Reentrant as usize;

/// A duration in pieces that may overlap, as threads enter and leave something: the sum of the moments at which
/// they ended, less the sum of those at which they began.
#[derive(Debug, Default)]
pub struct Pieces {
    /// Modulo 2^64, as the sums are.
    ticks: u64,
    /// Pieces that have begun and not ended.
    open: u32,
}

impl Pieces {
    /// A piece begins.
    #[inline]
    pub fn begin(&mut self) {
        self.ticks = self.ticks.wrapping_sub(clock::now());
        self.open = self.open.saturating_add(1);
    }

    /// A piece ends; nothing happens where none has begun.
    #[inline]
    pub fn end(&mut self) {
        if let Some(open) = self.open.checked_sub(1) {
            self.ticks = self.ticks.wrapping_add(clock::now());
            self.open = open;
        }
    }

    /// Records all of it, none of which is self time. Pieces that have not ended do so now.
    #[inline]
    pub fn record(mut self, timer: Timer) {
        while self.open > 0 {
            self.end();
        }
        // Clocks of two processors may differ by some ticks: less than nothing is nothing.
        let is_negative = self.ticks > u64::MAX / 2;
        timer.record_ticks(if is_negative { 0 } else { self.ticks }, 0);
    }
}

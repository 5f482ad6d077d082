//! When a trigger fires and resolves: what it has seen so far, and nothing else.

use std::time::Duration;

/// How much time a history has watched, in nanoseconds.
type Nanos = u64;

/// How long a condition must hold, and must hold no more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct HoldTimes {
    pub(super) lasting: Duration,
    pub(super) keep_firing_for: Duration,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum State {
    #[default]
    Quiet,
    /// The condition has held at all looks since then.
    Pending { since: Nanos },
    /// And has not held at any look since then, if it does not.
    Firing { clear_since: Option<Nanos> },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Change {
    Fired,
    Resolved,
}

impl State {
    /// Takes a look at which the condition held, did not, or was not known. What is not known breaks any row of looks, and
    /// changes nothing else.
    pub(super) fn look(
        &mut self,
        holds: Option<bool>,
        at: Nanos,
        hold_times: HoldTimes,
    ) -> Option<Change> {
        let lasted = |since: Nanos, wanted: Duration| {
            Duration::from_nanos(at.saturating_sub(since)) >= wanted
        };
        match (*self, holds) {
            (State::Quiet, Some(true)) => {
                *self = State::Pending { since: at };
                // It may not have to last.
                self.fire_if(lasted(at, hold_times.lasting))
            }
            (State::Pending { since }, Some(true)) => {
                self.fire_if(lasted(since, hold_times.lasting))
            }
            (State::Quiet | State::Pending { .. }, _) => {
                *self = State::Quiet;
                None
            }
            (State::Firing { clear_since }, Some(false)) => {
                let since = clear_since.unwrap_or(at);
                if lasted(since, hold_times.keep_firing_for) {
                    *self = State::Quiet;
                    return Some(Change::Resolved);
                }
                *self = State::Firing { clear_since: Some(since) };
                None
            }
            (State::Firing { .. }, _) => {
                *self = State::Firing { clear_since: None };
                None
            }
        }
    }

    fn fire_if(&mut self, has_lasted: bool) -> Option<Change> {
        has_lasted.then(|| {
            *self = State::Firing { clear_since: None };
            Change::Fired
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Looks once a second: `+` holds, `-` does not, `?` is not known. Returns when it fired and resolved.
    fn changes(looks: &str, lasting: u64, keep_firing_for: u64) -> String {
        let [lasting, keep_firing_for] = [lasting, keep_firing_for].map(Duration::from_secs);
        let (mut state, hold_times) = (State::default(), HoldTimes { lasting, keep_firing_for });
        let look = |(second, look): (usize, char)| {
            let holds = match look {
                '+' => Some(true),
                '-' => Some(false),
                _ => None,
            };
            match state.look(holds, second as u64 * 1_000_000_000, hold_times) {
                Some(Change::Fired) => 'F',
                Some(Change::Resolved) => 'R',
                None if matches!(state, State::Firing { .. }) => '|',
                None => '.',
            }
        };
        looks.chars().enumerate().map(look).collect()
    }

    #[test]
    fn it_fires_when_the_condition_has_lasted_and_resolves_when_it_holds_no_more() {
        for (looks, lasting, keep, expected) in [
            ("--++--++", 0, 0, "..F|R.F|"),
            ("-++++---", 3, 0, "....FR.."),
            // Flapping never lasts.
            ("-++-++-++-++++", 3, 0, ".............F"),
            // Nor does it resolve while it comes back in time.
            ("+-+--+---+", 0, 2, "F|||||||RF"),
            // What is not known is no sign of either.
            ("++??++??--", 0, 0, "F|||||||R."),
            ("++?++?++++", 3, 0, ".........F"),
            ("+-?-?---", 0, 2, "F||||||R"),
            ("????", 0, 0, "...."),
        ] {
            assert_eq!(changes(looks, lasting, keep), expected, "{looks} {lasting} {keep}");
        }
    }
}

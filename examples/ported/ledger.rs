//! What became of the jobs.

use std::collections::BTreeMap;
use std::fmt;

use crate::job::{Kind, Outcome};

/// Attempts by kind of job and outcome.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    attempts: BTreeMap<(Kind, Outcome), u64>,
}

impl Ledger {
    pub(crate) fn add(&mut self, kind: Kind, outcome: Outcome) {
        *self.attempts.entry((kind, outcome)).or_default() += 1;
    }

    /// Takes over what another one has.
    pub(crate) fn absorb(&mut self, other: &Ledger) {
        for (of, count) in &other.attempts {
            *self.attempts.entry(*of).or_default() += count;
        }
    }
}

impl fmt::Display for Ledger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{:<8} {:<8} {:>8}", "kind", "outcome", "attempts")?;
        for ((kind, outcome), count) in &self.attempts {
            writeln!(f, "{:<8} {:<8} {count:>8}", kind.name(), outcome.name())?;
        }
        Ok(())
    }
}

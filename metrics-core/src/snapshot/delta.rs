//! What came since the last look.

use std::mem;

use crate::registry::Registry;
use crate::snapshot::Snapshot;

/// What was recorded since the last look, again and again: delta temporality, as OpenTelemetry calls it.
///
/// Each value has its own last look, so that several readers do not take anything away from each other. What is
/// recorded is in exactly one answer; only what was recorded between a look and a reset is in none.
///
/// # Examples
///
/// ```
/// let registry = tachograph::Registry::new();
/// let jobs = registry.counter("jobs_total", &[])?;
/// jobs.increment(5);
///
/// let mut delta = registry.delta();
/// jobs.increment(2);
/// assert_eq!(delta.take().counter("jobs_total", &[]), Some(2));
/// assert_eq!(delta.take().counter("jobs_total", &[]), Some(0));
/// # Ok::<(), tachograph::Error>(())
/// ```
#[derive(Debug, Clone)]
#[must_use = "it answers for what comes after it"]
pub struct Delta {
    registry: Registry,
    last: Snapshot,
}

impl Registry {
    /// Looks for the first time: what is recorded from now on is in the first answer.
    pub fn delta(&self) -> Delta {
        Delta { registry: self.clone(), last: self.snapshot() }
    }
}

impl Delta {
    /// What was recorded since the last look; see [`Snapshot::since`]. Its [`elapsed`](Snapshot::elapsed) is the time between the
    /// two.
    pub fn take(&mut self) -> Snapshot {
        let now = self.registry.snapshot();
        let before = mem::replace(&mut self.last, now);
        self.last.since(&before)
    }
}

#[cfg(test)]
mod tests {
    use crate::registry::Registry;

    #[test]
    fn readers_take_nothing_away_from_each_other_and_new_series_come_whole() {
        let registry = Registry::new();
        let (mut often, mut rarely) = (registry.delta(), registry.delta());
        let sizes = registry.histogram("sizes", &[]).unwrap();
        let mut seen = 0;
        for size in 1..=10 {
            sizes.record(size);
            seen += often.take().histogram("sizes", &[]).unwrap().count();
        }
        assert_eq!(seen, 10);
        assert_eq!(rarely.take().histogram("sizes", &[]).unwrap().sum(), 55.0);
        assert_eq!(rarely.take().histogram("sizes", &[]).unwrap().count(), 0);
    }

    #[test]
    fn after_a_reset_all_is_new() {
        let registry = Registry::new();
        let jobs = registry.counter("jobs_total", &[]).unwrap();
        jobs.increment(9);
        let mut delta = registry.delta();
        registry.reset("jobs_total");
        jobs.increment(4);
        assert_eq!(delta.take().counter("jobs_total", &[]), Some(4));
    }
}

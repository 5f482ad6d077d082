//! Gauges of the moment: what one round sets, and what leaves the snapshots when the next round does not.

use std::panic::Location;
use std::ptr;

use crate::error::Error;
use crate::handle::Gauge;
use crate::kind::Kind;
use crate::number::IntoF64;
use crate::registry::{Registry, Series, no_such_slot};

/// The gauges that one source sets, round by round.
#[derive(Debug, Default)]
pub(crate) struct Moment {
    /// What earlier rounds left.
    shown: Vec<&'static Series>,
    /// What this one has set.
    set: Vec<&'static Series>,
}

impl Moment {
    /// Sets a gauge. However long it shows the same, it is not idle.
    #[track_caller]
    pub(crate) fn set(
        &mut self,
        registry: &Registry,
        name: &str,
        labels: &[(&str, &str)],
        value: impl IntoF64,
    ) -> Result<(), Error> {
        let series = registry.at_run_time(Kind::Gauge, name, labels, None, Location::caller())?;
        Gauge::new(series.cell().ok_or_else(no_such_slot)?).set(value);
        series.keep_in();
        self.set.push(series);
        Ok(())
    }

    /// Ends a round. One that is whole has set all that there is, and the rest leaves; one that is not may only not
    /// have come to it.
    pub(crate) fn end_round(&mut self, registry: &Registry, is_whole: bool) {
        let address = |series: &&'static Series| ptr::from_ref(*series).addr();
        self.set.sort_unstable_by_key(address);
        self.set.dedup_by_key(|series| address(series));
        let is_set = |series: &&'static Series| {
            self.set.binary_search_by_key(&address(series), address).is_ok()
        };
        self.shown.retain(|series| !is_set(series));
        if is_whole {
            self.shown.drain(..).for_each(|series| registry.remove_series(series));
        }
        self.shown.append(&mut self.set);
    }
}

#[cfg(test)]
mod tests {
    use std::thread;
    use std::time::Duration;

    use super::*;

    #[test]
    fn what_is_set_to_the_same_is_there_however_idle_it_was() {
        let timeout = Duration::from_millis(1);
        let registry = Registry::builder().idle_timeout(timeout).build();
        let mut moment = Moment::default();
        let total = || registry.snapshot().gauge("total", &[("of", "memory")]);
        for _ in 0..3 {
            moment.set(&registry, "total", &[("of", "memory")], 7).unwrap();
            moment.end_round(&registry, true);
            assert_eq!(total(), Some(7.0));
            thread::sleep(2 * timeout);
            assert_eq!(total(), None, "nobody has set it for so long");
        }
    }

    #[test]
    fn only_what_was_set_last_is_shown() {
        let registry = Registry::new();
        let mut moment = Moment::default();
        let rounds: [(&[&str], bool, &[&str]); 7] = [
            (&["/", "/srv"], true, &["/", "/srv"]),
            (&["/"], true, &["/"]),
            (&["/mnt", "/", "/mnt"], true, &["/", "/mnt"]),
            (&["/srv"], false, &["/", "/mnt", "/srv"]),
            (&[], false, &["/", "/mnt", "/srv"]),
            (&["/mnt"], true, &["/mnt"]),
            (&[], true, &[]),
        ];
        for (set, is_whole, shown) in rounds {
            for mount in set {
                // Zero is a value like any other.
                moment.set(&registry, "used", &[("mount", mount)], 0).unwrap();
            }
            moment.end_round(&registry, is_whole);
            let snapshot = registry.snapshot();
            let found = snapshot.series().iter().filter_map(|series| series.labels().get("mount"));
            assert_eq!(found.collect::<Vec<_>>(), shown);
        }
        let error = moment.set(&registry, "", &[], 1).unwrap_err();
        assert!(error.is_invalid());
    }
}

//! What readers ask of the index: all series, what was noticed, and whether anything but totals has changed.

use std::ptr;

use crate::registry::family::Family;
use crate::registry::index::Index;
use crate::registry::lint::{self, Lint};
use crate::registry::overflow;
use crate::registry::series::{self, Series};

/// What series there are and what is said of them, at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Version {
    /// A forked child has another index.
    index: usize,
    changes: u64,
    removals: u64,
}

impl Index {
    /// Another one after any change of what snapshots have besides totals.
    pub(crate) fn version(&self) -> Version {
        // Before the changes are counted, so that one that comes in between makes another version.
        let removals = series::removals_of_all();
        Version { index: ptr::from_ref(self).addr(), changes: self.lock().changes, removals }
    }

    /// All series, sorted by name and then by labels.
    pub(crate) fn list(&self) -> Vec<&'static Series> {
        let mut catalogue = self.lock();
        if catalogue.sorted < catalogue.list.len() {
            catalogue.list.sort_by(|a, b| (a.name(), a.labels()).cmp(&(b.name(), b.labels())));
            catalogue.sorted = catalogue.list.len();
        }
        catalogue.list.clone()
    }

    /// What was noticed so far, sorted by metric.
    pub(crate) fn lints(&self) -> Vec<Lint> {
        let catalogue = self.lock();
        let mut lints = catalogue.lints.clone();
        let families: Vec<&Family> = self.families.iter().map(|entry| *entry.value()).collect();
        for family in &families {
            lints.extend(lint::conventions(family.name.as_str(), family.kind, family.about().unit));
            lints.extend(self.other_bounds(family));
            lints.extend(overflow::lint(family, &catalogue, self.settings.get()));
        }
        lints.extend(lint::alike(families.iter().copied(), &self.settings.get().presentation));
        lints.sort();
        lints
    }
}

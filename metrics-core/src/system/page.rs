//! Where a collection writes, and what it left there the last time.

use crate::registry::{Moment, Registry};
use crate::system::descriptor::{Descriptor, UNREADABLE};

/// A value; nothing, where there is none to be known; or that it cannot be read.
pub(super) type Found<T> = Result<Option<T>, Unreadable>;

/// It should be there, and could not be read or made sense of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Unreadable;

/// The series of a registry that collections write.
pub(super) struct Page {
    registry: Registry,
    gauges: Moment,
}

impl Page {
    pub(super) fn new(registry: Registry) -> Page {
        Page { registry, gauges: Moment::default() }
    }

    /// The gauge of that name, which has one series.
    pub(super) fn level(&mut self, descriptor: &'static Descriptor, found: Found<f64>) {
        match found {
            Ok(Some(value)) => self.set(descriptor, &[], value),
            Ok(None) => {}
            Err(Unreadable) => self.count_unreadable(descriptor),
        }
    }

    /// The gauges of that name, told apart by the label `key`: those that are given, and no others.
    pub(super) fn levels(
        &mut self,
        descriptor: &'static Descriptor,
        key: &str,
        values: impl IntoIterator<Item = (String, f64)>,
    ) {
        for (label, value) in values {
            self.set(descriptor, &[(key, &label)], value);
        }
    }

    /// One gauge of that name.
    pub(super) fn set(
        &mut self,
        descriptor: &'static Descriptor,
        labels: &[(&str, &str)],
        value: f64,
    ) {
        if self.gauges.set(&self.registry, descriptor.name, labels, value).is_err() {
            self.count_unreadable(descriptor);
        }
    }

    /// The total of the counter of that name and label.
    pub(super) fn total(&self, descriptor: &'static Descriptor, label: (&str, &str), total: u64) {
        match self.registry.counter(descriptor.name, &[label]) {
            Ok(counter) => counter.absolute(total),
            Err(_) => self.count_unreadable(descriptor),
        }
    }

    /// One value of that name is missing.
    pub(super) fn count_unreadable(&self, descriptor: &'static Descriptor) {
        // Without room for it there is nobody to tell.
        if let Ok(counter) = self.registry.own_counter(UNREADABLE, &[("what", descriptor.name)]) {
            counter.increment(1);
        }
    }

    /// Takes away what was there before and was not found now.
    pub(super) fn end(&mut self) {
        self.gauges.end_round(&self.registry, true);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::descriptor::{CPU_COUNT, DISK_USED, RECEIVED_BYTES};

    /// The values of a name by its one label, in order.
    fn shown(registry: &Registry, name: &str) -> Vec<(String, f64)> {
        let snapshot = registry.snapshot();
        let of_name = snapshot.series().iter().filter(|series| series.name() == name);
        let shown = of_name.map(|series| {
            let labels: Vec<_> = series.labels().iter().collect();
            (labels[0].1.to_owned(), snapshot.gauge(name, &labels).unwrap())
        });
        shown.collect()
    }

    #[test]
    fn only_what_was_found_last_is_shown() {
        let registry = Registry::new();
        let mut page = Page::new(registry.clone());
        let rounds: [&[(&str, f64)]; 6] = [
            &[("/", 1.0), ("/srv", 2.0)],
            &[("/", 1.0)],
            &[("/", 0.0), ("/mnt", 0.0)],
            &[],
            &[("/", 0.0), ("/srv", 2.0)],
            &[("/srv", 2.0)],
        ];
        for round in rounds {
            let values = round.iter().map(|&(mount, value)| (mount.to_owned(), value));
            page.levels(&DISK_USED, "mount", values.clone());
            page.end();
            assert_eq!(shown(&registry, DISK_USED.name), values.collect::<Vec<_>>());
        }
        for found in [Ok(Some(0.0)), Err(Unreadable), Ok(Some(0.0)), Ok(None), Ok(Some(3.0))] {
            page.level(&CPU_COUNT, found);
            page.end();
            assert_eq!(registry.snapshot().gauge(CPU_COUNT.name, &[]), found.ok().flatten());
        }
        let what = [("what", CPU_COUNT.name)];
        assert_eq!(registry.snapshot().counter(UNREADABLE.name, &what), Some(1));
    }

    #[test]
    fn a_name_that_is_of_another_kind_is_counted() {
        let registry = Registry::new();
        registry.counter(DISK_USED.name, &[]).unwrap();
        registry.gauge(RECEIVED_BYTES.name, &[]).unwrap();
        let mut page = Page::new(registry.clone());
        for _ in 0..2 {
            page.levels(&DISK_USED, "mount", [("/".to_owned(), 1.0)]);
            page.total(&RECEIVED_BYTES, ("interface", "lo"), 5);
        }
        for name in [DISK_USED.name, RECEIVED_BYTES.name] {
            let counted = registry.snapshot().counter(UNREADABLE.name, &[("what", name)]);
            assert_eq!(counted, Some(2), "{name}");
        }
    }
}

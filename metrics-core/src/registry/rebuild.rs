//! The index of a forked child, from what the directory says.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

use crate::arena::{self, Distribution};
use crate::kind::Kind;
use crate::label::{Labels, Pairs};
use crate::name::Name;
use crate::registry::catalogue::Catalogue;
use crate::registry::family::{About, Family};
use crate::registry::index::Index;
use crate::registry::place::Place;
use crate::registry::record::{Record, SeriesRecord};
use crate::registry::series::{Given, Series};

impl Index {
    /// Reads what the directory says of this registry.
    pub(super) fn rebuild(&self) {
        let mut catalogue = self.lock();
        let mut families: HashMap<u32, &'static Family> = HashMap::new();
        for record in arena::records().filter_map(Record::decode) {
            match record {
                Record::Family(found) if found.registry == self.registry => {
                    let Ok(name) = Name::new(&found.name) else { continue };
                    let place = Place::shown(&found.file, found.line);
                    let family = Family::new(
                        found.number,
                        name,
                        found.kind,
                        found.unit,
                        found.layout.map(Arc::new),
                        place,
                    );
                    let family: &'static Family = Box::leak(Box::new(family));
                    families.insert(family.number, family);
                    self.know(family);
                }
                Record::Series(found) if found.registry == self.registry => {
                    if let Some(family) = families.get(&found.family) {
                        self.rebuild_series(&mut catalogue, family, &found);
                    }
                }
                Record::Amendment { registry, family, unit, description }
                    if registry == self.registry =>
                {
                    if let Some(family) = families.get(&family) {
                        *family.lock_about() =
                            About { unit, description: description.map(Arc::from) };
                    }
                }
                _ => {}
            }
        }
    }

    fn rebuild_series(
        &self,
        catalogue: &mut Catalogue,
        family: &'static Family,
        found: &SeriesRecord,
    ) {
        let pairs: Vec<(&str, &str)> =
            found.labels.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
        let Ok(labels) = Pairs::new(&pairs) else { return };
        let given = match &family.layout {
            None => Given::Cell(found.small as isize),
            Some(layout) => {
                let layout = found.layout.clone().map_or_else(|| layout.clone(), Arc::new);
                let [small, buckets] = [found.small, found.buckets].map(|slot| slot as isize);
                let mut at = Distribution::at(small, buckets, layout, family.per_second());
                if family.kind == Kind::Summary {
                    at = at.with_samples();
                }
                Given::Distribution(Box::leak(Box::new(at)))
            }
        };
        let created = UNIX_EPOCH + Duration::from_nanos(found.created);
        let series = Series::new(family, Labels::from(&labels), found.capped, created, given);
        if found.capped {
            // What the child records to comes back; of the rest it knows nothing.
            series.begin_out();
        }
        self.insert(catalogue, &labels, series);
    }
}

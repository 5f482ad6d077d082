//! What is said of a family, whenever it is said: the first unit and the first description win, and what
//! differs is noted.

use std::sync::Arc;

use crate::error::Error;
use crate::kind::Kind;
use crate::name::{self, Name};
use crate::registry::catalogue::Catalogue;
use crate::registry::family::{About, Family};
use crate::registry::index::{Index, MAX_NAMES_AT_RUN_TIME};
use crate::registry::lint::Lint;
use crate::registry::place::Place;
use crate::registry::record::Record;
use crate::registry::wanted::Wanted;
use crate::unit::Unit;

/// What is said, where that is anything: blank text would only keep others from being the first.
fn description(said: Option<&str>) -> Option<Arc<str>> {
    said.filter(|said| !said.trim().is_empty()).map(Arc::from)
}

impl Index {
    /// Says of a family what a caller says of it.
    pub(super) fn amend_as_wanted(
        &self,
        catalogue: &mut Catalogue,
        family: &'static Family,
        wanted: &Wanted<'_>,
    ) {
        let description = description(wanted.description);
        if wanted.unit.is_some() || description.is_some() {
            self.amend(catalogue, family, &About { unit: wanted.unit, description });
        }
    }

    /// Sets unit and description where there are none yet, and notes what differs.
    pub(super) fn amend(&self, catalogue: &mut Catalogue, family: &'static Family, more: &About) {
        let mut about = family.lock_about();
        let before = about.clone();
        let is_no_time = more.unit.filter(|unit| unit.of_a_second().is_none());
        if let Some(unit) = is_no_time.filter(|_| family.kind == Kind::Timer) {
            let message = format!(
                "was described in {unit}, and a timer is in a unit of time: give it one, or none for seconds"
            );
            catalogue.note(Lint::new(family.name.as_str(), message));
        }
        let unit = more.unit.filter(|_| family.kind != Kind::Timer || is_no_time.is_none());
        for difference in about.fill(&About { unit, description: more.description.clone() }) {
            catalogue.note(Lint::new(family.name.as_str(), difference));
        }
        let is_late =
            matches!(family.kind, Kind::Histogram | Kind::Summary) && before.unit != about.unit;
        if let Some(unit) = about.unit.filter(|unit| is_late && unit.of_a_second().is_some()) {
            if family.unit != Some(unit) {
                let message = format!(
                    "was described in {unit} after it was registered (at {}), and records durations in \
                     seconds: describe it before",
                    family.place
                );
                catalogue.note(Lint::new(family.name.as_str(), message));
            }
        }
        if before.unit != about.unit || before.description != about.description {
            catalogue.changes += 1;
            let record = Record::Amendment {
                registry: self.registry,
                family: family.number,
                unit: about.unit,
                description: about.description.as_deref().map(str::to_owned),
            };
            // A directory without room keeps the series undescribed in a forked child; no more.
            let _ = self.append(&record);
        }
    }

    /// Describes a metric, whether it exists yet or not.
    pub(crate) fn describe(
        &self,
        name: &str,
        unit: Option<Unit>,
        description: Option<&str>,
    ) -> Result<(), Error> {
        let name = self.check_prefix(Name::new(name)?)?;
        let about = About { unit, description: self::description(description) };
        let mut catalogue = self.lock();
        match self.family_of(name.as_str()) {
            Some(family) => self.amend(&mut catalogue, family, &about),
            None => {
                let described = &catalogue.described;
                if described.len() >= MAX_NAMES_AT_RUN_TIME
                    && !described.contains_key(name.as_str())
                {
                    return Err(Error::overflow(format!(
                        "{MAX_NAMES_AT_RUN_TIME} names are described that nothing was recorded to, and no more are \
                         remembered: describe a metric once it is there"
                    )));
                }
                let known = catalogue.described.entry(name.as_str().to_owned()).or_default();
                for difference in known.fill(&about) {
                    catalogue.note(Lint::new(name.as_str(), difference));
                }
            }
        }
        Ok(())
    }

    /// Describes a metric of that kind for a macro, whose caller sees no error: what is wrong is noted.
    pub(crate) fn describe_from(
        &self,
        kind: Kind,
        name: &str,
        unit: Option<Unit>,
        description: Option<&str>,
        place: Place,
    ) {
        if let Err(error) = self.describe(name, unit, description) {
            let metric = name::start_of(name);
            self.lock().note(Lint::new(&metric, format!("{error} (at {place})")));
        }
        if let Some(family) = self.family_of(name).filter(|family| family.kind != kind) {
            let message = format!(
                "is a {} (registered at {}) and was described as a {kind} at {place}: \
                 use the macro of its kind",
                family.kind, family.place
            );
            self.lock().note(Lint::new(name, message));
        }
    }
}

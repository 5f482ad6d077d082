//! What the attribute says of a function.

use std::any::type_name;

use crate::arena::Reason;
use crate::handle::{DistributionSlot, Resolved};
use crate::kind::Kind;
use crate::registry::{Buckets, FamilyHint, Place, Series, Wanted, registry};
use crate::site;
use crate::site::function::path;
use crate::unit::Unit;

/// The metric that all functions share which have none of their own.
const SHARED: &str = "function_duration_seconds";

/// The key of the label that tells functions apart.
const FUNCTION: &str = "function";

/// What the attribute says of a function.
#[derive(Debug)]
pub struct About {
    /// The type name of a closure in a static of the function.
    within: &'static str,
    /// The metric of its durations, where it is one of its own.
    name: Option<&'static str>,
    /// The label `function`, where it is not the path.
    function: Option<&'static str>,
    labels: &'static [(&'static str, &'static str)],
    description: Option<&'static str>,
    unit: Option<Unit>,
    schema: Option<i8>,
    bounds: &'static [f64],
    pub(super) extras: Extras,
}

/// What is recorded besides durations.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Extras {
    pub(super) calls: bool,
    pub(super) in_flight: bool,
    pub(super) outcomes: bool,
    pub(super) cancellations: bool,
    pub(super) busy: bool,
}

/// The slot of a function of which nothing is said; `within` is a closure in the static that holds it.
pub const fn function<F: Fn()>(within: F) -> DistributionSlot {
    // There is nothing in it; only its type counts, which names the function around.
    std::mem::forget(within);
    DistributionSlot::deferred(|| About::within(type_name::<F>()).resolve())
}

impl About {
    /// The function in which a static stands; `within` is a closure in that static.
    pub fn function<F: Fn()>(_: F) -> About {
        About::within(type_name::<F>())
    }

    fn within(within: &'static str) -> About {
        About {
            within,
            name: None,
            function: None,
            labels: &[],
            description: None,
            unit: None,
            schema: None,
            bounds: &[],
            extras: Extras::default(),
        }
    }

    /// With a metric of its own for its durations.
    pub fn named(self, name: &'static str) -> About {
        About { name: Some(name), ..self }
    }

    /// With this as the label `function`.
    pub fn labelled(self, function: &'static str) -> About {
        About { function: Some(function), ..self }
    }

    /// With labels that stand in the program's text.
    pub fn labels(self, labels: &'static [(&'static str, &'static str)]) -> About {
        About { labels, ..self }
    }

    /// With a description of the metric.
    pub fn describe(self, description: &'static str) -> About {
        About { description: Some(description), ..self }
    }

    /// With a unit of time for the metric.
    pub fn unit(self, unit: Unit) -> About {
        About { unit: Some(unit), ..self }
    }

    /// With 2^`schema` buckets for each factor of two.
    pub fn schema(self, schema: i8) -> About {
        About { schema: Some(schema), ..self }
    }

    /// With bounds at which counts are exact.
    pub fn bounds(self, bounds: &'static [f64]) -> About {
        About { bounds, ..self }
    }

    /// Counts every call, timed or not.
    pub fn calls(mut self) -> About {
        self.extras.calls = true;
        self
    }

    /// Counts the calls that have begun and not ended.
    pub fn in_flight(mut self) -> About {
        self.extras.in_flight = true;
        self
    }

    /// Counts how calls end.
    pub fn outcomes(mut self) -> About {
        self.extras.outcomes = true;
        self
    }

    /// Counts those, too, that end because nobody waits for them any more: of an async function.
    pub fn cancellations(mut self) -> About {
        self.extras.cancellations = true;
        self
    }

    /// Counts polls, and times them.
    pub fn busy(mut self) -> About {
        self.extras.busy = true;
        self
    }

    /// Resolves the durations of a function without labels known at run time.
    pub fn resolve(&self) -> Resolved {
        self.with_durations(&[], false, site::resolve)
    }

    /// The series of the durations, with `more` labels.
    pub(super) fn durations(
        &self,
        more: &[(&str, &str)],
        capped: bool,
        full: &FamilyHint,
    ) -> Result<&'static Series, Reason> {
        self.with_durations(more, capped, |wanted| look_up(full, wanted))
    }

    /// A series that stands beside the durations: always by function, in a metric that all share.
    pub(super) fn beside(
        &self,
        kind: Kind,
        name: &str,
        description: &str,
        more: &[(&str, &str)],
        capped: bool,
        full: &FamilyHint,
    ) -> Result<&'static Series, Reason> {
        let path = self.path_label();
        let mut labels = self.labels.to_vec();
        labels.push((FUNCTION, &path));
        labels.extend(more);
        let plain = Wanted::plain(kind, name, &labels, self.place());
        look_up(full, &Wanted { capped, description: Some(description), ..plain })
    }

    fn with_durations<T>(
        &self,
        more: &[(&str, &str)],
        capped: bool,
        ask: impl FnOnce(&Wanted<'_>) -> T,
    ) -> T {
        let path;
        let mut labels = self.labels.to_vec();
        if self.name.is_none() || self.function.is_some() {
            path = self.path_label();
            labels.push((FUNCTION, &path));
        }
        labels.extend(more);
        let mut buckets = Buckets::new().bounds(self.bounds);
        if let Some(schema) = self.schema {
            buckets = buckets.schema(schema);
        }
        let has_buckets = self.schema.is_some() || !self.bounds.is_empty();
        let shared_description = "Duration of the calls of timed functions.";
        let name = self.name.unwrap_or(SHARED);
        ask(&Wanted {
            capped,
            buckets: has_buckets.then_some(&buckets),
            // A function has no say in the buckets of the others.
            buckets_are_own: self.name.is_none(),
            unit: self.unit,
            description: self.description.or((name == SHARED).then_some(shared_description)),
            ..Wanted::plain(Kind::Timer, name, &labels, self.place())
        })
    }

    fn place(&self) -> Place {
        Place::in_function(path::segments_of_function(self.within))
    }

    fn path_label(&self) -> String {
        match self.function {
            Some(function) => function.to_owned(),
            None => path::of_function(self.within),
        }
    }
}

/// Asks the registry; without a lock for what has no place in a family that is known to be full.
fn look_up(full: &FamilyHint, wanted: &Wanted<'_>) -> Result<&'static Series, Reason> {
    registry().index().series_beside(full, wanted).map_err(|error| site::reason_of(&error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn function_is_the_one_in_which_the_static_stands() {
        static __SITE: fn() -> About = || About::function(|| ());
        assert_eq!(
            __SITE().path_label(),
            "tachograph::site::function::about::tests::function_is_the_one_in_which_the_static_stands"
        );
    }
}

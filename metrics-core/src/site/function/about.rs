//! What the attribute says of a function.

use std::any::type_name;

use crate::arena::Reason;
use crate::handle::Answer;
use crate::kind::Kind;
use crate::registry::{Buckets, Place, Series, Wanted, registry};
use crate::site;
use crate::site::function::path;
use crate::unit::Unit;

/// The metric that all functions share which have none of their own.
const SHARED: &str = "function_duration_seconds";

/// The key of the label that tells functions apart.
const FUNCTION: &str = "function";

/// What the attribute says of a function, and where it stands.
#[derive(Debug)]
pub struct About {
    /// The metric of its durations, where it is one of its own.
    name: Option<&'static str>,
    /// The label `function`, where it is not the path.
    function: Option<&'static str>,
    path: fn() -> &'static str,
    labels: &'static [(&'static str, &'static str)],
    description: Option<&'static str>,
    unit: Option<Unit>,
    schema: Option<i8>,
    bounds: &'static [f64],
    place: Place,
}

impl About {
    /// The function in which a static of this value stands; `within` is a closure in that static.
    #[track_caller]
    pub const fn function<F: Fn()>(within: F) -> About {
        // What a closure without captures holds needs no drop; the compiler cannot know that here.
        std::mem::forget(within);
        About {
            name: None,
            function: None,
            path: type_name::<F>,
            labels: &[],
            description: None,
            unit: None,
            schema: None,
            bounds: &[],
            place: Place::here(),
        }
    }

    /// With a metric of its own for its durations.
    pub const fn named(mut self, name: &'static str) -> About {
        self.name = Some(name);
        self
    }

    /// With this as the label `function`.
    pub const fn labelled(mut self, function: &'static str) -> About {
        self.function = Some(function);
        self
    }

    /// With labels that stand in the program's text.
    pub const fn labels(mut self, labels: &'static [(&'static str, &'static str)]) -> About {
        self.labels = labels;
        self
    }

    /// With a description of the metric.
    pub const fn describe(mut self, description: &'static str) -> About {
        self.description = Some(description);
        self
    }

    /// With a unit of time for the metric.
    ///
    /// # Panics
    ///
    /// Where it is no unit of time. In a static, that is an error of the compiler.
    pub const fn unit(mut self, unit: Unit) -> About {
        assert!(
            unit.of_a_second().is_some(),
            "a function's durations are in seconds, milliseconds, microseconds or nanoseconds"
        );
        self.unit = Some(unit);
        self
    }

    /// With 2^`schema` buckets for each factor of two.
    pub const fn schema(mut self, schema: i8) -> About {
        self.schema = Some(schema);
        self
    }

    /// With bounds at which counts are exact.
    pub const fn bounds(mut self, bounds: &'static [f64]) -> About {
        self.bounds = bounds;
        self
    }

    /// Resolves the durations of a function without labels known at run time.
    pub(super) fn resolve(&self) -> Answer {
        self.with_durations(&[], false, site::resolve)
    }

    /// The series of the durations, with `more` labels.
    pub(super) fn durations(&self, more: &[(&str, &str)]) -> Result<&'static Series, Reason> {
        self.with_durations(more, !more.is_empty(), look_up)
    }

    /// A series that stands beside the durations: always by function, in a metric that all share.
    pub(super) fn beside(
        &self,
        kind: Kind,
        name: &str,
        description: &str,
        more: &[(&str, &str)],
        capped: bool,
    ) -> Result<&'static Series, Reason> {
        let path = self.path_label();
        let mut labels = self.labels.to_vec();
        labels.push((FUNCTION, &path));
        labels.extend(more);
        let plain = Wanted::plain(kind, name, &labels, self.place);
        look_up(&Wanted { capped, description: Some(description), ..plain })
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
            ..Wanted::plain(Kind::Timer, name, &labels, self.place)
        })
    }

    fn path_label(&self) -> String {
        match self.function {
            Some(function) => function.to_owned(),
            None => path::of_function((self.path)()),
        }
    }
}

fn look_up(wanted: &Wanted<'_>) -> Result<&'static Series, Reason> {
    registry().index().series(wanted).map_err(|error| site::reason_of(&error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn function_is_the_one_in_which_the_static_stands() {
        static SITE: About = About::function(|| ());
        assert_eq!(
            SITE.path_label(),
            "tachograph::site::function::about::tests::function_is_the_one_in_which_the_static_stands"
        );
    }
}

//! What a call says of its metric besides the name and the labels.

use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::Relaxed;

use crate::arena;
use crate::kind::Kind;
use crate::registry::{Buckets, Place, Wanted, registry};
use crate::unit::Unit;

/// What stands in the program's text: said when the site first asks for its series.
#[derive(Debug, Clone, Copy)]
pub struct Said {
    unit: Option<Unit>,
    description: Option<&'static str>,
    schema: Option<i8>,
    bounds: &'static [f64],
}

impl Said {
    /// Nothing.
    pub const fn new() -> Said {
        Said { unit: None, description: None, schema: None, bounds: &[] }
    }

    /// With the unit of the values.
    pub const fn unit(self, unit: Unit) -> Said {
        Said { unit: Some(unit), ..self }
    }

    /// With a description.
    pub const fn describe(self, description: &'static str) -> Said {
        Said { description: Some(description), ..self }
    }

    /// With 2^`schema` buckets for each factor of two.
    pub const fn schema(self, schema: i8) -> Said {
        Said { schema: Some(schema), ..self }
    }

    /// With bounds at which counts are exact.
    pub const fn bounds(self, bounds: &'static [f64]) -> Said {
        Said { bounds, ..self }
    }

    /// Asks with all that is said, and with what was said at this very call before that.
    pub(super) fn ask<T>(
        &self,
        wanted: Wanted<'_>,
        now: Now<'_>,
        ask: impl FnOnce(&Wanted<'_>) -> T,
    ) -> T {
        let has_buckets = self.schema.is_some() || !self.bounds.is_empty();
        let buckets = has_buckets.then(|| {
            let buckets = Buckets::new().bounds(self.bounds);
            match self.schema {
                Some(schema) => buckets.schema(schema),
                None => buckets,
            }
        });
        ask(&Wanted {
            buckets: buckets.as_ref(),
            unit: now.unit.or(self.unit),
            description: now.description.or(self.description),
            ..wanted
        })
    }
}

impl Default for Said {
    fn default() -> Said {
        Said::new()
    }
}

/// What is only known when a call is made.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Now<'a> {
    pub(super) unit: Option<Unit>,
    pub(super) description: Option<&'a str>,
}

/// Unit and description of a literal name that are known only at run time: said once at a site.
#[derive(Debug)]
pub struct Description {
    kind: Kind,
    name: &'static str,
    place: Place,
    is_said: AtomicBool,
}

impl Description {
    /// The description at a call here.
    #[track_caller]
    pub const fn new(kind: Kind, name: &'static str) -> Description {
        Description { kind, name, place: Place::here(), is_said: AtomicBool::new(false) }
    }

    /// True until it was said.
    #[inline(always)]
    pub fn is_due(&self) -> bool {
        // Relaxed: saying it twice changes nothing.
        !self.is_said.load(Relaxed)
    }

    /// Says it.
    #[cold]
    pub fn say(&self, unit: Option<Unit>, description: Option<&str>) {
        // Before anything allocates: an allocator that records would come here again.
        let Some(_slow) = arena::enter_slow_path() else { return };
        // Relaxed: as above.
        self.is_said.store(true, Relaxed);
        registry().index().describe_from(self.kind, self.name, unit, description, self.place);
    }
}

/// `describe_counter!` and its siblings.
#[track_caller]
pub fn describe(kind: Kind, name: &str, unit: Option<Unit>, description: &str) {
    let Some(_slow) = arena::enter_slow_path() else { return };
    registry().index().describe_from(kind, name, unit, Some(description), Place::here());
}

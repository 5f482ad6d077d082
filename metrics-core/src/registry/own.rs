//! Series that the recorder itself keeps beside those of the program, as series like any other: `tachograph_…`.
//!
//! In the global registry no program can take their names.

use std::panic::Location;

use crate::arena;
use crate::error::Error;
use crate::handle::{Counter, Gauge};
use crate::kind::Kind;
use crate::registry::{Place, Registry, Series, Wanted, no_such_slot};

/// The name of such a series, and what is said of it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Own {
    pub(crate) name: &'static str,
    pub(crate) description: &'static str,
}

impl Registry {
    /// A counter of the recorder's own.
    pub(crate) fn own_counter(&self, own: Own, labels: &[(&str, &str)]) -> Result<Counter, Error> {
        let series = self.own(Kind::Counter, own, labels)?;
        series.cell().map(Counter::new).ok_or_else(no_such_slot)
    }

    /// A gauge of the recorder's own, and its series.
    pub(crate) fn own_gauge(
        &self,
        own: Own,
        labels: &[(&str, &str)],
    ) -> Result<(Gauge, &'static Series), Error> {
        let series = self.own(Kind::Gauge, own, labels)?;
        Ok((series.cell().map(Gauge::new).ok_or_else(no_such_slot)?, series))
    }

    fn own(
        &self,
        kind: Kind,
        Own { name, description }: Own,
        labels: &[(&str, &str)],
    ) -> Result<&'static Series, Error> {
        let Some(_slow) = arena::enter_slow_path() else {
            return Err(Error::overflow("the recorder is at work on this thread"));
        };
        let plain = Wanted::plain(kind, name, labels, Place::of(Location::caller()));
        let description = Some(description);
        // What they are of is named by the program: neither a cap nor idleness shall hide it.
        self.index().series(&Wanted { is_own: true, description, ..plain })
    }
}

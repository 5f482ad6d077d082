//! What a caller asks a registry for.

use crate::error::Error;
use crate::kind::Kind;
use crate::registry::buckets::Buckets;
use crate::registry::place::Place;
use crate::unit::Unit;

/// What a caller asks for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wanted<'a> {
    pub(crate) kind: Kind,
    pub(crate) name: &'a str,
    pub(crate) labels: &'a [(&'a str, &'a str)],
    /// True for labels known only at run time, whose number a program does not bound.
    pub(crate) capped: bool,
    /// The same for the name.
    pub(crate) is_named_at_run_time: bool,
    /// None: the family's, or the defaults.
    pub(crate) buckets: Option<&'a Buckets>,
    /// True where the buckets are those of this one series, and not of its family.
    pub(crate) buckets_are_own: bool,
    /// What a timer's values are in; None: the family's, or seconds.
    pub(crate) unit: Option<Unit>,
    pub(crate) description: Option<&'a str>,
    /// True for a series that the recorder itself keeps.
    pub(crate) is_own: bool,
    pub(crate) place: Place,
}

impl<'a> Wanted<'a> {
    /// A series of which nothing but its name and labels is said.
    pub(crate) fn plain(
        kind: Kind,
        name: &'a str,
        labels: &'a [(&'a str, &'a str)],
        place: Place,
    ) -> Wanted<'a> {
        Wanted {
            kind,
            name,
            labels,
            capped: false,
            is_named_at_run_time: false,
            buckets: None,
            buckets_are_own: false,
            unit: None,
            description: None,
            is_own: false,
            place,
        }
    }
}

impl Wanted<'_> {
    /// The same, without what it says of the family; buckets of its own stay.
    pub(super) fn without_more(&self) -> Self {
        let buckets = self.buckets.filter(|_| self.buckets_are_own);
        Wanted { buckets, unit: None, description: None, ..*self }
    }

    /// True when it counts under the cap of its name, which without labels has one series.
    pub(super) fn takes_a_place(&self) -> bool {
        self.capped && !self.labels.is_empty()
    }

    /// True when it says something of the family, which is compared with what is known each time.
    pub(super) fn says_more(&self) -> bool {
        self.buckets.is_some() || self.unit.is_some() || self.description.is_some()
    }

    /// The unit of time that the values of a new metric are in, if it is one of time: as it is asked for, or as
    /// it was described before; of a timer, seconds without that.
    pub(super) fn time_unit(&self, described: Option<Unit>) -> Result<Option<Unit>, Error> {
        let of_time = |unit: &Unit| unit.of_a_second().is_some();
        match self.kind {
            Kind::Counter | Kind::Gauge | Kind::Rate => return Ok(None),
            Kind::Histogram | Kind::Summary => return Ok(self.unit.or(described).filter(of_time)),
            Kind::Timer => {}
        }
        if let Some(unit) = self.unit.filter(|unit| !of_time(unit)) {
            return Err(Error::invalid(format!(
                "timer `{}` cannot be in {unit}: use seconds, milliseconds, microseconds or nanoseconds",
                self.name
            )));
        }
        Ok(self.unit.or(described.filter(of_time)).or(Some(Unit::Seconds)))
    }
}

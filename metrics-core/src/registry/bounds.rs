//! Bounds that a program declares by name, for histograms and timers that are registered later.
//!
//! Who writes a program has the last word, and who means one metric has it before who means many: first
//! comes what is declared for exactly this name, then what the code says where it records, then what is
//! declared for a pattern, and then the default.

use crate::bucket::{Layout, power_of_two};
use crate::error::Error;
use crate::kind::Kind;
use crate::registry::buckets::{Buckets, default_layout};
use crate::registry::catalogue::Catalogue;
use crate::registry::family::Family;
use crate::registry::index::Index;
use crate::registry::lint::Lint;
use crate::registry::wanted::Wanted;
use crate::unit::Unit;

/// Bounds that some histogram can have.
pub(crate) fn checked(bounds: &[f64]) -> Result<Vec<f64>, Error> {
    if bounds.is_empty() {
        return Err(Error::invalid("no bounds: give at least one"));
    }
    // About the widest range there is: what fits a metric's own is found out when it is registered.
    let highest = power_of_two(Layout::MAX_EXPONENT);
    let lowest = highest.recip();
    Buckets::new()
        .schema(-4)
        .range(lowest, highest)
        .bounds(bounds)
        .layout(Kind::Histogram, None)?;
    Ok(bounds.to_vec())
}

impl Index {
    /// The buckets of a family that is new.
    pub(super) fn first_layout(
        &self,
        catalogue: &mut Catalogue,
        wanted: &Wanted<'_>,
        unit: Option<Unit>,
    ) -> Result<Layout, Error> {
        let in_code = wanted.buckets.filter(|_| !wanted.buckets_are_own);
        if let Some(bounds) = self.bounds_of(wanted.name, in_code.is_some()) {
            let buckets = in_code.cloned().unwrap_or_default().bounds(bounds);
            match buckets.layout(wanted.kind, unit) {
                Ok(layout) => return Ok(layout),
                // Nothing recorded may be lost for it.
                Err(error) => catalogue.note(Lint::new(
                    wanted.name,
                    format!("the bounds declared by name do not fit: {error}"),
                )),
            }
        }
        match in_code {
            Some(buckets) => buckets.layout(wanted.kind, unit),
            None => Ok(default_layout(wanted.kind, unit)),
        }
    }

    /// Notes where the code says other buckets than those that a family has.
    pub(super) fn compare_buckets(
        &self,
        catalogue: &mut Catalogue,
        family: &Family,
        wanted: &Wanted<'_>,
    ) -> Result<(), Error> {
        let Some(buckets) = wanted.buckets.filter(|_| !wanted.buckets_are_own) else {
            return Ok(());
        };
        let layout = buckets.layout(wanted.kind, family.unit)?;
        let is_overruled = self.bounds_of(wanted.name, true).is_some();
        if family.layout.as_deref() != Some(&layout) && !is_overruled {
            let message = format!(
                "was given other buckets at {} than first at {}: the first are kept",
                wanted.place, family.place
            );
            catalogue.note(Lint::new(wanted.name, message));
        }
        Ok(())
    }

    /// Notes that a family was registered before bounds were declared that are for it.
    pub(super) fn other_bounds(&self, family: &Family) -> Option<Lint> {
        let layout = family.layout.as_deref()?;
        let bounds = self.bounds_of(family.name.as_str(), !layout.bounds().is_empty())?;
        let declared = Buckets::new().schema(layout.schema()).bounds(bounds);
        let would_fit = declared.layout(family.kind, family.unit).is_ok();
        (layout.bounds() != bounds && would_fit).then(|| {
            let message = format!(
                "was registered (at {}) before its bounds were declared, and keeps the ones it has: \
                 declare them before it is used",
                family.place
            );
            Lint::new(family.name.as_str(), message)
        })
    }

    /// The bounds declared by name for this one, if they come before what the code may say.
    fn bounds_of(&self, name: &str, said_in_code: bool) -> Option<&'static [f64]> {
        let declared = &self.settings.get().bounds_of;
        let fitting = |exact: bool| {
            let mut all = declared.iter().rev();
            all.find(|(pattern, _)| pattern.is_exact() == exact && pattern.fits(name))
        };
        let found = fitting(true).or_else(|| fitting(false).filter(|_| !said_in_code));
        found.map(|(_, bounds)| bounds.as_slice())
    }
}

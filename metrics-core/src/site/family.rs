//! Sites with a literal name and labels whose values are known only at run time.

use crate::arena::{self, Reason};
use crate::handle::Holder;
use crate::kind::Kind;
use crate::label::Pairs;
use crate::registry::{FamilyHint, Place, Series, Wanted, registry};
use crate::site::found::Found;
use crate::site::said::{Now, Said};
use crate::site::{MAX_ENTRIES, reason_of};
use crate::table::{Row, Table, Texts};

/// A call with a literal name and `N` labels whose values are known at run time.
#[derive(Debug)]
pub struct Family<const N: usize> {
    kind: Kind,
    name: &'static str,
    fixed: &'static [(&'static str, &'static str)],
    keys: [&'static str; N],
    said: Said,
    place: Place,
    table: Table<Holder>,
    hint: FamilyHint,
}

impl<const N: usize> Family<N> {
    /// The site of a call here.
    #[track_caller]
    pub const fn new(
        kind: Kind,
        name: &'static str,
        fixed: &'static [(&'static str, &'static str)],
        keys: [&'static str; N],
    ) -> Family<N> {
        Family::saying(kind, name, fixed, keys, Said::new())
    }

    /// The site of a call here that says more.
    #[track_caller]
    pub const fn saying(
        kind: Kind,
        name: &'static str,
        fixed: &'static [(&'static str, &'static str)],
        keys: [&'static str; N],
        said: Said,
    ) -> Family<N> {
        Family {
            kind,
            name,
            fixed,
            keys,
            said,
            place: Place::here(),
            table: Table::new(MAX_ENTRIES),
            hint: FamilyHint::new(),
        }
    }

    /// What a call with these values records into.
    #[inline]
    pub fn find(&'static self, values: [&str; N]) -> Found {
        match self.table.find(&Row::new(N, values.iter().copied())) {
            Some(entry) => Found::known(entry.holder()),
            None => self.miss(values).into(),
        }
    }

    #[cold]
    #[inline(never)]
    fn miss(&'static self, values: [&str; N]) -> Result<&'static Series, Reason> {
        // Before anything allocates: an allocator that records would come here again.
        let _slow = arena::enter_slow_path().ok_or(Reason::Reentrant)?;
        // At the cap of the name, this is where every call comes that finds no place: a few labels are put
        // together without an allocation.
        let all = self.fixed.iter().copied().chain(self.keys.into_iter().zip(values));
        let (mut few, many) = ([("", ""); Pairs::FEW], &mut Vec::new());
        let labels = match few.get_mut(..self.fixed.len() + N) {
            Some(few) => {
                few.iter_mut().zip(all).for_each(|(place, label)| *place = label);
                few
            }
            None => {
                many.extend(all);
                many
            }
        };
        let plain = Wanted::plain(self.kind, self.name, labels, self.place);
        let wanted = Wanted { capped: true, ..plain };
        let index = registry().index();
        let series =
            self.said.ask(wanted, Now::default(), |wanted| index.series_near(&self.hint, wanted));
        let series = series.map_err(|error| reason_of(&error))?;
        remember(&self.table, &Row::new(N, values.iter().copied()), series);
        Ok(series)
    }
}

/// Remembers a series, unless it is an overflow series: the number of texts that lead there has no bound.
pub(super) fn remember<'a>(
    table: &Table<Holder>,
    row: &Row<impl Texts<'a>>,
    series: &'static Series,
) {
    if !series.labels().is_overflow() {
        if let Some(holder) = series.holder().again() {
            // Where the table is full, the registry is asked each time.
            table.insert(row, holder);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::label::Labels;
    use crate::registry::Pattern;

    const NAME: &str = "site_at_its_cap_total";

    #[test]
    fn miss_at_the_cap_waits_for_no_lock() {
        static SITE: Family<1> = Family::new(Kind::Counter, NAME, &[("fixed", "v")], ["k"]);
        static OTHER: Family<1> = Family::new(Kind::Counter, NAME, &[("fixed", "v")], ["k"]);
        let pattern = Pattern::new(NAME).unwrap();
        registry().change_settings(|settings| settings.max_series_of.push((pattern.clone(), 2)));
        for value in ["a", "b", "c", "d"] {
            SITE.find([value]).counter().increment(1);
        }
        OTHER.find(["e"]).counter().increment(1);
        registry().index().while_locked(NAME, || {
            // New values, one that only the other site has seen, and one that it has seen itself.
            SITE.find(["f"]).counter().increment(10);
            OTHER.find(["g"]).counter().increment(10);
            OTHER.find(["a"]).counter().increment(10);
            SITE.find(["b"]).counter().increment(10);
        });
        let snapshot = registry().snapshot();
        let of = |value| snapshot.counter(NAME, &[("fixed", "v"), ("k", value)]);
        assert_eq!((of("a"), of("b"), of("c"), of("f")), (Some(11), Some(11), None, None));
        assert_eq!(snapshot.counter(NAME, &[Labels::OVERFLOW]), Some(23));
    }
}

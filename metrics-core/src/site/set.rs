//! Sites whose labels are a [`LabelSet`]: all their series are known when the program is compiled, so one
//! is found by its place, and all of them exist from the first use on.

use std::iter;
use std::ptr;
use std::sync::atomic::AtomicPtr;
use std::sync::atomic::Ordering::{AcqRel, Acquire};

use crate::arena::{self, Reason};
use crate::handle::{CellSlot, Counter, DistributionSlot, Gauge, Histogram, Rate, Summary, Timer};
use crate::kind::Kind;
use crate::label_set::{LabelField, LabelSet};
use crate::registry::{Place, Wanted};
use crate::site;
use crate::site::said::{Now, Said};

/// A call with a literal name, and labels that a [`LabelSet`] gives.
#[derive(Debug)]
pub struct SetSite {
    kind: Kind,
    name: &'static str,
    fixed: &'static [(&'static str, &'static str)],
    said: Said,
    place: Place,
    /// Null before the first use.
    members: AtomicPtr<Members>,
}

/// The series of one type of set at one site.
#[derive(Debug)]
struct Members {
    /// Which type: where the fields are the same ones, so are the places.
    fields: &'static [LabelField],
    /// One for each place, of counters, gauges and rates.
    cells: Box<[CellSlot]>,
    /// One for each place, of histograms, timers and summaries.
    distributions: Box<[DistributionSlot]>,
    /// Those of another type: a generic function has one site for all its types.
    other: Option<&'static Members>,
}

/// A series among those of its set, or why there is none.
#[derive(Debug, Clone, Copy)]
pub struct Member {
    members: Result<&'static Members, Reason>,
    place: usize,
}

impl SetSite {
    /// The site of a call here.
    #[track_caller]
    pub const fn new(
        kind: Kind,
        name: &'static str,
        fixed: &'static [(&'static str, &'static str)],
    ) -> SetSite {
        SetSite::saying(kind, name, fixed, Said::new())
    }

    /// The site of a call here that says more.
    #[track_caller]
    pub const fn saying(
        kind: Kind,
        name: &'static str,
        fixed: &'static [(&'static str, &'static str)],
        said: Said,
    ) -> SetSite {
        let (place, members) = (Place::here(), AtomicPtr::new(ptr::null_mut()));
        SetSite { kind, name, fixed, said, place, members }
    }

    /// What a call with these labels records into.
    #[inline(always)]
    pub fn find<S: LabelSet + ?Sized>(&'static self, set: &S) -> Member {
        let place = set.index();
        match self.first() {
            Some(members) if ptr::eq(members.fields, S::FIELDS) => {
                Member { members: Ok(members), place }
            }
            first => Member { members: self.members_of(first, S::FIELDS), place },
        }
    }

    #[inline(always)]
    fn first(&'static self) -> Option<&'static Members> {
        // Acquire: pairs with the Release in `members_of`: the members are complete.
        let first = self.members.load(Acquire);
        // SAFETY: null, or made from a leaked box.
        unsafe { first.as_ref() }
    }

    /// The series of another type than the first, or of the first one when it is not there yet.
    #[cold]
    #[inline(never)]
    fn members_of(
        &'static self,
        mut first: Option<&'static Members>,
        fields: &'static [LabelField],
    ) -> Result<&'static Members, Reason> {
        loop {
            let all = || iter::successors(first, |members| members.other);
            // By what they are, and else by what they say: a type with parameters has its fields at several
            // addresses.
            let found = all()
                .find(|members| ptr::eq(members.fields, fields))
                .or_else(|| all().find(|members| members.fields == fields));
            if let Some(members) = found {
                return Ok(members);
            }
            // Before anything allocates: an allocator that records would come here again.
            let _slow = arena::enter_slow_path().ok_or(Reason::Reentrant)?;
            let made = Box::into_raw(Box::new(self.make(fields, first)));
            let before = first.map_or(ptr::null_mut(), |first| ptr::from_ref(first).cast_mut());
            // AcqRel: Release pairs with the Acquire in `first`; Acquire, for the winner's members.
            match self.members.compare_exchange(before, made, AcqRel, Acquire) {
                // SAFETY: from a box that is now leaked.
                Ok(_) => return Ok(unsafe { &*made }),
                Err(_) => {
                    // SAFETY: from a box that nobody else has seen. Its series are the registry's.
                    drop(unsafe { Box::from_raw(made) });
                    first = self.first();
                }
            }
        }
    }

    /// Registers all series of a type.
    fn make(&self, fields: &'static [LabelField], other: Option<&'static Members>) -> Members {
        let series = fields.iter().map(|field| field.values.len()).product();
        let (mut cells, mut distributions) = (Vec::new(), Vec::new());
        for place in 0..series {
            let mut labels = self.fixed.to_vec();
            labels.extend(labels_at(fields, place));
            let wanted = Wanted::plain(self.kind, self.name, &labels, self.place);
            let found = self.said.ask(wanted, Now::default(), site::resolve);
            if self.kind.is_a_distribution() {
                distributions.push(DistributionSlot::of(found));
            } else {
                cells.push(CellSlot::of(found));
            }
        }
        Members { fields, cells: cells.into(), distributions: distributions.into(), other }
    }
}

/// The labels at a place: the first field counts most.
fn labels_at(
    fields: &'static [LabelField],
    place: usize,
) -> impl Iterator<Item = (&'static str, &'static str)> {
    let mut rest: usize = fields.iter().map(|field| field.values.len()).product();
    fields.iter().map(move |field| {
        rest /= field.values.len();
        (field.key, field.values[place / rest % field.values.len()])
    })
}

impl Member {
    /// The counter of the set.
    #[inline(always)]
    pub fn counter(self) -> Counter {
        Counter::new(self.cell())
    }

    /// The gauge of the set.
    #[inline(always)]
    pub fn gauge(self) -> Gauge {
        Gauge::new(self.cell())
    }

    /// The histogram of the set.
    #[inline(always)]
    pub fn histogram(self) -> Histogram {
        Histogram::new(self.distribution())
    }

    /// The timer of the set.
    #[inline(always)]
    pub fn timer(self) -> Timer {
        Timer::new(self.distribution())
    }

    /// The rate of the set.
    #[inline(always)]
    pub fn rate(self) -> Rate {
        Rate::new(self.cell())
    }

    /// The summary of the set.
    #[inline(always)]
    pub fn summary(self) -> Summary {
        Summary::new(self.distribution())
    }

    #[inline(always)]
    fn cell(self) -> &'static CellSlot {
        match self.members {
            // A place that is none: the set gives an index it must not give.
            Ok(members) => {
                members.cells.get(self.place).unwrap_or(CellSlot::without_slot(Reason::Invalid))
            }
            Err(reason) => CellSlot::without_slot(reason),
        }
    }

    #[inline(always)]
    fn distribution(self) -> &'static DistributionSlot {
        match self.members {
            Ok(members) => {
                let holder = members.distributions.get(self.place);
                holder.unwrap_or(DistributionSlot::without_slot(Reason::Invalid))
            }
            Err(reason) => DistributionSlot::without_slot(reason),
        }
    }
}

/// The pointer to members says nothing of them: they are shared between threads like a reference.
const _: () = {
    const fn shared_between_threads<T: Send + Sync>() {}
    shared_between_threads::<Members>();
};

#[cfg(test)]
mod tests {
    use super::*;

    const FIELDS: &[LabelField] = &[
        LabelField { key: "method", values: &["GET", "PUT"] },
        LabelField { key: "status", values: &["2xx", "4xx", "5xx"] },
    ];

    #[test]
    fn places_are_all_combinations_the_first_field_counting_most() {
        let all: Vec<Vec<(&str, &str)>> =
            (0..6).map(|place| labels_at(FIELDS, place).collect()).collect();
        assert_eq!(all[0], [("method", "GET"), ("status", "2xx")]);
        assert_eq!(all[2], [("method", "GET"), ("status", "5xx")]);
        assert_eq!(all[3], [("method", "PUT"), ("status", "2xx")]);
        assert_eq!(all[5], [("method", "PUT"), ("status", "5xx")]);
    }
}

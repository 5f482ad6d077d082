//! Sites of which nothing is known before the program runs: neither the name nor, possibly, the keys.

use std::{iter, slice};

use crate::arena::{self, Reason};
use crate::handle::Holder;
use crate::kind::Kind;
use crate::registry::{FamilyHint, Place, Series, Wanted, registry};
use crate::site::family::remember;
use crate::site::found::Found;
use crate::site::label_pair::LabelPair;
use crate::site::said::{Now, Said};
use crate::site::{MAX_ENTRIES, reason_of};
use crate::table::{Entry, Row, Table, Texts};
use crate::unit::Unit;

/// A call whose name, or whose keys, are known only at run time.
#[derive(Debug)]
pub struct DynamicSite {
    kind: Kind,
    /// True where the name stands in the program's text.
    has_literal_name: bool,
    said: Said,
    place: Place,
    /// By the name, and keys and values in turn.
    table: Table<Holder>,
    /// By the name.
    hints: Table<FamilyHint>,
}

/// Such a call, and what it says of its metric.
#[derive(Debug, Clone, Copy)]
pub struct Described<'a> {
    site: &'static DynamicSite,
    now: Now<'a>,
}

impl DynamicSite {
    /// The site of a call here.
    #[track_caller]
    pub const fn new(kind: Kind) -> DynamicSite {
        DynamicSite::saying(kind, Said::new())
    }

    /// The site of a call here that says more.
    #[track_caller]
    pub const fn saying(kind: Kind, said: Said) -> DynamicSite {
        DynamicSite {
            kind,
            has_literal_name: false,
            said,
            place: Place::here(),
            table: Table::new(MAX_ENTRIES),
            hints: Table::new(MAX_ENTRIES),
        }
    }

    /// With a name that stands in the program's text, and so does not count among those that do not.
    pub const fn with_literal_name(self) -> DynamicSite {
        DynamicSite { has_literal_name: true, ..self }
    }

    /// With a unit and a description that are known only at run time: they are said of every name that is
    /// new here.
    #[inline]
    pub fn described<'a>(
        &'static self,
        unit: Option<Unit>,
        description: Option<&'a str>,
    ) -> Described<'a> {
        Described { site: self, now: Now { unit, description } }
    }

    /// What a call with this name and these labels records into.
    pub fn find(&'static self, name: &str, labels: &[(&str, &str)]) -> Found {
        self.described(None, None).find(name, labels)
    }

    /// The same with labels from one expression.
    pub fn find_in<L>(&'static self, name: &str, labels: L) -> Found
    where
        L: IntoIterator,
        L::Item: LabelPair,
    {
        self.described(None, None).find_in(name, labels)
    }
}

/// A name, and then the key and the value of each label. One small step each, where adapters of iterators are
/// inlined in one program and not in another.
#[derive(Debug, Clone)]
struct Named<'a> {
    next: Option<&'a str>,
    labels: slice::Iter<'a, (&'a str, &'a str)>,
}

impl<'a> Iterator for Named<'a> {
    type Item = &'a str;

    #[inline(always)]
    fn next(&mut self) -> Option<&'a str> {
        if let Some(text) = self.next.take() {
            return Some(text);
        }
        let (key, value) = self.labels.next()?;
        self.next = Some(value);
        Some(key)
    }
}

impl Described<'_> {
    /// What a call with this name and these labels records into.
    pub fn find(self, name: &str, labels: &[(&str, &str)]) -> Found {
        // The keys are part of the row, as one site may be given others at each call.
        let texts = Named { next: Some(name), labels: labels.iter() };
        let row = Row::new(1 + 2 * labels.len(), texts);
        match self.site.table.find(&row) {
            Some(entry) => Found::known(entry.holder()),
            None => self.miss(&row, name, labels).into(),
        }
    }

    /// The same with labels from one expression, in any order.
    pub fn find_in<L>(self, name: &str, labels: L) -> Found
    where
        L: IntoIterator,
        L::Item: LabelPair,
    {
        /// As many labels are looked up without an allocation.
        const FEW: usize = 8;
        let mut labels = labels.into_iter();
        let mut few = [const { None }; FEW];
        let mut count = 0;
        for (place, label) in few.iter_mut().zip(&mut labels) {
            *place = Some(label);
            count += 1;
        }
        let more: Vec<L::Item> = if count == FEW { labels.collect() } else { Vec::new() };
        let few = &few[..count];
        let mut shown = [const { None }; FEW];
        for (place, label) in shown.iter_mut().zip(few) {
            *place = label.as_ref().map(|label| label.texts());
        }
        let mut pairs = [("", ""); FEW];
        for (place, (key, value)) in pairs.iter_mut().zip(shown.iter().flatten()) {
            *place = (key, value);
        }
        // In one order, since that of a map may differ from call to call.
        if more.is_empty() {
            let pairs = &mut pairs[..count];
            pairs.sort_unstable();
            return self.find(name, pairs);
        }
        let more: Vec<_> = more.iter().map(|label| label.texts()).collect();
        let more = more.iter().map(|(key, value)| (*key, &**value));
        let mut all: Vec<(&str, &str)> = pairs.into_iter().chain(more).collect();
        all.sort_unstable();
        self.find(name, &all)
    }

    #[cold]
    #[inline(never)]
    fn miss<'t>(
        self,
        row: &Row<impl Texts<'t>>,
        name: &str,
        labels: &[(&str, &str)],
    ) -> Result<&'static Series, Reason> {
        // Before anything allocates: an allocator that records would come here again.
        let _slow = arena::enter_slow_path().ok_or(Reason::Reentrant)?;
        let site = self.site;
        let plain = Wanted::plain(site.kind, name, labels, site.place);
        let is_named_at_run_time = !site.has_literal_name;
        let wanted = Wanted { capped: true, is_named_at_run_time, ..plain };
        let hint_row = Row::new(1, iter::once(name));
        let hint = site.hints.find(&hint_row).map(Entry::holder);
        let new_hint = FamilyHint::new();
        let index = registry().index();
        let series = site
            .said
            .ask(wanted, self.now, |wanted| index.series_near(hint.unwrap_or(&new_hint), wanted));
        if hint.is_none() && new_hint.leads_somewhere() {
            // Nothing is remembered of a name that is none. Where there are too many, the registry is asked.
            site.hints.insert(&hint_row, new_hint);
        }
        let series = series.map_err(|error| reason_of(&error))?;
        remember(&site.table, row, series);
        Ok(series)
    }
}

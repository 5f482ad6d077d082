//! What happens to labels that find no place: one series of their family takes them all.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::Ordering::Relaxed;

use crate::error::Error;
use crate::label::{Labels, Pairs};
use crate::registry::catalogue::Catalogue;
use crate::registry::family::{Family, Overflow};
use crate::registry::index::Index;
use crate::registry::lint::Lint;
use crate::registry::series::{Series, is_out};
use crate::registry::settings::Settings;

/// How many labels are named in a lint.
const LABELS_SHOWN: usize = 3;

impl Index {
    /// The series that takes what a family has no place for.
    pub(super) fn overflow(
        &self,
        catalogue: &mut Catalogue,
        family: &'static Family,
        why: Overflow,
    ) -> Result<&'static Series, Error> {
        self.count_overflow(family, why);
        if let Overflow::NoRoom = why {
            family.refuse_for_good();
        }
        match family.overflow() {
            Some(series) => Ok(series),
            None => self.add(catalogue, family, &Pairs::new(&[Labels::OVERFLOW])?, None, false),
        }
    }

    /// Counts a lookup that ended at an overflow series: for the family, and for all.
    pub(super) fn count_overflow(&self, family: &Family, why: Overflow) {
        family.count_overflow(why);
        // Relaxed: a total that stands alone.
        self.overflowed[why as usize].fetch_add(1, Relaxed);
    }

    /// Lookups that ended at an overflow series, by reason.
    pub(crate) fn overflowed(&self) -> [(&'static str, u64); Overflow::ALL.len()] {
        // Relaxed: totals that stand alone.
        Overflow::ALL.map(|why| (why.as_str(), self.overflowed[why as usize].load(Relaxed)))
    }
}

/// Says of a family that it has no place for more series, and which labels have taken it.
pub(super) fn lint(family: &Family, catalogue: &Catalogue, settings: &Settings) -> Option<Lint> {
    let [cap, no_room] = Overflow::ALL.map(|why| family.overflowed(why));
    // A program may also give that label to a series itself.
    family.overflow().filter(|_| cap + no_room > 0)?;
    let series: Vec<&Series> = catalogue
        .list
        .iter()
        .copied()
        .filter(|series| series.is_capped() && std::ptr::eq(series.family, family))
        .filter(|series| !is_out(series.removals()))
        .collect();
    let mut values: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (key, value) in series.iter().flat_map(|series| series.labels.iter()) {
        values.entry(key).or_default().insert(value);
    }
    let mut largest: Vec<(usize, &str)> =
        values.iter().map(|(key, values)| (values.len(), *key)).collect();
    largest.sort_by_key(|(count, key)| (usize::MAX - count, *key));
    let limit = match family.refuses() {
        _ if no_room > 0 => "there is no more memory",
        Some(_) => "the cap is reached",
        None => "the cap was reached, and there is room again",
    };
    let mut message = format!("{limit} at {} series", series.len());
    let shown: Vec<String> =
        largest.iter().take(LABELS_SHOWN).map(|(count, key)| format!("`{key}` {count}")).collect();
    if !shown.is_empty() {
        message.push_str(&format!(" (values of labels: {})", shown.join(", ")));
    }
    let (key, value) = Labels::OVERFLOW;
    let lookups = cap + no_room;
    message.push_str(&format!(": {lookups} lookups went to {key}=\"{value}\"; "));
    let whose = largest.first().map_or("its labels".to_owned(), |(_, key)| format!("`{key}`"));
    message.push_str(&format!("give {whose} fewer values"));
    if no_room == 0 {
        let setting = settings.max_series_setting(family.name.as_str());
        message.push_str(&format!(", or raise `{setting}`"));
    }
    Some(Lint::new(family.name.as_str(), message))
}

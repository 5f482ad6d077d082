//! What happens to labels that find no place: one series of their family takes them all.

use std::collections::{BTreeMap, BTreeSet};

use crate::error::Error;
use crate::label::{Labels, Pairs};
use crate::registry::catalogue::Catalogue;
use crate::registry::family::{Family, Overflow};
use crate::registry::index::Index;
use crate::registry::lint::Lint;
use crate::registry::series::{Series, is_out};

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
        family.count_overflow(why);
        match family.overflow() {
            Some(series) => Ok(series),
            None => self.add(catalogue, family, &Pairs::new(&[Labels::OVERFLOW])?, None, false),
        }
    }

    /// Lookups that ended at an overflow series, by reason.
    pub(crate) fn overflowed(&self) -> [(&'static str, u64); Overflow::ALL.len()] {
        Overflow::ALL.map(|why| {
            let all = self.families.iter().map(|family| family.overflowed(why));
            (why.as_str(), all.sum())
        })
    }
}

/// Says of a family that it has no place for more series, and which labels have taken it.
pub(super) fn lint(family: &Family, catalogue: &Catalogue) -> Option<Lint> {
    family.overflow()?;
    let series: Vec<&Series> = catalogue
        .list
        .iter()
        .copied()
        .filter(|series| series.capped && std::ptr::eq(series.family, family))
        .filter(|series| !is_out(series.removals()))
        .collect();
    let mut values: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (key, value) in series.iter().flat_map(|series| series.labels.iter()) {
        values.entry(key).or_default().insert(value);
    }
    let mut largest: Vec<(usize, &str)> =
        values.iter().map(|(key, values)| (values.len(), *key)).collect();
    largest.sort_by_key(|(count, key)| (usize::MAX - count, *key));
    let [cap, no_room] = Overflow::ALL.map(|why| family.overflowed(why));
    let limit = if no_room > 0 { "there is no more memory" } else { "the cap is reached" };
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
        message.push_str(", or raise `max_series`");
    }
    Some(Lint::new(family.name.as_str(), message))
}

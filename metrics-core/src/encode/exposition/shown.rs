//! The series of a snapshot as JSON shows them: under the same names, and with the same labels, as the text formats.
//!
//! As long as names are shown as they are written, nothing in them is replaced here. With the style that is
//! recommended, all is decided by the rules of the text formats, so that a series has one name everywhere.

use std::borrow::Cow;
use std::rc::Rc;

use crate::encode::exposition::conflicts::Conflicts;
use crate::encode::exposition::family::Family;
use crate::encode::exposition::labels::{
    CONFLICT, all_labels, are_changed, has_empty, own_key, shown_keys,
};
use crate::presentation::Presentation;
use crate::snapshot::{Series, Snapshot};

/// A series, and how it is shown.
#[derive(Debug)]
pub(in crate::encode) struct ShownSeries<'a> {
    pub(in crate::encode) series: &'a Series,
    pub(in crate::encode) name: Rc<str>,
    pub(in crate::encode) labels: ShownLabels<'a>,
}

/// Keys and values, no key twice.
type ShownLabels<'a> = Vec<(Cow<'a, str>, Cow<'a, str>)>;

/// Every series of a snapshot, in their order. No two have the same name and the same labels.
pub(in crate::encode) fn shown(snapshot: &Snapshot) -> Vec<ShownSeries<'_>> {
    let presentation = snapshot.presentation();
    let mut all = Vec::with_capacity(snapshot.series().len());
    let families = Family::all(snapshot.series(), presentation);
    for family in families.iter().filter(|family| !family.is_self_time()) {
        let name: Rc<str> = match family.series.first() {
            Some(first) if !presentation.is_recommended() => {
                presentation.shown_name(first.name(), first.kind(), first.unit()).into()
            }
            _ => Rc::from(&*family.name),
        };
        let labels = family.series.iter().map(|series| labels_of(series, presentation));
        let labels: Vec<(ShownLabels<'_>, bool)> = labels.collect();
        let conflicts = if labels.iter().all(|(_, is_as_written)| *is_as_written) {
            Conflicts::none()
        } else {
            Conflicts::among(family.series, |series| {
                let (mut labels, is_as_written) = labels_of(series, presentation);
                // As the text formats have it, in which such a label is none.
                labels.retain(|(_, value)| !presentation.is_recommended() || !value.is_empty());
                labels.sort_unstable();
                (format!("{labels:?}"), is_as_written)
            })
        };
        for (place, (series, (mut labels, _))) in family.series.iter().zip(labels).enumerate() {
            if let Some(digits) = conflicts.of(place) {
                let mut key = CONFLICT.to_owned();
                while labels.iter().any(|(taken, _)| *taken == key) {
                    key.push('_');
                }
                labels.push((Cow::Owned(key), Cow::Owned(format!("{digits:08x}"))));
            }
            all.push(ShownSeries { series, name: Rc::clone(&name), labels });
        }
    }
    all
}

/// The labels of a series with those that all series get, and false where they might be those of another one.
fn labels_of<'a>(series: &'a Series, presentation: &'a Presentation) -> (ShownLabels<'a>, bool) {
    let all = all_labels(series.labels(), presentation.labels());
    let values = all.iter().map(|one| Cow::Borrowed(one.value));
    if presentation.is_recommended() {
        let keys = shown_keys(&all, presentation, own_key(series.kind()));
        let is_changed = are_changed(&all, &keys, presentation, own_key(series.kind()));
        let is_as_written = !is_changed && !has_empty(series.labels());
        (keys.into_iter().map(Cow::Owned).zip(values).collect(), is_as_written)
    } else {
        let is_as_written = all.len() == series.labels().len() + presentation.labels().len();
        (all.iter().map(|one| Cow::Borrowed(one.key)).zip(values).collect(), is_as_written)
    }
}

#[cfg(test)]
mod tests;

//! How one series goes out in the text format of Prometheus, for who asks Prometheus for it.

use std::collections::BTreeSet;
use std::fmt::Write;

use crate::encode::exposition::bounds;
use crate::encode::exposition::family::Family;
use crate::encode::exposition::labels::{LabelKeys, all_labels, own_key, shown_keys};
use crate::label::Labels;
use crate::snapshot::Snapshot;

/// The names that a series goes out under.
#[derive(Debug)]
pub(crate) struct Exported {
    /// Of the family; a distribution's lines have suffixes.
    pub(crate) name: String,
    /// As a selector, `{key="value"}`; empty where there are none.
    pub(crate) labels: String,
    /// Where the buckets of a histogram or timer end.
    pub(crate) bounds: Option<Vec<f64>>,
}

/// Those of a series by its own name and labels; None where the snapshot does not have it. Of two that would go out alike
/// both have the labels that they share.
pub(crate) fn exported(snapshot: &Snapshot, name: &str, labels: &Labels) -> Option<Exported> {
    let presentation = snapshot.presentation();
    let families = Family::all(snapshot.series(), presentation);
    let family = families.into_iter().find(|family| family.written() == name)?;
    let series = family.series.iter().find(|series| series.labels() == labels)?;
    let mut selector = String::new();
    let mut known = LabelKeys::new(presentation);
    known.begin(family.kind);
    known.push(labels, None, &mut selector);
    // Of other series of the name no label may be left open, which would be theirs, too.
    let keys = |labels| {
        shown_keys(&all_labels(labels, presentation.labels()), presentation, own_key(family.kind))
    };
    let own = keys(labels);
    let all: BTreeSet<String> =
        family.series.iter().flat_map(|series| keys(series.labels())).collect();
    for key in all.iter().filter(|key| !own.contains(key)) {
        let opening = if selector.is_empty() { "{" } else { "\"," };
        // Writing to a string does not fail.
        let _ = write!(selector, "{opening}{key}=\"");
    }
    if !selector.is_empty() {
        selector.push_str("\"}");
    }
    let distribution = series.value().distribution();
    let bounds = distribution.map(|one| bounds::values(one.layout(), family.is_of_seconds));
    Some(Exported { name: family.name.to_string(), labels: selector, bounds })
}

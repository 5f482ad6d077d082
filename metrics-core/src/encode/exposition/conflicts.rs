//! Series of one family that would go out with the same labels.
//!
//! Labels are unique as they are written, so this takes keys that were replaced (`a.b` and `a_b`), a series that
//! has a label by itself which others get, or two sources of one snapshot that know the same series. Whoever is
//! written as it goes out stays; the others get a label with the digits of a hash.

use std::collections::{HashMap, HashSet};

use crate::encode::exposition::hash_digits;
use crate::label::Labels;
use crate::snapshot::Series;

/// For each series of a family the digits that tell it from the others; mostly there are none.
#[derive(Debug, Clone)]
pub(super) struct Conflicts {
    digits: Vec<Option<u32>>,
}

impl Conflicts {
    pub(super) fn none() -> Conflicts {
        Conflicts { digits: Vec::new() }
    }

    pub(super) fn are_none(&self) -> bool {
        self.digits.iter().all(Option::is_none)
    }

    /// The digits of the series at that place of the family.
    pub(super) fn of(&self, place: usize) -> Option<u32> {
        self.digits.get(place).copied().flatten()
    }

    /// Compares the labels as they go out: `shown` gives a text that is the same for the same
    /// labels, and whether they are as they were written.
    pub(super) fn among(
        series: &[Series],
        mut shown: impl FnMut(&Series) -> (String, bool),
    ) -> Conflicts {
        let mut texts = Vec::with_capacity(series.len());
        let mut times: HashMap<String, u32> = HashMap::new();
        for one in series {
            let (text, is_as_written) = shown(one);
            *times.entry(text.clone()).or_default() += 1;
            texts.push((text, is_as_written));
        }
        let mut taken: HashSet<(&str, Option<u32>)> = HashSet::new();
        let digits = series.iter().zip(&texts).map(|(one, (text, is_as_written))| {
            let is_alone = times.get(text) == Some(&1);
            if (is_alone || *is_as_written) && taken.insert((text, None)) {
                return None;
            }
            let written = written(one.labels());
            let mut found = (0..).map(|salt| Some(hash_digits::digits(&written, salt)));
            found.find(|digits| taken.insert((text, *digits))).flatten()
        });
        Conflicts { digits: digits.collect() }
    }
}

/// The labels as they were written, each ended by a character that no key holds.
fn written(labels: &Labels) -> String {
    labels.iter().flat_map(|(key, value)| [key, "\0", value, "\0"]).collect()
}

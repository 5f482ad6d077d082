//! The inverted index: for each term, the files that hold it and how often.

use std::collections::HashMap;

use tachograph::{counter, histogram, timed};

use crate::text;

/// One file's share in a term.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Posting {
    /// The file's position in the walk.
    pub(crate) file: u32,
    pub(crate) occurrences: u32,
}

/// Postings by term, each list in ascending order of files.
#[derive(Debug, Default)]
pub(crate) struct Index {
    postings: HashMap<Box<str>, Vec<Posting>>,
}

impl Index {
    /// Adds a file. Files of one index are added in ascending order.
    #[timed]
    pub(crate) fn tokenise(&mut self, file: u32, text: &str) {
        let mut term = String::new();
        for line in text.lines() {
            histogram!("index_line_bytes").record(line.len());
            for word in text::words(line) {
                if text::normalise(word, &mut term) {
                    counter!("index_tokens_total").increment(1);
                    self.add(file, &term);
                } else {
                    counter!("index_tokens_skipped_total", "reason" => "too_long").increment(1);
                }
            }
        }
    }

    fn add(&mut self, file: u32, term: &str) {
        let Some(list) = self.postings.get_mut(term) else {
            self.postings.insert(term.into(), vec![Posting { file, occurrences: 1 }]);
            return;
        };
        match list.last_mut() {
            Some(last) if last.file == file => last.occurrences += 1,
            _ => list.push(Posting { file, occurrences: 1 }),
        }
    }

    /// Takes over the postings of an index over other files.
    pub(crate) fn absorb(&mut self, other: Index) {
        for (term, postings) in other.postings {
            self.postings.entry(term).or_default().extend(postings);
        }
    }

    /// Restores the order of files after `absorb`.
    pub(crate) fn sort(&mut self) {
        for list in self.postings.values_mut() {
            list.sort_unstable_by_key(|posting| posting.file);
        }
    }

    /// The postings of a term; none if no file holds it.
    pub(crate) fn postings(&self, term: &str) -> &[Posting] {
        self.postings.get(term).map_or(&[], Vec::as_slice)
    }

    /// All terms, in no order, with their postings.
    pub(crate) fn terms(&self) -> impl Iterator<Item = (&str, &[Posting])> {
        self.postings.iter().map(|(term, postings)| (&**term, postings.as_slice()))
    }

    pub(crate) fn term_count(&self) -> usize {
        self.postings.len()
    }

    pub(crate) fn posting_count(&self) -> usize {
        self.postings.values().map(Vec::len).sum()
    }
}

/// How often a term occurs in all files together.
pub(crate) fn occurrences(postings: &[Posting]) -> u64 {
    postings.iter().map(|posting| u64::from(posting.occurrences)).sum()
}

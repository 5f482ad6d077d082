//! The third stage: questions to the index, those of a user and those that the data itself suggests.
//!
//! Where two answers are equally good, the order of files or of the alphabet decides.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use tachograph::{counter, histogram, timed};

use crate::index::{self, Index, Posting};
use crate::text;

/// Shorter terms are mostly grammar, and make dull queries.
const INTERESTING_CHARS_MIN: usize = 4;

/// The files that hold every word of the query, those with most occurrences first.
#[timed]
pub(crate) fn search(index: &Index, query: &str) -> Vec<Posting> {
    counter!("index_queries_total").increment(1);
    let terms: BTreeSet<String> = text::words(query)
        .map(|word| {
            let mut term = String::new();
            text::normalise(word, &mut term);
            term
        })
        .collect();
    // The shortest list first: it bounds the work of all that follow.
    let mut lists: Vec<_> = terms.iter().map(|term| index.postings(term)).collect();
    lists.sort_by_key(|list| list.len());
    let Some((shortest, others)) = lists.split_first() else { return Vec::new() };

    let mut hits = shortest.to_vec();
    for list in others {
        hits.retain_mut(|hit| match list.binary_search_by_key(&hit.file, |posting| posting.file) {
            Ok(at) => {
                hit.occurrences = hit.occurrences.saturating_add(list[at].occurrences);
                true
            }
            Err(_) => false,
        });
    }
    hits.sort_by_key(|hit| (Reverse(hit.occurrences), hit.file));
    histogram!("index_query_hits").record(hits.len());
    hits
}

/// The terms with most occurrences in all, at most `limit` of them.
#[timed]
pub(crate) fn frequent_terms(index: &Index, limit: usize) -> Vec<(&str, &[Posting])> {
    let mut terms: Vec<_> = index.terms().filter(|(term, _)| is_interesting(term)).collect();
    terms.sort_by_cached_key(|&(term, postings)| (Reverse(index::occurrences(postings)), term));
    terms.truncate(limit);
    terms
}

/// The term that says most about one file: in no other, and there more often than any other such.
#[timed]
pub(crate) fn most_local_term(index: &Index) -> Option<&str> {
    index
        .terms()
        .filter(|(term, postings)| postings.len() == 1 && is_interesting(term))
        .min_by_key(|&(term, postings)| (Reverse(index::occurrences(postings)), term))
        .map(|(term, _)| term)
}

fn is_interesting(term: &str) -> bool {
    term.starts_with(char::is_alphabetic) && term.chars().count() >= INTERESTING_CHARS_MIN
}

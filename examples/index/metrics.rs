//! What the metrics of this program are, for whoever reads them elsewhere: units and help texts.

use tachograph::Unit;

const METRICS: [(&str, Option<Unit>, &str); 13] = [
    ("index_bytes_total", Some(Unit::Bytes), "Bytes of text that were indexed."),
    ("index_file_bytes", Some(Unit::Bytes), "Sizes of the files that were indexed."),
    ("index_files_found_total", None, "Files that the walk found."),
    ("index_files_in_flight", None, "Files that are being read or tokenised."),
    ("index_files_skipped_total", None, "Files that were not indexed, by reason."),
    ("index_files_total", None, "Files that were indexed, by extension."),
    ("index_line_bytes", Some(Unit::Bytes), "Lengths of the lines that were indexed."),
    ("index_postings", None, "Pairs of a term and a file in the index."),
    ("index_queries_total", None, "Queries that were answered."),
    ("index_query_hits", None, "Files that answer a query."),
    ("index_terms", None, "Different terms in the index."),
    ("index_tokens_skipped_total", None, "Tokens that were not indexed, by reason."),
    ("index_tokens_total", None, "Tokens that were indexed."),
];

/// Describes every metric to the registry.
pub(crate) fn describe() -> Result<(), tachograph::Error> {
    let registry = tachograph::registry();
    METRICS.iter().try_for_each(|(name, unit, text)| registry.describe(name, *unit, text))
}

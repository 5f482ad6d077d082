//! The last stage: what is printed.

use std::fmt::Display;
use std::io::{self, Write};

use tachograph::timed;

use crate::index;
use crate::query;
use crate::request::Request;
use crate::walk::{File, Unreadable};
use crate::work::Harvest;

/// Lines of one list; what is beyond them is told as a number.
const LINES_MAX: usize = 5;

/// Names on stderr what could not be read, in the order of paths.
pub(crate) fn warn_of_unreadable(unreadable: &mut [Unreadable]) {
    unreadable.sort_by(|a, b| a.path.cmp(&b.path));
    for Unreadable { path, reason } in unreadable.iter().take(LINES_MAX) {
        eprintln!("index: skipped `{}`: {reason}", path.display());
    }
    if unreadable.len() > LINES_MAX {
        eprintln!("index: skipped {} more", unreadable.len() - LINES_MAX);
    }
}

/// Writes what was indexed, and the answers to the queries of the data and then of the user.
#[timed]
pub(crate) fn write(
    out: &mut impl Write,
    request: &Request,
    files: &[File],
    harvest: &Harvest,
) -> io::Result<()> {
    write_extent(out, harvest)?;

    let frequent = query::frequent_terms(&harvest.index, LINES_MAX);
    if !frequent.is_empty() {
        writeln!(out, "\nmost frequent terms")?;
    }
    for (term, postings) in &frequent {
        let occurrences = index::occurrences(postings);
        writeln!(out, "{occurrences:>9}  {term} (in {})", count(postings.len(), "file"))?;
    }

    let mut queries = Vec::new();
    if let [(first, _), (second, _), ..] = frequent[..] {
        queries.push(format!("{first} {second}"));
    }
    if harvest.files > 1 {
        queries.extend(query::most_local_term(&harvest.index).map(str::to_owned));
    }
    for query in queries.iter().chain(&request.queries) {
        write_answer(out, request, files, harvest, query)?;
    }
    out.flush()
}

fn write_extent(out: &mut impl Write, harvest: &Harvest) -> io::Result<()> {
    let tokens: u64 = harvest.index.terms().map(|(_, list)| index::occurrences(list)).sum();
    writeln!(
        out,
        "indexed {}: {}, {}, {}",
        count(harvest.files, "file"),
        count(harvest.bytes, "byte"),
        count(tokens, "token"),
        count(harvest.index.term_count(), "term"),
    )?;
    writeln!(
        out,
        "skipped {} binary, {} too large, {} unreadable",
        harvest.binary,
        harvest.too_large,
        harvest.unreadable.len(),
    )
}

fn write_answer(
    out: &mut impl Write,
    request: &Request,
    files: &[File],
    harvest: &Harvest,
    query: &str,
) -> io::Result<()> {
    let hits = query::search(&harvest.index, query);
    writeln!(out, "\n`{query}`: in {}", count(hits.len(), "file"))?;
    for hit in hits.iter().take(LINES_MAX) {
        let path = &files[hit.file as usize].path;
        let shown = match path.strip_prefix(&request.root) {
            Ok(below) if !below.as_os_str().is_empty() => below,
            // One file was asked for, and is shown as it was.
            _ => path,
        };
        writeln!(out, "{:>9}  {}", hit.occurrences, shown.display())?;
    }
    if hits.len() > LINES_MAX {
        writeln!(out, "           and {} more", hits.len() - LINES_MAX)?;
    }
    Ok(())
}

/// "1 file", "2 files".
fn count<N: Display + PartialEq + From<u8>>(number: N, thing: &str) -> String {
    let plural = if number == N::from(1) { "" } else { "s" };
    format!("{number} {thing}{plural}")
}

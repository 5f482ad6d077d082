//! From a file to its words.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use tachograph::timed;

/// Files beyond this are not read: an index of words has no use for a disk image or a core dump.
const FILE_BYTES_MAX: u64 = 256 << 20;

/// Terms beyond this are left out of the index: they are encoded data, not words.
const TERM_BYTES_MAX: usize = 64;

/// As much of a file as it takes to tell text from anything else, in nearly every case.
const SNIFF_BYTES: u64 = 8 << 10;

/// What a file holds.
#[derive(Debug)]
pub(crate) enum Content {
    Text(String),
    /// It holds a zero byte in its beginning, or is not UTF-8.
    Binary,
    TooLarge,
}

/// Reads a file, and of one that is no text no more than it takes to see that.
#[timed]
pub(crate) fn read(path: &Path) -> io::Result<Content> {
    let mut file = File::open(path)?;
    let mut bytes = Vec::new();
    file.by_ref().take(SNIFF_BYTES).read_to_end(&mut bytes)?;
    if bytes.contains(&0) {
        return Ok(Content::Binary);
    }
    file.take(FILE_BYTES_MAX + 1 - bytes.len() as u64).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > FILE_BYTES_MAX {
        return Ok(Content::TooLarge);
    }
    Ok(String::from_utf8(bytes).map_or(Content::Binary, Content::Text))
}

/// The words of a line as they stand there: letters and digits of any script, and underscores.
pub(crate) fn words(line: &str) -> impl Iterator<Item = &str> {
    line.split(|c: char| !(c.is_alphanumeric() || c == '_')).filter(|word| !word.is_empty())
}

/// Puts the term for a word, which is its lower case, into `term`; false if it is too long for one.
pub(crate) fn normalise(word: &str, term: &mut String) -> bool {
    term.clear();
    if word.is_ascii() {
        term.push_str(word);
        term.make_ascii_lowercase();
    } else {
        term.extend(word.chars().flat_map(char::to_lowercase));
    }
    term.len() <= TERM_BYTES_MAX
}

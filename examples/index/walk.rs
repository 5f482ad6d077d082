//! The first stage: which files there are.
//!
//! One thread walks, in the order of file names, so that a file's position in the list identifies it
//! in every run. `.git` and directories that hold a `CACHEDIR.TAG`, such as cargo's `target`, are left
//! out. Symbolic links are not followed; one that leads nowhere counts as unreadable.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tachograph::{counter, timed};
use walkdir::{DirEntry, WalkDir};

/// Extensions that get a series of their own; the files of any further one count as `other`.
///
/// Which extensions there are is up to whoever wrote the files, and a label needs a bound.
const EXTENSIONS_MAX: usize = 24;

/// One file to read.
#[derive(Debug)]
pub(crate) struct File {
    pub(crate) path: PathBuf,
    /// The lower-case extension, `none` or `other`: a label with a bounded set of values.
    pub(crate) extension: Arc<str>,
}

/// Something that could not be read, and why.
#[derive(Debug)]
pub(crate) struct Unreadable {
    pub(crate) path: PathBuf,
    pub(crate) reason: String,
}

/// What a walk found.
#[derive(Debug, Default)]
pub(crate) struct Walk {
    pub(crate) files: Vec<File>,
    pub(crate) unreadable: Vec<Unreadable>,
}

/// Whether there is anything to walk; the message says what is wrong with the path itself.
pub(crate) fn check(root: &Path) -> Result<(), String> {
    let opened = fs::metadata(root).and_then(|found| {
        if found.is_dir() {
            fs::read_dir(root).map(|_| true)
        } else if found.is_file() {
            fs::File::open(root).map(|_| true)
        } else {
            Ok(false)
        }
    });
    match opened {
        Ok(true) => Ok(()),
        Ok(false) => Err(format!("`{}` is neither a directory nor a file", root.display())),
        Err(error) => Err(format!("cannot read `{}`: {error}", root.display())),
    }
}

/// Lists the files under `root`.
#[timed]
pub(crate) fn walk(root: &Path) -> Walk {
    let mut walk = Walk::default();
    let mut extensions = HashMap::new();
    let entries = WalkDir::new(root).sort_by_file_name().into_iter().filter_entry(is_wanted);
    for entry in entries {
        match entry {
            Ok(entry) if entry.file_type().is_file() => {
                counter!("index_files_found_total").increment(1);
                let extension = extension_label(entry.path(), &mut extensions);
                walk.files.push(File { path: entry.into_path(), extension });
            }
            Ok(entry) if entry.path_is_symlink() => {
                if let Err(error) = fs::metadata(entry.path()) {
                    walk.refuse(entry.into_path(), error.to_string());
                }
            }
            // A directory, whose files follow, or a socket, pipe or device, which holds no text.
            Ok(_) => {}
            Err(error) => {
                let path = error.path().unwrap_or(root).to_owned();
                let reason = match error.io_error() {
                    Some(error) => error.to_string(),
                    None => error.to_string(),
                };
                walk.refuse(path, reason);
            }
        }
    }
    walk
}

impl Walk {
    fn refuse(&mut self, path: PathBuf, reason: String) {
        counter!("index_files_skipped_total", "reason" => "unreadable").increment(1);
        self.unreadable.push(Unreadable { path, reason });
    }
}

fn is_wanted(entry: &DirEntry) -> bool {
    // A path that was asked for by name is always wanted.
    if entry.depth() == 0 || !entry.file_type().is_dir() {
        return true;
    }
    entry.file_name() != ".git" && !entry.path().join("CACHEDIR.TAG").is_file()
}

fn extension_label(path: &Path, known: &mut HashMap<String, Arc<str>>) -> Arc<str> {
    let extension = match path.extension() {
        Some(extension) => extension.to_string_lossy().to_lowercase(),
        None => "none".to_owned(),
    };
    if let Some(label) = known.get(&extension) {
        return Arc::clone(label);
    }
    if known.len() == EXTENSIONS_MAX {
        return Arc::from("other");
    }
    let label = Arc::from(extension.as_str());
    known.insert(extension, Arc::clone(&label));
    label
}

//! The second stage, in parallel: every file is read and tokenised by one of as many threads as
//! there are processors, each into an index of its own, and these are merged.

use std::panic;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use indicatif::ProgressBar;
use tachograph::{counter, gauge, histogram, timed};

use crate::index::Index;
use crate::text::{self, Content};
use crate::walk::{File, Unreadable};

/// What one thread, or all of them together, made of the files.
#[derive(Debug, Default)]
pub(crate) struct Harvest {
    pub(crate) index: Index,
    pub(crate) files: u64,
    pub(crate) bytes: u64,
    pub(crate) binary: u64,
    pub(crate) too_large: u64,
    pub(crate) unreadable: Vec<Unreadable>,
}

/// Indexes all files, one harvest a thread.
#[timed]
pub(crate) fn index_files(files: &[File], bar: &ProgressBar) -> Vec<Harvest> {
    let threads = thread::available_parallelism().map_or(1, |n| n.get());
    let next = AtomicUsize::new(0);
    thread::scope(|scope| {
        let workers: Vec<_> =
            (0..threads).map(|_| scope.spawn(|| index_some(files, &next, bar))).collect();
        let join = |worker: thread::ScopedJoinHandle<'_, Harvest>| {
            worker.join().unwrap_or_else(|payload| panic::resume_unwind(payload))
        };
        workers.into_iter().map(join).collect()
    })
}

/// Takes files from the common list until none is left.
fn index_some(files: &[File], next: &AtomicUsize, bar: &ProgressBar) -> Harvest {
    let mut harvest = Harvest::default();
    loop {
        // Relaxed: the number alone is handed out, and the list it points into does not change.
        let position = next.fetch_add(1, Ordering::Relaxed);
        let Some(file) = files.get(position) else { return harvest };
        let id = u32::try_from(position).expect("fewer than 2^32 files");
        gauge!("index_files_in_flight").increment(1.0);
        harvest.index_file(id, file);
        gauge!("index_files_in_flight").decrement(1.0);
        bar.inc(1);
    }
}

impl Harvest {
    #[timed]
    fn index_file(&mut self, id: u32, file: &File) {
        match text::read(&file.path) {
            Ok(Content::Text(text)) => {
                self.files += 1;
                self.bytes += text.len() as u64;
                counter!("index_files_total", "extension" => &*file.extension).increment(1);
                counter!("index_bytes_total").increment(text.len() as u64);
                histogram!("index_file_bytes").record(text.len());
                self.index.tokenise(id, &text);
            }
            Ok(Content::Binary) => {
                self.binary += 1;
                counter!("index_files_skipped_total", "reason" => "binary").increment(1);
            }
            Ok(Content::TooLarge) => {
                self.too_large += 1;
                counter!("index_files_skipped_total", "reason" => "too_large").increment(1);
            }
            Err(error) => {
                counter!("index_files_skipped_total", "reason" => "unreadable").increment(1);
                let reason = error.to_string();
                self.unreadable.push(Unreadable { path: file.path.clone(), reason });
            }
        }
    }
}

/// Makes one harvest of all.
#[timed]
pub(crate) fn merge(parts: Vec<Harvest>) -> Harvest {
    let mut whole = Harvest::default();
    for part in parts {
        whole.index.absorb(part.index);
        whole.files += part.files;
        whole.bytes += part.bytes;
        whole.binary += part.binary;
        whole.too_large += part.too_large;
        whole.unreadable.extend(part.unreadable);
    }
    whole.index.sort();
    gauge!("index_terms").set(whole.index.term_count() as f64);
    gauge!("index_postings").set(whole.index.posting_count() as f64);
    whole
}

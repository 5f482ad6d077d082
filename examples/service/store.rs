//! Texts by key.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use tachograph::{counter, gauge, histogram, timed};

/// The whole of what the service knows.
#[derive(Default)]
pub(crate) struct Store {
    texts: Mutex<HashMap<String, String>>,
}

impl Store {
    #[timed]
    pub(crate) fn get(&self, key: &str) -> Option<String> {
        let found = self.texts().get(key).cloned();
        let result = if found.is_some() { "hit" } else { "miss" };
        counter!("store_lookups_total", "result" => result).increment(1);
        found
    }

    #[timed]
    pub(crate) fn put(&self, key: &str, text: &str) {
        histogram!("store_text_bytes", buckets: [64, 1_024, 16_384]).record(text.len());
        let mut texts = self.texts();
        texts.insert(key.to_owned(), text.to_owned());
        gauge!("store_texts").set(texts.len() as f64);
    }

    /// How often a word stands in all texts: the slow one.
    #[timed]
    pub(crate) fn count(&self, word: &str) -> usize {
        self.texts().values().map(|text| occurrences(text, word)).sum()
    }

    fn texts(&self) -> std::sync::MutexGuard<'_, HashMap<String, String>> {
        self.texts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[timed(sample = 64)]
fn occurrences(text: &str, word: &str) -> usize {
    text.split(' ').filter(|one| *one == word).count()
}

//! What is read: a registry, and its past where a program keeps it.

use std::fmt;
use std::sync::{Mutex, PoisonError};

use tachograph::{History, Registry, Renderer};

/// Renderers that are kept: as many as bodies are put together at once, mostly.
const RENDERERS_KEPT: usize = 2;

/// Where responses come from.
pub(crate) struct Source {
    registry: Registry,
    #[cfg(feature = "serve")]
    api: crate::api::Source,
    /// What the last scrapes needed, for the next ones.
    kept: Mutex<Vec<Kept>>,
}

/// What one scrape leaves for the next.
struct Kept {
    renderer: Renderer,
    /// How long its body was.
    bytes: usize,
}

impl Source {
    pub(crate) fn new(registry: Registry, history: Option<History>) -> Source {
        #[cfg(not(feature = "serve"))]
        drop(history);
        Source {
            #[cfg(feature = "serve")]
            api: crate::api::Source::new(registry.clone(), history),
            registry,
            kept: Mutex::default(),
        }
    }

    /// What the page asks.
    #[cfg(feature = "serve")]
    pub(crate) fn api(&self) -> &crate::api::Source {
        &self.api
    }

    /// The bytes that `encode` makes of everything so far, collectors included; it gets room for as many as there were
    /// last time.
    pub(crate) fn encoded(
        &self,
        encode: impl FnOnce(&mut Renderer, Vec<u8>) -> Vec<u8>,
    ) -> Vec<u8> {
        // What failed is counted in the snapshot.
        let _ = self.registry.collect_all();
        // Whoever is at work at the same time has another one, so that nobody waits.
        let kept = self.kept().pop();
        let mut kept =
            kept.unwrap_or_else(|| Kept { renderer: self.registry.renderer(), bytes: 0 });
        let body = encode(&mut kept.renderer, Vec::with_capacity(kept.bytes));
        kept.bytes = body.len() + body.len() / 8;
        let mut all = self.kept();
        if all.len() < RENDERERS_KEPT {
            all.push(kept);
        }
        body
    }

    fn kept(&self) -> std::sync::MutexGuard<'_, Vec<Kept>> {
        // Poison is ignored: what panics is not done under the lock.
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Source").field("registry", &self.registry).finish_non_exhaustive()
    }
}

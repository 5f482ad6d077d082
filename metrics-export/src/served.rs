//! What can be served: a recording or a registry.

use std::sync::Arc;

use tachograph::{Recording, Registry, registry};

use crate::source::Source;

/// What can be served: what a [`Recording`] records, or a [`Registry`].
///
/// It is implemented for these two, and cannot be for others.
pub trait Served {
    #[doc(hidden)]
    fn parts(&self) -> Parts;
}

/// What an endpoint needs to know of what it serves.
#[derive(Debug)]
pub struct Parts {
    pub(crate) source: Arc<Source>,
    /// The variable that may name another address.
    #[cfg(feature = "serve")]
    pub(crate) variable: Option<String>,
}

impl Served for Recording {
    fn parts(&self) -> Parts {
        let source = Source::new(registry().clone(), self.history().cloned());
        Parts {
            source: Arc::new(source),
            #[cfg(feature = "serve")]
            variable: self.variable("LISTEN"),
        }
    }
}

impl Served for Registry {
    fn parts(&self) -> Parts {
        Parts {
            source: Arc::new(Source::new(self.clone(), None)),
            #[cfg(feature = "serve")]
            variable: None,
        }
    }
}

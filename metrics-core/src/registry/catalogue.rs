//! What registering changes, behind one lock.

use std::collections::HashMap;
use std::ops::{Deref, DerefMut};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::arena::{self, SlowPath};
use crate::registry::family::About;
use crate::registry::lint::Lint;
use crate::registry::series::Series;

/// The most lints that are kept; more of them would say nothing new.
const MAX_LINTS: usize = 200;

/// Series, what was said of families before they were there, and what was noticed.
#[derive(Debug, Default)]
pub(super) struct Catalogue {
    /// All series; sorted up to `sorted`.
    pub(super) list: Vec<&'static Series>,
    pub(super) sorted: usize,
    /// Families whose names were known only at run time.
    pub(super) names_at_run_time: usize,
    /// What was described before it was registered.
    pub(super) described: HashMap<String, About>,
    pub(super) lints: Vec<Lint>,
    /// How often anything of the above changed that snapshots have, or what is said of a family.
    pub(super) changes: u64,
}

/// Locks a catalogue, and marks this thread as being in the recorder's slow path: what the program's
/// allocator records meanwhile must not wait for this very lock.
pub(super) fn lock(catalogue: &Mutex<Catalogue>) -> Locked<'_> {
    let slow = arena::enter_slow_path();
    // Poison is ignored: what panics under the lock are allocations, between complete steps.
    Locked { catalogue: catalogue.lock().unwrap_or_else(PoisonError::into_inner), _slow: slow }
}

/// The catalogue, locked. The lock is released before the mark is taken away.
pub(super) struct Locked<'a> {
    catalogue: MutexGuard<'a, Catalogue>,
    _slow: Option<SlowPath>,
}

impl Deref for Locked<'_> {
    type Target = Catalogue;

    fn deref(&self) -> &Catalogue {
        &self.catalogue
    }
}

impl DerefMut for Locked<'_> {
    fn deref_mut(&mut self) -> &mut Catalogue {
        &mut self.catalogue
    }
}

impl Catalogue {
    /// Keeps a lint, unless it is known or there are too many.
    pub(super) fn note(&mut self, lint: Lint) {
        if self.lints.len() < MAX_LINTS && !self.lints.contains(&lint) {
            self.lints.push(lint);
            self.changes += 1;
        }
    }
}

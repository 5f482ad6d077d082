//! Who is told of each tick, and which history a registry has.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::SystemTime;

use once_cell::race::OnceBox;

use crate::arena::PerProcess;
use crate::history::axis::Nanos;
use crate::history::{History, Shared};
use crate::registry::Registry;

/// Is told of each tick, by who ticks: it shall be quick, and run nothing of the program's.
pub(crate) trait Watch: Send + Sync {
    /// `watched` is how much time the history has watched, gaps left out, in nanoseconds; `time` is that of the tick.
    fn ticked(&self, watched: Nanos, time: SystemTime);
}

/// Those of one history. A forked child has none.
#[derive(Default)]
pub(super) struct Watches(Mutex<Vec<Weak<dyn Watch>>>);

impl Watches {
    pub(super) fn add(&self, watch: Weak<dyn Watch>) {
        let mut watches = lock(&self.0);
        watches.retain(|watch| watch.strong_count() > 0);
        watches.push(watch);
    }

    pub(super) fn tell(&self, watched: Nanos, time: SystemTime) {
        let mut watches = lock(&self.0);
        let alive: Vec<Arc<dyn Watch>> = watches.iter().filter_map(Weak::upgrade).collect();
        if alive.len() < watches.len() {
            watches.retain(|watch| watch.strong_count() > 0);
        }
        drop(watches);
        // Without the lock: the last one of a watch may go here.
        alive.iter().for_each(|watch| watch.ticked(watched, time));
    }
}

/// The histories of this process, each beside the number of its registry, in the order in which they began.
type Begun = PerProcess<Mutex<Vec<(u32, Weak<Shared>)>>>;

static BEGUN: OnceBox<Begun> = OnceBox::new();

fn begun() -> MutexGuard<'static, Vec<(u32, Weak<Shared>)>> {
    let all = BEGUN.get_or_init(|| Box::new(PerProcess::new(Mutex::default())));
    lock(all.get(Mutex::default))
}

impl History {
    /// Lets itself be found by its registry.
    pub(super) fn register(&self) {
        let mut begun = begun();
        begun.retain(|(_, history)| history.strong_count() > 0);
        begun.push((self.shared.registry.number(), Arc::downgrade(&self.shared)));
    }

    /// The history of a registry that began last and is still there.
    pub(crate) fn of(registry: &Registry) -> Option<History> {
        let begun = begun();
        let mut of_it = begun.iter().rev().filter(|(number, _)| *number == registry.number());
        let found = of_it.find_map(|(_, history)| history.upgrade());
        // Without the lock: where it is the last one, it goes with whoever drops it.
        drop(begun);
        found.map(|shared| History { shared })
    }
}

impl Registry {
    /// The history of this registry that began last and is still there, if there is one.
    pub fn history(&self) -> Option<History> {
        History::of(self)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Poison is ignored: a list is whole after whatever panicked.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

//! What a forked child has anew: its parent's may be locked by a thread that does not exist there.

use once_cell::race::OnceBox;

/// A value of which every process has its own. The parent's stays behind as it was when it forked, and
/// nobody in the child touches it.
#[derive(Debug)]
pub(crate) struct PerProcess<T> {
    /// The fork generation that it was made in.
    generation: u32,
    value: T,
    /// That of a child, which may fork in its turn.
    child: OnceBox<PerProcess<T>>,
}

impl<T> PerProcess<T> {
    /// The value of this process.
    pub(crate) fn new(value: T) -> PerProcess<T> {
        super::watch_forks();
        PerProcess { generation: super::generation(), value, child: OnceBox::new() }
    }

    /// False in a child of the process that made it.
    pub(crate) fn is_of_this_process(&self) -> bool {
        self.generation == super::generation()
    }

    /// The value of the process that asks; the first to ask in a child makes it by `fresh`. Where two threads
    /// are first, one of the two values is dropped; nobody waits.
    pub(crate) fn get(&self, fresh: impl FnOnce() -> T) -> &T {
        if self.is_of_this_process() {
            return &self.value;
        }
        match self.child.get() {
            Some(child) => child.get(fresh),
            // Who else may be making one is of this process, too.
            None => &self.child.get_or_init(|| Box::new(PerProcess::new(fresh()))).value,
        }
    }
}

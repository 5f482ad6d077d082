//! What Linux says of processors, of this process and of its control group, read below one root.

mod cgroup;
mod proc;
#[cfg(test)]
mod tests;

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::system::descriptor::{
    CONTAINER_CPU_LIMIT, CONTAINER_MEMORY_LIMIT, CONTAINER_MEMORY_USED, CPU_COUNT, CPU_PERCENT,
    PROCESS_CPU_PERCENT, PROCESS_CPU_SECONDS, PROCESS_MAX_FDS, PROCESS_OPEN_FDS, PROCESS_RESIDENT,
    PROCESS_START, PROCESS_THREADS, PROCESS_VIRTUAL,
};
use crate::system::linux::cgroup::Group;
use crate::system::linux::proc::{Process, Processors};
use crate::system::page::{Page, Unreadable};
use crate::system::share::Share;

/// The longest file that is read; one that is longer is taken for unreadable.
const LENGTH_MAX: u64 = 1 << 20;

/// What is read, and what was read before.
#[derive(Debug)]
pub(super) struct Platform {
    root: PathBuf,
    processors: Share,
    process: Share,
}

impl Default for Platform {
    fn default() -> Platform {
        Platform::below(Path::new("/"))
    }
}

impl Platform {
    /// Reads `proc` and `sys` in that folder.
    fn below(root: &Path) -> Platform {
        Platform { root: root.to_owned(), processors: Share::default(), process: Share::default() }
    }

    pub(super) fn collect(&mut self, page: &mut Page, now: Duration) {
        let processors = Processors::read(&self.root);
        self.processors(page, now, processors);
        self.process(page, now, processors);
        self.container(page);
    }

    fn processors(
        &mut self,
        page: &mut Page,
        now: Duration,
        processors: Result<Processors, Unreadable>,
    ) {
        let percent = processors
            .map(|processors| self.processors.look(now, processors.busy, processors.whole))
            .inspect_err(|_| self.processors.forget());
        page.level(&CPU_PERCENT, percent);
        page.level(&CPU_COUNT, processors.map(|processors| Some(processors.count)));
    }

    fn process(
        &mut self,
        page: &mut Page,
        now: Duration,
        processors: Result<Processors, Unreadable>,
    ) {
        let process = Process::read(&self.root);
        let percent = process
            .cpu_seconds
            .map(|used| self.process.look(now, used, now.as_secs_f64()))
            .inspect_err(|_| self.process.forget());
        let start = processors.and_then(|machine| Ok(machine.booted + process.since_boot?));
        page.level(&PROCESS_CPU_PERCENT, percent);
        page.level(&PROCESS_CPU_SECONDS, process.cpu_seconds.map(Some));
        page.level(&PROCESS_START, start.map(Some));
        page.level(&PROCESS_RESIDENT, process.resident.map(Some));
        page.level(&PROCESS_VIRTUAL, process.address_space.map(Some));
        page.level(&PROCESS_THREADS, process.threads.map(Some));
        page.level(&PROCESS_OPEN_FDS, process.descriptors.map(Some));
        page.level(&PROCESS_MAX_FDS, process.descriptors_max);
    }

    fn container(&mut self, page: &mut Page) {
        let [memory_limit, memory_used, cpu_limit] = match Group::find(&self.root) {
            Ok(Some(group)) => [group.memory_limit(), group.memory_used(), group.cpu_limit()],
            Ok(None) => [Ok(None); 3],
            Err(unreadable) => [Err(unreadable); 3],
        };
        page.level(&CONTAINER_MEMORY_LIMIT, memory_limit);
        page.level(&CONTAINER_MEMORY_USED, memory_used);
        page.level(&CONTAINER_CPU_LIMIT, cpu_limit);
    }
}

/// The text of a file. Names of processes in it can be any bytes.
fn text(path: &Path) -> io::Result<String> {
    let mut bytes = Vec::new();
    File::open(path)?.take(LENGTH_MAX + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > LENGTH_MAX {
        return Err(io::Error::other("too long"));
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

//! Processors and the process where there is no `/proc` of Linux: as far as `sysinfo` knows them.

use std::time::Duration;

use sysinfo::{Pid, Process, ProcessRefreshKind, ProcessesToUpdate, System};

use crate::system::descriptor::{
    CPU_COUNT, CPU_PERCENT, PROCESS_CPU_PERCENT, PROCESS_CPU_SECONDS, PROCESS_RESIDENT,
    PROCESS_START, PROCESS_VIRTUAL,
};
use crate::system::page::{Page, Unreadable};
use crate::system::share::{APART, Share};

/// What is asked of `sysinfo` beside the machine.
#[derive(Default)]
pub(super) struct Platform {
    processors: System,
    /// When the processors were looked at, and whether that was the second time at least.
    looked: Option<Duration>,
    is_known: bool,
    process: Share,
}

impl Platform {
    pub(super) fn collect(&mut self, page: &mut Page, now: Duration) {
        if self.looked.is_none_or(|then| now.saturating_sub(then) >= APART) {
            self.processors.refresh_cpu_usage();
            self.is_known = self.looked.replace(now).is_some();
        }
        let count = self.processors.cpus().len();
        let percent = self.is_known.then(|| f64::from(self.processors.global_cpu_usage()));
        let if_any = |value: Option<f64>| if count == 0 { Err(Unreadable) } else { Ok(value) };
        page.level(&CPU_COUNT, if_any(Some(count as f64)));
        page.level(&CPU_PERCENT, if_any(percent));
        self.process(page, now);
    }

    fn process(&mut self, page: &mut Page, now: Duration) {
        let mut system = System::new();
        let pid = Pid::from_u32(std::process::id());
        let wanted = ProcessRefreshKind::nothing().with_cpu().with_memory();
        system.refresh_processes_specifics(ProcessesToUpdate::Some(&[pid]), false, wanted);
        let process = system.process(pid).ok_or(Unreadable);
        // None of these is ever zero, and `sysinfo` says zero for what it could not read.
        let size = |value: fn(&Process) -> u64| match process.map(value)? {
            0 => Err(Unreadable),
            value => Ok(Some(value as f64)),
        };

        let seconds = process.map(|process| process.accumulated_cpu_time() as f64 / 1e3);
        let percent = seconds.map(|used| self.process.look(now, used, now.as_secs_f64()));
        page.level(&PROCESS_CPU_SECONDS, seconds.map(Some));
        page.level(&PROCESS_CPU_PERCENT, percent);
        page.level(&PROCESS_RESIDENT, size(Process::memory));
        page.level(&PROCESS_VIRTUAL, size(Process::virtual_memory));
        page.level(&PROCESS_START, size(Process::start_time));
    }
}

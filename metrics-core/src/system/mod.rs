//! The machine, this process and its container as series, where a program asks for them.
//!
//! One collection looks at everything once and writes it into a registry, as any user of the crate could: through
//! handles. `sysinfo` knows memory, disks and networks; what Linux says of processors, of the process and of its cgroup is
//! read here, since only so a file that cannot be read is told from a zero. What is not known is left out, never zero.
//! Nothing happens before it is asked for, and nothing that records waits for it.

mod builder;
mod descriptor;
#[cfg(not(target_os = "linux"))]
mod elsewhere;
#[cfg(target_os = "linux")]
mod linux;
mod machine;
mod page;
mod share;

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

pub use builder::SystemMetricsBuilder;

use crate::arena::PerProcess;
use crate::clock;
use crate::error::Error;
use crate::registry::Registry;
use crate::system::builder::Info;
#[cfg(not(target_os = "linux"))]
use crate::system::elsewhere::Platform;
#[cfg(target_os = "linux")]
use crate::system::linux::Platform;
use crate::system::machine::Machine;
use crate::system::page::Page;
use crate::ticker::Ticker;

/// What the machine, this process and its container are doing, as series of a registry.
///
/// A thread collects them at [each interval](SystemMetricsBuilder::interval), or their owner does by
/// [`collect`](SystemMetrics::collect). `docs/system.md` in the repository has a table of all names.
///
/// # Units
///
/// Bytes, seconds, and percent from 0 to 100; `process_cpu_percent` is 100 for each processor that is kept busy.
///
/// What cannot be read is left out and counted in `tachograph_system_unreadable_total{what="…"}`, by the name that
/// lacks its value. A percentage of processor time is left out, and not counted, until two looks were a quarter of a second apart.
///
/// A forked child has no thread that collects; it may call [`collect`](SystemMetrics::collect).
///
/// # Examples
///
/// ```
/// use tachograph::{Registry, SystemMetrics};
///
/// let registry = Registry::new();
/// let system = SystemMetrics::builder().registry(&registry).build_info("1.4.0", "9f2c1ab").build()?;
/// system.collect();
///
/// let snapshot = registry.snapshot();
/// let build = [("version", "1.4.0"), ("revision", "9f2c1ab")];
/// assert_eq!(snapshot.gauge("build_info", &build), Some(1.0));
/// # if cfg!(target_os = "linux") {
/// assert!(snapshot.gauge("system_memory_total_bytes", &[]) > Some(0.0));
/// # }
/// # Ok::<(), tachograph::Error>(())
/// ```
#[must_use = "its thread ends when it is dropped; write `let _system = …`"]
pub struct SystemMetrics {
    collector: Arc<Collector>,
    ticker: Option<Ticker>,
    process: u32,
}

/// What collects, for whoever asks.
struct Collector {
    registry: Registry,
    infos: Vec<Info>,
    /// A child's parent may have been collecting while it forked.
    looks: PerProcess<Mutex<Looks>>,
}

/// What one collection leaves for the next.
struct Looks {
    page: Page,
    machine: Machine,
    platform: Platform,
}

impl SystemMetrics {
    /// Settings: the global registry, every 30 seconds, no information on the build.
    pub fn builder() -> SystemMetricsBuilder {
        SystemMetricsBuilder::default()
    }

    fn new(registry: Registry, infos: Vec<Info>) -> SystemMetrics {
        let looks = PerProcess::new(Mutex::new(Looks::new(&registry)));
        let collector = Arc::new(Collector { registry, infos, looks });
        SystemMetrics { collector, ticker: None, process: std::process::id() }
    }

    fn start(mut self, interval: Duration) -> Result<SystemMetrics, Error> {
        let collector = Arc::clone(&self.collector);
        let work = move || collector.collect();
        let ticker = Ticker::start("tachograph-system", Duration::ZERO, interval, work);
        self.ticker = Some(ticker.map_err(|error| {
            Error::overflow(format!(
                "cannot start the thread `tachograph-system`: {error}; use `build` and call `collect`"
            ))
        })?);
        Ok(self)
    }

    /// Collects once, now, in this thread. It reads files of the system and asks each file system for its size: not for a
    /// thread that must not wait.
    pub fn collect(&self) {
        self.collector.collect();
    }

    /// Ends the thread, if there is one, and waits for the collection that it may be at. What was collected stays in the
    /// registry, and [`collect`](SystemMetrics::collect) still works. Dropping does the same.
    pub fn stop(&mut self) {
        self.ticker = None;
    }
}

impl Collector {
    fn collect(&self) {
        let looks = self.looks.get(|| Mutex::new(Looks::new(&self.registry)));
        let mut looks = looks.lock().unwrap_or_else(PoisonError::into_inner);
        let Looks { page, machine, platform } = &mut *looks;
        for info in &self.infos {
            // A child's series begin from nothing, and who is silent is idle, so it is said again each time.
            info.show(page);
        }
        platform.collect(page, clock::steady());
        machine.collect(page);
        page.end();
    }
}

impl Looks {
    fn new(registry: &Registry) -> Looks {
        Looks {
            page: Page::new(registry.clone()),
            machine: Machine::default(),
            platform: Platform::default(),
        }
    }
}

impl Drop for SystemMetrics {
    fn drop(&mut self) {
        if self.process != std::process::id() {
            // Another thread of the parent may have been changing it while this child was made.
            std::mem::forget(Arc::clone(&self.collector));
        }
    }
}

impl fmt::Debug for SystemMetrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SystemMetrics")
            .field("registry", &self.collector.registry)
            .field("is_started", &self.ticker.is_some())
            .finish_non_exhaustive()
    }
}

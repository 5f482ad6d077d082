//! The thread of the machine's series: in a process of its own, in which nobody else has threads or files.

#![cfg(target_os = "linux")]

use std::fs;
use std::time::{Duration, Instant};

use tachograph::{Registry, SystemMetrics};

/// Far more than anything here takes.
const PATIENCE: Duration = Duration::from_secs(20);

/// How many threads and file descriptors this process has.
fn held() -> (usize, usize) {
    let count = |folder| fs::read_dir(folder).unwrap().count();
    (count("/proc/self/task"), count("/proc/self/fd"))
}

/// How many threads have that name, cut to what the kernel keeps of it.
fn named(name: &str) -> usize {
    let tasks = fs::read_dir("/proc/self/task").unwrap();
    let names = tasks.filter_map(|task| fs::read_to_string(task.ok()?.path().join("comm")).ok());
    names.filter(|found| found.trim() == &name[..name.len().min(15)]).count()
}

/// Waits until it is so. It has to be soon.
fn wait_until(what: &str, is_so: impl Fn() -> bool) {
    let began = Instant::now();
    while !is_so() {
        assert!(began.elapsed() < PATIENCE, "{what}");
        std::thread::yield_now();
    }
}

#[test]
fn starts_and_stops_leave_nothing_behind() {
    let registry = Registry::new();
    let builder = SystemMetrics::builder().registry(&registry);
    // Whatever is made once.
    builder.clone().build().unwrap().collect();
    let before = held();
    for round in 0..1_000 {
        if round % 10 == 0 {
            // The kernel takes a thread off its list a moment after it was joined.
            wait_until("all threads are gone", || held() == before);
            registry.remove("process_threads");
        }
        let mut system = builder.clone().start().unwrap();
        if round % 10 == 0 {
            let threads = || registry.snapshot().gauge("process_threads", &[]);
            wait_until("it collects at once", || threads().is_some());
            assert_eq!(threads(), Some(before.0 as f64 + 1.0), "one thread is started");
            assert_eq!(named("tachograph-system"), 1);
        }
        if round % 2 == 0 {
            system.stop();
            system.stop();
        }
    }
    wait_until("all threads are gone", || held() == before);
}

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicU32;
use std::sync::atomic::Ordering::Relaxed;

use super::*;
use crate::registry::Registry;
use crate::snapshot::Snapshot;
use crate::system::page::Found;

/// A folder that stands for `/`, gone at the end.
struct Root(PathBuf);

impl Root {
    fn new() -> Root {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        // Relaxed: a number that stands alone.
        let name = format!("tachograph-{}-{}", std::process::id(), NEXT.fetch_add(1, Relaxed));
        let root = std::env::temp_dir().join(name);
        fs::create_dir_all(&root).unwrap();
        Root(root)
    }

    /// A machine of two processors, and this process in a group two levels down.
    fn with_all() -> Root {
        let root = Root::new();
        root.write_all();
        root
    }

    fn write_all(&self) {
        for (path, text) in [
            (
                "proc/stat",
                "cpu  100 0 100 700 100 0 0 0 50 0\ncpu0 1 2\ncpu1 1 2\nintr 5\nbtime 1000\n",
            ),
            (
                "proc/self/stat",
                "7 (a) S 1 (b) S 1 2 3 4 5 6 7 8 9 10 150 50 0 0 20 0 1 0 2500 9 9\n",
            ),
            ("proc/self/status", "Name:\ta\nVmSize:\t  40 kB\nVmRSS:\t  10 kB\nThreads:\t3\n"),
            ("proc/self/limits", "Limit  Soft Hard Units\nMax open files    1024   4096   files\n"),
            ("proc/self/fd/0", ""),
            ("proc/self/fd/1", ""),
            ("proc/self/fd/2", ""),
            ("proc/self/cgroup", "1:cpu:/other\n0::/outer/own\n"),
            ("sys/fs/cgroup/cgroup.controllers", "cpu memory\n"),
            ("sys/fs/cgroup/outer/memory.max", "max\n"),
            ("sys/fs/cgroup/outer/cpu.max", "150000 100000\n"),
            ("sys/fs/cgroup/outer/own/memory.max", "4096\n"),
            ("sys/fs/cgroup/outer/own/memory.current", "1024\n"),
            ("sys/fs/cgroup/outer/own/cpu.max", "max 100000\n"),
        ] {
            self.write(path, text.as_bytes());
        }
    }

    fn write(&self, path: &str, bytes: &[u8]) {
        let path = self.0.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }

    fn remove(&self, path: &str) {
        let path = self.0.join(path);
        if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) }.unwrap();
    }
}

impl Drop for Root {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// A registry, and what is collected into it from a folder.
struct Collected {
    registry: Registry,
    page: Page,
    platform: Platform,
}

impl Collected {
    fn below(root: &Path) -> Collected {
        let registry = Registry::new();
        let page = Page::new(registry.clone());
        Collected { registry, page, platform: Platform::below(root) }
    }

    fn at(&mut self, seconds: u64) -> Snapshot {
        self.platform.collect(&mut self.page, Duration::from_secs(seconds));
        self.page.end();
        self.registry.snapshot()
    }
}

/// How often a name was counted as unreadable.
fn unreadable(snapshot: &Snapshot, name: &str) -> u64 {
    let labels = [("what", name)];
    snapshot.counter("tachograph_system_unreadable_total", &labels).unwrap_or(0)
}

#[test]
fn each_value_is_that_of_its_file() {
    let root = Root::with_all();
    let mut collected = Collected::below(&root.0);
    let first = collected.at(10);
    assert_eq!(first.gauge("system_cpu_percent", &[]), None, "one look says nothing");
    assert_eq!(first.gauge("process_cpu_percent", &[]), None, "one look says nothing");

    // Of 400 ticks 100 were idle and 100 waited; the process had 3 of 4 seconds.
    root.write("proc/stat", b"cpu  200 0 200 800 200 0 0 0 50 0\ncpu0 1\ncpu1 1\nbtime 1000\n");
    root.write("proc/self/stat", b"7 (a) S 1 2 3 4 5 6 7 8 9 10 400 100 0 0 20 0 1 0 2500 9\n");
    let second = collected.at(14);
    for (name, expected) in [
        ("system_cpu_percent", 50.0),
        ("system_cpu_count", 2.0),
        ("process_cpu_seconds_total", 5.0),
        ("process_cpu_percent", 75.0),
        ("process_start_time_seconds", 1025.0),
        ("process_resident_memory_bytes", 10.0 * 1024.0),
        ("process_virtual_memory_bytes", 40.0 * 1024.0),
        ("process_threads", 3.0),
        ("process_open_fds", 2.0),
        ("process_max_fds", 1024.0),
        ("container_memory_limit_bytes", 4096.0),
        ("container_memory_used_bytes", 1024.0),
        ("container_cpu_limit_cores", 1.5),
    ] {
        assert_eq!(second.gauge(name, &[]), Some(expected), "{name}");
        assert_eq!(unreadable(&second, name), 0, "{name}");
    }
}

#[test]
fn what_can_no_longer_be_read_is_taken_away_counted_and_comes_back() {
    let lost = [
        ("proc/stat", vec!["system_cpu_percent", "system_cpu_count", "process_start_time_seconds"]),
        ("proc/self/status", vec!["process_threads", "process_resident_memory_bytes"]),
        ("proc/self/limits", vec!["process_max_fds"]),
        ("proc/self/fd", vec!["process_open_fds"]),
        ("proc/self/stat", vec!["process_cpu_seconds_total", "process_cpu_percent"]),
        ("sys/fs/cgroup/outer", vec!["container_memory_used_bytes", "container_cpu_limit_cores"]),
    ];
    for (path, names) in lost {
        let root = Root::with_all();
        let mut collected = Collected::below(&root.0);
        collected.at(1);
        // Time goes on for the processors, too.
        root.write("proc/stat", b"cpu  100 0 100 900 100 0 0 0\ncpu0 1\nbtime 1000\n");
        let before = collected.at(2);
        root.remove(path);
        let after = collected.at(3);
        for name in &names {
            assert!(before.gauge(name, &[]).is_some(), "{name} was not there before");
            assert_eq!(after.gauge(name, &[]), None, "{name} without {path}");
            assert_eq!((unreadable(&before, name), unreadable(&after, name)), (0, 1), "{name}");
        }
        root.write_all();
        root.write("proc/stat", b"cpu  100 0 100 1100 100 0 0 0\ncpu0 1\nbtime 1000\n");
        let again = collected.at(4);
        for name in names.iter().filter(|name| !name.ends_with("cpu_percent")) {
            assert!(again.gauge(name, &[]).is_some(), "{name} did not come back");
        }
        let percents = names.iter().filter(|name| name.ends_with("cpu_percent"));
        for name in percents {
            assert_eq!(again.gauge(name, &[]), None, "{name} after one look");
            assert_eq!(unreadable(&again, name), 1, "{name}");
        }
    }
}

#[test]
fn a_limit_that_makes_no_sense_is_unreadable_and_none_is_none() {
    type Limit = (&'static str, &'static str);
    const MEMORY: Limit = ("sys/fs/cgroup/outer/own/memory.max", "container_memory_limit_bytes");
    const USED: Limit = ("sys/fs/cgroup/outer/own/memory.current", "container_memory_used_bytes");
    const CPU: Limit = ("sys/fs/cgroup/outer/own/cpu.max", "container_cpu_limit_cores");
    let long = [b"4096\n".to_vec(), vec![b' '; LENGTH_MAX as usize]].concat();
    let cases: [(Limit, &[u8], Found<f64>); 20] = [
        (MEMORY, b"0\n", Ok(Some(0.0))),
        (MEMORY, b"18446744073709551615\n", Ok(Some(u64::MAX as f64))),
        (MEMORY, b"max\n", Ok(None)),
        (MEMORY, b"18446744073709551616\n", Err(Unreadable)),
        (MEMORY, b"-1\n", Err(Unreadable)),
        (MEMORY, b"", Err(Unreadable)),
        (MEMORY, b"\xff\xfe\0", Err(Unreadable)),
        (MEMORY, b"4096\n4096\n", Err(Unreadable)),
        (MEMORY, b"1e9\n", Err(Unreadable)),
        (MEMORY, &long, Err(Unreadable)),
        (USED, b"max\n", Err(Unreadable)),
        (USED, b"0\n", Ok(Some(0.0))),
        (CPU, b"50000 100000\n", Ok(Some(0.5))),
        // That of the group above is lower.
        (CPU, b"900000 100000\n", Ok(Some(1.5))),
        (CPU, b"max 100000\n", Ok(Some(1.5))),
        (CPU, b"50000 0\n", Err(Unreadable)),
        (CPU, b"50000\n", Err(Unreadable)),
        (CPU, b"50000 NaN\n", Err(Unreadable)),
        (CPU, b"inf 100000\n", Err(Unreadable)),
        (CPU, b"1 2 3\n", Err(Unreadable)),
    ];
    for ((path, name), bytes, expected) in cases {
        let root = Root::with_all();
        root.write(path, bytes);
        let said = String::from_utf8_lossy(&bytes[..bytes.len().min(40)]);
        check(&root, name, expected, &format!("{path}: {said:?}"));
    }

    let root = Root::with_all();
    root.remove(MEMORY.0);
    check(&root, MEMORY.1, Ok(None), "without the controller");
    fs::create_dir(root.0.join(MEMORY.0)).unwrap();
    check(&root, MEMORY.1, Err(Unreadable), "a folder in place of the file");
}

#[test]
fn a_group_that_cannot_be_seen_has_no_limits() {
    let cases = [
        ("0::/outer/own\n", Ok(Some(1024.0))),
        // The root has no such files on a machine.
        ("0::/\n", Ok(None)),
        ("4:memory:/outer/own\n", Ok(None)),
        ("", Ok(None)),
        ("0::/../outer/own\n", Err(Unreadable)),
        ("0::/outer/../outer/own\n", Err(Unreadable)),
        ("0::outer/own\n", Err(Unreadable)),
        ("0:://outer/own\n", Err(Unreadable)),
        ("0::/elsewhere\n", Err(Unreadable)),
        ("0::/outer/own (deleted)\n", Err(Unreadable)),
    ];
    for (groups, expected) in cases {
        let root = Root::with_all();
        root.write("proc/self/cgroup", groups.as_bytes());
        check(&root, "container_memory_used_bytes", expected, groups);
    }

    let root = Root::with_all();
    root.remove("sys/fs/cgroup/cgroup.controllers");
    check(&root, "container_memory_used_bytes", Ok(None), "the first version of control groups");
}

#[test]
fn files_of_proc_that_make_no_sense_are_unreadable() {
    let cases: [(&str, &[u8], &str); 12] = [
        ("proc/stat", b"", "system_cpu_count"),
        ("proc/stat", b"cpu  1 2 3\nbtime 5\n", "system_cpu_count"),
        ("proc/stat", b"cpu  1 2 3 x 5\nbtime 5\n", "system_cpu_count"),
        ("proc/stat", b"cpu  1 2 3 4 5\n", "process_start_time_seconds"),
        ("proc/self/stat", b"7 a S 1", "process_cpu_seconds_total"),
        ("proc/self/stat", b"7 (a) S 1 2 3", "process_cpu_seconds_total"),
        ("proc/self/stat", b"7 (a) S 1 2 3 4 5 6 7 8 9 10 -4 100", "process_cpu_seconds_total"),
        ("proc/self/status", b"VmRSS:\t10 MB\n", "process_resident_memory_bytes"),
        ("proc/self/status", b"VmRSS:\n", "process_resident_memory_bytes"),
        ("proc/self/status", b"Threads:\tmany\n", "process_threads"),
        ("proc/self/limits", b"Max open files\n", "process_max_fds"),
        ("proc/self/limits", b"Max open files  -1 -1 files\n", "process_max_fds"),
    ];
    for (path, bytes, name) in cases {
        let root = Root::with_all();
        root.write(path, bytes);
        check(&root, name, Err(Unreadable), &String::from_utf8_lossy(bytes));
    }

    let root = Root::with_all();
    root.write("proc/self/limits", b"Max open files  unlimited unlimited files\n");
    check(&root, "process_max_fds", Ok(None), "no limit");
    root.write("proc/self/stat", b"7 (\xff) ) S 1 2 3 4 5 6 7 8 9 10 400 100 0 0 20 0 1 0 25 9\n");
    check(&root, "process_cpu_seconds_total", Ok(Some(5.0)), "a name of any bytes");
}

/// One collection shows that value of that name, or nothing, and counts it where it is unreadable.
fn check(root: &Root, name: &str, expected: Found<f64>, case: &str) {
    let snapshot = Collected::below(&root.0).at(1);
    assert_eq!(snapshot.gauge(name, &[]), expected.ok().flatten(), "{name}, {case}");
    assert_eq!(unreadable(&snapshot, name), u64::from(expected.is_err()), "{name}, {case}");
}

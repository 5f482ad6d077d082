//! The series of the machine and the process, held against what `/proc` says before and after.

#![cfg(target_os = "linux")]

#[path = "support/child.rs"]
mod child;

use std::collections::BTreeSet;
use std::ffi::CString;
use std::fs;
use std::time::{Duration, Instant};

use tachograph::{Format, Kind, Naming, Registry, Snapshot, SystemMetrics, Unit};

const PATIENCE: Duration = Duration::from_secs(20);

/// A registry, and what collects into it without a thread.
fn apart() -> (Registry, SystemMetrics) {
    let registry = Registry::new();
    let system = SystemMetrics::builder().registry(&registry).build().unwrap();
    (registry, system)
}

fn level(snapshot: &Snapshot, name: &str) -> f64 {
    snapshot.gauge(name, &[]).unwrap_or_else(|| panic!("no {name}"))
}

/// The first number in the line of a file that begins so.
fn said(file: &str, line: &str) -> f64 {
    let text = fs::read_to_string(file).unwrap();
    let rest = text.lines().find_map(|found| found.strip_prefix(line)).unwrap();
    rest.split_whitespace().next().unwrap().parse().unwrap()
}

/// The processor time of this process in seconds, as the C library tells it.
fn cpu_seconds() -> f64 {
    let mut usage = std::mem::MaybeUninit::<libc::rusage>::zeroed();
    // SAFETY: the pointer is to a whole `rusage`.
    assert_eq!(unsafe { libc::getrusage(libc::RUSAGE_SELF, usage.as_mut_ptr()) }, 0);
    // SAFETY: all zeros is one, and it was filled.
    let usage = unsafe { usage.assume_init() };
    let seconds = |time: libc::timeval| time.tv_sec as f64 + time.tv_usec as f64 / 1e6;
    seconds(usage.ru_utime) + seconds(usage.ru_stime)
}

/// The size of a file system.
fn disk_bytes(mount: &str) -> f64 {
    let path = CString::new(mount).unwrap();
    let mut stat = std::mem::MaybeUninit::<libc::statvfs>::zeroed();
    // SAFETY: a text that ends in zero, and the pointer is to a whole `statvfs`.
    assert_eq!(unsafe { libc::statvfs(path.as_ptr(), stat.as_mut_ptr()) }, 0);
    // SAFETY: all zeros is one, and it was filled.
    let stat = unsafe { stat.assume_init() };
    stat.f_blocks as f64 * stat.f_frsize as f64
}

/// Keeps a processor busy until it has used so much more time.
fn work(seconds: f64) {
    let until = cpu_seconds() + seconds;
    while cpu_seconds() < until {
        std::hint::black_box((0..10_000_u64).sum::<u64>());
    }
}

#[test]
fn gauges_lie_between_two_looks_of_another() {
    const KIB: f64 = 1024.0;
    type Look = fn() -> f64;
    let watched: [(&str, Look); 8] = [
        ("process_cpu_seconds_total", cpu_seconds),
        ("process_virtual_memory_bytes", || said("/proc/self/status", "VmSize:") * KIB),
        ("process_resident_memory_bytes", || said("/proc/self/status", "VmRSS:") * KIB),
        ("process_threads", || said("/proc/self/status", "Threads:")),
        ("process_open_fds", || fs::read_dir("/proc/self/fd").unwrap().count() as f64 - 1.0),
        ("process_max_fds", || said("/proc/self/limits", "Max open files")),
        ("system_memory_total_bytes", || said("/proc/meminfo", "MemTotal:") * KIB),
        ("system_memory_available_bytes", || said("/proc/meminfo", "MemAvailable:") * KIB),
    ];
    let (registry, system) = apart();
    work(0.1);
    for (name, look) in watched {
        // The kernel counts in hundredths of a second what `getrusage` knows exactly.
        let slack = if name.ends_with("_seconds_total") { 0.03 } else { 0.0 };
        // Other tests and programs change what is between two looks; a wrong value stays wrong.
        let mut tries = (0..200).map(|_| {
            let before = look();
            system.collect();
            let (after, found) = (look(), level(&registry.snapshot(), name));
            (before.min(after) - slack..=before.max(after) + slack, found)
        });
        let is_between = tries.any(|(range, found)| found > 0.0 && range.contains(&found));
        assert!(is_between, "{name} was {} last", level(&registry.snapshot(), name));
    }
    let seconds = level(&registry.snapshot(), "process_cpu_seconds_total");
    assert!(seconds >= 0.07, "{seconds}: fractions of a second are kept");
}

#[test]
fn memory_and_disks_add_up() {
    let (registry, system) = apart();
    system.collect();
    let snapshot = registry.snapshot();
    let total = level(&snapshot, "system_memory_total_bytes");
    let available = level(&snapshot, "system_memory_available_bytes");
    let used = level(&snapshot, "system_memory_used_bytes");
    assert_eq!(used, total - available);
    assert_eq!(level(&snapshot, "system_memory_used_percent"), 100.0 * used / total);

    let mounts = fs::read_to_string("/proc/mounts").unwrap();
    let mounted = |mount: &str| {
        let escaped = mount.replace(' ', "\\040");
        let device = mounts.lines().rfind(|line| line.split(' ').nth(1) == Some(&escaped));
        device.unwrap_or_else(|| panic!("{mount} is not mounted")).split(' ').next().unwrap()
    };
    let mut devices = BTreeSet::new();
    for series in snapshot.series() {
        let Some(mount) = series.labels().get("mount") else { continue };
        let label = [("mount", mount)];
        let total = snapshot.gauge("system_disk_total_bytes", &label).unwrap();
        let used = snapshot.gauge("system_disk_used_bytes", &label).unwrap();
        let percent = snapshot.gauge("system_disk_used_percent", &label).unwrap();
        assert_eq!(total, disk_bytes(mount), "{mount}");
        assert!((0.0..=total).contains(&used), "{mount}: {used} of {total}");
        assert_eq!(percent, 100.0 * used / total, "{mount}");
        if series.name() == "system_disk_total_bytes" {
            assert!(devices.insert(mounted(mount)), "{mount} is of a device that was there before");
        }
    }
    assert!(!devices.is_empty() || !mounted("/").starts_with("/dev/"), "{mounts}");
}

#[test]
fn counters_of_networks_never_go_back() {
    let (registry, system) = apart();
    let counted = |interface: &str, file: &str| {
        let path = format!("/sys/class/net/{interface}/statistics/{file}");
        fs::read_to_string(path).unwrap().trim().parse::<u64>().unwrap()
    };
    let files = [
        ("system_network_received_bytes_total", "rx_bytes"),
        ("system_network_sent_bytes_total", "tx_bytes"),
        ("system_network_received_packets_total", "rx_packets"),
        ("system_network_sent_packets_total", "tx_packets"),
    ];
    for entry in fs::read_dir("/sys/class/net").unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        if !fs::exists(format!("/sys/class/net/{name}/statistics")).unwrap() {
            continue;
        }
        let before = files.map(|(_, file)| counted(&name, file));
        system.collect();
        let after = files.map(|(_, file)| counted(&name, file));
        let snapshot = registry.snapshot();
        for (((series, _), before), after) in files.into_iter().zip(before).zip(after) {
            match snapshot.counter(series, &[("interface", &name)]) {
                Some(found) => {
                    assert!((before..=after).contains(&found), "{series}, {name}: {found}")
                }
                None => assert_eq!(before, 0, "{series}, {name}"),
            }
        }
    }
}

#[test]
fn percentages_come_with_the_second_look() {
    let (registry, system) = apart();
    let began = Instant::now();
    system.collect();
    let first = registry.snapshot();
    assert_eq!(first.gauge("process_cpu_percent", &[]), None);
    assert_eq!(first.gauge("system_cpu_percent", &[]), None);
    work(0.5);
    system.collect();
    let elapsed = began.elapsed().as_secs_f64();
    let second = registry.snapshot();
    let processors = level(&second, "system_cpu_count");
    let (machine, process) =
        (level(&second, "system_cpu_percent"), level(&second, "process_cpu_percent"));
    assert!(machine > 0.0 && machine <= 100.0, "{machine}");
    // It had half a second at least, and each processor can have given it all of its time, but for ticks.
    let range = 100.0 * 0.45 / elapsed..=110.0 * processors;
    assert!(range.contains(&process), "{process} of {processors} processors is not in {range:?}");
}

#[test]
fn the_process_began_after_the_machine_and_before_now() {
    // SAFETY: asks for a number.
    let ticks = unsafe { libc::sysconf(libc::_SC_CLK_TCK) } as f64;
    let stat = fs::read_to_string("/proc/self/stat").unwrap();
    let began: f64 = stat.rsplit_once(')').unwrap().1.split(' ').nth(20).unwrap().parse().unwrap();
    let (registry, system) = apart();
    system.collect();
    let found = level(&registry.snapshot(), "process_start_time_seconds");
    let expected = said("/proc/stat", "btime ") + began / ticks;
    // The moment of the boot moves by a second where the clock is set.
    assert!((found - expected).abs() <= 1.5, "{found} is not {expected}");
    let now = std::time::UNIX_EPOCH.elapsed().unwrap().as_secs_f64();
    assert!(found <= now + 1.5, "{found} is after {now}");
}

#[test]
fn names_are_described_and_read_by_every_format() {
    let registry = Registry::new();
    let attributes = [("service.name", "shop \"north\"\n")];
    let builder = SystemMetrics::builder().registry(&registry);
    let builder = builder.build_info("0", "0").build_info("1.4.0", "9f2c1ab");
    let system = builder.target_info(&attributes).build().unwrap();
    system.collect();
    let snapshot = registry.snapshot();
    let build = [("version", "1.4.0"), ("revision", "9f2c1ab")];
    assert_eq!(snapshot.gauge("build_info", &build), Some(1.0));
    assert_eq!(snapshot.gauge("target_info", &attributes), Some(1.0));
    let ours = |name: &str| !name.starts_with("tachograph_") || name.contains("_system_");
    for series in snapshot.series().iter().filter(|series| ours(series.name())) {
        let name = series.name();
        assert!(series.description().is_some_and(|text| text.ends_with('.')), "{name}");
        let expected = match name.trim_end_matches("_total") {
            // The recommended naming would append it.
            "process_cpu_seconds" => None,
            bytes if bytes.ends_with("_bytes") => Some(Unit::Bytes),
            percent if percent.ends_with("_percent") => Some(Unit::Percent),
            seconds if seconds.ends_with("_seconds") => Some(Unit::Seconds),
            other if other.ends_with("_info") || other.ends_with("_cores") => None,
            _ => Some(Unit::Count),
        };
        assert_eq!(series.unit(), expected, "{name}");
        let is_counter = name.ends_with("_total") && name != "process_cpu_seconds_total";
        assert_eq!(series.kind() == Kind::Counter, is_counter, "{name}");
    }
    let text = registry.render(Format::Prometheus);
    assert!(text.contains("\n# TYPE process_cpu_seconds_total gauge\n"), "{text}");
    // Nobody who asks for these names is told that one of them breaks a convention.
    assert_eq!(registry.lints(), []);
}

#[test]
fn the_standard_names_stay_as_they_are_in_every_style() {
    for naming in [Naming::AsWritten, Naming::Recommended] {
        let registry = Registry::builder().naming(naming).build();
        SystemMetrics::builder().registry(&registry).build().unwrap().collect();
        for format in [Format::Prometheus, Format::OpenMetrics] {
            let text = registry.render(format);
            for name in [
                "process_cpu_seconds_total",
                "process_max_fds",
                "process_open_fds",
                "process_resident_memory_bytes",
                "process_start_time_seconds",
                "process_threads",
                "process_virtual_memory_bytes",
                "system_memory_used_percent",
                "system_cpu_count",
            ] {
                let is_line =
                    |line: &str| line.strip_prefix(name).is_some_and(|rest| rest.starts_with(' '));
                assert!(text.lines().any(is_line), "{name}, {naming:?}: {text}");
            }
        }
    }
}

#[test]
fn what_is_not_possible_is_refused_with_the_remedy() {
    let intervals = [
        (Duration::ZERO, "0ns"),
        (Duration::from_millis(999), "999ms"),
        (Duration::from_secs(86_401), "86401s"),
        (Duration::MAX, "18446744073709551615.999999999s"),
    ];
    for (interval, shown) in intervals {
        let error = SystemMetrics::builder().interval(interval).start().unwrap_err();
        let expected = format!(
            "the system's metrics cannot have an interval of {shown}: choose one from 1s to 86400s"
        );
        assert!(error.is_invalid());
        assert_eq!(error.to_string(), expected);
    }
    for interval in [Duration::from_secs(1), Duration::from_secs(86_400)] {
        let registry = Registry::new();
        let builder = SystemMetrics::builder().registry(&registry).interval(interval);
        assert!(builder.build().is_ok(), "{interval:?}");
    }
    let registry = Registry::new();
    let builder = SystemMetrics::builder().registry(&registry);
    let twice = [("service.name", "a"), ("service.name", "b")];
    assert!(builder.clone().target_info(&twice).build().unwrap_err().is_invalid());
    registry.counter("build_info", &[]).unwrap();
    assert!(builder.build_info("1", "2").build().unwrap_err().is_conflict());
}

#[test]
fn a_name_that_somebody_else_has_is_counted_and_the_others_are_there() {
    let (registry, system) = apart();
    registry.histogram("process_threads", &[]).unwrap();
    system.collect();
    system.collect();
    let snapshot = registry.snapshot();
    let what = [("what", "process_threads")];
    assert_eq!(snapshot.counter("tachograph_system_unreadable_total", &what), Some(2));
    assert!(level(&snapshot, "process_open_fds") > 0.0);
}

#[test]
fn a_forked_child_neither_hangs_nor_has_its_parents_values() {
    let registry = Registry::new();
    let builder = SystemMetrics::builder().registry(&registry).build_info("1", "2");
    for round in 0..20 {
        let mut system = Some(builder.clone().start().unwrap());
        // The thread may be anywhere in its first collection.
        let child = child::fork(|| {
            let system = system.take().unwrap();
            if round % 2 == 0 {
                system.collect();
                let snapshot = registry.snapshot();
                // Its parent has two at least.
                let threads = snapshot.gauge("process_threads", &[]);
                if threads != Some(1.0) {
                    return Err(format!("{threads:?} threads"));
                }
                let build = [("version", "1"), ("revision", "2")];
                if snapshot.gauge("build_info", &build) != Some(1.0) {
                    return Err("no build_info".to_owned());
                }
            }
            drop(system);
            Ok(String::new())
        });
        child.wait(PATIENCE).unwrap();
    }
}

#[test]
fn the_global_registry_takes_all_of_it() {
    let registry = tachograph::registry();
    let resource = [("service.name", "shop")];
    let system = SystemMetrics::builder().build_info("1.0.0", "abc").target_info(&resource);
    let system = system.build().unwrap();
    // A name that is another kind's here is missing, and counted.
    registry.counter("system_memory_used_percent", &[]).unwrap();
    system.collect();
    let snapshot = registry.snapshot();
    assert!(level(&snapshot, "process_resident_memory_bytes") > 0.0);
    assert_eq!(snapshot.gauge("target_info", &resource), Some(1.0));
    let missing = [("what", "system_memory_used_percent")];
    assert_eq!(snapshot.counter("tachograph_system_unreadable_total", &missing), Some(1));
}

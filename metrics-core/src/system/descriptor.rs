//! The name, the unit and the text of each series.

use crate::registry::Own;
use crate::unit::Unit;

/// What a registry is told of a name.
#[derive(Debug)]
pub(super) struct Descriptor {
    pub(super) name: &'static str,
    pub(super) unit: Option<Unit>,
    pub(super) text: &'static str,
}

/// Each with its constant, and all of them.
macro_rules! descriptors {
    ($($constant:ident = $name:literal, $unit:expr, $text:literal;)*) => {
        $(pub(super) const $constant: Descriptor =
            Descriptor { name: $name, unit: $unit, text: $text };)*

        /// Every series there can be.
        pub(super) const ALL: &[Descriptor] = &[$($constant),*];
    };
}

descriptors! {
    CPU_PERCENT = "system_cpu_percent", Some(Unit::Percent),
        "Share of the machine's processor time that was not idle since the last look.";
    CPU_COUNT = "system_cpu_count", Some(Unit::Count),
        "Processors of the machine that are online.";
    MEMORY_TOTAL = "system_memory_total_bytes", Some(Unit::Bytes),
        "Memory of the machine.";
    MEMORY_USED = "system_memory_used_bytes", Some(Unit::Bytes),
        "Memory of the machine that is not available.";
    MEMORY_AVAILABLE = "system_memory_available_bytes", Some(Unit::Bytes),
        "Memory that programs can have without swapping.";
    MEMORY_PERCENT = "system_memory_used_percent", Some(Unit::Percent),
        "Share of the machine's memory that is not available.";
    DISK_TOTAL = "system_disk_total_bytes", Some(Unit::Bytes),
        "Size of the file system.";
    DISK_USED = "system_disk_used_bytes", Some(Unit::Bytes),
        "Space of the file system that is not available to ordinary users.";
    DISK_PERCENT = "system_disk_used_percent", Some(Unit::Percent),
        "Share of the file system that is not available to ordinary users.";
    RECEIVED_BYTES = "system_network_received_bytes_total", Some(Unit::Bytes),
        "Bytes that the interface received.";
    SENT_BYTES = "system_network_sent_bytes_total", Some(Unit::Bytes),
        "Bytes that the interface sent.";
    RECEIVED_PACKETS = "system_network_received_packets_total", Some(Unit::Count),
        "Packets that the interface received.";
    SENT_PACKETS = "system_network_sent_packets_total", Some(Unit::Count),
        "Packets that the interface sent.";
    PROCESS_CPU_PERCENT = "process_cpu_percent", Some(Unit::Percent),
        "Processor time of the process since the last look: 100 for each processor that it kept busy.";
    // A unit would be appended to the name of a gauge where the recommended naming is asked for.
    PROCESS_CPU_SECONDS = "process_cpu_seconds_total", None,
        "User and system processor time of the process in seconds. A gauge, as counters here are whole numbers.";
    PROCESS_RESIDENT = "process_resident_memory_bytes", Some(Unit::Bytes),
        "Memory of the process that is in the machine's memory.";
    PROCESS_VIRTUAL = "process_virtual_memory_bytes", Some(Unit::Bytes),
        "Address space of the process.";
    PROCESS_OPEN_FDS = "process_open_fds", Some(Unit::Count),
        "File descriptors that the process has open.";
    PROCESS_MAX_FDS = "process_max_fds", Some(Unit::Count),
        "File descriptors that the process may have open.";
    PROCESS_THREADS = "process_threads", Some(Unit::Count),
        "Threads of the process.";
    PROCESS_START = "process_start_time_seconds", Some(Unit::Seconds),
        "When the process began, in seconds since 1970.";
    CONTAINER_MEMORY_LIMIT = "container_memory_limit_bytes", Some(Unit::Bytes),
        "Memory that the process' control group may use.";
    CONTAINER_MEMORY_USED = "container_memory_used_bytes", Some(Unit::Bytes),
        "Memory that the process' control group uses, its file cache included.";
    CONTAINER_CPU_LIMIT = "container_cpu_limit_cores", None,
        "Processors' worth of time that the process' control group may use.";
    BUILD_INFO = "build_info", None,
        "Always 1; its labels tell the build.";
    TARGET_INFO = "target_info", None,
        "Always 1; its labels tell the resource.";
}

/// What is missing, which the recorder itself counts.
pub(super) const UNREADABLE: Own = Own {
    name: "tachograph_system_unreadable_total",
    description: "Values of the system that could not be read or recorded, by the name that lacks them.",
};

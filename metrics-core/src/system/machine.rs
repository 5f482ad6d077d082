//! Memory, disks and networks, which `sysinfo` knows on every system.
//!
//! It is asked anew each time, and says zero for what it could not read; so a zero is taken for that.

use std::collections::{BTreeMap, HashMap};

use sysinfo::{DiskRefreshKind, Disks, MemoryRefreshKind, Networks, System};

use crate::system::descriptor::{
    DISK_PERCENT, DISK_TOTAL, DISK_USED, Descriptor, MEMORY_AVAILABLE, MEMORY_PERCENT,
    MEMORY_TOTAL, MEMORY_USED, RECEIVED_BYTES, RECEIVED_PACKETS, SENT_BYTES, SENT_PACKETS,
};
use crate::system::page::{Page, Unreadable};

/// File systems that hold no data of their own, beside those that `sysinfo` leaves out by itself.
const PSEUDO: [&str; 13] = [
    "autofs",
    "binfmt_misc",
    "bpf",
    "configfs",
    "debugfs",
    "efivarfs",
    "fuse.lxcfs",
    "fuse.portal",
    "fusectl",
    "nsfs",
    "ramfs",
    "securityfs",
    "tracefs",
];

/// What is asked of `sysinfo`.
#[derive(Debug, Default)]
pub(super) struct Machine {
    /// What the counters of each interface said before, in the order of [`COUNTERS`].
    interfaces: HashMap<String, [Restarting; COUNTERS.len()]>,
}

const COUNTERS: [&Descriptor; 4] = [&RECEIVED_BYTES, &SENT_BYTES, &RECEIVED_PACKETS, &SENT_PACKETS];

/// More than these are only remembered while they are there: names of virtual interfaces can be new each time.
const INTERFACES_MAX: usize = 1_024;

/// A total that begins from zero when the interface of that name is made anew.
#[derive(Debug, Default, Clone, Copy)]
struct Restarting {
    seen: u64,
    /// Of the interfaces that were there before.
    before: u64,
}

/// A file system, without a size where that could not be read.
#[derive(Debug, Clone, PartialEq)]
struct Disk {
    mount: String,
    total: u64,
    available: u64,
}

impl Machine {
    pub(super) fn collect(&mut self, page: &mut Page) {
        memory(page);
        disks(page);
        self.networks(page);
    }

    fn networks(&mut self, page: &mut Page) {
        let networks = Networks::new_with_refreshed_list();
        if networks.is_empty() {
            // Every machine has an interface to itself.
            COUNTERS.into_iter().for_each(|counter| page.count_unreadable(counter));
        }
        for (interface, data) in &networks {
            let now = [
                data.total_received(),
                data.total_transmitted(),
                data.total_packets_received(),
                data.total_packets_transmitted(),
            ];
            let totals = self.interfaces.entry(interface.clone()).or_default();
            for ((descriptor, total), now) in COUNTERS.into_iter().zip(totals).zip(now) {
                if let Some(total) = total.advance(now) {
                    page.total(descriptor, ("interface", interface), total);
                }
            }
        }
        if self.interfaces.len() > INTERFACES_MAX {
            self.interfaces.retain(|name, _| networks.contains_key(name));
        }
    }
}

impl Restarting {
    /// The total, when the interface says `now`; None for a zero, which may be one that could not be read.
    fn advance(&mut self, now: u64) -> Option<u64> {
        if now == 0 {
            return None;
        }
        if now < self.seen {
            self.before = self.before.saturating_add(self.seen);
        }
        self.seen = now;
        Some(self.before.saturating_add(now))
    }
}

fn memory(page: &mut Page) {
    let mut system = System::new();
    system.refresh_memory_specifics(MemoryRefreshKind::nothing().with_ram());
    let (total, available) = (system.total_memory(), system.available_memory());
    let known = |value: f64| if total == 0 { Err(Unreadable) } else { Ok(Some(value)) };
    // Inside of some sandboxes more is available than there is.
    let used = total.saturating_sub(available) as f64;
    page.level(&MEMORY_TOTAL, known(total as f64));
    page.level(&MEMORY_AVAILABLE, known(available as f64));
    page.level(&MEMORY_USED, known(used));
    page.level(&MEMORY_PERCENT, known(100.0 * used / total as f64));
}

fn disks(page: &mut Page) {
    let disks = Disks::new_with_refreshed_list_specifics(DiskRefreshKind::nothing().with_storage());
    let disks = disks.iter().map(|disk| {
        let device = disk.name().to_string_lossy().into_owned();
        let file_system = disk.file_system().to_string_lossy().into_owned();
        let mount = disk.mount_point().to_string_lossy().into_owned();
        let (total, available) = (disk.total_space(), disk.available_space());
        (device, file_system, Disk { mount, total, available })
    });
    let devices = each_once(disks);
    let (known, unknown): (Vec<&Disk>, Vec<&Disk>) =
        devices.values().partition(|disk| disk.total > 0);
    let mut show = |descriptor, value: fn(&Disk) -> f64| {
        unknown.iter().for_each(|_| page.count_unreadable(descriptor));
        page.levels(
            descriptor,
            "mount",
            known.iter().map(|disk| (disk.mount.clone(), value(disk))),
        );
    };
    show(&DISK_TOTAL, |disk| disk.total as f64);
    show(&DISK_USED, |disk| disk.used() as f64);
    show(&DISK_PERCENT, |disk| 100.0 * disk.used() as f64 / disk.total as f64);
}

impl Disk {
    fn used(&self) -> u64 {
        self.total.saturating_sub(self.available)
    }
}

/// The file systems by their devices. Of several mounts of a device the one with a size counts, then the shortest path, then
/// the first. Those without data are left out, and so are those without a size whose device has no path: they are
/// no disks.
fn each_once(disks: impl Iterator<Item = (String, String, Disk)>) -> BTreeMap<String, Disk> {
    let mut devices: BTreeMap<String, Disk> = BTreeMap::new();
    for (device, file_system, disk) in disks {
        let is_disk = disk.total > 0 || device.contains('/');
        if PSEUDO.contains(&file_system.as_str()) || !is_disk {
            continue;
        }
        let rank = |disk: &Disk| (disk.total == 0, disk.mount.len(), disk.mount.clone());
        match devices.get(&device) {
            Some(known) if rank(known) <= rank(&disk) => {}
            _ => drop(devices.insert(device, disk)),
        }
    }
    devices
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_device_counts_once_and_what_holds_no_data_not_at_all() {
        let disk = |mount: &str, total| Disk { mount: mount.to_owned(), total, available: 1 };
        let mounts = [
            ("/dev/sda1", "ext4", disk("/var/lib/bound", 100)),
            ("/dev/sda1", "ext4", disk("/srv", 100)),
            ("/dev/sda1", "ext4", disk("/usr", 100)),
            ("/dev/sda1", "ext4", disk("/", 0)),
            ("/dev/sdb1", "xfs", disk("/gone", 0)),
            ("overlay", "overlay", disk("/merged", 50)),
            ("lxcfs", "fuse.lxcfs", disk("/var/lib/lxcfs", 7)),
            ("none", "strange", disk("/strange", 0)),
        ];
        let found = each_once(
            mounts
                .into_iter()
                .map(|(device, kind, disk)| (device.to_owned(), kind.to_owned(), disk)),
        );
        let found: Vec<_> =
            found.iter().map(|(device, disk)| (&**device, &*disk.mount, disk.total)).collect();
        assert_eq!(
            found,
            [("/dev/sda1", "/srv", 100), ("/dev/sdb1", "/gone", 0), ("overlay", "/merged", 50)]
        );
    }

    #[test]
    fn a_total_goes_on_where_an_interface_is_made_anew() {
        let mut total = Restarting::default();
        let said = [0, 40, 40, 0, 100, 7, 0, 9];
        let told = said.map(|now| total.advance(now));
        let expected = [None, Some(40), Some(40), None, Some(100), Some(107), None, Some(109)];
        assert_eq!(told, expected);
    }
}

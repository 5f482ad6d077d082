//! The limits of the control group that this process is in, where the second version of control groups is in use.
//!
//! Containers are such groups. A limit of a group that is further up holds as well, so the lowest on the way is the one; of a
//! container only what is below its own root can be seen.
//!
//! # Source
//!
//! The kernel's `Documentation/admin-guide/cgroup-v2.rst`.

use std::io::ErrorKind::NotFound;
use std::path::{Component, Path, PathBuf};

use crate::system::linux::proc::number;
use crate::system::linux::text;
use crate::system::page::{Found, Unreadable};

/// The folder of a control group.
#[derive(Debug)]
pub(super) struct Group {
    mount: PathBuf,
    /// Below the mount; empty for its root.
    path: PathBuf,
}

impl Group {
    /// That of this process; none where there are no control groups, or only those of the first version.
    pub(super) fn find(root: &Path) -> Found<Group> {
        let mount = root.join("sys/fs/cgroup");
        let Some(groups) = content(&root.join("proc/self/cgroup"))? else { return Ok(None) };
        let Some(path) = groups.lines().find_map(|line| line.strip_prefix("0::")) else {
            return Ok(None);
        };
        if content(&mount.join("cgroup.controllers"))?.is_none() {
            return Ok(None);
        }
        let path = Path::new(path.strip_prefix('/').ok_or(Unreadable)?).to_owned();
        // A group outside of what this process may see is told as `/../…`.
        let is_below = path.components().all(|part| matches!(part, Component::Normal(_)));
        let group = Group { mount, path };
        if is_below && group.folder().is_dir() { Ok(Some(group)) } else { Err(Unreadable) }
    }

    pub(super) fn memory_limit(&self) -> Found<f64> {
        self.lowest("memory.max", |text| match text {
            "max" => Ok(None),
            bytes => number(bytes).map(Some),
        })
    }

    pub(super) fn memory_used(&self) -> Found<f64> {
        let text = content(&self.folder().join("memory.current"))?;
        text.map(|bytes| number(bytes.trim())).transpose()
    }

    pub(super) fn cpu_limit(&self) -> Found<f64> {
        self.lowest("cpu.max", |text| match text.split_once(' ').ok_or(Unreadable)? {
            ("max", _) => Ok(None),
            (quota, period) => match (number(quota)?, number(period)?) {
                (_, 0.0) => Err(Unreadable),
                (quota, period) => Ok(Some(quota / period)),
            },
        })
    }

    fn folder(&self) -> PathBuf {
        self.mount.join(&self.path)
    }

    /// The lowest limit in files of that name, from this group up to the root. A group without the file, such as the
    /// root, has no limit.
    fn lowest(&self, file: &str, limit: fn(&str) -> Found<f64>) -> Found<f64> {
        let mut lowest: Option<f64> = None;
        for group in self.path.ancestors() {
            let text = content(&self.mount.join(group).join(file))?;
            let found = text.map_or(Ok(None), |text| limit(text.trim()))?;
            lowest = lowest.into_iter().chain(found).reduce(f64::min);
        }
        Ok(lowest)
    }
}

/// The text of a file, if there is one.
fn content(path: &Path) -> Found<String> {
    match text(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == NotFound => Ok(None),
        Err(_) => Err(Unreadable),
    }
}

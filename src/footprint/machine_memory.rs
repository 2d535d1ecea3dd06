//! The machine's memory, and the logs' part of it.

use super::groups::GroupRow;
use crate::log::fields::{memory, Values};
use crate::proc::meminfo;
use crate::proc::root::Root;
use crate::proc::zram;
use crate::sampler::machine::cannot_read;
use crate::sampler::Error;
use nix::sys::statfs::{statfs, TMPFS_MAGIC};
use std::os::unix::fs::MetadataExt;

/// The log directories of systems that spare their disk.
const LOG_FOLDERS: [&str; 3] = ["/var/volatile", "/var/log", "/run/log"];

/// Memory of the machine, KiB.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct MachineMemory {
    pub(crate) mem_total: u64,
    /// `None`: not observable, see [`memory::available`].
    pub(crate) mem_available: Option<u64>,
    pub(crate) swap_total: u64,
    pub(crate) swap_free: u64,
    /// All processes' pages as the kernel counts them: anonymous pages; file pages, shmem
    /// included. `None`: not in the log.
    pub(crate) anon_pages: Option<u64>,
    pub(crate) mapped: Option<u64>,
    /// `None`: not observable.
    pub(crate) volatile: Option<Volatile>,
    /// Of compressed block devices; `None`: there are none, or not observable.
    pub(crate) zram: Option<Zram>,
}

impl MachineMemory {
    pub(crate) fn used(&self) -> Option<u64> {
        self.mem_total.checked_sub(self.mem_available?)
    }

    pub(crate) fn swap_used(&self) -> u64 {
        self.swap_total.saturating_sub(self.swap_free)
    }

    /// As percent of MemTotal.
    pub(crate) fn percent(&self, kib: u64) -> f64 {
        match self.mem_total {
            0 => 0.0,
            total => 100.0 * kib as f64 / total as f64,
        }
    }
}

/// The contents of tmpfs log directories.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Volatile {
    /// KiB; `None`: the kernel does not count a tmpfs without a limit.
    pub(crate) used: Option<u64>,
    /// The first directory of each file system.
    pub(crate) folders: Vec<String>,
}

/// KiB.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Zram {
    /// Memory taken.
    pub(crate) used: u64,
    /// Uncompressed data.
    pub(crate) stored: u64,
}

/// Reads the machine's memory.
///
/// # Errors
/// If `/proc/meminfo` cannot be read or parsed.
pub(crate) fn read(root: &Root) -> Result<MachineMemory, Error> {
    let mut buffer = [0; 8192];
    let text = root
        .read("proc/meminfo", &mut buffer)
        .map_err(|errno| cannot_read(root, "meminfo", errno))?;
    let mut info = Values::default();
    meminfo::parse(text, &mut info)
        .map_err(|error| Error::Parse(root.proc_path("meminfo"), error))?;
    Ok(MachineMemory {
        // statfs(2) would ask this machine, not a captured one.
        volatile: root.is_live().then(volatile),
        zram: read_zram(root),
        mem_total: info[memory::MEM_TOTAL],
        mem_available: memory::available(&info),
        swap_total: info[memory::SWAP_TOTAL],
        swap_free: info[memory::SWAP_FREE],
        // 0 means a missing line: every kernel has some.
        anon_pages: Some(info[memory::ANON_PAGES]).filter(|pages| *pages > 0),
        mapped: Some(info[memory::MAPPED]).filter(|pages| *pages > 0),
    })
}

fn volatile() -> Volatile {
    let mut found = Volatile {
        used: Some(0),
        folders: Vec::new(),
    };
    let mut devices = Vec::new();
    for folder in LOG_FOLDERS {
        let (Ok(metadata), Ok(stat)) = (std::fs::metadata(folder), statfs(folder)) else {
            continue;
        };
        if stat.filesystem_type() != TMPFS_MAGIC || devices.contains(&metadata.dev()) {
            continue;
        }
        devices.push(metadata.dev());
        found.folders.push(folder.to_owned());
        let block = u64::try_from(stat.block_size()).unwrap_or(0);
        let used = stat.blocks().saturating_sub(stat.blocks_free());
        let kib = (stat.blocks() > 0).then(|| used.saturating_mul(block) / 1024);
        found.used = match (found.used, kib) {
            (Some(sum), Some(kib)) => Some(sum.saturating_add(kib)),
            _ => None,
        };
    }
    found
}

fn read_zram(root: &Root) -> Option<Zram> {
    let mut sum: Option<Zram> = None;
    for name in root.list("sys/block") {
        if !name.starts_with("zram") {
            continue;
        }
        let mut buffer = [0; 512];
        let text = root.read(&format!("sys/block/{name}/mm_stat"), &mut buffer);
        let Some(device) = text.ok().and_then(|text| zram::parse(text).ok()) else {
            continue;
        };
        let sum = sum.get_or_insert_with(Zram::default);
        sum.used = sum.used.saturating_add(device.mem_used_total / 1024);
        sum.stored = sum.stored.saturating_add(device.orig_data_size / 1024);
    }
    sum
}

/// Adds the kernel's charge to each group's cgroup, if the memory controller is on:
/// memory.current of v2, or memory.usage_in_bytes of v1; cgroups(7). It includes page cache
/// and kernel memory.
pub(crate) fn charge(root: &Root, groups: &mut [GroupRow]) {
    for group in groups {
        let Some(path) = &group.cgroup else { continue };
        // Root reads only names in UTF-8.
        let Ok(path) = std::str::from_utf8(path) else {
            continue;
        };
        let files = [
            format!("sys/fs/cgroup{path}/memory.current"),
            format!("sys/fs/cgroup/memory{path}/memory.usage_in_bytes"),
        ];
        group.charged = files
            .iter()
            .find_map(|name| bytes(root, name))
            .map(|b| b / 1024);
    }
}

fn bytes(root: &Root, name: &str) -> Option<u64> {
    let mut buffer = [0; 32];
    let text = root.read(name, &mut buffer).ok()?;
    std::str::from_utf8(text)
        .ok()?
        .strip_suffix('\n')?
        .parse()
        .ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    #[test]
    fn a_captured_machine() {
        let captures = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/captures");
        let root = Root::open(&captures.join("aarch64-raspi3b")).unwrap();
        let machine = read(&root).unwrap();
        assert_eq!(
            (machine.mem_total, machine.mem_available),
            (936_104, Some(871_136))
        );
        assert_eq!(machine.used(), Some(64_968));
        assert_eq!((machine.volatile, machine.zram), (None, None));
    }

    #[test]
    fn without_a_total_there_are_no_percentages() {
        assert_eq!(MachineMemory::default().percent(5), 0.0);
    }
}

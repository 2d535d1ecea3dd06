//! The file systems of `/` and of the log every 10 s: how full they are, and their
//! disks.

use super::devices::Devices;
use crate::log::fields::device::kind;
use crate::log::fields::{storage, NOT_OBSERVABLE};
use crate::log::model::{device_name, DeviceName, Machine};
use crate::proc::root::{wide, Root};
use nix::fcntl::OFlag;
use nix::sys::stat::{fstat, major, minor, Mode};
use nix::sys::statfs::{fstatfs, FsType, TMPFS_MAGIC};
use nix::sys::statvfs::{fstatvfs, statvfs, Statvfs};
use std::os::fd::AsFd;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// linux/magic.h; libc does not have it.
const RAMFS_MAGIC: u32 = 0x8584_58f6;

#[derive(Default)]
pub(super) struct Storage {
    root_disk: Option<DeviceName>,
    log: Option<Log>,
}

/// Where the log lies.
struct Log {
    /// Its directory.
    dir: PathBuf,
    disk: Option<DeviceName>,
    on_root: bool,
    in_memory: bool,
}

impl Storage {
    pub(super) fn open(root: &Root) -> Self {
        Self {
            root_disk: disk(root, root.dir()),
            log: None,
        }
    }

    /// The log is the file `path`, which may not exist yet.
    pub(super) fn log_at(&mut self, root: &Root, path: &Path) {
        let parent = path.parent().filter(|dir| !dir.as_os_str().is_empty());
        let dir = parent.unwrap_or(Path::new("."));
        let flags = OFlag::O_PATH | OFlag::O_DIRECTORY | OFlag::O_CLOEXEC;
        let opened = nix::fcntl::open(dir, flags, Mode::empty());
        self.log = opened.ok().map(|opened| Log {
            disk: disk(root, &opened),
            on_root: root.is_live() && device(&opened) == device(root.dir()),
            in_memory: is_in_memory(&opened),
            dir: dir.to_path_buf(),
        });
    }

    pub(super) fn sample(&self, root: &Root, devices: &Devices, machine: &mut Machine) {
        let id = |disk: &Option<DeviceName>| {
            let id = devices.number(kind::DISK, disk.as_ref()?);
            id.map(|id| id as u64)
        };
        let group = machine.group_mut(storage::ID);
        let of_root = root.is_live().then(|| fstatvfs(root.dir()).ok()).flatten();
        let of_log = self.log.as_ref().and_then(|log| statvfs(&log.dir).ok());
        let (of_root, of_log) = (of_root.map(space), of_log.map(space));
        let root_disk = id(&self.root_disk);
        let log_disk = self.log.as_ref().and_then(|log| id(&log.disk));
        let same_disk = |log: &Log| log.disk.is_some() && log.disk == self.root_disk;
        let log_on_root = self.log.as_ref().and_then(|log| match log.on_root {
            true => Some(1),
            // Two file systems, and the disk of at least one is unknown.
            false if !log.in_memory && (log.disk.is_none() || self.root_disk.is_none()) => None,
            false => Some(u64::from(same_disk(log))),
        });
        let in_memory = self.log.as_ref().map(|log| u64::from(log.in_memory));
        for (field, value) in [
            (storage::ROOT_TOTAL_KIB, of_root.map(|space| space.0)),
            (storage::ROOT_USED_KIB, of_root.map(|space| space.1)),
            (storage::ROOT_AVAILABLE_KIB, of_root.map(|space| space.2)),
            (storage::LOG_TOTAL_KIB, of_log.map(|space| space.0)),
            (storage::LOG_USED_KIB, of_log.map(|space| space.1)),
            (storage::LOG_AVAILABLE_KIB, of_log.map(|space| space.2)),
            (storage::ROOT_DISK, root_disk),
            (storage::LOG_DISK, log_disk),
            (storage::LOG_ON_ROOT, log_on_root),
            (storage::LOG_IN_MEMORY, in_memory),
        ] {
            group[field] = value.unwrap_or(NOT_OBSERVABLE);
        }
    }
}

/// Total, used and available KiB, as df(1) shows them.
pub(crate) fn space(space: Statvfs) -> (u64, u64, u64) {
    let kib = |blocks: u64| {
        let bytes = u128::from(blocks) * u128::from(wide(space.fragment_size()));
        u64::try_from(bytes / 1024).unwrap_or(u64::MAX - 1)
    };
    let (total, free) = (wide(space.blocks()), wide(space.blocks_free()));
    (
        kib(total),
        kib(total.saturating_sub(free)),
        kib(wide(space.blocks_available())),
    )
}

fn device(dir: impl AsFd) -> Option<u64> {
    fstat(dir).ok().map(|stat| stat.st_dev)
}

pub(crate) fn is_in_memory(dir: impl AsFd) -> bool {
    let kind = fstatfs(dir).map(|fs| fs.filesystem_type());
    kind.is_ok_and(|FsType(kind)| FsType(kind) == TMPFS_MAGIC || kind as u32 == RAMFS_MAGIC)
}

/// The whole disk that holds a directory: /sys lists a partition inside its disk.
pub(crate) fn disk(root: &Root, dir: impl AsFd) -> Option<DeviceName> {
    let device = device(dir).filter(|_| root.is_live())?;
    let link = format!("sys/dev/block/{}:{}", major(device), minor(device));
    let link = root.read_link(&link).ok()?;
    disk_of_link(link.as_bytes())
}

/// `vda` of `../../devices/pci0000:00/virtio1/block/vda/vda1`.
fn disk_of_link(link: &[u8]) -> Option<DeviceName> {
    let mut parts = link.rsplit(|&byte| byte == b'/').peekable();
    while let Some(part) = parts.next() {
        if parts.peek() == Some(&&b"block"[..]) {
            let mut name = device_name(part);
            // cciss/c0d0 of /proc/diskstats is cciss!c0d0 in /sys.
            name.iter_mut().for_each(|byte| {
                if *byte == b'!' {
                    *byte = b'/';
                }
            });
            return Some(name);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_whole_disk_of_a_partition() {
        for (link, disk) in [
            (
                "../../devices/pci0000:00/0000:00:02.0/virtio1/block/vda",
                "vda",
            ),
            ("../../devices/pci0000:00/ata1/block/sda/sda12", "sda"),
            (
                "../../devices/platform/soc/3f202000.mmc/mmc_host/mmc0/mmc0:aaaa/block/mmcblk0/mmcblk0p2",
                "mmcblk0",
            ),
            ("../../devices/virtual/block/dm-0", "dm-0"),
            ("../../devices/virtual/block/cciss!c0d0", "cciss/c0d0"),
        ] {
            assert_eq!(
                disk_of_link(link.as_bytes()).as_deref(),
                Some(disk.as_bytes())
            );
        }
        assert_eq!(disk_of_link(b"../../devices/virtual/mtd/mtd0"), None);
        assert_eq!(disk_of_link(b""), None);
    }
}

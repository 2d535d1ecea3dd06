//! The content of a sample: the machine and the processes.

use super::fields::{self, device, memory, process, Values, GROUPS};

/// The longest task name that is kept, bytes. A process's has 15 at most; a kernel
/// worker's contains the name of its work queue and has up to 63.
pub const COMM_BYTES: usize = 64;

/// A task's name: any bytes but NUL.
pub(crate) type Comm = heapless::Vec<u8, COMM_BYTES>;

/// As much of `bytes` as a [`Comm`] holds.
pub fn comm(bytes: &[u8]) -> Comm {
    let kept = bytes.get(..COMM_BYTES).unwrap_or(bytes);
    Comm::from_slice(kept).unwrap_or_default()
}

/// One process. Pid and starttime together identify it; its numbers are in the order of
/// [`process::NAMES`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Process {
    pub pid: u32,
    /// USER_HZ after boot; proc_pid_stat(5) field 22.
    pub starttime: u64,
    pub comm: Comm,
    pub values: [u64; process::COUNT],
}

impl Process {
    /// Equal to no real process.
    pub(super) fn nobody() -> Self {
        Self {
            pid: 0,
            starttime: u64::MAX,
            comm: Comm::new(),
            values: [0; process::COUNT],
        }
    }

    /// User and system time, USER_HZ.
    pub fn cpu_time(&self) -> u64 {
        self.values[process::UTIME].saturating_add(self.values[process::STIME])
    }

    /// PSS in KiB, where it may be read and the process has memory of its own.
    pub fn pss_kib(&self) -> Option<u64> {
        self.has(process::flag::HAS_PSS)
            .then_some(self.values[process::PSS])
    }

    pub fn has(&self, flag: u64) -> bool {
        self.values[process::FLAGS] & flag != 0
    }
}

/// The largest process whose memory may not be read.
pub(crate) fn largest_unreadable<'p>(
    all: impl Iterator<Item = &'p Process>,
) -> Option<&'p Process> {
    all.filter(|process| process.has(process::flag::UNREADABLE))
        .max_by_key(|process| process.values[process::RSS])
}

/// The name and the kind of a device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Device {
    /// One of [`device::kind`], or one of a later version.
    pub kind: u8,
    pub name: DeviceName,
}

/// A device's name, as in the kernel's lists.
pub(crate) type DeviceName = heapless::Vec<u8, { device::NAME_BYTES }>;

/// As much of `bytes` as a [`DeviceName`] holds.
pub(crate) fn device_name(bytes: &[u8]) -> DeviceName {
    let kept = bytes.get(..device::NAME_BYTES).unwrap_or(bytes);
    DeviceName::from_slice(kept).unwrap_or_default()
}

/// The machine's numbers, by group and field; see [`fields::MACHINE`].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Machine {
    groups: [Option<Values>; GROUPS],
    cores: Vec<[u64; fields::core::COUNT]>,
    devices: Vec<[u64; device::COUNT]>,
}

impl Machine {
    /// One that never asks for memory again.
    pub(crate) fn with_room() -> Self {
        Self {
            groups: [None; GROUPS],
            cores: Vec::with_capacity(fields::MAX_CORES),
            devices: Vec::with_capacity(fields::MAX_DEVICES),
        }
    }

    /// The numbers of a group; `None` while nothing of it was observed.
    pub fn group(&self, id: usize) -> Option<&Values> {
        self.groups.get(id)?.as_ref()
    }

    /// The numbers of a group, to be set; all zero at first.
    ///
    /// # Panics
    /// For an `id` that [`GROUPS`] has no room for.
    // Whoever calls it has a group of the table, or an id below `FIRST_CORE`.
    #[allow(clippy::indexing_slicing)]
    pub fn group_mut(&mut self, id: usize) -> &mut Values {
        self.groups[id].get_or_insert(Values::default())
    }

    /// One number, where its group was observed and the kernel shows it.
    pub fn value(&self, group: usize, field: usize) -> Option<u64> {
        let value = *self.group(group)?.get(field)?;
        (value != fields::NOT_OBSERVABLE).then_some(value)
    }

    /// Every core that was ever seen; see [`fields::core`].
    pub fn cores(&self) -> &[[u64; fields::core::COUNT]] {
        &self.cores
    }

    /// The numbers of a core; `None` past [`fields::MAX_CORES`].
    pub fn core_mut(&mut self, core: usize) -> Option<&mut [u64; fields::core::COUNT]> {
        if core >= fields::MAX_CORES {
            return None;
        }
        while self.cores.len() <= core {
            self.cores.push([0; fields::core::COUNT]);
        }
        self.cores.get_mut(core)
    }

    /// Every device that was ever seen, by its number; see [`device`].
    pub fn devices(&self) -> &[[u64; device::COUNT]] {
        &self.devices
    }

    /// The numbers of a device; `None` past [`fields::MAX_DEVICES`].
    pub fn device_mut(&mut self, id: usize) -> Option<&mut [u64; device::COUNT]> {
        if id >= fields::MAX_DEVICES {
            return None;
        }
        while self.devices.len() <= id {
            self.devices.push([0; device::COUNT]);
        }
        self.devices.get_mut(id)
    }

    /// Forgets everything, and keeps the memory.
    pub(crate) fn clear(&mut self) {
        self.groups = [None; GROUPS];
        self.cores.clear();
        self.devices.clear();
    }

    /// Memory in use, that is MemTotal less MemAvailable, and MemTotal, KiB; `None` where
    /// it is not observable, see [`memory::available`].
    pub fn memory_used(&self) -> Option<(u64, u64)> {
        let total = self.value(memory::ID, memory::MEM_TOTAL)?;
        let available = memory::available(self.group(memory::ID)?)?;
        Some((total.saturating_sub(available), total))
    }
}

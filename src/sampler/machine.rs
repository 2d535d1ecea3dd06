//! The machine-wide files.

use super::board::Board;
use super::devices::Devices;
use super::error::Error;
use super::pressure_files::PressureFiles;
use super::storage::Storage;
use crate::log::fields::{self, core, cpu, kernel, memory};
use crate::log::model::Machine;
use crate::proc::root::{reread, reread_pieces, Root};
use crate::proc::stat::{CpuTime, Stat};
use crate::proc::text::ParseError;
use crate::proc::{loadavg, meminfo, mounts, stat};
use nix::errno::Errno;
use std::os::fd::{AsFd, OwnedFd};

/// The files that are read in every sample, kept open.
pub(super) struct MachineFiles {
    stat: OwnedFd,
    meminfo: OwnedFd,
    loadavg: Option<OwnedFd>,
    pressure: PressureFiles,
    board: Board,
    pub(super) devices: Devices,
    pub(super) storage: Storage,
    /// The tick at which what is slow is due.
    slow_due: u64,
}

impl MachineFiles {
    pub(super) fn open(root: &Root) -> Result<Self, Error> {
        let open = |name| {
            let file = root.open_proc(name);
            file.map_err(|errno| cannot_read(root, name, errno))
        };
        Ok(Self {
            stat: open("stat")?,
            meminfo: open("meminfo")?,
            loadavg: open("loadavg").ok(),
            pressure: PressureFiles::open(root),
            board: Board::open(root),
            devices: Devices::new(),
            storage: Storage::open(root),
            slow_due: 0,
        })
    }

    /// Reads what is read in every sample. Returns the count of forks, and whether memory
    /// was reclaimed, swapped out or moved since the last time.
    ///
    /// # Errors
    /// Where stat or meminfo cannot be read.
    pub(super) fn sample(
        &mut self,
        root: &Root,
        buffer: &mut [u8],
        machine: &mut Machine,
    ) -> Result<(u64, bool), Error> {
        let failed = |name: &str, errno| Error::Read(root.proc_path(name), errno);
        let wrong = |name: &str, error| Error::Parse(root.proc_path(name), error);
        // Files that the kernel gives whole, in one piece. The count of forks comes last:
        // where there is no sample, the next one is told of them.
        let text = reread(&self.meminfo, buffer).map_err(|e| failed("meminfo", e))?;
        meminfo::parse(text, machine.group_mut(memory::ID)).map_err(|e| wrong("meminfo", e))?;
        let stat = put_stat(&self.stat, buffer, machine).map_err(|e| failed("stat", e))?;
        let forks = stat.map_err(|e| wrong("stat", e))?;
        let load = self.loadavg.as_ref();
        let load = load.and_then(|file| reread(file, buffer).ok());
        let group = machine.group_mut(kernel::ID);
        let parsed = load.and_then(|text| loadavg::parse(text, group).ok());
        if parsed.is_none() {
            group[kernel::LOAD1_CENTI..=kernel::ENTITIES].fill(fields::NOT_OBSERVABLE);
        }
        Ok((forks, self.pressure.sample(buffer, machine)))
    }

    pub(super) fn is_slow_due(&self, tick: u64) -> bool {
        tick >= self.slow_due
    }

    /// Reads what changes slowly. The processes are read before it, so that their CPU
    /// time and the machine's are of the same moment.
    pub(super) fn sample_slow(
        &mut self,
        tick: u64,
        interval_ns: u64,
        root: &Root,
        buffer: &mut [u8],
        machine: &mut Machine,
    ) {
        let every = fields::slow_ticks(interval_ns / 1000);
        self.slow_due = (tick / every + 1).saturating_mul(every);
        self.devices.sample(root, buffer, machine);
        self.board.sample(root, buffer, machine);
        self.storage.sample(root, &self.devices, machine);
    }
}

/// As much of `/proc/stat` as is read at once: all of it on most boards.
const STAT_PIECE: usize = 1 << 14;

/// Reads `/proc/stat` through `buffer`; see [`stat::Reader`].
pub(crate) fn read_stat(
    file: impl AsFd,
    buffer: &mut [u8],
    mut core: impl FnMut(u32, CpuTime),
) -> nix::Result<Result<Stat, ParseError>> {
    let mut reader = stat::Reader::default();
    let most = buffer.len().min(STAT_PIECE);
    reread_pieces(file, &mut buffer[..most], |piece| {
        reader.feed(piece, &mut core)
    })?;
    Ok(reader.finish())
}

/// Takes over what `/proc/stat` says, and returns its count of forks.
fn put_stat(
    file: &OwnedFd,
    buffer: &mut [u8],
    machine: &mut Machine,
) -> nix::Result<Result<u64, ParseError>> {
    for index in 0..machine.cores().len() {
        if let Some(values) = machine.core_mut(index) {
            values[core::ONLINE] = 0;
        }
    }
    let read = read_stat(file, buffer, |index, time| {
        if let Some(values) = machine.core_mut(index as usize) {
            values[..cpu::COUNT].copy_from_slice(&time);
            values[core::ONLINE] = 1;
            // Not looked at yet: no clock has 0 kHz.
            if values[core::REQUESTED_KHZ] == 0 {
                values[core::REQUESTED_KHZ] = fields::NOT_OBSERVABLE;
            }
        }
    })?;
    let stat = match read {
        Ok(stat) => stat,
        Err(error) => return Ok(Err(error)),
    };
    machine.group_mut(cpu::ID)[..cpu::COUNT].copy_from_slice(&stat.cpu);
    machine.group_mut(kernel::ID)[..stat.counts.len()].copy_from_slice(&stat.counts);
    Ok(Ok(stat.counts[kernel::PROCESSES]))
}

/// Why a file of `/proc` that is no process's cannot be read.
pub(crate) fn cannot_read(root: &Root, name: &str, errno: Errno) -> Error {
    let path = root.proc_path(name);
    match errno {
        Errno::ENOENT if shows_processes_only(root) => Error::ProcessesOnly(path),
        _ => Error::Read(path, errno),
    }
}

/// By the file that is there in such a `/proc`, too.
pub(crate) fn shows_processes_only(root: &Root) -> bool {
    let mut buffer = vec![0; 1 << 16];
    let text = root.read("proc/self/mounts", &mut buffer);
    mounts::has_processes_only(text.unwrap_or_default())
}

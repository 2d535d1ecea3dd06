//! The machine-wide files, and the recorder's own figures.

use super::board::Board;
use super::storage::Storage;
use super::strain::Strain;
use super::{Error, Now, Own, Sampler};
use crate::log::fields::{self, clock, core, cpu, kernel, memory, recorder};
use crate::log::model::Machine;
use crate::proc::root::{reread, reread_pieces, Root};
use crate::proc::stat::{CpuTime, Stat};
use crate::proc::text::ParseError;
use crate::proc::{loadavg, meminfo, mounts, smaps_rollup, stat};
use nix::errno::Errno;
use std::os::fd::{AsFd, OwnedFd};

/// A difference between clocks that is no noise of reading them.
const STEP_MS: u64 = 50;

/// The files that are read in every sample, kept open.
pub(super) struct Files {
    stat: OwnedFd,
    meminfo: OwnedFd,
    loadavg: Option<OwnedFd>,
    strain: Strain,
    board: Board,
    pub(super) storage: Storage,
    /// The tick at which what is slow is due.
    slow_due: u64,
}

/// What happened since the last sample.
pub(super) struct Turn {
    /// Processes may have appeared.
    pub(crate) list: bool,
    /// Memory was reclaimed, swapped out or moved.
    pub(crate) reclaimed: bool,
    /// What is slow is due as well.
    pub(crate) slow: bool,
}

impl Files {
    pub(super) fn open(root: &Root) -> Result<Self, Error> {
        let open = |name| {
            root.open_proc(name).map_err(|errno| match errno {
                Errno::ENOENT if shows_processes_only(root) => {
                    Error::ProcessesOnly(root.proc_path(name))
                }
                _ => Error::Read(root.proc_path(name), errno),
            })
        };
        Ok(Self {
            stat: open("stat")?,
            meminfo: open("meminfo")?,
            loadavg: open("loadavg").ok(),
            strain: Strain::open(root),
            board: Board::open(root),
            storage: Storage::open(root),
            slow_due: 0,
        })
    }
}

impl Sampler {
    /// Reads the machine's files, and says what happened since the last time.
    pub(super) fn machine_files(&mut self, tick: u64) -> Result<Turn, Error> {
        let failed = |name: &str, errno| Error::Read(self.root.proc_path(name), errno);
        let wrong = |name: &str, error| Error::Parse(self.root.proc_path(name), error);
        let (buffer, machine) = (&mut self.buffer[..], &mut self.machine);
        // Files that the kernel gives whole, in one piece. The count of forks comes last:
        // where there is no sample, the next one is told of them.
        let text = reread(&self.files.meminfo, buffer).map_err(|e| failed("meminfo", e))?;
        meminfo::parse(text, machine.group_mut(memory::ID)).map_err(|e| wrong("meminfo", e))?;
        let stat = put_stat(&self.files.stat, buffer, machine).map_err(|e| failed("stat", e))?;
        let forks = stat.map_err(|e| wrong("stat", e))?;
        let group = machine.group_mut(kernel::ID);
        let load = self.files.loadavg.as_ref();
        let load = load.and_then(|file| reread(file, buffer).ok());
        if load
            .and_then(|text| loadavg::parse(text, group).ok())
            .is_none()
        {
            group[kernel::LOAD1_CENTI..=kernel::ENTITIES].fill(fields::NOT_OBSERVABLE);
        }
        let reclaimed = self.files.strain.sample(buffer, machine);
        Ok(Turn {
            list: self.forks.advance(forks),
            reclaimed,
            slow: tick >= self.files.slow_due,
        })
    }

    /// Reads what changes slowly. The processes are read before it, so that their CPU
    /// time and the machine's are of the same moment.
    pub(super) fn slow_files(&mut self, tick: u64) {
        let every = fields::slow_ticks(self.options.interval_ns / 1000);
        self.files.slow_due = (tick / every + 1).saturating_mul(every);
        let (buffer, machine) = (&mut self.buffer[..], &mut self.machine);
        self.devices.sample(&self.root, buffer, machine);
        self.files.board.sample(&self.root, buffer, machine);
        let storage = &self.files.storage;
        storage.sample(&self.root, &self.devices, machine);
    }

    /// Notes what became of the clocks.
    pub(super) fn clocks(&mut self, now: &Now) {
        let stepped = offset_ms(now.realtime_ns, now.boottime_ns)
            .wrapping_sub(offset_ms(self.start.realtime_ns, self.start.boottime_ns));
        let suspended = offset_ms(now.boottime_ns, now.monotonic_ns)
            .wrapping_sub(offset_ms(self.start.boottime_ns, self.start.monotonic_ns));
        let group = self.machine.group_mut(clock::ID);
        for (field, value) in [
            (clock::STEPPED_MS, stepped),
            (clock::SUSPENDED_MS, suspended),
        ] {
            if value.abs_diff(group[field] as i64) >= STEP_MS {
                group[field] = value as u64;
            }
        }
    }

    /// Notes what the recorder takes itself.
    pub(super) fn own(&mut self, now: &Now, tick: u64, own: Own, slow: bool) {
        let kept = self.table.kept_descriptors();
        let group = self.machine.group_mut(recorder::ID);
        group[recorder::UNREADABLE] = self.table.unreadable();
        group[recorder::NOT_READ] = self.table.failed();
        group[recorder::LEFT_OUT] = self.table.left_out();
        group[recorder::MISSED] = own.missed;
        group[recorder::STOPPED] = own.stopped;
        group[recorder::PID] = self.own_pid;
        group[recorder::HIDDEN] = u64::from(self.hidden);
        group[recorder::CAP_EFF] = self.cap_eff;
        group[recorder::UNWRITTEN] = own.unwritten;
        group[recorder::WRITE_ERRNO] = own.write_errno;
        if !slow && tick < self.own_due {
            return;
        }
        // Early ones lie close together, for a run that is short, or is cut off.
        self.own_due = tick.saturating_mul(2).max(1);
        group[recorder::CPU_US] = now.cpu_ns.saturating_sub(self.start.cpu_ns) / 1000;
        group[recorder::WRITTEN_BYTES] = own.written_bytes;
        group[recorder::KEPT_DESCRIPTORS] = kept;
        let pss = self
            .root
            .read_proc("self/smaps_rollup", &mut self.buffer)
            .ok()
            .and_then(|text| smaps_rollup::parse(text).ok());
        group[recorder::PSS_KIB] = pss.map_or(fields::NOT_OBSERVABLE, |rollup| rollup.pss);
    }
}

/// `a - b` in milliseconds.
fn offset_ms(a: u64, b: u64) -> i64 {
    (a.wrapping_sub(b) as i64) / 1_000_000
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

/// By the file that is there in such a `/proc`, too.
pub(crate) fn shows_processes_only(root: &Root) -> bool {
    let mut buffer = vec![0; 1 << 16];
    let text = root.read("proc/self/mounts", &mut buffer);
    mounts::has_processes_only(text.unwrap_or_default())
}

/// The errors that say that this user may not, as against: it is not there.
pub(super) fn is_denied(errno: Errno) -> bool {
    matches!(errno, Errno::EACCES | Errno::EPERM)
}

/// The errors that say that the process is no more.
pub(super) fn is_gone(errno: Errno) -> bool {
    matches!(errno, Errno::ENOENT | Errno::ESRCH)
}

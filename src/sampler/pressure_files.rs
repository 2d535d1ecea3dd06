//! Reclaim and pressure in each sample: `/proc/vmstat` and `/proc/pressure`.

use crate::log::fields::board::{feature, PSI};
use crate::log::fields::{board, pressure, vmstat as fields, Values, NOT_OBSERVABLE};
use crate::log::model::Machine;
use crate::proc::pressure::{parse, Pressure};
use crate::proc::root::{reread, reread_to_end, Root};
use crate::proc::vmstat::{self, Extent};
use nix::errno::Errno;
use std::os::fd::OwnedFd;

/// How many bytes the needed lines of vmstat may grow between two samples.
const SLACK: usize = 32;

/// The files, kept open.
pub(crate) struct PressureFiles {
    vmstat: Option<OwnedFd>,
    /// Where the needed lines of vmstat were the last time.
    extent: Extent,
    /// Pages that were taken from processes so far.
    taken: u64,
    pressure: [Option<OwnedFd>; 3],
    psi: u64,
}

/// The files of /proc/pressure, and where their totals go.
const PRESSURE: [(&str, usize, usize); 3] = [
    ("pressure/cpu", pressure::CPU_SOME_US, pressure::CPU_FULL_US),
    (
        "pressure/memory",
        pressure::MEMORY_SOME_US,
        pressure::MEMORY_FULL_US,
    ),
    ("pressure/io", pressure::IO_SOME_US, pressure::IO_FULL_US),
];

impl PressureFiles {
    pub(crate) fn open(root: &Root) -> Self {
        let mut psi = feature::ABSENT;
        let pressure = PRESSURE.map(|(name, ..)| match try_pressure(root, name) {
            Ok(file) => Some(file),
            Err(errno) => {
                psi = psi.max(why(errno));
                None
            }
        });
        Self {
            vmstat: root.open_proc("vmstat").ok(),
            extent: Extent::default(),
            taken: 0,
            psi: match pressure.iter().any(Option::is_some) {
                true => feature::ON,
                false => psi,
            },
            pressure,
        }
    }

    /// Whether the kernel has pressure stall information: one of [`feature`].
    pub(crate) fn psi(&self) -> u64 {
        self.psi
    }

    /// Reads the files; returns whether memory was reclaimed, swapped out or moved since
    /// the last time.
    pub(super) fn sample(&mut self, buffer: &mut [u8], machine: &mut Machine) -> bool {
        machine.group_mut(board::ID)[PSI] = self.psi;
        self.put_pressure(buffer, machine);
        let group = machine.group_mut(fields::ID);
        let read = match &self.vmstat {
            Some(file) => read_vmstat(file, &mut self.extent, buffer, group),
            None => None,
        };
        if read.is_none() {
            group[..fields::COUNT].fill(NOT_OBSERVABLE);
            // Unreadable this time: memory may have been reclaimed.
            return self.vmstat.is_some();
        }
        let taken = pages_taken(group);
        taken != std::mem::replace(&mut self.taken, taken)
    }

    fn put_pressure(&self, buffer: &mut [u8], machine: &mut Machine) {
        let group = machine.group_mut(pressure::ID);
        for (file, (_, some, full)) in self.pressure.iter().zip(PRESSURE) {
            // The kernel gives such a file whole, in one piece.
            let totals: Option<Pressure> = file
                .as_ref()
                .and_then(|file| reread(file, buffer).ok())
                .and_then(|text| parse(text).ok());
            group[some] = totals.map_or(NOT_OBSERVABLE, |totals| totals.some_us);
            group[full] = totals
                .and_then(|totals| totals.full_us)
                .unwrap_or(NOT_OBSERVABLE);
        }
    }
}

/// What a failure to read says of PSI.
fn why(errno: Errno) -> u64 {
    match errno {
        Errno::ENOENT => feature::ABSENT,
        // This process lacks a permission or a resource.
        Errno::EACCES | Errno::EPERM | Errno::EMFILE | Errno::ENFILE | Errno::ENOMEM => {
            NOT_OBSERVABLE
        }
        // The first kernels show the files where PSI is switched off, and fail to
        // read them (EOPNOTSUPP).
        _ => feature::OFF,
    }
}

/// A file that can be opened and read.
fn try_pressure(root: &Root, name: &str) -> nix::Result<OwnedFd> {
    let file = root.open_proc(name)?;
    reread(&file, &mut [0; 512]).map(|_| file)
}

/// The kernel writes vmstat line by line until what is asked for is full, and sums
/// up the counters of all cores at each read(2): so it is asked once, for as much as
/// was of use the last time, and only that is parsed.
fn read_vmstat(
    file: &OwnedFd,
    extent: &mut Extent,
    buffer: &mut [u8],
    group: &mut Values,
) -> Option<()> {
    if extent.lines > 0 {
        let wanted = (extent.end + SLACK).min(buffer.len());
        let text = reread(file, &mut buffer[..wanted]).ok()?;
        let newline = |&byte: &u8| byte == b'\n';
        let end = text.iter().rposition(newline).map_or(0, |at| at + 1);
        let begin = match extent.begin.saturating_sub(SLACK) {
            0 => 0,
            from => {
                let line = text.get(from..end).unwrap_or_default();
                from + line.iter().position(newline).map_or(0, |at| at + 1)
            }
        };
        if let Ok(again) = vmstat::parse(text.get(begin..end).unwrap_or_default(), group) {
            if again.lines == extent.lines {
                *extent = Extent {
                    begin: begin + again.begin,
                    end: begin + again.end,
                    ..again
                };
                return Some(());
            }
        }
    }
    *extent = vmstat::parse(reread_to_end(file, buffer).ok()?, group).ok()?;
    Some(())
}

/// Counts what takes memory from a process that does not run. `pgsteal_lru` as
/// well: what a memory cgroup's own limit has reclaimed is only there.
fn pages_taken(group: &Values) -> u64 {
    [
        fields::PGSTEAL,
        fields::PGSTEAL_LRU,
        fields::PSWPOUT,
        fields::PGMIGRATE_SUCCESS,
    ]
    .iter()
    .map(|field| group[*field])
    .filter(|pages| *pages != NOT_OBSERVABLE)
    .fold(0, u64::wrapping_add)
}

//! The table of key processes: assigns processes to rows, and sums them.

use super::{Process, ProcessMemory, Snapshot};
use crate::products::{self, find, Homes, Key, Profile, PROFILES};

/// Rows to show if no product is found.
pub(crate) const LARGEST: usize = 10;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    /// It has no process.
    Absent,
    /// Its processes are another row's.
    Elsewhere,
    /// It has processes, all with unknown memory.
    Unreadable,
    Known,
}

/// A key process with all its instances; KiB.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ProcessRow {
    pub label: Vec<u8>,
    /// Instances.
    pub processes: u64,
    /// In ascending order; cut in a log's footprint. Of one that has no instances, those
    /// that another row has.
    pub pids: Vec<u32>,
    /// Instances with unknown memory: not in the sums.
    pub unreadable: u64,
    pub estimated: bool,
    pub pss: u64,
    pub shared: u64,
    pub rss: u64,
    pub swap_pss: u64,
    /// Huge pages of hugetlb, not in `pss` and `rss`; 0 from a log.
    pub hugetlb: u64,
    /// Of all instances.
    pub virt: u64,
}

impl ProcessRow {
    pub(crate) fn state(&self) -> State {
        match (self.processes, self.unreadable) {
            (0, _) if self.pids.is_empty() => State::Absent,
            (0, _) => State::Elsewhere,
            (processes, unreadable) if unreadable >= processes => State::Unreadable,
            _ => State::Known,
        }
    }

    /// Whether the sums are complete.
    pub(crate) fn is_whole(&self) -> bool {
        self.unreadable == 0
    }

    fn add(&mut self, process: &Process) {
        match process.memory {
            // A zombie.
            ProcessMemory::None => return,
            ProcessMemory::Known(figures) => {
                self.estimated |= figures.estimated;
                for (sum, value) in [
                    (&mut self.pss, figures.pss),
                    (&mut self.shared, figures.shared),
                    (&mut self.rss, figures.rss),
                    (&mut self.swap_pss, figures.swap_pss),
                    (&mut self.hugetlb, figures.hugetlb),
                ] {
                    *sum = sum.saturating_add(value);
                }
            }
            ProcessMemory::Denied | ProcessMemory::Failed | ProcessMemory::Unread => {
                self.unreadable += 1
            }
        }
        self.virt = self.virt.saturating_add(process.vsize_kib);
        self.processes += 1;
        self.pids.push(process.pid);
    }
}

/// The index of each process's key, so that none is counted twice; see [`find`]. `own` is
/// the pid of this program, whose arguments contain the patterns; so do those of the shell
/// or sudo that runs it.
pub(crate) fn assign(processes: &[Process], keys: &[Key], own: Option<u32>) -> Vec<Option<usize>> {
    let callers = callers(processes, own);
    let homes = Homes::of(candidates(processes, &callers));
    let of = |process: &Process| find(keys, &candidate(process, &callers)?, &homes);
    processes.iter().map(of).collect()
}

/// The process as keys see it; `None` for one that matches no key.
fn candidate<'p>(process: &'p Process, callers: &[u32]) -> Option<products::Process<'p>> {
    let may_be = !process.kernel_thread && !callers.contains(&process.pid);
    may_be.then(|| products::Process::new(&process.comm, &process.cmdline, &process.cgroup))
}

fn candidates<'p>(
    processes: &'p [Process],
    callers: &'p [u32],
) -> impl Iterator<Item = products::Process<'p>> + 'p {
    let processes = processes.iter();
    processes.filter_map(|process| candidate(process, callers))
}

/// This program, and its ancestors that run it.
fn callers(processes: &[Process], own: Option<u32>) -> Vec<u32> {
    let mut callers = Vec::new();
    let mut next = own;
    while let Some(pid) = next {
        let Some(process) = processes.iter().find(|process| process.pid == pid) else {
            break;
        };
        let runs_it = process.cmdline.windows(9).any(|word| word == b"footprint");
        // A shell in relay-term must not exclude relay-term.
        if callers.contains(&pid) || Some(pid) != own && !runs_it {
            break;
        }
        callers.push(pid);
        next = Some(process.ppid);
    }
    callers
}

/// The rows of `keys`, in their order; `assigned` is the result of [`assign`].
pub(crate) fn rows(
    processes: &[Process],
    keys: &[Key],
    assigned: &[Option<usize>],
) -> Vec<ProcessRow> {
    let mut rows: Vec<ProcessRow> = keys
        .iter()
        .map(|key| ProcessRow {
            label: key.label.clone().into_bytes(),
            ..ProcessRow::default()
        })
        .collect();
    for (process, key) in processes.iter().zip(assigned) {
        if let Some(row) = key.and_then(|key| rows.get_mut(key)) {
            row.add(process);
        }
    }
    for row in &mut rows {
        row.pids.sort_unstable();
    }
    rows
}

/// The rows of `keys` without rare key processes that do not run; one whose processes are all
/// another's is not called absent.
pub(crate) fn shown(
    processes: &[Process],
    keys: &[Key],
    assigned: &[Option<usize>],
    own: Option<u32>,
) -> Vec<ProcessRow> {
    let mut rows = rows(processes, keys, assigned);
    for (row, key) in rows.iter_mut().zip(keys) {
        if row.processes > 0 {
            continue;
        }
        let alone = assign(processes, std::slice::from_ref(key), own);
        for ((process, own), other) in processes.iter().zip(alone).zip(assigned) {
            let has_memory = !matches!(process.memory, ProcessMemory::None);
            if own.is_some() && other.is_some() && has_memory {
                row.pids.push(process.pid);
            }
        }
        row.pids.sort_unstable();
    }
    let rows = rows.into_iter().zip(keys);
    let rows = rows.filter(|(row, key)| !key.rare || !row.pids.is_empty());
    rows.map(|(row, _)| row).collect()
}

/// The largest programs: processes of one name together, by PSS.
pub(crate) fn largest(moment: &Snapshot) -> Vec<ProcessRow> {
    let mut rows: Vec<ProcessRow> = Vec::new();
    for process in moment.processes.iter().filter(|p| !p.kernel_thread) {
        match rows.iter_mut().find(|row| row.label == process.comm) {
            Some(row) => row.add(process),
            None => {
                let mut row = ProcessRow {
                    label: process.comm.clone(),
                    ..ProcessRow::default()
                };
                row.add(process);
                rows.push(row);
            }
        }
    }
    // Without PSS, by address space.
    rows.sort_by(|a, b| (b.pss, b.virt, &a.label).cmp(&(a.pss, a.virt, &b.label)));
    rows.retain(|row| row.processes > 0);
    rows.truncate(LARGEST);
    for row in &mut rows {
        row.pids.sort_unstable();
    }
    rows
}

/// The products that run.
pub(crate) fn running(processes: &[Process], own: Option<u32>) -> Vec<&'static Profile> {
    let callers = callers(processes, own);
    let shows = |profile: &&Profile| {
        let mut candidates = candidates(processes, &callers);
        candidates.any(|process| profile.is_shown_by(&process))
    };
    PROFILES.iter().filter(shows).collect()
}

/// The sum of the known PSS, KiB, and whether it is complete.
pub(crate) fn total_pss(rows: &[ProcessRow]) -> (u64, bool) {
    let pss = rows
        .iter()
        .fold(0u64, |sum, row| sum.saturating_add(row.pss));
    (pss, rows.iter().all(ProcessRow::is_whole))
}

#[cfg(test)]
mod tests;

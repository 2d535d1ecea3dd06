//! Memory that a child borrows: between vfork(2), which posix_spawn(3) is made of,
//! and execve(2) it runs in its parent's, and the kernel shows the parent's figures
//! for both.

use super::memory_source::{may_be_lent, MemoryReading};
use super::state::Sampler;
use super::task::Task;
use crate::log::fields::process;
use crate::proc::smaps_rollup::Rollup;
use crate::system::process::share_memory;

/// In whose memory a process runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Owner {
    /// Its own.
    Itself,
    Parent,
    /// It is new, runs its parent's program, and the kernel has no kcmp(2).
    Unknown,
}

impl Sampler {
    /// In whose memory `pid` runs, the process in `slot`. Ask before it is first read:
    /// once a process has memory of its own, that does not change.
    pub(super) fn owner(&mut self, pid: u32, slot: usize) -> Owner {
        let Some((process, track)) = self.table.get(slot) else {
            return Owner::Itself;
        };
        let parent = process.values[process::PPID] as u32;
        let program = track.program;
        if !track.may_be_lent() {
            return Owner::Itself;
        }
        if self
            .table
            .program_of(parent)
            .is_some_and(|of| of != program)
        {
            return Owner::Itself;
        }
        let shared = match self.root.is_live() {
            true => share_memory(parent, pid),
            false => None,
        };
        match shared {
            Some(true) => Owner::Parent,
            Some(false) => Owner::Itself,
            None => Owner::Unknown,
        }
    }

    /// Without PSS: a resident set that is the parent's counts for that alone.
    pub(super) fn leave_to_parent(&mut self, index: usize) {
        let (pid, slot) = self.table.place(index);
        let owner = self.owner(pid, slot);
        if let Some((process, track)) = self.table.get(slot) {
            match owner {
                Owner::Parent => process.values[process::RSS] = 0,
                Owner::Itself | Owner::Unknown => track.put_off = true,
            }
        }
    }

    /// Without kcmp(2): whether what was read of the process in `slot` may be its
    /// parent's. Said once of each: at the next sample it has long been executing
    /// something, or is only alike.
    pub(super) fn looks_lent(&mut self, slot: usize, child: &Rollup) -> bool {
        let Some((process, track)) = self.table.get(slot) else {
            return false;
        };
        track.put_off = true;
        let parent = Task::of(process.values[process::PPID] as u32);
        match self
            .memory_source
            .read(&self.root, parent, &mut self.buffer)
        {
            MemoryReading::Known(parent) => may_be_lent(&parent, child),
            _ => false,
        }
    }
}

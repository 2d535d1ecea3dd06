//! Borrowed memory: between vfork(2), which posix_spawn(3) uses, and execve(2) a child
//! runs in its parent's memory, and the kernel shows the parent's figures for both.

use super::memory_source::{may_be_borrowed, MemoryReading};
use super::state::Sampler;
use super::task::Task;
use crate::log::fields::process;
use crate::proc::smaps_rollup::Rollup;
use crate::system::process::share_memory;

/// The process in whose memory a process runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Owner {
    /// Its own.
    Itself,
    Parent,
    /// The process is new, runs its parent's program, and the kernel has no kcmp(2).
    Unknown,
}

impl Sampler {
    /// The owner of the memory in which `pid`, the process in `slot`, runs. Asked only
    /// before the first reading: a process keeps memory of its own.
    pub(super) fn owner(&mut self, pid: u32, slot: usize) -> Owner {
        let Some((process, track)) = self.table.get(slot) else {
            return Owner::Itself;
        };
        let parent = process.values[process::PPID] as u32;
        let program = track.program;
        if !track.may_be_borrowed() {
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

    /// Without PSS: a borrowed resident set counts for the parent alone.
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

    /// Without kcmp(2): whether the reading of the process in `slot` may be its parent's.
    /// Asked once per process: by the next sample the child executes its own program.
    pub(super) fn looks_borrowed(&mut self, slot: usize, child: &Rollup) -> bool {
        let Some((process, track)) = self.table.get(slot) else {
            return false;
        };
        track.put_off = true;
        let parent = Task::of(process.values[process::PPID] as u32);
        match self
            .memory_source
            .read(&self.root, parent, &mut self.buffer)
        {
            MemoryReading::Known(parent) => may_be_borrowed(&parent, child),
            _ => false,
        }
    }
}

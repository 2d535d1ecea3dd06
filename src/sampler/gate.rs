//! The gate: an unchanged schedstat means that the process used no CPU. Its stat, which
//! costs three times as much, need not be read then.

use super::task::Task;
use crate::proc::root::{read_once, reread, Root};
use crate::proc::schedstat::run_time_ns;
use nix::errno::Errno;
use std::os::fd::OwnedFd;

/// The gate of one process.
#[derive(Debug, Default)]
pub(super) struct Gate {
    /// /proc/PID/schedstat, kept open.
    pub(crate) file: Option<OwnedFd>,
    /// Its time on a CPU when it was last asked; it cannot run without that.
    seen_ns: u64,
    /// The process ran, and the gate did not tell: some kernels and containers show one
    /// number for ever.
    is_stuck: bool,
    /// It was asked, and told that the process did not run.
    pub(crate) told_quiet: bool,
}

/// Whether the process ran.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum GateAnswer {
    /// It did not run.
    Quiet,
    /// It was never asked before: most processes are idle.
    First,
    /// It ran, or the gate cannot tell.
    Open,
}

impl Gate {
    /// Whether `pid` ran since this was last asked. Keeps the file open, if it may.
    pub(crate) fn ask(
        &mut self,
        root: &Root,
        pid: u32,
        may_keep: bool,
        buffer: &mut [u8],
    ) -> GateAnswer {
        self.told_quiet = false;
        if self.is_stuck {
            return GateAnswer::Open;
        }
        let seen = match self.read(root, pid, may_keep, buffer) {
            Ok(text) => run_time_ns(text).unwrap_or(0),
            // Reaped; or a kernel without the file.
            Err(_) => 0,
        };
        let before = std::mem::replace(&mut self.seen_ns, seen);
        match before {
            // Before its first turn on a CPU a task has zeros as well.
            _ if seen == 0 => GateAnswer::Open,
            0 => GateAnswer::First,
            before if before == seen => {
                self.told_quiet = true;
                GateAnswer::Quiet
            }
            _ => GateAnswer::Open,
        }
    }

    /// It has told something before, or never will.
    pub(crate) fn was_asked(&self) -> bool {
        self.seen_ns != 0 || self.is_stuck
    }

    /// The gate is not asked any more; returns whether the file was kept open.
    pub(crate) fn give_up(&mut self) -> bool {
        self.is_stuck = true;
        self.file.take().is_some()
    }

    fn read<'b>(
        &mut self,
        root: &Root,
        pid: u32,
        may_keep: bool,
        buffer: &'b mut [u8],
    ) -> Result<&'b [u8], Errno> {
        if let Some(file) = &self.file {
            return reread(file, buffer);
        }
        let file = root.open_proc(&Task::of(pid).file("schedstat"))?;
        let text = read_once(&file, buffer)?;
        if may_keep {
            self.file = Some(file);
        }
        Ok(text)
    }
}

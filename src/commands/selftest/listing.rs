//! The processes of `/proc`.

use super::super::outcome::{shown, Error};
use crate::proc::pid_stat;
use crate::proc::root::Root;
use crate::sampler::task::has_ended;
use crate::system::errno::reason;
use nix::errno::Errno;

/// The processes that `/proc` lists.
pub(crate) struct Processes {
    pub(crate) processes: Vec<Process>,
    /// How many have an unreadable `stat`.
    pub(crate) denied: usize,
    pub(crate) kernel_threads: usize,
}

/// A process that is no kernel thread.
pub(crate) struct Process {
    pub pid: u32,
    pub comm: Vec<u8>,
    /// It has not ended, and so may have memory.
    pub(crate) is_alive: bool,
}

impl Processes {
    /// # Errors
    /// If `/proc` cannot be listed.
    pub(crate) fn list(root: &Root) -> Result<Self, Error> {
        let pids = root.pids().map_err(|errno| {
            let proc = shown(&root.proc_path(""));
            Error::new(format!("cannot list {proc}: {}", reason(errno)))
        })?;
        let mut found = Self {
            processes: Vec::new(),
            denied: 0,
            kernel_threads: 0,
        };
        let mut buffer = [0; 4096];
        for pid in pids {
            match root.read_proc(&format!("{pid}/stat"), &mut buffer) {
                Ok(text) => found.put(pid, text),
                Err(Errno::EACCES | Errno::EPERM) => found.denied += 1,
                // It has ended.
                Err(_) => {}
            }
        }
        Ok(found)
    }

    fn put(&mut self, pid: u32, text: &[u8]) {
        match pid_stat::parse(text) {
            Ok(stat) if stat.is_kernel_thread() => self.kernel_threads += 1,
            Ok(stat) => self.processes.push(Process {
                pid,
                comm: stat.comm.to_vec(),
                is_alive: !has_ended(stat.state),
            }),
            Err(_) => {}
        }
    }
}

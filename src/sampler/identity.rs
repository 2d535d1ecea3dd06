//! The long text of a process, read once and when it executes something else.

use super::Sampler;
use crate::log::fields::process::flag;
use crate::log::record;
use crate::proc::cgroup;
use crate::proc::root::Root;
use std::fmt::Write;

/// How much of a command line is kept, bytes: enough to tell what it is.
pub const CMDLINE_BYTES: usize = 1024;
/// How much of a cgroup's path is kept, bytes. Those of Kubernetes have some 150.
const CGROUP_BYTES: usize = 1024;

/// Command line and cgroup, for the log.
pub type Identity<'a> = record::Identity<'a>;

impl Sampler {
    /// Hands `sink` the identity of each process that is not in the log yet.
    pub fn identities(&mut self, mut sink: impl FnMut(&Identity<'_>)) {
        for index in 0..self.table.len() {
            let (pid, slot) = self.table.place(index);
            let Some((slot, track)) = self.table.get(slot) else {
                continue;
            };
            if track.identified {
                continue;
            }
            track.identified = true;
            if slot.process.has(flag::KERNEL_THREAD) {
                continue;
            }
            let starttime = slot.process.starttime;
            let (cmdline, rest) = self.buffer.split_at_mut(CMDLINE_BYTES + 1);
            let cmdline = read(&self.root, pid, "cmdline", cmdline);
            let text = read(&self.root, pid, "cgroup", rest);
            let path = cgroup::of(text).unwrap_or_default();
            sink(&Identity {
                pid,
                starttime,
                cut: cmdline.len() > CMDLINE_BYTES,
                cmdline: &cmdline[..cmdline.len().min(CMDLINE_BYTES)],
                cgroup: &path[..path.len().min(CGROUP_BYTES)],
            });
        }
    }

    /// Has all identities written again.
    pub fn forget_identities(&mut self) {
        for index in 0..self.table.len() {
            let (_, slot) = self.table.place(index);
            if let Some((_, track)) = self.table.get(slot) {
                track.identified = false;
            }
        }
    }
}

/// What may not be read, or is gone, is empty.
fn read<'b>(root: &Root, pid: u32, file: &str, buffer: &'b mut [u8]) -> &'b [u8] {
    let mut name = heapless::String::<24>::new();
    let _ = write!(name, "{pid}/{file}");
    root.read_proc(&name, buffer).unwrap_or_default()
}

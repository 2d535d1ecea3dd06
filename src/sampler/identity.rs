//! The long text of a process: its command line, which is read once and when it
//! executes something else, and its cgroup, into which a process is often moved
//! after its start, by systemd or the kubelet.

use super::identity_state::NO_CGROUP;
use super::state::Sampler;
use super::task::{has_ended, is_denied, is_gone, scattered, Task};
use super::track::Track;
use crate::log::fields::process::flag;
use crate::log::record;
use crate::proc::cgroup;
use crate::proc::root::Root;

/// How much of a command line is kept, bytes: enough to tell what it is.
pub(crate) const CMDLINE_BYTES: usize = 1024;
/// How much of a cgroup's path is kept, bytes. Those of Kubernetes have some 150.
const CGROUP_BYTES: usize = 1024;
/// Command line and cgroup, for the log.
pub(crate) type Identity<'a> = record::Identity<&'a [u8]>;

impl Sampler {
    /// Hands `sink` the identity of each process that it was not told yet, or that has
    /// changed since.
    ///
    /// # Errors
    /// Those of `sink`.
    pub fn identities<E>(
        &mut self,
        mut sink: impl FnMut(Identity<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        let tick = u32::try_from(self.tick).unwrap_or(u32::MAX);
        let mut index = 0;
        let is_due = |track: &mut Track| track.identified.is_due(tick);
        while let Some(due) = self.table.next_where(index, is_due) {
            if let Some(identity) = self.identify(tick, due) {
                sink(identity)?;
            }
            index = due + 1;
        }
        Ok(())
    }

    fn identify(&mut self, tick: u32, index: usize) -> Option<Identity<'_>> {
        let task = self.table.task(index);
        let (_, slot) = self.table.place(index);
        let (process, track) = self.table.get(slot)?;
        let known = &mut track.identified;
        let spread = scattered(task.pid);
        if track.gate.was_asked() && known.put_off(tick, self.tick_length, spread) {
            return None;
        }
        let spread = (self.samples == 1).then_some(spread);
        let before = *known;
        known.looked(tick, self.tick_length, spread);
        // A zombie has lost its command line: the one that it had stands.
        let has_ended = has_ended(track.state) && task.tid == 0;
        if process.has(flag::KERNEL_THREAD) || has_ended && before.cgroup != 0 {
            return None;
        }
        let (cmdline, rest) = self.buffer.split_at_mut(CMDLINE_BYTES + 1);
        let Ok(cgroup) = read(&self.root, task, "cgroup", rest) else {
            *known = before;
            return None;
        };
        let path = cgroup.map(|text| cgroup::of(text).unwrap_or_default());
        let number = path.map_or(NO_CGROUP, number);
        if before.told && (path.is_none() || number == before.cgroup) {
            return None;
        }
        let Ok(cmdline) = read(&self.root, task, "cmdline", cmdline) else {
            *known = before;
            return None;
        };
        // It is gone: what is known of it stands.
        if path.is_none() && cmdline.is_none() {
            return None;
        }
        known.cgroup = number;
        let (path, cmdline) = (path.unwrap_or_default(), cmdline.unwrap_or_default());
        Some(Identity {
            pid: task.pid,
            starttime: process.starttime,
            cut: cmdline.len() > CMDLINE_BYTES,
            cmdline: &cmdline[..cmdline.len().min(CMDLINE_BYTES)],
            cgroup: &path[..path.len().min(CGROUP_BYTES)],
        })
    }

    /// Has all identities told again.
    pub(crate) fn forget_identities(&mut self) {
        self.table
            .for_each(|_, track| track.identified.told = false);
    }
}

/// A file of a process; none where it may not be read, or the process is gone.
///
/// # Errors
/// Those that say nothing of the process.
fn read<'b>(
    root: &Root,
    task: Task,
    file: &str,
    buffer: &'b mut [u8],
) -> nix::Result<Option<&'b [u8]>> {
    match root.read_proc(&task.file(file), buffer) {
        Ok(text) => Ok(Some(text)),
        Err(errno) if is_denied(errno) || is_gone(errno) => Ok(None),
        Err(errno) => Err(errno),
    }
}

/// A number that another path hardly has (FNV-1a); neither 0 nor [`NO_CGROUP`].
fn number(path: &[u8]) -> u32 {
    let hash = path.iter().fold(0x811c_9dc5_u32, |hash, byte| {
        (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193)
    });
    hash | 1
}

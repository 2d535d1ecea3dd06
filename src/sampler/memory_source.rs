//! Where a process's memory figures come from: smaps_rollup, or, on kernels
//! before 4.14, smaps.

use super::task::is_denied;
use super::task::{is_without_memory, Task};
use crate::proc::root::{read_once, Root};
use crate::proc::smaps::Sum;
use crate::proc::smaps_rollup::{self, Rollup};
use nix::errno::Errno;

/// What reading the memory of a process came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum MemoryReading {
    Known(Rollup),
    /// It has none: a kernel thread, a zombie, a process that just ended.
    None,
    /// This user may not read it.
    Denied,
    /// It could not be read now: no descriptor or memory was left for the reader, or
    /// the kernel failed, or showed what is no such file, or what cannot be.
    Failed,
}

impl MemoryReading {
    /// The same, unless it is more than the machine's memory, KiB: that cannot be.
    pub(crate) fn within(self, total_kib: Option<u64>) -> Self {
        match self {
            Self::Known(rollup) if total_kib.is_some_and(|total| rollup.pss > total) => {
                Self::Failed
            }
            reading => reading,
        }
    }
}

/// The file that this kernel has.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum MemorySource {
    #[default]
    Rollup,
    Smaps,
}

impl MemorySource {
    /// Reads the memory of a process. The file is opened anew each time: a descriptor
    /// opened while a vfork(2)ed child still borrows its parent's memory would show
    /// the parent's for ever.
    pub(crate) fn read(&mut self, root: &Root, task: Task, buffer: &mut [u8]) -> MemoryReading {
        let read = match self {
            Self::Rollup => match rollup(root, task, buffer) {
                Err(Errno::ENOENT) => self.smaps(root, task, buffer),
                read => read,
            },
            Self::Smaps => self.smaps(root, task, buffer),
        };
        match read {
            Ok(reading) => reading,
            Err(errno) if is_denied(errno) => MemoryReading::Denied,
            // Another thread may still show it.
            Err(_) if task.tid != 0 => MemoryReading::Failed,
            Err(Errno::ESRCH) => MemoryReading::None,
            // The process is gone, or the kernel has neither file.
            Err(Errno::ENOENT) => nothing(root, task, buffer),
            Err(_) => MemoryReading::Failed,
        }
    }

    fn smaps(&mut self, root: &Root, task: Task, buffer: &mut [u8]) -> nix::Result<MemoryReading> {
        let sum = smaps(root, task, buffer)?;
        *self = Self::Smaps;
        Ok(match sum.finish() {
            Ok((rollup, 1..)) => MemoryReading::Known(rollup),
            // What a process without memory shows: unlike smaps_rollup, no error.
            Ok((_, 0)) => nothing(root, task, buffer),
            Err(_) => MemoryReading::Failed,
        })
    }
}

/// What it means that there is nothing to be read.
fn nothing(root: &Root, task: Task, buffer: &mut [u8]) -> MemoryReading {
    match task.tid == 0 && is_without_memory(root, task.pid, buffer) {
        true => MemoryReading::None,
        false => MemoryReading::Failed,
    }
}

fn rollup(root: &Root, task: Task, buffer: &mut [u8]) -> nix::Result<MemoryReading> {
    let text = root.read_proc(&task.file("smaps_rollup"), buffer)?;
    Ok(smaps_rollup::parse(text).map_or(MemoryReading::Failed, MemoryReading::Known))
}

fn smaps(root: &Root, task: Task, buffer: &mut [u8]) -> nix::Result<Sum> {
    let file = root.open_proc(&task.file("smaps"))?;
    let mut sum = Sum::default();
    loop {
        match read_once(&file, buffer)? {
            [] => return Ok(sum),
            piece => sum.feed(piece),
        }
    }
}

/// Whether a child may have its parent's memory, and none of its own: between
/// vfork(2) and execve(2) it runs in it, and smaps shows the parent's for both.
/// After fork(2) the two share pages instead, which then are not private.
pub(crate) fn may_be_borrowed(parent: &Rollup, child: &Rollup) -> bool {
    parent == child && child.private_dirty > child.shared_dirty
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_lent_to_a_child_counts_once() {
        let parent = Rollup {
            rss: 900,
            pss: 880,
            private_dirty: 800,
            shared_clean: 100,
            ..Rollup::default()
        };
        assert!(may_be_borrowed(&parent, &parent));
        // After fork, what neither has written to is shared.
        let forked = Rollup {
            private_dirty: 20,
            shared_dirty: 780,
            ..parent
        };
        assert!(!may_be_borrowed(&forked, &forked));
        assert!(!may_be_borrowed(&parent, &forked));
    }
}

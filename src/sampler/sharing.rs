//! Processes that share pages: those of the same program, and a parent with the child
//! that it forked off. When one of them comes or goes, the PSS of the others changes,
//! though they did nothing.

/// The program that a process runs, by device and inode of /proc/PID/exe; 0 where
/// unknown. Where two programs have the same number, some memory is read once more
/// than necessary.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Program(u64);

impl Program {
    pub(crate) fn of(device: u64, inode: u64) -> Self {
        Self(device.rotate_left(48) ^ inode)
    }
}

/// A process came or went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct SharerChange {
    pub(crate) program: Program,
    pub(crate) parent: u32,
}

/// More than come and go in a second on a busy board.
const CHANGES: usize = 512;

/// The processes that came and went since the last sample.
#[derive(Debug)]
pub(super) struct Sharing {
    pub(crate) changes: heapless::Vec<SharerChange, CHANGES>,
    /// There were more than can be noted.
    pub(crate) overflown: bool,
}

impl Sharing {
    pub(crate) const fn new() -> Self {
        Self {
            changes: heapless::Vec::new(),
            overflown: false,
        }
    }

    /// A process of `program` came or went, whose parent is `parent`.
    pub(crate) fn note(&mut self, program: Program, parent: u32) {
        if program != Program::default() {
            self.overflown |= self.changes.push(SharerChange { program, parent }).is_err();
        }
    }

    pub(crate) fn clear(&mut self) {
        self.changes.clear();
        self.overflown = false;
    }
}

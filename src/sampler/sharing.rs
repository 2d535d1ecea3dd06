//! Who shares pages with whom: processes that run the same program, and a parent
//! with the child it forked off. When one of them comes or goes, the PSS of the
//! others changes, though nothing of their own does.

use super::table::Table;

/// The program that a process runs, by device and inode of /proc/PID/exe; 0 where
/// that cannot be told. Two may come to have the same number: what is taken to be
/// shared then is read once more than need be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Program(u64);

impl Program {
    pub(crate) fn of(device: u64, inode: u64) -> Self {
        Self(device.rotate_left(48) ^ inode)
    }
}

/// A process came or went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Turn {
    program: Program,
    parent: u32,
}

/// More than come and go in a second on a busy board. Of more, none is told apart.
const TURNS: usize = 512;

/// Notes who came and went since the last sample.
#[derive(Debug)]
pub(super) struct Sharing {
    turns: heapless::Vec<Turn, TURNS>,
    /// There were more than can be noted.
    overflown: bool,
}

impl Sharing {
    pub(crate) const fn new() -> Self {
        Self {
            turns: heapless::Vec::new(),
            overflown: false,
        }
    }

    /// A process of `program` came or went, whose parent is `parent`.
    pub(crate) fn note(&mut self, program: Program, parent: u32) {
        if program != Program::default() {
            self.overflown |= self.turns.push(Turn { program, parent }).is_err();
        }
    }

    /// Lets those who share know.
    pub(crate) fn settle(&mut self, table: &mut Table) {
        if self.overflown {
            table.for_each(|_, track| track.memory.shared_by(1));
        }
        for index in 0..self.turns.len() {
            let Turn { program, parent } = self.turns[index];
            let mut sharers = 0;
            table.for_each(|_, track| sharers += u64::from(track.program == program));
            table.for_each(|slot, track| {
                if track.program != program {
                    return;
                }
                track.memory.shared_by(sharers);
                if slot.process.pid == parent {
                    track.memory.shared_with_child();
                }
            });
        }
        self.forget();
    }

    /// Nobody need know.
    pub(crate) fn forget(&mut self) {
        self.turns.clear();
        self.overflown = false;
    }
}

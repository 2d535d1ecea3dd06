//! Space that is kept on the disk behind the end of a log, by fallocate(2): a disk that
//! becomes full, and stays so, has room for the frame that tells why the rest is missing.

use nix::errno::Errno;
use nix::fcntl::{fallocate, FallocateFlags};
use std::fs::File;
use std::io;

/// What is kept, bytes.
const ROOM: u64 = 4096;

#[derive(Default)]
pub(super) struct Room {
    /// Up to here there is space in the file.
    end: u64,
    is_used: bool,
}

impl Room {
    /// Sees to it that there is space for `more` bytes behind `len`, and for the end of
    /// the log behind them. Where the file system knows of no such thing, nothing is kept.
    ///
    /// # Errors
    /// That the disk is full, or the quota used up.
    // No file has 2^63 bytes.
    #[allow(clippy::arithmetic_side_effects, clippy::cast_possible_wrap)]
    pub(super) fn keep(&mut self, file: &File, len: u64, more: u64) -> io::Result<()> {
        let end = len.saturating_add(more).saturating_add(ROOM);
        if self.is_used || end <= self.end {
            return Ok(());
        }
        let (at, size) = (len as libc::off_t, (end - len) as libc::off_t);
        loop {
            match fallocate(file, FallocateFlags::FALLOC_FL_KEEP_SIZE, at, size) {
                Ok(()) => self.end = end,
                Err(Errno::EINTR) => continue,
                Err(full @ (Errno::ENOSPC | Errno::EDQUOT)) => return Err(full.into()),
                // What else may be wrong, the write tells.
                Err(_) => {}
            }
            return Ok(());
        }
    }

    /// What is written from now on is the end of the log.
    pub(super) fn used(&mut self) {
        self.is_used = true;
    }

    /// Gives back what was not used.
    pub(super) fn give_back(&mut self, file: &File) {
        let Ok(len) = file.metadata().map(|about| about.len()) else {
            return;
        };
        if std::mem::take(self).end > len {
            // What stays behind the end is given back with the file.
            let _ = file.set_len(len);
        }
    }
}

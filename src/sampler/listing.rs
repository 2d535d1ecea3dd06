//! `/proc`, kept open to be listed.

use super::error::Error;
use crate::proc::pid_stat;
use crate::proc::root::Root;
use crate::system::directory;
use std::os::fd::OwnedFd;

/// Pids that a listing can hold: more than any board that this is made for runs.
/// musl's malloc adds 20 bytes: with them they are whole pages.
const PIDS: usize = (1 << 16) - 5;

pub(super) struct Listing {
    dir: OwnedFd,
    /// The pids of the last listing; of these, once the others have a slot, those that
    /// have none.
    pub(super) pids: Vec<u32>,
}

impl Listing {
    pub(super) fn new(root: &Root) -> Result<Self, Error> {
        let dir = root
            .list_proc()
            .map_err(|errno| Error::Read(root.proc_path(""), errno))?;
        Ok(Self {
            dir,
            pids: Vec::with_capacity(PIDS),
        })
    }

    /// Lists the pids that are there now, in ascending order; returns whether that is all
    /// of them: there was room for each. After an error some may be missing.
    pub(super) fn read(&mut self, buffer: &mut [u8]) -> nix::Result<bool> {
        self.pids.clear();
        let pids = &mut self.pids;
        let mut whole = true;
        let listed = directory::names(&self.dir, buffer, |name| {
            if let Some(pid) = pid_stat::pid(name) {
                match pids.len() < pids.capacity() {
                    true => pids.push(pid),
                    false => whole = false,
                }
            }
        });
        // The kernel lists them so; a captured tree does not.
        self.pids.sort_unstable();
        listed.map(|()| whole)
    }
}

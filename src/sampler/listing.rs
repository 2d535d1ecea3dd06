//! `/proc`, kept open to be listed.

use super::error::Error;
use super::table::PIDS;
use crate::proc::pid_stat;
use crate::proc::root::Root;
use crate::system::directory::Directory;

pub(super) struct Listing {
    dir: Directory,
    pids: Vec<u32>,
}

impl Listing {
    pub(super) fn new(root: &Root) -> Result<Self, Error> {
        let dir = root
            .list_proc()
            .map_err(|errno| Error::Read(root.proc_path(""), errno))?;
        Ok(Self {
            dir: Directory::new(dir),
            pids: Vec::with_capacity(PIDS),
        })
    }

    /// The pids that are there now, in ascending order, and whether that is all of
    /// them: there was room for each. After an error some may be missing.
    pub(super) fn read(&mut self) -> (&[u32], nix::Result<bool>) {
        self.pids.clear();
        let pids = &mut self.pids;
        let mut whole = true;
        let listed = self.dir.names(|name| {
            if let Some(pid) = pid_stat::pid(name) {
                match pids.len() < pids.capacity() {
                    true => pids.push(pid),
                    false => whole = false,
                }
            }
        });
        // The kernel lists them so; a captured tree does not.
        self.pids.sort_unstable();
        (&self.pids, listed.map(|()| whole))
    }
}

//! What this machine has, as far as a plan's needs depend on it.

use crate::commands::outcome::shown;
use crate::proc::root::Root;
use crate::sampler::storage::space;
use crate::words::figures::bytes;
use nix::sys::statvfs::statvfs;
use std::path::Path;

/// What is wrong if the file system of a folder has no room for so much.
pub(super) fn lacks_room(folder: &Path, needed_bytes: u64) -> Option<String> {
    let (.., free_kib) = space(statvfs(folder).ok()?);
    let free_bytes = free_kib.saturating_mul(1024);
    (free_bytes < needed_bytes).then(|| {
        format!(
            "{} has room for {}, and {} may be needed",
            shown(folder),
            bytes(free_bytes),
            bytes(needed_bytes)
        )
    })
}

/// How many processes run.
pub(super) fn processes(root: &Root) -> u64 {
    root.pids().map_or(0, |pids| pids.len() as u64)
}

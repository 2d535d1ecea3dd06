//! What this machine has, as far as a plan's needs depend on it.

use crate::proc::root::Root;
use crate::sampler::storage::space;
use nix::sys::statvfs::statvfs;
use std::path::Path;

/// What the file system of a folder has room for.
pub(super) fn room_bytes(folder: &Path) -> Option<u64> {
    let (.., free_kib) = space(statvfs(folder).ok()?);
    Some(free_kib.saturating_mul(1024))
}

/// How many processes run.
pub(super) fn processes(root: &Root) -> u64 {
    root.pids().map_or(0, |pids| pids.len() as u64)
}

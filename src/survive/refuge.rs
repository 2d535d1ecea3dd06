//! A cgroup of its own, so that a process is not killed with its unit or session.

use crate::proc::cgroup::memberships;
use crate::proc::mountinfo::hierarchies;
use crate::proc::root::Root;
use std::fs;
use std::path::PathBuf;

/// Moves this process into cgroups of its own where it is in one that can be killed: of v2,
/// and of systemd's hierarchy of v1. Returns them.
///
/// # Errors
/// Why it stays in one that can be killed.
pub(crate) fn leave(root: &Root) -> Result<Vec<PathBuf>, String> {
    let mut buffer = [0; 4096];
    let mut mounts = vec![0; 1 << 16];
    // Without cgroups there is no such file.
    let own = root
        .read_proc("self/cgroup", &mut buffer)
        .unwrap_or_default();
    let mounts = root
        .read("proc/self/mountinfo", &mut mounts)
        .unwrap_or_default();
    let mut left = Vec::new();
    for membership in memberships(own).filter(|of| of.path != b"/") {
        let is_unified = membership.hierarchy == 0;
        if !is_unified && !membership.has(b"name=systemd") {
            continue;
        }
        let mut mounted = hierarchies(mounts);
        let mount = mounted.find(|mount| mount.is_unified == is_unified);
        let path = mount.map_or("", |mount| {
            std::str::from_utf8(mount.path).unwrap_or_default()
        });
        let held = |why: &str| {
            let of = String::from_utf8_lossy(membership.path);
            format!("cannot leave the cgroup {of}, which may be killed: {why}")
        };
        if path.is_empty() {
            return Err(held("its hierarchy is not mounted"));
        }
        let refuge = PathBuf::from(format!("{path}/edgebench-lite.{}", std::process::id()));
        let moved = fs::create_dir(&refuge).and_then(|()| fs::write(refuge.join(PROCESSES), "0"));
        if let Err(error) = moved {
            let _ = fs::remove_dir(&refuge);
            return Err(held(&error.to_string()));
        }
        left.push(refuge);
    }
    Ok(left)
}

const PROCESSES: &str = "cgroup.procs";

/// Leaves them, and removes them.
pub(crate) fn remove(refuges: &[PathBuf]) {
    for refuge in refuges {
        if let Some(above) = refuge.parent() {
            let _ = fs::write(above.join(PROCESSES), "0");
        }
        let _ = fs::remove_dir(refuge);
    }
}

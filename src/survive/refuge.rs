//! A cgroup of its own, so that a process is not killed with its unit or session.

use crate::proc::cgroup::memberships;
use crate::proc::mountinfo::hierarchies;
use crate::proc::root::Root;
use crate::system::errno::reason;
use crate::system::errno::why;
use nix::unistd::{access, AccessFlags};
use std::fs;
use std::path::{Path, PathBuf};

/// Moves this process into cgroups of its own where it is in one that can be killed: of v2,
/// and of systemd's hierarchy of v1. Returns them.
///
/// # Errors
/// Why it stays in one that can be killed.
pub(crate) fn leave(root: &Root) -> Result<Vec<PathBuf>, String> {
    let mut left = Vec::new();
    for_each(root, &mut |hierarchy| {
        let refuge = hierarchy.join(format!("edgebench-lite.{}", std::process::id()));
        let moved = fs::create_dir(&refuge).and_then(|()| fs::write(refuge.join(PROCESSES), "0"));
        match moved {
            Ok(()) => left.push(refuge),
            Err(error) => {
                let _ = fs::remove_dir(&refuge);
                return Err(why(&error));
            }
        }
        Ok(())
    })?;
    Ok(left)
}

/// Whether it could, as far as can be seen without trying.
///
/// # Errors
/// Why not.
pub(crate) fn can_leave(root: &Root) -> Result<(), String> {
    for_each(root, &mut |hierarchy| {
        let is_refused = |errno: nix::Error| reason(errno).to_owned();
        access(hierarchy, AccessFlags::W_OK).map_err(is_refused)
    })
}

/// Gives `leave` each hierarchy in which this process can be killed.
fn for_each(root: &Root, leave: &mut dyn FnMut(&Path) -> Result<(), String>) -> Result<(), String> {
    let mut buffer = [0; 4096];
    let mut mounts = vec![0; 1 << 16];
    // Without cgroups there is no such file.
    let own = root
        .read_proc("self/cgroup", &mut buffer)
        .unwrap_or_default();
    let mounts = root
        .read("proc/self/mountinfo", &mut mounts)
        .unwrap_or_default();
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
        leave(Path::new(path)).map_err(|why| held(&why))?;
    }
    Ok(())
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

//! The ids by which a machine is known after its restart, and a boot of it.

use crate::proc::root::{read_once, Root};
use crate::sampler::storage::is_in_memory;
use std::os::fd::OwnedFd;

/// Nothing, if it is in memory: systemd makes another one up in each boot if it cannot write
/// one, as on a root file system that is read-only. machine-id(5).
pub(crate) fn machine_id(root: &Root) -> String {
    let file = root.open_file("etc/machine-id").ok();
    read(file.filter(|file| !is_in_memory(file)))
}

pub(crate) fn boot_id(root: &Root) -> String {
    read(root.open_file("proc/sys/kernel/random/boot_id").ok())
}

fn read(file: Option<OwnedFd>) -> String {
    let mut buffer = [0; 128];
    let text = file.and_then(|file| read_once(&file, &mut buffer).ok());
    String::from_utf8_lossy(text.unwrap_or_default())
        .trim()
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use nix::sys::statfs::{statfs, TMPFS_MAGIC};
    use std::fs;

    #[test]
    fn an_id_in_memory_is_none() {
        for folder in [std::env::temp_dir(), "/dev/shm".into()] {
            let tree = folder.join(format!("edgebench-ids-{}", std::process::id()));
            if fs::create_dir_all(tree.join("etc")).is_err() {
                eprintln!("skipped: {} is not there", folder.display());
                continue;
            }
            fs::create_dir(tree.join("proc")).unwrap();
            fs::write(tree.join("etc/machine-id"), "4b1d\n").unwrap();
            let is_in_memory = statfs(&folder).unwrap().filesystem_type() == TMPFS_MAGIC;
            let id = machine_id(&Root::open(&tree).unwrap());
            assert_eq!(id, if is_in_memory { "" } else { "4b1d" });
            fs::remove_dir_all(tree).unwrap();
        }
    }
}

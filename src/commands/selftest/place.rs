//! The current directory, as a place for a log.

use super::check::Check;
use crate::proc::root::Root;
use crate::render::escaped;
use crate::sampler::storage::{disk, is_in_memory, space};
use crate::system::errno::reason;
use crate::system::errno::why;
use nix::fcntl::{AtFlags, OFlag};
use nix::sys::stat::Mode;
use nix::sys::statvfs::fstatvfs;
use nix::unistd::{faccessat, AccessFlags};
use std::path::Path;

/// Enough for a recording of some hours.
const LITTLE_KIB: u64 = 4096;

pub(crate) fn log_here() -> Check {
    let path = match std::env::current_dir() {
        Ok(path) => escaped(path.as_os_str().as_encoded_bytes()),
        Err(error) => return Check::no(format!("no current directory: {}", why(&error))),
    };
    let flags = OFlag::O_PATH | OFlag::O_DIRECTORY | OFlag::O_CLOEXEC;
    let (Ok(dir), Ok(root)) = (
        nix::fcntl::open(".", flags, Mode::empty()),
        Root::open(Path::new("/")),
    ) else {
        return Check::no(format!("{path} cannot be opened"));
    };
    if let Err(errno) = faccessat(&dir, ".", AccessFlags::W_OK, AtFlags::AT_EACCESS) {
        let why = reason(errno);
        return Check::no(format!("{path}: {why}: use --output elsewhere"));
    }
    let free_kib = fstatvfs(&dir).map_or(0, |found| space(found).2);
    let free = format!("{} MiB free", free_kib / 1024);
    if free_kib < LITTLE_KIB {
        let text = format!("{path}: {free}: use --output elsewhere");
        return Check::part(text);
    }
    if is_in_memory(&dir) {
        let text = format!("{path} is in memory, {free}: copy the log before a restart");
        return Check::ok(text);
    }
    match disk(&root, &dir) {
        None => Check::ok(format!("{path} is on an unknown disk, {free}")),
        Some(disk) => on_disk(&path, &root, &disk, &free),
    }
}

fn on_disk(path: &str, root: &Root, disk: &[u8], free: &str) -> Check {
    let shown = escaped(disk);
    let mut buffer = [0; 64];
    let kind = root.read(&format!("sys/block/{shown}/device/type"), &mut buffer);
    match kind {
        Ok(b"SD\n") => Check::part(format!(
            "{path} is on the SD card {shown}, {free}: the log's own writes count as disk \
                 traffic; --output to tmpfs or USB avoids that"
        )),
        Ok(b"MMC\n") => Check::ok(format!("{path} is on the eMMC {shown}, {free}")),
        _ => Check::ok(format!("{path} is on {shown}, {free}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::selftest::check::Verdict;

    #[test]
    fn an_sd_card_is_told_from_other_disks() {
        let top = std::env::temp_dir().join(format!("edgebench-place-{}", std::process::id()));
        for (disk, kind) in [("mmcblk0", "SD\n"), ("mmcblk1", "MMC\n"), ("sda", "0\n")] {
            let dir = top.join(format!("sys/block/{disk}/device"));
            std::fs::create_dir_all(&dir).unwrap();
            std::fs::write(dir.join("type"), kind).unwrap();
        }
        std::fs::create_dir_all(top.join("proc")).unwrap();
        let root = Root::open(&top).unwrap();
        for (disk, verdict, begins) in [
            (
                "mmcblk0",
                Verdict::Part,
                "/home is on the SD card mmcblk0, 9 MiB free: ",
            ),
            (
                "mmcblk1",
                Verdict::Ok,
                "/home is on the eMMC mmcblk1, 9 MiB free",
            ),
            ("sda", Verdict::Ok, "/home is on sda, 9 MiB free"),
            ("vda", Verdict::Ok, "/home is on vda, 9 MiB free"),
        ] {
            let check = on_disk("/home", &root, disk.as_bytes(), "9 MiB free");
            assert_eq!(check.verdict, verdict, "{disk}");
            assert!(check.text.starts_with(begins), "{}", check.text);
        }
        std::fs::remove_dir_all(&top).unwrap();
    }
}

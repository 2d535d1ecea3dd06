//! Living on where memory runs out: mlockall(2), proc_pid_oom_score_adj(5).

use nix::fcntl::{open, OFlag};
use nix::sys::stat::Mode;
use nix::unistd::read;
use std::path::Path;

/// `MCL_ONFAULT`, which not every libc has: what was never touched is not read in. Since
/// Linux 4.4.
const ON_FAULT: libc::c_int = 4;
const SCORE: &str = "/proc/self/oom_score_adj";
/// -1000 would be never: a machine that has nothing else to kill would be lost.
const LAST: &[u8] = b"-999";

/// Has all memory that this process has now stay in memory, as far as it is used; returns
/// whether that is allowed.
pub(crate) fn lock_memory() -> bool {
    // SAFETY: it takes no pointer, and changes no content of memory.
    unsafe { libc::mlockall(libc::MCL_CURRENT | ON_FAULT) == 0 }
}

/// Has this process killed last; returns the score before, which its commands would not
/// have otherwise. `None` where that is not allowed.
pub(crate) fn be_killed_last() -> Option<String> {
    let flags = OFlag::O_RDWR | OFlag::O_CLOEXEC;
    let file = open(Path::new(SCORE), flags, Mode::empty()).ok()?;
    let mut before = [0; 16];
    let len = read(&file, &mut before).ok()?;
    nix::unistd::write(&file, LAST).ok()?;
    let before = std::str::from_utf8(&before[..len]).ok()?;
    Some(before.trim().to_owned())
}

//! Emulation of one program, as by qemu-user: system calls are the kernel's, and
//! processes and memory in part the emulator's.

use crate::skip::skipped;
use std::process::Command;

/// Whether this program is of another architecture than the kernel, which uname(1), a
/// program of the kernel's own, tells; says then that the caller's test is skipped.
#[track_caller]
pub fn emulated() -> bool {
    let uname = Command::new("uname").arg("-m").output().unwrap();
    let machine = String::from_utf8(uname.stdout).unwrap();
    let emulated = machine.trim() != std::env::consts::ARCH;
    if emulated {
        skipped(&format!("emulated on {}", machine.trim()));
    }
    emulated
}

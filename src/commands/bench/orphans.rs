//! What a benchmark that was killed has left running: its recorder, or a command of the
//! plan. They would disturb, and write beside, what is measured next.

use super::commands::{INTO_FILE, NAME};
use super::directory::Directory;
use crate::proc::root::Root;
use nix::sys::signal::{kill, killpg, Signal};
use nix::unistd::Pid;
use std::os::unix::ffi::OsStrExt;
use std::time::Duration;

/// The commands of this program that it starts.
const COMMANDS: [&[u8]; 4] = [b"record", b"ramp", b"survive", b"boot"];
/// They may take so long to undo what they have done; the kernel needs less.
const LOOKS: u32 = 1000;
const LOOK: Duration = Duration::from_millis(20);

/// Ends them, with all of their process groups.
pub(super) fn end(root: &Root, directory: &Directory) {
    let mut buffer = vec![0; 1 << 16];
    for pid in root.pids().unwrap_or_default() {
        let text = root.read_proc(&format!("{pid}/cmdline"), &mut buffer);
        let Ok(pid) = i32::try_from(pid) else {
            continue;
        };
        if is_one(text.unwrap_or_default(), directory) {
            end_group(Pid::from_raw(pid));
        }
    }
}

/// Whether a command line is that of a command that a benchmark in this directory starts.
fn is_one(cmdline: &[u8], directory: &Directory) -> bool {
    let mut words = cmdline.split(|&byte| byte == 0);
    let (first, second) = (words.next(), words.next());
    let (attempts, restart) = (directory.attempts(), directory.restart());
    // Not by the path of this one: the program may have been updated in between.
    let is_own = first.is_some_and(|first| first.starts_with(b"/"))
        && COMMANDS.iter().any(|command| second == Some(*command))
        && words.clone().any(|word| {
            word.starts_with(attempts.as_os_str().as_bytes())
                || word == restart.as_os_str().as_bytes()
        });
    let is_plans = words.next() == Some(INTO_FILE.as_bytes())
        && words.next() == Some(NAME.as_bytes())
        && words.next() == Some(directory.output().as_os_str().as_bytes());
    is_own || is_plans
}

/// Those that have started others, in groups of their own, end them if they are asked to.
fn end_group(pid: Pid) {
    for signal in [Signal::SIGTERM, Signal::SIGKILL] {
        if killpg(pid, signal).is_err() {
            return;
        }
        for _ in 0..LOOKS {
            if kill(pid, None).is_err() {
                return;
            }
            std::thread::sleep(LOOK);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_it_has_started_itself() {
        let directory = Directory::new("/d", "p");
        let own = "/usr/bin/edgebench-lite";
        let is_one = |words: &[&str]| is_one(words.join("\0").as_bytes(), &directory);
        let log = "/d/attempts/p-edge-1.1.ebl";
        assert!(is_one(&[own, "record", "--output", log]));
        let note = "/d/restart";
        assert!(is_one(&[own, "boot", "restart", "--now", "--note", note]));
        assert!(is_one(&[
            "/bin/sh",
            "-c",
            INTO_FILE,
            NAME,
            "/d/commands.txt",
            "start"
        ]));
        let other = "/home/pi/edgebench-lite-0.2";
        assert!(is_one(&[other, "record", "--output", log]));
        assert!(!is_one(&[own, "report", log]));
        assert!(!is_one(&[own, "record", "--output", "/e/attempts/p.ebl"]));
        assert!(!is_one(&["vi", "record", log]));
        assert!(!is_one(&[
            "/bin/sh",
            "-c",
            INTO_FILE,
            NAME,
            "/e/commands.txt",
            "start"
        ]));
        assert!(!is_one(&["/bin/sh", "-c", "ls", "/d/commands.txt"]));
        assert!(!is_one(&[]));
    }
}

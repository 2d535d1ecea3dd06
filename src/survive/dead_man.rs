//! The dead man: a process that puts the old state back when this one does not.

use super::network::kernel::Kernel;
use super::refuge;
use super::saved::{forget, Saved};
use crate::proc::root::Root;
use crate::system::clock::{boottime_ns, monotonic_ns};
use crate::system::detach::{detach, duplicate, end, socket_pair};
use crate::system::errno::{reason, why};
use crate::system::socket::{poll, polled};
use nix::libc::POLLIN;
use nix::sys::wait::{waitpid, WaitPidFlag};
use nix::unistd::{read, write, Pid};
use std::fs;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::time::Duration;

/// What the two say to each other.
const READY: u8 = b'r';
const DISARM: u8 = b'd';
/// It is ready by then, or something is wrong.
const PATIENCE: Duration = Duration::from_secs(10);
/// So long it goes on trying: a cable may be out.
const RESTORING: Duration = Duration::from_secs(600);
/// The kernel kills it for want of memory after nearly all others.
const OOM_SCORE: &str = "-900";
/// A board that slept wakes its timer so soon.
const LOOK_NS: u64 = 1_000_000_000;

/// This process's end of the line to it.
#[derive(Debug)]
pub(crate) struct DeadMan {
    line: OwnedFd,
    pid: Pid,
}

impl DeadMan {
    /// Starts it. It acts at `until_ns` of CLOCK_BOOTTIME at the latest.
    ///
    /// # Errors
    /// Why it cannot do what it is for; `forced`: a cgroup that it cannot leave is none.
    pub(crate) fn arm(
        saved: &Saved,
        root: &Root,
        until_ns: u64,
        forced: bool,
    ) -> Result<Self, String> {
        let failed = |errno: nix::Error| {
            format!(
                "cannot start the process that rolls back: {}",
                reason(errno)
            )
        };
        let (line, its) = socket_pair().map_err(failed)?;
        let Some(pid) = duplicate().map_err(failed)? else {
            serve(&its, saved, root, until_ns, forced);
        };
        drop(its);
        let dead_man = Self { line, pid };
        let mut fds = [polled(&dead_man.line, POLLIN)];
        poll(
            &mut fds,
            monotonic_ns().saturating_add(PATIENCE.as_nanos() as u64),
        );
        let mut said = [0; 512];
        let len = if fds[0].revents == 0 {
            0
        } else {
            read(&dead_man.line, &mut said).unwrap_or(0)
        };
        match &said[..len] {
            [READY] => Ok(dead_man),
            [] => {
                // Where it comes to life after all, there is nothing to roll back.
                dead_man.disarm();
                Err("the process that rolls back does not answer".to_owned())
            }
            why => Err(String::from_utf8_lossy(why).into_owned()),
        }
    }

    /// It has something to read when it is dead.
    pub(crate) fn line(&self) -> BorrowedFd<'_> {
        self.line.as_fd()
    }

    /// Sends it away.
    pub(crate) fn disarm(self) {
        let _ = write(&self.line, &[DISARM]);
        // One that somebody has stopped is not waited for: it ends when it goes on.
        let until_ns = monotonic_ns().saturating_add(LOOK_NS);
        poll(&mut [polled(&self.line, POLLIN)], until_ns);
        let _ = waitpid(self.pid, Some(WaitPidFlag::WNOHANG));
    }
}

/// What the process does.
fn serve(line: &OwnedFd, saved: &Saved, root: &Root, until_ns: u64, forced: bool) -> ! {
    detach(line.as_fd(), b"eb-dead-man\0\0\0\0\0");
    let _ = fs::write("/proc/self/oom_score_adj", OOM_SCORE);
    // The descriptors of `root` are closed.
    let root = Root::open(root.path());
    let left = match &root {
        Ok(root) => refuge::leave(root),
        Err(error) => Err(why(error)),
    };
    let refuges = match left {
        Ok(refuges) => refuges,
        Err(_) if forced => Vec::new(),
        Err(why) => {
            let why = format!("{why}; --force goes on without");
            let _ = write(line, why.as_bytes());
            end();
        }
    };
    match Kernel::open() {
        Ok(mut kernel) => {
            let _ = write(line, &[READY]);
            if !is_disarmed(line, until_ns) {
                roll_back(&mut kernel, saved);
            }
        }
        Err(errno) => drop(write(line, reason(errno).as_bytes())),
    }
    refuge::remove(&refuges);
    end();
}

/// Waits until it is; no where the other is dead, or too late.
fn is_disarmed(line: &OwnedFd, until_ns: u64) -> bool {
    loop {
        let now_ns = boottime_ns();
        if now_ns >= until_ns {
            return false;
        }
        let mut fds = [polled(line, POLLIN)];
        let time_ns = (until_ns - now_ns).min(LOOK_NS);
        poll(&mut fds, monotonic_ns().saturating_add(time_ns));
        if fds[0].revents != 0 {
            let mut said = [0];
            return read(line, &mut said) == Ok(1) && said == [DISARM];
        }
    }
}

fn roll_back(kernel: &mut Kernel, armed: &Saved) {
    // What is kept has been renewed where others have taken addresses away.
    let kept = Saved::kept().ok().flatten();
    let saved = kept.as_ref().unwrap_or(armed);
    let restored = saved.restore(kernel, RESTORING);
    let outcome = match &restored {
        Ok(left) if left.is_empty() => {
            forget();
            "the old address is back"
        }
        _ => "NOT put back; try `survive ip-change --undo`",
    };
    // Nobody else is left who would hear it.
    let _ = fs::write(
        "/dev/kmsg",
        format!("edgebench-lite: survive ip-change ended early: {outcome}\n"),
    );
}

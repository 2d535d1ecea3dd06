//! Other processes: asked of the kernel by pid, kcmp(2), made, fork(2), and adopted,
//! prctl(2).

use nix::errno::Errno;
use nix::sys::wait::waitpid;
use nix::unistd::{fork, ForkResult};

/// From the kernel's `linux/kcmp.h`.
const KCMP_VM: libc::c_long = 1;

/// Whether two processes have one address space, as between vfork(2) and
/// execve(2); `None` where the kernel does not say: it was built without kcmp, this
/// user may not ask, or one of them is gone.
pub fn share_memory(a: u32, b: u32) -> Option<bool> {
    let pid = |pid: u32| libc::pid_t::try_from(pid).ok().map(libc::c_long::from);
    // SAFETY: kcmp takes no pointer.
    let order = unsafe { libc::syscall(libc::SYS_kcmp, pid(a)?, pid(b)?, KCMP_VM, 0, 0) };
    (order >= 0).then_some(order == 0)
}

/// Forks a child that ends at once, and reaps it.
///
/// # Errors
/// fork(2)'s.
pub(crate) fn fork_once() -> nix::Result<()> {
    // SAFETY: the child calls nothing but _exit(2), which may be called whatever another
    // thread was doing at the fork.
    match unsafe { fork() }? {
        // SAFETY: it runs no handler of this process's, and flushes nothing.
        ForkResult::Child => unsafe { libc::_exit(0) },
        ForkResult::Parent { child } => {
            // Where SIGCHLD was ignored on entry, the kernel reaps the child itself, and
            // this waits for its end all the same.
            while waitpid(child, None) == Err(Errno::EINTR) {}
            Ok(())
        }
    }
}

/// From now on a process whose parent ends becomes a child of this one, if it descends from
/// it. Since Linux 3.4.
pub(crate) fn adopt_orphans() {
    let _ = nix::sys::prctl::set_child_subreaper(true);
}

/// Waits for the adopted children that have ended, and for none of these `commands`, whose
/// ends are of interest to others. Returns whether other children still run.
pub(crate) fn reap_orphans(commands: &[Option<u32>]) -> bool {
    loop {
        let options = libc::WEXITED | libc::WNOHANG | libc::WNOWAIT;
        // SAFETY: an all-zero siginfo is valid, and is only written to; of a child that
        // has ended it has a pid, and 0 where there is none.
        let pid = unsafe {
            let mut info: libc::siginfo_t = std::mem::zeroed();
            match libc::waitid(libc::P_ALL, 0, &mut info, options) {
                0 => info.si_pid(),
                _ => return false,
            }
        };
        if pid <= 0 || commands.contains(&Some(pid.unsigned_abs())) {
            return true;
        }
        // SAFETY: a null pointer is allowed for a status that nobody wants.
        unsafe { libc::waitpid(pid, std::ptr::null_mut(), 0) };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use nix::errno::Errno;
    use std::io::{Read, Write};
    use std::process::{Command, Stdio};

    #[test]
    fn a_process_shares_memory_with_itself_and_with_no_other() {
        let own = std::process::id();
        let with_itself = share_memory(own, own);
        let error = (with_itself.is_none()).then(Errno::last);
        let mut cat = Command::new("cat");
        cat.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = cat.spawn().unwrap();
        // Spawning ends a moment before the child has memory of its own. What it answers, it
        // answers with that.
        child.stdin.as_mut().unwrap().write_all(b"x").unwrap();
        let mut answers = child.stdout.take().unwrap();
        answers.read_exact(&mut [0]).unwrap();
        let with_a_child = share_memory(own, child.id());
        child.kill().unwrap();
        child.wait().unwrap();
        match error {
            None => assert_eq!((with_itself, with_a_child), (Some(true), Some(false))),
            // A kernel without kcmp, or a filter of system calls.
            Some(error) => assert!(matches!(error, Errno::ENOSYS | Errno::EPERM), "{error}"),
        }
        assert_eq!(share_memory(own, u32::MAX), None);
    }

    #[test]
    fn the_child_is_gone_when_the_fork_returns() {
        assert_eq!(fork_once(), Ok(()));
        let children = std::fs::read_to_string("/proc/thread-self/children");
        // A kernel may be built without that file.
        if let Ok(children) = children {
            assert_eq!(children, "");
        }
    }
}

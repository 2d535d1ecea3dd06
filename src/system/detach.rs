//! A second process that outlives this one: fork(2), setsid(2), signal(7).

use nix::errno::Errno;
use nix::fcntl::{open, OFlag};
use nix::sys::signal::{signal, SigHandler, SigSet, Signal};
use nix::sys::stat::Mode;
use nix::unistd::{dup2_stderr, dup2_stdin, dup2_stdout, fork, setsid, ForkResult, Pid};
use std::os::fd::{AsRawFd, BorrowedFd, FromRawFd, OwnedFd};

/// Descriptors that may be open; others are nobody's.
const DESCRIPTORS: libc::c_int = 1024;

/// Two sockets that are connected; not inherited by commands.
///
/// # Errors
/// socketpair(2)'s.
pub(crate) fn socket_pair() -> nix::Result<(OwnedFd, OwnedFd)> {
    let mut fds = [0; 2];
    let kind = libc::SOCK_STREAM | libc::SOCK_CLOEXEC;
    // SAFETY: the pointer is to two numbers that live through the call.
    let done = unsafe { libc::socketpair(libc::AF_UNIX, kind, 0, fds.as_mut_ptr()) };
    Errno::result(done)?;
    // SAFETY: they were opened just now, and nobody else has them.
    Ok(unsafe { (OwnedFd::from_raw_fd(fds[0]), OwnedFd::from_raw_fd(fds[1])) })
}

/// Forks. `None`: this is the child.
///
/// # Errors
/// fork(2)'s.
pub(crate) fn duplicate() -> nix::Result<Option<Pid>> {
    // SAFETY: this program has no threads, so nothing is half done in the child.
    match unsafe { fork() }? {
        ForkResult::Child => Ok(None),
        ForkResult::Parent { child } => Ok(Some(child)),
    }
}

/// Takes this process out of its session, away from its terminal and out of the way of
/// signals that are for a group; of its descriptors it keeps one.
pub(crate) fn detach(keep: BorrowedFd<'_>, name: &'static [u8; 16]) {
    // What fails leaves it more exposed, and no worse.
    let _ = setsid();
    for ignored in [Signal::SIGHUP, Signal::SIGPIPE] {
        let _ = ignore(ignored);
    }
    let _ = SigSet::empty().thread_set_mask();
    // SAFETY: the kernel reads 16 bytes at most, which live for ever.
    unsafe { libc::prctl(libc::PR_SET_NAME, name.as_ptr()) };
    if let Ok(null) = open("/dev/null", OFlag::O_RDWR, Mode::empty()) {
        let _ = (dup2_stdin(&null), dup2_stdout(&null), dup2_stderr(&null));
    }
    for fd in (3..DESCRIPTORS).filter(|fd| *fd != keep.as_raw_fd()) {
        // SAFETY: it takes a number; what owned it is never dropped in this process.
        unsafe { libc::close(fd) };
    }
}

/// From now on the signal does nothing.
///
/// # Errors
/// sigaction(2)'s.
pub(crate) fn ignore(which: Signal) -> nix::Result<()> {
    // SAFETY: no handler is installed that could run.
    unsafe { signal(which, SigHandler::SigIgn) }.map(drop)
}

/// Ends this process, and drops nothing.
pub(crate) fn end() -> ! {
    // SAFETY: it may be called at any time.
    unsafe { libc::_exit(0) }
}

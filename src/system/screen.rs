//! The terminal on standard error, written to while something else must go on:
//! nothing here waits for it. tty_ioctl(4), termios(3).

use super::terminal;
use nix::errno::Errno;
use nix::fcntl::OFlag;
use nix::sys::stat::Mode;
use std::io::{self, IsTerminal};
use std::os::fd::{AsFd, AsRawFd, OwnedFd};

/// A terminal that may be stopped (Ctrl-S), slow, or gone.
#[derive(Debug)]
pub struct Screen {
    fd: OwnedFd,
    /// A write(2) to it never waits.
    is_nonblocking: bool,
}

impl Screen {
    /// `None` where standard error is no terminal.
    pub fn open() -> Option<Self> {
        let stderr = io::stderr();
        if !stderr.is_terminal() {
            return None;
        }
        // O_NONBLOCK belongs to the open file, which the shell and others have in
        // common with this process: so it is opened once more.
        let flags = OFlag::O_WRONLY | OFlag::O_NONBLOCK | OFlag::O_NOCTTY | OFlag::O_CLOEXEC;
        let opened = nix::fcntl::open("/proc/self/fd/2", flags, Mode::empty());
        match opened {
            Ok(fd) => Some(Self {
                fd,
                is_nonblocking: true,
            }),
            // Another user's terminal, as after su(1).
            Err(_) => Some(Self {
                fd: stderr.as_fd().try_clone_to_owned().ok()?,
                is_nonblocking: false,
            }),
        }
    }

    /// How wide it is now; `None` where it is gone.
    pub fn columns(&self) -> Option<usize> {
        terminal::columns(&self.fd)
    }

    /// Whether this process was not put into the background by the shell. Where the
    /// terminal is not that of its session, nobody else was given it.
    pub fn is_ours(&self) -> bool {
        // SAFETY: both take numbers only.
        let (front, own) = unsafe { (libc::tcgetpgrp(self.fd.as_raw_fd()), libc::getpgrp()) };
        front < 0 || front == own
    }

    /// Writes as much as the terminal takes at once.
    ///
    /// # Errors
    /// `WouldBlock` where it takes nothing now; write(2)'s.
    pub fn write(&self, bytes: &[u8]) -> io::Result<usize> {
        if !self.is_nonblocking && !self.is_ready() {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        loop {
            match nix::unistd::write(&self.fd, bytes) {
                Err(Errno::EINTR) => {}
                done => return done.map_err(io::Error::from),
            }
        }
    }

    /// Whether a short write(2) will not wait, as far as can be told before.
    fn is_ready(&self) -> bool {
        let mut poll = libc::pollfd {
            fd: self.fd.as_raw_fd(),
            events: libc::POLLOUT,
            revents: 0,
        };
        // SAFETY: the pointer is to one pollfd that lives through the call.
        let ready = unsafe { libc::poll(&mut poll, 1, 0) };
        ready == 1
    }
}

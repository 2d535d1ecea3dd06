//! Standard output and standard error, written without blocking: a terminal may be
//! stopped, and nobody may read a pipe. tty_ioctl(4), pipe(7),
//! send(2).

use super::terminal;
use nix::errno::Errno;
use nix::fcntl::OFlag;
use nix::sys::stat::{fstat, Mode, SFlag};
use std::io::{self, IsTerminal};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd, RawFd};
use std::time::Duration;

/// A pipe that poll(2) reports ready takes this much without blocking.
const PIPE_BUF: usize = 4096;

#[derive(Debug)]
pub(crate) struct Outlet {
    stream: BorrowedFd<'static>,
    /// The same file, opened again.
    again: Option<OwnedFd>,
    kind: Kind,
    is_terminal: bool,
}

#[derive(Debug, Clone, Copy)]
enum Kind {
    /// write(2) never blocks.
    Nonblocking,
    /// poll(2) before each write(2) tells if it would block; a file never does.
    Asked,
    /// Opened again for each of its few writes, to save a descriptor.
    Pipe,
    Socket,
}

/// Opens the file again with O_NONBLOCK, which belongs to the open file that the shell and
/// others share. `None` if it is another user's, as after su(1).
fn reopened(number: RawFd) -> Option<OwnedFd> {
    let flags = OFlag::O_WRONLY | OFlag::O_NONBLOCK | OFlag::O_NOCTTY | OFlag::O_CLOEXEC;
    let name = format!("/proc/self/fd/{number}");
    nix::fcntl::open(name.as_str(), flags, Mode::empty()).ok()
}

impl Outlet {
    pub(crate) fn stdout() -> Self {
        Self::of(io::stdout(), libc::STDOUT_FILENO)
    }

    pub(crate) fn stderr() -> Self {
        Self::of(io::stderr(), libc::STDERR_FILENO)
    }

    fn of(stream: impl AsFd + IsTerminal, number: RawFd) -> Self {
        let is_terminal = stream.is_terminal();
        let about = fstat(stream.as_fd()).map_or(0, |about| about.st_mode);
        let again = is_terminal.then(|| reopened(number)).flatten();
        Self {
            kind: match SFlag::from_bits_truncate(about & SFlag::S_IFMT.bits()) {
                _ if again.is_some() => Kind::Nonblocking,
                SFlag::S_IFSOCK => Kind::Socket,
                SFlag::S_IFIFO => Kind::Pipe,
                _ => Kind::Asked,
            },
            // SAFETY: nothing in this program closes it.
            stream: unsafe { BorrowedFd::borrow_raw(number) },
            again,
            is_terminal,
        }
    }

    fn fd(&self) -> BorrowedFd<'_> {
        self.again.as_ref().map_or(self.stream, AsFd::as_fd)
    }

    pub(crate) fn is_terminal(&self) -> bool {
        self.is_terminal
    }

    /// Its width now; `None` if it is no terminal, or gone.
    pub(crate) fn columns(&self) -> Option<usize> {
        terminal::columns(self.fd())
    }

    /// Whether this process is in the foreground. A terminal of another session gives it to
    /// no one else.
    pub(crate) fn is_ours(&self) -> bool {
        // SAFETY: both take numbers only.
        let (front, own) = unsafe { (libc::tcgetpgrp(self.fd().as_raw_fd()), libc::getpgrp()) };
        front < 0 || front == own
    }

    /// Writes as much as possible without blocking.
    ///
    /// # Errors
    /// `WouldBlock` if that is nothing; write(2)'s.
    pub(crate) fn write(&self, bytes: &[u8]) -> io::Result<usize> {
        loop {
            let done = match self.kind {
                Kind::Nonblocking => nix::unistd::write(self.fd(), bytes),
                Kind::Pipe => match reopened(self.stream.as_raw_fd()) {
                    Some(again) => nix::unistd::write(again, bytes),
                    None => self.ask_and_write(bytes),
                },
                Kind::Asked => self.ask_and_write(bytes),
                Kind::Socket => self.send(bytes),
            };
            match done {
                Err(Errno::EINTR) => {}
                done => return done.map_err(io::Error::from),
            }
        }
    }

    /// Writes all of it, waiting up to `patience` for each piece.
    ///
    /// # Errors
    /// `TimedOut`; write(2)'s.
    pub(crate) fn write_all(&self, mut bytes: &[u8], patience: Option<Duration>) -> io::Result<()> {
        while !bytes.is_empty() {
            match self.write(bytes) {
                Ok(written) => bytes = &bytes[written..],
                Err(error) if error.kind() != io::ErrorKind::WouldBlock => return Err(error),
                // A driver may report ready, but take nothing.
                Err(_) if self.is_ready(patience.unwrap_or(Duration::MAX)) => {
                    std::thread::sleep(Duration::from_millis(1));
                }
                Err(_) => return Err(io::ErrorKind::TimedOut.into()),
            }
        }
        Ok(())
    }

    fn ask_and_write(&self, bytes: &[u8]) -> nix::Result<usize> {
        match self.is_ready(Duration::ZERO) {
            true => nix::unistd::write(self.fd(), &bytes[..bytes.len().min(PIPE_BUF)]),
            false => Err(Errno::EAGAIN),
        }
    }

    fn send(&self, bytes: &[u8]) -> nix::Result<usize> {
        let flags = libc::MSG_DONTWAIT | libc::MSG_NOSIGNAL;
        let (fd, start) = (self.fd().as_raw_fd(), bytes.as_ptr().cast());
        // SAFETY: the pointer is to as many bytes as it says, which live through the call.
        Errno::result(unsafe { libc::send(fd, start, bytes.len(), flags) })
            .map(|sent| sent as usize)
    }

    /// Waits up to `time` until a short write(2) is not expected to block.
    fn is_ready(&self, time: Duration) -> bool {
        let mut poll = libc::pollfd {
            fd: self.fd().as_raw_fd(),
            events: libc::POLLOUT,
            revents: 0,
        };
        // -1: without limit.
        let time = libc::c_int::try_from(time.as_millis()).unwrap_or(-1);
        loop {
            // SAFETY: the pointer is to one pollfd that lives through the call.
            let ready = unsafe { libc::poll(&mut poll, 1, time) };
            if ready >= 0 || Errno::last() != Errno::EINTR {
                return ready == 1;
            }
        }
    }
}

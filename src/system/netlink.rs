//! Sockets of rtnetlink(7).

use nix::errno::Errno;
use std::mem::size_of;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd, OwnedFd};

/// The largest piece of a dump: the kernel fills as much as the reader has room for, up
/// to 32 KiB.
pub(crate) const PIECE: usize = 1 << 15;

#[derive(Debug)]
pub(crate) struct Netlink(OwnedFd);

impl Netlink {
    /// Opens one that gets the events of `groups`, a bit mask; one for events is never
    /// waited for.
    ///
    /// # Errors
    /// Those of socket(2) and bind(2).
    pub(crate) fn open(groups: u32) -> nix::Result<Self> {
        let wait = if groups == 0 { 0 } else { libc::SOCK_NONBLOCK };
        let kind = libc::SOCK_RAW | libc::SOCK_CLOEXEC | wait;
        // SAFETY: socket takes no pointer.
        let fd =
            Errno::result(unsafe { libc::socket(libc::AF_NETLINK, kind, libc::NETLINK_ROUTE) })?;
        // SAFETY: it was opened just now, and nobody else has it.
        let fd = unsafe { OwnedFd::from_raw_fd(fd) };
        // SAFETY: an all-zero sockaddr_nl is valid.
        let mut address: libc::sockaddr_nl = unsafe { std::mem::zeroed() };
        address.nl_family = libc::AF_NETLINK as libc::sa_family_t;
        address.nl_groups = groups;
        let len = size_of::<libc::sockaddr_nl>() as libc::socklen_t;
        let at = std::ptr::addr_of!(address).cast::<libc::sockaddr>();
        // SAFETY: the pointer is to a value of that length, which lives through the call.
        Errno::result(unsafe { libc::bind(fd.as_raw_fd(), at, len) })?;
        Ok(Self(fd))
    }

    /// Hands the kernel a request.
    ///
    /// # Errors
    /// write(2)'s.
    pub(crate) fn send(&self, request: &[u8]) -> nix::Result<()> {
        nix::unistd::write(&self.0, request).map(drop)
    }

    /// Takes what the kernel says next.
    ///
    /// # Errors
    /// read(2)'s, of which EAGAIN says that there are no events, and ENOBUFS that some
    /// were lost.
    pub(crate) fn receive<'b>(&self, buffer: &'b mut [u8]) -> nix::Result<&'b [u8]> {
        loop {
            match nix::unistd::read(&self.0, buffer) {
                Err(Errno::EINTR) => {}
                len => return len.map(|len| &buffer[..len]),
            }
        }
    }
}

impl AsFd for Netlink {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

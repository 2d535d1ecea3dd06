//! Sockets of netlink(7): of rtnetlink(7), and of the kernel's generic families.

// What is read here others may have chosen: nothing may be cut, wrap or panic. Where a lint
// is allowed, the comment there gives the bound.
#![cfg_attr(
    not(test),
    warn(
        clippy::arithmetic_side_effects,
        clippy::cast_possible_truncation,
        clippy::cast_possible_wrap,
        clippy::cast_sign_loss,
        clippy::indexing_slicing
    )
)]

use nix::errno::Errno;
use std::mem::size_of;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd, OwnedFd};

pub(crate) mod message;

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
        Self::of(libc::NETLINK_ROUTE, wait, groups)
    }

    /// Opens one of generic netlink, which is never waited for.
    ///
    /// # Errors
    /// Those of socket(2) and bind(2).
    pub(crate) fn generic() -> nix::Result<Self> {
        Self::of(libc::NETLINK_GENERIC, libc::SOCK_NONBLOCK, 0)
    }

    // The family is 16, and no address is longer than 4 GiB.
    #[allow(clippy::cast_possible_truncation)]
    fn of(protocol: libc::c_int, wait: libc::c_int, groups: u32) -> nix::Result<Self> {
        let kind = libc::SOCK_RAW | libc::SOCK_CLOEXEC | wait;
        // SAFETY: socket takes no pointer.
        let fd = Errno::result(unsafe { libc::socket(libc::AF_NETLINK, kind, protocol) })?;
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
                len => return len.map(|len| buffer.get(..len).unwrap_or_default()),
            }
        }
    }

    /// Makes room for so many bytes of messages that wait, beyond the system's limit; the
    /// kernel counts its own share of each, and doubles the number for that.
    ///
    /// # Errors
    /// setsockopt(2)'s.
    // The length of a number.
    #[allow(clippy::cast_possible_truncation)]
    pub(crate) fn make_room(&self, bytes: i32) -> nix::Result<()> {
        let len = size_of::<i32>() as libc::socklen_t;
        let at = std::ptr::addr_of!(bytes).cast();
        let (level, name) = (libc::SOL_SOCKET, libc::SO_RCVBUFFORCE);
        // SAFETY: the pointer is to a number of that length, which lives through the call.
        let done = unsafe { libc::setsockopt(self.0.as_raw_fd(), level, name, at, len) };
        Errno::result(done).map(drop)
    }

    /// The bytes of kernel memory that wait to be received, and how many messages were lost
    /// since it was opened, as there was no room; `None` before Linux 4.12.
    // The length of nine numbers.
    #[allow(clippy::cast_possible_truncation)]
    pub(crate) fn waiting(&self) -> Option<(u32, u32)> {
        const SO_MEMINFO: libc::c_int = 55;
        const ALLOCATED: usize = 0;
        const DROPS: usize = 8;
        let mut numbers = [0u32; DROPS + 1];
        let mut len = std::mem::size_of_val(&numbers) as libc::socklen_t;
        let at = numbers.as_mut_ptr().cast();
        // SAFETY: the pointers are to an array and its length, which live through the call.
        let done = unsafe {
            let fd = self.0.as_raw_fd();
            libc::getsockopt(fd, libc::SOL_SOCKET, SO_MEMINFO, at, &mut len)
        };
        Errno::result(done).ok()?;
        Some((numbers[ALLOCATED], numbers[DROPS]))
    }
}

impl AsFd for Netlink {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

//! Frames of a network interface: packet(7).

use nix::errno::Errno;
use std::mem::size_of;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd, OwnedFd};

/// A socket for the frames of one protocol on one interface, headers included. It is never
/// waited for.
#[derive(Debug)]
pub(crate) struct Packets(OwnedFd);

impl Packets {
    /// # Errors
    /// Those of socket(2) and bind(2): EPERM without CAP_NET_RAW.
    pub(crate) fn open(index: u32, protocol: u16) -> nix::Result<Self> {
        let kind = libc::SOCK_RAW | libc::SOCK_CLOEXEC | libc::SOCK_NONBLOCK;
        let number = libc::c_int::from(protocol.to_be());
        // SAFETY: socket takes no pointer.
        let fd = Errno::result(unsafe { libc::socket(libc::AF_PACKET, kind, number) })?;
        // SAFETY: it was opened just now, and nobody else has it.
        let fd = unsafe { OwnedFd::from_raw_fd(fd) };
        // SAFETY: an all-zero sockaddr_ll is valid.
        let mut address: libc::sockaddr_ll = unsafe { std::mem::zeroed() };
        address.sll_family = libc::AF_PACKET as u16;
        address.sll_protocol = protocol.to_be();
        address.sll_ifindex = index as libc::c_int;
        let len = size_of::<libc::sockaddr_ll>() as libc::socklen_t;
        let at = std::ptr::addr_of!(address).cast::<libc::sockaddr>();
        // SAFETY: the pointer is to a value of that length, which lives through the call.
        Errno::result(unsafe { libc::bind(fd.as_raw_fd(), at, len) })?;
        Ok(Self(fd))
    }

    /// # Errors
    /// write(2)'s.
    pub(crate) fn send(&self, frame: &[u8]) -> nix::Result<()> {
        nix::unistd::write(&self.0, frame).map(drop)
    }

    /// The next frame that has come, cut to the buffer; `None` where there is none.
    pub(crate) fn receive<'b>(&self, buffer: &'b mut [u8]) -> Option<&'b [u8]> {
        let len = nix::unistd::read(&self.0, buffer).ok()?;
        Some(&buffer[..len])
    }
}

impl AsFd for Packets {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

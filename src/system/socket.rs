//! Sockets that never block: socket(7), ip(7), ipv6(7), poll(2).
//!
//! [`std::net`] by address does the same in 9 kB of the file.

use super::clock::monotonic_ns;
pub(crate) use batch::{Batch, TOGETHER};
pub(crate) use message::{Datagram, NetworkError};
pub(crate) use name::Family;
use name::Name;
use nix::errno::Errno;
use std::mem::size_of;
use std::net::{IpAddr, SocketAddr};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd, OwnedFd};
use std::ptr::addr_of_mut;

mod batch;
mod message;
mod name;
#[cfg(test)]
mod tests;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Transport {
    Tcp,
    Udp,
}

/// Options of a socket that take a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Setting {
    ReuseAddress,
    /// No datagrams and connections of IPv4.
    OnlyV6,
    /// Bytes; beyond the system's limit where this process may.
    ReceiveBuffer,
    /// How often a SYN is sent again.
    SynCount,
    /// Routers that a packet may pass.
    Ttl,
    /// Errors of the network are kept for [`Socket::network_error`].
    KeepErrors,
    /// Datagrams come with the address that they were sent to.
    TellDestination,
}

/// It does not block, is not inherited, and raises no SIGPIPE.
#[derive(Debug)]
pub(crate) struct Socket {
    fd: OwnedFd,
    family: Family,
}

impl Socket {
    /// # Errors
    /// socket(2)'s: EAFNOSUPPORT where the kernel has no IPv6.
    pub(crate) fn new(transport: Transport, family: Family) -> nix::Result<Self> {
        let kind = match transport {
            Transport::Tcp => libc::SOCK_STREAM,
            Transport::Udp => libc::SOCK_DGRAM,
        };
        let domain = match family {
            Family::V4 => libc::AF_INET,
            Family::V6 => libc::AF_INET6,
        };
        let flags = libc::SOCK_NONBLOCK | libc::SOCK_CLOEXEC;
        // SAFETY: socket takes numbers only.
        let fd = Errno::result(unsafe { libc::socket(domain, kind | flags, 0) })?;
        Ok(Self::owned(fd, family))
    }

    fn owned(fd: libc::c_int, family: Family) -> Self {
        // SAFETY: it was opened just now, and nobody else has it.
        let fd = unsafe { OwnedFd::from_raw_fd(fd) };
        Self { fd, family }
    }

    fn number(&self) -> libc::c_int {
        self.fd.as_raw_fd()
    }

    pub(crate) fn family(&self) -> Family {
        self.family
    }

    /// # Errors
    /// bind(2)'s.
    pub(crate) fn bind(&self, to: SocketAddr) -> nix::Result<()> {
        let name = Name::of(to, self.family);
        // SAFETY: the pointer is to an address of that length that lives through the call.
        Errno::result(unsafe { libc::bind(self.number(), name.pointer(), name.len) }).map(drop)
    }

    /// Begins a connection, which [`Self::error`] tells the end of once poll(2) says that
    /// something can be written; a datagram's socket takes and sends only what is
    /// between it and `to` from then on.
    ///
    /// # Errors
    /// connect(2)'s.
    pub(crate) fn connect(&self, to: SocketAddr) -> nix::Result<()> {
        let name = Name::of(to, self.family);
        // SAFETY: as above.
        let done = unsafe { libc::connect(self.number(), name.pointer(), name.len) };
        match Errno::result(done) {
            Ok(_) | Err(Errno::EINPROGRESS) => Ok(()),
            Err(errno) => Err(errno),
        }
    }

    /// # Errors
    /// listen(2)'s.
    pub(crate) fn listen(&self, backlog: i32) -> nix::Result<()> {
        // SAFETY: listen takes numbers only.
        Errno::result(unsafe { libc::listen(self.number(), backlog) }).map(drop)
    }

    /// # Errors
    /// accept4(2)'s, of which EAGAIN says that nobody waits.
    pub(crate) fn accept(&self) -> nix::Result<(Self, SocketAddr)> {
        let mut name = Name::empty();
        let flags = libc::SOCK_NONBLOCK | libc::SOCK_CLOEXEC;
        // SAFETY: the pointers are to an address and its length that live through the call.
        let fd = unsafe {
            let storage = addr_of_mut!(name.storage).cast();
            libc::accept4(self.number(), storage, &mut name.len, flags)
        };
        let socket = Self::owned(Errno::result(fd)?, self.family);
        Ok((socket, name.address()))
    }

    /// How an attempt to connect ended, or what has gone wrong since.
    ///
    /// # Errors
    /// The socket's.
    pub(crate) fn error(&self) -> nix::Result<()> {
        let mut errno: libc::c_int = 0;
        let mut len = size_of::<libc::c_int>() as libc::socklen_t;
        // SAFETY: the pointers are to a number and its length that live through the call.
        Errno::result(unsafe {
            libc::getsockopt(
                self.number(),
                libc::SOL_SOCKET,
                libc::SO_ERROR,
                addr_of_mut!(errno).cast(),
                &mut len,
            )
        })?;
        match errno {
            0 => Ok(()),
            errno => Err(Errno::from_raw(errno)),
        }
    }

    /// The socket's own address and port.
    ///
    /// # Errors
    /// getsockname(2)'s.
    pub(crate) fn local(&self) -> nix::Result<SocketAddr> {
        let mut name = Name::empty();
        // SAFETY: the pointers are to an address and its length that live through the call.
        Errno::result(unsafe {
            let storage = addr_of_mut!(name.storage).cast();
            libc::getsockname(self.number(), storage, &mut name.len)
        })?;
        Ok(name.address())
    }

    /// # Errors
    /// setsockopt(2)'s.
    pub(crate) fn set(&self, setting: Setting, value: i32) -> nix::Result<()> {
        let is_v6 = self.family == Family::V6;
        let (level, name) = match setting {
            Setting::ReuseAddress => (libc::SOL_SOCKET, libc::SO_REUSEADDR),
            Setting::OnlyV6 => (libc::IPPROTO_IPV6, libc::IPV6_V6ONLY),
            Setting::ReceiveBuffer => (libc::SOL_SOCKET, libc::SO_RCVBUFFORCE),
            Setting::SynCount => (libc::IPPROTO_TCP, libc::TCP_SYNCNT),
            Setting::Ttl if is_v6 => (libc::IPPROTO_IPV6, libc::IPV6_UNICAST_HOPS),
            Setting::Ttl => (libc::IPPROTO_IP, libc::IP_TTL),
            Setting::KeepErrors if is_v6 => (libc::IPPROTO_IPV6, libc::IPV6_RECVERR),
            Setting::KeepErrors => (libc::IPPROTO_IP, libc::IP_RECVERR),
            Setting::TellDestination if is_v6 => (libc::IPPROTO_IPV6, libc::IPV6_RECVPKTINFO),
            Setting::TellDestination => (libc::IPPROTO_IP, libc::IP_PKTINFO),
        };
        let len = size_of::<i32>() as libc::socklen_t;
        let pointer: *const i32 = &value;
        // SAFETY: the pointer is to a number of that length that lives through the call.
        let done = unsafe { libc::setsockopt(self.number(), level, name, pointer.cast(), len) };
        Errno::result(done).map(drop)
    }

    /// Of a connection, or of a datagram's socket that is connected.
    ///
    /// # Errors
    /// send(2)'s.
    pub(crate) fn send(&self, bytes: &[u8]) -> nix::Result<usize> {
        let flags = libc::MSG_NOSIGNAL;
        // SAFETY: the pointer is to as many bytes as it says, which live through the call.
        let sent = unsafe { libc::send(self.number(), bytes.as_ptr().cast(), bytes.len(), flags) };
        Errno::result(sent).map(|sent| sent as usize)
    }

    /// A datagram, from the address `from` of this machine if one is given.
    ///
    /// # Errors
    /// sendmsg(2)'s.
    pub(crate) fn send_to(
        &self,
        bytes: &[u8],
        to: SocketAddr,
        from: Option<IpAddr>,
    ) -> nix::Result<()> {
        message::send(self.number(), bytes, Name::of(to, self.family), from)
    }

    /// # Errors
    /// recv(2)'s, of which EAGAIN says that there is nothing now; 0 is the end of a
    /// connection.
    pub(crate) fn receive(&self, buffer: &mut [u8]) -> nix::Result<usize> {
        // SAFETY: the kernel writes no further than the length that it is given.
        let len = unsafe {
            let pointer = buffer.as_mut_ptr().cast();
            libc::recv(self.number(), pointer, buffer.len(), 0)
        };
        Errno::result(len).map(|len| len as usize)
    }

    /// # Errors
    /// recvmsg(2)'s, of which EAGAIN says that there is nothing now.
    pub(crate) fn receive_from(&self, buffer: &mut [u8]) -> nix::Result<Datagram> {
        message::receive(self.number(), buffer)
    }

    /// Takes the datagrams that wait, as many as there is room for; how many they are. Fewer:
    /// none waits any more.
    pub(crate) fn receive_batch<const ROOM: usize>(&self, batch: &mut Batch<ROOM>) -> usize {
        batch.receive(self.number())
    }

    /// Sends the answers to them.
    pub(crate) fn send_batch<const ROOM: usize>(&self, batch: &mut Batch<ROOM>) {
        batch.send(self.number());
    }

    /// The next error of the network, once [`Setting::KeepErrors`] is set.
    pub(crate) fn network_error(&self) -> Option<NetworkError> {
        message::network_error(self.number())
    }
}

impl AsFd for Socket {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.fd.as_fd()
    }
}

/// Rounded up: a wait that ends before its time would be begun over and over.
pub(super) fn milliseconds_until(until_ns: u64) -> libc::c_int {
    let left_ns = until_ns.saturating_sub(monotonic_ns());
    let time = left_ns.saturating_add(999_999) / 1_000_000;
    libc::c_int::try_from(time).unwrap_or(libc::c_int::MAX)
}

/// Waits until a moment on CLOCK_MONOTONIC, or until something can be done with one of the
/// descriptors; their `revents` say what.
pub(crate) fn poll(fds: &mut [libc::pollfd], until_ns: u64) {
    let time = milliseconds_until(until_ns);
    // SAFETY: the pointer is to as many pollfds as it says, which live through the call.
    let done = unsafe { libc::poll(fds.as_mut_ptr(), fds.len() as libc::nfds_t, time) };
    if done < 0 {
        fds.iter_mut().for_each(|fd| fd.revents = 0);
    }
}

/// To be waited for with [`poll`].
pub(crate) fn polled(fd: impl AsFd, events: libc::c_short) -> libc::pollfd {
    libc::pollfd {
        fd: fd.as_fd().as_raw_fd(),
        events,
        revents: 0,
    }
}

/// Fills `bytes` from the kernel's generator: getrandom(2).
///
/// # Errors
/// getrandom(2)'s.
pub(crate) fn random(bytes: &mut [u8]) -> nix::Result<()> {
    // SAFETY: the kernel writes no further than the length that it is given.
    let len = unsafe { libc::getrandom(bytes.as_mut_ptr().cast(), bytes.len(), 0) };
    Errno::result(len).map(drop)
}

//! Descriptors that are waited for over and over: epoll(7). Unlike with poll(2), the kernel
//! is told of them once.

use super::socket::milliseconds_until;
use nix::errno::Errno;
use std::mem::zeroed;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd, OwnedFd};

/// Told of at a time.
const EVENTS: usize = 8;

/// 32 at most, each with a number.
pub(crate) struct Readiness(OwnedFd);

impl Readiness {
    /// # Errors
    /// epoll_create1(2)'s.
    pub(crate) fn new() -> nix::Result<Self> {
        // SAFETY: epoll_create1 takes a number only.
        let fd = Errno::result(unsafe { libc::epoll_create1(libc::EPOLL_CLOEXEC) })?;
        // SAFETY: it was opened just now, and nobody else has it.
        Ok(Self(unsafe { OwnedFd::from_raw_fd(fd) }))
    }

    /// Adds a descriptor that may have something to read; one that is closed is forgotten.
    ///
    /// # Errors
    /// epoll_ctl(2)'s.
    pub(crate) fn add(&self, fd: impl AsFd, number: u32) -> nix::Result<()> {
        let mut event = libc::epoll_event {
            events: libc::EPOLLIN as u32,
            u64: number.into(),
        };
        let (set, fd) = (self.0.as_raw_fd(), fd.as_fd().as_raw_fd());
        // SAFETY: the pointer is to an event that lives through the call.
        let done = unsafe { libc::epoll_ctl(set, libc::EPOLL_CTL_ADD, fd, &mut event) };
        Errno::result(done).map(drop)
    }

    /// Waits until a moment on CLOCK_MONOTONIC, 0 for not at all, or until one of them has
    /// something to read; a bit for each that has. Those that are not told of now are next.
    pub(crate) fn wait(&self, until_ns: u64) -> u32 {
        let time = if until_ns == 0 {
            0
        } else {
            milliseconds_until(until_ns)
        };
        // SAFETY: all-zero events are valid.
        let mut events: [libc::epoll_event; EVENTS] = unsafe { zeroed() };
        // SAFETY: the pointer is to as many events as it says, which live through the call.
        let came = unsafe {
            let (set, pointer) = (self.0.as_raw_fd(), events.as_mut_ptr());
            libc::epoll_wait(set, pointer, EVENTS as libc::c_int, time)
        };
        let came = usize::try_from(came).unwrap_or(0);
        // The numbers are not aligned everywhere: they are copied.
        let bits = events[..came].iter().map(|event| 1 << ({ event.u64 } & 31));
        bits.fold(0, |all, bit: u32| all | bit)
    }
}

impl AsFd for Readiness {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::clock::monotonic_ns;
    use crate::system::detach::socket_pair;

    #[test]
    fn where_there_are_none_the_time_is_waited_for() {
        let readiness = Readiness::new().unwrap();
        assert_eq!(readiness.wait(0), 0);
        let until = monotonic_ns() + 1_000_000;
        assert_eq!(readiness.wait(until), 0);
        assert!(monotonic_ns() >= until);
    }

    #[test]
    fn those_that_have_something_to_read() {
        let readiness = Readiness::new().unwrap();
        let pairs: Vec<_> = (0..20).map(|_| socket_pair().unwrap()).collect();
        for (number, (near, _)) in (0..).zip(&pairs) {
            readiness.add(near, number).unwrap();
        }
        assert_eq!(readiness.wait(0), 0);
        assert_eq!(readiness.wait(monotonic_ns() + 1_000_000), 0);
        for number in [3, 17] {
            nix::unistd::write(&pairs[number].1, b"x").unwrap();
        }
        assert_eq!(readiness.wait(u64::MAX), 1 << 3 | 1 << 17);
        nix::unistd::read(&pairs[3].0, &mut [0]).unwrap();
        assert_eq!(readiness.wait(u64::MAX), 1 << 17);
        // More than are told of at a time: the others come after.
        for (_, far) in &pairs {
            nix::unistd::write(far, b"x").unwrap();
        }
        let mut all = 0;
        for _ in 0..3 {
            let some = readiness.wait(u64::MAX);
            assert_eq!(some.count_ones(), 8);
            all |= some;
        }
        assert_eq!(all, (1 << 20) - 1);
    }
}

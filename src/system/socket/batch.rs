//! Datagrams that come, and are answered, several at a time: recvmmsg(2), sendmmsg(2).

use super::message::{destination, message, put_source, Control, Datagram};
use super::name::Name;
use libc::{c_int, c_uint, iovec, mmsghdr, msghdr};
use nix::errno::Errno;
use std::mem::zeroed;
use std::net::IpAddr;
use std::ptr::null_mut;

/// Taken with one call.
pub(crate) const TOGETHER: usize = 16;

/// Room for them, of `ROOM` bytes each.
pub(crate) struct Batch<const ROOM: usize> {
    names: [Name; TOGETHER],
    controls: [Control; TOGETHER],
    pieces: [iovec; TOGETHER],
    headers: [mmsghdr; TOGETHER],
    buffers: [[u8; ROOM]; TOGETHER],
    /// Of the answers; 0 where there is none.
    lens: [usize; TOGETHER],
}

impl<const ROOM: usize> Batch<ROOM> {
    pub(crate) fn new() -> Self {
        // SAFETY: all-zero headers and pieces are valid; nothing follows their pointers
        // before they are set.
        let (pieces, headers) = unsafe { (zeroed(), zeroed()) };
        Self {
            names: std::array::from_fn(|_| Name::empty()),
            controls: [[0; 16]; TOGETHER],
            pieces,
            headers,
            buffers: [[0; ROOM]; TOGETHER],
            lens: [0; TOGETHER],
        }
    }

    /// The datagram at this place among those that the last call has taken.
    pub(crate) fn datagram(&self, at: usize) -> (Datagram, [u8; ROOM]) {
        let header = &self.headers[at];
        let datagram = Datagram {
            len: (header.msg_len as usize).min(ROOM),
            from: self.names[at].address(),
            to: self.destination(at),
        };
        (datagram, self.buffers[at])
    }

    /// The address of this machine that the datagram at this place was sent to.
    fn destination(&self, at: usize) -> Option<IpAddr> {
        let mut header = self.headers[at].msg_hdr;
        // The batch may have been moved since, and what the header points to with it.
        header.msg_control = self.controls[at].as_ptr().cast_mut().cast();
        // SAFETY: it points to the control messages of this place, which are only read: the
        // kernel has filled them in, or the length is 0, or they are those of a datagram
        // before; none goes past the length, which is at most that of the room.
        unsafe { destination(&header) }
    }

    /// What is sent to where the datagram at this place came from; cut to the room.
    pub(crate) fn answer(&mut self, at: usize, bytes: &[u8]) {
        let len = bytes.len().min(ROOM);
        self.buffers[at][..len].copy_from_slice(&bytes[..len]);
        self.lens[at] = len;
    }

    pub(super) fn receive(&mut self, fd: c_int) -> usize {
        self.lens = [0; TOGETHER];
        for at in 0..TOGETHER {
            self.headers[at].msg_hdr = pointed_to(
                &mut self.names[at],
                &mut self.pieces[at],
                &mut self.controls[at],
                &mut self.buffers[at],
            );
        }
        // SAFETY: all that the headers point to lives through the call, and the kernel
        // writes no further than the lengths in them.
        let came = unsafe {
            let headers = self.headers.as_mut_ptr();
            libc::recvmmsg(fd, headers, TOGETHER as c_uint, 0, null_mut())
        };
        usize::try_from(came).unwrap_or(0)
    }

    /// Sends the answers. One that is lost is asked for again.
    pub(super) fn send(&mut self, fd: c_int) {
        let mut all = 0;
        for at in 0..TOGETHER {
            if self.lens[at] == 0 {
                continue;
            }
            // This header is not yet another's.
            let from = self.destination(at);
            let len = self.headers[at].msg_hdr.msg_namelen;
            self.controls[at] = [0; 16];
            let header = &mut self.headers[all].msg_hdr;
            *header = pointed_to(
                &mut self.names[at],
                &mut self.pieces[at],
                &mut self.controls[at],
                &mut self.buffers[at][..self.lens[at]],
            );
            header.msg_namelen = len;
            put_source(header, from, self.names[at].is_v4());
            all += 1;
        }
        let mut sent = 0;
        while sent < all {
            // musl's sendmmsg() calls sendmsg(2) for each.
            // SAFETY: all that the headers point to lives through the call.
            let done = unsafe {
                let headers = self.headers.as_mut_ptr().add(sent);
                let (number, flags) = (libc::SYS_sendmmsg, libc::MSG_NOSIGNAL);
                libc::syscall(number, fd, headers, (all - sent) as c_uint, flags)
            };
            match Errno::result(done) {
                Ok(done) => sent += done as usize,
                Err(Errno::EAGAIN) => return,
                Err(_) => sent += 1,
            }
        }
    }
}

/// A header of these. It is not given the batch: to borrow all of that again would be the end
/// of the pointers in the headers before.
fn pointed_to(
    name: &mut Name,
    piece: &mut iovec,
    control: &mut Control,
    bytes: &mut [u8],
) -> msghdr {
    *piece = iovec {
        iov_base: bytes.as_mut_ptr().cast(),
        iov_len: bytes.len(),
    };
    message(name, piece, control)
}

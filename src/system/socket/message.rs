//! Datagrams with what the kernel tells beside them: recvmsg(2), sendmsg(2), cmsg(3).

use super::name::{mapped, Name};
use libc::{c_int, cmsghdr, in6_pktinfo, in_pktinfo, msghdr, sock_extended_err};
use nix::errno::Errno;
use std::mem::{size_of, zeroed};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::ptr::addr_of_mut;

/// An error that the network has sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NetworkError {
    pub(crate) errno: Errno,
    /// Who sent it; `None` for this machine.
    pub(crate) from: Option<IpAddr>,
}

/// A datagram that was received: its length, whence, and, if
/// that is asked for, to which of this machine's addresses.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Datagram {
    pub(crate) len: usize,
    pub(crate) from: SocketAddr,
    pub(crate) to: Option<IpAddr>,
}

/// From the kernel's `linux/errqueue.h`: an error of this machine's own.
const ORIGIN_LOCAL: u8 = 1;

/// The address of this machine in a datagram, by family.
const ADDRESSES: [(c_int, c_int); 2] = [
    (libc::IPPROTO_IP, libc::IP_PKTINFO),
    (libc::IPPROTO_IPV6, libc::IPV6_PKTINFO),
];

const ERRORS: [(c_int, c_int); 2] = [
    (libc::IPPROTO_IP, libc::IP_RECVERR),
    (libc::IPPROTO_IPV6, libc::IPV6_RECVERR),
];

/// Room for the control messages that are asked for.
pub(super) type Control = [u64; 16];

/// Its pointers are good for as long as nothing of the three is moved or borrowed again.
pub(super) fn message(name: &mut Name, piece: &mut libc::iovec, control: &mut Control) -> msghdr {
    // SAFETY: an all-zero msghdr is valid.
    let mut message: msghdr = unsafe { zeroed() };
    message.msg_name = addr_of_mut!(name.storage).cast();
    message.msg_namelen = name.len;
    message.msg_iov = piece;
    message.msg_iovlen = 1;
    message.msg_control = control.as_mut_ptr().cast();
    message.msg_controllen = size_of::<Control>() as _;
    message
}

/// Sends a datagram, from the address `from` of this machine if one is given.
pub(super) fn send(fd: c_int, bytes: &[u8], mut to: Name, from: Option<IpAddr>) -> nix::Result<()> {
    let mut control: Control = [0; 16];
    let mut piece = libc::iovec {
        iov_base: bytes.as_ptr().cast_mut().cast(),
        iov_len: bytes.len(),
    };
    let is_v4 = to.is_v4();
    let mut message = message(&mut to, &mut piece, &mut control);
    put_source(&mut message, from, is_v4);
    // SAFETY: all that the message points to lives through the call, and is only read.
    let sent = unsafe { libc::sendmsg(fd, &message, libc::MSG_NOSIGNAL) };
    Errno::result(sent).map(drop)
}

/// Says from which address of this machine it goes, if that is one; the room for control
/// messages is to be zeros.
pub(super) fn put_source(message: &mut msghdr, from: Option<IpAddr>, to_is_v4: bool) {
    message.msg_controllen = 0;
    match from {
        Some(IpAddr::V4(v4)) if to_is_v4 => {
            // SAFETY: an all-zero in_pktinfo is valid.
            let mut info: in_pktinfo = unsafe { zeroed() };
            info.ipi_spec_dst.s_addr = u32::from_ne_bytes(v4.octets());
            put(message, ADDRESSES[0], info);
        }
        Some(from) => {
            // SAFETY: an all-zero in6_pktinfo is valid.
            let mut info: in6_pktinfo = unsafe { zeroed() };
            info.ipi6_addr.s6_addr = mapped(from).octets();
            put(message, ADDRESSES[1], info);
        }
        None => {}
    }
}

/// Puts in the one control message; [`Control`] has room for either.
fn put<T>(message: &mut msghdr, (level, kind): (c_int, c_int), value: T) {
    let len = size_of::<T>() as u32;
    // SAFETY: the message points to a `Control`, which is as aligned as a header and has
    // room for this one and its value.
    unsafe {
        message.msg_controllen = libc::CMSG_SPACE(len) as _;
        let at = libc::CMSG_FIRSTHDR(message);
        (*at).cmsg_level = level;
        (*at).cmsg_type = kind;
        (*at).cmsg_len = libc::CMSG_LEN(len) as _;
        libc::CMSG_DATA(at).cast::<T>().write_unaligned(value);
    }
}

pub(super) fn receive(fd: c_int, buffer: &mut [u8]) -> nix::Result<Datagram> {
    let mut name = Name::empty();
    let mut control: Control = [0; 16];
    let mut piece = libc::iovec {
        iov_base: buffer.as_mut_ptr().cast(),
        iov_len: buffer.len(),
    };
    let mut message = message(&mut name, &mut piece, &mut control);
    // SAFETY: all that the message points to lives through the call, and the kernel writes
    // no further than the lengths in it.
    let len = Errno::result(unsafe { libc::recvmsg(fd, &mut message, 0) })? as usize;
    // SAFETY: the kernel has filled in the control messages, which are still there.
    let to = unsafe { destination(&message) };
    let from = name.address();
    Ok(Datagram { len, from, to })
}

pub(super) fn network_error(fd: c_int) -> Option<NetworkError> {
    let mut name = Name::empty();
    let mut control: Control = [0; 16];
    let mut byte = 0_u8;
    let mut piece = libc::iovec {
        iov_base: addr_of_mut!(byte).cast(),
        iov_len: 1,
    };
    let mut message = message(&mut name, &mut piece, &mut control);
    // SAFETY: as in `receive`.
    let len = unsafe { libc::recvmsg(fd, &mut message, libc::MSG_ERRQUEUE) };
    Errno::result(len).ok()?;
    // SAFETY: the kernel has filled in the control messages, which are still there.
    unsafe { error_in(&message) }
}

/// The first control message of one of these types.
///
/// # Safety
/// The kernel has filled in the control messages, which are still there.
unsafe fn control_of(message: &msghdr, types: [(c_int, c_int); 2]) -> Option<*const cmsghdr> {
    let mut at = libc::CMSG_FIRSTHDR(message);
    while !at.is_null() && !types.contains(&((*at).cmsg_level, (*at).cmsg_type)) {
        at = libc::CMSG_NXTHDR(message, at);
    }
    (!at.is_null()).then_some(at.cast_const())
}

/// # Safety
/// As of [`control_of`].
pub(super) unsafe fn destination(message: &msghdr) -> Option<IpAddr> {
    let at = control_of(message, ADDRESSES)?;
    let data = libc::CMSG_DATA(at);
    if (*at).cmsg_level == libc::IPPROTO_IP {
        let info = data.cast::<in_pktinfo>().read_unaligned();
        return Some(Ipv4Addr::from(info.ipi_addr.s_addr.to_ne_bytes()).into());
    }
    let info = data.cast::<in6_pktinfo>().read_unaligned();
    let ip = Ipv6Addr::from(info.ipi6_addr.s6_addr);
    Some(ip.to_ipv4_mapped().map_or(ip.into(), IpAddr::from))
}

/// # Safety
/// As of [`control_of`].
// musl has another type of length.
#[allow(clippy::unnecessary_cast)]
unsafe fn error_in(message: &msghdr) -> Option<NetworkError> {
    let at = control_of(message, ERRORS)?;
    let data = libc::CMSG_DATA(at).cast::<sock_extended_err>();
    let error = data.read_unaligned();
    // Behind the error lies the address of its sender: SO_EE_OFFENDER.
    let before = libc::CMSG_LEN(size_of::<sock_extended_err>() as u32) as usize;
    let rest = ((*at).cmsg_len as usize).saturating_sub(before);
    let mut sender = Name::empty();
    let to = addr_of_mut!(sender.storage).cast::<u8>();
    let len = rest.min(size_of::<libc::sockaddr_in6>());
    data.add(1).cast::<u8>().copy_to(to, len);
    Some(NetworkError {
        errno: Errno::from_raw(error.ee_errno as c_int),
        from: (error.ee_origin != ORIGIN_LOCAL).then(|| sender.address().ip()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is read out of a message that has this control message, put in by hand.
    fn told<T, R>(kind: (c_int, c_int), value: T, read: impl Fn(&msghdr) -> R) -> R {
        let mut name = Name::empty();
        let mut control: Control = [0; 16];
        let mut piece = libc::iovec {
            iov_base: std::ptr::null_mut(),
            iov_len: 0,
        };
        let mut message = message(&mut name, &mut piece, &mut control);
        put(&mut message, kind, value);
        read(&message)
    }

    fn to<T>(kind: (c_int, c_int), value: T) -> Option<String> {
        // SAFETY: there is one control message, which is whole.
        let to = told(kind, value, |message| unsafe { destination(message) });
        to.map(|to| to.to_string())
    }

    #[repr(C)]
    struct Told<A> {
        error: sock_extended_err,
        sender: A,
    }

    fn error<A>(kind: (c_int, c_int), origin: u8, sender: A) -> Option<(Errno, Option<String>)> {
        // SAFETY: an all-zero error is valid.
        let mut error: sock_extended_err = unsafe { zeroed() };
        error.ee_errno = libc::EHOSTUNREACH as u32;
        error.ee_origin = origin;
        let value = Told { error, sender };
        // SAFETY: as above.
        let told = told(kind, value, |message| unsafe { error_in(message) })?;
        Some((told.errno, told.from.map(|from| from.to_string())))
    }

    #[test]
    fn control_messages_by_hand() {
        // SAFETY: all zeros are valid.
        let (mut v4, mut v6): (in_pktinfo, in6_pktinfo) = unsafe { (zeroed(), zeroed()) };
        v4.ipi_addr.s_addr = u32::from_ne_bytes([192, 0, 2, 7]);
        assert_eq!(to(ADDRESSES[0], v4), Some("192.0.2.7".into()));
        assert_eq!(to(ERRORS[0], v4), None);
        v6.ipi6_addr.s6_addr[..2].copy_from_slice(&[0x20, 0x01]);
        v6.ipi6_addr.s6_addr[15] = 7;
        assert_eq!(to(ADDRESSES[1], v6), Some("2001::7".into()));
        v6.ipi6_addr.s6_addr = Ipv4Addr::new(192, 0, 2, 7).to_ipv6_mapped().octets();
        assert_eq!(to(ADDRESSES[1], v6), Some("192.0.2.7".into()));

        let sender = Name::of(([192, 0, 2, 1], 9).into(), super::super::Family::V6);
        let from = |from: &str| Some((Errno::EHOSTUNREACH, Some(from.to_owned())));
        assert_eq!(error(ERRORS[1], 3, sender.storage), from("192.0.2.1"));
        assert_eq!(
            error(ERRORS[0], ORIGIN_LOCAL, sender.storage),
            Some((Errno::EHOSTUNREACH, None))
        );
        // Of a sender's address no more is read than there is.
        assert_eq!(error(ERRORS[0], 2, ()), from("::"));
        assert_eq!(error(ADDRESSES[0], 2, sender.storage), None);
    }

    #[test]
    fn the_source_that_is_put() {
        let [v4, v6]: [IpAddr; 2] = ["192.0.2.7", "2001:db8::7"].map(|ip| ip.parse().unwrap());
        for (from, to_is_v4, source) in [
            (Some(v6), false, Some(v6)),
            (Some(v4), false, Some(v4)),
            // Where it goes out is not where one came to.
            (Some(v4), true, Some(Ipv4Addr::UNSPECIFIED.into())),
            (None, true, None),
        ] {
            let found = told(ERRORS[0], [0_u8; 60], |message| {
                let mut message = *message;
                // SAFETY: the message points to a `Control`.
                unsafe { message.msg_control.cast::<Control>().write([0; 16]) };
                put_source(&mut message, from, to_is_v4);
                // SAFETY: there is one control message, which is whole, or none.
                unsafe { destination(&message) }
            });
            assert_eq!(found, source);
        }
    }
}

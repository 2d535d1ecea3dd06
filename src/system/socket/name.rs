//! An address as the kernel has it: sockaddr_in(3type), sockaddr_in6(3type).

use std::mem::{size_of, zeroed};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV6};
use std::ptr::addr_of_mut;

/// The family of a socket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Family {
    V4,
    V6,
}

impl Family {
    pub(crate) fn of(address: IpAddr) -> Self {
        match address {
            IpAddr::V4(_) => Self::V4,
            IpAddr::V6(_) => Self::V6,
        }
    }

    /// Any address of this machine.
    pub(crate) fn any(self) -> IpAddr {
        match self {
            Self::V4 => Ipv4Addr::UNSPECIFIED.into(),
            Self::V6 => Ipv6Addr::UNSPECIFIED.into(),
        }
    }
}

/// An address as the kernel has it.
pub(super) struct Name {
    pub(super) storage: libc::sockaddr_in6,
    pub(super) len: libc::socklen_t,
}

impl Name {
    pub(super) fn empty() -> Self {
        Self {
            // SAFETY: all zeros are a valid sockaddr_in6.
            storage: unsafe { zeroed() },
            len: size_of::<libc::sockaddr_in6>() as libc::socklen_t,
        }
    }

    /// To a socket of IPv6 an IPv4 address is a mapped one.
    pub(super) fn of(address: SocketAddr, family: Family) -> Self {
        let mut name = Self::empty();
        match (address, family) {
            (SocketAddr::V4(v4), Family::V4) => {
                let to: *mut libc::sockaddr_in = addr_of_mut!(name.storage).cast();
                // SAFETY: a sockaddr_in is no longer than the storage, and aligned as it is.
                unsafe {
                    (*to).sin_family = libc::AF_INET as libc::sa_family_t;
                    (*to).sin_port = v4.port().to_be();
                    (*to).sin_addr.s_addr = u32::from_ne_bytes(v4.ip().octets());
                }
                name.len = size_of::<libc::sockaddr_in>() as libc::socklen_t;
            }
            (address, _) => {
                name.storage.sin6_family = libc::AF_INET6 as libc::sa_family_t;
                name.storage.sin6_port = address.port().to_be();
                name.storage.sin6_addr.s6_addr = mapped(address.ip()).octets();
                if let SocketAddr::V6(v6) = address {
                    name.storage.sin6_scope_id = v6.scope_id();
                }
            }
        }
        name
    }

    pub(super) fn is_v4(&self) -> bool {
        self.storage.sin6_family == libc::AF_INET as libc::sa_family_t
    }

    pub(super) fn pointer(&self) -> *const libc::sockaddr {
        let storage: *const libc::sockaddr_in6 = &self.storage;
        storage.cast()
    }

    /// A mapped address is told as the IPv4 address that it is.
    pub(super) fn address(&self) -> SocketAddr {
        if self.is_v4() {
            let from: *const libc::sockaddr_in = self.pointer().cast();
            // SAFETY: a sockaddr_in is no longer than the storage, and aligned as it is.
            let (ip, port) = unsafe { ((*from).sin_addr.s_addr, (*from).sin_port) };
            return (Ipv4Addr::from(ip.to_ne_bytes()), u16::from_be(port)).into();
        }
        let ip = Ipv6Addr::from(self.storage.sin6_addr.s6_addr);
        let port = u16::from_be(self.storage.sin6_port);
        match ip.to_ipv4_mapped() {
            Some(v4) => (v4, port).into(),
            None => {
                let scope = self.storage.sin6_scope_id;
                SocketAddrV6::new(ip, port, 0, scope).into()
            }
        }
    }
}

/// As IPv6 has it.
pub(super) fn mapped(ip: IpAddr) -> Ipv6Addr {
    match ip {
        IpAddr::V4(v4) => v4.to_ipv6_mapped(),
        IpAddr::V6(v6) => v6,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_what_it_was() {
        for (text, family, is_v4) in [
            ("192.0.2.7:8080", Family::V4, true),
            ("192.0.2.7:8080", Family::V6, false),
            ("[2001:db8::7]:53", Family::V6, false),
        ] {
            let address: SocketAddr = text.parse().unwrap();
            let name = Name::of(address, family);
            assert_eq!((name.address(), name.is_v4()), (address, is_v4));
        }
        let scoped = SocketAddrV6::new(Ipv6Addr::LOCALHOST, 1, 0, 7).into();
        assert_eq!(Name::of(scoped, Family::V6).address(), scoped);
    }
}

//! Addresses, routes, rules and nexthops as the kernel has them: `linux/if_addr.h`,
//! `linux/rtnetlink.h`, `linux/fib_rules.h`, `linux/nexthop.h`.
//!
//! An object is kept as the kernel told of it, and handed back the same way, so that what
//! this program knows nothing of comes back with it.

use crate::system::netlink::message::{attributes, put, u32_at};
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

pub(crate) const NEW_LINK: u16 = 16;
pub(crate) const NEW_ADDRESS: u16 = 20;
pub(crate) const DEL_ADDRESS: u16 = 21;
pub(crate) const NEW_ROUTE: u16 = 24;
pub(crate) const NEW_RULE: u16 = 32;
pub(crate) const NEW_NEXTHOP: u16 = 104;
/// From the kind that makes an object to those that delete it and ask for it.
pub(crate) const DELETE: u16 = 1;
pub(crate) const GET: u16 = 2;

// The families are 2 and 10.
#[allow(clippy::cast_possible_truncation)]
pub(crate) const INET: u8 = libc::AF_INET as u8;
#[allow(clippy::cast_possible_truncation)]
pub(crate) const INET6: u8 = libc::AF_INET6 as u8;

pub(super) const IFA_ADDRESS: u16 = 1;
pub(super) const IFA_LOCAL: u16 = 2;
pub(super) const IFA_BROADCAST: u16 = 4;
pub(super) const IFA_CACHEINFO: u16 = 6;
pub(super) const IFA_FLAGS: u16 = 8;

pub(super) const RTA_DST: u16 = 1;
pub(super) const RTA_OIF: u16 = 4;
pub(super) const RTA_GATEWAY: u16 = 5;
pub(super) const RTA_PRIORITY: u16 = 6;
pub(super) const RTA_PREFSRC: u16 = 7;
pub(super) const RTA_MULTIPATH: u16 = 9;
pub(super) const RTA_CACHEINFO: u16 = 12;
pub(super) const RTA_TABLE: u16 = 15;
pub(super) const RTA_VIA: u16 = 18;
pub(super) const RTA_ENCAP_TYPE: u16 = 21;
pub(super) const RTA_ENCAP: u16 = 22;
pub(super) const RTA_EXPIRES: u16 = 23;
pub(super) const RTA_NH_ID: u16 = 30;

pub(super) const NHA_ID: u16 = 1;
/// What the kernel can tell of a group, which it does not take: since Linux 6.9.
pub(super) const NHA_OP_FLAGS: u16 = 14;

/// The kernel makes and removes these routes with their addresses.
const RTPROT_KERNEL: u8 = 2;
/// Flags of a nexthop that are asked for: RTNH_F_PERVASIVE, RTNH_F_ONLINK. The others are
/// its state.
pub(super) const ASKED: u8 = 6;
pub(super) const ON_LINK: u8 = 4;
/// RT_SCOPE_LINK; those above are narrower.
pub(super) const SCOPE_LINK: u8 = 253;
const MAIN: u32 = 254;

/// As the kernel told of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Object {
    /// Of the message that makes it.
    pub(crate) kind: u16,
    pub(crate) payload: Vec<u8>,
}

impl Object {
    /// Bytes of the kernel's struct, before the attributes.
    pub(super) fn head_len(kind: u16) -> usize {
        match kind {
            NEW_LINK => 16,
            NEW_ADDRESS | NEW_NEXTHOP => 8,
            _ => 12,
        }
    }

    /// The kernel's struct, before the attributes.
    pub(super) fn head(&self) -> &[u8] {
        self.split().0
    }

    pub(super) fn attributes(&self) -> impl Iterator<Item = (u16, &[u8])> {
        attributes(self.split().1)
    }

    pub(super) fn attribute(&self, wanted: u16) -> Option<&[u8]> {
        self.attributes()
            .find_map(|(kind, value)| (kind == wanted).then_some(value))
    }

    fn split(&self) -> (&[u8], &[u8]) {
        let head = Self::head_len(self.kind);
        self.payload.split_at(head.min(self.payload.len()))
    }

    /// A byte of the struct.
    pub(super) fn byte(&self, at: usize) -> u8 {
        self.payload.get(at).copied().unwrap_or(0)
    }

    pub(crate) fn family(&self) -> u8 {
        self.byte(0)
    }

    pub(super) fn number(&self, wanted: u16) -> Option<u32> {
        u32_at(self.attribute(wanted)?, 0)
    }

    pub(super) fn address_at(&self, wanted: u16) -> Option<IpAddr> {
        ip(self.attribute(wanted)?)
    }

    /// The same with other attributes: `change` gets each and says what becomes of it.
    pub(super) fn with(&self, mut change: impl FnMut(u16, &[u8]) -> Option<Vec<u8>>) -> Self {
        let mut payload = self.head().to_vec();
        for (kind, value) in self.attributes() {
            if let Some(value) = change(kind, value) {
                put(&mut payload, kind, &value);
            }
        }
        Self {
            kind: self.kind,
            payload,
        }
    }

    /// An address's own.
    pub(crate) fn local(&self) -> Option<IpAddr> {
        self.address_at(IFA_LOCAL).or(self.address_at(IFA_ADDRESS))
    }

    /// The interface of an address or a link.
    pub(crate) fn index(&self) -> Option<u32> {
        u32_at(&self.payload, 4)
    }

    pub(crate) fn prefix_len(&self) -> u8 {
        self.byte(1)
    }

    /// Whether an address counts beyond its link.
    pub(crate) fn is_global(&self) -> bool {
        self.byte(3) < SCOPE_LINK
    }

    /// Whether two addresses are one, whatever their flags.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        self.local() == other.local() && self.is_of_subnet(other)
    }

    pub(super) fn is_of_subnet(&self, other: &Self) -> bool {
        let len = self.prefix_len();
        let subnets = [self, other].map(|of| of.address_at(IFA_ADDRESS));
        len == other.prefix_len() && matches!(subnets, [Some(a), Some(b)] if is_within(a, b, len))
    }

    /// All flags of an address.
    pub(crate) fn address_flags(&self) -> u32 {
        self.number(IFA_FLAGS).unwrap_or(u32::from(self.byte(2)))
    }

    /// Whether an address of IPv6 is none to be made: one for privacy, which the kernel makes
    /// and ends by itself, or one that another machine has. IFA_F_TEMPORARY, IFA_F_DADFAILED.
    pub(super) fn is_let_be(&self) -> bool {
        self.family() == INET6 && self.address_flags() & 9 != 0
    }

    pub(super) fn is_the_kernels(&self) -> bool {
        self.kind == NEW_ROUTE && self.byte(5) == RTPROT_KERNEL
    }

    /// Whether a route leads over the interface, or may do so by a nexthop.
    pub(super) fn leads_over(&self, index: u32) -> bool {
        let hops = self.attribute(RTA_MULTIPATH).unwrap_or_default();
        self.number(RTA_OIF) == Some(index)
            || self.attribute(RTA_NH_ID).is_some()
            || hops_of(hops).any(|hop| u32_at(hop, 4) == Some(index))
    }
}

/// The hops of a multipath route: `struct rtnexthop`, and attributes.
pub(super) fn hops_of(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = bytes;
    std::iter::from_fn(move || {
        let len = usize::from(crate::system::netlink::message::u16_at(rest, 0)?);
        let hop = rest.get(..len).filter(|hop| hop.len() >= 8)?;
        rest = rest.get((len + 3) & !3..).unwrap_or_default();
        Some(hop)
    })
}

pub(crate) fn ip(bytes: &[u8]) -> Option<IpAddr> {
    if let Ok(four) = <[u8; 4]>::try_from(bytes) {
        return Some(IpAddr::V4(Ipv4Addr::from(four)));
    }
    let sixteen = <[u8; 16]>::try_from(bytes).ok()?;
    Some(IpAddr::V6(Ipv6Addr::from(sixteen)))
}

/// The bytes of an address.
pub(crate) fn octets(of: IpAddr) -> Vec<u8> {
    match of {
        IpAddr::V4(of) => of.octets().to_vec(),
        IpAddr::V6(of) => of.octets().to_vec(),
    }
}

/// Whether two addresses are in one subnet of that length.
// No more than the addresses have, which is asked before it is looked at.
#[allow(clippy::arithmetic_side_effects, clippy::indexing_slicing)]
pub(crate) fn is_within(a: IpAddr, b: IpAddr, prefix_len: u8) -> bool {
    let (a, b) = (octets(a), octets(b));
    let whole = usize::from(prefix_len / 8);
    let rest = prefix_len % 8;
    let differ = |at: usize| a[at] ^ b[at];
    a.len() == b.len()
        && whole <= a.len()
        && a[..whole] == b[..whole]
        && (rest == 0 || whole == a.len() || differ(whole) >> (8 - rest) == 0)
}

impl fmt::Display for Object {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let none = || IpAddr::V4(Ipv4Addr::UNSPECIFIED);
        match self.kind {
            NEW_ADDRESS => write!(
                f,
                "address {}/{}",
                self.local().unwrap_or_else(none),
                self.byte(1)
            ),
            NEW_ROUTE => {
                match self.address_at(RTA_DST) {
                    Some(to) => write!(f, "route {to}/{}", self.byte(1))?,
                    None => f.write_str("route default")?,
                }
                if let Some(via) = self.address_at(RTA_GATEWAY) {
                    write!(f, " via {via}")?;
                }
                match self.number(RTA_TABLE) {
                    Some(MAIN) | None => Ok(()),
                    Some(table) => write!(f, " table {table}"),
                }
            }
            NEW_NEXTHOP => write!(f, "nexthop {}", self.number(NHA_ID).unwrap_or(0)),
            _ => f.write_str("rule"),
        }
    }
}

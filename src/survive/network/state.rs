//! The state of the network, as far as an address's change can touch it, and what two
//! states differ in.

use super::object::{self, hops_of, Object};
use super::object::{ASKED, INET, INET6, NEW_ADDRESS, NEW_NEXTHOP, NEW_ROUTE, NEW_RULE};
use crate::system::netlink::message::{messages, put, put_message, u32_at};
use std::net::IpAddr;

/// What the kernel had at one moment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct State {
    /// CLOCK_BOOTTIME.
    pub(crate) taken_ns: u64,
    /// Of the interface.
    pub(crate) addresses: Vec<Object>,
    pub(crate) nexthops: Vec<Object>,
    /// Of all tables.
    pub(crate) routes: Vec<Object>,
    pub(crate) rules: Vec<Object>,
}

/// Flags of an address that nobody asks for: tentative, failed in its detection of
/// duplicates, optimistic, deprecated, of a stable privacy.
const STATE_FLAGS: u32 = 0x40 | 0x08 | 0x04 | 0x20 | 0x800;
/// So much a lifetime may be off, seconds: both are rounded.
const ROUNDED: u64 = 2;
const FOREVER: u32 = u32::MAX;
/// IFA_F_PERMANENT.
const PERMANENT: u32 = 0x80;

impl Object {
    /// What the kernel made by itself from a route that was used: RTM_F_CLONED.
    pub(super) fn is_cloned(&self) -> bool {
        self.kind == NEW_ROUTE && u32_at(&self.payload, 8).is_some_and(|flags| flags & 0x200 != 0)
    }

    /// As it can be asked for, without its state: two objects are the same if these are.
    // No object is shorter than its struct; and the low byte of the flags is what is meant.
    #[allow(clippy::cast_possible_truncation, clippy::indexing_slicing)]
    pub(crate) fn asked(&self) -> Self {
        let has_nexthop = self.kind == NEW_ROUTE && self.attribute(object::RTA_NH_ID).is_some();
        let mut asked = self.with(|kind, value| match (self.kind, kind) {
            (NEW_ADDRESS, object::IFA_CACHEINFO)
            | (NEW_ROUTE, object::RTA_CACHEINFO)
            | (NEW_NEXTHOP, object::NHA_OP_FLAGS) => None,
            (NEW_ADDRESS, object::IFA_FLAGS) => {
                let flags = self.address_flags() & !STATE_FLAGS;
                Some(flags.to_ne_bytes().to_vec())
            }
            // The nexthop says it.
            (
                NEW_ROUTE,
                object::RTA_OIF
                | object::RTA_GATEWAY
                | object::RTA_VIA
                | object::RTA_MULTIPATH
                | object::RTA_ENCAP
                | object::RTA_ENCAP_TYPE,
            ) if has_nexthop => None,
            (NEW_ROUTE, object::RTA_MULTIPATH) => Some(hops(value)),
            _ => Some(value.to_vec()),
        });
        match self.kind {
            NEW_ADDRESS => asked.payload[2] &= !STATE_FLAGS as u8,
            // In the order of bytes of this machine.
            NEW_ROUTE => {
                let flags = u32_at(&asked.payload, 8).unwrap_or(0) & u32::from(ASKED);
                asked.payload[8..12].copy_from_slice(&flags.to_ne_bytes());
            }
            NEW_NEXTHOP => {
                // The scope is not asked for.
                asked.payload[1] = 0;
                let flags = u32_at(&asked.payload, 4).unwrap_or(0) & u32::from(ASKED);
                asked.payload[4..8].copy_from_slice(&flags.to_ne_bytes());
            }
            _ => {}
        }
        asked
    }

    /// How long it is preferred and valid, seconds.
    fn lifetimes(&self) -> Option<[u32; 2]> {
        let info = self.attribute(object::IFA_CACHEINFO)?;
        Some([u32_at(info, 0)?, u32_at(info, 4)?])
    }

    /// As it is asked for so many seconds later; `None` where it is over by then.
    pub(crate) fn later(&self, seconds: u64) -> Option<Self> {
        let mut later = self.asked();
        match self.kind {
            NEW_ADDRESS => {
                if let Some(lifetimes) = self.lifetimes() {
                    let [preferred, valid] = lifetimes.map(|time| left(time, seconds));
                    if valid == 0 {
                        return None;
                    }
                    let info = [preferred, valid, 0, 0].map(u32::to_ne_bytes);
                    put(&mut later.payload, object::IFA_CACHEINFO, &info.concat());
                }
            }
            NEW_ROUTE => {
                // `struct rta_cacheinfo`: clntref, lastuse, expires in USER_HZ, which is 100
                // for all that the kernel tells; negative until a route that is over is removed.
                let info = self.attribute(object::RTA_CACHEINFO).unwrap_or_default();
                let expires = u32_at(info, 8).unwrap_or(0);
                if expires > 0 {
                    let left = left(expires / 100, seconds);
                    if left == 0 || expires >> 31 != 0 {
                        return None;
                    }
                    put(&mut later.payload, object::RTA_EXPIRES, &left.to_ne_bytes());
                }
            }
            _ => {}
        }
        Some(later)
    }
}

// It is no more than it was.
#[allow(clippy::cast_possible_truncation)]
fn left(time: u32, seconds: u64) -> u32 {
    match time {
        FOREVER => FOREVER,
        time => u64::from(time).saturating_sub(seconds) as u32,
    }
}

/// Hops without their state.
// No hop is shorter than its struct, of eight bytes.
#[allow(clippy::arithmetic_side_effects, clippy::indexing_slicing)]
fn hops(bytes: &[u8]) -> Vec<u8> {
    let mut asked = Vec::new();
    for hop in hops_of(bytes) {
        let at = asked.len();
        asked.extend_from_slice(hop);
        asked[at + 2] &= ASKED;
        asked.resize((asked.len() + 3) & !3, 0);
    }
    asked
}

/// What `now` lacks of `before`, and still has of the addresses that changed, in words.
/// Routes that lead elsewhere and are of none of these are others' business.
pub(crate) fn differences(
    before: &State,
    now: &State,
    index: u32,
    changed: [IpAddr; 2],
) -> Vec<String> {
    let seconds = now.taken_ns.saturating_sub(before.taken_ns) / 1_000_000_000;
    let concerns = |object: &&Object| object.concerns(index, changed);
    let is_left = |object: &&Object| object.later(seconds).is_some();
    let addresses = before.addresses.iter().filter(is_left);
    let addresses: Vec<IpAddr> = addresses.filter_map(Object::local).collect();
    let mut told = Vec::new();
    for (before, now) in before.kinds().into_iter().zip(now.kinds()) {
        let mut left: Vec<Object> = now.iter().filter(concerns).map(Object::asked).collect();
        for object in before.iter().filter(concerns) {
            let asked = object.asked();
            match left.iter().position(|other| *other == asked) {
                Some(at) => drop(left.swap_remove(at)),
                // The kernel makes its own with an address, and removes them with it.
                None if is_left(&object)
                    && (!object.is_the_kernels() || object.is_of(&addresses)) =>
                {
                    told.push(format!("{object} is missing"))
                }
                None if object.kind == NEW_ADDRESS && object.is_of(&changed) => {
                    told.push(format!("{object} has run out"))
                }
                None => {}
            }
        }
        // What else came meanwhile is somebody else's.
        let new = left.iter().filter(|object| object.is_of(&changed));
        told.extend(new.map(|object| format!("{object} was not there")));
    }
    told.extend([INET, INET6].into_iter().filter_map(|family| {
        let [was, is] = [before, now].map(|of| of.in_the_order_of_making(family));
        let common = |all: &[&Object], other: &[&Object]| -> Vec<IpAddr> {
            let common = all.iter().filter(|of| other.iter().any(|b| of.is_same(b)));
            common.filter_map(|of| of.local()).collect()
        };
        let is_ordered = [&was, &is].iter().all(|all| has_an_order(all, family));
        let is_other = is_ordered && common(&was, &is) != common(&is, &was);
        is_other.then(|| "the addresses are in another order".to_owned())
    }));
    told.extend(cut_lifetimes(before, now, seconds));
    told
}

/// Addresses whose lifetimes `now` are not what `before` left of them, in words.
fn cut_lifetimes(before: &State, now: &State, seconds: u64) -> Vec<String> {
    let mut told = Vec::new();
    for address in &before.addresses {
        let asked = address.asked();
        let same = now.addresses.iter().find(|other| other.asked() == asked);
        let lifetimes = (address.lifetimes(), same.and_then(Object::lifetimes));
        if let (Some(before), Some(now)) = lifetimes {
            // A longer one is a lease that was renewed meanwhile.
            let is_off = |(before, now): (u32, u32)| {
                let is_less = u64::from(now) + ROUNDED < u64::from(left(before, seconds));
                is_less || (now == FOREVER) != (before == FOREVER)
            };
            if before.into_iter().zip(now).any(is_off) {
                let (now, should) = (now[1], left(before[1], seconds));
                told.push(format!("{address} is valid for {now} s, not {should} s"));
            }
        }
    }
    told
}

/// Whether addresses, all of a family, can be given an order. Those of IPv6 that routers
/// advertise hang on each other: they are not made anew.
pub(super) fn has_an_order(all: &[&Object], family: u8) -> bool {
    let is_permanent = |of: &&Object| of.address_flags() & PERMANENT != 0;
    family == INET || all.iter().all(is_permanent)
}

impl Object {
    /// Whether it is of the interface, or of an address that changed.
    pub(super) fn concerns(&self, index: u32, changed: [IpAddr; 2]) -> bool {
        match self.kind {
            NEW_ROUTE => {
                let source = self.address_at(object::RTA_PREFSRC);
                self.leads_over(index) || source.is_some_and(|source| changed.contains(&source))
            }
            _ => true,
        }
    }

    /// Whether it is one of these addresses, or a route that leads from or to one.
    fn is_of(&self, addresses: &[IpAddr]) -> bool {
        let keys = match self.kind {
            NEW_ADDRESS => [object::IFA_LOCAL, object::IFA_ADDRESS],
            NEW_ROUTE => [object::RTA_PREFSRC, object::RTA_DST],
            _ => return false,
        };
        let mut own = keys.iter().filter_map(|&key| self.address_at(key));
        own.any(|of| addresses.contains(&of))
    }
}

impl State {
    /// The addresses of a family as the kernel would have them if they were made in this
    /// order: it puts a new one of IPv4 behind the others, and one of IPv6 before them.
    pub(super) fn in_the_order_of_making(&self, family: u8) -> Vec<&Object> {
        let mut all: Vec<&Object> = self
            .addresses
            .iter()
            .filter(|of| of.family() == family)
            .collect();
        if family == INET6 {
            all.reverse();
        }
        all
    }

    /// Leaves out some addresses, and the routes that hang on them.
    pub(crate) fn forget(&mut self, addresses: &[IpAddr]) {
        for objects in [&mut self.addresses, &mut self.routes] {
            objects.retain(|object| !object.is_of(addresses));
        }
    }

    pub(super) fn kinds(&self) -> [&Vec<Object>; 4] {
        [&self.addresses, &self.nexthops, &self.routes, &self.rules]
    }

    /// Appends all of it as messages.
    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        for object in self.kinds().into_iter().flatten() {
            put_message(out, object.kind, 0, 0, &object.payload);
        }
    }

    /// Reads it back.
    pub(crate) fn read(taken_ns: u64, bytes: &[u8]) -> Self {
        let mut state = Self {
            taken_ns,
            ..Self::default()
        };
        for message in messages(bytes) {
            let of = match message.kind {
                NEW_ADDRESS => &mut state.addresses,
                NEW_NEXTHOP => &mut state.nexthops,
                NEW_ROUTE => &mut state.routes,
                NEW_RULE => &mut state.rules,
                _ => continue,
            };
            if message.payload.len() >= Object::head_len(message.kind) {
                of.push(Object {
                    kind: message.kind,
                    payload: message.payload.to_vec(),
                });
            }
        }
        state
    }
}

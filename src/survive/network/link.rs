//! Network interfaces, and what the kernel tells of changes: events of rtnetlink(7).

use super::neighbour::Mac;
use super::object::{Object, DEL_ADDRESS, NEW_ADDRESS, NEW_LINK};
use crate::system::netlink::message::{messages, u16_at, u32_at};
use std::net::IpAddr;

/// RTMGRP_LINK, RTMGRP_IPV4_IFADDR and RTMGRP_IPV6_IFADDR.
pub(crate) const GROUPS: u32 = 1 | 0x10 | 0x100;

const IFLA_ADDRESS: u16 = 1;
const IFLA_IFNAME: u16 = 3;
const UP: u32 = 1;
const LOWER_UP: u32 = 0x10000;
const ETHERNET: u16 = 1;

/// A network interface.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Link {
    pub(crate) index: u32,
    /// The administrator has put it up.
    pub(crate) is_up: bool,
    /// It has a carrier: a cable.
    pub(crate) has_carrier: bool,
    /// `None`: it is no Ethernet.
    pub(crate) mac: Option<Mac>,
}

/// What has happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Event {
    Link(Link),
    Address {
        index: u32,
        came: bool,
        address: IpAddr,
    },
}

/// The interface of that name.
pub(crate) fn named(links: &[Object], name: &str) -> Option<Link> {
    let is_it = |link: &&Object| {
        link.attribute(IFLA_IFNAME)
            .and_then(|text| text.strip_suffix(b"\0"))
            == Some(name.as_bytes())
    };
    link(links.iter().find(is_it)?)
}

/// What the interface of that index is called.
pub(crate) fn name(links: &[Object], index: u32) -> String {
    let link = links.iter().find(|link| link.index() == Some(index));
    let name = link
        .and_then(|link| link.attribute(IFLA_IFNAME))
        .unwrap_or_default();
    String::from_utf8_lossy(name)
        .trim_end_matches('\0')
        .to_owned()
}

fn link(of: &Object) -> Option<Link> {
    let flags = u32_at(&of.payload, 8)?;
    let is_ethernet = u16_at(&of.payload, 2) == Some(ETHERNET);
    let mac = of
        .attribute(IFLA_ADDRESS)
        .and_then(|mac| mac.try_into().ok());
    Some(Link {
        index: of.index()?,
        is_up: flags & UP != 0,
        has_carrier: flags & LOWER_UP != 0,
        mac: mac.filter(|_| is_ethernet),
    })
}

/// The events in a piece that was received.
pub(crate) fn events(piece: &[u8]) -> Vec<Event> {
    let event = |message: crate::system::netlink::message::Message<'_>| {
        let object = |kind| Object {
            kind,
            payload: message.payload.to_vec(),
        };
        match message.kind {
            NEW_LINK => link(&object(NEW_LINK)).map(Event::Link),
            NEW_ADDRESS | DEL_ADDRESS => {
                let of = object(NEW_ADDRESS);
                (!of.is_let_be()).then_some(())?;
                Some(Event::Address {
                    index: of.index()?,
                    came: message.kind == NEW_ADDRESS,
                    address: of.local()?,
                })
            }
            _ => None,
        }
    };
    messages(piece).filter_map(event).collect()
}

//! The change that is asked for, and what speaks against it.

use super::options::Subnet;
use super::undo::kernel_error;
use crate::commands::outcome::Error;
use crate::survive::network::kernel::Kernel;
use crate::survive::network::link::{self, Link};
use crate::survive::network::neighbour::{self, owner, probe, protocol, Mac};
use crate::survive::network::object::Object;
use crate::survive::network::plan::Change;
use crate::survive::network::state::State;
use crate::survive::saved::{Saved, FILE};
use crate::system::clock::monotonic_ns;
use crate::system::packet::Packets;
use crate::system::socket::{poll, polled};
use nix::errno::Errno;
use nix::libc::POLLIN;
use std::net::IpAddr;
use std::time::Duration;

/// So often is asked who has an address, and so long is waited each time.
const PROBES: u32 = 3;
const ANSWER_NS: u64 = 400_000_000;
/// Of an address of IPv6, nobody has yet said within a second or two that he has it: so
/// long is waited for that.
const TENTATIVE: u32 = 0x40;
const LOOK: Duration = Duration::from_millis(100);
const LOOKS: u32 = 40;
/// The beginning of a frame, which is enough.
const FRAME: usize = 128;

/// What is to be done, once nothing speaks against it.
pub(super) fn plan(
    kernel: &mut Kernel,
    iface: &str,
    to: Option<Subnet>,
    from: Option<IpAddr>,
) -> Result<Saved, Error> {
    if to.is_some() && std::fs::metadata(FILE).is_ok() {
        return Err(Error::new(
            "an earlier change was not put back; `survive ip-change --undo` does it",
        ));
    }
    let links = kernel.links().map_err(kernel_error)?;
    let Some(link) = link::named(&links, iface) else {
        return Err(Error::new(format!("{iface}: no such interface")));
    };
    if !link.is_up {
        return Err(Error::new(format!("{iface} is down: put it up first")));
    }
    let state = settled(kernel, link.index)?;
    let is_v4 = to.map_or(from.map_or(true, |from| from.is_ipv4()), |to| {
        to.address.is_ipv4()
    });
    let from = old(from, iface, &state.addresses, is_v4)?;
    let new = to.unwrap_or(Subnet {
        address: from,
        prefix_len: 0,
    });
    let change = Change {
        index: link.index,
        from,
        to: new.address,
        prefix_len: new.prefix_len,
    };
    let saved = Saved {
        state,
        change,
        mac: link.mac,
    };
    if to.is_some() {
        object(kernel, &links, &link, iface, &saved)?;
    }
    Ok(saved)
}

/// Takes the state anew, just before it is changed.
pub(super) fn refresh(saved: &mut Saved, kernel: &mut Kernel, iface: &str) -> Result<(), Error> {
    let from = saved.change.from;
    saved.state = kernel.state(saved.change.index).map_err(kernel_error)?;
    let mut addresses = saved.state.addresses.iter();
    match addresses.any(|of| of.local() == Some(from)) {
        true => Ok(()),
        false => Err(Error::new(format!(
            "{from} has gone from {iface} meanwhile; nothing was changed"
        ))),
    }
}

/// The state, once the kernel knows of every address whether it is free.
fn settled(kernel: &mut Kernel, index: u32) -> Result<State, Error> {
    let mut looks = 0;
    loop {
        let state = kernel.state(index).map_err(kernel_error)?;
        let is_tentative = |of: &Object| of.address_flags() & TENTATIVE != 0;
        looks += 1;
        if looks > LOOKS || !state.addresses.iter().any(is_tentative) {
            return Ok(state);
        }
        std::thread::sleep(LOOK);
    }
}

/// The address that goes.
fn old(
    from: Option<IpAddr>,
    iface: &str,
    addresses: &[Object],
    is_v4: bool,
) -> Result<IpAddr, Error> {
    let family = if is_v4 { "IPv4" } else { "IPv6" };
    let all = addresses
        .iter()
        .filter(|of| of.is_global())
        .filter_map(Object::local);
    let all: Vec<IpAddr> = all.filter(|address| address.is_ipv4() == is_v4).collect();
    match (from, &all[..]) {
        (Some(from), all) if all.contains(&from) => Ok(from),
        (Some(from), _) => Err(Error::new(format!(
            "{from} is no global address of {iface}"
        ))),
        (None, [only]) => Ok(*only),
        (None, []) => Err(Error::new(format!("{iface} has no {family} address"))),
        (None, several) => {
            let several: Vec<String> = several.iter().map(IpAddr::to_string).collect();
            let several = several.join(", ");
            Err(Error::new(format!(
                "{iface} has several addresses, {several}: say which with --from"
            )))
        }
    }
}

/// What speaks against the change.
fn object(
    kernel: &mut Kernel,
    links: &[Object],
    link: &Link,
    iface: &str,
    saved: &Saved,
) -> Result<(), Error> {
    let to = saved.change.to;
    let addresses = kernel.addresses().map_err(kernel_error)?;
    if let Some(own) = addresses.iter().find(|of| of.local() == Some(to)) {
        let on = link::name(links, own.index().unwrap_or(0));
        return Err(Error::new(format!(
            "{to} is an address of this machine already, on {on}"
        )));
    }
    if let Some(route) = saved.change.lost_route(&saved.state) {
        let (address, len) = (to, saved.change.prefix_len);
        return Err(Error::new(format!(
                "with {address}/{len} nothing leads to the gateway of `{route}`: choose an address of its subnet"
            )));
    }
    let Some(own) = link.mac else {
        return Ok(());
    };
    match owner_of(own, link.index, to) {
        Ok(None) => Ok(()),
        Ok(Some(mac)) => {
            let mac = neighbour::shown(mac);
            Err(Error::new(format!(
                "{to} is in use on {iface}: {mac} has it"
            )))
        }
        Err(Errno::EPERM) => Err(Error::new(format!(
            "cannot ask who has {to}: no CAP_NET_RAW; run as root"
        ))),
        Err(errno) => Err(Error::cannot(&format!("ask who has {to}"), errno)),
    }
}

/// Asks the link who has an address.
fn owner_of(own: Mac, index: u32, address: IpAddr) -> nix::Result<Option<Mac>> {
    let socket = Packets::open(index, protocol(address))?;
    for _ in 0..PROBES {
        socket.send(&probe(own, address))?;
        let until_ns = monotonic_ns().saturating_add(ANSWER_NS);
        while monotonic_ns() < until_ns {
            let mut frame = [0; FRAME];
            while let Some(frame) = socket.receive(&mut frame) {
                if let Some(owner) = owner(frame, own, address) {
                    return Ok(Some(owner));
                }
            }
            poll(&mut [polled(&socket, POLLIN)], until_ns);
        }
    }
    Ok(None)
}

//! Whether there is a carrier's NAT on the way. Pure.

use super::finding::{Answer, Known};
use super::seen::{HopSeen, Seen};
use std::net::{IpAddr, Ipv4Addr};

/// RFC 6598.
pub(super) fn is_shared(ip: IpAddr) -> bool {
    matches!(ip, IpAddr::V4(v4) if v4.octets()[0] == 100 && v4.octets()[1] & 0xc0 == 64)
}

/// Beyond the first router of the internet there is no carrier's NAT any more.
fn is_public(ip: IpAddr) -> bool {
    let private = |v4: Ipv4Addr| v4.is_private() || v4.is_link_local() || v4.is_loopback();
    match ip {
        IpAddr::V4(v4) => !private(v4) && !is_shared(ip),
        IpAddr::V6(_) => true,
    }
}

pub(super) fn carrier(seen: &Seen) -> Answer {
    if seen.is_overlay {
        return (Known::Not, "the peer is in 100.64.0.0/10, too".to_owned());
    }
    let yes = |text: String| (Known::Yes, text);
    if let Some(local) = seen.local.filter(|local| is_shared(*local)) {
        return yes(format!("{local} on the interface, of 100.64.0.0/10"));
    }
    let mut ways = seen.ports.iter().filter_map(|one| one.outcome.ok());
    if let Some(way) = ways.find(|way| is_shared(way.seen.ip())) {
        return yes(format!("the peer sees {}, of 100.64.0.0/10", way.seen.ip()));
    }
    if matches!(seen.local, Some(IpAddr::V6(_))) {
        return (Known::No, "IPv6".to_owned());
    }
    let shared = |hop: &&HopSeen| hop.router.is_some_and(is_shared);
    if let Some(hop) = seen.hops.iter().find(shared) {
        let router = hop.router.map(|ip| ip.to_string()).unwrap_or_default();
        return yes(format!("router {} is {router}, of 100.64.0.0/10", hop.ttl));
    }
    for hop in &seen.hops {
        match hop.router {
            _ if hop.is_peer => {
                let routers = hop.ttl.saturating_sub(1);
                return (
                    Known::No,
                    format!("none of 100.64.0.0/10 on the way, {routers} routers"),
                );
            }
            Some(ip) if is_public(ip) => {
                let ttl = hop.ttl;
                return (
                    Known::No,
                    format!("none of 100.64.0.0/10 up to router {ttl}, {ip}, which is public"),
                );
            }
            Some(_) => {}
            None => {
                return (
                    Known::Not,
                    format!("router {} does not say who it is", hop.ttl),
                )
            }
        }
    }
    (Known::Not, "no public router among the first 8".to_owned())
}

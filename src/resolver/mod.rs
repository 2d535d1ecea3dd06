//! Names of hosts, as addresses: an address itself, `/etc/hosts`, or a query of ours.
//! getaddrinfo(3) does the same in 28 kB of the file.

// What is read here others may have chosen: nothing may be cut, wrap or panic. Where a lint
// is allowed, the comment there gives the bound.
#![cfg_attr(
    not(test),
    warn(
        clippy::arithmetic_side_effects,
        clippy::cast_possible_truncation,
        clippy::cast_possible_wrap,
        clippy::cast_sign_loss,
        clippy::indexing_slicing
    )
)]

#[cfg(fuzzing)]
#[path = "../../tests/fuzz/targets/answer.rs"]
pub(crate) mod fuzz;
mod query;

use crate::proc::root::Root;
use crate::system::clock::monotonic_ns;
use crate::system::socket::{poll, polled, random, Family, Socket, Transport};
use query::{addresses, query, Reply, A, AAAA, LONGEST};
use std::net::{IpAddr, Ipv4Addr};
use std::str::FromStr;

const DNS: u16 = 53;
/// A query is repeated so often, after so long.
const TRIES: usize = 3;
const PATIENCE_NS: u64 = 1_700_000_000;
/// Of the files as much is read.
const FILE: usize = 1 << 16;

/// A host as it was typed, and the port behind it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Host {
    pub(crate) name: String,
    pub(crate) port: Option<u16>,
}

impl FromStr for Host {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        // More than one colon: an address of IPv6, or one in brackets before its port.
        let is_bare = text.matches(':').count() > 1 && !text.contains("]:");
        let (name, port) = match text.rsplit_once(':').filter(|_| !is_bare) {
            Some((name, port)) => (name, Some(port.parse().ok().filter(|&port| port > 0))),
            None => (text, None),
        };
        match port {
            Some(None) => Err(format!("`{text}`: no port is behind the colon")),
            port if !name.is_empty() => Ok(Self {
                name: name.to_owned(),
                port: port.flatten(),
            }),
            _ => Err(format!("`{text}` is no host")),
        }
    }
}

/// The address of a host.
///
/// # Errors
/// A sentence without its subject, such as `no such host`.
pub(crate) fn address(root: &Root, host: &str) -> Result<IpAddr, &'static str> {
    let bare = host
        .strip_prefix('[')
        .and_then(|host| host.strip_suffix(']'));
    if let Ok(ip) = bare.unwrap_or(host).parse::<IpAddr>() {
        // One of IPv4 clothed as IPv6 answers as what it is.
        return Ok(ip.to_canonical());
    }
    // RFC 6761, section 6.3: whatever a file or a server says.
    if host.eq_ignore_ascii_case("localhost") {
        return Ok(Ipv4Addr::LOCALHOST.into());
    }
    let mut buffer = vec![0; FILE];
    if let Some(ip) = root
        .read("etc/hosts", &mut buffer)
        .ok()
        .and_then(|text| in_hosts(text, host))
    {
        return Ok(ip);
    }
    let text = root
        .read("etc/resolv.conf", &mut buffer)
        .unwrap_or_default();
    let mut servers = servers(text);
    if servers.is_empty() {
        // resolv.conf(5): the default.
        servers.push(Ipv4Addr::LOCALHOST.into());
    }
    for kind in [A, AAAA] {
        match ask(&servers, host, kind)? {
            Reply::None => {}
            Reply::Address(ip) => return Ok(ip),
        }
    }
    Err("the name has no address")
}

/// hosts(5): an address, then its names.
fn in_hosts(text: &[u8], host: &str) -> Option<IpAddr> {
    let text = String::from_utf8_lossy(text);
    let lines = text
        .lines()
        .map(|line| line.split('#').next().unwrap_or(""));
    lines.into_iter().find_map(|line| {
        let mut words = line.split_ascii_whitespace();
        let ip = words.next()?.parse().ok()?;
        words
            .any(|name| name.eq_ignore_ascii_case(host))
            .then_some(ip)
    })
}

/// resolv.conf(5): three of them are asked.
fn servers(text: &[u8]) -> Vec<IpAddr> {
    let text = String::from_utf8_lossy(text);
    let servers = text.lines().filter_map(|line| {
        let mut words = line.split_ascii_whitespace();
        (words.next() == Some("nameserver")).then(|| words.next()?.parse().ok())?
    });
    servers.take(3).collect()
}

// No more is received than there is room for.
#[allow(clippy::indexing_slicing)]
fn ask(servers: &[IpAddr], host: &str, kind: u16) -> Result<Reply, &'static str> {
    let mut id = [0; 2];
    let _ = random(&mut id);
    let asked = query(host, kind, id).ok_or("no name of a host")?;
    for server in servers.iter().cycle().take(TRIES.max(servers.len())) {
        let Ok(socket) = Socket::new(Transport::Udp, Family::of(*server)) else {
            continue;
        };
        // Connected, it gets nothing from elsewhere.
        if socket.connect((*server, DNS).into()).is_err() || socket.send(&asked).is_err() {
            continue;
        }
        let until_ns = monotonic_ns().saturating_add(PATIENCE_NS);
        while monotonic_ns() < until_ns {
            let mut fds = [polled(&socket, libc::POLLIN)];
            poll(&mut fds, until_ns);
            let mut reply = [0; LONGEST];
            match socket.receive(&mut reply) {
                Ok(len) => {
                    if let Some(reply) = addresses(&reply[..len], &asked, kind) {
                        return reply;
                    }
                }
                Err(nix::errno::Errno::EAGAIN) => {}
                Err(_) => break,
            }
        }
    }
    Err("no name server answers")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_and_servers() {
        let text =
            b"# 192.0.2.1 peer\n127.0.0.1\tlocalhost\n192.0.2.7  Peer.Example peer # old\n::1 peer";
        let ip = |host| in_hosts(text, host).map(|ip| ip.to_string());
        assert_eq!(ip("peer").as_deref(), Some("192.0.2.7"));
        assert_eq!(ip("PEER.example").as_deref(), Some("192.0.2.7"));
        assert_eq!(ip("old"), None);
        let text = b"search example\nnameserver 192.0.2.53\n#nameserver 192.0.2.1\nnameserver x\nnameserver 2001:db8::53\n";
        let servers: Vec<String> = servers(text).iter().map(IpAddr::to_string).collect();
        assert_eq!(servers, ["192.0.2.53", "2001:db8::53"]);
    }

    #[test]
    fn hosts_as_they_are_typed() {
        let host = |text: &str| text.parse::<Host>().map(|host| (host.name, host.port)).ok();
        let some = |name: &str, port| Some((name.to_owned(), port));
        assert_eq!(host("peer.example"), some("peer.example", None));
        assert_eq!(host("192.0.2.7:9000"), some("192.0.2.7", Some(9000)));
        assert_eq!(host("2001:db8::7"), some("2001:db8::7", None));
        assert_eq!(host("[2001:db8::7]"), some("[2001:db8::7]", None));
        assert_eq!(host("[2001:db8::7]:90"), some("[2001:db8::7]", Some(90)));
        for wrong in ["", ":80", "peer:", "peer:0", "peer:65536", "peer:http"] {
            assert_eq!(host(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn an_address_is_one() {
        let root = Root::open(std::path::Path::new("/")).unwrap();
        let ip = |host| address(&root, host).map(|ip| ip.to_string());
        assert_eq!(ip("192.0.2.7").as_deref(), Ok("192.0.2.7"));
        assert_eq!(ip("[2001:db8::7]").as_deref(), Ok("2001:db8::7"));
        assert_eq!(ip("2001:db8::7").as_deref(), Ok("2001:db8::7"));
        assert_eq!(ip("[::ffff:192.0.2.7]").as_deref(), Ok("192.0.2.7"));
        assert_eq!(ip("localhost").as_deref(), Ok("127.0.0.1"));
    }
}

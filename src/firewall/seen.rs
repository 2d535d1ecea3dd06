//! What was seen of the network, before anything is made of it.

use super::exchange::Lack;
use crate::peer::message::Dialled;
use crate::system::socket::Transport;
use std::net::{IpAddr, SocketAddr};

/// A way that a packet took: from here, and as the peer saw where it came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Way {
    pub(crate) local: SocketAddr,
    pub(crate) seen: SocketAddr,
}

/// A port of a peer that was tried.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PortSeen {
    pub(crate) transport: Transport,
    pub(crate) port: u16,
    /// As a TLS handshake.
    pub(crate) clothed: bool,
    pub(crate) outcome: Result<Way, Lack>,
}

/// A socket's datagrams to several ports.
#[derive(Debug, Clone, Default)]
pub(crate) struct SocketSeen {
    /// Where to, and from where they came there.
    pub(crate) ways: Vec<(SocketAddr, Way)>,
}

/// A peer that was asked to connect to this machine.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CallSeen {
    pub(crate) port: u16,
    /// The call came.
    pub(crate) came: bool,
    /// What the peer says of it.
    pub(crate) told: Option<Dialled>,
    /// A connection of the peer's has come to somebody before.
    pub(crate) has_dialled: bool,
}

/// What happened to a packet that was to pass no more than so many routers.
#[derive(Debug, Clone, Copy)]
pub(crate) struct HopSeen {
    pub(crate) ttl: u8,
    pub(crate) router: Option<IpAddr>,
    /// It reached the peer.
    pub(crate) is_peer: bool,
}

/// For how long something may be silent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct IdleSeen {
    pub(crate) transport: Transport,
    /// Who speaks after the silence: this machine, or the peer.
    pub(crate) speaks_here: bool,
    /// The longest silence after which it was still there, and the shortest after which
    /// it was not, in milliseconds.
    pub(crate) alive_ms: Option<u32>,
    pub(crate) dead_ms: Option<u32>,
}

impl IdleSeen {
    /// The silence that decides, in milliseconds: what RFC 4787 (REQ-5, UDP) and RFC 5382
    /// (REQ-5, TCP) have a translator outlive, less the 2 s to which a time-out is known. A
    /// timer of exactly that time has ended by then.
    pub(crate) fn decisive_ms(&self) -> u32 {
        match self.transport {
            Transport::Udp => 118_000,
            Transport::Tcp => 7_438_000,
        }
    }
}

#[derive(Debug, Clone, Default)]
pub(crate) struct Seen {
    /// This machine's address on the way to the first peer.
    pub(crate) local: Option<IpAddr>,
    /// A peer has such an address as carriers give: in an overlay network it says nothing.
    pub(crate) is_overlay: bool,
    /// Peers that were asked.
    pub(crate) peers: usize,
    pub(crate) ports: Vec<PortSeen>,
    pub(crate) sockets: Vec<SocketSeen>,
    pub(crate) calls: Vec<CallSeen>,
    pub(crate) hops: Vec<HopSeen>,
    pub(crate) idle: Vec<IdleSeen>,
    /// A signal came while silences were tried: that is not all.
    pub(crate) is_cut: bool,
    /// The peer's connection to the port of a service.
    pub(crate) service: Option<Result<(), Option<Dialled>>>,
}

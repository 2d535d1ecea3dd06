//! Asks the peers, in turns: first what passes at all, then what takes that.

use super::carrier::is_shared;
use super::exchange::{Exchange, Plan};
use super::finding::Known;
use super::mapping::mapping;
use super::prober::Prober;
use super::seen::{CallSeen, HopSeen, PortSeen, Seen, SocketSeen, Way};
use crate::peer::message::{Answer, Ask, Dialled, PORTS};
use crate::system::socket::{Family, Transport};
use std::net::SocketAddr;

/// What a peer listens on unless it was told otherwise.
const TCP: [u16; 4] = [80, 443, 6443, 8080];
const UDP: [u16; 4] = [53, 443, 3478, 3479];
/// Where a filter of content is looked for.
const HTTPS: u16 = 443;
const SOCKETS: usize = 3;
/// As long as these do not decide, others are asked.
const ROUNDS: usize = 3;
const ROUTERS: u8 = 8;

/// The ports of a peer that are asked, and 0; `more` is one that was named.
pub(crate) fn ports(transport: Transport, more: Option<u16>) -> [u16; PORTS] {
    let usual = match transport {
        Transport::Tcp => TCP,
        Transport::Udp => UDP,
    };
    let mut ports = [0; PORTS];
    ports[..4].copy_from_slice(&usual);
    ports[4] = more.filter(|port| !usual.contains(port)).unwrap_or(0);
    ports
}

/// What is asked for beside the findings.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Wish {
    /// The port of a service here that the peer is to reach.
    pub(crate) service: Option<u16>,
    /// No longer silence is tried, in milliseconds.
    pub(crate) idle_up_to_ms: Option<u32>,
}

/// Which ports of a peer pass.
#[derive(Debug, Clone, Default)]
pub(super) struct Passing {
    /// And whether as a TLS handshake alone.
    pub(super) tcp: Option<(u16, bool)>,
    pub(super) udp: Vec<u16>,
}

pub(super) struct Survey<'p, 's> {
    pub(super) prober: &'p mut Prober<'s>,
    pub(super) passing: Vec<Passing>,
    pub(super) seen: Seen,
}

fn way(exchange: &Exchange) -> Option<Way> {
    match (exchange.answer, exchange.local) {
        (Some(Answer::Echo { seen, .. }), Some(local)) => Some(Way { local, seen }),
        _ => None,
    }
}

// `passing` has as many places as the prober has peers, and the first is there: without a
// peer there is nothing to ask. A plan's is one of them.
#[allow(clippy::indexing_slicing)]
impl<'p, 's> Survey<'p, 's> {
    /// Tries each port of each peer; `more` of one that was named. `None`: a signal came.
    pub(super) fn begin(
        prober: &'p mut Prober<'s>,
        more: &[Option<u16>],
    ) -> nix::Result<Option<Self>> {
        prober.learns_ports = true;
        for (peer, more) in more.iter().enumerate() {
            for transport in [Transport::Tcp, Transport::Udp] {
                for port in ports(transport, *more).into_iter().filter(|&port| port > 0) {
                    prober.add(Plan::echo(peer, transport, port))?;
                }
            }
            prober.add(Plan {
                clothed: true,
                ..Plan::echo(peer, Transport::Tcp, HTTPS)
            })?;
        }
        if !prober.run() {
            return Ok(None);
        }
        prober.learns_ports = false;
        let all = prober.take();
        let mut survey = Self {
            passing: vec![Passing::default(); prober.peers.len()],
            seen: Seen {
                local: prober.peers.first().map(|peer| peer.local),
                is_overlay: prober.peers.iter().any(|peer| is_shared(peer.ip)),
                peers: prober.peers.len(),
                ..Seen::default()
            },
            prober,
        };
        for exchange in &all {
            survey.add_port(exchange);
        }
        Ok(Some(survey))
    }

    fn add_port(&mut self, exchange: &Exchange) {
        let Plan {
            peer,
            transport,
            port,
            clothed,
            ..
        } = exchange.plan;
        let ports = self.prober.peers[peer].ports;
        let is_there = ports.is_some_and(|ports| match transport {
            Transport::Tcp => ports.tcp.contains(&port),
            Transport::Udp => ports.udp.contains(&port),
        });
        if !is_there {
            return;
        }
        let outcome = way(exchange).ok_or(exchange.lack);
        let passing = &mut self.passing[peer];
        match (outcome, transport) {
            (Err(_), _) => {}
            (Ok(_), Transport::Udp) => passing.udp.push(port),
            (Ok(_), Transport::Tcp) if passing.tcp.map_or(true, |(_, clothed)| clothed) => {
                passing.tcp = Some((port, clothed));
            }
            (Ok(_), Transport::Tcp) => {}
        }
        self.seen.ports.push(PortSeen {
            transport,
            port,
            clothed,
            outcome,
        });
    }

    /// A request over what passes, TCP if it does.
    pub(super) fn plan(&self, peer: usize, ask: Ask) -> Option<Plan> {
        let passing = &self.passing[peer];
        let plan = match (passing.tcp, passing.udp.first()) {
            (Some((port, clothed)), _) => Plan {
                clothed,
                ..Plan::echo(peer, Transport::Tcp, port)
            },
            (None, Some(&port)) => Plan::echo(peer, Transport::Udp, port),
            (None, None) => return None,
        };
        Some(Plan { ask, ..plan })
    }

    /// What takes a port that passes; `false` where a signal came.
    pub(super) fn go_on(&mut self, wish: Wish) -> nix::Result<bool> {
        let family = Family::of(self.prober.peers[0].ip);
        let port = self.prober.listen(family)?;
        for peer in 0..self.passing.len() {
            if Family::of(self.prober.peers[peer].ip) != family {
                continue;
            }
            let call = Ask::Dial {
                port,
                silent: false,
            };
            let service = wish.service.map(|port| Ask::Dial { port, silent: true });
            for ask in std::iter::once(call).chain(service) {
                if let Some(plan) = self.plan(peer, ask) {
                    self.prober.add(plan)?;
                }
            }
        }
        if family == Family::V4 {
            self.add_hops()?;
        }
        let calls = self.prober.exchanges.len();
        self.add_sockets()?;
        if !self.prober.run() {
            return Ok(false);
        }
        let mut all = self.prober.take();
        let sockets = all.split_off(calls);
        for exchange in &all {
            self.add_seen(exchange);
        }
        self.add_ways(&sockets);
        for _ in 1..ROUNDS {
            if mapping(&self.seen).0 != Known::Not || sockets.is_empty() {
                break;
            }
            self.add_sockets()?;
            if !self.prober.run() {
                return Ok(false);
            }
            let sockets = self.prober.take();
            self.add_ways(&sockets);
        }
        Ok(true)
    }

    fn add_seen(&mut self, exchange: &Exchange) {
        let told = match exchange.answer {
            Some(Answer::Dialled(told)) => Some(told),
            _ => None,
        };
        match (exchange.plan.ask, exchange.plan.ttl) {
            (Ask::Dial { port, silent }, _) if !silent => self.seen.calls.push(CallSeen {
                port,
                came: exchange.called,
                told,
                has_dialled: self.prober.peers[exchange.plan.peer]
                    .ports
                    .is_some_and(|ports| ports.has_dialled),
            }),
            (Ask::Dial { .. }, _) => {
                let reached = told == Some(Dialled::Connected);
                let outcome = if reached { Ok(()) } else { Err(told) };
                // One peer that reaches it is enough.
                self.seen.service = match self.seen.service {
                    Some(Ok(())) => Some(Ok(())),
                    _ => Some(outcome),
                };
            }
            (_, Some(ttl)) => self.seen.hops.push(HopSeen {
                ttl,
                router: exchange.router,
                is_peer: way(exchange).is_some(),
            }),
            _ => {}
        }
    }

    fn add_hops(&mut self) -> nix::Result<()> {
        let passing = &self.passing[0];
        let plan = match passing.udp.first() {
            Some(&port) => Some(Plan::echo(0, Transport::Udp, port)),
            None => self.plan(0, Ask::Echo),
        };
        for ttl in 1..=ROUTERS {
            if let Some(plan) = plan {
                let ttl = Some(ttl);
                self.prober.add(Plan { ttl, ..plan })?;
            }
        }
        Ok(())
    }

    /// Three sockets, to two ports of the first peer, and to one of each other.
    fn add_sockets(&mut self) -> nix::Result<()> {
        let mut to: Vec<SocketAddr> = Vec::new();
        let mut targets = Vec::new();
        for (peer, passing) in self.passing.iter().enumerate() {
            let most = if peer == 0 { 2 } else { 1 };
            for &port in passing.udp.iter().take(most) {
                let ip = self.prober.peers[peer].ip;
                let address = SocketAddr::new(ip, port);
                let is_other = Family::of(ip) != Family::of(self.prober.peers[0].ip);
                if !is_other && !to.contains(&address) {
                    to.push(address);
                    targets.push((peer, port));
                }
            }
        }
        if targets.len() < 2 {
            return Ok(());
        }
        for _ in 0..SOCKETS {
            let socket = Some(self.prober.open(0, None)?);
            for &(peer, port) in &targets {
                let plan = Plan::echo(peer, Transport::Udp, port);
                self.prober.add(Plan { socket, ..plan })?;
            }
        }
        Ok(())
    }

    fn add_ways(&mut self, exchanges: &[Exchange]) {
        let mut last = None;
        for exchange in exchanges {
            if last != exchange.plan.socket {
                last = exchange.plan.socket;
                self.seen.sockets.push(SocketSeen::default());
            }
            let socket = self.seen.sockets.last_mut();
            if let (Some(socket), Some(way)) = (socket, way(exchange)) {
                let Plan { peer, port, .. } = exchange.plan;
                let to = SocketAddr::new(self.prober.peers[peer].ip, port);
                socket.ways.push((to, way));
            }
        }
    }
}

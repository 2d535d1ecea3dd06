//! Asks peers, many requests at a time: one loop over all sockets.

use super::calls::Calls;
use super::exchange::{Exchange, Lack, Plan, Stage};
use super::peer_seen::PeerSeen;
use super::slot::{close_others, position, Next, Slot};
use super::sockets::{bound, nonce, random_bytes};
use crate::peer::hmac::Key;
use crate::peer::message::{Answer, Ask, Ports, Refusal, Request, ANSWER};
use crate::peer::shape::hello;
use crate::system::clock::monotonic_ns;
use crate::system::signals::EndSignals;
use crate::system::socket::{poll, polled, Family, Setting, Socket, Transport, TOGETHER};
use nix::errno::Errno;
use std::net::{IpAddr, SocketAddr};
use std::os::fd::OwnedFd;
use std::time::Duration;

pub(super) struct Prober<'s> {
    pub(super) peers: Vec<PeerSeen>,
    key: Option<Key>,
    ending: &'s EndSignals,
    end: OwnedFd,
    slots: Vec<Option<Slot>>,
    pub(super) exchanges: Vec<Exchange>,
    calls: Calls,
    /// Where ports that a peer has, and that nobody asked for, are asked for as well.
    pub(super) learns_ports: bool,
}

// A place is one that `add_peer`, `open` or `add` gave, or that is counted up to. The three
// lists grow alone, but for `take`, which comes after `run` has closed what refers to it.
#[allow(clippy::arithmetic_side_effects, clippy::indexing_slicing)]
impl<'s> Prober<'s> {
    /// # Errors
    /// signalfd(2)'s.
    pub(super) fn new(key: Option<Key>, ending: &'s EndSignals) -> nix::Result<Self> {
        Ok(Self {
            peers: Vec::new(),
            key,
            ending,
            end: ending.descriptor()?,
            slots: Vec::new(),
            exchanges: Vec::new(),
            calls: Calls::default(),
            learns_ports: false,
        })
    }

    /// Adds a peer; its place.
    ///
    /// # Errors
    /// connect(2)'s: there is no way there.
    pub(super) fn add_peer(&mut self, ip: IpAddr) -> nix::Result<usize> {
        // A datagram's socket that is connected has sent nothing.
        let socket = Socket::new(Transport::Udp, Family::of(ip))?;
        socket.connect((ip, 9).into())?;
        let local = socket.local()?.ip();
        self.peers.push(PeerSeen::new(ip, local));
        Ok(self.peers.len() - 1)
    }

    /// Opens a socket for datagrams; its place.
    ///
    /// # Errors
    /// socket(2)'s.
    pub(super) fn open(&mut self, peer: usize, ttl: Option<u8>) -> nix::Result<usize> {
        let (socket, _) = bound(Transport::Udp, Family::of(self.peers[peer].ip))?;
        socket.set(Setting::KeepErrors, 1)?;
        if let Some(ttl) = ttl {
            socket.set(Setting::Ttl, ttl.into())?;
        }
        Ok(self.put(socket, None))
    }

    fn put(&mut self, socket: Socket, exchange: Option<usize>) -> usize {
        self.slots.push(Some(Slot::new(socket, exchange)));
        self.slots.len() - 1
    }

    /// Adds an exchange, which begins with the next run; its place.
    ///
    /// # Errors
    /// Those of [`Self::open`].
    pub(super) fn add(&mut self, mut plan: Plan) -> nix::Result<usize> {
        if plan.transport == Transport::Udp && plan.socket.is_none() {
            plan.socket = Some(self.open(plan.peer, plan.ttl)?);
        }
        let exchange = Exchange::new(plan, nonce(), monotonic_ns());
        self.exchanges.push(exchange);
        Ok(self.exchanges.len() - 1)
    }

    /// Listens on a port that never sent anything; the port.
    ///
    /// # Errors
    /// Those of bind(2) and listen(2).
    pub(super) fn listen(&mut self, family: Family) -> nix::Result<u16> {
        self.calls.listen(family)
    }

    /// Goes on until each exchange is over; `false` where a signal ended it.
    pub(super) fn run(&mut self) -> bool {
        loop {
            let now_ns = monotonic_ns();
            let mut until_ns = u64::MAX;
            for at in 0..self.exchanges.len() {
                if self.exchanges[at].is_over(now_ns) {
                    continue;
                }
                if self.exchanges[at].next_ns <= now_ns {
                    self.try_once(at, now_ns);
                }
                let exchange = &self.exchanges[at];
                until_ns = until_ns.min(exchange.next_ns).min(exchange.end_ns);
            }
            if until_ns == u64::MAX {
                self.slots.clear();
                self.calls = Calls::default();
                return true;
            }
            self.look(until_ns);
            // Where this machine was too busy to look, or stopped, nobody was silent.
            let late_ns = monotonic_ns().saturating_sub(until_ns);
            for exchange in &mut self.exchanges {
                exchange.end_ns += late_ns;
            }
            if self.ending.within(Duration::ZERO) {
                return false;
            }
        }
    }

    /// The exchanges since the last time.
    pub(super) fn take(&mut self) -> Vec<Exchange> {
        std::mem::take(&mut self.exchanges)
    }

    pub(super) fn try_once(&mut self, at: usize, now_ns: u64) {
        let exchange = &mut self.exchanges[at];
        exchange.tried(now_ns);
        let plan = exchange.plan;
        if exchange.stage == Stage::Silent {
            exchange.stage = Stage::Again;
            exchange.plan.ask = Ask::Echo;
        }
        let is_again = exchange.stage == Stage::Again;
        let to = SocketAddr::new(self.peers[plan.peer].ip, plan.port);
        match plan.socket {
            Some(slot) => self.send(at, slot),
            None if is_again => {
                // Over the same connection, which repeats it by itself.
                self.exchanges[at].next_ns = u64::MAX;
                if let Some(slot) = position(&self.slots, at) {
                    self.send(at, slot);
                }
            }
            None => {
                let begun = Socket::new(Transport::Tcp, Family::of(to.ip())).and_then(|socket| {
                    if let Some(ttl) = plan.ttl {
                        socket.set(Setting::KeepErrors, 1)?;
                        socket.set(Setting::Ttl, ttl.into())?;
                    }
                    socket.connect(to)?;
                    Ok(socket)
                });
                match begun {
                    Ok(socket) => drop(self.put(socket, Some(at))),
                    Err(errno) => self.exchanges[at].lacks(Lack::of(errno)),
                }
            }
        }
    }

    fn send(&mut self, at: usize, slot: usize) {
        let exchange = &self.exchanges[at];
        let peer = &self.peers[exchange.plan.peer];
        let request = Request {
            ask: exchange.plan.ask,
            nonce: exchange.nonce,
            cookie: peer.cookie,
        };
        let request = request.encode(self.key.as_ref());
        let Some(Some(Slot { socket, .. })) = self.slots.get(slot) else {
            return;
        };
        // What is lost is sent again.
        let _ = match exchange.plan.transport {
            Transport::Udp => {
                let to = SocketAddr::new(peer.ip, exchange.plan.port);
                let sent = socket.send_to(&request, to, None);
                // An error that came before is told once, in the place of the sending.
                sent.or_else(|_| socket.send_to(&request, to, None))
            }
            Transport::Tcp if exchange.plan.clothed => {
                socket.send(&hello(&request, &random_bytes())).map(drop)
            }
            Transport::Tcp => socket.send(&request).map(drop),
        };
    }

    /// Waits for something to happen, and deals with it.
    pub(super) fn look(&mut self, until_ns: u64) {
        let mut fds = vec![polled(&self.end, libc::POLLIN)];
        let mut whose = Vec::new();
        for (at, slot) in self.slots.iter().enumerate() {
            let Some(slot) = slot else { continue };
            let is_connecting = slot.exchange.is_some() && !slot.is_connected;
            let events = [libc::POLLIN, libc::POLLOUT][usize::from(is_connecting)];
            fds.push(polled(&slot.socket, events));
            whose.push(at);
        }
        let slots = fds.len();
        self.calls.put(&mut fds);
        poll(&mut fds, until_ns);
        for (at, fd) in whose.into_iter().zip(&fds[1..slots]) {
            if fd.revents != 0 {
                self.ready(at, fd.revents & libc::POLLERR != 0);
            }
        }
        let exchanges = &mut self.exchanges;
        self.calls.take(&fds[slots..], |nonce| {
            let is_it = |exchange: &&mut Exchange| {
                exchange.nonce == nonce && matches!(exchange.plan.ask, Ask::Dial { .. })
            };
            if let Some(exchange) = exchanges.iter_mut().find(is_it) {
                exchange.called = true;
            }
        });
    }

    fn ready(&mut self, at: usize, has_error: bool) {
        let Some(Some(slot)) = self.slots.get(at) else {
            return;
        };
        if has_error {
            if let Some(error) = slot.socket.network_error() {
                self.error(at, error.errno, error.from);
            }
        }
        let owner = self.slots[at].as_ref().and_then(|slot| slot.exchange);
        match owner {
            None => self.datagrams(at),
            Some(exchange) => {
                if !self.connection(at, exchange) {
                    self.slots[at] = None;
                }
            }
        }
    }

    /// The network has said something of a packet.
    fn error(&mut self, slot: usize, errno: Errno, from: Option<IpAddr>) {
        let owner = self.slots[slot].as_ref().and_then(|slot| slot.exchange);
        for (at, exchange) in self.exchanges.iter_mut().enumerate() {
            if exchange.plan.socket != Some(slot) && owner != Some(at) {
                continue;
            }
            // A router says so when it has no more hops to give; otherwise it is refused.
            if exchange.plan.ttl.is_some() && errno == Errno::EHOSTUNREACH {
                exchange.router = from;
            }
            exchange.lacks(Lack::of(errno));
        }
    }

    fn datagrams(&mut self, at: usize) {
        // Who sends without end must not keep the loop from its other sockets.
        for _ in 0..TOGETHER {
            let Some(Some(Slot { socket, .. })) = self.slots.get(at) else {
                return;
            };
            let mut buffer = [0; ANSWER + 1];
            let Ok(datagram) = socket.receive_from(&mut buffer) else {
                return;
            };
            let port = socket.local().map_or(0, |local| local.port());
            let bytes = &buffer[..datagram.len.min(buffer.len())];
            let Some((nonce, answer)) = Answer::decode(bytes) else {
                continue;
            };
            // From elsewhere than asked it counts for nothing.
            let exchange = self.exchanges.iter().position(|exchange| {
                let plan = &exchange.plan;
                let asked = SocketAddr::new(self.peers[plan.peer].ip, plan.port);
                plan.socket == Some(at) && exchange.nonce == nonce && asked == datagram.from
            });
            if let Some(exchange) = exchange {
                self.answered(exchange, at, answer, port);
            }
        }
    }

    /// Goes on with a connection; whether it is still needed.
    fn connection(&mut self, at: usize, exchange: usize) -> bool {
        let Some(Some(slot)) = self.slots.get_mut(at) else {
            return false;
        };
        if !slot.is_connected {
            if let Err(errno) = slot.socket.error() {
                self.exchanges[exchange].lacks(Lack::of(errno));
                return false;
            }
            slot.is_connected = true;
            self.exchanges[exchange].lacks(Lack::Broken);
            self.send(exchange, at);
            return true;
        }
        match slot.read() {
            Ok(0) => return false,
            Ok(_) => {}
            Err(errno) => return matches!(errno, Errno::EAGAIN | Errno::EINTR),
        }
        let port = slot.socket.local().map_or(0, |local| local.port());
        let is_clothed = self.exchanges[exchange].plan.clothed;
        while let Some(Some(slot)) = self.slots.get_mut(at) {
            match slot.next(is_clothed) {
                Next::Part => return true,
                Next::Answer(nonce, answer) if nonce == self.exchanges[exchange].nonce => {
                    if !self.answered(exchange, at, answer, port) {
                        return false;
                    }
                }
                Next::Answer(..) | Next::Foreign => {
                    self.exchanges[exchange].lacks(Lack::Foreign);
                    return false;
                }
            }
        }
        true
    }

    /// Takes an answer; whether the connection is still needed.
    fn answered(&mut self, at: usize, slot: usize, answer: Answer, port: u16) -> bool {
        let exchange = &mut self.exchanges[at];
        let peer = &mut self.peers[exchange.plan.peer];
        exchange.local = Some(SocketAddr::new(peer.local, port));
        match answer {
            Answer::Cookie(cookie) => {
                peer.take(cookie, monotonic_ns());
                let again = exchange.takes_cookie();
                if again {
                    self.send(at, slot);
                }
                return again;
            }
            Answer::Refused(refusal @ (Refusal::Key | Refusal::Version(_))) => {
                peer.refusal = Some(refusal);
            }
            _ => {}
        }
        let stays = exchange.take(answer, monotonic_ns());
        if exchange.stage == Stage::Silent {
            // Where the way is long there are several, of which this one was the first.
            close_others(&mut self.slots, at, slot);
        }
        let peer = exchange.plan.peer;
        if let (Answer::Echo { ports, .. }, true) = (answer, self.learns_ports) {
            self.learn(peer, ports);
        }
        stays
    }

    /// Asks for the ports of a peer that nobody asked for, and not for those that it has
    /// not.
    fn learn(&mut self, peer: usize, ports: Ports) {
        if self.peers[peer].ports.replace(ports).is_some() {
            return;
        }
        let both = [(Transport::Tcp, ports.tcp), (Transport::Udp, ports.udp)];
        for (transport, ports) in both {
            for exchange in &mut self.exchanges {
                let plan = &exchange.plan;
                let is_other = plan.peer != peer || plan.transport != transport;
                if !is_other && !ports.contains(&plan.port) {
                    exchange.end_ns = 0;
                }
            }
            for port in ports.into_iter().filter(|&port| port > 0) {
                let is_it = |exchange: &Exchange| {
                    let plan = &exchange.plan;
                    (plan.peer, plan.transport, plan.port) == (peer, transport, port)
                };
                if !self.exchanges.iter().any(is_it) {
                    let _ = self.add(Plan::echo(peer, transport, port));
                }
            }
        }
    }
}

//! The responder itself: one loop over all sockets, in tables that do not grow.

use super::buckets::Buckets;
use super::connection::{Call, Came, Connection, Origin, State};
use super::cookie::Cookies;
use super::counts::{count, Counts};
use super::hmac::Key;
use super::holds::{Holds, HOLDS};
use super::message::{
    has_tag_of, Answer, Ask, Dialled, Nonce, Refusal, Request, ANSWER, REQUEST, VERSION,
};
use super::ports::Bound;
use crate::system::clock::monotonic_ns;
use crate::system::readiness::Readiness;
use crate::system::signals::EndSignals;
use crate::system::socket::{poll, polled, random, Batch, Family, Setting, Socket, Transport};
use nix::errno::Errno;
use std::net::SocketAddr;
use std::os::fd::BorrowedFd;
use std::time::Duration;

mod datagrams;
#[cfg(fuzzing)]
#[path = "../../tests/fuzz/targets/peer.rs"]
pub(crate) mod fuzz;

/// Connections at a time.
pub(crate) const CONNECTIONS: usize = 1024;
/// No silence is longer.
const LONGEST_HOLD_MS: u32 = 3 * 3600 * 1000;
/// Connections that are taken at one port before the others are looked at.
const AT_ONCE: usize = 64;

const SECOND_NS: u64 = 1_000_000_000;
const MINUTE_NS: u64 = 60 * SECOND_NS;
pub(crate) struct Server {
    bound: Bound,
    key: Option<Key>,
    cookies: Cookies,
    buckets: Buckets,
    connections: Vec<Connection>,
    /// So many at most: each takes a descriptor.
    most: usize,
    holds: Holds,
    /// Of the end and of the ports' sockets, in this order.
    readiness: Readiness,
    /// Of the connections; before them, the above.
    fds: Vec<libc::pollfd>,
    /// A byte more than a request has: what is longer is none.
    batch: Batch<{ REQUEST + 1 }>,
    last_number: u64,
    counts: Counts,
}

/// What is done for a request.
enum Reply {
    Nothing,
    Answer(Answer),
    Hold { ms: u32, asker_speaks: bool },
}

impl Server {
    /// `most` connections at a time; `end` is the descriptor of the signals that end it. All
    /// the memory that it will need is asked for here.
    ///
    /// # Errors
    /// Those of getrandom(2) and epoll_ctl(2).
    pub(crate) fn new(
        bound: Bound,
        key: Option<Key>,
        most: usize,
        end: BorrowedFd<'_>,
    ) -> nix::Result<Self> {
        let mut secret = [0; 32];
        random(&mut secret)?;
        let mut seed = [0; 8];
        random(&mut seed)?;
        let readiness = Readiness::new()?;
        readiness.add(end, 0)?;
        for (number, socket) in (1..).zip(bound.udp.iter().chain(&bound.tcp)) {
            readiness.add(socket, number)?;
        }
        Ok(Self {
            bound,
            key,
            cookies: Cookies::new(&secret, monotonic_ns()),
            buckets: Buckets::new(seed),
            connections: Vec::with_capacity(most),
            most,
            holds: Holds::new(),
            readiness,
            fds: Vec::with_capacity(most.saturating_add(1)),
            batch: Batch::new(),
            last_number: 0,
            counts: Counts::default(),
        })
    }

    /// Serves until a signal ends it. `each_minute` gets what happened in it.
    pub(crate) fn run(&mut self, signals: &EndSignals, each_minute: &mut dyn FnMut(&Counts)) {
        let mut minute_ns = monotonic_ns().saturating_add(MINUTE_NS);
        loop {
            let ready = self.wait(minute_ns);
            // A signal that continues a process is none that ends it.
            if ready & 1 != 0 && signals.within(Duration::ZERO) {
                return each_minute(&self.counts);
            }
            let now_ns = monotonic_ns();
            self.serve(ready, now_ns);
            self.speak(now_ns);
            if now_ns >= minute_ns {
                minute_ns = minute_ns.saturating_add(MINUTE_NS);
                each_minute(&std::mem::take(&mut self.counts));
            }
        }
    }

    /// Waits for something to do; which of the ports have some.
    fn wait(&mut self, minute_ns: u64) -> u32 {
        let mut until_ns = minute_ns;
        self.fds.clear();
        self.fds.push(polled(&self.readiness, libc::POLLIN));
        for connection in &self.connections {
            let events = match connection.state {
                State::Dialling(_) => libc::POLLOUT,
                State::Reading | State::Holding { .. } => libc::POLLIN,
            };
            self.fds.push(polled(&connection.socket, events));
            until_ns = until_ns.min(match connection.state {
                State::Holding { until_ns, .. } => until_ns,
                State::Reading | State::Dialling(_) => connection.until_ns,
            });
        }
        until_ns = until_ns.min(self.holds.next_ns());
        if self.connections.is_empty() {
            return self.readiness.wait(until_ns.max(1));
        }
        poll(&mut self.fds, until_ns);
        match self.fds.first().map_or(0, |of| of.revents) {
            0 => 0,
            _ => self.readiness.wait(0),
        }
    }

    // A connection that is added meanwhile comes behind those that are looked at; each of
    // these has its place in `fds`, behind the first. The ports are 16 at most.
    #[allow(clippy::arithmetic_side_effects, clippy::indexing_slicing)]
    fn serve(&mut self, ready: u32, now_ns: u64) {
        let (udp, tcp) = (self.bound.udp.len(), self.bound.tcp.len());
        let is_ready = |number: usize| ready >> number & 1 == 1;
        // The last first: the end of one brings the last of all into its place.
        for at in (0..self.connections.len()).rev() {
            let ready = self.fds[1 + at].revents != 0;
            let stays = match self.connections[at].state {
                State::Dialling(call) => self.look_at_dial(at, ready, call, now_ns),
                _ if ready => self.read(at, now_ns),
                State::Holding { until_ns, nonce } if until_ns <= now_ns => {
                    let connection = &mut self.connections[at];
                    connection.state = State::Reading;
                    connection.answer(&Answer::Held { is_over: true }, nonce)
                }
                _ => true,
            };
            if !stays || self.connections[at].until_ns <= now_ns {
                let gone = self.connections.swap_remove(at);
                self.buckets.disconnect(gone.bucket);
            }
        }
        for at in 0..udp {
            if is_ready(1 + at) {
                self.datagrams(at, now_ns);
            }
        }
        for at in 0..tcp {
            if is_ready(1 + udp + at) {
                self.take(at, now_ns);
            }
        }
    }

    /// Takes the connections that wait at a port.
    fn take(&mut self, at: usize, now_ns: u64) {
        for _ in 0..AT_ONCE {
            let accepted = self.bound.tcp.get(at).map(Socket::accept);
            let Some(Ok((socket, with))) = accepted else {
                return;
            };
            let bucket = self.buckets.of(with.ip());
            if self.connections.len() >= self.most {
                count(&mut self.counts.full);
            } else if !self.buckets.connect(bucket) {
                count(&mut self.counts.rate);
            } else {
                count(&mut self.counts.connections);
                self.add(Connection::taken(socket, with, bucket, now_ns));
            }
        }
    }

    fn add(&mut self, mut connection: Connection) {
        count(&mut self.last_number);
        connection.number = self.last_number;
        self.connections.push(connection);
    }

    /// Reads from a connection; whether it stays.
    // `at` is the place of one, and none is added or removed before the end.
    #[allow(clippy::indexing_slicing)]
    fn read(&mut self, at: usize, now_ns: u64) -> bool {
        let connection = &mut self.connections[at];
        let (with, number, bucket) = (connection.with, connection.number, connection.bucket);
        let bytes = match connection.read() {
            Came::Part => return true,
            Came::End => return false,
            Came::Garbage => {
                count(&mut self.counts.garbage);
                return false;
            }
            Came::Version(nonce) => {
                count(&mut self.counts.refused);
                connection.answer(&Answer::Refused(Refusal::Version(VERSION)), nonce);
                return false;
            }
            // It was asked to be silent.
            Came::Request(_) if matches!(connection.state, State::Holding { .. }) => return false,
            Came::Request(bytes) => bytes,
        };
        let Ok(request) = Request::decode(&bytes) else {
            return false;
        };
        let reply = self.reply(
            &bytes,
            &request,
            with,
            bucket,
            Origin::Connection(number),
            now_ns,
        );
        let longs = self.connections.iter().filter(|one| one.is_long).count();
        let connection = &mut self.connections[at];
        let answer = match reply {
            Reply::Nothing => return true,
            Reply::Answer(answer) => {
                connection.go_on(now_ns);
                answer
            }
            Reply::Hold { ms, asker_speaks } => {
                let is_long = connection.is_long_for(ms, now_ns);
                if is_long && !connection.is_long && longs >= HOLDS {
                    Answer::Refused(Refusal::Busy)
                } else {
                    connection.is_long |= is_long;
                    connection.hold(ms, asker_speaks, request.nonce, now_ns);
                    Answer::Held { is_over: false }
                }
            }
        };
        connection.answer(&answer, request.nonce)
    }

    /// Ends the silences that are over.
    fn speak(&mut self, now_ns: u64) {
        while let Some((origin, nonce)) = self.holds.next_over(now_ns) {
            self.send(origin, &Answer::Held { is_over: true }, nonce);
        }
    }

    /// Judges a request, and does what it asks for.
    fn reply(
        &mut self,
        bytes: &[u8; REQUEST],
        request: &Request,
        from: SocketAddr,
        bucket: usize,
        by: Origin,
        now_ns: u64,
    ) -> Reply {
        if !self.buckets.take(bucket, now_ns) {
            count(&mut self.counts.rate);
            return Reply::Nothing;
        }
        count(&mut self.counts.answered);
        if !self.cookies.is_good(&request.cookie, from.ip(), now_ns) {
            count(&mut self.counts.cookies);
            return Reply::Answer(Answer::Cookie(self.cookies.cookie(from.ip(), now_ns)));
        }
        if self.key.is_some_and(|key| !has_tag_of(bytes, &key)) {
            count(&mut self.counts.refused);
            return Reply::Answer(Answer::Refused(Refusal::Key));
        }
        match request.ask {
            Ask::Echo => Reply::Answer(Answer::Echo {
                seen: from,
                ports: self.bound.ports,
            }),
            Ask::Hold { ms, .. } if ms > LONGEST_HOLD_MS => {
                Reply::Answer(Answer::Refused(Refusal::Busy))
            }
            Ask::Hold { ms, asker_speaks } => Reply::Hold { ms, asker_speaks },
            Ask::Dial { port, silent } => {
                let to = SocketAddr::new(from.ip(), port);
                let nonce = request.nonce;
                let call = Call { by, nonce, silent };
                self.dial(to, bucket, call, now_ns)
            }
        }
    }

    fn dial(&mut self, to: SocketAddr, bucket: usize, call: Call, now_ns: u64) -> Reply {
        let is_same = |other: &Connection| match other.state {
            State::Dialling(asked) => (asked.by, asked.nonce) == (call.by, call.nonce),
            State::Reading | State::Holding { .. } => false,
        };
        if self.connections.iter().any(is_same) {
            return Reply::Nothing;
        }
        if self.connections.len() >= self.most || !self.buckets.connect(bucket) {
            count(&mut self.counts.full);
            return Reply::Answer(Answer::Refused(Refusal::Busy));
        }
        let begun = Socket::new(Transport::Tcp, Family::of(to.ip())).and_then(|socket| {
            // One SYN more: what the board sends outweighs what it gets.
            socket.set(Setting::SynCount, 1)?;
            socket.connect(to)?;
            Ok(socket)
        });
        match begun {
            Ok(socket) => {
                count(&mut self.counts.dialled);
                self.add(Connection::dialled(socket, to, bucket, call, now_ns));
                Reply::Nothing
            }
            Err(errno) => {
                self.buckets.disconnect(bucket);
                Reply::Answer(Answer::Dialled(match errno {
                    Errno::ECONNREFUSED => Dialled::Refused,
                    _ => Dialled::CannotDial,
                }))
            }
        }
    }

    /// Looks how far an attempt to connect is; whether it goes on.
    fn look_at_dial(&mut self, at: usize, ready: bool, call: Call, now_ns: u64) -> bool {
        let Call { by, nonce, silent } = call;
        let Some(connection) = self.connections.get(at) else {
            return false;
        };
        let Some(outcome) = connection.dial_outcome(ready, now_ns) else {
            return true;
        };
        if outcome == Dialled::Connected {
            // Of the network it tells nothing that this machine can dial itself.
            let ip = connection.with.ip();
            let is_own = connection.socket.local().is_ok_and(|own| own.ip() == ip);
            self.bound.ports.has_dialled |= !is_own && !ip.is_loopback();
            if !silent {
                connection.answer(&Answer::Call, nonce);
            }
        }
        self.send(by, &Answer::Dialled(outcome), nonce);
        if let Origin::Connection(number) = by {
            let mut connections = self.connections.iter_mut();
            if let Some(asker) = connections.find(|one| one.number == number) {
                asker.go_on(now_ns);
            }
        }
        false
    }

    fn send(&self, to: Origin, answer: &Answer, nonce: Nonce) {
        match to {
            Origin::Connection(number) => {
                let mut connections = self.connections.iter();
                if let Some(asker) = connections.find(|one| one.number == number) {
                    asker.answer(answer, nonce);
                }
            }
            Origin::Datagram { socket, from, to } => {
                let mut bytes = [0; ANSWER];
                let len = answer.encode(nonce, &mut bytes);
                let bytes = bytes.get(..len).unwrap_or_default();
                // One that is lost is asked for again.
                let _ = (self.bound.udp.get(socket)).map(|of| of.send_to(bytes, from, to));
            }
        }
    }
}

//! The responder itself: one loop over all sockets, in tables that do not grow.

use super::buckets::Buckets;
use super::connection::{Call, Came, Connection, Origin, State};
use super::cookie::Cookies;
use super::counts::Counts;
use super::hmac::Key;
use super::holds::Holds;
use super::message::{
    has_tag_of, Answer, Ask, Dialled, Nonce, Refusal, Refused, Request, ANSWER, REQUEST, VERSION,
};
use super::ports::Bound;
use crate::system::clock::monotonic_ns;
use crate::system::signals::EndSignals;
use crate::system::socket::{poll, polled, random, Family, Setting, Socket, Transport};
use nix::errno::Errno;
use std::net::SocketAddr;
use std::os::fd::BorrowedFd;
use std::time::Duration;

/// Connections at a time, and those among them that last longer than others.
pub(crate) const CONNECTIONS: usize = 1024;
const LONG: usize = 16;
/// No silence is longer.
const LONGEST_HOLD_MS: u32 = 3 * 3600 * 1000;
/// Taken of one socket before the others are looked at.
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
    fds: Vec<libc::pollfd>,
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
    /// `most` connections at a time. All the memory that it will need is asked for here.
    ///
    /// # Errors
    /// getrandom(2)'s.
    pub(crate) fn new(bound: Bound, key: Option<Key>, most: usize) -> nix::Result<Self> {
        let mut secret = [0; 32];
        random(&mut secret)?;
        let mut seed = [0; 8];
        random(&mut seed)?;
        let sockets = 1 + bound.tcp.len() + bound.udp.len();
        Ok(Self {
            bound,
            key,
            cookies: Cookies::new(&secret, monotonic_ns()),
            buckets: Buckets::new(seed),
            connections: Vec::with_capacity(most),
            most,
            holds: Holds::new(),
            fds: Vec::with_capacity(sockets + most),
            last_number: 0,
            counts: Counts::default(),
        })
    }

    /// Serves until a signal ends it; `end` is the descriptor of these. `each_minute` gets
    /// what happened in it.
    pub(crate) fn run(
        &mut self,
        signals: &EndSignals,
        end: BorrowedFd<'_>,
        each_minute: &mut dyn FnMut(&Counts),
    ) {
        let mut minute_ns = monotonic_ns() + MINUTE_NS;
        loop {
            self.wait(end, minute_ns);
            // A signal that continues a process is none that ends it.
            if self.fds[0].revents != 0 && signals.within(Duration::ZERO) {
                return each_minute(&self.counts);
            }
            let now_ns = monotonic_ns();
            self.serve(now_ns);
            self.speak(now_ns);
            if now_ns >= minute_ns {
                minute_ns += MINUTE_NS;
                each_minute(&std::mem::take(&mut self.counts));
            }
        }
    }

    fn wait(&mut self, end: BorrowedFd<'_>, minute_ns: u64) {
        let mut until_ns = minute_ns;
        self.fds.clear();
        self.fds.push(polled(end, libc::POLLIN));
        for socket in self.bound.udp.iter().chain(&self.bound.tcp) {
            self.fds.push(polled(socket, libc::POLLIN));
        }
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
        poll(&mut self.fds, until_ns.min(self.holds.next_ns()));
    }

    fn serve(&mut self, now_ns: u64) {
        let (udp, tcp) = (self.bound.udp.len(), self.bound.tcp.len());
        // The last first: the end of one brings the last of all into its place.
        for at in (0..self.connections.len()).rev() {
            let ready = self.fds[1 + udp + tcp + at].revents != 0;
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
            if self.fds[1 + at].revents != 0 {
                self.datagrams(at, now_ns);
            }
        }
        for at in 0..tcp {
            if self.fds[1 + udp + at].revents != 0 {
                self.take(at, now_ns);
            }
        }
    }

    /// Takes the connections that wait at a port.
    fn take(&mut self, at: usize, now_ns: u64) {
        for _ in 0..AT_ONCE {
            let Ok((socket, with)) = self.bound.tcp[at].accept() else {
                return;
            };
            let bucket = self.buckets.of(with.ip());
            if self.connections.len() >= self.most {
                self.counts.full += 1;
            } else if !self.buckets.connect(bucket) {
                self.counts.rate += 1;
            } else {
                self.counts.connections += 1;
                self.add(Connection::taken(socket, with, bucket, now_ns));
            }
        }
    }

    fn add(&mut self, mut connection: Connection) {
        self.last_number += 1;
        connection.number = self.last_number;
        self.connections.push(connection);
    }

    /// Reads from a connection; whether it stays.
    fn read(&mut self, at: usize, now_ns: u64) -> bool {
        let connection = &mut self.connections[at];
        let (with, number, bucket) = (connection.with, connection.number, connection.bucket);
        let bytes = match connection.read() {
            Came::Part => return true,
            Came::End => return false,
            Came::Garbage => {
                self.counts.garbage += 1;
                return false;
            }
            Came::Version(nonce) => {
                self.counts.refused += 1;
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
                if is_long && !connection.is_long && longs >= LONG {
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

    fn datagrams(&mut self, socket: usize, now_ns: u64) {
        let mut buffer = [0; REQUEST + 1];
        for _ in 0..AT_ONCE {
            let Ok(datagram) = self.bound.udp[socket].receive_from(&mut buffer) else {
                return;
            };
            let (from, to) = (datagram.from, datagram.to);
            let bytes = &buffer[..datagram.len.min(buffer.len())];
            let request = Request::decode(bytes);
            if request == Err(Refused::Garbage) || from.port() == 0 {
                self.counts.garbage += 1;
                continue;
            }
            let bucket = self.buckets.of(from.ip());
            let origin = Origin::Datagram { socket, from, to };
            let (nonce, reply) = match (request, bytes.try_into()) {
                (Ok(request), Ok(bytes)) => {
                    let reply = self.reply(bytes, &request, from, bucket, origin, now_ns);
                    (request.nonce, reply)
                }
                (Err(Refused::Version(nonce)), _) if self.buckets.take(bucket, now_ns) => {
                    self.counts.refused += 1;
                    let version = Refusal::Version(VERSION);
                    (nonce, Reply::Answer(Answer::Refused(version)))
                }
                _ => continue,
            };
            let answer = match reply {
                Reply::Nothing => continue,
                Reply::Answer(answer) => answer,
                Reply::Hold { ms, asker_speaks } => {
                    let due_ns = now_ns + u64::from(ms) * 1_000_000;
                    match asker_speaks || self.holds.begin(origin, nonce, due_ns) {
                        true => Answer::Held { is_over: false },
                        false => Answer::Refused(Refusal::Busy),
                    }
                }
            };
            self.send(origin, &answer, nonce);
        }
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
            self.counts.rate += 1;
            return Reply::Nothing;
        }
        self.counts.answered += 1;
        if !self.cookies.is_good(&request.cookie, from.ip(), now_ns) {
            self.counts.cookies += 1;
            return Reply::Answer(Answer::Cookie(self.cookies.cookie(from.ip(), now_ns)));
        }
        if self.key.is_some_and(|key| !has_tag_of(bytes, &key)) {
            self.counts.refused += 1;
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
            self.counts.full += 1;
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
                self.counts.dialled += 1;
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
        let connection = &self.connections[at];
        let Some(outcome) = connection.dial_outcome(ready, now_ns) else {
            return true;
        };
        if outcome == Dialled::Connected {
            // Of the network it tells nothing that this machine can dial itself.
            self.bound.ports.has_dialled |= !connection.with.ip().is_loopback();
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
                // One that is lost is asked for again.
                let _ = self.bound.udp[socket].send_to(&bytes[..len], from, to);
            }
        }
    }
}

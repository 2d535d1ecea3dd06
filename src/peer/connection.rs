//! A connection: one that a board has opened, or one that was dialled to it.

use super::message::{Answer, Dialled, Nonce, Refused, Request, ANSWER, HEAD, REQUEST};
use super::shape::{server_hello, undressed, HELLO, RECORD, SERVER_HELLO};
use crate::system::socket::Socket;
use nix::errno::Errno;
use std::net::{IpAddr, SocketAddr};

const SECOND_NS: u64 = 1_000_000_000;
/// For a request, and for all of them.
const REQUEST_NS: u64 = 5 * SECOND_NS;
const WHOLE_NS: u64 = 60 * SECOND_NS;
/// For an attempt to connect.
const DIAL_NS: u64 = 2_500_000_000;
/// How long a connection stays when a silence is over.
const AFTER_HOLD_NS: u64 = 10 * SECOND_NS;

/// Who asked, and hears the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Origin {
    /// By the number of its connection.
    Connection(u64),
    /// On the socket of that place among the peer's, which it reached at this address.
    Datagram {
        socket: usize,
        from: SocketAddr,
        to: Option<IpAddr>,
    },
}

#[derive(Debug, Clone, Copy)]
pub(super) enum State {
    Reading,
    /// Silent until then.
    Holding {
        until_ns: u64,
        nonce: Nonce,
    },
    Dialling(Call),
}

/// Whom a connection is dialled for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Call {
    pub(super) by: Origin,
    pub(super) nonce: Nonce,
    /// Nothing is said when it is there.
    pub(super) silent: bool,
}

pub(super) struct Connection {
    pub(super) socket: Socket,
    /// No other has it.
    pub(super) number: u64,
    pub(super) with: SocketAddr,
    pub(super) bucket: usize,
    pub(super) state: State,
    /// It lasts longer than others.
    pub(super) is_long: bool,
    /// When it is over, if nothing happens; and when whatever happens.
    pub(super) until_ns: u64,
    end_ns: u64,
    is_clothed: bool,
    len: usize,
    buffer: [u8; HELLO],
}

/// What a connection has brought.
pub(super) enum Came {
    /// Not yet a request.
    Part,
    Request([u8; REQUEST]),
    Version(Nonce),
    Garbage,
    End,
}

impl Connection {
    /// One that was taken.
    pub(super) fn taken(socket: Socket, with: SocketAddr, bucket: usize, now_ns: u64) -> Self {
        Self {
            socket,
            number: 0,
            with,
            bucket,
            state: State::Reading,
            is_long: false,
            until_ns: now_ns.saturating_add(REQUEST_NS),
            end_ns: now_ns.saturating_add(WHOLE_NS),
            is_clothed: false,
            len: 0,
            buffer: [0; HELLO],
        }
    }

    /// One that is dialled.
    pub(super) fn dialled(
        socket: Socket,
        with: SocketAddr,
        bucket: usize,
        call: Call,
        now_ns: u64,
    ) -> Self {
        Self {
            state: State::Dialling(call),
            until_ns: now_ns.saturating_add(DIAL_NS),
            ..Self::taken(socket, with, bucket, now_ns)
        }
    }

    /// Reads on, no further than to the end of a request.
    // `len` grows by what was read into the room from there to `need`, which is no more than
    // the buffer has.
    #[allow(clippy::arithmetic_side_effects, clippy::indexing_slicing)]
    pub(super) fn read(&mut self) -> Came {
        let need = match self.buffer[0] {
            RECORD if self.len > 0 => HELLO,
            // The first byte alone tells.
            _ if self.len == 0 => 1,
            _ => REQUEST,
        };
        match self.socket.receive(&mut self.buffer[self.len..need]) {
            Ok(0) => return Came::End,
            Ok(len) => self.len += len,
            Err(Errno::EAGAIN | Errno::EINTR) => return Came::Part,
            Err(_) => return Came::End,
        }
        if need == 1 {
            return self.read();
        }
        self.is_clothed = need == HELLO;
        let so_far = &self.buffer[..self.len];
        if !self.is_clothed && self.len >= HEAD {
            if let Err(Refused::Version(nonce)) = Request::decode(so_far) {
                return Came::Version(nonce);
            }
        }
        if self.len < need {
            return Came::Part;
        }
        self.len = 0;
        let request = match self.is_clothed {
            true => undressed(&self.buffer),
            false => self.buffer[..REQUEST].try_into().ok(),
        };
        match request.map(|bytes| (bytes, Request::decode(&bytes))) {
            Some((bytes, Ok(_))) => Came::Request(bytes),
            Some((_, Err(Refused::Version(nonce)))) => Came::Version(nonce),
            _ => Came::Garbage,
        }
    }

    /// Sends an answer; whether all of it could be sent, which whoever reads sees to.
    // Both lengths are those of what was written into the arrays.
    #[allow(clippy::indexing_slicing)]
    pub(super) fn answer(&self, answer: &Answer, nonce: Nonce) -> bool {
        let mut bytes = [0; ANSWER];
        let len = answer.encode(nonce, &mut bytes);
        let bytes = &bytes[..len];
        let mut clothed = [0; SERVER_HELLO];
        let sent = match self.is_clothed {
            true => {
                let mut random = [0; 32];
                random
                    .chunks_exact_mut(8)
                    .for_each(|to| to.copy_from_slice(&nonce));
                let len = server_hello(bytes, &random, &mut clothed);
                &clothed[..len]
            }
            false => bytes,
        };
        self.socket.send(sent) == Ok(sent.len())
    }

    /// How an attempt to connect has ended; `None` while it goes on.
    pub(super) fn dial_outcome(&self, ready: bool, now_ns: u64) -> Option<Dialled> {
        Some(match ready {
            false if self.until_ns > now_ns => return None,
            false => Dialled::TimedOut,
            true => match self.socket.error() {
                Ok(()) => Dialled::Connected,
                Err(Errno::ECONNREFUSED | Errno::ECONNRESET) => Dialled::Refused,
                Err(Errno::ETIMEDOUT) => Dialled::TimedOut,
                Err(Errno::EHOSTUNREACH | Errno::ENETUNREACH) => Dialled::Unreachable,
                Err(_) => Dialled::CannotDial,
            },
        })
    }

    /// There was an answer: another request may follow.
    pub(super) fn go_on(&mut self, now_ns: u64) {
        self.until_ns = now_ns.saturating_add(REQUEST_NS).min(self.end_ns);
    }

    /// How long it would have to stay for a silence; whether that is longer than others
    /// stay.
    pub(super) fn is_long_for(&self, ms: u32, now_ns: u64) -> bool {
        hold_end_ns(ms, now_ns) > self.end_ns
    }

    /// Keeps silent for so long.
    pub(super) fn hold(&mut self, ms: u32, asker_speaks: bool, nonce: Nonce, now_ns: u64) {
        self.until_ns = hold_end_ns(ms, now_ns);
        self.end_ns = self.end_ns.max(self.until_ns);
        if !asker_speaks {
            let until_ns = after_ms(ms, now_ns);
            self.state = State::Holding { until_ns, nonce };
        }
    }
}

/// When so many milliseconds are over.
pub(super) fn after_ms(ms: u32, now_ns: u64) -> u64 {
    now_ns.saturating_add(u64::from(ms).saturating_mul(1_000_000))
}

fn hold_end_ns(ms: u32, now_ns: u64) -> u64 {
    after_ms(ms, now_ns).saturating_add(AFTER_HOLD_NS)
}

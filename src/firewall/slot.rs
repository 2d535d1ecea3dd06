//! A connection of an exchange, or a datagram's socket.

use crate::peer::message::{answer_len, Answer, Nonce, HEAD};
use crate::peer::shape::{answer_in, record_len, SERVER_HELLO};
use crate::system::socket::Socket;

pub(super) struct Slot {
    pub(super) socket: Socket,
    /// Of a connection.
    pub(super) exchange: Option<usize>,
    pub(super) is_connected: bool,
    len: usize,
    buffer: [u8; SERVER_HELLO],
}

/// The first connection of an exchange.
pub(super) fn position(slots: &[Option<Slot>], exchange: usize) -> Option<usize> {
    let mut slots = slots.iter();
    slots.position(|slot| matches!(slot, Some(slot) if slot.exchange == Some(exchange)))
}

/// Closes the connections of an exchange, but one.
pub(super) fn close_others(slots: &mut [Option<Slot>], exchange: usize, this: usize) {
    for (at, slot) in slots.iter_mut().enumerate() {
        let is_other = at != this && matches!(slot, Some(slot) if slot.exchange == Some(exchange));
        if is_other {
            *slot = None;
        }
    }
}

/// What a connection has brought next.
pub(super) enum Next {
    /// Not yet an answer.
    Part,
    Answer(Nonce, Answer),
    /// Nothing that a peer says.
    Foreign,
}

// `len` is of what was read into the buffer, and no more than it has; `whole` is no more.
#[allow(clippy::arithmetic_side_effects, clippy::indexing_slicing)]
impl Slot {
    pub(super) fn new(socket: Socket, exchange: Option<usize>) -> Self {
        Self {
            socket,
            exchange,
            is_connected: false,
            len: 0,
            buffer: [0; SERVER_HELLO],
        }
    }

    /// Reads on: so many bytes, none at the end of the connection.
    ///
    /// # Errors
    /// recv(2)'s.
    pub(super) fn read(&mut self) -> nix::Result<usize> {
        let len = self.socket.receive(&mut self.buffer[self.len..])?;
        self.len += len;
        Ok(len)
    }

    /// Takes the next answer out of what was read.
    pub(super) fn next(&mut self, is_clothed: bool) -> Next {
        let so_far = &self.buffer[..self.len];
        let whole = match is_clothed {
            true => record_len(so_far),
            false => (self.len >= HEAD).then(|| answer_len(so_far[5])),
        };
        let whole = match whole {
            Some(whole) if whole > SERVER_HELLO => return Next::Foreign,
            Some(whole) if whole <= self.len => whole,
            _ => return Next::Part,
        };
        let bytes = &so_far[..whole];
        let answer = match is_clothed {
            true => answer_in(bytes).and_then(Answer::decode),
            false => Answer::decode(bytes),
        };
        self.buffer.copy_within(whole.., 0);
        self.len -= whole;
        match answer {
            Some((nonce, answer)) => Next::Answer(nonce, answer),
            None => Next::Foreign,
        }
    }
}

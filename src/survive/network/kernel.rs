//! Talking with the kernel: dumps, and requests of which each is answered.

// What is cast here are the kernel's numbers of kinds and flags: a message has 16 bits for them.
#![allow(clippy::cast_possible_truncation)]

use super::object::{
    Object, DELETE, GET, INET, INET6, NEW_ADDRESS, NEW_LINK, NEW_NEXTHOP, NEW_ROUTE, NEW_RULE,
};
use super::state::State;
use crate::system::clock::boottime_ns;
use crate::system::netlink::message::{acknowledged, messages, put_message, Message};
use crate::system::netlink::{Netlink, PIECE};
use nix::errno::Errno;

const ERROR: u16 = libc::NLMSG_ERROR as u16;
const DONE: u16 = libc::NLMSG_DONE as u16;
const REQUEST: u16 = libc::NLM_F_REQUEST as u16;
const ACK: u16 = libc::NLM_F_ACK as u16;
const DUMP: u16 = libc::NLM_F_DUMP as u16;
const CREATE: u16 = libc::NLM_F_CREATE as u16;
const EXCLUSIVE: u16 = libc::NLM_F_EXCL as u16;
const APPEND: u16 = libc::NLM_F_APPEND as u16;
const REPLACE: u16 = libc::NLM_F_REPLACE as u16;
/// The dump has seen a change: NLM_F_DUMP_INTR.
const INTERRUPTED: u16 = 0x10;
/// So often a dump is begun again.
const TRIES: u32 = 20;

/// What is done with an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Action {
    Create,
    /// Behind the routes to the same place that are as far.
    Append,
    Delete,
    /// It is there, and gets other flags.
    Replace,
}

/// The kernel's end of the talk.
pub(crate) struct Kernel {
    socket: Netlink,
    sequence: u32,
    piece: Vec<u8>,
}

impl Kernel {
    /// # Errors
    /// Those of socket(2).
    pub(crate) fn open() -> nix::Result<Self> {
        Ok(Self {
            socket: Netlink::open(0)?,
            sequence: 0,
            piece: vec![0; PIECE],
        })
    }

    /// All that the kernel has now; addresses are those of the interface that last.
    ///
    /// # Errors
    /// The kernel's.
    pub(crate) fn state(&mut self, index: u32) -> nix::Result<State> {
        let mut state = State {
            taken_ns: boottime_ns(),
            ..State::default()
        };
        for family in [INET, INET6] {
            let mut of = |kind| self.dump(kind, family);
            state.addresses.extend(of(NEW_ADDRESS)?);
            state.routes.extend(of(NEW_ROUTE)?);
            state.rules.extend(of(NEW_RULE)?);
        }
        state
            .addresses
            .retain(|address| address.index() == Some(index) && !address.is_let_be());
        state.routes.retain(|route| !route.is_cloned());
        // Linux 5.3 and later.
        state.nexthops = self.dump(NEW_NEXTHOP, 0).unwrap_or_default();
        Ok(state)
    }

    /// The addresses of all interfaces.
    ///
    /// # Errors
    /// The kernel's.
    pub(crate) fn addresses(&mut self) -> nix::Result<Vec<Object>> {
        self.dump(NEW_ADDRESS, 0)
    }

    /// All network interfaces.
    ///
    /// # Errors
    /// The kernel's.
    pub(crate) fn links(&mut self) -> nix::Result<Vec<Object>> {
        self.dump(NEW_LINK, 0)
    }

    fn dump(&mut self, kind: u16, family: u8) -> nix::Result<Vec<Object>> {
        for _ in 0..TRIES {
            if let Some(objects) = self.dump_once(kind, family)? {
                return Ok(objects);
            }
        }
        Err(Errno::EAGAIN)
    }

    /// `None` where it saw a change.
    // Every kind has a struct, and the kernel numbers kinds up to some hundred.
    #[allow(clippy::arithmetic_side_effects, clippy::indexing_slicing)]
    fn dump_once(&mut self, kind: u16, family: u8) -> nix::Result<Option<Vec<Object>>> {
        let mut head = vec![0; Object::head_len(kind)];
        head[0] = family;
        self.send(kind + GET, REQUEST | DUMP, &head)?;
        let (mut objects, mut is_whole) = (Vec::new(), true);
        loop {
            let piece = self.socket.receive(&mut self.piece)?;
            for message in messages(piece).filter(|message| message.sequence == self.sequence) {
                is_whole &= message.flags & INTERRUPTED == 0;
                match message.kind {
                    DONE | ERROR => {
                        ended(&message)?;
                        return Ok(is_whole.then_some(objects));
                    }
                    _ => objects.extend(told(&message, kind, family)),
                }
            }
        }
    }

    /// Does something with an object.
    ///
    /// # Errors
    /// The kernel's.
    // The kernel numbers kinds up to some hundred.
    #[allow(clippy::arithmetic_side_effects)]
    pub(crate) fn ask(&mut self, action: Action, object: &Object) -> nix::Result<()> {
        let (kind, flags) = match action {
            // Of IPv4 there may be several, of which the kernel takes the first; none twice.
            Action::Create if (object.kind, object.family()) == (NEW_ROUTE, INET) => {
                (object.kind, CREATE)
            }
            // A group that has lost some of its own is there all the same.
            Action::Create if object.kind == NEW_NEXTHOP => (object.kind, CREATE | REPLACE),
            Action::Create => (object.kind, CREATE | EXCLUSIVE),
            Action::Append => (object.kind, CREATE | APPEND),
            Action::Delete => (object.kind + DELETE, 0),
            Action::Replace => (object.kind, REPLACE),
        };
        self.send(kind, REQUEST | ACK | flags, &object.payload)?;
        loop {
            let piece = self.socket.receive(&mut self.piece)?;
            for message in messages(piece) {
                if (message.kind, message.sequence) == (ERROR, self.sequence) {
                    return acknowledged(&message);
                }
            }
        }
    }

    fn send(&mut self, kind: u16, flags: u16, payload: &[u8]) -> nix::Result<()> {
        self.sequence = self.sequence.wrapping_add(1);
        let mut request = Vec::new();
        put_message(&mut request, kind, flags, self.sequence, payload);
        self.socket.send(&request)
    }
}

/// An object of that kind. A kernel without IPv6, asked for that, tells of all other families.
fn told(message: &Message<'_>, kind: u16, family: u8) -> Option<Object> {
    let payload = message.payload;
    let is_it = message.kind == kind
        && payload.len() >= Object::head_len(kind)
        && (family == 0 || payload.first() == Some(&family));
    is_it.then(|| Object {
        kind,
        payload: payload.to_vec(),
    })
}

/// The last message of a dump, which bears an errno where it is not whole, in both kinds in
/// the same place.
fn ended(message: &Message<'_>) -> nix::Result<()> {
    match acknowledged(message) {
        // A kernel that was built without IPv6, or without rules, has none of them.
        Err(Errno::EOPNOTSUPP | Errno::EAFNOSUPPORT) => Ok(()),
        done => done,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dump_that_breaks_off_is_none() {
        let of = |errno: i32| {
            let message = Message {
                kind: DONE,
                flags: 0,
                sequence: 1,
                payload: &errno.to_ne_bytes(),
            };
            ended(&message)
        };
        assert_eq!(of(0), Ok(()));
        assert_eq!(of(-12), Err(Errno::ENOMEM));
        assert_eq!(of(-95), Ok(()));
        assert_eq!(of(-97), Ok(()));
    }

    /// Else an interface would have each of its addresses twice, and "several".
    #[test]
    fn a_kernel_without_ipv6_tells_of_others() {
        let of = |family: u8| {
            let message = Message {
                kind: NEW_ADDRESS,
                flags: 0,
                sequence: 1,
                payload: &[INET, 24, 0, 0, 3, 0, 0, 0],
            };
            told(&message, NEW_ADDRESS, family).is_some()
        };
        assert_eq!((of(INET), of(INET6), of(0)), (true, false, true));
    }
}

//! Requests and answers as bytes, and back; the module above has them in prose.

use super::hmac::{same, Key};
use std::net::{IpAddr, Ipv6Addr, SocketAddr};

pub const REQUEST: usize = 96;
/// The longest answer.
pub const ANSWER: usize = 34 + 4 * PORTS;
/// What both begin with.
pub const HEAD: usize = 16;
const MAGIC: [u8; 4] = *b"EBLp";
pub const VERSION: u8 = 1;

/// Where a request's fields lie.
const COOKIE: usize = 16;
const TIME: usize = 32;
const FLAG: usize = 36;
const SPARE: usize = 37;
const TAG: usize = 80;

/// Of each transport a peer has so many ports at most.
pub(crate) const PORTS: usize = 8;

pub type Nonce = [u8; 8];
pub type Cookie = [u8; 16];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ask {
    Echo,
    /// Connect to this port of the asker's; `silent`: there is a service that would not
    /// understand a call.
    Dial {
        port: u16,
        silent: bool,
    },
    /// Say nothing for so long; then it is the asker's turn, or the peer's.
    Hold {
        ms: u32,
        asker_speaks: bool,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Request {
    pub ask: Ask,
    pub nonce: Nonce,
    pub cookie: Cookie,
}

/// Why bytes are no request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    Garbage,
    /// Of another version.
    Version(Nonce),
}

/// The ports that a peer listens on, zeros behind them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Ports {
    pub tcp: [u16; PORTS],
    pub udp: [u16; PORTS],
    /// A connection of the peer's has come to somebody since its start.
    pub has_dialled: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialled {
    Connected,
    Refused,
    TimedOut,
    Unreachable,
    CannotDial,
}

/// Why a peer does not do what it is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    Version(u8),
    Key,
    Busy,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    Cookie(Cookie),
    Echo { seen: SocketAddr, ports: Ports },
    Dialled(Dialled),
    Held { is_over: bool },
    Refused(Refusal),
    Call,
}

impl Dialled {
    /// The place of each is its number.
    const ALL: [Self; 5] = [
        Self::Connected,
        Self::Refused,
        Self::TimedOut,
        Self::Unreachable,
        Self::CannotDial,
    ];
}

fn head(kind: u8, number: u16, nonce: Nonce) -> [u8; HEAD] {
    let mut head = [0; HEAD];
    head[..4].copy_from_slice(&MAGIC);
    head[4] = VERSION;
    head[5] = kind;
    head[6..8].copy_from_slice(&number.to_be_bytes());
    head[8..].copy_from_slice(&nonce);
    head
}

/// The length of an answer, by the byte that says what it is.
pub(crate) fn answer_len(kind: u8) -> usize {
    match kind {
        128 => HEAD + 16,
        129 => ANSWER,
        _ => HEAD,
    }
}

/// So many bytes of a message, from `at` on.
fn piece<const N: usize>(bytes: &[u8], at: usize) -> Option<[u8; N]> {
    bytes.get(at..)?.get(..N)?.try_into().ok()
}

impl Request {
    pub fn encode(&self, key: Option<&Key>) -> [u8; REQUEST] {
        let (kind, number, ms, flag) = match self.ask {
            Ask::Echo => (0, 0, 0, false),
            Ask::Dial { port, silent } => (1, port, 0, silent),
            Ask::Hold { ms, asker_speaks } => (2, 0, ms, asker_speaks),
        };
        let mut bytes = [0; REQUEST];
        bytes[..HEAD].copy_from_slice(&head(kind, number, self.nonce));
        bytes[COOKIE..TIME].copy_from_slice(&self.cookie);
        bytes[TIME..FLAG].copy_from_slice(&ms.to_be_bytes());
        bytes[FLAG] = flag.into();
        if let Some(key) = key {
            let tag = key.half(&bytes[..TAG]);
            bytes[TAG..].copy_from_slice(&tag);
        }
        bytes
    }

    /// # Errors
    /// Where it is none.
    pub fn decode(bytes: &[u8]) -> Result<Self, Refused> {
        let garbage = Refused::Garbage;
        let nonce = piece(bytes, 8).ok_or(garbage)?;
        if !bytes.starts_with(&MAGIC) {
            return Err(garbage);
        }
        if bytes.get(4) != Some(&VERSION) {
            return Err(Refused::Version(nonce));
        }
        // From here on no place of a field lies behind its end.
        let bytes: &[u8; REQUEST] = bytes.try_into().map_err(|_| garbage)?;
        let number = u16::from_be_bytes(piece(bytes, 6).ok_or(garbage)?);
        let ms = u32::from_be_bytes(piece(bytes, TIME).ok_or(garbage)?);
        let flag = bytes[FLAG] == 1;
        let ask = match (bytes[5], number, ms) {
            (0, 0, 0) if !flag => Ask::Echo,
            (1, port @ 1.., 0) => Ask::Dial { port, silent: flag },
            (2, 0, ms) => Ask::Hold {
                ms,
                asker_speaks: flag,
            },
            _ => return Err(garbage),
        };
        if bytes[FLAG] > 1 || bytes[SPARE..TAG].iter().any(|&byte| byte != 0) {
            return Err(garbage);
        }
        let cookie = piece(bytes, COOKIE).ok_or(garbage)?;
        Ok(Self { ask, nonce, cookie })
    }
}

/// Whether the tag of a request is by that key.
pub fn has_tag_of(request: &[u8; REQUEST], key: &Key) -> bool {
    same(&key.half(&request[..TAG]), &request[TAG..])
}

impl Answer {
    /// Writes it to `to`; its length.
    pub fn encode(&self, nonce: Nonce, to: &mut [u8; ANSWER]) -> usize {
        let (kind, number) = match self {
            Self::Cookie(_) => (128, 0),
            Self::Echo { ports, .. } => (129, u16::from(ports.has_dialled)),
            Self::Dialled(outcome) => (130, *outcome as u16),
            Self::Held { is_over } => (131, u16::from(*is_over)),
            Self::Refused(Refusal::Version(_)) => (132, 1),
            Self::Refused(Refusal::Key) => (132, 2),
            Self::Refused(Refusal::Busy) => (132, 3),
            Self::Call => (133, 0),
        };
        to[..HEAD].copy_from_slice(&head(kind, number, nonce));
        match self {
            Self::Cookie(cookie) => {
                to[HEAD..HEAD + 16].copy_from_slice(cookie);
                HEAD + 16
            }
            Self::Echo { seen, ports } => {
                let ip = match seen.ip() {
                    IpAddr::V4(v4) => v4.to_ipv6_mapped(),
                    IpAddr::V6(v6) => v6,
                };
                to[HEAD..32].copy_from_slice(&ip.octets());
                let numbers = ports.tcp.iter().chain(&ports.udp);
                let numbers = std::iter::once(seen.port()).chain(numbers.copied());
                for (to, number) in to[32..ANSWER].chunks_exact_mut(2).zip(numbers) {
                    to.copy_from_slice(&number.to_be_bytes());
                }
                ANSWER
            }
            _ => HEAD,
        }
    }

    /// The answer, and the request that it is to; `None` if it is none.
    pub fn decode(bytes: &[u8]) -> Option<(Nonce, Self)> {
        if bytes.get(..4)? != MAGIC {
            return None;
        }
        let version = *bytes.get(4)?;
        let nonce = piece(bytes, 8)?;
        let number = u16::from_be_bytes(piece(bytes, 6)?);
        let kind = *bytes.get(5)?;
        if version != VERSION {
            let answer = Self::Refused(Refusal::Version(version));
            return ((kind, number) == (132, 1)).then_some((nonce, answer));
        }
        if bytes.len() != answer_len(kind) {
            return None;
        }
        let answer = match (kind, number) {
            (128, 0) => Self::Cookie(piece(bytes, HEAD)?),
            (129, 0 | 1) => {
                let ip = Ipv6Addr::from(piece::<16>(bytes, HEAD)?);
                let ip = ip.to_ipv4_mapped().map_or(ip.into(), IpAddr::from);
                let mut ports_told = bytes.get(32..)?.chunks_exact(2);
                let mut port = || {
                    let port = ports_told.next().and_then(|two| two.try_into().ok());
                    port.map_or(0, u16::from_be_bytes)
                };
                let seen = (ip, port()).into();
                let mut ports = Ports {
                    has_dialled: number == 1,
                    ..Ports::default()
                };
                for to in ports.tcp.iter_mut().chain(&mut ports.udp) {
                    *to = port();
                }
                Self::Echo { seen, ports }
            }
            (130, outcome) => Self::Dialled(*Dialled::ALL.get(usize::from(outcome))?),
            (131, 0 | 1) => Self::Held {
                is_over: number == 1,
            },
            (132, 2) => Self::Refused(Refusal::Key),
            (132, 3) => Self::Refused(Refusal::Busy),
            (133, 0) => Self::Call,
            _ => return None,
        };
        Some((nonce, answer))
    }
}

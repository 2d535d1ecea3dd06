//! Sockets on ports of their own, and numbers that nobody guesses.

use crate::peer::message::Nonce;
use crate::system::socket::{random, Family, Socket, Transport};
use nix::errno::Errno;

/// Ports of this machine's sockets. The kernel gives out others (from 32768 on), so that
/// nothing was sent from these before, and a neighbour hardly uses the same.
const PORTS: std::ops::Range<u16> = 10_000..32_000;
/// Where the kernel has no generator, they are not random, but still bytes.
pub(super) fn random_bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    let _ = random(&mut bytes);
    bytes
}

pub(super) fn nonce() -> Nonce {
    random_bytes()
}

/// A socket on a port that is used by nothing else.
// The remainder is less than the ports between 10,000 and 32,000.
#[allow(clippy::arithmetic_side_effects, clippy::cast_possible_truncation)]
pub(super) fn bound(transport: Transport, family: Family) -> nix::Result<(Socket, u16)> {
    let mut last = Errno::EADDRINUSE;
    for _ in 0..20 {
        let some = u64::from_ne_bytes(nonce()) % PORTS.len() as u64;
        let port = PORTS.start + some as u16;
        let socket = Socket::new(transport, family)?;
        match socket.bind((family.any(), port).into()) {
            Ok(()) => return Ok((socket, port)),
            Err(errno) => last = errno,
        }
    }
    Err(last)
}

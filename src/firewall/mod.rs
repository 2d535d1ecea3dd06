//! What lies between this machine and others: what passes, and what is made of it. Each
//! finding has sockets of its own, for what one opens would spoil another.

// What is read here others may have chosen: nothing may be cut, wrap or panic. Where a lint
// is allowed, the comment there gives the bound.
#![cfg_attr(
    not(test),
    warn(
        clippy::arithmetic_side_effects,
        clippy::cast_possible_truncation,
        clippy::cast_possible_wrap,
        clippy::cast_sign_loss,
        clippy::indexing_slicing
    )
)]

mod calls;
mod carrier;
pub(crate) mod class;
mod exchange;
pub(crate) mod finding;
pub(crate) mod findings;
#[cfg(fuzzing)]
#[path = "../../tests/fuzz/targets/board.rs"]
pub(crate) mod fuzz;
mod idle;
mod mapping;
mod peer_seen;
mod prober;
mod seen;
mod slot;
mod sockets;
mod survey;
#[cfg(test)]
mod tests;

use crate::peer::hmac::Key;
use crate::peer::message::{Dialled, Refusal};
use crate::system::signals::EndSignals;
use nix::errno::Errno;
use prober::Prober;
pub(crate) use seen::Seen;
use std::net::IpAddr;
use survey::Survey;
pub(crate) use survey::{ports, Wish};

/// A peer that is to be asked, and a port of its that is none of the usual ones.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Target {
    pub(crate) ip: IpAddr,
    pub(crate) port: Option<u16>,
}

/// Why nothing is known; of a peer, with its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Failure {
    System(Errno),
    NoWay(usize, Errno),
    /// No port of it answers.
    Silent(usize),
    Refused(usize, Refusal),
    /// A signal came.
    Ended,
}

impl From<Errno> for Failure {
    fn from(errno: Errno) -> Self {
        Self::System(errno)
    }
}

/// Looks at the network on the way to the peers.
pub(crate) fn look(
    targets: &[Target],
    key: Option<Key>,
    wish: Wish,
    ending: &EndSignals,
) -> Result<Seen, Failure> {
    let mut prober = Prober::new(key, ending)?;
    for (at, target) in targets.iter().enumerate() {
        let added = prober.add_peer(target.ip);
        added.map_err(|errno| Failure::NoWay(at, errno))?;
    }
    let more: Vec<Option<u16>> = targets.iter().map(|target| target.port).collect();
    let mut survey = Survey::begin(&mut prober, &more)?.ok_or(Failure::Ended)?;
    for (at, peer) in survey.prober.peers.iter().enumerate() {
        if let Some(refusal) = peer.refusal {
            return Err(Failure::Refused(at, refusal));
        }
        if peer.ports.is_none() {
            return Err(Failure::Silent(at));
        }
    }
    if !survey.go_on(wish)? {
        return Err(Failure::Ended);
    }
    if let Some(up_to_ms) = wish.idle_up_to_ms {
        survey.seen.is_cut = !idle::measure(&mut survey, up_to_ms)?;
    }
    Ok(survey.seen)
}

/// How a peer's connection went, in words.
pub(crate) fn told(told: Option<Dialled>) -> &'static str {
    match told {
        Some(Dialled::Connected) => "it connected",
        Some(Dialled::Refused) => "it was refused",
        Some(Dialled::TimedOut) => "it timed out",
        Some(Dialled::Unreachable) => "the network says unreachable",
        Some(Dialled::CannotDial) => "the peer itself cannot dial",
        None => "the peer did not say how it went",
    }
}

//! Whether it depends on the destination to which port a translator maps a socket. Pure.

use super::finding::{Answer, Known};
use super::seen::{Seen, SocketSeen, Way};
use std::fmt::Write;

/// Of nine sockets.
const OFTEN: usize = 6;

/// What a socket says of whether the destination decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Vote {
    Same,
    /// Port by port a translator keeps what it can: where one of two is the socket's own,
    /// the other may have been taken by somebody else.
    Taken,
    Differs,
}

/// By port, and by address.
// A place among them has one behind it, or their end; there are two votes.
#[allow(clippy::arithmetic_side_effects, clippy::indexing_slicing)]
fn votes(socket: &SocketSeen) -> [Option<Vote>; 2] {
    let mut votes = [None; 2];
    for (at, one) in socket.ways.iter().enumerate() {
        for other in &socket.ways[at + 1..] {
            let keeps = keeps_port(&one.1) || keeps_port(&other.1);
            let vote = match one.1.seen == other.1.seen {
                true => Vote::Same,
                false if keeps => Vote::Taken,
                false => Vote::Differs,
            };
            let by_address = one.0.ip() != other.0.ip();
            let so_far = &mut votes[usize::from(by_address)];
            *so_far = (*so_far).max(Some(vote));
        }
    }
    votes
}

fn keeps_port(way: &Way) -> bool {
    way.local.port() == way.seen.port()
}

// There are two votes.
#[allow(clippy::indexing_slicing)]
pub(super) fn mapping(seen: &Seen) -> Answer {
    let votes: Vec<[Option<Vote>; 2]> = seen.sockets.iter().map(votes).collect();
    let decided = |by: usize| {
        let count = |what: Vote| votes.iter().filter(|vote| vote[by] == Some(what)).count();
        match (count(Vote::Differs), count(Vote::Same)) {
            (differ @ 2.., same) if same < differ => Known::Yes,
            (differ, same @ 2..) if differ < same => Known::No,
            // So often nobody else has it.
            _ if count(Vote::Taken) >= OFTEN => Known::Yes,
            _ => Known::Not,
        }
    };
    let (by_port, by_address) = (decided(0), decided(1));
    let example = seen.sockets.iter().find(|socket| socket.ways.len() > 1);
    let mut text = String::new();
    for (to, way) in example.iter().flat_map(|socket| &socket.ways) {
        let start = match text.is_empty() {
            true => format!("port {} is ", way.local.port()),
            false => ", ".to_owned(),
        };
        let _ = write!(text, "{start}{} to {to}", way.seen);
    }
    let words = [by_port, by_address].map(Known::word);
    let evidence = format!("by port: {}, by address: {}", words[0], words[1]);
    let evidence = match (text.is_empty(), seen.peers) {
        (true, _) => format!("{evidence}: two UDP ports have to pass"),
        (false, 1) => format!("{evidence} (takes a second --peer); {text}"),
        (false, _) => format!("{evidence}; {text}"),
    };
    let known = match (by_port, by_address) {
        (Known::Yes, _) | (_, Known::Yes) => Known::Yes,
        (Known::No, _) | (_, Known::No) => Known::No,
        (Known::Not, Known::Not) => Known::Not,
    };
    (known, evidence)
}

//! Silences over UDP, each of which ends with a datagram of the peer's.

use super::buckets::CONNECTIONS;
use super::connection::Origin;
use super::message::Nonce;

/// Of them at a time, and those of one network among them. So many connections, too, may last
/// longer than others: of one network no more are taken.
pub(super) const HOLDS: usize = 64;
const OF_NETWORK: usize = CONNECTIONS as usize;
/// How often the end of one is told, of which a datagram may be lost.
const SPOKEN: u8 = 3;
const SECOND_NS: u64 = 1_000_000_000;

struct Hold {
    with: Origin,
    bucket: usize,
    nonce: Nonce,
    due_ns: u64,
    spoken: u8,
}

pub(super) struct Holds(Vec<Hold>);

impl Holds {
    pub(super) fn new() -> Self {
        Self(Vec::with_capacity(HOLDS))
    }

    /// Begins one, or one that has begun already anew: the answer to the request before was
    /// lost, and this one was no silence. `bucket` is that of the asker's network. Whether it is
    /// kept.
    pub(super) fn begin(&mut self, with: Origin, bucket: usize, nonce: Nonce, due_ns: u64) -> bool {
        let is_same = |other: &&mut Hold| (other.with, other.nonce) == (with, nonce);
        if let Some(hold) = self.0.iter_mut().find(is_same) {
            hold.due_ns = due_ns;
            return true;
        }
        let theirs = self.0.iter().filter(|hold| hold.bucket == bucket);
        let has_room = self.0.len() < HOLDS && theirs.count() < OF_NETWORK;
        if has_room {
            let spoken = 0;
            self.0.push(Hold {
                with,
                bucket,
                nonce,
                due_ns,
                spoken,
            });
        }
        has_room
    }

    /// When something is to be said next.
    pub(super) fn next_ns(&self) -> u64 {
        let due = self.0.iter().map(|hold| hold.due_ns);
        due.min().unwrap_or(u64::MAX)
    }

    /// One that is over, whose end is to be told now.
    pub(super) fn next_over(&mut self, now_ns: u64) -> Option<(Origin, Nonce)> {
        let at = self.0.iter().position(|hold| hold.due_ns <= now_ns)?;
        let hold = self.0.get_mut(at)?;
        let told = (hold.with, hold.nonce);
        hold.spoken = hold.spoken.saturating_add(1);
        hold.due_ns = hold.due_ns.saturating_add(SECOND_NS);
        if hold.spoken == SPOKEN {
            self.0.swap_remove(at);
        }
        Some(told)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the board has sent last opens the way anew: from there on it is silent.
    #[test]
    fn a_silence_begins_with_the_last_request() {
        let with = Origin::Connection(1);
        let mut holds = Holds::new();
        assert!(holds.begin(with, 5, [7; 8], 20 * SECOND_NS));
        assert!(holds.begin(with, 5, [7; 8], 25 * SECOND_NS));
        assert_eq!(holds.next_over(20 * SECOND_NS), None);
        let told = [25, 26, 27].map(|at| holds.next_over(at * SECOND_NS));
        assert_eq!(told, [Some((with, [7; 8])); 3]);
        assert_eq!(holds.next_ns(), u64::MAX);
    }

    #[test]
    fn one_network_leaves_room_for_others() {
        let mut holds = Holds::new();
        let mut begin = |bucket, number: u8| {
            let with = Origin::Connection(number.into());
            holds.begin(with, bucket, [number; 8], SECOND_NS)
        };
        let kept = (0..40).filter(|number| begin(5, *number)).count();
        assert_eq!(kept, 16);
        let others = (100..200).filter(|number| begin(usize::from(*number), *number));
        assert_eq!(others.count(), 48);
        // One that has begun is begun anew all the same.
        assert!(begin(5, 0));
    }
}

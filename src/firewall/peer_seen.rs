//! A peer, as far as it is known.

use crate::peer::message::{Cookie, Ports, Refusal};
use std::net::IpAddr;

const MINUTE_NS: u64 = 60_000_000_000;

/// One who is asked.
pub(super) struct PeerSeen {
    pub(super) ip: IpAddr,
    /// This machine's address on the way there.
    pub(super) local: IpAddr,
    pub(super) cookie: Cookie,
    /// When that came; 0: none has.
    cookie_ns: u64,
    /// A cookie came that is not of the one that gave those before: it was started anew.
    pub(super) is_another: bool,
    pub(super) ports: Option<Ports>,
    pub(super) refusal: Option<Refusal>,
}

impl PeerSeen {
    pub(super) fn new(ip: IpAddr, local: IpAddr) -> Self {
        Self {
            ip,
            local,
            cookie: [0; 16],
            cookie_ns: 0,
            is_another: false,
            ports: None,
            refusal: None,
        }
    }

    /// Takes a cookie. Its first byte counts the minutes of the peer; in one minute it gives
    /// one cookie.
    // The clock only grows, and the lowest byte is what is compared.
    #[allow(clippy::arithmetic_side_effects, clippy::cast_possible_truncation)]
    pub(super) fn take(&mut self, cookie: Cookie, now_ns: u64) {
        let minutes = cookie[0].wrapping_sub(self.cookie[0]);
        let passed = ((now_ns - self.cookie_ns) / MINUTE_NS) as u8;
        let is_other_minute = minutes.wrapping_sub(passed).wrapping_add(1) > 2;
        let is_other = is_other_minute || minutes == 0 && cookie != self.cookie;
        self.is_another |= self.cookie_ns > 0 && is_other;
        (self.cookie, self.cookie_ns) = (cookie, now_ns);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND_NS: u64 = 1_000_000_000;

    /// Whether those that came so many seconds after the first are of another peer: each by
    /// its minute, and by what else it holds.
    fn another(cookies: &[(u64, u8, u8)]) -> bool {
        let ip = IpAddr::from([192, 0, 2, 7]);
        let mut peer = PeerSeen::new(ip, ip);
        for &(seconds, minute, rest) in cookies {
            let mut cookie = [rest; 16];
            cookie[0] = minute;
            peer.take(cookie, (1000 + seconds) * SECOND_NS);
        }
        peer.is_another
    }

    #[test]
    fn a_peer_that_was_started_anew_gives_other_cookies() {
        // The first, once more, in the next minute, after 59 s in the next but one, over
        // the end of the byte.
        assert!(!another(&[
            (0, 254, 1),
            (1, 254, 1),
            (2, 255, 2),
            (61, 0, 3),
            (182, 2, 4)
        ]));
        // The minute that it would have, an hour later.
        assert!(!another(&[(0, 9, 1), (3600, 69, 2)]));
        assert!(another(&[(0, 9, 1), (3600, 30, 2)]));
        assert!(another(&[(0, 9, 1), (3600, 71, 2)]));
        assert!(another(&[(0, 9, 1), (30, 0, 2)]));
        // Another in the same minute.
        assert!(another(&[(0, 0, 1), (70, 0, 2)]));
    }
}

//! A request, tried until it is answered or its time is over.

use crate::peer::message::{Answer, Ask, Dialled, Nonce};
use crate::system::socket::Transport;
use nix::errno::Errno;
use std::net::{IpAddr, SocketAddr};

const SECOND_NS: u64 = 1_000_000_000;
const MS_NS: u64 = 1_000_000;
/// A negative takes so long, and so many tries: a datagram each second, a connection every
/// two, for TCP repeats what is lost by itself.
const PATIENCE_NS: u64 = 6 * SECOND_NS;
const DATAGRAM_NS: u64 = SECOND_NS;
const CONNECTION_NS: u64 = 2 * SECOND_NS;
/// A peer that dials gives up after 2.5 s; three times it is asked to.
const DIAL_NS: u64 = 2_700_000_000;
const DIAL_PATIENCE_NS: u64 = 8 * SECOND_NS;

/// What is asked, of whom, and how.
#[derive(Debug, Clone, Copy)]
pub(super) struct Plan {
    /// The place of the peer among those that are asked.
    pub(super) peer: usize,
    pub(super) transport: Transport,
    pub(super) port: u16,
    /// As a TLS handshake.
    pub(super) clothed: bool,
    pub(super) ask: Ask,
    /// Routers that it may pass.
    pub(super) ttl: Option<u8>,
    /// A datagram's socket that others use as well.
    pub(super) socket: Option<usize>,
    /// It is asked once more, after a silence of so many milliseconds.
    pub(super) again_after_ms: Option<u32>,
}

impl Plan {
    pub(super) fn echo(peer: usize, transport: Transport, port: u16) -> Self {
        Self {
            peer,
            transport,
            port,
            clothed: false,
            ask: Ask::Echo,
            ttl: None,
            socket: None,
            again_after_ms: None,
        }
    }
}

/// Why there is no answer: the most that was seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Lack {
    Silent,
    /// The network says that it does not let it pass.
    Unreachable,
    Refused,
    /// There was a connection, which was reset, or nothing came over it.
    Broken,
    /// Something answered that is not the peer.
    Foreign,
}

impl Lack {
    pub(super) fn of(errno: Errno) -> Self {
        match errno {
            Errno::ECONNREFUSED | Errno::ECONNRESET => Self::Refused,
            Errno::ETIMEDOUT => Self::Silent,
            _ => Self::Unreachable,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    Asking,
    Silent,
    Again,
}

#[derive(Debug)]
pub(super) struct Exchange {
    pub(super) plan: Plan,
    pub(super) nonce: Nonce,
    pub(super) stage: Stage,
    /// When it is tried next, and until when an answer counts.
    pub(super) next_ns: u64,
    pub(super) end_ns: u64,
    pub(super) answer: Option<Answer>,
    pub(super) local: Option<SocketAddr>,
    pub(super) lack: Lack,
    /// The router at which it ended.
    pub(super) router: Option<IpAddr>,
    /// The address that the peer saw before the silence.
    pub(super) seen_before: Option<SocketAddr>,
    /// A call that was asked for came.
    pub(super) called: bool,
    /// Cookies that came for it: a peer whose cookies are not good is not asked for ever.
    cookies: u8,
}

// Moments are of a clock that began with the machine, and are nowhere near their end; what is
// added is 50 days at most.
#[allow(clippy::arithmetic_side_effects)]
impl Exchange {
    pub(super) fn new(plan: Plan, nonce: Nonce, now_ns: u64) -> Self {
        let patience_ns = match plan.ask {
            Ask::Dial { .. } => DIAL_PATIENCE_NS,
            Ask::Echo | Ask::Hold { .. } => PATIENCE_NS,
        };
        Self {
            plan,
            nonce,
            stage: Stage::Asking,
            next_ns: now_ns,
            end_ns: now_ns + patience_ns,
            answer: None,
            local: None,
            lack: Lack::Silent,
            router: None,
            seen_before: None,
            called: false,
            cookies: 0,
        }
    }

    pub(super) fn is_over(&self, now_ns: u64) -> bool {
        let is_answered = match (self.answer, self.plan.ask) {
            // The call itself counts, not what the peer says of it.
            (Some(Answer::Dialled(Dialled::Connected)), Ask::Dial { silent, .. }) => silent,
            (Some(Answer::Dialled(outcome)), _) => outcome == Dialled::CannotDial,
            (answer, _) => answer.is_some(),
        };
        is_answered || self.called || self.router.is_some() || now_ns >= self.end_ns
    }

    /// The moment of the next try after one now.
    pub(super) fn tried(&mut self, now_ns: u64) {
        let wait_ns = match (self.plan.transport, self.plan.ask) {
            (_, Ask::Dial { .. }) => DIAL_NS,
            (Transport::Udp, _) => DATAGRAM_NS,
            (Transport::Tcp, _) => CONNECTION_NS,
        };
        self.next_ns = now_ns + wait_ns;
    }

    pub(super) fn lacks(&mut self, lack: Lack) {
        self.lack = self.lack.max(lack);
    }

    /// Whether the request is to be sent once more, with the cookie that has come.
    pub(super) fn takes_cookie(&mut self) -> bool {
        self.cookies = self.cookies.saturating_add(1);
        self.cookies < 20
    }

    /// Takes an answer; whether the connection that brought it is still needed.
    pub(super) fn take(&mut self, answer: Answer, now_ns: u64) -> bool {
        match (answer, self.stage) {
            (Answer::Refused(_), _) => {
                self.lacks(Lack::Broken);
                return false;
            }
            (Answer::Held { is_over: false }, Stage::Asking) => {}
            (Answer::Echo { seen, .. }, Stage::Asking) if self.plan.again_after_ms.is_some() => {
                self.seen_before = Some(seen);
            }
            // To a request that was sent twice, as the way is long: not what is waited for.
            (Answer::Held { is_over: false } | Answer::Echo { .. }, Stage::Silent) => return true,
            // Asked twice, it may have got through once: that counts.
            _ if self.answer == Some(Answer::Dialled(Dialled::Connected)) => return false,
            _ => {
                self.answer = Some(answer);
                return false;
            }
        }
        let ms = match (self.plan.ask, self.plan.again_after_ms) {
            (_, Some(ms)) | (Ask::Hold { ms, .. }, None) => ms,
            _ => 0,
        };
        let over_ns = now_ns + u64::from(ms) * MS_NS;
        self.stage = Stage::Silent;
        self.end_ns = over_ns + PATIENCE_NS;
        // Where it is the peer's turn, nothing is sent any more.
        self.next_ns = match self.plan.again_after_ms {
            Some(_) => over_ns,
            None => u64::MAX,
        };
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::peer::message::Ports;

    const NOW_NS: u64 = 5 * SECOND_NS;

    fn echo(port: u16) -> Answer {
        let (tcp, udp) = Default::default();
        let ports = Ports {
            tcp,
            udp,
            has_dialled: false,
        };
        let seen = SocketAddr::from(([203, 0, 113, 2], port));
        Answer::Echo { seen, ports }
    }

    /// It is sent again before the answer comes, and has a second one then.
    #[test]
    fn a_second_answer_does_not_end_a_silence() {
        let silent = |ask, first, again_after_ms| {
            let plan = Plan {
                ask,
                again_after_ms,
                ..Plan::echo(0, Transport::Udp, 53)
            };
            let mut exchange = Exchange::new(plan, [0; 8], 0);
            assert!(exchange.take(first, NOW_NS));
            assert!(exchange.take(first, NOW_NS + 1));
            assert_eq!(exchange.stage, Stage::Silent);
            assert!(!exchange.is_over(NOW_NS + 2));
            exchange
        };
        let mut spoken = silent(Ask::Echo, echo(9), Some(9000));
        assert_eq!(spoken.next_ns, 14 * SECOND_NS);
        spoken.stage = Stage::Again;
        assert!(!spoken.take(echo(9), NOW_NS));
        assert!(spoken.is_over(NOW_NS));
        let hold = Ask::Hold {
            ms: 9000,
            asker_speaks: false,
        };
        let mut heard = silent(hold, Answer::Held { is_over: false }, None);
        assert!(!heard.take(Answer::Held { is_over: true }, NOW_NS));
        assert!(heard.is_over(NOW_NS));
    }

    /// A second connection that is slow says nothing against the first.
    #[test]
    fn what_got_through_once_is_not_taken_back() {
        let ask = Ask::Dial {
            port: 6443,
            silent: true,
        };
        let plan = Plan {
            ask,
            ..Plan::echo(0, Transport::Tcp, 443)
        };
        let mut exchange = Exchange::new(plan, [0; 8], 0);
        let told = [Dialled::TimedOut, Dialled::Connected, Dialled::TimedOut];
        for told in told {
            assert!(!exchange.take(Answer::Dialled(told), NOW_NS));
        }
        let connected = Some(Answer::Dialled(Dialled::Connected));
        assert_eq!(exchange.answer, connected);
    }

    /// As many as the evidence says: a fourth would not be over in time.
    #[test]
    fn a_peer_is_asked_to_dial_three_times() {
        let ask = Ask::Dial {
            port: 9,
            silent: false,
        };
        let plan = Plan {
            ask,
            ..Plan::echo(0, Transport::Tcp, 443)
        };
        let mut exchange = Exchange::new(plan, [0; 8], NOW_NS);
        let mut tries = 0;
        while !exchange.is_over(exchange.next_ns) {
            exchange.tried(exchange.next_ns);
            tries += 1;
        }
        assert_eq!(tries, 3);
    }

    #[test]
    fn a_peer_that_gives_nothing_but_cookies_is_asked_19_times_more() {
        let plan = Plan::echo(0, Transport::Udp, 443);
        let mut exchange = Exchange::new(plan, [0; 8], 0);
        let again = (0..1000).filter(|_| exchange.takes_cookie()).count();
        assert_eq!(again, 19);
    }
}

//! What was seen, as findings: each yes, no or not known, with its evidence. Pure.

use super::carrier::carrier;
use super::exchange::Lack;
use super::finding::{Answer, Finding, Known, Question};
use super::mapping::mapping;
use super::seen::{CallSeen, IdleSeen, PortSeen, Seen, Way};
use crate::peer::message::Dialled;
use crate::system::socket::Transport;
use std::fmt::Write;

/// All findings; that of idle time-outs only where these were measured.
pub(crate) fn findings(seen: &Seen) -> Vec<Finding> {
    let mut all = vec![
        (Question::InboundKeptOut, inbound(seen)),
        (Question::PortsLimited, ports(seen)),
        (Question::UdpBlocked, udp(seen)),
        (Question::MappedByDestination, mapping(seen)),
        (Question::ContentFiltered, content(seen)),
        (Question::CarrierNat, carrier(seen)),
        (Question::Translated, translated(seen)),
    ];
    if !seen.idle.is_empty() {
        all.push((Question::ShortIdle, idle(&seen.idle)));
    }
    let finding = |(question, (known, evidence))| Finding {
        question,
        known,
        evidence,
    };
    all.into_iter().map(finding).collect()
}

fn transport(transport: Transport) -> &'static str {
    match transport {
        Transport::Tcp => "TCP",
        Transport::Udp => "UDP",
    }
}

/// Why a port does not get through, by the most that was seen; `None`: it does, by whatever
/// shape and to whichever peer.
fn lack(seen: &Seen, transport: Transport, port: u16) -> Option<Lack> {
    let mut most = None;
    for one in &seen.ports {
        if (one.transport, one.port) == (transport, port) {
            most = most.max(Some(one.outcome.err()?));
        }
    }
    most
}

/// The ports that were tried.
fn tried(seen: &Seen, transport: Transport) -> Vec<u16> {
    let mut ports = Vec::new();
    for one in seen.ports.iter().filter(|one| one.transport == transport) {
        if let Err(at) = ports.binary_search(&one.port) {
            ports.insert(at, one.port);
        }
    }
    ports
}

fn udp_is_blocked(seen: &Seen) -> Known {
    let through = |all: Transport| {
        let ports = tried(seen, all);
        let passed = ports.iter().any(|&port| lack(seen, all, port).is_none());
        (!ports.is_empty()).then_some(passed)
    };
    match (through(Transport::Udp), through(Transport::Tcp)) {
        (Some(true), _) => Known::No,
        (Some(false), Some(true)) => Known::Yes,
        _ => Known::Not,
    }
}

fn udp(seen: &Seen) -> Answer {
    let known = udp_is_blocked(seen);
    let ports = listed(&tried(seen, Transport::Udp));
    let evidence = match known {
        Known::Yes => format!("no answer from UDP {ports}, in 6 tries over 6 s, while TCP passes"),
        Known::No => "the peer answers over UDP".to_owned(),
        Known::Not => "no port of the peer could tell".to_owned(),
    };
    (known, evidence)
}

/// How ports fare, the open ones first.
const FATES: [(Option<Lack>, &str); 6] = [
    (None, "open"),
    (Some(Lack::Silent), "no answer"),
    (Some(Lack::Unreachable), "the network says unreachable"),
    (Some(Lack::Refused), "refused"),
    (Some(Lack::Broken), "connected, then nothing"),
    (Some(Lack::Foreign), "something else answers"),
];

fn ports(seen: &Seen) -> Answer {
    let mut text = String::new();
    let (mut passes, mut is_blocked) = (false, false);
    for all in [Transport::Tcp, Transport::Udp] {
        // Of UDP altogether another finding tells.
        let mut counts = all == Transport::Tcp;
        for (fate, word) in FATES {
            let mut ports = tried(seen, all);
            ports.retain(|&port| lack(seen, all, port) == fate);
            if ports.is_empty() {
                continue;
            }
            match fate {
                None => (passes, counts) = (true, true),
                Some(_) => is_blocked |= counts,
            }
            let gap = if text.is_empty() { "" } else { "; " };
            let (all, ports) = (transport(all), listed(&ports));
            let _ = write!(text, "{gap}{all} {ports}: {word}");
        }
    }
    let known = if passes {
        Known::of(is_blocked)
    } else {
        Known::Not
    };
    (known, text)
}

/// `80, 443`.
pub(crate) fn listed(ports: &[u16]) -> String {
    let mut text = String::new();
    for port in ports {
        let gap = if text.is_empty() { "" } else { ", " };
        let _ = write!(text, "{gap}{port}");
    }
    text
}

fn translated(seen: &Seen) -> Answer {
    let mut ways = seen.ports.iter().filter_map(|one| one.outcome.ok());
    // A way that is translated tells more than one that is not.
    let first = ways.clone().next();
    let is_translated = |way: &Way| way.local.ip() != way.seen.ip();
    match ways.find(is_translated).or(first) {
        Some(way) => (
            Known::of(is_translated(&way)),
            format!("{} here, {} at the peer", way.local, way.seen),
        ),
        None => (Known::Not, "no answer from the peer".to_owned()),
    }
}

// A call that told something is one of them; all are to one port.
#[allow(clippy::indexing_slicing)]
fn inbound(seen: &Seen) -> Answer {
    if let Some(call) = seen.calls.iter().find(|call| call.came) {
        let evidence = format!("the peer's connection to port {} came here", call.port);
        return (Known::No, evidence);
    }
    let told = seen.calls.iter().map(|call| call.told);
    match told.clone().find(|told| can_dial(*told)).flatten() {
        Some(told) => {
            let port = seen.calls[0].port;
            let how = match told {
                Dialled::Refused => "were refused",
                Dialled::Unreachable => "were told that it is unreachable",
                Dialled::Connected => "ended at something else",
                Dialled::TimedOut | Dialled::CannotDial => "timed out",
            };
            let mut evidence = format!("the peer's 3 connections to port {port} {how}");
            let is_shown = peer_can_dial(seen);
            if !is_shown {
                evidence.push_str(
                    "; its own network may keep them in, for none has come to anybody yet: \
                     ask it from an open network first, or name a second --peer",
                );
            }
            (if is_shown { Known::Yes } else { Known::Not }, evidence)
        }
        None if told.flatten().next().is_some() => {
            (Known::Not, "the peer itself cannot dial".to_owned())
        }
        None => (Known::Not, "the peer did not say how it went".to_owned()),
    }
}

fn can_dial(told: Option<Dialled>) -> bool {
    !matches!(told, None | Some(Dialled::CannotDial))
}

/// Whether something shows that the peer's connections leave its own network, so that one
/// that did not come tells of this network: it has connected, now or before, it was
/// refused, or there are two peers.
pub(crate) fn peer_can_dial(seen: &Seen) -> bool {
    let mut dialled = seen.calls.iter().filter(|call| can_dial(call.told));
    let has_answer = |call: &CallSeen| {
        let told = call.told;
        call.has_dialled || matches!(told, Some(Dialled::Connected | Dialled::Refused))
    };
    dialled.clone().any(has_answer) || dialled.nth(1).is_some()
}

fn content(seen: &Seen) -> Answer {
    let of = |clothed: bool| {
        let is_it = |one: &&PortSeen| {
            (one.transport, one.port, one.clothed) == (Transport::Tcp, 443, clothed)
        };
        let all = seen.ports.iter().filter(is_it);
        let passes = |one: &PortSeen| one.outcome.is_ok();
        (all.clone().next().is_some()).then(|| all.clone().any(passes))
    };
    let (known, evidence) = match (of(false), of(true)) {
        (Some(true), Some(true)) => (Known::No, "plain bytes and a TLS handshake pass"),
        (Some(false), Some(true)) => (Known::Yes, "a TLS handshake passes, plain bytes do not"),
        (Some(true), Some(false)) => (Known::Yes, "plain bytes pass, a TLS handshake does not"),
        (Some(false), Some(false)) => (Known::Not, "TCP 443 does not pass"),
        _ => (Known::Not, "the peer has no TCP 443"),
    };
    (known, evidence.to_owned())
}

fn idle(all: &[IdleSeen]) -> Answer {
    let mut text = String::new();
    let mut known = Known::No;
    for one in all {
        let gap = if text.is_empty() { "" } else { "; " };
        let first = if one.speaks_here { "board" } else { "peer" };
        let _ = write!(text, "{gap}{}, {first} speaks: ", transport(one.transport));
        let seconds = |ms: u32| f64::from(ms / 100) / 10.0;
        let _ = match (one.alive_ms, one.dead_ms) {
            (Some(alive), None) => write!(text, "alive after {} s", seconds(alive)),
            (Some(alive), Some(dead)) => {
                write!(
                    text,
                    "dies between {} and {} s",
                    seconds(alive),
                    seconds(dead)
                )
            }
            (None, Some(dead)) => write!(text, "dead after {} s", seconds(dead)),
            (None, None) => write!(text, "not known"),
        };
        let decisive_ms = one.decisive_ms();
        if one.dead_ms.is_some_and(|dead| dead <= decisive_ms) {
            known = Known::Yes;
        } else if one.alive_ms.map_or(true, |alive| alive < decisive_ms) && known == Known::No {
            known = Known::Not;
        }
    }
    (known, text)
}

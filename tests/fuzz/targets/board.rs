//! The board's side of a peer's protocol: the input is what the peers say, and what is seen
//! is judged.

use super::exchange::{Lack, Plan};
use super::finding::Finding;
use super::prober::Prober;
use super::seen::{CallSeen, HopSeen, IdleSeen, PortSeen, Seen, SocketSeen, Way};
use super::sockets::bound;
use super::{class, findings};
use crate::fuzzing::Bytes;
use crate::peer::hmac::Key;
use crate::peer::message::{Answer, Ask, Dialled, Nonce, Ports, Refusal, ANSWER};
use crate::peer::shape::{server_hello, SERVER_HELLO};
use crate::system::signals::EndSignals;
use crate::system::socket::{Family, Socket, Transport};
use nix::sys::signal::SigSet;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

const DIALLED: [Dialled; 5] = [
    Dialled::Connected,
    Dialled::Refused,
    Dialled::TimedOut,
    Dialled::Unreachable,
    Dialled::CannotDial,
];

pub(crate) fn board(input: &[u8]) {
    let mut input = Bytes(input);
    match input.byte() {
        0 => judged(&mut input),
        kind => asked(kind, &mut input),
    }
}

/// An address of a few, so that some are the same.
fn address(input: &mut Bytes<'_>) -> SocketAddr {
    let which = input.byte();
    let ip: IpAddr = match which & 8 {
        0 => Ipv4Addr::new(10, 0, which >> 6, which & 3).into(),
        _ => Ipv4Addr::new(which, 7, 7, 7).to_ipv6_mapped().into(),
    };
    (ip, 1000 + u16::from(which >> 4 & 3)).into()
}

fn way(input: &mut Bytes<'_>) -> Way {
    Way {
        local: address(input),
        seen: address(input),
    }
}

fn dialled(input: &mut Bytes<'_>) -> Option<Dialled> {
    DIALLED.get(usize::from(input.byte() % 6)).copied()
}

fn transport(input: &mut Bytes<'_>) -> Transport {
    match input.byte() & 1 {
        0 => Transport::Tcp,
        _ => Transport::Udp,
    }
}

/// Whatever was seen, there are findings, in words.
fn judged(input: &mut Bytes<'_>) {
    let mut seen = Seen {
        local: Some(address(input).ip()),
        peers: usize::from(input.byte() % 3),
        ..Seen::default()
    };
    while !input.is_empty() {
        match input.byte() % 6 {
            0 => seen.ports.push(PortSeen {
                transport: transport(input),
                port: input.number(),
                clothed: input.byte() & 1 == 1,
                outcome: match input.byte() % 6 {
                    0 => Err(Lack::Silent),
                    1 => Err(Lack::Unreachable),
                    2 => Err(Lack::Refused),
                    3 => Err(Lack::Broken),
                    4 => Err(Lack::Foreign),
                    _ => Ok(way(input)),
                },
            }),
            1 => {
                let ways = input.byte() % 8;
                let ways = (0..ways).map(|_| (address(input), way(input))).collect();
                seen.sockets.push(SocketSeen { ways });
            }
            2 => seen.calls.push(CallSeen {
                port: input.number(),
                came: input.byte() & 1 == 1,
                told: dialled(input),
                has_dialled: input.byte() & 1 == 1,
            }),
            3 => seen.hops.push(HopSeen {
                ttl: input.byte() % 8 + 1,
                router: (input.byte() & 1 == 1).then(|| address(input).ip()),
                is_peer: input.byte() & 1 == 1,
            }),
            4 => seen.idle.push(IdleSeen {
                transport: transport(input),
                speaks_here: input.byte() & 1 == 1,
                alive_ms: (input.byte() & 1 == 1).then(|| u32::from(input.number()) << 8),
                dead_ms: (input.byte() & 1 == 1).then(|| u32::from(input.number()) << 8),
            }),
            _ => seen.service = Some(dialled(input).map_or(Ok(()), |why| Err(Some(why)))),
        }
    }
    let all: Vec<Finding> = findings::findings(&seen);
    assert!(!all.is_empty());
    if let Some(class) = class::Class::of(&all) {
        assert!(!class.name().is_empty());
    }
    findings::peer_can_dial(&seen);
}

/// An answer of the input's, or bytes that are none.
fn said(nonce: Nonce, clothed: bool, input: &mut Bytes<'_>) -> Vec<u8> {
    let number = |input: &mut Bytes<'_>| input.number() & 7;
    let answer = match input.byte() % 8 {
        0 => Answer::Cookie([input.byte(); 16]),
        1 => {
            let mut ports = Ports::default();
            for port in ports.tcp.iter_mut().chain(&mut ports.udp) {
                *port = number(input);
            }
            let seen = address(input);
            Answer::Echo { seen, ports }
        }
        2 => Answer::Dialled(dialled(input).unwrap_or(Dialled::Connected)),
        3 => Answer::Held {
            is_over: input.byte() & 1 == 1,
        },
        4 => Answer::Refused(match input.byte() % 3 {
            0 => Refusal::Version(2),
            1 => Refusal::Key,
            _ => Refusal::Busy,
        }),
        5 => Answer::Call,
        _ => return input.piece().to_vec(),
    };
    let mut bytes = [0; ANSWER];
    let len = answer.encode(nonce, &mut bytes);
    if !clothed {
        return bytes[..len].to_vec();
    }
    let mut dressed = [0; SERVER_HELLO];
    let len = server_hello(&bytes[..len], &[7; 32], &mut dressed);
    dressed[..len].to_vec()
}

/// A peer on this machine, which says what the input says.
struct Peer {
    udp: (Socket, u16),
    tcp: (Socket, u16),
    askers: Vec<Socket>,
}

impl Peer {
    fn new() -> Self {
        let ports = [Transport::Udp, Transport::Tcp].map(|of| {
            let socket = Socket::new(of, Family::V4).expect("there is IPv4");
            let here = (Ipv4Addr::LOCALHOST, 0).into();
            socket.bind(here).expect("there is a port");
            let port = socket.local().expect("it has one").port();
            (socket, port)
        });
        let [udp, tcp] = ports;
        tcp.0.listen(16).expect("it listens");
        let askers = Vec::new();
        Self { udp, tcp, askers }
    }

    /// Answers each request that waits, and says something over each connection.
    fn speak(&mut self, prober: &Prober<'_>, input: &mut Bytes<'_>) {
        let mut buffer = [0; 256];
        while let Ok(came) = self.udp.0.receive_from(&mut buffer) {
            let nonce = buffer[8..16].try_into().unwrap_or_default();
            let bytes = said(nonce, false, input);
            let _ = self.udp.0.send_to(&bytes, came.from, None);
        }
        while let Ok((socket, _)) = self.tcp.0.accept() {
            self.askers.push(socket);
        }
        for asker in &self.askers {
            let which = usize::from(input.byte());
            let of = prober.exchanges.get(which % prober.exchanges.len().max(1));
            if let Some(exchange) = of {
                let bytes = said(exchange.nonce, exchange.plan.clothed, input);
                let cut = bytes.len().min(1 + usize::from(input.byte()) * 4);
                let _ = asker.send(&bytes[..cut]);
            }
        }
        if input.byte() % 8 == 0 {
            drop(self.askers.pop());
        }
    }
}

fn asked(kind: u8, input: &mut Bytes<'_>) {
    let signals = EndSignals::block().expect("they can be blocked");
    // Whoever ends the fuzzer is heard.
    SigSet::empty().thread_set_mask().expect("it is a set");
    let key = (kind & 2 != 0).then(|| Key::new(b"key"));
    let mut prober = Prober::new(key, &signals).expect("there is a descriptor");
    prober.learns_ports = kind & 4 != 0;
    let mut peer = Peer::new();
    let at = prober
        .add_peer(Ipv4Addr::LOCALHOST.into())
        .expect("there is a way");
    for _ in 0..1 + (kind >> 5) {
        let (transport, port) = match transport(input) {
            Transport::Tcp => (Transport::Tcp, peer.tcp.1),
            Transport::Udp => (Transport::Udp, peer.udp.1),
        };
        let mut plan = Plan::echo(at, transport, port);
        let how = input.byte();
        plan.clothed = how & 1 == 1;
        plan.ask = match how >> 1 & 3 {
            1 => Ask::Dial {
                port: 7,
                silent: how & 16 != 0,
            },
            2 => Ask::Hold {
                ms: u32::from(input.number()),
                asker_speaks: how & 16 != 0,
            },
            _ => Ask::Echo,
        };
        plan.again_after_ms = (how & 8 != 0).then_some(5);
        prober.add(plan).expect("there is room");
    }
    let mut caller = None;
    if let (true, Ok(port)) = (kind & 8 != 0, prober.listen(Family::V4)) {
        caller = bound(Transport::Tcp, Family::V4).ok();
        if let Some((socket, _)) = &caller {
            let _ = socket.connect((Ipv4Addr::LOCALHOST, port).into());
        }
    }
    let mut now_ns = crate::system::clock::monotonic_ns();
    for _ in 0..4 {
        for at in 0..prober.exchanges.len().min(16) {
            if !prober.exchanges[at].is_over(now_ns) && prober.exchanges[at].next_ns <= now_ns {
                prober.try_once(at, now_ns);
            }
        }
        prober.look(0);
        if let Some((socket, _)) = &caller {
            let nonce = prober.exchanges.first().map_or([0; 8], |first| first.nonce);
            let _ = socket.send(&said(nonce, false, input));
        }
        peer.speak(&prober, input);
        prober.look(0);
        now_ns += 1_000_000_000;
    }
    for exchange in prober.take() {
        assert!(exchange.plan.peer == at);
    }
}

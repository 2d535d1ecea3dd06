//! Observations, as findings and classes: by hand.

use super::class::Class;
use super::exchange::Lack;
use super::finding::{Finding, Known, Question};
use super::findings::findings;
use super::seen::{CallSeen, HopSeen, IdleSeen, PortSeen, Seen, SocketSeen, Way};
use crate::peer::message::Dialled;
use crate::system::socket::Transport::{self, Tcp, Udp};
use std::net::SocketAddr;
use Known::{No, Not, Yes};

fn at(text: &str) -> SocketAddr {
    text.parse().unwrap()
}

fn way(local: &str, seen: &str) -> Way {
    let (local, seen) = (at(local), at(seen));
    Way { local, seen }
}

fn port(transport: Transport, port: u16, outcome: Result<Way, Lack>) -> PortSeen {
    PortSeen {
        transport,
        port,
        clothed: false,
        outcome,
    }
}

/// A socket's port here, and what it is to two ports of a peer and to another one.
fn socket(local: u16, seen: [u16; 3]) -> SocketSeen {
    let to = ["203.0.113.1:53", "203.0.113.1:443", "198.51.100.1:53"];
    let ways = to.iter().zip(seen).map(|(to, seen)| {
        let (local, seen) = (
            format!("192.168.1.2:{local}"),
            format!("203.0.113.2:{seen}"),
        );
        (at(to), way(&local, &seen))
    });
    SocketSeen {
        ways: ways.collect(),
    }
}

fn call(told: Option<Dialled>) -> CallSeen {
    CallSeen {
        port: 20_000,
        came: false,
        told,
        has_dialled: true,
    }
}

fn hop(ttl: u8, router: &str) -> HopSeen {
    HopSeen {
        ttl,
        router: router.parse().ok(),
        is_peer: router == "peer",
    }
}

/// Behind an ordinary masquerade.
fn masquerade() -> Seen {
    let through = Ok(way("192.168.1.2:40000", "203.0.113.2:40000"));
    let mut ports: Vec<PortSeen> = [80, 443, 6443].map(|of| port(Tcp, of, through)).to_vec();
    ports.extend([53, 443].map(|of| port(Udp, of, through)));
    ports.push(PortSeen {
        clothed: true,
        ..port(Tcp, 443, through)
    });
    Seen {
        local: "192.168.1.2".parse().ok(),
        peers: 2,
        ports,
        sockets: [1, 2, 3].map(|local| socket(local, [local; 3])).to_vec(),
        calls: vec![call(Some(Dialled::TimedOut))],
        hops: vec![hop(1, "192.168.1.1"), hop(2, "peer")],
        ..Seen::default()
    }
}

fn found(seen: &Seen, question: Question) -> Finding {
    let all = findings(seen);
    let found = all.into_iter().find(|one| one.question == question);
    found.unwrap()
}

/// What a change of the ordinary case makes of one finding, and of the class.
fn changed(question: Question, change: impl FnOnce(&mut Seen)) -> (Known, String, Option<Class>) {
    let mut seen = masquerade();
    change(&mut seen);
    let finding = found(&seen, question);
    (finding.known, finding.evidence, Class::of(&findings(&seen)))
}

#[test]
fn an_ordinary_masquerade() {
    let all = findings(&masquerade());
    let known: Vec<Known> = all.iter().map(|finding| finding.known).collect();
    assert_eq!(known, [Yes, No, No, No, No, No, Yes]);
    assert_eq!(Class::of(&all), Some(Class::Simple));
    let evidence: Vec<&str> = all.iter().map(|finding| &*finding.evidence).collect();
    let expected = [
        "the peer's 3 connections to port 20000 timed out",
        "TCP 80, 443, 6443: open; UDP 53, 443: open",
        "the peer answers over UDP",
        "by port: no, by address: no; port 1 is 203.0.113.2:1 to 203.0.113.1:53, \
         203.0.113.2:1 to 203.0.113.1:443, 203.0.113.2:1 to 198.51.100.1:53",
        "plain bytes and a TLS handshake pass",
        "none of 100.64.0.0/10 on the way, 1 routers",
        "192.168.1.2:40000 here, 203.0.113.2:40000 at the peer",
    ];
    assert_eq!(evidence, expected);
}

#[test]
fn inbound() {
    let of = |change: &dyn Fn(&mut Seen)| {
        let (known, evidence, class) = changed(Question::InboundKeptOut, change);
        let end = evidence.rsplit(' ').next().unwrap().to_owned();
        (known, end, class)
    };
    let simple = Some(Class::Simple);
    let came = of(&|seen| seen.calls[0].came = true);
    assert_eq!(came, (No, "here".to_owned(), Some(Class::Open)));
    // One of two is enough, whatever the other says.
    let one = of(&|seen| {
        let came = CallSeen {
            came: true,
            ..call(None)
        };
        seen.calls.push(came);
    });
    assert_eq!(one, (No, "here".to_owned(), Some(Class::Open)));
    let refused = of(&|seen| seen.calls[0].told = Some(Dialled::Refused));
    assert_eq!(refused, (Yes, "refused".to_owned(), simple));
    let elsewhere = of(&|seen| seen.calls[0].told = Some(Dialled::Connected));
    assert_eq!(elsewhere, (Yes, "else".to_owned(), simple));
    let cannot = of(&|seen| seen.calls[0].told = Some(Dialled::CannotDial));
    assert_eq!(cannot, (Not, "dial".to_owned(), None));
    let silent = of(&|seen| seen.calls[0].told = None);
    assert_eq!(silent, (Not, "went".to_owned(), None));
    assert_eq!(of(&|seen| seen.calls.clear()).0, Not);
    // One of which nothing shows that it can dial at all, and two of them.
    let alone = of(&|seen| seen.calls[0].has_dialled = false);
    assert_eq!(alone, (Not, "--peer".to_owned(), None));
    for (told, expected) in [
        (Dialled::Unreachable, (Not, "--peer", None)),
        // What was refused has got out.
        (Dialled::Refused, (Yes, "refused", simple)),
        (Dialled::Connected, (Yes, "else", simple)),
    ] {
        let of_one = of(&|seen| {
            seen.calls[0].has_dialled = false;
            seen.calls[0].told = Some(told);
        });
        let (known, word, class) = expected;
        assert_eq!(of_one, (known, word.to_owned(), class), "{told:?}");
    }
    let two = of(&|seen| {
        seen.calls[0].has_dialled = false;
        seen.calls.push(seen.calls[0]);
    });
    assert_eq!(two, (Yes, "out".to_owned(), simple));
    let one_of_two = of(&|seen| {
        seen.calls[0].has_dialled = false;
        seen.calls.push(call(Some(Dialled::CannotDial)));
    });
    assert_eq!(one_of_two, (Not, "--peer".to_owned(), None));
}

#[test]
fn ports_and_udp() {
    let complex = Some(Class::Complex);
    let lose = |seen: &mut Seen, transport, ports: &[u16], lack| {
        for one in &mut seen.ports {
            if one.transport == transport && ports.contains(&one.port) {
                one.outcome = Err(lack);
            }
        }
    };
    let some = changed(Question::PortsLimited, |seen| {
        lose(seen, Tcp, &[80, 6443], Lack::Silent);
        lose(seen, Tcp, &[80], Lack::Refused);
        lose(seen, Udp, &[443], Lack::Silent);
    });
    // Each as it was seen, and not as its neighbour.
    let text = "TCP 443: open; TCP 6443: no answer; TCP 80: refused; UDP 53: open; \
                UDP 443: no answer";
    assert_eq!(some, (Yes, text.to_owned(), complex));
    let udp = |seen: &mut Seen| lose(seen, Udp, &[53, 443], Lack::Silent);
    let (known, _, class) = changed(Question::UdpBlocked, udp);
    assert_eq!((known, class), (Yes, complex));
    // UDP altogether is another finding.
    assert_eq!(changed(Question::PortsLimited, udp).0, No);
    let all = |seen: &mut Seen| {
        udp(seen);
        lose(seen, Tcp, &[80, 443, 6443], Lack::Silent);
    };
    assert_eq!(changed(Question::UdpBlocked, all).0, Not);
    assert_eq!(changed(Question::PortsLimited, all).0, Not);
    // A peer without UDP says nothing of it.
    let no_udp = |seen: &mut Seen| seen.ports.retain(|one| one.transport == Tcp);
    assert_eq!(changed(Question::UdpBlocked, no_udp).0, Not);
}

#[test]
fn content() {
    let of = |plain: bool, clothed: bool| {
        changed(Question::ContentFiltered, |seen| {
            for one in seen
                .ports
                .iter_mut()
                .filter(|one| (one.transport, one.port) == (Tcp, 443))
            {
                if !(if one.clothed { clothed } else { plain }) {
                    one.outcome = Err(Lack::Broken);
                }
            }
        })
    };
    let (simple, complex) = (Some(Class::Simple), Some(Class::Complex));
    let known = |told: (Known, String, Option<Class>)| (told.0, told.2);
    assert_eq!(known(of(true, true)), (No, simple));
    assert_eq!(known(of(false, true)), (Yes, complex));
    assert_eq!(known(of(true, false)), (Yes, complex));
    // Blocked altogether: the ports say so.
    assert_eq!(known(of(false, false)), (Not, complex));
    let none = |seen: &mut Seen| seen.ports.retain(|one| one.port != 443);
    assert_eq!(
        known(changed(Question::ContentFiltered, none)),
        (Not, simple)
    );
}

#[test]
fn mapping() {
    let of = |sockets: Vec<SocketSeen>| {
        let told = changed(Question::MappedByDestination, |seen| seen.sockets = sockets);
        let words = told.1.split(';').next().unwrap().to_owned();
        (told.0, words)
    };
    let both = |port: &str, address: &str| format!("by port: {port}, by address: {address}");
    let same = socket(1, [1, 1, 1]);
    // Translated to another port, and to the same one everywhere.
    let moved = socket(2, [7, 7, 7]);
    let random = socket(3, [70, 71, 72]);
    // A neighbour has the port, to the first of them.
    let taken = socket(4, [70, 4, 4]);
    let by_address = socket(5, [70, 70, 72]);
    assert_eq!(of(vec![same.clone(); 3]), (No, both("no", "no")));
    assert_eq!(of(vec![moved.clone(); 3]), (No, both("no", "no")));
    assert_eq!(of(vec![random.clone(); 3]), (Yes, both("yes", "yes")));
    // Two of three decide.
    let two = vec![same.clone(), random.clone(), moved.clone()];
    assert_eq!(of(two), (No, both("no", "no")));
    let two = vec![random.clone(), random.clone(), same.clone()];
    assert_eq!(of(two), (Yes, both("yes", "yes")));
    let one = vec![taken.clone(), same.clone(), same.clone()];
    assert_eq!(of(one), (No, both("no", "no")));
    assert_eq!(of(vec![by_address; 3]), (Yes, both("no", "yes")));
    // Nothing is decided by one.
    let one = vec![same.clone(), random, taken.clone()];
    assert_eq!(of(one), (Not, both("not known", "not known")));
    assert_eq!(of(vec![taken.clone(); 3]).0, Not);
    assert_eq!(of(vec![taken; 6]).0, Yes);
    // One answer alone never means the same.
    let alone = SocketSeen {
        ways: same.ways[..1].to_vec(),
    };
    let told = of(vec![alone; 9]);
    assert_eq!(
        told,
        (
            Not,
            both("not known", "not known") + ": two UDP ports have to pass"
        )
    );
    // With one peer nothing is known by address.
    let told = changed(Question::MappedByDestination, |seen| {
        seen.peers = 1;
        seen.sockets
            .iter_mut()
            .for_each(|socket| socket.ways.truncate(2));
    });
    let words = told.1.split(';').next().unwrap();
    assert_eq!(
        (told.0, words),
        (
            No,
            "by port: no, by address: not known (takes a second --peer)"
        )
    );
}

#[test]
fn carrier_nat() {
    let of = |hops: &[(u8, &str)]| {
        let told = changed(Question::CarrierNat, |seen| {
            seen.hops = hops.iter().map(|(ttl, router)| hop(*ttl, router)).collect();
        });
        (told.0, told.2)
    };
    let (simple, complex) = (Some(Class::Simple), Some(Class::Complex));
    assert_eq!(of(&[(1, "192.168.1.1"), (2, "100.64.0.1")]), (Yes, complex));
    assert_eq!(
        of(&[(1, "192.168.1.1"), (2, ""), (3, "100.127.255.254")]),
        (Yes, complex)
    );
    assert_eq!(of(&[(1, "192.168.1.1"), (2, "100.128.0.1")]), (No, simple));
    assert_eq!(
        of(&[(1, "10.0.0.1"), (2, "172.31.0.1"), (3, "198.51.100.9")]),
        (No, simple)
    );
    assert_eq!(
        of(&[(1, "192.168.1.1"), (2, ""), (3, "198.51.100.9")]),
        (Not, simple)
    );
    assert_eq!(of(&[(1, "peer")]), (No, simple));
    let private: Vec<(u8, &str)> = (1..=8).map(|ttl| (ttl, "10.0.0.1")).collect();
    assert_eq!(of(&private), (Not, simple));
    let interface = |seen: &mut Seen| seen.local = "100.64.1.2".parse().ok();
    assert_eq!(changed(Question::CarrierNat, interface).0, Yes);
    let seen_so = |seen: &mut Seen| {
        seen.ports[0].outcome = Ok(way("192.168.1.2:1", "100.100.0.1:1"));
    };
    assert_eq!(changed(Question::CarrierNat, seen_so).0, Yes);
    // As in Tailscale's networks.
    let overlay = |seen: &mut Seen| {
        interface(seen);
        seen_so(seen);
        seen.is_overlay = true;
    };
    let (known, evidence, class) = changed(Question::CarrierNat, overlay);
    let told = "the peer is in 100.64.0.0/10, too";
    assert_eq!((known, &*evidence, class), (Not, told, simple));
}

#[test]
fn idle_time_outs() {
    let of = |transport, alive_ms, dead_ms| {
        let (known, evidence, class) = changed(Question::ShortIdle, |seen| {
            let one = IdleSeen {
                transport,
                speaks_here: false,
                alive_ms,
                dead_ms,
            };
            seen.idle.push(one);
        });
        (known, evidence, class == Some(Class::Complex))
    };
    let told = of(Udp, Some(28_000), Some(30_000));
    let text = "UDP, peer speaks: dies between 28 and 30 s";
    assert_eq!(told, (Yes, text.to_owned(), true));
    // RFC 4787: two minutes at least; RFC 5382: two hours and four minutes. Both are known
    // to 2 s.
    assert_eq!(of(Udp, Some(100_000), Some(118_000)).0, Yes);
    assert_eq!(of(Udp, Some(118_000), Some(120_000)).0, No);
    assert_eq!(of(Udp, Some(120_000), Some(125_000)).0, No);
    assert_eq!(of(Tcp, Some(3_600_000), Some(3_700_000)).0, Yes);
    assert_eq!(of(Tcp, Some(7_440_000), Some(7_500_000)).0, No);
    // Neither is it seen to die too soon, nor to live for as long as it has to.
    assert_eq!(of(Udp, Some(110_000), Some(125_000)).0, Not);
    assert_eq!(of(Udp, Some(60_000), None).0, Not);
    let text = "TCP, peer speaks: alive after 600 s";
    assert_eq!(of(Tcp, Some(600_000), None), (Not, text.to_owned(), false));
    assert_eq!(of(Udp, Some(600_000), None).0, No);
    assert_eq!(of(Tcp, None, None).0, Not);
    assert_eq!(of(Tcp, None, Some(2000)).0, Yes);
}

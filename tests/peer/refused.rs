//! What a peer does not answer, and how much of one network.

use crate::asked::{connected, Over, Served, NONCE};
use crate::emulation::emulated;
use edgebench_lite::peer::hmac::Key;
use edgebench_lite::peer::message::{Answer, Ask, Refusal, Request};
use std::io::Read;

const HERE: [u8; 4] = [127, 0, 0, 1];

#[test]
fn another_key() {
    let served = Served::start(&["--key-file", "key"]);
    for over in [Over::Udp, Over::Tcp, Over::Clothed] {
        let mut asker = served.asker(HERE, over);
        assert_eq!(asker.ask(Ask::Echo), Answer::Refused(Refusal::Key));
        asker.key = Some(Key::new(b"Secret"));
        assert_eq!(asker.ask_again(Ask::Echo), Answer::Refused(Refusal::Key));
        // The end of the line is not part of it.
        asker.key = Some(Key::new(b"secret"));
        assert!(matches!(asker.ask_again(Ask::Echo), Answer::Echo { .. }));
    }
}

/// A peer without a key does not mind one.
#[test]
fn a_key_that_is_not_asked_for() {
    let served = Served::start(&[]);
    let mut asker = served.asker(HERE, Over::Udp);
    asker.key = Some(Key::new(b"secret"));
    assert!(matches!(asker.ask(Ask::Echo), Answer::Echo { .. }));
}

#[test]
fn another_version() {
    let served = Served::start(&[]);
    for over in [Over::Udp, Over::Tcp] {
        let mut asker = served.asker(HERE, over);
        let cookie = [0; 16];
        let mut request = Request {
            ask: Ask::Echo,
            nonce: NONCE,
            cookie,
        }
        .encode(None);
        request[4] = 9;
        asker.send(&request[..16]);
        let mut told = [0; 32];
        let len = match &mut asker.socket {
            crate::asked::Socket::Udp(socket) => socket.recv(&mut told).unwrap(),
            crate::asked::Socket::Tcp(stream) => stream.read(&mut told).unwrap(),
        };
        assert_eq!(&told[..len], b"EBLp\x01\x84\0\x0112345678");
    }
}

#[test]
fn one_network_does_not_take_it_all() {
    let served = Served::start(&[]);
    let mut streams: Vec<_> = (0..20).map(|_| connected(HERE, served.tcp[0])).collect();
    // Whoever is not let in sees the end at once, the others when their 5 s are over.
    let mut other = served.asker([127, 0, 1, 1], Over::Tcp);
    assert!(matches!(other.ask(Ask::Echo), Answer::Echo { .. }));
    let mut closed = 0;
    for stream in &mut streams {
        stream.set_nonblocking(true).unwrap();
        closed += u32::from(matches!(stream.read(&mut [0; 9]), Ok(0)));
    }
    // On a busy machine the first may be over as well.
    assert!(closed >= 4, "{closed}");
    // 50 at once, and 50 a second; no more than a socket's buffer takes from a slow peer.
    let mut asker = served.asker([127, 0, 2, 1], Over::Udp);
    let start = std::time::Instant::now();
    for _ in 0..200 {
        asker.request(Ask::Echo, NONCE);
    }
    let mut last = served.asker([127, 0, 3, 1], Over::Udp);
    assert!(matches!(last.ask(Ask::Echo), Answer::Echo { .. }));
    let allowed = 50 + start.elapsed().as_millis() / 20;
    let crate::asked::Socket::Udp(socket) = &asker.socket else {
        panic!("it is one");
    };
    socket.set_nonblocking(true).unwrap();
    let mut answers = 0;
    while socket.recv(&mut [0; 99]).is_ok() {
        answers += 1;
    }
    assert!((1..=allowed).contains(&answers), "{answers} of {allowed}");
}

/// Nor all silences that outlast other connections: three more networks have as many.
#[test]
fn one_network_leaves_room_for_the_silences_of_others() {
    let served = Served::start(&[]);
    let ask = Ask::Hold {
        ms: 3_600_000,
        asker_speaks: true,
    };
    let mut askers = Vec::new();
    for number in 0..64 {
        let mut asker = served.asker([127, 0, number / 16, 1], Over::Tcp);
        let answer = asker.ask(ask);
        assert_eq!(answer, Answer::Held { is_over: false }, "{number}");
        askers.push(asker);
    }
    let mut other = served.asker([127, 0, 4, 1], Over::Tcp);
    assert_eq!(other.ask(ask), Answer::Refused(Refusal::Busy));
}

/// Its tables do not grow.
#[test]
fn it_asks_for_no_memory() {
    // The memory of a process is the emulator's.
    if emulated() {
        return;
    }
    let served = Served::start(&[]);
    let mut asker = served.asker(HERE, Over::Udp);
    asker.ask(Ask::Echo);
    let before = served.status("VmData:");
    let mut streams = Vec::new();
    for network in 1..=200 {
        let from = [127, 0, network, 1];
        for over in [Over::Udp, Over::Tcp, Over::Clothed] {
            let mut asker = served.asker(from, over);
            let ask = Ask::Hold {
                ms: 1,
                asker_speaks: network % 2 == 0,
            };
            asker.ask(ask);
            streams.push(asker);
        }
    }
    assert_eq!(served.status("VmData:"), before);
}

//! What a peer answers, and does.

use crate::asked::{connected, Over, Served, NONCE};
use edgebench_lite::peer::message::{Answer, Ask, Dialled, Ports, Request, HEAD};
use std::io::Read;
use std::net::{Shutdown, TcpListener, TcpStream, UdpSocket};
use std::time::{Duration, Instant};

const ALL: [Over; 3] = [Over::Udp, Over::Tcp, Over::Clothed];
const HERE: [u8; 4] = [127, 0, 0, 1];

#[test]
fn it_tells_the_address_that_it_sees_and_its_ports() {
    let served = Served::start(&[]);
    let mut ports = Ports::default();
    ports.tcp[..2].copy_from_slice(&served.tcp);
    ports.udp[..2].copy_from_slice(&served.udp);
    for over in ALL {
        let mut asker = served.asker(HERE, over);
        let seen = asker.local();
        assert_eq!(asker.ask(Ask::Echo), Answer::Echo { seen, ports });
        // The cookie is good for the next as well, of the same address only.
        asker.request(Ask::Echo, *b"abcdefgh");
        let answer = Answer::Echo { seen, ports };
        assert_eq!(asker.answer(), Some((*b"abcdefgh", answer)));
        let mut other = served.asker([127, 0, 0, 2], over);
        other.cookie = asker.cookie;
        other.request(Ask::Echo, NONCE);
        let told = other.answer();
        assert!(matches!(told, Some((NONCE, Answer::Cookie(_)))), "{told:?}");
    }
}

#[test]
fn it_calls_who_asks() {
    let served = Served::start(&[]);
    for (number, over) in (1..).zip(ALL) {
        let from = [127, 0, number, 1];
        let mut asker = served.asker(from, over);
        let listener = TcpListener::bind((asker.from, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let silent = Ask::Dial { port, silent: true };
        assert_eq!(asker.ask(silent), Answer::Dialled(Dialled::Connected));
        let mut said = Vec::new();
        listener.accept().unwrap().0.read_to_end(&mut said).unwrap();
        assert_eq!(said, b"");
        let call = Ask::Dial {
            port,
            silent: false,
        };
        asker.request(call, *b"the call");
        let (mut stream, with) = listener.accept().unwrap();
        assert!(!served.tcp.contains(&with.port()));
        stream.read_to_end(&mut said).unwrap();
        assert_eq!(Answer::decode(&said), Some((*b"the call", Answer::Call)));
        let answer = Answer::Dialled(Dialled::Connected);
        assert_eq!(asker.answer(), Some((*b"the call", answer)));
        // A port that nobody else gets, and at which nobody listens.
        let held = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let port = held.local_addr().unwrap().port();
        let call = Ask::Dial {
            port,
            silent: false,
        };
        assert_eq!(asker.ask_again(call), Answer::Dialled(Dialled::Refused));
    }
}

/// Nobody is dialled without a cookie.
#[test]
fn who_does_not_hear_is_not_called() {
    let served = Served::start(&[]);
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    for over in ALL {
        let mut asker = served.asker(HERE, over);
        asker.cookie = [7; 16];
        asker.request(Ask::Dial { port, silent: true }, NONCE);
        assert!(matches!(asker.answer(), Some((_, Answer::Cookie(_)))));
        // What was asked before this is done.
        assert!(matches!(asker.ask(Ask::Echo), Answer::Echo { .. }));
    }
    listener.set_nonblocking(true).unwrap();
    assert!(listener.accept().is_err());
}

#[test]
fn it_is_silent_for_as_long_as_asked() {
    let served = Served::start(&[]);
    for over in ALL {
        let mut asker = served.asker(HERE, over);
        let start = Instant::now();
        let ask = Ask::Hold {
            ms: 300,
            asker_speaks: false,
        };
        assert_eq!(asker.ask(ask), Answer::Held { is_over: false });
        let over_again = if over == Over::Udp { 3 } else { 1 };
        for _ in 0..over_again {
            assert_eq!(
                asker.answer(),
                Some((NONCE, Answer::Held { is_over: true }))
            );
            assert!(start.elapsed() >= Duration::from_millis(300));
        }
        // Then, and after a silence of its own, it answers as before.
        let ask = Ask::Hold {
            ms: 100,
            asker_speaks: true,
        };
        assert_eq!(asker.ask_again(ask), Answer::Held { is_over: false });
        assert!(matches!(asker.ask_again(Ask::Echo), Answer::Echo { .. }));
    }
}

/// Of whatever length and kind, in a datagram or over a connection, and each from a network
/// of its own, so that none is left out for having asked too much.
#[test]
fn no_answer_is_longer_than_its_request() {
    let served = Served::start(&[]);
    let cookie = [7; 16];
    let hold = Ask::Hold {
        ms: 0,
        asker_speaks: false,
    };
    for len in 0..=1500 {
        let from = [127, 1 + (len / 256) as u8, (len % 256) as u8, 1];
        let mut kinds = vec![vec![0x16; len], vec![0xa5; len]];
        for ask in [Ask::Echo, hold] {
            let mut request = Request {
                ask,
                nonce: NONCE,
                cookie,
            }
            .encode(None)
            .to_vec();
            request.resize(len, 0);
            kinds.push(request.clone());
            if len > 4 {
                request[4] = 2;
                kinds.push(request);
            }
        }
        let other_versions = if len >= HEAD { 2 } else { 0 };
        let socket = UdpSocket::bind((std::net::IpAddr::from(from), 0)).unwrap();
        socket
            .connect((std::net::IpAddr::from(from), served.udp[0]))
            .unwrap();
        for bytes in &kinds {
            socket.send(bytes).unwrap();
        }
        // Answered in order, behind all that was sent before.
        let mut asker = served.asker(from, Over::Udp);
        assert!(matches!(asker.ask(Ask::Echo), Answer::Echo { .. }));
        socket.set_nonblocking(true).unwrap();
        let mut answers = 0;
        while let Ok(answer) = socket.recv(&mut [0; 2000]) {
            assert!(answer <= len, "{answer} for {len}");
            answers += 1;
        }
        let requests = if len == 96 { 2 } else { 0 };
        assert_eq!(answers, other_versions + requests, "{len}");
        if len % 50 == 46 {
            for bytes in &kinds {
                let mut stream = connected(from, served.tcp[0]);
                // It may have been closed before all was sent.
                let _ = std::io::Write::write_all(&mut stream, bytes);
                let _ = stream.shutdown(Shutdown::Write);
                let mut answer = Vec::new();
                let _ = stream.read_to_end(&mut answer);
                assert!(answer.len() <= len, "{} for {len}", answer.len());
            }
        }
    }
}

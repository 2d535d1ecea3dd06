//! One address that sends all it can, and honest ones beside it.

use crate::asked::{connected, Over, Served, NONCE};
use edgebench_lite::peer::message::{Answer, Ask, Request};
use std::io::{ErrorKind, Write};
use std::net::{IpAddr, TcpStream, UdpSocket};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::sleep;
use std::time::{Duration, Instant};

const ATTACKER: [u8; 4] = [127, 50, 0, 1];
/// As `survive firewall` does: it asks again after a second.
const TRY: Duration = Duration::from_secs(1);
const SOON: Duration = Duration::from_secs(2);

/// Of requests with a good cookie, which are replayed, of ones without, and of anything; so
/// many a second until `stop`. How many they were.
fn flood(to: (IpAddr, u16), replayed: &[u8], rate: u32, stop: &AtomicBool) -> f64 {
    let socket = UdpSocket::bind((IpAddr::from(ATTACKER), 0)).unwrap();
    socket.connect(to).unwrap();
    socket.set_nonblocking(true).unwrap();
    let asked = Request {
        ask: Ask::Echo,
        nonce: NONCE,
        cookie: [0; 16],
    };
    let (asked, garbage) = (asked.encode(None), [0xa5; 1500]);
    let start = Instant::now();
    let mut sent = 0_u32;
    while !stop.load(Ordering::Relaxed) {
        for _ in 0..100 {
            let bytes = match sent % 3 {
                0 => replayed,
                1 => &asked[..],
                _ => &garbage[..(sent as usize * 7919) % 1500],
            };
            let _ = socket.send(bytes);
            sent += 1;
        }
        let due = start + Duration::from_secs(1) / rate * sent;
        sleep(due.saturating_duration_since(Instant::now()));
    }
    f64::from(sent) / start.elapsed().as_secs_f64()
}

/// Connections of the attacker: every second one is idle, the others are slow. Those that
/// the peer has closed are opened again.
fn connect(connections: &mut [TcpStream], port: u16) {
    for (number, stream) in connections.iter_mut().enumerate() {
        let mut byte = [0];
        stream.set_nonblocking(true).unwrap();
        let is_open = match stream.peek(&mut byte) {
            Err(error) if error.kind() == ErrorKind::WouldBlock => {
                number % 2 == 0 || stream.write_all(b"E").is_ok()
            }
            _ => false,
        };
        if !is_open {
            *stream = connected(ATTACKER, port);
        }
    }
}

/// How long an honest one waits for an answer.
fn honest(served: &Served, from: [u8; 4]) -> Duration {
    let ip = IpAddr::from(from);
    let socket = UdpSocket::bind((ip, 0)).unwrap();
    socket.connect((ip, served.udp[0])).unwrap();
    socket.set_read_timeout(Some(TRY)).unwrap();
    let start = Instant::now();
    let mut request = Request {
        ask: Ask::Echo,
        nonce: NONCE,
        cookie: [0; 16],
    };
    loop {
        socket.send(&request.encode(None)).unwrap();
        let mut answer = [0; 200];
        let Ok(len) = socket.recv(&mut answer) else {
            continue;
        };
        match Answer::decode(&answer[..len]) {
            Some((NONCE, Answer::Cookie(cookie))) => request.cookie = cookie,
            Some((NONCE, Answer::Echo { .. })) => return start.elapsed(),
            other => panic!("{other:?}"),
        }
    }
}

/// A burst of one address leaves the others their answers; `EDGEBENCH_REACH=1`: 99 of 100
/// within 2 s under 100,000 datagrams a second and 2,000 connections.
#[test]
fn an_honest_one_is_served_in_a_flood() {
    let reach = std::env::var_os("EDGEBENCH_REACH").is_some();
    let (rate, connections, probes) = if reach {
        (100_000, 2000, 100)
    } else {
        (10_000, 40, 1)
    };
    let served = Served::start(&[]);
    let mut asker = served.asker(ATTACKER, Over::Udp);
    assert!(matches!(asker.ask(Ask::Echo), Answer::Echo { .. }));
    let replayed = Request {
        ask: Ask::Echo,
        nonce: NONCE,
        cookie: asker.cookie,
    };
    let replayed = replayed.encode(None);
    let stop = AtomicBool::new(false);
    let to = (IpAddr::from(ATTACKER), served.udp[0]);
    let mut waited = Vec::new();
    let sent = std::thread::scope(|scope| {
        let flood = scope.spawn(|| flood(to, &replayed, rate, &stop));
        let mut open: Vec<TcpStream> = (0..connections)
            .map(|_| connected(ATTACKER, served.tcp[0]))
            .collect();
        for probe in 0..probes {
            connect(&mut open, served.tcp[0]);
            waited.push(honest(&served, [127, 60, probe, 1]));
        }
        stop.store(true, Ordering::Relaxed);
        flood.join().unwrap()
    });
    if reach {
        let soon = waited.iter().filter(|waited| **waited <= SOON).count();
        let longest = waited.iter().max().unwrap();
        println!("{soon} of {probes}, at most {longest:?}, beside {sent:.0} datagrams a second");
        assert!(soon >= 99, "{soon}");
    }
}

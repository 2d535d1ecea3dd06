//! A peer's server, with its sockets: datagrams, and pieces of streams. Requests that the
//! input asks for have the cookie and the tag that they need.

use super::{Bound, Family, Server, Socket, State, Transport, REQUEST};
use crate::fuzzing::Bytes;
use crate::peer::hmac::Key;
use crate::peer::message::{Answer, Ask, Request};
use crate::peer::shape::hello;
use std::cell::RefCell;
use std::net::{Ipv4Addr, SocketAddr};
use std::os::fd::AsFd;

struct Bench {
    server: Server,
    udp: SocketAddr,
    tcp: SocketAddr,
    now_ns: u64,
    /// Whom the peer may dial: one who answers, and one who does not.
    called: (Socket, [u16; 2]),
}

thread_local! {
    static BENCH: RefCell<Option<Bench>> = const { RefCell::new(None) };
}

fn here(port: u16) -> SocketAddr {
    (Ipv4Addr::LOCALHOST, port).into()
}

fn bound(transport: Transport) -> (Socket, u16) {
    let socket = Socket::new(transport, Family::V4).expect("there is IPv4");
    socket.bind(here(0)).expect("there is a port");
    let port = socket.local().expect("it has one").port();
    (socket, port)
}

impl Bench {
    fn new() -> Self {
        // In the place of the signals that end it: nothing ever comes here.
        let end = bound(Transport::Udp).0;
        let mut missed = |_| panic!("no port");
        let bound_ports = Bound::bind(&[0], &[0], &mut missed);
        let port = |socket: &Socket| socket.local().expect("it has one").port();
        let (tcp, udp) = (port(&bound_ports.tcp[0]), port(&bound_ports.udp[0]));
        let key = Some(Key::new(b"a key that both have"));
        let server = Server::new(bound_ports, key, 8, end.as_fd()).expect("there is room");
        std::mem::forget(end);
        let called = bound(Transport::Tcp);
        called.0.listen(16).expect("it listens");
        let closed = bound(Transport::Tcp).1;
        Self {
            server,
            udp: here(udp),
            tcp: here(tcp),
            now_ns: crate::system::clock::monotonic_ns(),
            called: (called.0, [called.1, closed]),
        }
    }

    /// A request, or the input's own bytes.
    fn bytes(&mut self, input: &mut Bytes<'_>) -> Vec<u8> {
        let kind = input.byte();
        if kind & 1 == 0 {
            return input.piece().to_vec();
        }
        let ms = u32::from(input.number()) << (input.byte() % 16);
        let ask = match kind >> 1 & 3 {
            0 => Ask::Echo,
            1 => Ask::Dial {
                port: self.called.1[usize::from(kind >> 3 & 1)],
                silent: kind & 16 != 0,
            },
            _ => Ask::Hold {
                ms,
                asker_speaks: kind & 8 != 0,
            },
        };
        let cookie = self
            .server
            .cookies
            .cookie(Ipv4Addr::LOCALHOST.into(), self.now_ns);
        let request = Request {
            ask,
            nonce: [input.byte(); 8],
            cookie,
        };
        let mut request = request.encode(self.server.key.as_ref());
        // One byte may be another.
        if kind & 64 != 0 {
            let at = usize::from(input.byte()) % REQUEST;
            request[at] ^= input.byte();
            if request[5] == 1 && request[6..8] != self.called.1[0].to_be_bytes() {
                // It dials nobody else.
                request[16] ^= 1;
            }
        }
        match kind & 32 {
            0 => request.to_vec(),
            _ => hello(&request, &[7; 32]).to_vec(),
        }
    }

    /// All that the server does when the ports are looked at.
    fn serve(&mut self) {
        let server = &mut self.server;
        server.wait_not();
        server.serve(0b110, self.now_ns);
        server.speak(self.now_ns);
        assert!(server.connections.len() <= server.most);
        let longs = server.connections.iter().filter(|one| one.is_long).count();
        assert!(longs <= super::HOLDS);
        while self.called.0.accept().is_ok() {}
    }

    /// What the input has is over: nobody stays.
    fn end(&mut self) {
        self.now_ns += 4 * 3600 * 1_000_000_000;
        for _ in 0..4 {
            self.now_ns += 60_000_000_000;
            self.serve();
        }
        assert!(self.server.connections.is_empty(), "a connection stays");
        assert_eq!(self.server.holds.next_ns(), u64::MAX, "a silence stays");
    }
}

impl Server {
    /// Each connection is looked at, whether something came or not.
    fn wait_not(&mut self) {
        self.fds.clear();
        let none = libc::pollfd {
            fd: -1,
            events: 0,
            revents: libc::POLLIN,
        };
        self.fds.resize(1 + self.connections.len(), none);
        for (connection, fd) in self.connections.iter().zip(&mut self.fds[1..]) {
            if matches!(connection.state, State::Dialling(_)) {
                *fd = super::polled(&connection.socket, libc::POLLOUT);
            }
        }
        super::poll(&mut self.fds[1..], 0);
        for (connection, fd) in self.connections.iter().zip(&mut self.fds[1..]) {
            if !matches!(connection.state, State::Dialling(_)) {
                fd.revents = libc::POLLIN;
            }
        }
    }
}

pub(crate) fn peer(input: &[u8]) {
    BENCH.with_borrow_mut(|bench| {
        let bench = bench.get_or_insert_with(Bench::new);
        let mut input = Bytes(input);
        let mut askers: Vec<Socket> = Vec::new();
        let asker = bound(Transport::Udp).0;
        for _ in 0..24 {
            if input.is_empty() {
                break;
            }
            let what = input.byte();
            bench.now_ns += u64::from(input.byte()) << 26;
            match what % 4 {
                0 => {
                    let bytes = bench.bytes(&mut input);
                    let _ = asker.send_to(&bytes, bench.udp, None);
                }
                1 if askers.len() < 9 => {
                    let socket = Socket::new(Transport::Tcp, Family::V4).expect("there is IPv4");
                    let _ = socket.connect(bench.tcp);
                    askers.push(socket);
                }
                2 => drop(askers.pop()),
                _ => {
                    let bytes = bench.bytes(&mut input);
                    let at = usize::from(what >> 2);
                    let some = askers.len().max(1);
                    if let Some(socket) = askers.get(at % some) {
                        let cut = bytes.len().min(1 + usize::from(input.byte()) * 4);
                        let _ = socket.send(&bytes[..cut]);
                    }
                }
            }
            bench.serve();
        }
        answers(&asker);
        drop(askers);
        bench.end();
    });
}

/// What comes back is an answer, and no longer than what asked.
fn answers(asker: &Socket) {
    let mut buffer = [0; 256];
    while let Ok(len) = asker.receive(&mut buffer) {
        assert!(len <= REQUEST);
        // To another version it says which this is, which that one alone takes for an answer.
        let is_other = buffer[5..8] == [132, 0, 1];
        assert!(is_other || Answer::decode(&buffer[..len]).is_some());
    }
}

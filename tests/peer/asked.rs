//! A peer on free ports of this machine, and one who asks it.

use crate::support::{until, Folder, Running};
use edgebench_lite::peer::hmac::Key;
use edgebench_lite::peer::message::{Answer, Ask, Cookie, Nonce, Request, ANSWER};
use edgebench_lite::peer::shape::{answer_in, hello, SERVER_HELLO};
use std::fs;
use std::io::{Read, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::os::fd::FromRawFd;
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::Duration;

pub const NONCE: Nonce = *b"12345678";
/// Longer than anything takes.
const FOREVER: Duration = Duration::from_secs(60);

pub struct Served {
    pub running: Running,
    _folder: Folder,
    pub tcp: [u16; 2],
    pub udp: [u16; 2],
}

/// Ports that nobody has now, each given once, and not of those that the kernel gives to
/// others.
fn free_ports() -> ([u16; 2], [u16; 2]) {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let first = (std::process::id() % 20_000) as u16;
    let next = || loop {
        let port = 10_000 + (first + NEXT.fetch_add(1, Ordering::Relaxed)) % 20_000;
        let any = Ipv4Addr::UNSPECIFIED;
        if TcpListener::bind((any, port)).is_ok() && UdpSocket::bind((any, port)).is_ok() {
            return port;
        }
    };
    ([next(), next()], [next(), next()])
}

impl Served {
    pub fn start(options: &[&str]) -> Self {
        let folder = Folder::new();
        let (tcp, udp) = free_ports();
        let ([a, b], [c, d]) = (tcp, udp);
        let mut command = folder.edgebench(["peer", "--tcp", &format!("{a},{b}")]);
        command.args(["--udp", &format!("{c},{d}")]).args(options);
        folder.write("key", "secret\n");
        let running = Running::start(&folder, "peer", &mut command);
        let out = folder.file("peer.out");
        until("it listens", || {
            fs::read_to_string(&out).is_ok_and(|said| said.ends_with('\n'))
        });
        let said = fs::read_to_string(&out).unwrap();
        assert_eq!(
            said,
            format!("listening on TCP {a}, {b} and UDP {c}, {d}\n")
        );
        assert_eq!(running.says(), "");
        Self {
            running,
            _folder: folder,
            tcp,
            udp,
        }
    }

    /// One who asks from that address of this machine.
    pub fn asker(&self, from: [u8; 4], over: Over) -> Asker {
        let ip = IpAddr::from(from);
        let socket = match over {
            Over::Udp => {
                let socket = UdpSocket::bind((ip, 0)).unwrap();
                socket.connect((ip, self.udp[0])).unwrap();
                socket.set_read_timeout(Some(FOREVER)).unwrap();
                Socket::Udp(socket)
            }
            Over::Tcp | Over::Clothed => Socket::Tcp(connected(from, self.tcp[0])),
        };
        Asker {
            socket,
            over,
            key: None,
            cookie: [0; 16],
            from: ip,
        }
    }

    pub fn status(&self, name: &str) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.running.pid())).unwrap();
        let line = status.lines().find(|line| line.starts_with(name)).unwrap();
        line.split_whitespace().nth(1).unwrap().parse().unwrap()
    }
}

/// A connection from an address of 127/8 to that address, where the kernel would choose
/// another to connect from.
pub fn connected(ip: [u8; 4], port: u16) -> TcpStream {
    let name = |port: u16| libc::sockaddr_in {
        sin_family: libc::AF_INET as u16,
        sin_port: port.to_be(),
        sin_addr: libc::in_addr {
            s_addr: u32::from_ne_bytes(ip),
        },
        sin_zero: [0; 8],
    };
    let len = std::mem::size_of::<libc::sockaddr_in>() as u32;
    // SAFETY: the pointers are to addresses of that length, and the descriptor is nobody
    // else's.
    let stream = unsafe {
        let fd = libc::socket(libc::AF_INET, libc::SOCK_STREAM | libc::SOCK_CLOEXEC, 0);
        let (from, to) = (name(0), name(port));
        let pointer = |name: &libc::sockaddr_in| std::ptr::addr_of!(*name).cast();
        assert_eq!(libc::bind(fd, pointer(&from), len), 0);
        assert_eq!(libc::connect(fd, pointer(&to), len), 0);
        TcpStream::from_raw_fd(fd)
    };
    stream.set_read_timeout(Some(FOREVER)).unwrap();
    stream
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Over {
    Udp,
    Tcp,
    Clothed,
}

pub enum Socket {
    Udp(UdpSocket),
    Tcp(TcpStream),
}

pub struct Asker {
    pub socket: Socket,
    over: Over,
    pub key: Option<Key>,
    pub cookie: Cookie,
    pub from: IpAddr,
}

impl Asker {
    pub fn local(&self) -> SocketAddr {
        match &self.socket {
            Socket::Udp(socket) => socket.local_addr().unwrap(),
            Socket::Tcp(stream) => stream.local_addr().unwrap(),
        }
    }

    pub fn send(&mut self, bytes: &[u8]) {
        match &mut self.socket {
            Socket::Udp(socket) => assert_eq!(socket.send(bytes).unwrap(), bytes.len()),
            Socket::Tcp(stream) => stream.write_all(bytes).unwrap(),
        }
    }

    pub fn request(&mut self, ask: Ask, nonce: Nonce) {
        let cookie = self.cookie;
        let request = Request { ask, nonce, cookie }.encode(self.key.as_ref());
        match self.over {
            Over::Clothed => self.send(&hello(&request, &[9; 32])),
            Over::Udp | Over::Tcp => self.send(&request),
        }
    }

    /// The next answer; `None` at the end of the connection.
    pub fn answer(&mut self) -> Option<(Nonce, Answer)> {
        let mut bytes = [0; SERVER_HELLO + ANSWER];
        let len = match &mut self.socket {
            Socket::Udp(socket) => socket.recv(&mut bytes).unwrap(),
            // An answer is sent in one go, and is waited for before the next request.
            Socket::Tcp(stream) => stream.read(&mut bytes).unwrap_or_else(|error| {
                println!("{:?}: {error}", stream.local_addr());
                0
            }),
        };
        let bytes = &bytes[..len];
        let bytes = match self.over {
            Over::Clothed if len > 0 => answer_in(bytes).unwrap(),
            _ => bytes,
        };
        (len > 0).then(|| Answer::decode(bytes).unwrap())
    }

    /// Asks, with the cookie that it is given first.
    pub fn ask(&mut self, ask: Ask) -> Answer {
        self.request(ask, NONCE);
        match self.answer() {
            Some((NONCE, Answer::Cookie(cookie))) => self.cookie = cookie,
            other => panic!("{other:?}"),
        }
        self.ask_again(ask)
    }

    /// Asks, with the cookie that it has.
    pub fn ask_again(&mut self, ask: Ask) -> Answer {
        self.request(ask, NONCE);
        let (nonce, answer) = self.answer().unwrap();
        assert_eq!(nonce, NONCE);
        answer
    }
}

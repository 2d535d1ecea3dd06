//! What runs on the board and beyond it, by this program itself: services, and a watcher
//! at the other end of the cable.

use std::env::var;
use std::io::{Read, Write};
use std::net::{IpAddr, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::path::Path;
use std::thread::sleep;
use std::time::{Duration, Instant};

/// The address that the board would send from.
fn own() -> Option<IpAddr> {
    let socket = UdpSocket::bind("0.0.0.0:0").ok()?;
    socket.connect("10.0.0.254:9").ok()?;
    Some(socket.local_addr().ok()?.ip())
}

/// What a service says to whom has said something.
fn answer(kind: &str, asked: &str) -> &'static [u8] {
    let connected = b"HTTP/1.1 200 OK\r\nContent-Type: x\r\n\r\n{ \"status\" : \"connected\" }";
    match kind {
        "http" if asked.starts_with("GET /status HTTP/1.0\r\n") => connected,
        "healthz" => b"HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nok",
        "http" => b"HTTP/1.1 404 Not Found\r\n\r\n",
        // An alert.
        "tls" => b"\x15\x03\x03\x00\x02\x02\x28",
        _ => b"",
    }
}

fn talk(kind: &str, mut stream: TcpStream) {
    let mut asked = [0; 512];
    let len = stream.read(&mut asked).unwrap_or(0);
    let answer = answer(kind, &String::from_utf8_lossy(&asked[..len]));
    let _ = stream.write_all(answer);
    if answer.is_empty() {
        // Silent, until the other side has had enough.
        while stream.read(&mut asked).is_ok_and(|len| len > 0) {}
    }
}

/// A service on `PORT`, 8080 by default: bound to `all` addresses, `fixed` to the one that it began
/// with, or `rebinding` 700 ms after that has changed; of `all`, some say something.
#[test]
#[ignore = "not a test: the tests start it on their board"]
fn serve() {
    let Ok(kind) = var("SERVE") else { return };
    let mut address = match kind.as_str() {
        "fixed" | "rebinding" => own().unwrap(),
        _ => IpAddr::from([0, 0, 0, 0]),
    };
    let port = var("PORT").map_or(8080, |port| port.parse().unwrap());
    let listen = |address| {
        let listener = TcpListener::bind(SocketAddr::new(address, port)).unwrap();
        listener.set_nonblocking(true).unwrap();
        listener
    };
    let mut listener = listen(address);
    loop {
        while let Ok((stream, _)) = listener.accept() {
            if matches!(kind.as_str(), "http" | "healthz" | "tls" | "silent") {
                talk(&kind, stream);
            }
        }
        sleep(Duration::from_millis(5));
        let now = own().filter(|now| kind == "rebinding" && *now != address);
        if let Some(now) = now {
            drop(listener);
            sleep(Duration::from_millis(700));
            address = now;
            listener = listen(address);
        }
    }
}

/// Says, once the file `stop` is there, how long the service was out of reach from the other
/// end of the cable at the longest, in milliseconds.
#[test]
#[ignore = "not a test: the tests start it at the other end"]
fn watch() {
    if var("WATCH").is_err() {
        return;
    }
    let addresses =
        ["10.0.0.1:8080", "10.0.0.77:8080"].map(|text| text.parse::<SocketAddr>().unwrap());
    let (mut last, mut longest) = (None, Duration::ZERO);
    while !Path::new("stop").exists() {
        let answers =
            |to: &SocketAddr| TcpStream::connect_timeout(to, Duration::from_millis(20)).is_ok();
        if addresses.iter().any(answers) {
            let now = Instant::now();
            longest = longest.max(last.map_or(Duration::ZERO, |last| now - last));
            last = Some(now);
        }
        sleep(Duration::from_millis(5));
    }
    std::fs::write("gap", longest.as_millis().to_string()).unwrap();
}

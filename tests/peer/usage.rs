//! What cannot be, and how it ends.

use crate::asked::Served;
use crate::support::{run, Folder};
use std::net::UdpSocket;

fn refused(arguments: &[&str], message: &str) {
    let folder = Folder::new();
    folder.write("empty", "\n");
    folder.write("long", "x".repeat(4097));
    let done = run(folder.edgebench(["peer"]).args(arguments));
    let whole = format!("edgebench-lite: {message}\n");
    assert_eq!(
        (done.status, &*done.out, &*done.err),
        (Some(2), "", &*whole)
    );
}

#[test]
fn ports_and_keys_that_are_none() {
    let see = "(see edgebench-lite peer --help)";
    for ports in ["0", "80,", "65536", "x", "80,80", "1,2,3,4,5,6,7,8,9"] {
        let message = format!("--tcp: `{ports}` is not 1 to 8 ports, such as 80,443 {see}");
        refused(&["--tcp", ports], &message);
    }
    for (file, why) in [
        ("none", "No such file or directory"),
        ("empty", "it is empty"),
        ("long", "it has more than 4096 bytes"),
    ] {
        refused(
            &["--key-file", file],
            &format!("cannot use the key {file}: {why}"),
        );
    }
}

#[test]
fn ports_that_are_taken() {
    let first = Served::start(&[]);
    let [[a, b], [c, d]] = [first.tcp, first.udp].map(|ports| ports.map(|port| port.to_string()));
    let folder = Folder::new();
    let tcp = format!("{a},{b}");
    let udp = format!("{c},{d}");
    let done = run(&mut folder.edgebench(["peer", "--tcp", &tcp, "--udp", &udp]));
    let left_out =
        |port: &str| format!("edgebench-lite: {port} is left out: another program has it\n");
    let lines = [
        format!("TCP port {a}"),
        format!("TCP port {b}"),
        format!("UDP port {c}"),
        format!("UDP port {d}"),
    ];
    let lines: String = lines.iter().map(|port| left_out(port)).collect();
    let last = "edgebench-lite: no port is left to listen on\n";
    assert_eq!((done.status, done.err), (Some(2), format!("{lines}{last}")));
}

#[test]
fn a_signal_ends_it_with_the_counts() {
    for signal in ["TERM", "INT"] {
        let mut served = Served::start(&[]);
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        socket
            .send_to(b"garbage", ("127.0.0.1", served.udp[1]))
            .unwrap();
        let mut asker = served.asker([127, 0, 0, 1], crate::asked::Over::Udp);
        asker.ask(edgebench_lite::peer::message::Ask::Echo);
        // Stopped and continued, it goes on.
        served.running.signal("STOP");
        served.running.signal("CONT");
        asker.ask_again(edgebench_lite::peer::message::Ask::Echo);
        served.running.signal(signal);
        let done = served.running.end();
        assert_eq!((done.status, &*done.err), (Some(0), ""));
        let counts = "answered=3 cookies=1 dialled=0 connections=0 garbage=1 over-rate=0 no-room=0 refused=0";
        assert_eq!(done.out.lines().nth(1), Some(counts));
    }
}

//! `survive firewall` on this machine alone, where nothing is kept out; and what cannot be.

use crate::asked::Served;
use crate::support::{of_kind, run, Done, Folder};
use std::io::Read;
use std::net::{TcpListener, TcpStream, UdpSocket};

fn look(arguments: &[&str]) -> (Folder, Done) {
    let folder = Folder::new();
    folder.write("key", "another\n");
    let mut command = folder.edgebench(["survive", "firewall"]);
    let done = run(command.args(arguments));
    (folder, done)
}

/// As an agent that is always healthy.
const AGENT: [&str; 6] = ["--role", "agent", "--check", "cmd:true", "--stable", "0s"];

fn refused(arguments: &[&str], message: &str) {
    let (_, done) = look(arguments);
    let whole = format!("edgebench-lite: {message}\n");
    assert_eq!(
        (done.status, &*done.out, &*done.err),
        (Some(2), "", &*whole),
        "{arguments:?}"
    );
}

#[test]
fn an_open_network_is_no_test() {
    let served = Served::start(&[]);
    let peer = format!("127.0.0.1:{}", served.tcp[0]);
    let arguments = [
        &["--peer", &peer, "-o", "open.ebl", "--product", "k3s"],
        &AGENT[..],
    ]
    .concat();
    let (folder, done) = look(&arguments);
    assert_eq!((done.status, &*done.err), (Some(2), ""), "{}", done.out);
    let rows: Vec<&str> = done
        .out
        .lines()
        .map(|line| line.split("  ").next().unwrap())
        .collect();
    let expected = [
        "inbound kept out",
        "outbound ports limited",
        "UDP blocked",
        "mapping by destination",
        "content filtered on 443",
        "carrier NAT",
        "addresses translated (NAT)",
        "class of the network: open: inbound gets in",
        "agent, class open, asked 127.0.0.1: not measured: no test of a firewall",
    ];
    assert_eq!(rows, expected, "{}", done.out);
    let records = folder.cat("open.ebl");
    let results = of_kind(&records, "result");
    assert_eq!(results.len(), 1);
    let text = done.out.lines().next().unwrap();
    let evidence = text.rsplit("  ").next().unwrap();
    let entries = results[0].at("entries").items();
    let line = format!("inbound kept out: no: {evidence}");
    assert!(entries
        .iter()
        .any(|entry| { entry.at("tag").number() == 2 && entry.at("text").text() == line }));
}

#[test]
fn what_is_missing_or_no_host() {
    let see = "(see edgebench-lite survive firewall --help)";
    let peer = ["--peer", "127.0.0.1"];
    let usage = |why: &str| format!("survive firewall: {why} {see}");
    refused(&peer, &usage("--role is missing"));
    refused(&["--role", "agent"], &usage("one --peer is needed, or two"));
    let three = [&peer[..], &peer, &peer, &["--role", "agent"]].concat();
    refused(&three, &usage("one --peer is needed, or two"));
    let both = [&peer[..], &peer, &AGENT].concat();
    let same = "--peer 127.0.0.1: the second is to have another address than the first";
    refused(&both, same);
    let name = [&["--peer", "a b"], &AGENT[..]].concat();
    refused(&name, "--peer a b: no name of a host");
    for (peer, why) in [
        ("peer:http", "no port is behind the colon"),
        ("", "is no host"),
    ] {
        let (_, done) = look(&[&["--peer", peer], &AGENT[..]].concat());
        assert!(
            done.status == Some(2) && done.err.contains(why),
            "{}",
            done.err
        );
    }
    // A port of this machine that nothing listens on.
    let free = UdpSocket::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port()
        .to_string();
    let server = [
        "--role",
        "server",
        "--check",
        "cmd:true",
        "--server-port",
        &free,
    ];
    let why = format!(
        "nothing listens on TCP port {free} here: start the server, or name its port with \
         --server-port"
    );
    refused(&[&peer[..], &server].concat(), &why);
    // Nor one at which somebody listened a moment ago.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let mut stream = TcpStream::connect(address).unwrap();
    drop(listener.accept().unwrap());
    assert_eq!(stream.read(&mut [0]).unwrap(), 0);
    drop((stream, listener));
    let over = address.port().to_string();
    let server = [&server[..5], &[over.as_str()]].concat();
    let why = why.replace(&free, &over);
    refused(&[&peer[..], &server].concat(), &why);
}

#[test]
fn another_key() {
    let served = Served::start(&["--key-file", "key"]);
    let peer = format!("127.0.0.1:{}", served.tcp[0]);
    let arguments = [&["--peer", &peer], &AGENT[..]].concat();
    refused(
        &arguments,
        "--peer 127.0.0.1: it has a key: give it with --key-file",
    );
    let other = [&arguments[..], &["--key-file", "key"]].concat();
    refused(&other, "--peer 127.0.0.1: it has another key");
}

#[test]
fn another_version_and_nobody() {
    let socket = UdpSocket::bind("127.0.0.77:0").unwrap();
    let peer = socket.local_addr().unwrap().to_string();
    let answering = std::thread::spawn(move || {
        let mut request = [0; 200];
        let (len, from) = socket.recv_from(&mut request).unwrap();
        assert_eq!((len, &request[..6]), (96, &b"EBLp\x01\0"[..]));
        let told = [b"EBLp\x02\x84\0\x01", &request[8..16]].concat();
        socket.send_to(&told, from).unwrap();
    });
    let version = "--peer 127.0.0.77: it speaks version 2 of the protocol, this program 1";
    refused(&[&["--peer", &peer], &AGENT[..]].concat(), version);
    answering.join().unwrap();
    let nobody = "--peer 127.0.0.78: no answer on any port, TCP 80, 443, 6443, 8080, UDP 53, 443, \
                  3478, 3479; does `peer` run there?";
    refused(&[&["--peer", "127.0.0.78"], &AGENT[..]].concat(), nobody);
    let named = "--peer 127.0.0.78: no answer on any port, TCP 80, 443, 6443, 8080, 9000, UDP 53, \
                 443, 3478, 3479, 9000; does `peer` run there?";
    refused(
        &[&["--peer", "127.0.0.78:9000"], &AGENT[..]].concat(),
        named,
    );
}

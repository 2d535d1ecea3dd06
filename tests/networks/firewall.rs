//! `survive firewall`, behind networks of all kinds.
//!
//! What two other tools say of them, in the same namespaces, once each, asking a coturn
//! `turnserver` on both of the peer's addresses: `turnutils_natdiscovery -m -f` (mapping,
//! filtering) and `stun` 0.97. They ask over UDP 3478 alone, so they cannot tell of TCP, of
//! other ports, of content and of carriers.
//!
//! | network | class | `turnutils_natdiscovery` | `stun` |
//! |---|---|---|---|
//! | open | open | independent, independent | Open |
//! | full cone | open | independent, independent | Independent Mapping, Independent Filter |
//! | masquerade; port taken; two NATs; 100.64 on the interface; content filter; idle time-outs | simple (the first two), complex | independent, by address and port | Independent Mapping, Port Dependent Filter |
//! | inbound dropped | simple | independent, by address and port | Firewall |
//! | inbound rejected (TCP) | simple | independent, independent | Open |
//! | `fully-random` | complex | by address and port, by address and port | Dependent Mapping, random port |
//! | only TCP 443 and UDP 53; UDP dropped | complex | no answer | Blocked or could not reach STUN server |

use crate::board::times;
use crate::emulation::emulated;
use crate::support::{can, BINARY};
use std::net::UdpSocket;
use std::process::{Command, Output, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};

const PRELUDE: &str = include_str!("firewall.sh");
const UNSHARE: [&str; 3] = ["unshare", "-mpnf", "--mount-proc"];

/// In the order of [`ROWS`]: yes, no, or `?` for not known.
const ROWS: [&str; 8] = [
    "inbound kept out",
    "outbound ports limited",
    "UDP blocked",
    "mapping by destination",
    "content filtered on 443",
    "carrier NAT",
    "addresses translated (NAT)",
    "short idle time-out",
];

/// Each network, what it is to be known for, and its class.
const NETWORKS: [(&str, &str, &str); 13] = [
    // The longest first.
    ("idle", "ynnnnnyy", "complex"),
    ("few", "yynnnny", "complex"),
    ("noudp", "yny?nny", "complex"),
    ("content", "ynnnyny", "complex"),
    ("open", "nnnnnnn", "open"),
    ("cone", "nnnnnny", "open"),
    ("masquerade", "ynnnnny", "simple"),
    ("taken", "ynnnnny", "simple"),
    ("dropped", "ynnnnnn", "simple"),
    ("rejected", "ynnnnnn", "simple"),
    ("random", "ynnynny", "complex"),
    ("two", "ynnnnyy", "complex"),
    ("shared", "ynnnnyy", "complex"),
];

#[track_caller]
fn is_possible() -> bool {
    let tools =
        "ip link add eth0 type veth peer name peer0 && nft add table ip t && mount -t tmpfs t /run";
    !emulated() && can(&[&UNSHARE[..], &["sh", "-ec", tools]].concat())
}

/// What a script comes to behind a network, with so many percent of the packets lost.
fn run(script: &str, network: &str, loss: &str) -> Output {
    let script = format!("set -e\n{PRELUDE}\n{script}");
    let mut command = Command::new(UNSHARE[0]);
    command.args(&UNSHARE[1..]).args(["sh", "-c", &script]);
    command
        .env("E", BINARY)
        .env("T", std::env::current_exe().unwrap())
        .env("NETWORK", network)
        .env("LOSS", loss);
    command.stdin(Stdio::null()).output().unwrap()
}

/// What is found behind a network, with so many percent of the packets lost.
fn look(network: &str, loss: &str) -> (Option<i32>, String, String) {
    let idle = if network == "idle" {
        "--idle-up-to 12s"
    } else {
        ""
    };
    let script = format!("look {idle} -o board.ebl || exit $?");
    let done = run(&script, network, loss);
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (done.status.code(), text(done.stdout), text(done.stderr))
}

/// A letter for each row.
fn letters(said: &str) -> String {
    let row = |name: &&str| {
        let mut lines = said.lines();
        let line = lines.find_map(|line| line.strip_prefix(name))?;
        Some(match line.trim_start() {
            line if line.starts_with("yes ") => 'y',
            line if line.starts_with("not known ") => '?',
            line if line.starts_with("no ") => 'n',
            _ => '!',
        })
    };
    ROWS.iter().filter_map(row).collect()
}

/// Looks at each network so often, four at once; what was wrong.
fn wrong(runs: u32, loss: &str) -> Vec<String> {
    let jobs: Vec<_> = (0..runs).flat_map(|_| NETWORKS).collect();
    let next = AtomicUsize::new(0);
    let worker = || {
        let mut wrong = Vec::new();
        while let Some((network, expected, class)) = jobs.get(next.fetch_add(1, Ordering::SeqCst)) {
            let (status, out, err) = look(network, loss);
            let found = letters(&out);
            let is_class = out.contains(&format!("\nclass of the network: {class}: "));
            // An open one is no test of a firewall.
            let is_status = status == Some(if *class == "open" { 2 } else { 0 });
            if (found.as_str(), is_class, is_status) != (*expected, true, true) {
                wrong.push(format!("{network}: {found} for {expected}: {out}{err}"));
            }
        }
        wrong
    };
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..4).map(|_| scope.spawn(worker)).collect();
        let ended = workers.into_iter().map(|worker| worker.join().unwrap());
        ended.flatten().collect()
    })
}

#[test]
fn each_network_is_known_for_what_it_is() {
    if is_possible() {
        let wrong = wrong(times(10), "");
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }
}

/// With a twentieth of the packets lost nothing is taken for what it is not; a finding may
/// be missing.
#[test]
fn a_lost_packet_is_no_finding() {
    let runs = times(10);
    if runs > 1 && is_possible() {
        let wrong = wrong(runs, "5");
        assert!(wrong.len() <= 6, "{}", wrong.join("\n"));
        let is_wrong_yes = |line: &&String| {
            let (found, expected) = line
                .split_once(": ")
                .unwrap()
                .1
                .split_once(" for ")
                .unwrap();
            let mut pairs = found.chars().zip(expected.chars());
            pairs.any(|(found, expected)| found == 'y' && expected != 'y')
        };
        let wrong: Vec<_> = wrong.iter().filter(is_wrong_yes).collect();
        assert!(wrong.is_empty(), "{wrong:?}");
    }
}

/// What a server needs is that it is reached.
#[test]
fn a_server_is_to_be_reached() {
    if !is_possible() {
        return;
    }
    let serve = "\"$E\" peer --tcp 6443 --udp 6443 >served &\n\
                 until [ -s served ]; do sleep 0.02; done\n\
                 look --role server || exit $?";
    let forward = "rule gw nat_in iifname wan tcp dport 6443 dnat to $board.2\n";
    for (rules, status, end) in [
        (
            "",
            1,
            "it does not work here: the peer's connection to port 6443 of the server: it was refused\n",
        ),
        (forward, 0, "it works here\n"),
    ] {
        let prelude = PRELUDE.replace("--role agent ", "");
        let script = format!("set -e\n{prelude}\n{rules}{serve}");
        let mut command = Command::new(UNSHARE[0]);
        command.args(&UNSHARE[1..]).args(["sh", "-c", &script]);
        command.env("E", BINARY).env("NETWORK", "masquerade").env("LOSS", "");
        let done = command.stdin(Stdio::null()).output().unwrap();
        let said = String::from_utf8(done.stdout).unwrap();
        let err = String::from_utf8_lossy(&done.stderr);
        assert_eq!(done.status.code(), Some(status), "{said}{err}");
        assert!(said.ends_with(end), "{said}{err}");
    }
}

/// No test: a neighbour, who has a third of the ports in use that the board may choose.
#[test]
#[ignore = "the neighbour of a network"]
fn take_ports() {
    for port in (10_000..32_000).step_by(3) {
        let socket = UdpSocket::bind(("0.0.0.0", port)).unwrap();
        socket.send_to(b"x", "203.0.113.1:53").unwrap();
    }
}

/// A peer whose own network drops its calls is told from one that this network keeps out, by
/// what it has done before.
#[test]
fn a_peer_that_may_not_be_able_to_dial() {
    if !is_possible() {
        return;
    }
    let script = r#"
        look1() {
          "$E" survive firewall --peer 203.0.113.1 --role agent --check cmd:true --stable 0 >"$1" || :
          tr -s ' \n' ' ' <"$1" | sed 's/ outbound ports limited .*//; s/port [0-9]*/port N/'
          echo
        }
        # That it can dial itself shows nothing of its network.
        ip netns exec net "$E" survive firewall --peer 203.0.113.1 --role agent --check cmd:true --stable 0 >own || :
        grep -q "^inbound kept out  *no " own || cat own
        ip netns exec net nft -f - <<END
table ip own {
  chain out { type filter hook output priority 0; tcp flags & (syn | ack) == syn drop; }
}
END
        look1 mute
        ip netns exec net nft delete table ip own
        look1 open
        rule gw through "$established"
        rule gw through iifname wan drop
        look1 dropped
        "#;
    let done = run(script, "open", "");
    let expected =
        "inbound kept out not known the peer's 3 connections to port N timed out; its own \
        network may keep them in, for none has come to anybody yet: ask it from an open \
        network first, or name a second --peer\n\
        inbound kept out no the peer's connection to port N came here\n\
        inbound kept out yes the peer's 3 connections to port N timed out\n";
    assert_eq!(
        String::from_utf8(done.stdout).unwrap(),
        expected,
        "{}",
        String::from_utf8_lossy(&done.stderr)
    );
}

/// What it was silent about dies with it, and of no firewall.
#[test]
fn a_peer_that_is_started_anew() {
    if !is_possible() {
        return;
    }
    let script = r#"
        "$E" survive firewall --peer 203.0.113.1 --role agent --check cmd:true --stable 0 \
          --idle-up-to 12s >out & board=$!
        while kill -0 $board 2>/dev/null; do
          sleep 5
          kill $(ip netns pids net)
          ip netns exec net "$E" peer >peer.out 2>peer.err &
        done
        wait $board || :
        grep "short idle" out
        "#;
    let done = run(script, "open", "");
    let said = String::from_utf8(done.stdout).unwrap();
    let err = String::from_utf8_lossy(&done.stderr);
    assert!(
        said.starts_with("short idle time-out         not known  "),
        "{said}{err}"
    );
    assert!(
        !said.contains("die") && !said.contains("dead"),
        "{said}{err}"
    );
}

/// What was found by then is told, and in the log; it is no measurement of the product.
#[test]
fn a_long_measurement_that_is_ended() {
    if !is_possible() {
        return;
    }
    let script = r#"
        "$E" survive firewall --peer 203.0.113.1 --role agent --check cmd:true --stable 0 \
          --idle-up-to 1h --product k3s -o cut.ebl >out 2>err & board=$!
        # Where so many connections stay, they are silent.
        looks=0
        while [ $looks -lt 30 ]; do
          kill -0 $board
          sleep 0.1
          [ "$(ss -Htnp state established | grep -c "pid=$board,")" -ge 8 ] &&
            looks=$((looks + 1)) || looks=0
        done
        kill -TERM $board
        wait $board || echo "status $?"
        cat err
        grep "class of\|short idle" out
        tail -n 1 out
        "$E" report cut.ebl | grep "^Simple firewall .\|kept out" | sed "s/port [0-9]*/port N/"
        "$E" compare cut.ebl | grep "a simple firewall"
        "#;
    let done = run(script, "open", "");
    let said = String::from_utf8(done.stdout).unwrap();
    let expected = "status 2\n\
        short idle time-out         not known  TCP, board speaks: not known; TCP, peer speaks: \
        not known; UDP, board speaks: not known; UDP, peer speaks: not known\n\
        class of the network: open: inbound gets in\n\
        agent, class open, asked 203.0.113.1: not measured: ended by a signal\n\
        Simple firewall        not measured  ended by a signal\n\
        \x20 inbound kept out: no: the peer's connection to port N came here\n  behind a simple firewall      not measured [1]\n";
    assert_eq!(said, expected, "{}", String::from_utf8_lossy(&done.stderr));
}

/// A board that does not look for a while has not heard that nobody answers.
#[test]
fn a_board_that_is_stopped() {
    if !is_possible() {
        return;
    }
    let script = r#"
        peer=$(ip netns pids net)
        kill -STOP $peer
        "$E" survive firewall --peer 203.0.113.1 --role agent --check cmd:true --stable 0 >out & board=$!
        until ip netns exec net ss -Hlun sport = 53 | awk '{ exit !$2 }'; do sleep 0.05; done
        kill -STOP $board
        kill -CONT $peer
        # Longer than an answer is waited for.
        sleep 8
        kill -CONT $board
        wait $board || :
        grep "^UDP blocked" out
        "#;
    let done = run(script, "open", "");
    assert_eq!(
        String::from_utf8(done.stdout).unwrap(),
        "UDP blocked                 no         the peer answers over UDP\n",
        "{}",
        String::from_utf8_lossy(&done.stderr)
    );
}

//! What is not done, told in one line, and with nothing changed.

use crate::board::{is_possible, run};

/// The one line that is said, with status 2; the state is the one before, after `setup`.
fn refused_after(setup: &str, script: &str) -> String {
    let whole = format!(
        "hard\n{setup}\nstate >before\nstatus=0\n{script} || status=$?\n[ \"$status\" = 2 ]\n\
         again before 1\n[ ! -e /run/edgebench-lite/ip-change ]"
    );
    let done = run(&whole, &[]);
    let err = String::from_utf8(done.stderr).unwrap();
    assert!(done.status.success(), "{script}: {err}");
    assert_eq!(String::from_utf8(done.stdout).unwrap(), "", "{script}");
    assert_eq!(err.lines().count(), 1, "{script}: {err}");
    err.trim_end()
        .strip_prefix("edgebench-lite: ")
        .unwrap()
        .to_owned()
}

fn refused(script: &str) -> String {
    refused_after("", script)
}

#[test]
fn every_bad_input() {
    if !is_possible() {
        return;
    }
    let change = "\"$E\" survive ip-change --check cmd:true --stable 0 --from 10.0.0.1";
    let of = |rest: &str| refused(&format!("{change} {rest}"));
    assert_eq!(
        of("--iface eth9 --to 10.0.0.77/24"),
        "eth9: no such interface"
    );
    let setup = "ip link add eth1 type veth peer name peer1; ip addr add 10.1.0.1/24 dev eth1";
    let down = "\"$E\" survive ip-change --check cmd:true --iface eth1 --to 10.1.0.2/24";
    assert_eq!(refused_after(setup, down), "eth1 is down: put it up first");
    let far = "ip -n far link set peer0 address 02:00:00:00:00:fe
        ip -n far addr add fd00::fe/64 dev peer0 nodad";
    let used = refused_after(far, &format!("{change} --iface eth0 --to 10.0.0.254/24"));
    assert_eq!(
        used,
        "10.0.0.254 is in use on eth0: 02:00:00:00:00:fe has it"
    );
    let six =
        "\"$E\" survive ip-change --check cmd:true --iface eth0 --from fd00::1 --to fd00::fe/64";
    let used = refused_after(far, six);
    assert_eq!(used, "fd00::fe is in use on eth0: 02:00:00:00:00:fe has it");
    assert_eq!(
        of("--iface eth0 --to 10.0.0.3/24"),
        "10.0.0.3 is an address of this machine already, on eth0"
    );
    // The address without a route to its subnet does not help.
    let alone = "ip addr del 10.0.0.3/24 dev eth0";
    let lost = refused_after(alone, &format!("{change} --iface eth0 --to 172.17.0.2/24"));
    assert_eq!(
        lost,
        "with 172.17.0.2/24 nothing leads to the gateway of `route default via 10.0.0.254 table 100`: choose \
         an address of its subnet"
    );
    let several = "\"$E\" survive ip-change --check cmd:true --iface eth0 --to 10.0.0.77/24";
    assert_eq!(
        refused(several),
        "eth0 has several addresses, 10.0.0.1, 192.168.9.1, 10.0.0.3, 10.0.0.4: say which with --from"
    );
    let unable = format!("setpriv --bounding-set -net_admin --inh-caps -net_admin {change} --iface eth0 --to 10.0.0.77/24");
    assert_eq!(
        refused(&unable),
        "cannot change addresses: no CAP_NET_ADMIN; run as root"
    );
    let deaf = format!("setpriv --bounding-set -net_raw --inh-caps -net_raw {change} --iface eth0 --to 10.0.0.77/24");
    assert_eq!(
        refused(&deaf),
        "cannot ask who has 10.0.0.77: no CAP_NET_RAW; run as root"
    );
    let see = "(see edgebench-lite survive ip-change --help)";
    for (rest, why) in [
        (
            "--to 10.0.0.255/24",
            "--to: `10.0.0.255/24` is a whole subnet's address, no machine's",
        ),
        (
            "--to fd00::77/64",
            "survive ip-change: --from and --to are of two families",
        ),
    ] {
        assert_eq!(of(&format!("--iface eth0 {rest}")), format!("{why} {see}"));
    }
    let none = "\"$E\" survive ip-change --iface '' --from none --to 10.0.0.77/24";
    assert_eq!(
        refused(none),
        format!("--from: `none` is not an address, such as 192.168.1.5 {see}")
    );
    let nothing = "\"$E\" survive ip-change --iface eth0 --from 10.0.0.1 --to 10.0.0.77/24";
    assert!(
        refused(nothing).starts_with("nothing to check: "),
        "{}",
        refused(nothing)
    );
    let endless = of("--iface eth0 --to 10.0.0.77/24 --check 'cmd:sleep 1000' --check-timeout 1s");
    assert_eq!(
        endless,
        "not healthy before the change: cmd:sleep 1000: no answer within 1 s"
    );
    // Nobody serves names on this board.
    let nameless = format!("{change} --iface eth0 --to 10.0.0.77/24 --check tls://no.test:6443");
    assert_eq!(
        refused_after("names", &nameless),
        "--check tls://no.test:6443: no name server answers"
    );
    assert_eq!(
        of("--iface eth0 --to 10.0.0.77/24 --check http://a..b:80"),
        "--check http://a..b:80: no name of a host"
    );
    assert_eq!(
        of("--undo"),
        "nothing to undo: no change of an address is noted"
    );
}

//! A change: judged right, and everything as it was afterwards.

use crate::board::{is_possible, said, times};
use crate::support::can;

/// Changes, and says how it ended and whether the state is the one before.
const CHANGE: &str = r#"
[ -z "$HARD" ] || hard
serve "$KIND"
settled
state >before
status=0
change --every 100ms --stable 500ms --check tcp://10.0.0.1:8080 --within "$WITHIN" --restart "$RESTART" -o log >out 2>err || status=$?
again before 1 && echo equal
echo "status $status"
[ ! -e /run/edgebench-lite/ip-change ] && echo "nothing kept"
"$E" log cat log | grep -o '"verdict":[0-9]*'
cat out err
"#;

/// The service again, under the address that the board has then.
const AGAIN: &str = "kill $(cat service); . ./again.sh";

fn changed(kind: &str, hard: &str, promote: &str) -> String {
    let again = "cat >again.sh <<'END'\nSERVE=fixed setsid \"$T\" --ignored --exact services::serve >/dev/null 2>&1 &\necho $! >service\nEND\n";
    let restart = match kind {
        // It comes back for another address, and for the old one again.
        "restarted" => AGAIN,
        _ => "true",
    };
    // Who waits in vain waits all of it; who does not, as long as a slow machine needs.
    let within = match kind {
        "fixed" => "2s",
        "restarted" => "4s",
        _ => "60s",
    };
    let kind = if kind == "restarted" { "fixed" } else { kind };
    said(
        &format!("{again}{CHANGE}"),
        &[
            ("KIND", kind),
            ("HARD", hard),
            ("PROMOTE", promote),
            ("RESTART", restart),
            ("WITHIN", within),
        ],
    )
}

/// `verdict`, of the log: 1 is yes, 2 no.
fn judged(kind: &str, status: u8, verdict: u8, lines: &[&str]) {
    if !is_possible() {
        return;
    }
    for round in 0..times(5) {
        // Plain and hard, with and without promotion, in turn.
        for (hard, promote) in [("", "0"), ("1", "0"), ("1", "1"), ("", "1")] {
            if times(4) == 1 && (hard, promote) != ("1", "0") {
                continue;
            }
            let said = changed(kind, hard, promote);
            let head = format!("equal\nstatus {status}\nnothing kept\n\"verdict\":{verdict}\n");
            assert!(
                said.starts_with(&head),
                "{round} {kind} {hard} {promote}: {said}"
            );
            for line in lines {
                assert!(
                    said.contains(line),
                    "{round} {kind} {hard} {promote}: {line}: {said}"
                );
            }
        }
    }
}

#[test]
fn a_service_on_every_address_stays_up() {
    let stays =
        "Survives: yes (eth0: 10.0.0.77 in place of 10.0.0.1)\n  stays up            0.00 s  yes";
    judged("all", 0, 1, &[stays, "all of the old state is back"]);
}

#[test]
fn a_service_that_rebinds_stays_up_after_an_outage() {
    judged(
        "rebinding",
        0,
        1,
        &["Survives: yes", "  yes: length of the outage"],
    );
}

#[test]
fn a_service_bound_to_the_old_address_comes_back_after_a_restart() {
    let lines = [
        "no: tcp://10.0.0.1:8080: Connection refused",
        "after a restart",
        "Survives: yes",
    ];
    judged("restarted", 0, 1, &lines);
}

#[test]
fn a_service_that_does_not_come_back_is_a_no() {
    let lines = ["Survives: no (eth0: 10.0.0.77 in place of 10.0.0.1: tcp://10.0.0.1:8080: Connection refused)"];
    judged("fixed", 1, 2, &lines);
}

/// IPv6: the address, its prefix route, and routes from it.
#[test]
fn an_address_of_ipv6() {
    if !is_possible() {
        return;
    }
    let said = said(
        r#"
        hard
        state >before
        "$E" survive ip-change --iface eth0 --to fd00::77/64 --from fd00::1 --every 100ms --stable 1s \
          --check-timeout 60s --check 'cmd:(ip -6 addr show dev eth0; ip -6 route; echo) >>during' >out
        again before 1 && echo equal
        grep -o 'fd00::77/64 scope global' during | uniq
        grep -o 'fd01::/64 via fd00::fe dev eth0 src fd00::77' during | uniq
        # Never neither.
        awk -v RS= '{ print /fd00::1\/64/ || /fd00::77\/64/ }' during | uniq
        "#,
        &[],
    );
    assert_eq!(
        said,
        "equal\nfd00::77/64 scope global\nfd01::/64 via fd00::fe dev eth0 src fd00::77\n1\n"
    );
}

/// The first address of the interface is the one that the kernel sends from where no route
/// says another: the new one takes that place, and the old one is given it back.
#[test]
fn subnets_keep_their_order() {
    if !is_possible() {
        return;
    }
    for promote in ["0", "1"] {
        let said = said(
            r#"
            ip addr add 192.168.9.1/24 dev eth0
            ip addr add 10.0.0.3/24 dev eth0
            ip addr add 172.16.5.1/24 dev eth0
            ip addr add 192.168.9.2/24 dev eth0
            ip route add 10.50.0.0/16 dev eth0
            for subnet in 1 2 3; do ip -6 addr add fd00:$subnet::1/64 dev eth0 nodad; done
            settled
            # In their order, with the source of what goes nowhere in particular.
            cat >shown.sh <<'END'
            ip addr show dev eth0 | sed -n 's/^ *inet6* \([^ ]*\) .*global.*/\1/p'
            ip route get 10.50.0.1 | sed -n 's/.* src \([^ ]*\).*/src \1/p'
END
            # What has changed between the two commands, or the two looks, is neither.
            cat >look.sh <<'END'
            sh shown.sh >seen; sh shown.sh >again
            ! cmp -s seen again || ! grep -q 77 seen || cp seen during
END
            sh shown.sh >before
            state >state.before
            for change in "10.0.0.1 10.0.0.77/24" "172.16.5.1 172.16.5.77/24" "fd00:2::1 fd00:2::77/64"; do
              "$E" survive ip-change --iface eth0 --from ${change% *} --to ${change#* } --every 100ms --stable 500ms \
                --check-timeout 60s --check "cmd:sh look.sh" >out
              diff before during | sed -n '/^[<>]/p' | tr '\n' ' '
              sh shown.sh | cmp before - && again state.before 1 && echo equal
            done
            "#,
            &[("PROMOTE", promote)],
        );
        let expected = [
            "< 10.0.0.1/24 > 10.0.0.77/24 < src 10.0.0.1 > src 10.0.0.77 equal",
            "< 172.16.5.1/24 > 172.16.5.77/24 equal",
            "< fd00:2::1/64 > fd00:2::77/64 equal",
        ];
        let said: Vec<&str> = said.lines().collect();
        assert_eq!(said, expected, "{promote}");
    }
}

/// A lease that is renewed while the product is looked at: what is left of the old one is
/// not what the new address gets. It is renewed by the first look, which ends before the
/// change: later it could put the old address back.
#[test]
fn a_lease_that_is_renewed_before_the_change() {
    if !is_possible() {
        return;
    }
    let said = said(
        r#"
        ip addr change 10.0.0.1/24 dev eth0 valid_lft 500 preferred_lft 500
        "$E" survive ip-change --iface eth0 --to 10.0.0.77/24 --every 100ms --stable 500ms \
          --check-timeout 60s --check 'cmd:ip addr show dev eth0 >seen; ! grep -q 10.0.0.77/ seen || cp seen during
            [ -e renewed ] || ip addr change 10.0.0.1/24 dev eth0 valid_lft 5000 preferred_lft 5000
            touch renewed' >out
        left=$(sed -n '/10.0.0.77\//{n;s/.*valid_lft \([0-9]*\)sec.*/\1/p;}' during)
        [ "$left" -gt 500 ]
        grep -c 'all of the old state is back' out
        "#,
        &[],
    );
    assert_eq!(said, "1\n");
}

/// Of two ways that are as far the kernel takes the first: each keeps its place.
#[test]
fn two_ways_as_far() {
    if !is_possible() {
        return;
    }
    let said = said(
        r#"
        ip link add eth1 type veth peer name peer1 netns far
        ip -n far addr add 10.1.0.254/24 dev peer1
        ip -n far link set peer1 up
        ip addr add 10.1.0.1/24 dev eth1
        echo 1 >/proc/sys/net/ipv6/conf/eth1/disable_ipv6
        ip link set eth1 up
        ip route del default
        ip route append default via 10.0.0.254 src 10.0.0.1 metric 1024
        ip route append default via 10.1.0.254 src 10.1.0.1 metric 1024
        settled
        state >before
        for number in 0 1; do
          "$E" survive ip-change --iface eth$number --to 10.$number.0.77/24 --every 100ms --stable 500ms \
            --check-timeout 60s --check 'cmd:ip route show default >seen; ! grep -q 77 seen || cp seen during' >out
          ! grep 'not brought' out
          sed 's/ *$//' during
          again before 1 && echo equal
        done
        "#,
        &[],
    );
    let expected = "default via 10.0.0.254 dev eth0 src 10.0.0.77 metric 1024\n\
                    default via 10.1.0.254 dev eth1 src 10.1.0.1 metric 1024\nequal\n\
                    default via 10.0.0.254 dev eth0 src 10.0.0.1 metric 1024\n\
                    default via 10.1.0.254 dev eth1 src 10.1.0.77 metric 1024\nequal\n";
    assert_eq!(said, expected);
}

/// A name of a host is looked up once: in /etc/hosts, or by a query.
#[test]
fn a_check_names_its_host() {
    if !is_possible() {
        return;
    }
    let serves_names = can(&["dnsmasq", "--version"]);
    for (name, hosts) in [
        ("board.test", "10.0.0.1 other.test Board.test"),
        ("far.test", ""),
    ] {
        if hosts.is_empty() && !serves_names {
            continue;
        }
        let said = said(
            r#"
            names
            echo "$HOSTS" >/etc/hosts
            echo nameserver 10.0.0.254 >/etc/resolv.conf
            [ -n "$HOSTS" ] || ip netns exec far dnsmasq -C /dev/null -u root -h -R -A "/$NAME/10.0.0.1" -x /run/names
            serve http
            status=0
            "$E" survive ip-change --iface eth0 --to 10.0.0.77/24 --every 100ms --stable 500ms               --check "tcp://$NAME:8080" --check "http://$NAME:8080/status#connected" >out 2>err || status=$?
            echo "status $status"
            cat out err
            "#,
            &[("NAME", name), ("HOSTS", hosts)],
        );
        assert!(
            said.starts_with(
                "status 0
"
            ),
            "{said}"
        );
        let stays = "Survives: yes (eth0: 10.0.0.77 in place of 10.0.0.1)
";
        assert!(said.contains(stays), "{said}");
    }
}

/// Somebody pulls the cable, or puts the interface down, and back again once that was seen.
#[test]
fn a_cable_that_is_pulled_is_observed() {
    if !is_possible() {
        return;
    }
    for (down, up) in [
        (
            "ip -n far link set peer0 down",
            "ip -n far link set peer0 up",
        ),
        ("ip link set eth0 down", "ip link set eth0 up"),
    ] {
        let said = said(
            r#"
            "$E" survive ip-change --iface eth0 --observe --stable 1s --every 50ms -o log \
              --check-timeout 60s --check 'cmd:ip link show dev eth0 | grep -q LOWER_UP || { touch seen; exit 1; }' >out 2>err &
            main=$!
            until grep -q Waiting out; do kill -0 $main; sleep 0.05; done
            $DOWN
            until [ -e seen ]; do kill -0 $main; sleep 0.05; done
            sleep 0.3
            $UP
            status=0; wait $main || status=$?
            echo "status $status"
            sed -n 's/^  stays up *\([0-9.]*\) s  yes.*/\1/p' out
            cat out err
            "$E" log cat log | grep -o '"verdict":[0-9]*'
            "#,
            &[("DOWN", down), ("UP", up)],
        );
        let mut lines = said.lines();
        assert_eq!(lines.next(), Some("status 0"), "{down}: {said}");
        let outage: f64 = lines.next().unwrap().parse().unwrap();
        assert!(outage >= 0.3, "{down}: {said}");
        let verdict = "\nSurvives: yes (eth0: the cable, or the interface, went; 10.0.0.1 before, \
                       10.0.0.1 after)\n";
        assert!(said.contains(verdict), "{down}: {said}");
        assert!(said.ends_with("\"verdict\":1\n"), "{down}: {said}");
    }
}

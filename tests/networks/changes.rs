//! A change: judged right, and everything as it was afterwards.

use crate::board::{is_possible, said, times};

/// Changes, and says how it ended and whether the state is the one before.
const CHANGE: &str = r#"
[ -z "$HARD" ] || hard
serve "$KIND"
settled
state >before
status=0
change --every 100ms --stable 500ms --check tcp://10.0.0.1:8080 --within 2s --restart "$RESTART" -o log >out 2>err || status=$?
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
    let kind = if kind == "restarted" { "fixed" } else { kind };
    said(
        &format!("{again}{CHANGE}"),
        &[
            ("KIND", kind),
            ("HARD", hard),
            ("PROMOTE", promote),
            ("RESTART", restart),
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
    judged(
        "all",
        0,
        1,
        &[stays, "the old state is back, and nothing differs"],
    );
}

#[test]
fn a_service_that_rebinds_stays_up_after_an_outage() {
    judged(
        "rebinding",
        0,
        1,
        &["Survives: yes", "  stays up            0."],
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
          --check 'cmd:(ip -6 addr show dev eth0; ip -6 route; echo) >>during' >out
        again before 1 && echo equal
        grep -o 'fd00::77/64 scope global' during | uniq
        grep -o 'fd01::/64 via fd00::fe dev eth0 src fd00::77' during | uniq
        # Never both, and never neither.
        awk -v RS= '{ print /fd00::1\/64/ + /fd00::77\/64/ }' during | uniq
        "#,
        &[],
    );
    assert_eq!(
        said,
        "equal\nfd00::77/64 scope global\nfd01::/64 via fd00::fe dev eth0 src fd00::77\n1\n"
    );
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
              --check 'cmd:ip link show dev eth0 | grep -q LOWER_UP || { touch seen; exit 1; }' >out 2>err &
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

//! What is said of a product that does not live through it, and of one that stays down.

use crate::board::{is_possible, run, said, tried};
use crate::support::with_patience;

/// A unit that runs under the old address only, by a systemctl and a journalctl that are
/// scripts.
const UNIT: &str = r#"
mkdir bin; PATH=/run/bin:$PATH
cat >bin/systemctl <<'END'
#!/bin/sh
echo "$*" >>/run/asked
[ "$1" = show ] || exit 0
if ip addr show dev eth0 | grep -q 10.0.0.77; then
  echo 'NRestarts=7'; echo 'ActiveState=activating'; echo 'SubState=auto-restart'
else
  echo 'NRestarts=0'; echo 'ActiveState=active'; echo 'SubState=running'
fi
END
cat >bin/journalctl <<'END'
#!/bin/sh
echo "$*" >>/run/asked
echo 'Starting Lightweight Kubernetes...'
echo 'level=fatal msg="failed to find interface with specified node ip"'
echo 'level=fatal msg="starting kubernetes: this server is a not a member of the etcd cluster"'
END
chmod +x bin/systemctl bin/journalctl
"#;

#[test]
fn the_cause_of_a_no_is_the_first_known_line() {
    if !is_possible() {
        return;
    }
    let script = r#"
        status=0
        change --every 100ms --stable 500ms --within 1s --check unit:k3s --restart k3s -o log >out || status=$?
        echo "status $status"
        cat out
        sed 's/@[0-9]*/@TIME/' asked | sort -u
        "$E" report log
    "#;
    let said = said(&[UNIT, script].concat(), &[]);
    let cause = "k3s: level=fatal msg=\"failed to find interface with specified node ip\"";
    let verdict = format!("Survives: no (eth0: 10.0.0.77 in place of 10.0.0.1: {cause})\n");
    assert!(said.starts_with("status 1\n"), "{said}");
    for line in [
        verdict.as_str(),
        "\n  stays up  ",
        "s  no: unit:k3s: activating (auto-restart)\n",
        "\n  after a restart  ",
        &format!("  cause: {cause}\n"),
        "\nrestart -- k3s\n",
        "\nshow -p ActiveState,SubState,NRestarts,MainPID -- k3s\n",
        "-q --no-pager -o cat -u k3s --since=@TIME\n",
        "New IP address",
    ] {
        assert!(said.contains(line), "{line}: {said}");
    }
}

#[test]
fn a_product_that_stays_down_is_said_last() {
    if !is_possible() {
        return;
    }
    let script = r#"
        serve fixed
        status=0
        change --every 100ms --stable 500ms --within 1s --check tcp://10.0.0.1:8080 \
          --restart 'kill -9 $(cat /run/service)' >out || status=$?
        echo "status $status" >&2
    "#;
    let done = run(script, &[]);
    let err = String::from_utf8(done.stderr).unwrap();
    let expected = "edgebench-lite: THE PRODUCT IS UNHEALTHY, though 10.0.0.1 is back on eth0: \
                    its restart failed\nstatus 2\n";
    assert_eq!(err, expected);
}

/// Both processes killed: the state is kept, and `--undo` puts it back.
#[test]
fn what_was_left_is_undone() {
    if !is_possible() {
        return;
    }
    let script = r#"
        hard
        state >before
        "$E" survive ip-change --iface eth0 --to 10.0.0.77/24 --from 10.0.0.1 --stable $STABLE --check cmd:true \
          >out 2>err &
        main=$!
        changed $main
        # Neither can see the end of the other.
        kill -STOP $main; kill -9 $(dead_man); kill -9 $main
        ip addr show dev eth0 | grep -o 10.0.0.77/24
        change --check cmd:true --stable 0 2>&1 || :
        "$E" survive ip-change --undo
        again before 1 && echo equal
        "$E" survive ip-change --undo 2>&1 || echo "status $?"
    "#;
    let expected = "10.0.0.77/24\n\
        edgebench-lite: an earlier change was not put back; `survive ip-change --undo` does it\n\
        10.0.0.1 is back, and all that belongs to it.\nequal\n\
        edgebench-lite: nothing to undo: no change of an address is noted\nstatus 2\n";
    let come_to = |stable: &str| tried(script, &[("STABLE", stable)]);
    let expected = Ok(expected.to_owned());
    assert_eq!(with_patience(come_to, |said| *said == expected), expected);
}

/// In a cgroup that it cannot leave, nothing is changed without `--force`.
#[test]
fn a_cgroup_that_cannot_be_left() {
    if !is_possible() {
        return;
    }
    let script = r#"
        mount=$(awk '/ - cgroup2 / || /name=systemd/ {print $5; exit}' /proc/self/mountinfo)
        group=$mount/edgebench-test.$(od -An -N4 -tx4 /dev/urandom | tr -d ' ')
        mkdir "$group"
        (
          sh -c 'echo $PPID' >"$group/cgroup.procs"
          awk '/ - cgroup2 / || /name=systemd/ {print $5}' /proc/self/mountinfo |
            while read -r mount; do mount -o remount,bind,ro "$mount"; done
          change --stable 0 --check cmd:true 2>&1 || echo "status $?"
          ip addr show dev eth0 | grep -o '10.0.0.[0-9]*/24'
          change --stable 0 --check cmd:true --force >out && grep -o 'Survives: yes' out
        )
        awk '/ - cgroup2 / || /name=systemd/ {print $5}' /proc/self/mountinfo |
          while read -r mount; do mount -o remount,bind,rw "$mount"; done
        rmdir "$group"
    "#;
    let said = said(script, &[]);
    let mut lines = said.lines();
    assert!(
        lines.next().unwrap().starts_with("eth0 gets 10.0.0.77/24 "),
        "{said}"
    );
    let refusal = lines.next().unwrap();
    let start = "edgebench-lite: nothing was changed: cannot leave the cgroup /edgebench-test.";
    assert!(refusal.starts_with(start), "{said}");
    assert!(
        refusal.ends_with("Read-only file system; --force goes on without"),
        "{said}"
    );
    let rest: Vec<&str> = lines.collect();
    assert_eq!(rest, ["status 2", "10.0.0.1/24", "Survives: yes"]);
}

/// A server of k3s whose units, ports and kubectl(1) are scripts; what its node reports is
/// in the file `node`, beside another node, and `fails` makes kubectl fail.
const K3S: &str = r#"
mkdir bin; PATH=/run/bin:$PATH
cat >bin/systemctl <<'END'
#!/bin/sh
[ "$1" = show ] || { ip -4 addr show dev eth0 | sed -n 's/ *inet \([0-9.]*\)\/24 .*/\1/p' >/run/restarted; eval "$ON_RESTART"; exit 0; }
echo 'NRestarts=0'; echo 'ActiveState=active'; echo 'SubState=running'
END
cat >bin/journalctl <<'END'
#!/bin/sh
echo 'level=error msg="remotedialer: connect: cannot assign requested address"'
END
cat >bin/k3s <<'END'
#!/bin/sh
case "$*" in
'kubectl get --raw=/readyz') printf ok ;;
'kubectl get nodes -o jsonpath='*'.items'*'InternalIP'*)
  if [ -e /run/fails ] && ip addr show dev eth0 | grep -q 10.0.0.77; then
    echo 'The connection to the server 127.0.0.1:6443 was refused - did you specify the right host or port?' >&2
    exit 1
  fi
  echo 'W1128 16:00:00.000000    4242 warnings.go:70] slow' >&2
  printf '\n10.0.0.9 %s\n' "$(cat /run/node)"
  ;;
*) echo "error: unknown command \"$*\" for \"kubectl\"" >&2; exit 1 ;;
esac
END
chmod +x bin/*
echo 10.0.0.1 >node
at() { SERVE=$1 PORT=$2 setsid "$T" --ignored --exact services::serve >/dev/null 2>&1 & }
at healthz 10248; at tls 6443
until [ "$(ss -Hltn 'sport = 10248 or sport = 6443' | wc -l)" = 2 ]; do sleep 0.05; done
status=0
change --product k3s --every 100ms --stable 500ms --within 1s -o log >out || status=$?
echo "status $status"
cat out
"#;

fn k3s(setup: &str, on_restart: &str) -> String {
    said(&[setup, "\n", K3S].concat(), &[("ON_RESTART", on_restart)])
}

#[test]
fn a_node_that_reports_the_old_address_is_a_no() {
    if !is_possible() {
        return;
    }
    let said = k3s("", "");
    assert!(said.starts_with("status 1\n"), "{said}");
    let why = "the node's address: it reports 10.0.0.1, not 10.0.0.77";
    for line in [
        // Whatever its journal says beside that.
        format!("\nSurvives: no (eth0: 10.0.0.77 in place of 10.0.0.1: {why})\n"),
        format!(" s  no: {why}\n"),
        "stays up: cmd:k3s kubectl get --raw=/readyz: yes; ".to_owned(),
        "stays up: tls://127.0.0.1:6443: yes; ".to_owned(),
        "stays up: http://127.0.0.1:10248/healthz#ok: yes; ".to_owned(),
    ] {
        assert!(said.contains(&line), "{line}: {said}");
    }
    assert!(!said.contains("cause: "), "{said}");
}

/// It is restarted once more when the old address is back.
#[test]
fn a_node_that_reports_the_new_address_after_a_restart_is_a_yes() {
    if !is_possible() {
        return;
    }
    let said = k3s("", "cp /run/restarted /run/node");
    assert!(said.starts_with("status 0\n"), "{said}");
    let why = "  no: the node's address: it reports 10.0.0.1, not 10.0.0.77\n";
    let verdict = "\nSurvives: yes (eth0: 10.0.0.77 in place of 10.0.0.1)\n";
    assert!(said.contains(why) && said.contains(verdict), "{said}");
    assert!(said.contains("\n  after a restart  "), "{said}");
}

#[test]
fn a_node_that_goes_on_to_report_the_new_address_is_unhealthy_afterwards() {
    if !is_possible() {
        return;
    }
    let said = k3s("", "echo 10.0.0.77 >/run/node");
    assert!(said.starts_with("status 2\n"), "{said}");
    let after = "unhealthy afterwards: the node's address: it reports 10.0.0.77, not 10.0.0.1\n";
    assert!(said.contains(after), "{said}");
}

#[test]
fn a_node_that_cannot_be_asked_is_not_known() {
    if !is_possible() {
        return;
    }
    let said = k3s("touch fails", "");
    assert!(said.starts_with("status 2\n"), "{said}");
    let refused = "the node's address: status 1: The connection to the server 127.0.0.1:6443 was \
                   refused - did you specify the right host or port?\n";
    let reason = format!("\nSurvives: not measured: {refused}");
    assert!(said.contains(&reason), "{said}");
    assert!(
        said.contains(&format!(" s  not known: {refused}")),
        "{said}"
    );
}

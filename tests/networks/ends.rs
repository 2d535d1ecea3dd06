//! Ends that nobody planned: the state is the one before all the same.

use crate::board::{is_possible, times, tried};
use crate::support::with_patience;

/// Each round begins a change, does what `ACT` says to process $main once it is in force,
/// and looks whether the state is the one before again.
const ROUNDS: &str = r#"
hard
serve all
state >before
name=edgebench-test.$(od -An -N4 -tx4 /dev/urandom | tr -d ' ')
for round in $(seq "$ROUNDS"); do
  ( eval "$INTO"; exec "$E" survive ip-change --iface eth0 --to 10.0.0.77/24 --from 10.0.0.1 --every 100ms \
    --stable "$STABLE" --check tcp://10.0.0.1:8080 -o log ) >out 2>err &
  main=$!
  eval "$WHEN"
  eval "$ACT"
  again before 1000 || { echo "round $round: not as before"; cat out err; exit 1; }
  status=0; wait "$main" || status=$?
  echo "$status" >>statuses
  rmdir /sys/fs/cgroup/"$name" /sys/fs/cgroup/*/"$name" 2>/dev/null || :
  looks=0
  while [ -n "$(dead_man)" ]; do looks=$((looks + 1)); [ "$looks" -lt 100 ]; sleep 0.1; done
  [ ! -e /run/edgebench-lite/ip-change ]
  kill -0 "$(cat service)"
done
sort statuses | uniq -c | sed 's/^ *//'
"#;

/// The statuses of so many rounds, each with how often it came.
fn rounds(count: u32, variables: &[(&str, &str)]) -> Result<String, String> {
    let count = times(count).to_string();
    // Healthy before takes no time, the probes for the address 1.2 s.
    let usual = [
        ("ROUNDS", count.as_str()),
        ("WHEN", "changed $main"),
        ("INTO", ":"),
    ];
    tried(ROUNDS, &[&usual[..], variables].concat())
}

/// The change is in force for as long as this machine needs for what is done meanwhile.
fn all_of(count: u32, status: u8, variables: &[(&str, &str)]) {
    let expected = Ok(format!("{} {status}\n", times(count)));
    let come_to = |stable: &str| rounds(count, &[&[("STABLE", stable)], variables].concat());
    if is_possible() {
        let statuses = with_patience(come_to, |statuses| *statuses == expected);
        assert_eq!(statuses, expected);
    }
}

#[test]
fn killed() {
    all_of(10, 137, &[("ACT", "kill -9 $main")]);
}

#[test]
fn killed_at_any_moment() {
    // From before the change to after it.
    let when = "sleep $(awk -v seed=\"$(od -An -N4 -tu4 /dev/urandom)\" 'BEGIN { srand(seed); print 3 + rand() * 5 }')";
    let variables = [
        ("STABLE", "3s"),
        ("WHEN", when),
        ("ACT", "kill -9 $main || :"),
    ];
    if is_possible() {
        rounds(50, &variables).unwrap();
    }
}

#[test]
fn its_whole_cgroup_killed() {
    // Of v2, or of systemd's own hierarchy of v1.
    let find = "group=$(awk '/ - cgroup2 / || /name=systemd/ {print $5; exit}' /proc/self/mountinfo)/$name; mkdir -p $group";
    let into = format!("{find}; sh -c 'echo $PPID' >$group/cgroup.procs");
    let act = format!("{find}; kill -9 $(cat $group/cgroup.procs)");
    all_of(10, 137, &[("INTO", &into), ("ACT", &act)]);
}

#[test]
fn out_of_memory() {
    let find = "group=/sys/fs/cgroup/memory/$name; mkdir -p $group";
    let into = format!(
        "{find}; sh -c 'echo $PPID' >$group/cgroup.procs; echo 60M >$group/memory.limit_in_bytes"
    );
    // Something in the same cgroup takes it all, and the program is the first to go for it.
    let act = format!(
        "{find}; echo 1000 >/proc/$main/oom_score_adj; \
         sh -c \"echo \\$\\$ >$group/cgroup.procs; exec tail /dev/zero\" || :"
    );
    if std::path::Path::new("/sys/fs/cgroup/memory/memory.limit_in_bytes").exists() {
        all_of(10, 137, &[("INTO", &into), ("ACT", &act)]);
    } else {
        crate::skip::skipped("no memory cgroup of v1");
    }
}

#[test]
fn its_terminal_hangs_up() {
    // It goes on, and puts the state back itself.
    all_of(10, 0, &[("ACT", "kill -HUP $main")]);
}

#[test]
fn its_terminal_is_closed() {
    if !crate::support::can(&["script", "-qec", "true", "/dev/null"]) {
        return;
    }
    let rounds = times(10);
    let script = r#"
        hard; serve all; state >before
        for round in $(seq "$ROUNDS"); do
          rm -f log
          script -qec "$E survive ip-change --iface eth0 --to 10.0.0.77/24 --from 10.0.0.1 --every 100ms \
            --stable $STABLE --check tcp://10.0.0.1:8080 -o log" /dev/null >/dev/null 2>&1 &
          changed $!
          kill -9 $!
          again before 1000
          until "$E" log cat log 2>/dev/null | grep -o '"verdict":[0-9]'; do sleep 0.2; done
        done
    "#;
    let expected = Ok("\"verdict\":1\n".repeat(rounds as usize));
    let rounds = rounds.to_string();
    let come_to = |stable: &str| tried(script, &[("ROUNDS", &rounds), ("STABLE", stable)]);
    if is_possible() {
        let verdicts = with_patience(come_to, |verdicts| *verdicts == expected);
        assert_eq!(verdicts, expected);
    }
}

#[test]
fn the_interface_goes_down_and_up() {
    let act = "ip link set eth0 down; sleep 0.2; ip link set eth0 up";
    // IPv6 asks whether the link's own address is free.
    all_of(10, 2, &[("ACT", act)]);
}

#[test]
fn the_process_that_rolls_back_is_killed() {
    all_of(10, 2, &[("ACT", "kill -9 $(dead_man)")]);
}

#[test]
fn the_old_address_is_put_back_by_somebody() {
    all_of(10, 2, &[("ACT", "ip addr add 10.0.0.1/24 brd + dev eth0")]);
}

//! What others do to the interface while its address is another.

use crate::board::{is_possible, said};

/// A change, in which `MEANWHILE` is done once it is in force; then how it ended.
const MEANWHILE: &str = r#"
settled
"$E" survive ip-change --iface eth0 --from "$FROM" --to "$TO" --every 100ms --stable 3s --check-timeout 60s \
  --check 'cmd:ip addr show dev eth0 >seen' >out 2>err &
main=$!
until ip addr show dev eth0 | grep -q "${TO%/*}/"; do kill -0 $main; sleep 0.02; done
sleep 0.5
eval "$MEANWHILE"
status=0; wait $main || status=$?
echo "status $status"
grep 'old state' out
[ -e /run/edgebench-lite/ip-change ] || echo "nothing kept"
ip addr show dev eth0 | sed -n 's/^ *inet6* \([^ ]*\) .*scope global \([a-z ]*\).*/\1 \2/p'
"#;

fn meanwhile(setup: &str, from: &str, to: &str, what: &str) -> String {
    let variables = [("FROM", from), ("TO", to), ("MEANWHILE", what)];
    said(&format!("{setup}\n{MEANWHILE}"), &variables)
}

const BACK: &str = "status 0\n  all of the old state is back\nnothing kept\n";

/// The product itself may do that: kube-vip, keepalived. It is no reason to say for ever that
/// the old state is not back.
#[test]
fn an_address_that_others_add_stays_theirs() {
    if !is_possible() {
        return;
    }
    let add = "ip addr add 10.0.0.200/32 dev eth0; ip addr add 2001:db8::5/64 dev eth0 nodad";
    let said = meanwhile("", "10.0.0.1", "10.0.0.77/24", add);
    let rest = said.strip_prefix(BACK).unwrap_or_else(|| panic!("{said}"));
    let mut rest: Vec<&str> = rest.lines().map(str::trim).collect();
    rest.sort_unstable();
    let expected = [
        "10.0.0.1/24 eth",
        "10.0.0.200/32 eth",
        "2001:db8::5/64 nodad",
    ];
    assert_eq!(rest, expected);
}

/// A virtual address that has moved to another machine would be there twice.
#[test]
fn an_address_that_others_take_away_is_not_put_back() {
    if !is_possible() {
        return;
    }
    let setup = "ip addr add 10.0.0.200/32 dev eth0; ip addr add 10.0.0.201/32 dev eth0";
    let take = "ip addr del 10.0.0.200/32 dev eth0; ip addr del 10.0.0.201/32 dev eth0
        ip addr add 10.0.0.201/32 dev eth0";
    let said = meanwhile(setup, "10.0.0.1", "10.0.0.77/24", take);
    assert_eq!(said, format!("{BACK}10.0.0.1/24 eth\n10.0.0.201/32 eth\n"));
}

/// As little by the process that rolls back when this one is killed, or by `--undo` where that
/// was killed, too.
#[test]
fn nor_is_it_after_a_death() {
    if !is_possible() {
        return;
    }
    let script = r#"
        ip addr add 10.0.0.200/32 dev eth0
        begin() {
          "$E" survive ip-change --iface eth0 --from 10.0.0.1 --to 10.0.0.77/24 --within 60s --stable 1s \
            --check 'cmd:ip addr show dev eth0 | grep -q 10.0.0.1/' >out 2>err &
          main=$!
          changed $main
          kept=$(stat -c %s /run/edgebench-lite/ip-change)
          # What is done in the change's own moment is taken for its own.
          until ip addr del 10.0.0.200/32 dev eth0; sleep 0.3
            [ "$(stat -c %s /run/edgebench-lite/ip-change)" -lt "$kept" ]; do
            kill -0 $main
            ip addr add 10.0.0.200/32 dev eth0
            sleep 0.3
          done
        }
        show() { ip -4 addr show dev eth0 | awk '/inet / {print $2}'; }
        begin
        kill -9 $main
        while [ -n "$(dead_man)" ]; do sleep 0.1; done
        show
        ip addr add 10.0.0.200/32 dev eth0
        begin
        kill -STOP $main
        kill -9 $(dead_man)
        kill -9 $main
        "$E" survive ip-change --undo
        show
        ls /run/edgebench-lite
        "#;
    let undone = "10.0.0.1 is back, and all that belongs to it.\n";
    let back = "10.0.0.1/24\n";
    assert_eq!(said(script, &[]), format!("{back}{undone}{back}"));
}

/// Addresses for privacy go and come with the one that they are made of: the kernel's doing.
#[test]
fn addresses_for_privacy_are_left_to_the_kernel() {
    if !is_possible() {
        return;
    }
    let setup = "echo 2 >/proc/sys/net/ipv6/conf/eth0/use_tempaddr
        ip -6 addr add 2001:db8::5/64 dev eth0 mngtmpaddr valid_lft 5000 preferred_lft 4000
        until ip -6 addr show dev eth0 temporary | grep -q inet6; do sleep 0.1; done";
    let said = meanwhile(setup, "2001:db8::5", "2001:db8::77/64", ":");
    let rest = said.strip_prefix(BACK).unwrap_or_else(|| panic!("{said}"));
    let of_v6 = rest.lines().filter(|line| line.starts_with("2001:db8:"));
    let (temporary, lasting): (Vec<&str>, Vec<&str>) =
        of_v6.partition(|line| line.contains("temporary"));
    assert_eq!(lasting, ["2001:db8::5/64 dynamic mngtmpaddr "]);
    assert!(temporary.len() <= 2, "{temporary:?}");
}

/// An interface that is gone, with the addresses that it had: nothing can be put back, and
/// another change is possible all the same.
#[test]
fn what_cannot_be_put_back_can_be_forgotten() {
    if !is_possible() {
        return;
    }
    let said = said(
        r#"
        "$E" survive ip-change --iface eth0 --to 10.0.0.77/24 --check cmd:true --stable 20s >out 2>err &
        main=$!
        changed $main
        kill -9 $(dead_man) $main
        ip link del eth0
        status=0
        "$E" survive ip-change --undo --force >undone 2>&1 || status=$?
        echo "status $status"
        grep -o '10.0.0.1 is not back as it was: address 10.0.0.1/24 is missing; ' undone
        grep -o '; that is forgotten now' undone
        "$E" survive ip-change --undo 2>&1 || :
        "#,
        &[],
    );
    assert_eq!(
        said,
        "status 2\n10.0.0.1 is not back as it was: address 10.0.0.1/24 is missing; \n; that is forgotten now\n\
         edgebench-lite: nothing to undo: no change of an address is noted\n"
    );
}

/// The old address is gone and the interface down before the change begins, which stands
/// still while nobody reads what it says: what cannot be put back is told, and kept.
#[test]
fn a_change_that_fails_does_not_forget_what_it_could_not_put_back() {
    if !is_possible() {
        return;
    }
    let said = said(
        r#"
        mkfifo pipe
        exec 8<>pipe
        dd if=/dev/zero of=pipe bs=4096 count=16 oflag=nonblock 2>/dev/null
        "$E" survive ip-change --iface eth0 --to 10.0.0.77/24 --check cmd:true --stable 0 >pipe 2>err &
        main=$!
        # It waits for the pipe, in pipe_write or anon_pipe_write.
        until grep -q pipe_write /proc/$main/wchan; do kill -0 $main; sleep 0.05; done
        ip link set eth0 down
        ip addr del 10.0.0.1/24 dev eth0
        cat pipe >/dev/null &
        reader=$!
        status=0; wait $main || status=$?
        kill $reader
        echo "status $status"
        grep -o 'eth0 IS NOT AS IT WAS: route default via 10.0.0.254 is missing' err
        grep -o 'eth0: cannot change to 10.0.0.77: Cannot assign requested address' err
        ip link set eth0 up
        "$E" survive ip-change --undo
        ip route show default
        "#,
        &[],
    );
    assert_eq!(
        said,
        "status 2\neth0 IS NOT AS IT WAS: route default via 10.0.0.254 is missing\n\
         eth0: cannot change to 10.0.0.77: Cannot assign requested address\n\
         10.0.0.1 is back, and all that belongs to it.\ndefault via 10.0.0.254 dev eth0 \n"
    );
}

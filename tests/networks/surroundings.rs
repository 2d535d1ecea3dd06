//! What is around the address: other interfaces, other machines, what is over or was made
//! by hand.

use crate::board::{is_possible, said, tried};
use crate::support::with_patience;

/// Changes from $1 to $2, looking with $3, and says whether the state is the one before.
const LOOKED: &str = r#"
cat >look.sh <<'END'
is_new() { ip addr show dev eth0 >now.look; grep -q " $1/" now.look && ! grep -q " $2/" now.look; }
# One that the way back has not begun to interfere with.
is_new "$1" "$2" && eval "$LOOK" >look && is_new "$1" "$2" && cat look >>during; :
END
looked() {
  export LOOK="$3"
  state >before
  "$E" survive ip-change --iface eth0 --from "$1" --to "$2" --every 100ms --stable 500ms --check-timeout 60s \
    --check "cmd:sh look.sh ${2%/*} $1" 2>&1 >out || cat out
  again before 1 && echo equal
  tail -n 1 during
}
"#;

fn looked(script: &str) -> String {
    said(&format!("{LOOKED}\n{script}"), &[])
}

/// The kernel takes the first of two ways into a subnet, and puts a new one behind the others:
/// all that is sent there would go over the other interface, and go on to do so afterwards.
#[test]
fn another_interface_in_the_same_subnet() {
    if !is_possible() {
        return;
    }
    let said = looked(
        r#"
        ip link add eth1 type veth peer name peer1 netns far
        ip -n far link set peer1 up
        ip addr add 10.0.0.9/24 dev eth1
        echo 1 >/proc/sys/net/ipv6/conf/eth1/disable_ipv6
        ip link set eth1 up
        settled
        looked 10.0.0.1 10.0.0.77/24 "ip route get 10.0.0.250 | grep -o 'dev .* uid'"
        "#,
    );
    assert_eq!(said, "equal\ndev eth0 src 10.0.0.77 uid\n");
}

/// Of three ways into a subnet the second stays the second, and the third behind it.
#[test]
fn two_other_interfaces_in_the_same_subnet() {
    if !is_possible() {
        return;
    }
    let said = said(
        r#"
        for other in eth1 eth2; do
          ip link add $other type veth peer name $other-far netns far
          ip -n far link set $other-far up
          echo 1 >/proc/sys/net/ipv6/conf/$other/disable_ipv6
          ip link set $other up
          ip addr add 10.0.0.${other#eth}0/24 dev $other
        done
        settled
        ways() { ip route show 10.0.0.0/24 | sed 's/proto kernel scope link //' >"$1"; }
        ways before
        "$E" survive ip-change --iface eth1 --to 10.0.0.77/24 --every 100ms --stable 500ms --check-timeout 60s \
          --check cmd:true 2>&1 >out || cat out
        cat before
        ways after
        cmp before after && echo equal
        grep "old state" out
        "#,
        &[],
    );
    let before = "10.0.0.0/24 dev eth0 src 10.0.0.1 \n10.0.0.0/24 dev eth1 src 10.0.0.10 \n\
                  10.0.0.0/24 dev eth2 src 10.0.0.20 \n";
    assert_eq!(
        said,
        format!("{before}equal\n  all of the old state is back\n")
    );
}

/// The new address leads to the same other end, in whatever subnet it is.
#[test]
fn an_address_with_another_end() {
    if !is_possible() {
        return;
    }
    let script = r#"
        ip addr flush dev eth0 scope global
        ip addr add 10.0.0.1 peer 10.0.0.254/24 dev eth0
        ip route add default via 10.0.0.254
        settled
        state >before
        "$E" survive ip-change --iface eth0 --to 10.0.0.77/32 --every 100ms --stable 500ms --check-timeout 60s \
          --check "cmd:ip route get 192.0.2.1 >>during" 2>&1 >out || cat out
        again before 1 && echo equal
        grep -o 'via .* src 10.0.0.77 uid' during | sort -u
    "#;
    let said = said(script, &[]);
    assert_eq!(said, "equal\nvia 10.0.0.254 dev eth0 src 10.0.0.77 uid\n");
}

/// An address of IPv6 that another machine has is in vain: made anew, it would be there twice.
#[test]
fn an_address_that_another_machine_has() {
    if !is_possible() {
        return;
    }
    let said = looked(
        r#"
        ip -n far addr add fd00::99/64 dev peer0 nodad
        ip addr add fd00::1/64 dev eth0 nodad
        ip addr add fd00::99/64 dev eth0
        until ip addr show dev eth0 | grep -q dadfailed; do sleep 0.1; done
        state >before
        "$E" survive ip-change --iface eth0 --from fd00::1 --to fd00::77/64 --every 100ms --stable 500ms \
          --check cmd:true >out
        ip -6 addr show dev eth0 | grep -o 'fd00.*dadfailed'
        "#,
    );
    assert_eq!(said, "fd00::99/64 scope global dadfailed\n");
}

/// The kernel tells of a route that is over until it removes it.
#[test]
fn a_route_that_is_over() {
    if !is_possible() {
        return;
    }
    let said = looked(
        r#"
        ip addr add fd00::1/64 dev eth0 nodad
        settled
        ip -6 route add fd05::/64 via fd00::fe expires 1
        until ip -6 route | grep -q 'fd05.* expires -'; do sleep 0.1; done
        looked 10.0.0.1 10.0.0.77/24 'echo 1 >/proc/sys/net/ipv6/route/flush; sleep 0.2' >/dev/null || :
        ip -6 route show fd05::/64
        grep -o 'all of the old state is back' out
        "#,
    );
    assert_eq!(said, "all of the old state is back\n");
}

/// NetworkManager's addresses have no routes of their own; it makes them.
#[test]
fn a_gateway_in_a_subnet_that_stays() {
    if !is_possible() {
        return;
    }
    let said = looked(
        r#"
        ip addr add fd00::5/64 dev eth0 noprefixroute nodad
        ip -6 route add fd00::/64 dev eth0 proto kernel metric 1024
        ip -6 route add default via fd00::fe
        ip addr add 192.168.9.1/24 dev eth0 noprefixroute
        ip route add 192.168.9.0/24 dev eth0 proto kernel scope link src 192.168.9.1 metric 100
        ip route add 10.77.0.0/16 via 192.168.9.254
        ip -6 addr add fd10::5/64 dev eth0 nodad
        settled
        looked 10.0.0.1 10.0.0.77/24 'echo changed'
        looked fd10::5 fd11::77/64 'echo changed'
        "#,
    );
    assert_eq!(said, "equal\nchanged\nequal\nchanged\n");
}

/// As ifmetric(8) leaves it.
#[test]
fn a_way_into_the_subnet_with_another_metric() {
    if !is_possible() {
        return;
    }
    let said = looked(
        r#"
        ip route del 10.0.0.0/24 dev eth0
        ip route add 10.0.0.0/24 dev eth0 proto kernel scope link src 10.0.0.1 metric 100
        settled
        looked 10.0.0.1 10.0.0.77/24 'echo changed'
        "#,
    );
    assert_eq!(said, "equal\nchanged\n");
}

/// A nexthop that goes with its interface leaves its groups.
#[test]
fn a_group_of_nexthops() {
    if !is_possible() {
        return;
    }
    let script = r#"
        ip link add eth1 type veth peer name peer1 netns far
        ip -n far link set peer1 up
        ip addr add 10.1.0.1/24 dev eth1
        ip link set eth1 up
        ip nexthop add id 8 via 10.1.0.254 dev eth1
        ip nexthop add id 9 via 10.0.0.250 dev eth0
        ip nexthop add id 5 group 8,3/9
        ip route add 10.66.0.0/16 nhid 5
        settled
        ip nexthop >before
        "$E" survive ip-change --iface eth0 --to 10.0.0.77/24 --check cmd:true --every 100ms --stable $STABLE >out 2>err &
        main=$!
        changed $main
        ip link set eth0 down
        ip link set eth0 up
        wait $main || echo "status $?"
        ip nexthop | diff before - && ip route show default
    "#;
    let expected = Ok("status 2\ndefault via 10.0.0.254 dev eth0 \n".to_owned());
    let come_to = |stable: &str| tried(script, &[("STABLE", stable)]);
    assert_eq!(with_patience(come_to, |said| *said == expected), expected);
}

/// Both processes killed, after `MEANWHILE`: then `--undo --force`, which tries once.
const UNDONE: &str = r#"
ip addr add fd00::1/64 dev eth0 nodad
settled
"$E" survive ip-change --iface eth0 --to 10.0.0.77/24 --every 100ms --stable 500ms --within 60s \
  --check 'cmd:ip addr show dev eth0 | grep -q 10.0.0.1/' >out 2>err &
main=$!
changed $main
kill -STOP $main
kill -9 $(dead_man) $main
eval "$MEANWHILE"
"$E" survive ip-change --undo --force >undone 2>&1 || echo "status $?"
ip route
"#;

/// What cannot be put back does not keep the rest away.
#[test]
fn addresses_that_the_kernel_refuses() {
    if !is_possible() {
        return;
    }
    let off = "echo 1 >/proc/sys/net/ipv6/conf/eth0/disable_ipv6";
    let routes = "default via 10.0.0.254 dev eth0 \n10.0.0.0/24 dev eth0 proto kernel scope link src 10.0.0.1 \n";
    let undone = said(UNDONE, &[("MEANWHILE", off)]);
    assert_eq!(undone, format!("status 2\n{routes}"));
}

/// An address whose lease has run out is not claimed: another machine may have it by now.
#[test]
fn nobody_is_told_of_an_address_that_is_not_back() {
    if !is_possible() {
        return;
    }
    let lease = "now() { cut -d. -f1 /proc/uptime; }
        lease=${LEASE%s}
        end=$(($(now) + lease + 2))
        ip addr change 10.0.0.1/24 dev eth0 valid_lft $lease preferred_lft $lease";
    let over = "ip addr del 10.0.0.77/24 dev eth0
        until [ $(now) -ge $end ]; do sleep 0.2; done
        ip -n far neigh replace 10.0.0.1 lladdr 02:00:00:00:00:99 dev peer0 nud stale";
    let script = format!("{lease}\n{UNDONE}\nip -n far neigh show 10.0.0.1");
    let expected = Ok("status 2\n10.0.0.1 dev peer0 lladdr 02:00:00:00:00:99 STALE \n".to_owned());
    let come_to = |lease: &str| tried(&script, &[("MEANWHILE", over), ("LEASE", lease)]);
    assert_eq!(with_patience(come_to, |said| *said == expected), expected);
}

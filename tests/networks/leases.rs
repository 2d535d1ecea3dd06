//! Clients of DHCP, with a server at the other end of the cable: what they do when their
//! address goes, and a lease that changes.

use crate::board::{is_possible, said};
use crate::support::can;

/// A client with a lease of the other end's server; neither touches the machine's files.
const LEASED: &str = r#"
ip addr flush dev eth0
mkdir -p /run/etc /var/lib/dhcpcd
mount -t tmpfs tmpfs /var/lib/dhcpcd
cp -r /etc/. /run/etc; mount --bind /run/etc /etc || exit
server() {
  [ ! -e server ] || kill "$(cat server)"
  ip netns exec far dnsmasq -C /dev/null -p 0 -i peer0 -F "$1,$1,255.255.255.0,${LEASE:-120}" -O 3,10.0.0.254 \
    -l /run/leases -x /run/server --dhcp-authoritative
}
cat >lease.sh <<'END'
#!/bin/sh
case $1 in
deconfig) ip addr flush dev "$interface" ;;
bound | renew)
  ip addr flush dev "$interface"
  ip addr add "$ip/24" brd + dev "$interface"
  ip route add default via "$router"
  ;;
esac
END
chmod +x lease.sh
# Waits for the address $1.
leased() { until ip -4 addr show dev eth0 | grep -q "inet $1/"; do sleep 0.1; done; }
server 10.0.0.50
"#;

fn is_possible_with(client: &str) -> bool {
    is_possible()
        && can(&["dnsmasq", "--version"])
        && can(&["sh", "-c", &format!("command -v {client}")])
}

/// dhcpcd takes its address back within seconds, and is named for it.
#[test]
fn a_client_that_puts_its_address_back() {
    if !is_possible_with("dhcpcd") {
        return;
    }
    let said = said(
        &[
            LEASED,
            r#"
            dhcpcd -B -4 -C resolv.conf -C hostname eth0 >client 2>&1 &
            leased 10.0.0.50
            sleep 2
            state >before
            status=0
            "$E" survive ip-change --iface eth0 --to 10.0.0.77/24 --check cmd:true --stable 12s --every 100ms \
              >out 2>err || status=$?
            echo "status $status"
            cat out err
            again before 50 && echo equal
            "#,
        ]
        .concat(),
        &[],
    );
    let expected = "status 2\neth0 gets 10.0.0.77/24 in place of 10.0.0.50 now.";
    assert!(said.starts_with(expected), "{said}");
    assert!(said.contains("eth0 is managed by dhcpcd (pid "), "{said}");
    assert!(said.contains("which may put 10.0.0.50 back."), "{said}");
    assert!(
        said.contains("Survives: not measured: dhcpcd (pid "),
        "{said}"
    );
    assert!(said.contains(") put the old address back\n"), "{said}");
    assert!(said.ends_with("equal\n"), "{said}");
}

/// udhcpc gets another lease, and the product is seen to live through it.
#[test]
fn a_lease_that_changes_is_observed() {
    if !is_possible_with("udhcpc") {
        return;
    }
    let said = said(
        &[
            LEASED,
            r#"
            udhcpc -i eth0 -s /run/lease.sh -f >client 2>&1 &
            client=$!
            leased 10.0.0.50
            serve all
            "$E" survive ip-change --iface eth0 --observe --check tcp://10.0.0.50:8080 --stable 2s --every 50ms \
              -o log >out 2>err &
            main=$!
            until grep -q Waiting out; do sleep 0.1; done
            server 10.0.0.51
            # Released and asked for again.
            kill -USR2 $client; kill -USR1 $client
            leased 10.0.0.51
            status=0; wait $main || status=$?
            echo "status $status"
            cat out err
            "$E" log cat log | grep -o '"verdict":[0-9]*'
            "#,
        ]
        .concat(),
        &[],
    );
    assert!(
        said.starts_with("status 0\nHealthy. Waiting until eth0 loses 10.0.0.50"),
        "{said}"
    );
    let expected = "Survives: yes (eth0: 10.0.0.50 went; 10.0.0.50 before, 10.0.0.51 after)\n";
    assert!(said.contains(expected), "{said}");
    assert!(
        said.contains("the interface is managed by udhcpc (pid "),
        "{said}"
    );
    assert!(said.ends_with("\"verdict\":1\n"), "{said}");
}

/// systemd-networkd without systemd: it takes the interface when /sys cannot be written to.
const NETWORKD: &str = r#"
mkdir -p systemd/netif/leases systemd/netif/links systemd/netif/lldp /etc/systemd/network
chown -R systemd-network systemd/netif
printf '[Match]\nName=eth0\n[Network]\nDHCP=ipv4\nLinkLocalAddressing=no\n' >/etc/systemd/network/0.network
/lib/systemd/systemd-networkd >manager 2>&1 &
"#;

/// NetworkManager, with a bus of its own.
const NETWORK_MANAGER: &str = r#"
mkdir dbus
mount -t tmpfs tmpfs /etc/NetworkManager
mkdir /etc/NetworkManager/system-connections
mount -t tmpfs tmpfs /var/lib/NetworkManager
printf '[main]\nplugins=keyfile\ndhcp=internal\nrc-manager=unmanaged\n' >/etc/NetworkManager/NetworkManager.conf
cd /etc/NetworkManager/system-connections
printf '[connection]\nid=eth0\nuuid=5a0fb3a1-2f5c-4a53-9d5b-6a4ff2c1a001\ntype=ethernet\ninterface-name=eth0\n' >eth0
printf '[ipv4]\nmethod=auto\n[ipv6]\nmethod=disabled\n' >>eth0
chmod 600 eth0
cd /run
dbus-daemon --system --nopidfile --nosyslog --fork
NetworkManager --no-daemon >manager 2>&1 &
"#;

/// They let the new address be, with a way out of the subnet, until they renew the lease.
#[test]
fn managers_that_do_not_put_their_address_back() {
    for (name, program, start) in [
        (
            "systemd-networkd",
            "/lib/systemd/systemd-networkd",
            NETWORKD,
        ),
        ("NetworkManager", "NetworkManager", NETWORK_MANAGER),
    ] {
        if !is_possible_with(program) {
            continue;
        }
        let said = said(
            &[
                "LEASE=3600\n",
                LEASED,
                "mount -o remount,bind,ro /sys\n",
                start,
                r#"
                leased 10.0.0.50
                until ip route | grep -q default; do sleep 0.1; done
                sleep 2
                state >before
                status=0
                "$E" survive ip-change --iface eth0 --to 10.0.0.77/24 --check 'cmd:ip route get 192.0.2.1' \
                  --stable 5s --every 200ms >out 2>err || status=$?
                echo "status $status"
                cat out err
                again before 50 && echo equal
                "#,
            ]
            .concat(),
            &[],
        );
        assert!(said.starts_with("status 0\n"), "{name}: {said}");
        for line in [
            &*format!("eth0 is managed by {name} (pid "),
            "\nSurvives: yes (eth0: 10.0.0.77 in place of 10.0.0.50)\n",
            "\n  all of the old state is back\n",
        ] {
            assert!(said.contains(line), "{name}: {line}: {said}");
        }
        assert!(!said.contains("not brought along"), "{name}: {said}");
        assert!(said.ends_with("equal\n"), "{name}: {said}");
    }
}

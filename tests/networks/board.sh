# shellcheck shell=sh
# A board in namespaces of its own: eth0, and behind its cable another machine, the
# namespace `far`. To be sourced; $E is the program, $T what it is tested by.
# What the program said last is mostly in a file.
trap '[ "$?" = 0 ] || cat /run/out 2>/dev/null' EXIT
mount -t tmpfs tmpfs /run || exit
mkdir /run/netns
ip link set lo up
ip link add eth0 type veth peer name peer0
ip netns add far
ip link set peer0 netns far
echo "${PROMOTE:-0}" >/proc/sys/net/ipv4/conf/eth0/promote_secondaries
ip addr add 10.0.0.1/24 brd + dev eth0
ip link set eth0 up
ip -n far addr add 10.0.0.254/24 dev peer0
ip -n far link set peer0 up
ip route add default via 10.0.0.254
cd /run || exit

# All that hangs on an address.
hard() {
  ip addr add 10.0.0.3/24 dev eth0 label eth0:x
  ip addr add 10.0.0.4/24 dev eth0 noprefixroute
  ip addr add 192.168.9.1/24 dev eth0 valid_lft 5000 preferred_lft 3000
  ip route add 10.9.0.0/24 via 10.0.0.253 src 10.0.0.1 metric 50 mtu 1400
  ip route add 10.8.0.0/24 via 172.16.0.1 dev eth0 onlink
  ip route add default via 10.0.0.254 src 10.0.0.1 table 100
  ip rule add from 10.0.0.1 table 100
  ip route add 10.7.0.0/24 nexthop via 10.0.0.252 nexthop via 10.0.0.251 weight 3
  ip nexthop add id 7 via 10.0.0.250 dev eth0
  ip route add 10.6.0.0/24 nhid 7
  ip -6 addr add fd00::1/64 dev eth0 nodad
  ip -6 addr add fd00::3/64 dev eth0 nodad
  ip -6 route add fd01::/64 via fd00::fe src fd00::1 metric 77
  ip -6 route add default via fd00::fe
  settled
}

# Waits until no address is tentative.
settled() {
  while ip -6 addr show dev eth0 | grep -q tentative; do sleep 0.1; done
}

# What iproute2 says of all that, without lifetimes.
state() {
  ip -j addr show dev eth0 | sed 's/"\(valid\|preferred\)_life_time":[0-9]*,*//g; s/{"family"/\n&/g' |
    sed -n '/^{"family"/p'
  ip -j -d route show table all
  ip -j -d -6 route show table all
  ip -j -d rule
  ip -j -d -6 rule
  ip -j -d nexthop
}

# Whether it is again as it was in $1, within so many tenths of a second.
again() {
  tenths=$2
  until state >now; cmp -s "$1" now; do
    tenths=$((tenths - 1))
    [ "$tenths" -gt 0 ] || { diff "$1" now; return 1; }
    sleep 0.1
  done
}

# No names of hosts, and no server for them, until some are written; not the machine's own.
names() {
  mkdir etc
  cp -r /etc/. etc
  rm -f etc/hosts etc/resolv.conf
  touch etc/hosts etc/resolv.conf
  mount --bind etc /etc || exit
}

# A service of the kind $1 on port 8080.
serve() {
  SERVE=$1 setsid "$T" --ignored --nocapture --exact services::serve >service.said 2>&1 &
  echo $! >service
  until ss -Hltn sport = 8080 | grep -q .; do
    kill -0 "$(cat service)" || { cat service.said >&2; exit 1; }
    sleep 0.05
  done
}

# The pid of the process that rolls back, if it runs. A board may have no procps.
dead_man() {
  grep -lx eb-dead-man /proc/[0-9]*/comm 2>/dev/null | cut -d/ -f3
}

# The change, with further options.
change() {
  "$E" survive ip-change --iface eth0 --to 10.0.0.77/24 --from 10.0.0.1 "$@"
}

# Waits until the new address has taken the place of the old; $1: the process that does it.
changed() {
  until ip addr show dev eth0 | grep -q 10.0.0.77 && ! ip addr show dev eth0 | grep -q 10.0.0.1/; do
    kill -0 "$1" 2>/dev/null || return 1
    sleep 0.01
  done
  sleep 0.05
}

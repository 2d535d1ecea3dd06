# shellcheck shell=sh
# A board behind a network of the kind $NETWORK, in namespaces of its own: eth0, its
# gateway `gw`, in some a second one, `carrier`, and the internet, `net`, with a peer that
# has two addresses. To be sourced; $E is the program.
mount -t tmpfs tmpfs /run
mkdir /run/netns
cd /run || exit
export LC_ALL=C
ip link set lo up
for name in gw net; do ip netns add $name; done
board=192.168.1
[ "$NETWORK" = shared ] && board=100.64.1

# A cable between two namespaces: each with its interface and address.
cable() {
  ip link add "$2" ${1:+netns $1} type veth peer name "$5" netns "$4"
  ip ${1:+-n $1} addr add "$3/24" dev "$2"
  ip ${1:+-n $1} link set "$2" up
  ip -n "$4" addr add "$6/24" dev "$5"
  ip -n "$4" link set "$5" up
}

# A gateway: what is behind its lan goes out by its wan.
gateway() {
  ip netns exec "$1" sh -c 'echo 1 >/proc/sys/net/ipv4/ip_forward'
  ip netns exec "$1" nft -f - <<END
table ip t {
  chain nat_in { type nat hook prerouting priority -100; }
  chain nat_out { type nat hook postrouting priority 100; }
  chain through { type filter hook forward priority 0; }
}
END
}

rule() {
  name=$1
  shift
  ip netns exec "$name" nft add rule ip t "$@"
}

cable '' eth0 $board.2 gw lan $board.1
ip route add default via $board.1
gateway gw
edge=gw
if [ "$NETWORK" = two ]; then
  ip netns add carrier
  cable gw wan 100.64.0.2 carrier lan 100.64.0.1
  ip -n gw route add default via 100.64.0.1
  gateway carrier
  rule gw nat_out oifname wan masquerade
  edge=carrier
fi
cable $edge wan 203.0.113.2 net eth0 203.0.113.1
ip -n $edge route add default via 203.0.113.1
ip -n net addr add 198.51.100.1/32 dev lo
ip -n net link set lo up

established='ct state established,related accept'
case $NETWORK in
open | dropped | rejected) ip -n net route add $board.0/24 via 203.0.113.2 ;;
random) rule gw nat_out oifname wan masquerade fully-random ;;
*) rule $edge nat_out oifname wan masquerade ;;
esac
case $NETWORK in
cone) rule gw nat_in iifname wan dnat to $board.2 ;;
dropped)
  rule gw through "$established"
  rule gw through iifname wan drop
  ;;
rejected)
  rule gw through "$established"
  rule gw through iifname wan reject with tcp reset
  ;;
few)
  rule gw through "$established"
  rule gw through tcp dport 443 accept
  rule gw through udp dport 53 accept
  rule gw through drop
  ;;
noudp) rule gw through meta l4proto udp drop ;;
content) rule gw through tcp dport 443 @ih,0,8 != 0x16 reject with tcp reset ;;
idle)
  ip netns exec gw sh -c '
    cd /proc/sys/net/netfilter
    echo 5 >nf_conntrack_udp_timeout
    echo 5 >nf_conntrack_udp_timeout_stream
    echo 8 >nf_conntrack_tcp_timeout_established'
  ;;
esac
if [ -n "$LOSS" ]; then
  rule gw through numgen random mod 100 '<' "$LOSS" drop
fi

# The neighbour has the same ports as the board, a third of them, to one of the peer's.
if [ "$NETWORK" = taken ]; then
  ip netns add neighbour
  ip link add br0 netns gw type bridge
  ip -n gw addr flush dev lan
  ip -n gw link set lan master br0
  ip -n gw addr add $board.1/24 dev br0
  ip -n gw link set br0 up
  # Before Linux 6.13 a name must be free in the namespace that asks, too.
  ip -n neighbour link add eth0 type veth peer name lan2 netns gw
  ip -n gw link set lan2 master br0 up
  ip -n neighbour addr add $board.3/24 dev eth0
  ip -n neighbour link set eth0 up
  ip -n neighbour route add default via $board.1
  ip netns exec neighbour "$T" --ignored --exact firewall::take_ports >/dev/null
fi

ip netns exec net "$E" peer >peer.out 2>peer.err &
until [ -s peer.out ]; do sleep 0.02; done

look() {
  "$E" survive firewall --peer 203.0.113.1 --peer 198.51.100.1 --role agent --check cmd:true --stable 1s "$@"
}

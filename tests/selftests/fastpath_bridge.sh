#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The fast path with pods on a bridge: between them and others it is the bridge's port where
# packets come in and go out. Between two on the same bridge a service works as without.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/node.bash"
. "$(dirname "$0")/conns.bash"
. "$(dirname "$0")/fastpath.bash"

needs ip svcctl nft bridge conntrack
begin
node_up
pod_servers
watch_forward || fail "a counter"
ip -n "$node" link add br0 type bridge
ip -n "$node" addr add 10.244.3.1/24 dev br0
ip -n "$node" addr add fd44:3::1/64 dev br0 nodad
ip -n "$node" link set br0 up

# on_bridge POD NUMBER
on_bridge() {
	ns_add "$1"
	link "$node" "$1" "" "${!1}" eth0 "10.244.3.$2/24,fd44:3::$2/64"
	ip -n "$node" link set "$1" master br0
	default_route "${!1}" 10.244.3.1 fd44:3::1
}
on_bridge left 10
on_bridge right 11
declare -A left_ip=([4]=10.244.3.10 [6]=fd44:3::10)
for f in "${families[@]}"; do
	for p in tcp udp; do
		server "${left:?}" "$p" "${left_ip[$f]}" 8080 left || fail "left, $p IPv$f"
	done
done

# service FAMILY PROTO ENDPOINT
service() {
	svc add service test/web "$2" --replace --frontend "$(at "${vip[$1]}" 80)" \
		--endpoint "$(at "$3" 8080)"
}

routed() {
	local f=$1 p=$2 conn

	expect "IPv$f $p: a service with a pod on the bridge" service "$f" "$p" "${left_ip[$f]}"
	held conn "$client" "$p" "${vip[$f]}" 80 || fail "a connection to hold"
	expect "IPv$f $p: from outside it takes off" \
		takes_off "$conn" left "$f" "$p" "${vip[$f]}"
	expect "IPv$f $p: by the short way" short_way "$conn" left
	expect "IPv$f $p: large lines are whole" large "$conn" left 1400
	# The bridge learns anew where the pod is.
	ip -n "$node" link set br0 type bridge fdb_flush
	expect "IPv$f $p: it goes on" exchange "$conn" left
	expect "IPv$f $p: a service with a pod elsewhere" service "$f" "$p" "${pod1_ip[$f]}"
	held conn "${right:?}" "$p" "${vip[$f]}" 80 || fail "a connection to hold"
	expect "IPv$f $p: from the bridge it takes off" \
		takes_off "$conn" one "$f" "$p" "${vip[$f]}"
	expect "IPv$f $p: by the short way" short_way "$conn" one
}

between() {
	local f=$1 p=$2 conn

	expect "IPv$f $p: a service between two of them" service "$f" "$p" "${left_ip[$f]}"
	held conn "$right" "$p" "${vip[$f]}" 80 || fail "a connection to hold"
	expect "IPv$f $p: is answered" exchange "$conn" left
	expect "IPv$f $p: as often as one likes" exchange "$conn" left
	expect "IPv$f $p: large lines are whole" large "$conn" left 1400
}

expect "the fast path" svc fastpath on --device br0 --device 'pod*'
expect "with a bridge its ports" devices_are br0 lan left pod1 pod2 right
expect "with a port its bridge" svc fastpath on --device left --device 'pod*'
expect "and all of them" devices_are br0 lan left pod1 pod2 right
expect "but one" svc fastpath on --device left --device 'pod*' --device '!right'
expect "that is not in it" devices_are br0 lan left pod1 pod2
expect "the usual ones" svc fastpath on
expect "are the way out, and bridges" devices_are br0 lan left right
expect "all again" svc fastpath on --device br0 --device 'pod*'
for f in "${families[@]}"; do
	for p in tcp udp; do
		routed "$f" "$p"
	done
done

modprobe -q br_netfilter
if in_ns "$node" sysctl -qw net.bridge.bridge-nf-call-iptables=1 \
	net.bridge.bridge-nf-call-ip6tables=1 2>/dev/null; then
	for f in "${families[@]}"; do
		for p in tcp udp; do
			routed "$f" "$p"
			between "$f" "$p"
		done
	done
else
	skip "br_netfilter" "this kernel has none"
fi

finish

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Pods on a bridge, with br_netfilter, as many clusters have them: a service works
# between two of them though their packets do not leave the bridge, for a pod that is
# its own endpoint, and for all others; and each of the two settings that it takes is
# shown to be needed.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/node.bash"
. "$(dirname "$0")/conns.bash"
. "$(dirname "$0")/guard.bash"

needs ip svcctl nft bridge ping
begin
node_up
modprobe -q br_netfilter
call() {
	in_ns "$node" sysctl -qw "net.bridge.bridge-nf-call-iptables=$1" \
		"net.bridge.bridge-nf-call-ip6tables=$1"
}
ip -n "$node" link add br0 type bridge
if ! call 1 2>/dev/null; then
	skip "br_netfilter" "this kernel has none"
	finish
fi
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
declare -A right_ip=([4]=10.244.3.11 [6]=fd44:3::11)
declare -A bridge_ip=([4]=10.244.3.1 [6]=fd44:3::1)
for f in "${families[@]}"; do
	for p in tcp udp; do
		server "${left:?}" "$p" "${left_ip[$f]}" 8080 left || fail "left, $p IPv$f"
		server "${right:?}" "$p" "${right_ip[$f]}" 8080 right || fail "right, $p IPv$f"
	done
done
expect "pod networks" svc settings pod-cidrs "${pod_cidr[4]},${pod_cidr[6]}"

# service FAMILY PROTO [ENDPOINT]
service() {
	svc add service test/web "$2" --replace --frontend "$(at "${vip[$1]}" 80)" \
		--frontend nodeport:30080 ${3:+--endpoint "$(at "$3" 8080)"}
}

between() {
	local f=$1 p=$2 to=${vip[$1]}

	expect "IPv$f $p: a service" service "$f" "$p" "${left_ip[$f]}"
	expect "IPv$f $p: from pod to pod on the bridge, with the pod's address" \
		ask_from "$right" "$p" "$to" 80 left "${right_ip[$f]}"
	expect "IPv$f $p: without a service" \
		ask_from "$right" "$p" "${left_ip[$f]}" 8080 left "${right_ip[$f]}"
	expect "IPv$f $p: through the NodePort, with the bridge's address" \
		ask_from "$right" "$p" "${node_ip[$f]}" 30080 left "${bridge_ip[$f]}"
	expect "IPv$f $p: through the NodePort at the bridge" \
		ask_from "$right" "$p" "${bridge_ip[$f]}" 30080 left "${bridge_ip[$f]}"
	expect "IPv$f $p: from a pod that is not on the bridge" \
		ask_from "$pod1" "$p" "$to" 80 left "${pod1_ip[$f]}"
	expect "IPv$f $p: from outside" \
		ask_from "$client" "$p" "$to" 80 left "${bridge_ip[$f]}"
	expect "IPv$f $p: from the node" ask_from "$node" "$p" "$to" 80 left "${bridge_ip[$f]}"

	# The answer does not pass the node then, but the bridge alone.
	call 0
	expect "IPv$f $p: not if the bridge does not call netfilter" \
		unanswered "$right" "$p" "$to" 80
	call 1

	expect "IPv$f $p: not to the pod itself, which the bridge sends nothing back" \
		unanswered "$left" "$p" "$to" 80
	bridge -n "$node" link set dev left hairpin on
	expect "IPv$f $p: if it does, then with the bridge's address" \
		ask_from "$left" "$p" "$to" 80 left "${bridge_ip[$f]}"
	bridge -n "$node" link set dev left hairpin off

	expect "IPv$f $p: no endpoint" service "$f" "$p"
	expect "IPv$f $p: a pod on the bridge is refused at once" refused "$right" "$p" "$to" 80
	expect "IPv$f $p: at another port, too" refused "$right" "$p" "$to" 81
}

# What else has to be seen on the bridge.
guarded() {
	local f=$1 to=${vip[$1]} dropped

	expect "IPv$f: UDP again" service "$f" udp "${left_ip[$f]}"
	held conn "$right" udp "$to" 80 || fail "UDP to hold"
	expect "IPv$f: the endpoint goes, and another one comes" \
		service "$f" udp "${right_ip[$f]}"
	bridge -n "$node" link set dev right hairpin on
	expect "IPv$f: the next datagram reaches that one, itself" says "$conn" right
	bridge -n "$node" link set dev right hairpin off

	expect "IPv$f: TCP again" service "$f" tcp "${left_ip[$f]}"
	held conn "$right" tcp "$to" 80 || fail "TCP to hold"
	dropped=$(stat invalid)
	expect "IPv$f: an INVALID packet of the endpoint" \
		wild "$left" eth0 8080 "${left_ip[$f]}" 8080 "$conn"
	expect "IPv$f: is dropped on the bridge" wait_for 5 stat_is invalid $((dropped + 1))
	expect "IPv$f: the connection goes on" says "$conn" left
	expect "IPv$f: a ping to the service's address is answered" \
		in_ns "$right" ping -qc 1 -W 5 "$to"
}

for f in "${families[@]}"; do
	for p in tcp udp; do
		between "$f" "$p"
	done
	guarded "$f"
done

finish

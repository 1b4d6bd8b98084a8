#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The fast path: connections to services that are established, and forwarded, take a short
# way past the forward hook, and nothing else does. Made by svcctl, without svcd.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/node.bash"
. "$(dirname "$0")/conns.bash"
. "$(dirname "$0")/fastpath.bash"

needs ip svcctl nft conntrack
begin
node_up
pod_servers
watch_forward || fail "a counter"

# service FAMILY PROTO ENDPOINT...
service() {
	local e options=()

	for e in "${@:3}"; do
		options+=(--endpoint "$(at "$e" 8080)")
	done
	svc add service test/web "$2" --replace --frontend "$(at "${vip[$1]}" 80)" \
		--frontend nodeport:30080 "${options[@]}"
}

expect "the fast path of two devices" svc fastpath on --device pod1 --device '!pod2'
expect "these, and the way out" devices_are lan pod1
expect "of others" svc fastpath on --device 'pod*'
expect "the new ones" devices_are lan pod1 pod2
refuse "no such pattern" "is not a pattern" svc fastpath on --device a/b
expect "it is as it was" devices_are lan pod1 pod2

# $1: family, $2: protocol
established() {
	local f=$1 p=$2 conn node_conn plain

	expect "IPv$f $p: a service" service "$f" "$p" "${pod1_ip[$f]}"
	held conn "$client" "$p" "${vip[$f]}" 80 || fail "a connection to hold"
	expect "IPv$f $p: it is in the flowtable" takes_off "$conn" one "$f" "$p" "${vip[$f]}"
	expect "IPv$f $p: nothing of it is forwarded" short_way "$conn" one
	expect "IPv$f $p: large lines are whole" large "$conn" one 1400
	held node_conn "$pod2" "$p" "${node_ip[$f]}" 30080 || fail "a connection to hold"
	expect "IPv$f $p: from a pod to the NodePort" \
		takes_off "$node_conn" one "$f" "$p" "${node_ip[$f]}"
	expect "IPv$f $p: nothing of it is forwarded" short_way "$node_conn" one

	held plain "$client" "$p" "${pod1_ip[$f]}" 8080 || fail "a connection to hold"
	expect "IPv$f $p: one without a service takes the long way" long_way "$plain" one
	refuse "IPv$f $p: it is not in the flowtable" "" offloaded "$f" "$p" "${pod1_ip[$f]}"
	held plain "$node" "$p" "${vip[$f]}" 80 || fail "a connection to hold"
	expect "IPv$f $p: the node's own" exchange "$plain" one
}

# What came too large for a packet comes in fragments, and those take the long way.
fragments() {
	local f=$1 conn

	expect "IPv$f: a service of UDP" service "$f" udp "${pod1_ip[$f]}"
	held conn "$client" udp "${vip[$f]}" 80 || fail "a connection to hold"
	expect "IPv$f: it is in the flowtable" takes_off "$conn" one "$f" udp "${vip[$f]}"
	forwarded >/dev/null
	expect "IPv$f: a datagram of 5000 bytes, there and back" large "$conn" one 5000
	expect "IPv$f: it was forwarded" [ "$(forwarded)" -ge 2 ]
	expect "IPv$f: small ones still are not" short_way "$conn" one
	expect "IPv$f: another large one" large "$conn" one 5000
}

# What an endpoint was sent is counted, whatever way it took.
counted() {
	local f=$1 conn

	expect "IPv$f: a service that counts" svc add service test/count udp --replace --account \
		--frontend "$(at "${lb_ip[$f]}" 80)" --endpoint "$(at "${pod1_ip[$f]}" 8080)"
	held conn "$client" udp "${lb_ip[$f]}" 80 || fail "a connection to hold"
	expect "IPv$f: it is in the flowtable" takes_off "$conn" one "$f" udp "${lb_ip[$f]}"
	expect "IPv$f: by the short way" short_way "$conn" one
	expect "IPv$f: again" short_way "$conn" one
	expect "IPv$f: its packets are counted" wait_for 5 counts "$f" 11
	refuse "IPv$f: but not more than there were" "" counts "$f" 30
}
# counts FAMILY N: its endpoint was sent so many packets, and sent so many back
counts() {
	local said

	said=$(svc stats services test/count --family "$1" -j)
	[ "$(field packetsTo "$said")" -ge "$2" ] && [ "$(field packetsFrom "$said")" -ge "$2" ]
}

# A stream is one byte after the other, whatever way its packets took.
streams() {
	local f=$1 before

	expect "IPv$f: a service of TCP" service "$f" tcp "${pod1_ip[$f]}"
	before=$(open_now "$f")
	expect "IPv$f: a stream of a megabyte" ask "$client" tcp "${vip[$f]}" 80 one --size 1000000
	expect "IPv$f: many connections" ask "$client" tcp "${vip[$f]}" 80 one --count 30
	expect "IPv$f: they end" wait_for 20 open_are "$f" "$before"
}
open_now() {
	in_ns "$node" conntrack -L -f "ipv$1" -p tcp -d "${vip[$1]}" 2>/dev/null |
		grep -c 'ESTABLISHED\|OFFLOAD'
}
open_are() { [ "$(open_now "$1")" -le "$2" ]; }

# An endpoint that goes takes its flows of UDP along; what is open by TCP stays with it.
removal() {
	local f=$1 tcp udp

	expect "IPv$f: one endpoint, UDP" service "$f" udp "${pod1_ip[$f]}"
	expect "IPv$f: TCP" service "$f" tcp "${pod1_ip[$f]}"
	held udp "$client" udp "${vip[$f]}" 80 || fail "UDP to hold"
	held tcp "$client" tcp "${vip[$f]}" 80 || fail "TCP to hold"
	expect "IPv$f: UDP takes off" takes_off "$udp" one "$f" udp "${vip[$f]}"
	expect "IPv$f: TCP, too" takes_off "$tcp" one "$f" tcp "${vip[$f]}"
	expect "IPv$f: another endpoint of UDP instead" service "$f" udp "${pod2_ip[$f]}"
	expect "IPv$f: within two seconds it is that one who answers" wait_for 2 says "$udp" two
	same "IPv$f: nothing leads to the old one" "${pod2_ip[$f]}" "$(leads "$f" udp "${vip[$f]}")"
	expect "IPv$f: it takes off again" takes_off "$udp" two "$f" udp "${vip[$f]}"
	expect "IPv$f: another endpoint of TCP instead" service "$f" tcp "${pod2_ip[$f]}"
	expect "IPv$f: what is open stays" short_way "$tcp" one
	expect "IPv$f: the next one goes there" ask "$client" tcp "${vip[$f]}" 80 two
	expect "IPv$f: no endpoint at all" service "$f" udp
	refuse "IPv$f: within two seconds nobody answers" "" says "$udp" two
}

# What is dropped in the beginning never gets there; what is dropped later does not know.
policy() {
	local f=$1 conn

	expect "IPv$f: a service of UDP" service "$f" udp "${pod1_ip[$f]}"
	held conn "$client" udp "${vip[$f]}" 80 || fail "a connection to hold"
	expect "IPv$f: it takes off" takes_off "$conn" one "$f" udp "${vip[$f]}"
	in_ns "$node" nft -f - <<-RULES || fail "rules"
		table inet later {
			chain forward {
				type filter hook forward priority 500;
				meta l4proto udp drop
			}
		}
	RULES
	expect "IPv$f: a policy that comes later does not reach it" short_way "$conn" one
	expect "IPv$f: a new one is dropped" unanswered "$client" udp "${vip[$f]}" 80
	expect "IPv$f: the fast path is switched off" svc fastpath off
	refuse "IPv$f: then the policy reaches it" "" says "$conn" one
	in_ns "$node" nft delete table inet later
	held conn "$client" udp "${vip[$f]}" 80 || fail "a connection to hold"
	expect "IPv$f: all take the long way then" long_way "$conn" one
	expect "IPv$f: none is in a flowtable" wait_for 5 landed "$f" udp "${vip[$f]}"
	expect "IPv$f: it is switched on again" svc fastpath on --device 'pod*'
	expect "IPv$f: what is there already takes off" takes_off "$conn" one "$f" udp "${vip[$f]}"
}

masqueraded() {
	local f=$1 p conn

	for p in tcp udp; do
		expect "IPv$f $p: a service" service "$f" "$p" "${pod1_ip[$f]}"
		held conn "$client" "$p" "${vip[$f]}" 80 || fail "a connection to hold"
		expect "IPv$f $p: masqueraded, it takes off" \
			takes_off "$conn" one "$f" "$p" "${vip[$f]}"
		expect "IPv$f $p: it is the node's address that the pod sees" \
			says "$conn" "one ${pod1_gw[$f]}"
		expect "IPv$f $p: nothing of it is forwarded" short_way "$conn" one
	done
}

for f in "${families[@]}"; do
	for p in tcp udp; do
		established "$f" "$p"
	done
	fragments "$f"
	counted "$f"
	streams "$f"
	removal "$f"
	policy "$f"
done
expect "pod networks: who is outside is masqueraded" \
	svc settings pod-cidrs "${pod_cidr[4]},${pod_cidr[6]}"
for f in "${families[@]}"; do
	masqueraded "$f"
done

finish

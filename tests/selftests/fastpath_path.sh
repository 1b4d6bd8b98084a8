#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The fast path where the way changes under an open connection: another MTU, a narrow way
# behind a router, another route, a device that goes. What was sent comes back as it was.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/node.bash"
. "$(dirname "$0")/conns.bash"
. "$(dirname "$0")/fastpath.bash"

needs ip svcctl nft conntrack
begin
node_up
pod_servers
watch_forward || fail "a counter"

# Behind pod2, as a router; and a second way to pod1.
ns_add deep
link "$pod2" inner 10.244.3.1/24,fd44:3::1/64 "${deep:?}" eth0 10.244.3.10/24,fd44:3::10/64
default_route "$deep" 10.244.3.1 fd44:3::1
ip -n "$node" route add 10.244.3.0/24 via 10.244.2.10
ip -n "$node" route add fd44:3::/64 via fd44:2::10
link "$node" alt 10.244.9.1/24,fd44:9::1/64 "$pod1" eth1 10.244.9.10/24,fd44:9::10/64
declare -A deep_ip=([4]=10.244.3.10 [6]=fd44:3::10)
declare -A alt_ip=([4]=10.244.9.10 [6]=fd44:9::10)
declare -A alt_gw=([4]=10.244.9.1 [6]=fd44:9::1)
for f in "${families[@]}"; do
	server "$deep" tcp "${deep_ip[$f]}" 8080 deep || fail "a server"
	server "$deep" udp "${deep_ip[$f]}" 8080 deep || fail "a server"
done

expect "the fast path" svc fastpath on --device 'pod*' --device alt
expect "its devices" devices_are alt lan pod1 pod2

# service FAMILY PROTO ENDPOINT
service() {
	svc add service test/web "$2" --replace --frontend "$(at "${vip[$1]}" 80)" \
		--endpoint "$(at "$3" 8080)"
}
# What the ends have learned of narrow ways.
forget() {
	local ns

	for ns in "$client" "$pod1" "$deep" "$node"; do
		ip -n "$ns" "-$1" route flush cache
	done
}
# sent DEVICE: packets that the node has sent there
sent() { ip -n "$node" -s link show dev "$1" | awk 'NR == 6 { print $2 }'; }

narrow_device() {
	local f=$1 tcp udp

	expect "IPv$f: a service, TCP" service "$f" tcp "${pod1_ip[$f]}"
	expect "IPv$f: UDP" service "$f" udp "${pod1_ip[$f]}"
	held tcp "$client" tcp "${vip[$f]}" 80 || fail "TCP to hold"
	held udp "$client" udp "${vip[$f]}" 80 || fail "UDP to hold"
	expect "IPv$f: TCP takes off" takes_off "$tcp" one "$f" tcp "${vip[$f]}"
	expect "IPv$f: UDP, too" takes_off "$udp" one "$f" udp "${vip[$f]}"
	expect "IPv$f: wide, 6000 bytes" large "$tcp" one 6000
	ip -n "$node" link set pod1 mtu 1300
	ip -n "$pod1" link set eth0 mtu 1300
	expect "IPv$f: narrow, 6000 bytes" large "$tcp" one 6000
	# Of IPv6 only the one who sent it may cut it: he is told, as without the fast path.
	if [ "$f" = 6 ]; then
		refuse "IPv6: a datagram of 3000 bytes is too large" EMSGSIZE large "$udp" one 3000
		held udp "$client" udp "${vip[6]}" 80 || fail "UDP to hold"
	fi
	expect "IPv$f: a datagram of 3000 bytes" large "$udp" one 3000
	expect "IPv$f: TCP takes off again" takes_off "$tcp" one "$f" tcp "${vip[$f]}"
	expect "IPv$f: by the short way" short_way "$tcp" one
	expect "IPv$f: UDP, too" takes_off "$udp" one "$f" udp "${vip[$f]}"
	expect "IPv$f: by the short way" short_way "$udp" one
	ip -n "$node" link set pod1 mtu 1500
	ip -n "$pod1" link set eth0 mtu 1500
	forget "$f"
	expect "IPv$f: wide again" large "$tcp" one 6000
}

# The router behind the node says that it is narrow: the error is translated as ever.
narrow_behind() {
	local f=$1 tcp

	expect "IPv$f: an endpoint behind a router" service "$f" tcp "${deep_ip[$f]}"
	held tcp "$client" tcp "${vip[$f]}" 80 || fail "TCP to hold"
	expect "IPv$f: it takes off" takes_off "$tcp" deep "$f" tcp "${vip[$f]}"
	expect "IPv$f: 6000 bytes" large "$tcp" deep 6000
	ip -n "$pod2" "-$f" route replace "${deep_ip[$f]}" dev inner mtu lock 1300
	expect "IPv$f: the way is narrow there: 6000 bytes" large "$tcp" deep 6000
	expect "IPv$f: the client was told" told "$f"
	expect "IPv$f: by the short way still" short_way "$tcp" deep
	ip -n "$pod2" "-$f" route del "${deep_ip[$f]}" dev inner mtu lock 1300
	forget "$f"
}
told() { ip -n "$client" "-$1" route get "${vip[$1]}" | grep -q 'mtu 1300'; }

other_route() {
	local f=$1 p conn before

	for p in tcp udp; do
		expect "IPv$f $p: a service" service "$f" "$p" "${pod1_ip[$f]}"
		held conn "$client" "$p" "${vip[$f]}" 80 || fail "a connection to hold"
		expect "IPv$f $p: it takes off" takes_off "$conn" one "$f" "$p" "${vip[$f]}"
		before=$(sent alt)
		ip -n "$node" "-$f" route add "${pod1_ip[$f]}" via "${alt_ip[$f]}"
		ip -n "$pod1" "-$f" route replace default via "${alt_gw[$f]}"
		expect "IPv$f $p: another route there and back" exchange "$conn" one
		expect "IPv$f $p: which is taken" [ "$(sent alt)" -ge $((before + 5)) ]
		expect "IPv$f $p: it takes off again" \
			takes_off "$conn" one "$f" "$p" "${vip[$f]}"
		expect "IPv$f $p: by the short way" short_way "$conn" one
		ip -n "$node" "-$f" route del "${pod1_ip[$f]}" via "${alt_ip[$f]}"
		ip -n "$pod1" "-$f" route replace default via "${pod1_gw[$f]}"
		before=$(sent alt)
		expect "IPv$f $p: the first one again" exchange "$conn" one
		# A neighbour may be looked for.
		expect "IPv$f $p: the other one sees none of it" \
			[ "$(sent alt)" -lt $((before + 5)) ]
	done
	# A way that leads nowhere is no way, also for what was on it.
	ip -n "$node" "-$f" route add unreachable "${pod1_ip[$f]}"
	refuse "IPv$f: no route at all" "" says "$conn" one
	ip -n "$node" "-$f" route del unreachable "${pod1_ip[$f]}"
}

# The device of a connection goes, and it ends; another one comes for the same pod.
gone() {
	local conn other

	expect "two services: one" service 4 udp "${pod1_ip[4]}"
	expect "and the other" svc add service test/other udp --frontend "${external_ip[4]}:80" \
		--endpoint "${pod2_ip[4]}:8080"
	held conn "$client" udp "${vip[4]}" 80 || fail "a connection to hold"
	held other "$client" udp "${external_ip[4]}" 80 || fail "a connection to hold"
	expect "both take off" takes_off "$conn" one 4 udp "${vip[4]}"
	expect "the other, too" takes_off "$other" two 4 udp "${external_ip[4]}"
	ip -n "$node" link del pod1
	refuse "the device goes" "" says "$conn" one
	expect "the flowtable has the others" devices_are alt lan pod2
	expect "what they carry goes on" takes_off "$other" two 4 udp "${external_ip[4]}"
	expect "by the short way" short_way "$other" two
	link "$node" pod1 10.244.1.1/24,fd44:1::1/64 "$pod1" eth0 10.244.1.10/24,fd44:1::10/64
	ip -n "$pod1" route replace default via 10.244.1.1
	held conn "$client" udp "${vip[4]}" 80 || fail "a connection to hold"
	expect "a new one: a connection is answered" exchange "$conn" one
	expect "until it is in the flowtable" svc fastpath on --device 'pod*' --device alt
	expect "its devices" devices_are alt lan pod1 pod2
	expect "it takes off" takes_off "$conn" one 4 udp "${vip[4]}"
	expect "by the short way" short_way "$conn" one
	expect "as the other does" takes_off "$other" two 4 udp "${external_ip[4]}"
	expect "still" short_way "$other" two
}

for f in "${families[@]}"; do
	narrow_device "$f"
	narrow_behind "$f"
	other_route "$f"
done
gone

finish

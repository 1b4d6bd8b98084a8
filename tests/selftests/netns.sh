#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Namespaces: the same address in two of them is two services; one that does
# not use the module is left alone; one that goes away, with live connections,
# leaves the others alone.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/node.bash"

needs ip svcctl conntrack
begin
node_up
ns_add client2
ns_add node2
ns_add pod3
link "$client2" eth0 192.168.60.2/24,fd60::2/64 "$node2" lan 192.168.60.1/24,fd60::1/64
link "$node2" pod 10.245.1.1/24,fd45:1::1/64 "$pod3" eth0 10.245.1.10/24,fd45:1::10/64
default_route "$client2" 192.168.60.1 fd60::1
default_route "$pod3" 10.245.1.1 fd45:1::1
declare -A pod3_ip=([4]=10.245.1.10 [6]=fd45:1::10)

for f in "${families[@]}"; do
	server "$pod1" tcp "${pod1_ip[$f]}" 8080 one || fail "server one IPv$f"
	server "$pod3" tcp "${pod3_ip[$f]}" 8080 three || fail "server three IPv$f"
done

enabled() { field enabled "$(in_ns "$node2" svcctl settings -j)"; }
expect "show in a fresh namespace" in_ns "$node2" svcctl show
for f in "${families[@]}"; do
	expect "IPv$f: resolve in a fresh namespace" in_ns "$node2" svcctl resolve \
		"$(at "${client_ip[$f]}" 4000)" "$(at "${vip[$f]}" 80)/tcp"
	same "IPv$f: does not switch it on" false "$(enabled)"
	expect "IPv$f: traffic through it" ask "$client2" tcp "${pod3_ip[$f]}" 8080 three
	same "IPv$f: is not tracked" 0 \
		"$(in_ns "$node2" sysctl -n net.netfilter.nf_conntrack_count)"
done

# web NS FAMILY ENDPOINT
web() {
	in_ns "$1" svcctl add service test/web tcp --frontend "$(at "${vip[$2]}" 80)" \
		--endpoint "$(at "$3" 8080)"
}
for f in "${families[@]}"; do
	expect "IPv$f: an address in the one" web "$node" "$f" "${pod1_ip[$f]}"
done
same "do not switch on the other" false "$(enabled)"
first_endpoint() {
	field address "$(endpoints_in "$(in_ns "$1" svcctl show "-$2" -j)")"
}
for f in "${families[@]}"; do
	expect "IPv$f: the same address in the other" web "$node2" "$f" "${pod3_ip[$f]}"
	expect "IPv$f: leads to the one's endpoint" ask "$client" tcp "${vip[$f]}" 80 one
	expect "IPv$f: and to the other's" ask "$client2" tcp "${vip[$f]}" 80 three
	same "IPv$f: each shows its own" "${pod1_ip[$f]} ${pod3_ip[$f]}" \
		"$(first_endpoint "$node" "$f") $(first_endpoint "$node2" "$f")"
done
expect "a deletion in the other" in_ns "$node2" svcctl flush
declare -A stays=()
for f in "${families[@]}"; do
	expect "IPv$f: leaves the one alone" ask "$client" tcp "${vip[$f]}" 80 one
	expect "IPv$f: a service there again" web "$node2" "$f" "${pod3_ip[$f]}"
	held gone "$client2" tcp "${vip[$f]}" 80 || fail "a connection through the other"
	held "stays[$f]" "$client" tcp "${vip[$f]}" 80 || fail "a connection through the one"
done

# Its end, with connections and services in it.
ns_del "$node2"
# The namespace's own end is asynchronous; its devices vanish with it.
no_device() { ! ip -n "$client2" link show eth0; }
expect "a namespace ends with live connections" wait_for 30 no_device
for f in "${families[@]}"; do
	expect "IPv$f: the one's connection goes on" held_ask "${stays[$f]}" "still there"
	expect "IPv$f: and it takes new ones" ask "$client" tcp "${vip[$f]}" 80 one
done

# Many in turn, each with services.
for i in 1 2 3; do
	ns_add brief
	for f in "${families[@]}"; do
		in_ns "$brief" svcctl add service test/brief tcp \
			--frontend "$(at "${vip[$f]}" 80)" \
			--endpoint "$(at "${pod3_ip[$f]}" 80)" || fail "namespace $i"
	done
	ns_del "$brief"
done
for f in "${families[@]}"; do
	expect "IPv$f: the one does not notice" ask "$client" tcp "${vip[$f]}" 80 one
done

# Each of them with what a namespace may have: affinity, records, a walk that is due.
declare -A busy_ip=([4]=10.246.1.10 [6]=fd46:1::10)
# busy FAMILY: in node3
busy() {
	local f=$1

	in_ns "$node3" svcctl add service test/kept udp --frontend "$(at "${vip[$f]}" 53)" \
		--affinity 600 --endpoint "$(at "${busy_ip[$f]}" 53)" &&
	in_ns "$node3" svcctl add service test/counted tcp --frontend "$(at "${vip[$f]}" 80)" \
		--scheduler leastconn --endpoint "$(at "${busy_ip[$f]}" 80)" &&
	ask "$client3" udp "${vip[$f]}" 53 kept &&
	held counted "$client3" tcp "${vip[$f]}" 80 &&
	in_ns "$node3" svcctl affinity show | grep -q "${client3_ip[$f]}"
}
declare -A client3_ip=([4]=192.168.60.2 [6]=fd60::2)
busy_end() {
	local f

	ns_add client3
	ns_add node3
	link "$client3" eth0 192.168.60.2/24,fd60::2/64 "$node3" lan 192.168.60.1/24,fd60::1/64
	link "$node3" pod 10.246.1.1/24,fd46:1::1/64 \
		"$pod3" eth0 10.246.1.10/24,fd46:1::10/64
	default_route "$client3" 192.168.60.1 fd60::1
	default_route "$pod3" 10.246.1.1 fd46:1::1
	for f in "${families[@]}"; do
		busy "$f" || return 1
	done
	[ "$(field connections "$(in_ns "$node3" svcctl settings -j)")" = 2 ] || return 1
	in_ns "$node3" "$lib_repo/build/tests/svcnl" many 2 10.246.1.10 &&
		in_ns "$node3" "$lib_repo/build/tests/svcnl" defer many/0 4 &&
		ns_del "$node3"
}
ns_add pod3
# Of both families.
server "$pod3" udp :: 53 kept || fail "server kept"
server "$pod3" tcp :: 80 counted || fail "server counted"
expect "a namespace ends with affinity, records, and a walk that is due" busy_end

# The core removes the devices at once and the rest later: rmmod waits until no
# namespace is on its way out.
expect "all of them have ended" timeout 30 rmmod svcnat
expect "load" load_module

finish

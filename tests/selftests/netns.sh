#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Namespaces: the same address in two of them is two services; one that does
# not use the module is left alone; one that goes away, with live connections,
# leaves the others alone.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/node.bash"

needs ip svcctl jq conntrack
begin
node_up
ns_add client2
ns_add node2
ns_add pod3
link "$client2" eth0 192.168.60.2/24 "$node2" lan 192.168.60.1/24
link "$node2" pod 10.245.1.1/24 "$pod3" eth0 10.245.1.10/24
default_route "$client2" 192.168.60.1
default_route "$pod3" 10.245.1.1

server "$pod1" tcp "${pod1_ip[4]}" 8080 one || fail "server one"
server "$pod3" tcp 10.245.1.10 8080 three || fail "server three"

expect "show in a fresh namespace" in_ns "$node2" svcctl show
expect "resolve in a fresh namespace" \
	in_ns "$node2" svcctl resolve 192.168.60.2:4000 "${vip[4]}:80/tcp"
same "do not switch it on" false "$(in_ns "$node2" svcctl settings -j | jq .enabled)"
expect "traffic through it" ask "$client2" tcp 10.245.1.10 8080 three
same "is not tracked" 0 "$(in_ns "$node2" sysctl -n net.netfilter.nf_conntrack_count)"

expect "an address in the one" svc add service test/web tcp \
	--frontend "${vip[4]}:80" --endpoint "${pod1_ip[4]}:8080"
same "does not switch on the other" false \
	"$(in_ns "$node2" svcctl settings -j | jq .enabled)"
expect "the same address in the other" in_ns "$node2" svcctl add service test/web tcp \
	--frontend "${vip[4]}:80" --endpoint 10.245.1.10:8080
expect "leads to the one's endpoint" ask "$client" tcp "${vip[4]}" 80 one
expect "and to the other's" ask "$client2" tcp "${vip[4]}" 80 three
first_endpoint() { in_ns "$1" svcctl show -j | jq -r '.[0].endpoints[0].address'; }
same "each shows its own" "${pod1_ip[4]} 10.245.1.10" \
	"$(first_endpoint "$node") $(first_endpoint "$node2")"
expect "a deletion in the other" in_ns "$node2" svcctl flush
expect "leaves the one alone" ask "$client" tcp "${vip[4]}" 80 one
expect "a service there again" in_ns "$node2" svcctl add service test/web tcp \
	--frontend "${vip[4]}:80" --endpoint 10.245.1.10:8080

# Its end, with connections and services in it.
held gone "$client2" tcp "${vip[4]}" 80 || fail "a connection through the other"
held stays "$client" tcp "${vip[4]}" 80 || fail "a connection through the one"
ns_del "$node2"
# The namespace's own end is asynchronous; its devices vanish with it.
no_device() { ! ip -n "$client2" link show eth0; }
expect "a namespace ends with a live connection" wait_for 30 no_device
expect "the one's connection goes on" held_ask "$stays" "still there"
expect "and it takes new ones" ask "$client" tcp "${vip[4]}" 80 one

# Many in turn, each with services.
for i in 1 2 3 4 5; do
	ns_add brief
	in_ns "$brief" svcctl add service test/brief tcp --frontend "${vip[4]}:80" \
		--endpoint 10.0.0.1:80 || fail "namespace $i"
	ns_del "$brief"
done
expect "the one does not notice" ask "$client" tcp "${vip[4]}" 80 one

# Each of them with what a namespace may have: affinity, records, a walk that is due.
busy_end() {
	ns_add client3
	ns_add node3
	link "$client3" eth0 192.168.60.2/24 "$node3" lan 192.168.60.1/24
	link "$node3" pod 10.246.1.1/24 "$pod3" "eth$1" 10.246.1.10/24
	ip -n "$client3" route add default via 192.168.60.1
	ip -n "$pod3" route add default via 10.246.1.1
	in_ns "$node3" svcctl add service test/kept udp --frontend "${vip[4]}:53" \
		--affinity 600 --endpoint 10.246.1.10:53 &&
	in_ns "$node3" svcctl add service test/counted tcp --frontend "${vip[4]}:80" \
		--scheduler leastconn --endpoint 10.246.1.10:80 &&
	ask "$client3" udp "${vip[4]}" 53 kept || return 1
	held counted "$client3" tcp "${vip[4]}" 80 || return 1
	in_ns "$node3" svcctl affinity show | grep -q 192.168.60.2 || return 1
	[ "$(field connections "$(in_ns "$node3" svcctl settings -j)")" = 1 ] || return 1
	in_ns "$node3" "$lib_repo/build/tests/svcnl" many 2 10.246.1.10 &&
		in_ns "$node3" "$lib_repo/build/tests/svcnl" defer many/0 4 &&
		ns_del "$node3"
}
ns_add pod3
in_ns "$pod3" sysctl -qw net.ipv4.conf.all.rp_filter=0
server "$pod3" udp 0.0.0.0 53 kept || fail "server kept"
server "$pod3" tcp 0.0.0.0 80 counted || fail "server counted"
expect "a namespace ends with affinity, records, and a walk that is due" busy_end 0

# The core removes the devices at once and the rest later: rmmod waits until no
# namespace is on its way out.
expect "all of them have ended" timeout 30 rmmod svcnat
expect "load" load_module

finish

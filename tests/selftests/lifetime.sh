#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The module goes under traffic and comes back. Connections that stand are
# conntrack's and NAT's: they go on as long as both stay switched on in their
# namespace, which the nft table that svcctl makes sees to.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/node.bash"

needs ip svcctl jq nft
begin
node_up
server "$pod1" tcp "${pod1_ip[4]}" 8080 one || fail "server one"
server "$pod1" tcp "${pod1_ip[6]}" 8080 one || fail "server one, IPv6"
server "$pod1" udp "${pod1_ip[4]}" 8080 one || fail "server one, UDP"

add_services() {
	svc add service test/web tcp --frontend "$(at "${vip[4]}" 80)" \
		--endpoint "$(at "${pod1_ip[4]}" 8080)" &&
	svc add service test/web udp --frontend "$(at "${vip[4]}" 80)" \
		--endpoint "$(at "${pod1_ip[4]}" 8080)" &&
	svc add service test/none udp --frontend "$(at "${vip[4]}" 81)" &&
	svc add service test/web tcp --frontend "$(at "${vip[6]}" 80)" \
		--endpoint "$(at "${pod1_ip[6]}" 8080)"
}

expect "a pod CIDR, so that the client is masqueraded in IPv4 and not in IPv6" \
	svc settings pod-cidrs "${pod_cidr[4]}"
expect "services" add_services
expect "svcctl made its nft table" in_ns "$node" nft list table inet svcnat-hold
held udp4 "$client" udp "${vip[4]}" 80 || fail "a connection, UDP"
held tcp4 "$client" tcp "${vip[4]}" 80 || fail "a connection, IPv4"
held tcp6 "$client" tcp "${vip[6]}" 80 || fail "a connection, IPv6"
held local4 "$node" tcp "${vip[4]}" 80 || fail "a connection from the node"
expect "they answer" held_ask "$tcp4" before

# A walk that is due, a listener, a client that is remembered: none of them delays it.
(in_ns "$node" svcctl monitor >"$lib_scratch/events" 2>&1 &)
expect "a client that keeps its endpoint" svc add service test/kept udp --affinity 600 \
	--frontend "$(at 10.96.0.50 80)" --endpoint "$(at "${pod1_ip[4]}" 8080)"
expect "is remembered" ask "$client" udp 10.96.0.50 80 one
expect "services of another owner" in_ns "$node" "$lib_repo/build/tests/svcnl" many 2 \
	"${pod1_ip[4]}"
heard() { grep -q many/1 "$lib_scratch/events"; }
expect "somebody listens" wait_for 5 heard
expect "a walk is due" in_ns "$node" "$lib_repo/build/tests/svcnl" defer many/0 4
expect "rmmod with live connections" timeout 20 rmmod svcnat
expect "the client's goes on" held_ask "$tcp4" after
expect "UDP too" held_ask "$udp4" after
expect "in IPv6" held_ask "$tcp6" after
expect "the node's goes on" held_ask "$local4" after
refuse "svcctl says what to do" "modprobe svcnat" in_ns "$node" svcctl show
expect "a new connection is not translated" unanswered "$client" tcp "${vip[4]}" 80

expect "the module comes back" load_module
same "empty" "0 0 0" "$(table_counts)"
expect "services again" add_services
expect "new connections" ask "$client" tcp "${vip[4]}" 80 one
expect "and the old ones" held_ask "$tcp4" "once more"
expect "the node's too" held_ask "$local4" "once more"
expect "and UDP" held_ask "$udp4" "once more"

# Over and over, with the table full and packets on their way.
for ((i = 0; i < 40; i++)); do
	echo "add service test/s$i tcp --frontend 10.97.0.$((i + 1)):80" \
		"--endpoint ${pod1_ip[4]}:8080"
done >"$lib_scratch/many"
add_many() {
	local line

	while read -r line; do
		# shellcheck disable=SC2086
		svc $line || return 1
	done <"$lib_scratch/many"
}
expect "40 services more" add_many
(while :; do
	client "$client" udp "${vip[4]}" 80 --timeout 1
	client "$client" udp "${vip[4]}" 81 --timeout 1
	svc show
done) >/dev/null 2>&1 &
traffic=$!
stop_traffic() { kill $traffic 2>/dev/null; }
at_exit stop_traffic
for i in 1 2 3; do
	expect "rmmod, round $i" unload_module
	expect "insmod, round $i" load_module
	expect "services, round $i" add_services
done
expect "new connections" ask "$client" tcp "${vip[4]}" 80 one
expect "and the old ones" held_ask "$tcp6" "at the end"

# What holds them is that table: without it the last user of NAT leaves.
stop_traffic
expect "delete the table" in_ns "$node" nft delete table inet svcnat-hold
expect "rmmod" unload_module
refuse "a connection breaks" "" held_ask "$tcp6" "without the table"

finish

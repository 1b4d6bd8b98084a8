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
for f in "${families[@]}"; do
	for p in tcp udp; do
		server "$pod1" "$p" "${pod1_ip[$f]}" 8080 one || fail "server one, $p IPv$f"
	done
done

add_services() {
	local f p

	for f in "${families[@]}"; do
		for p in tcp udp; do
			svc add service test/web "$p" --frontend "$(at "${vip[$f]}" 80)" \
				--endpoint "$(at "${pod1_ip[$f]}" 8080)" || return 1
		done
		svc add service test/none udp --frontend "$(at "${vip[$f]}" 81)" || return 1
	done
}
# new_ones: connections
new_ones() {
	local f

	for f in "${families[@]}"; do
		expect "IPv$f: new connections" ask "$client" tcp "${vip[$f]}" 80 one
	done
}
# old_ones LINE: all that are held
old_ones() {
	local name

	for name in "${kinds[@]}"; do
		expect "$name goes on: $1" held_ask "${!name}" "$1"
	done
}

expect "a pod CIDR, so that the client is masqueraded in IPv4 and not in IPv6" \
	svc settings pod-cidrs "${pod_cidr[4]}"
expect "services" add_services
expect "svcctl made its nft table" in_ns "$node" nft list table inet svcnat-hold
kinds=()
for f in "${families[@]}"; do
	for p in tcp udp; do
		kinds+=("$p$f" "local$p$f")
		held "$p$f" "$client" "$p" "${vip[$f]}" 80 || fail "a connection, $p IPv$f"
		held "local$p$f" "$node" "$p" "${vip[$f]}" 80 || fail "the node's, $p IPv$f"
	done
done
old_ones before

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
old_ones "without the module"
refuse "svcctl says what to do" "modprobe svcnat" in_ns "$node" svcctl show
for f in "${families[@]}"; do
	expect "IPv$f: a new connection is not translated" unanswered "$client" tcp "${vip[$f]}" 80
done

expect "the module comes back" load_module
same "empty" "0 0 0" "$(table_counts)"
expect "services again" add_services
new_ones
old_ones "once more"

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
	for f in "${families[@]}"; do
		client "$client" udp "${vip[$f]}" 80 --timeout 1
		client "$client" udp "${vip[$f]}" 81 --timeout 1
	done
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
new_ones
old_ones "at the end"

# What holds them is that table: without it the last user of NAT leaves.
stop_traffic
expect "delete the table" in_ns "$node" nft delete table inet svcnat-hold
expect "rmmod" unload_module
# shellcheck disable=SC2154 # of held
for f in "${families[@]}"; do
	conn=tcp$f
	refuse "IPv$f: a connection breaks" "" held_ask "${!conn}" "without the table"
done

finish

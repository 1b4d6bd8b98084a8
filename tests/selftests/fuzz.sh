#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Requests and packets, right and wrong ones: no answer that must not be (tests/fuzz/
# fuzz_netlink.c says which), no refusal that changed something, nothing that the kernel
# complains of, and services that work afterwards as before. FUZZ_MESSAGES, FUZZ_PACKETS
# and FUZZ_SEED say how many and which; "make fuzz" sends more.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/node.bash"

messages=${FUZZ_MESSAGES:-1600}
packets=${FUZZ_PACKETS:-3000}
seed=${FUZZ_SEED:-$RANDOM}
# Seconds; the debug kernel needs some 20 ms for each.
patience=$(((messages + packets) / 50 + 300))
programs=$lib_repo/build/tests

needs ip svcctl
begin
node_up
pod_servers

# Every kind of frontend, of both families; a NodePort, too, is at the node's addresses.
kinds_up() {
	local f proto kind

	svc settings pod-cidrs "${pod_cidr[4]},${pod_cidr[6]}" &&
		svc settings service-cidrs 10.96.0.0/12,fd96::/108 || return 1
	for f in 4 6; do
		for proto in tcp udp sctp; do
			kind=()
			[ "$proto" != tcp ] || kind=(--affinity 60)
			[ "$proto" != sctp ] || kind=(--scheduler leastconn)
			svc add service "kinds/v$f" "$proto" "${kind[@]}" \
				--frontend "cluster:$(at "${vip[$f]}" 80)" \
				--frontend "external:$(at "${external_ip[$f]}" 80)" \
				--frontend "loadbalancer:$(at "${lb_ip[$f]}" 80)" \
				--frontend "nodeport:30080" --source-range "$(everywhere "$f")" \
				--endpoint "$(at "${pod1_ip[$f]}" 8080)" --family "$f" || return 1
		done
	done
}

everywhere() { if [ "$1" = 4 ]; then echo 0.0.0.0/0; else echo ::/0; fi; }

# The addresses and ports that packets go to: frontends, what is beside them, and pods.
targets() {
	local f

	for f in 4 6; do
		echo "${vip[$f]} 80 ${vip[$f]} 81 ${external_ip[$f]} 80 ${lb_ip[$f]} 80" \
			"${lb_ip[$f]} 81 ${node_ip[$f]} 30080 ${node_ip[$f]} 22 ${pod1_ip[$f]} 8080"
	done
	echo "10.96.7.7 80 fd96::7:7 80"
}

mac_of() { ip -n "$1" -j link show "$2" | jq -r '.[0].address'; }

# fuzz_packets SEED COUNT: from the client
fuzz_packets() {
	# shellcheck disable=SC2046 # words
	in_ns "$client" timeout "$patience" "$programs/fuzz_packets" --device eth0 \
		--mac-from "$(mac_of "$client" eth0)" --mac-to "$(mac_of "$node" lan)" \
		--from 198.51.100.0 --from 2001:db8:99:: --seed "$1" --count "$2" $(targets)
}

# fuzz_netlink NS OPTION...
fuzz_netlink() { in_ns "$1" timeout "$patience" "$programs/fuzz_netlink" "${@:2}"; }

all_work() {
	local f p what

	for f in 4 6; do
		for what in "${vip[$f]} 80" "${external_ip[$f]} 80" "${lb_ip[$f]} 80" \
			"${node_ip[$f]} 30080"; do
			for p in tcp udp; do
				# shellcheck disable=SC2086 # words
				expect "$1: $p to $what" ask "$client" "$p" $what one
			done
		done
	done
}

# fuzzed NAME COMMAND...: expect, and what it counted
fuzzed() {
	expect "$@"
	sed 's/^/# /' "$lib_scratch/said"
}

echo "# seed $seed"
expect "services of every kind" kinds_up
all_work before

# ---- packets

fuzzed "packets to each of them" fuzz_packets "$seed" "$packets"
expect "some were translated" test "$(field endpoint "$(svc stats -j)")" -gt 100
all_work "after packets"

# ---- requests

ns_add other
fuzzed "requests, one after the other, held against what there was" \
	fuzz_netlink "$other" --seed "$seed" --count $((messages / 4)) --looks 16
fuzzed "requests from four at once" \
	fuzz_netlink "$other" --seed $((seed + 1)) --count $((messages / 8)) --threads 4
all_work "after requests elsewhere"

# ---- both, at the same place

fuzz_packets $((seed + 2)) "$packets" >"$lib_scratch/packets" 2>&1 &
sender=$!
fuzzed "requests while packets come" fuzz_netlink "$node" --seed $((seed + 2)) \
	--count $((messages / 8)) --threads 2
expect "and the packets" wait "$sender"
expect "everything goes" svc flush
same "and is gone" "0 0 0" "$(table_counts)"

# What a request may have left: limits, lists of CIDRs, an armed namespace.
expect "the module goes" timeout 120 rmmod svcnat
expect "and comes back" load_module
expect "services of every kind again" kinds_up
all_work "at the end"

finish

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The guest's side of contention.sh. Prints a line for each window that it marks:
#
#	NAME PACKETS CHANGES
#
# and "error: ..." if something went wrong; leaves $VM_DIR/symbols.
set -u

bench=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/selftests/lib.sh
. "$bench/../selftests/lib.sh"
# shellcheck source=tests/bench/topology.bash
. "$bench/topology.bash"

send=$lib_repo/build/tests/send
packets=$BENCH_PACKETS
services=8

service_add() {
	in_ns "$node" svcctl add service "bench/svc-$1" udp --frontend "cluster:10.97.0.$1:80" \
		--endpoint 10.128.0.1:8080 --endpoint "10.128.0.$2:8080" "${@:3}"
}

set_up() {
	local i

	modprobe -a nf_conntrack nf_nat &&
		sysctl -qw net.core.netdev_max_backlog=100000 \
			net.netfilter.nf_conntrack_max=1000000 &&
		echo 262144 >/sys/module/nf_conntrack/parameters/hashsize &&
		topology_make 4 && load_module &&
		in_ns "$node" svcctl settings pod-cidrs 10.244.0.0/16 || return 1
	for ((i = 1; i <= services; i++)); do
		service_add "$i" 2 || return 1
	done
	in_ns "$node" svcctl add service bench/rr tcp --frontend cluster:10.97.0.100:80 \
		--endpoint 10.128.0.1:8080 --endpoint 10.128.0.2:8080 --scheduler rr
}

# sender CPU PROTO TARGET...: its share of first packets to each
sender() {
	local cpu=$1 proto=$2 at=$(($1 * 8000)) target share

	shift 2
	share=$((packets / $#))
	for target in "$@"; do
		in_ns "$client" taskset -c "$cpu" "$send" --device eth0 \
			--mac-from "$client_mac" --mac-to "$node_client_mac" \
			--proto "$proto" --from "${source_client[4]}" --to "$target" --port 80 \
			--first "$at" --count "$share" >/dev/null || return 1
		at=$((at + share))
	done
}

# Until $lib_scratch/stop is there. Each change is another set of endpoints.
changer() {
	local n=0

	while [ ! -e "$lib_scratch/stop" ]; do
		n=$((n + 1))
		service_add $((n % services + 1)) $((n % 200 + 2)) --replace || return 1
		echo "$n" >"$lib_scratch/changes"
	done
}

changes_begin() { [ "$(<"$lib_scratch/changes")" != 0 ]; }

# window NAME yes|no PROTO TARGET...: with changes, or without
window() {
	local name=$1 changing=$2 a b changed=0 before delivered

	shift 2
	rm -f "$lib_scratch/stop"
	echo 0 >"$lib_scratch/changes"
	if [ "$changing" = yes ]; then
		changer >&2 &
		changed=$!
		wait_for 20 changes_begin || echo "error: $name: nothing changes"
	fi
	before=$(topology_delivered)
	"$BENCH_MARK"
	sender 0 "$@" & a=$!
	sender 1 "$@" & b=$!
	wait "$a" && wait "$b" || echo "error: $name: a sender failed"
	"$BENCH_MARK" end
	touch "$lib_scratch/stop"
	[ "$changed" = 0 ] || wait "$changed" || echo "error: $name: a change failed"
	delivered=$(($(topology_delivered) - before))
	[ "$delivered" = $((2 * packets)) ] ||
		echo "error: $name: of $((2 * packets)) packets $delivered came to the pod"
	echo "$name $delivered $(cat "$lib_scratch/changes")"
	# or the next window's would be no first packets
	in_ns "$node" conntrack -F >/dev/null 2>&1 || echo "error: $name: conntrack -F"
}

many=()
for ((i = 1; i <= services; i++)); do many+=("10.97.0.$i"); done
set_up || { echo "error: it cannot be set up"; exit 1; }
window warm no udp "${many[@]}"
window one no udp 10.97.0.1
window one-changing yes udp 10.97.0.1
window many-changing yes udp "${many[@]}"
window round-robin no tcp 10.97.0.100
cp /proc/kallsyms "$VM_DIR/symbols"

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Print what there is to measure, a line a point:
#
#	KERNEL ROW FAMILY PROTO PATH SERVICES
#
# All dimensions crossed would take eight times as long. What they change are different things (the
# number of services: the lookup; family and protocol: how a packet is read and written;
# the path: the hooks around it), so each is varied by itself, from one point: UDP, IPv4,
# PRE_ROUTING, 1,000 services. BENCH_CROSS=1: all of them crossed.
#
# BENCH_KERNELS, BENCH_ROWS, BENCH_SIZES, BENCH_FAMILIES, BENCH_PROTOS, BENCH_PATHS:
# only these.
set -u

rows="plain conntrack empty-nat svcnat svcnat-affinity svcnat-accounting svcnat-unrelated
	svcnat-fastpath kube-proxy-nftables kube-proxy-iptables kube-proxy-ipvs"

# Rows without services have one size, 0. Those that differ from svcnat in what is done
# once a service is found are measured at one size only. The last figure of kube-proxy's
# is what it was recorded with, see docs/bench.md.
sizes_of() {
	case $1 in
	plain | conntrack | empty-nat) echo 0 ;;
	svcnat) echo 1 10 1000 10000 100000 ;;
	svcnat-unrelated) echo 1000 100000 ;;
	svcnat-*) echo 1000 ;;
	kube-proxy-ipvs) echo 1 10 1000 ;;
	*) echo 1 10 1000 10000 ;;
	esac
}

wanted() { [ -z "$1" ] || [[ " $1 " == *" $2 "* ]]; }

# How many of them are not those of the one point.
away() {
	local n=0

	[ "$1" = 4 ] || n=$((n + 1))
	[ "$2" = udp ] || n=$((n + 1))
	[ "$3" = pre ] || n=$((n + 1))
	[ "$4" = 0 ] || [ "$4" = 1000 ] || n=$((n + 1))
	echo "$n"
}

# A flowtable is for what is forwarded.
possible() { [ "$1-$2" != svcnat-fastpath-out ]; }

row_points() {
	local kernel=$1 row=$2 size family proto path point

	for size in $(sizes_of "$row"); do
		[ "$size" = 0 ] || wanted "${BENCH_SIZES:-}" "$size" || continue
		for family in ${BENCH_FAMILIES:-4 6}; do
			for proto in ${BENCH_PROTOS:-udp tcp}; do
				for path in ${BENCH_PATHS:-pre out}; do
					possible "$row" "$path" || continue
					point=("$family" "$proto" "$path" "$size")
					[ "${BENCH_CROSS:-}" = 1 ] ||
						[ "$(away "${point[@]}")" -le 1 ] || continue
					echo "$kernel $row ${point[*]}"
				done
			done
		done
	done
}

known() {
	local row all

	all=$(xargs <<<"$rows")
	for row in ${BENCH_ROWS:-}; do
		[[ " $all " == *" $row "* ]] ||
			{ echo "bench: no row $row; there are: $all" >&2; return 1; }
	done
}

known || exit 2
for kernel in ${BENCH_KERNELS:-6.1 6.12}; do
	for row in $rows; do
		! wanted "${BENCH_ROWS:-}" "$row" || row_points "$kernel" "$row"
	done
done

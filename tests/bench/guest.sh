#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The guest's side of tests/bench/run.sh: measures the points that $VM_DIR/plan names,
#
#	ROW FAMILY PROTO PATH SERVICES LOAD
#
# a line each, and prints for each a line of JSON, or one that begins with "error"; and one
# more for those that iperf3 measures, see throughput.bash.
#
# $SVCNAT_KO: the module. $BENCH_PACKETS: how many make one figure. $BENCH_REPEAT: of
# how many figures the median is taken. $BENCH_MIB: how much iperf3 sends. $BENCH_MARK: if
# any, this program marks where a run of packets begins and ends, and $VM_DIR/symbols is
# left. Exit code 1: there was an error.
set -u

bench=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/selftests/lib.sh
. "$bench/../selftests/lib.sh"
# shellcheck source=tests/bench/topology.bash
. "$bench/topology.bash"
# shellcheck source=tests/bench/rows.bash
. "$bench/rows.bash"
# shellcheck source=tests/bench/generators.bash
. "$bench/generators.bash"
# shellcheck source=tests/bench/throughput.bash
. "$bench/throughput.bash"

send=$lib_repo/build/tests/send
packets=$BENCH_PACKETS
repeat=$BENCH_REPEAT
warm=$((packets / 4))
# Sources that two runs of pktgen do not share at their borders.
stride=$((packets + 8))

# One instruction is 2 ns of this clock: "-icount shift=1".
ns_per_instruction=2

complain() { echo "$*" >&2; return 1; }

# The machine: nothing that begins by itself, and tables that do not fill.
prepare() {
	modprobe -a nf_conntrack nf_conntrack_netlink nf_nat nf_tables || return 1
	sysctl -qw net.core.netdev_max_backlog=100000 net.netfilter.nf_conntrack_max=1000000 &&
		echo 262144 >/sys/module/nf_conntrack/parameters/hashsize
}

# counted N CONNECTIONS COMMAND...: prints COMMAND's nanoseconds, if N packets came to
# the pod, each just once, and so many connections were added.
counted() {
	local n=$1 connections=$2 delivered tracked ns

	shift 2
	delivered=$(topology_delivered)
	tracked=$(topology_tracked)
	ns=$("$@") || { complain "$* failed"; return 1; }
	delivered=$(($(topology_delivered) - delivered))
	tracked=$(($(topology_tracked) - tracked))
	[ "$delivered" -eq "$n" ] ||
		{ complain "of $n packets $delivered came to the pod"; return 1; }
	[ "$row" = plain ] || [ "$tracked" -eq "$connections" ] ||
		{ complain "$tracked connections more, not $connections"; return 1; }
	echo "$ns"
}

median() { sort -n | sed -n "$(((repeat + 1) / 2))p"; }

per_packet() { echo $((($1 / ns_per_instruction + packets / 2) / packets)); }

measure_new() {
	local i ns all=

	counted "$warm" "$warm" generate_new 0 "$warm" >/dev/null || return 1
	for ((i = 1; i <= repeat; i++)); do
		ns=$(counted "$packets" "$packets" generate_new $((i * stride)) "$packets") ||
			return 1
		all+=$ns$'\n'
	done
	per_packet "$(printf %s "$all" | median)"
}

measure_flow() {
	local i ns all=

	generate_opening || { complain "the connection cannot be opened"; return 1; }
	counted "$warm" 0 generate_flow "$warm" >/dev/null || return 1
	for ((i = 1; i <= repeat; i++)); do
		ns=$(counted "$packets" 0 generate_flow "$packets") || return 1
		all+=$ns$'\n'
	done
	[ "$row" != svcnat-fastpath ] || offloaded || return 1
	per_packet "$(printf %s "$all" | median)"
}

offloaded() {
	in_ns "$node" cat /proc/net/nf_conntrack | grep -q OFFLOAD ||
		complain "the connection is not in the flowtable"
}

# Sets $established and $new. The connection first: for it, tables are as good as empty.
measure() {
	local set_up=row_${row//-/_}

	topology_make "$family" || { complain "no topology"; return 1; }
	"$set_up" >&2 || { complain "the row cannot be set up"; return 1; }
	established=$(measure_flow) && new=$(measure_new)
}

# say_point FORMAT...: the point, and what was measured
say_point() {
	printf '{"row": "%s", "family": %s, "proto": "%s", "path": "%s", "services": %s, ' \
		"$row" "$family" "$proto" "$path" "$services"
	# shellcheck disable=SC2059 # that is what it is for
	printf "$@"
}

# failed WHAT LOG: it ends with why
failed() {
	echo "error: $1: $(tail -1 "$2")"
	sed 's/^/# /' "$2"
	return 1
}

measure_point() {
	local row=$1 family=$2 proto=$3 path=$4 services=$5 load=$VM_DIR/$6
	local target target_port established new per_kib code=0 log=$lib_scratch/log

	if measure 2>"$log"; then
		say_point '"new": %s, "established": %s}\n' "$new" "$established"
	else
		failed "$*" "$log" || code=1
	fi
	if [ "$code" = 0 ] && throughput_wanted; then
		if per_kib=$(throughput_measure 2>"$log"); then
			say_point '"mib": %s, "instructions_per_kib": %s}\n' "$mib" "$per_kib"
		else
			failed "$*: iperf3" "$log" || code=1
		fi
	fi
	[ -z "$BENCH_MARK" ] || cp /proc/kallsyms "$VM_DIR/symbols"
	topology_delete
	return "$code"
}

code=0
if [ $(((repeat + 1) * stride)) -gt "$flow_number" ]; then
	echo "error: $repeat times $packets packets are more than there are sources"
	exit 1
fi
prepare || exit 1
while read -r line; do
	# shellcheck disable=SC2086 # words
	measure_point $line || code=1
done <"$VM_DIR/plan"
exit "$code"

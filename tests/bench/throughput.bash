# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# What a KiB costs that the client's iperf3 gets from the pod's, through the service and the node,
# in frames of 1,500 bytes: at a point of TCP, IPv4 and PRE_ROUTING, behind its packets.
#
#	throughput_wanted	is it such a point?
#	throughput_measure	prints instructions for a KiB
#
# It is what $mib MiB more cost than one does: what begins and ends a transfer, the start of two
# programs above all, is not in it. Nor is what the CPU idles.
# shellcheck disable=SC2154 # set by guest.sh and topology.bash

throughput_rows=" plain conntrack svcnat svcnat-fastpath kube-proxy-nftables "
mib=${BENCH_MIB:-0}
mib_bytes=1048576
segment=1448

throughput_wanted() {
	[ "$mib" -gt 0 ] && [ "$family-$proto-$path" = 4-tcp-pre ] &&
		[[ $throughput_rows == *" $row "* && " 0 1000 " == *" $services "* ]]
}

# Nanoseconds of the CPU's work.
busy() {
	awk '/^now at/ { now = $3 } /\.idle_sleeptime/ { idle += $3 }
		END { printf "%.0f\n", now - idle }' /proc/timer_list
}

# How many packets the node's IP has forwarded.
forwarded() {
	in_ns "$node" cat /proc/net/snmp | awk '$1 != "Ip:" { next }
		at { print $at; exit }
		{ for (i = 2; i <= NF; i++) if ($i == "ForwDatagrams") at = i }'
}

listens() { in_ns "$pod" ss -Hltn "sport = :$endpoint_port" | grep -q .; }

# The other way round iperf3 would end when all is sent, and drop what is on its way then.
get_bytes() {
	in_ns "$client" iperf3 -c "$target" -p "$target_port" -R -n "$1" -i 0 -J \
		>"$lib_scratch/got"
}

# transfer BYTES: sets $took and $passed, the packets that the node forwarded meanwhile
transfer() {
	local server

	in_ns "$pod" iperf3 -s -4 -1 -J -p "$endpoint_port" >"$lib_scratch/sent" &
	server=$!
	wait_for 20 listens || { complain "iperf3 does not listen"; return 1; }
	passed=$(forwarded)
	took=$(busy)
	get_bytes "$1" || { complain "iperf3: $(jq -r .error "$lib_scratch/got")"; return 1; }
	wait "$server"
	took=$(($(busy) - took))
	passed=$(($(forwarded) - passed))
	whole "$1" && as_the_row_says "$1"
}

# What was asked for is what the pod has sent, and what the client has read.
whole() {
	local sent got

	sent=$(jq .end.sum_sent.bytes "$lib_scratch/sent")
	got=$(jq .end.sum_received.bytes "$lib_scratch/got")
	[ "$sent $got" = "$1 $1" ] ||
		complain "of $1 bytes the pod sent $sent, and the client has $got"
}

# All packets went through the node's stack; or next to none, where there is a fast path.
as_the_row_says() {
	if [ "$row" = svcnat-fastpath ]; then
		[ "$passed" -lt 100 ]
	else
		[ "$passed" -ge $(($1 / segment)) ]
	fi || complain "$passed packets took the long way"
}

# The flow has to be there while it lasts, and is gone behind it.
flow_is_there() {
	in_ns "$node" grep -q "^ipv4 .* tcp .* src=$speaker dst=$target .*OFFLOAD" \
		/proc/net/nf_conntrack
}

seen_in_the_flowtable() {
	local server getter

	in_ns "$pod" iperf3 -s -4 -1 -p "$endpoint_port" >/dev/null &
	server=$!
	wait_for 20 listens || return 1
	get_bytes $((16 * mib_bytes)) &
	getter=$!
	wait_for 60 flow_is_there ||
		{ complain "iperf3's connection is not in the flowtable"; return 1; }
	wait "$getter" && wait "$server"
}

throughput_measure() {
	local i took passed less all=

	# of the packets before, which are thousands
	topology_speak && in_ns "$node" conntrack -F 2>/dev/null ||
		{ complain "no hosts for iperf3"; return 1; }
	[ "$row" != svcnat-fastpath ] || seen_in_the_flowtable || return 1
	transfer "$mib_bytes" || return 1
	for ((i = 1; i <= repeat; i++)); do
		transfer "$mib_bytes" || return 1
		less=$took
		transfer $(((mib + 1) * mib_bytes)) || return 1
		all+=$((took - less))$'\n'
	done
	echo $(($(printf %s "$all" | median) / ns_per_instruction / mib / 1024))
}

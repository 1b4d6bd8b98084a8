# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# Packets to $target, $target_port, through the path $path:
#
#	pre	from the client, which is the node's PRE_ROUTING and FORWARD
#	out	from the node, which is its LOCAL_OUT
#
#	generate_new FIRST COUNT	each from another address and port; prints the
#					nanoseconds that they took
#	generate_flow COUNT		of the one connection that is open
#	generate_opening		opens it: its first packet, the pod's answer
#
# pktgen makes UDP in IPv4 from the client. It knows no TCP, and no range of sources in
# IPv6: that, and what the node sends, is by send.c. The two have costs of their own, so
# what they measured is not to be compared with each other.
# shellcheck disable=SC2154 # set by guest.sh and topology.bash

# The connection's number among the sources; new ones stay below.
flow_number=16380

generate_by_pktgen() { [ "$path-$proto-$family" = pre-udp-4 ]; }

generate_new() {
	if generate_by_pktgen; then
		pktgen "$2" "$(v4_plus "${source_client[4]}" "$1")" \
			"$(v4_plus "${source_client[4]}" $(($1 + $2 + 1)))" \
			$((1024 + $1)) $((1024 + $1 + $2 + 1))
	else
		send_packets --first "$1" --count "$2"
	fi
}

generate_flow() {
	local from

	if generate_by_pktgen; then
		from=$(v4_plus "${source_client[4]}" "$flow_number")
		pktgen "$1" "$from" "$from" $((1024 + flow_number)) $((1024 + flow_number))
	else
		send_packets --flow --first "$flow_number" --count "$1"
	fi
}

# Who answers ends when the answer has gone all the way back.
generate_opening() {
	local log=$lib_scratch/answer answerer

	in_ns "$pod" "$send" --answer eth0 --port "$endpoint_port" >"$log" 2>&1 &
	answerer=$!
	wait_for 20 grep -q ready "$log" &&
		send_packets --first "$flow_number" --count 1 >/dev/null && wait "$answerer"
}

send_packets() {
	local where=$node from=${source_node[family]} device=()

	if [ "$path" = pre ]; then
		where=$client
		from=${source_client[family]}
		device=(--device eth0 --mac-from "$client_mac" --mac-to "$node_client_mac")
	fi
	in_ns "$where" "$send" "${device[@]}" --proto "$proto" --from "$from" --to "$target" \
		--port "$target_port" "$@"
}

v4_plus() {
	local a b c d n

	IFS=. read -r a b c d <<<"$1"
	n=$(((a << 24) + (b << 16) + (c << 8) + d + $2))
	echo "$((n >> 24)).$((n >> 16 & 255)).$((n >> 8 & 255)).$((n & 255))"
}

# pktgen COUNT FIRST_ADDRESS LAST_ADDRESS FIRST_PORT LAST_PORT
pktgen() {
	local said

	modprobe pktgen || return 1
	said=$(in_ns "$client" "$bench/pktgen.sh" eth0 "$node_client_mac" "$target" \
		"$target_port" "$@") || { echo "$said" >&2; return 1; }
	[[ $said =~ Result:\ OK:\ ([0-9]+) ]] && echo "${BASH_REMATCH[1]}000"
}

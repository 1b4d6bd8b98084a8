# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# The node's connection table, for tests that look into it. Sourced after
# node.bash.

# shellcheck disable=SC2154 # node, families: lib.sh, node.bash

# leads_in NS FAMILY PROTO ADDRESS: where its connections to ADDRESS lead. Without
# other programs: each of them costs the emulated VM more than the look itself.
leads_in() {
	local line places=() source='src=([^ ]+)'

	while read -r line; do
		[[ $line =~ $source.*$source ]] || continue
		[[ " ${places[*]} " == *" ${BASH_REMATCH[2]} "* ]] || places+=("${BASH_REMATCH[2]}")
	done < <(in_ns "$1" conntrack -L -f "ipv$2" -p "$3" -d "$4" 2>/dev/null)
	echo "${places[*]}"
}
leads() { leads_in "$node" "$@"; }
leads_to() { [ "$(leads "${@:2}")" = "$1" ]; }

# slipped NS FAMILY PORT ADDRESS [OPTION...]: as if a datagram of the client's port PORT
# to port 53 there had been let through
slipped() {
	in_ns "$1" conntrack -I -p udp -s "${client_ip[$2]}" -d "$4" --sport "$3" --dport 53 \
		-t 300 "${@:5}"
}

# stat NAME: one of the namespace's counters
stat() { field "$1" "$(svc stats -j)"; }
stat_is() { [ "$(stat "$1")" = "$2" ]; }

# No walk is outstanding: none came for longer than the worker waits.
quiet() {
	local before

	before=$(stat stale-walks)
	! wait_for 2 stat_differs stale-walks "$before"
}
stat_differs() { ! stat_is "$1" "$2"; }

# says HELD NAME: a connection that is held is answered by NAME
says() {
	local out

	out=$(held_ask "$1" hello)
	echo "$out"
	[[ $out == "$2 "* ]]
}

# all_answer: all of $kinds, which are names of held connections, lead to pod1 still.
all_answer() {
	local k

	for k in "${kinds[@]}"; do
		says "${!k}" one >/dev/null || { echo "$k does not answer"; return 1; }
	done
}

# broken HELD ERROR...: it fails, with one of these
broken() {
	local out error

	if out=$(held_ask "$1" hello); then
		echo "was answered: $out"
		return 1
	fi
	# It may have heard of it before it was asked.
	[ -n "$out" ] || out=$(tail -1 "$1/out")
	for error in "${@:2}"; do
		[ "$out" != "$error" ] || return 0
	done
	echo "$out, not ${*:2}"
	return 1
}

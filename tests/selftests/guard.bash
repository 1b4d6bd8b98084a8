# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# What the tests of guard.c's two duties share: packets that conntrack calls INVALID,
# and connections that are closing. Sourced after node.bash.

# shellcheck disable=SC2154 # lib_repo, lib_scratch, client, node, pod1: lib.sh, node.bash

lib_stray=$lib_repo/build/tests/stray
stray() { in_ns "$1" "$lib_stray" "${@:2}"; }

# What arrives at the client of what no socket sent: "strays" counts it.
count_strays() {
	in_ns "$client" nft -f - <<-RULES
		table inet count {
			counter strays { }
			counter resets { }
			chain in {
				type filter hook input priority 0;
				tcp window 12345 counter name strays
				tcp sport 9090 tcp flags & rst == rst counter name resets
			}
		}
	RULES
}
arrived() { nft_count "$client" count "$1"; }
arrived_is() { [ "$(arrived "$1")" = "$2" ]; }

# wild NS INTERFACE PORT ADDRESS FROM_PORT HELD: the next thing that HELD says is
# answered from there by a segment far out of the window, too
wild() {
	local log=$lib_scratch/wild

	rm -f "$log"
	ip netns exec "$1" "$lib_stray" answer "${@:2:4}" >"$log" 2>&1 &
	disown
	wait_for 10 grep -q ready "$log" || { cat "$log"; return 1; }
	held_ask "$6" hello
	wait_for 5 grep -q sent "$log" || { cat "$log"; return 1; }
}

# Conntrack shall not forget what is closing while a slow VM does the next step.
slow_to_forget() {
	local state

	for state in fin_wait close_wait last_ack; do
		in_ns "$node" sysctl -qw "net.netfilter.nf_conntrack_tcp_timeout_$state=900"
	done
}

# The endpoint falls silent, the client closes and forgets: conntrack waits for
# the other half of the close.
half_closed() {
	local f=$1 to=$2 sport=$3

	rm -f "$lib_scratch/fifo"
	mkfifo "$lib_scratch/fifo" || return 1
	client "$client" tcp "$to" 80 --sport "$sport" --hold --timeout 60 \
		<"$lib_scratch/fifo" >"$lib_scratch/half" 2>&1 &
	exec 9>"$lib_scratch/fifo"
	wait_for 5 test -s "$lib_scratch/half" || { cat "$lib_scratch/half"; return 1; }
	in_ns "$pod1" nft -f - <<-RULES
		table inet deaf {
			chain in {
				type filter hook input priority 0;
				tcp sport $sport drop
			}
		}
	RULES
	exec 9>&-
	wait_for 5 closing "$f" "$to"
	# For good: the endpoint may send again what it heard no acknowledgement of.
	in_ns "$client" nft -f - <<-RULES
		table inet forget
		delete table inet forget
		table inet forget {
			chain out {
				type filter hook output priority 0;
				tcp sport $sport tcp flags & rst == rst drop
			}
		}
	RULES
	in_ns "$client" ss -K "sport = :$sport" >/dev/null
}
closing() {
	in_ns "$node" conntrack -L -f "ipv$1" -p tcp -d "$2" 2>/dev/null |
		grep -qE 'FIN_WAIT|CLOSE_WAIT|LAST_ACK'
}

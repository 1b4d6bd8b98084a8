# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# Is it the fast path that a connection takes? Sourced after node.bash and conns.bash.

# shellcheck disable=SC2154 # node: lib.sh

# What takes the long way comes by here; called once the node is there.
watch_forward() {
	in_ns "$node" nft -f - <<-RULES
		table inet seen {
			counter forwarded { }
			chain forward {
				type filter hook forward priority 0;
				counter name forwarded
			}
		}
	RULES
}
# Packets since it was asked last.
forwarded() { nft_count "$node" seen forwarded reset; }

# offloaded FAMILY PROTO ADDRESS: a connection to there is in the flowtable
offloaded() {
	[[ $(in_ns "$node" conntrack -L -f "ipv$1" -p "$2" -d "$3" 2>/dev/null) == *\[OFFLOAD\]* ]]
}

landed() { ! offloaded "$@"; }

# takes_off HELD NAME FAMILY PROTO ADDRESS: it is answered by NAME, and is in it some packets later
takes_off() { wait_for 10 lib_takes_off "$@"; }
lib_takes_off() { says "$1" "$2" && offloaded "${@:3}"; }

# exchange HELD NAME: five lines, there and back, each as it was sent. Without other programs,
# which cost the emulated VM more than all the rest.
exchange() {
	local fd i n said

	mapfile -t said <"$1/out"
	n=${#said[@]}
	fd=$(<"$1/fd")
	# Nobody may be there to read it: that ends a subshell.
	(printf 'echo %d of 5\n' 1 2 3 4 5 >&"$fd")
	wait_for "$TIMEOUT" lib_said "$1/out" $((n + 5))
	mapfile -t said <"$1/out"
	for i in 1 2 3 4 5; do
		[[ ${said[n++]:-} == "$2 "*"echo $i of 5" ]] ||
			{ echo "wanted $2 and $i, got '${said[n - 1]:-nothing}'"; return 1; }
	done
}
lib_said() {
	local said

	mapfile -t said <"$1"
	[ "${#said[@]}" -ge "$2" ]
}
# short_way HELD NAME: it is answered, and nothing of it takes the long way. When a route has
# changed, also for a reason of its own, the kernel takes the flow out, and the next packets
# put it in again: it may have had to do that once.
short_way() {
	local seen

	for _ in 1 2; do
		forwarded >/dev/null
		exchange "$1" "$2" || return 1
		seen=$(forwarded)
		[ "$seen" != 0 ] || return 0
	done
	echo "$seen packets were forwarded"
	return 1
}

# long_way HELD NAME: it is answered, and all of it is forwarded
long_way() {
	local seen

	forwarded >/dev/null
	exchange "$1" "$2" || return 1
	seen=$(forwarded)
	[ "$seen" -ge 10 ] || { echo "$seen packets were forwarded"; return 1; }
}

# a_line BYTES: as long as that, to be sent through a held connection
a_line() { printf 'echo %0*d' "$(($1 - 6))" 7; }
# large HELD NAME BYTES: a line of so many bytes, there and back
large() {
	local line out

	line=$(a_line "$3")
	out=$(held_ask "$1" "$line") || { echo "$out"; return 1; }
	[[ $out == "$2 "*"$line" ]] || { echo "came back as ${#out} bytes: ${out:0:60}"; return 1; }
}

# devices: those of the fast path, in one line
devices() {
	local said

	said=$(svc fastpath show -j) || return 1
	said=${said#*\"devices\": [}
	said=${said%%]*}
	# shellcheck disable=SC2086 # words
	echo ${said//[\",]/}
}
devices_are() { [ "$(devices)" = "$*" ] || { devices; return 1; }; }

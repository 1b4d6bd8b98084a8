# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# Verdicts, by packets and by resolve. Sourced after node.bash.

# shellcheck disable=SC2034,SC2154 # used by the tests; lib_scratch: lib.sh

declare -A service_cidr=([4]=10.96.0.0/16 [6]=fd96::/112)
declare -A unallocated_ip=([4]=10.96.77.77 [6]=fd96::7777)
declare -A client_cidr=([4]=192.168.50.0/24 [6]=fd50::/64)
declare -A pod1_cidr=([4]=10.244.1.0/24 [6]=fd44:1::/64)
declare -A bits=([4]=32 [6]=128)
declare -A any_ip=([4]=0.0.0.0 [6]=::)

count() { field "$1" "$(svc stats -j)"; }

# counted REASON NAME COMMAND...: COMMAND succeeds, and the reason's counter grows by it
counted() {
	local reason=$1 name=$2 before after out code

	shift 2
	before=$(count "$reason")
	lib_run "$@"
	after=$(count "$reason")
	if [ "$code" -ne 0 ]; then
		fail "$name" "exit $code from: $*"$'\n'"$out"
	elif [ "$after" -le "$before" ]; then
		fail "$name" "$reason was $before and is $after, after: $*"
	else
		pass "$name"
	fi
}

# uncounted REASON NAME COMMAND...: COMMAND succeeds, and the counter stays
uncounted() {
	local reason=$1 name=$2 before after out code

	shift 2
	before=$(count "$reason")
	lib_run "$@"
	after=$(count "$reason")
	if [ "$code" -ne 0 ]; then
		fail "$name" "exit $code from: $*"$'\n'"$out"
	else
		same "$name" "$reason $before" "$reason $after"
	fi
}

# verdict SRC[:PORT] DST[:PORT][/PROTO]: "drop no-local"
verdict() {
	local said

	said=$(svc resolve "$1" "$2" -j) && echo "$(field verdict "$said") $(field reason "$said")"
}

pings() { in_ns "$1" ping -n -q -c 1 -W 3 "$2"; }

# What ping was told: what a closed port says.
ping_refused() {
	local said

	said=$(in_ns "$1" ping -n -c 1 -W 3 "$2") && return 1
	grep -qi "port unreachable" <<<"$said" || { echo "$said"; return 1; }
}

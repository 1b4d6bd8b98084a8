# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# What the selftests share. A test is a bash script, run as root (in the VM):
#
#	#!/bin/bash
#	# SPDX-License-Identifier: GPL-2.0
#	. "$(dirname "$0")/lib.sh"
#	needs ip svcctl			# skip the whole script without them
#	begin				# module loaded, prints the KTAP header
#	ns_add node; ns_add pod		# $node, $pod: random namespace names
#	link "$node" eth0 10.0.0.1/24 "$pod" eth0 10.0.0.2/24
#	server "$pod" tcp 10.0.0.2 8080 one
#	expect "tcp" ask "$node" tcp 10.0.0.2 8080 one
#	finish				# plan, totals, exit code
#
# Output is KTAP: "TAP version 13", "ok N name", "not ok N name", "# SKIP", the
# plan "1..N" at the end. Exit: 0 all passed, 1 some failed, 4 skipped.
#
# Environment: SVCNAT_KO, the module's file. Without it, the module has to be
# loaded already.
#
# Checks; each is one KTAP line:
#	expect NAME COMMAND...		COMMAND must succeed
#	refuse NAME TEXT COMMAND...	COMMAND must fail with exit code 1 or 2 and say TEXT
#					("" for any), on one of its two outputs
#	same NAME WANTED GOT		two strings must be equal
#	pass NAME / fail NAME [WHY]	said by the test itself
#	skip NAME WHY
#	nested COMMAND...		each check that a program prints (nlcheck) is one of ours
#
# The network:
#	ns_add VAR [SYSCTL=VALUE...]	a namespace with a random name, put into $VAR, lo up,
#					forwarding on, rp_filter and DAD off
#	ns_del NAME			remove one and what runs in it
#	link NS1 IF1 ADDRS NS2 IF2 ADDRS	a veth pair; ADDRS: CIDRs, comma-separated, or ""
#	default_route NS GATEWAY...	one for each family
#	in_ns NS COMMAND...		like ip netns exec, but for /sys; in the background, say
#					"ip netns exec" itself, so that $! is the command and not
#					a shell
#
# Servers and clients, which talk with net.c (TCP, UDP, SCTP; IPv4, IPv6):
#	server NS PROTO ADDR PORT NAME [--transparent]	starts one; its answer is "NAME
#					PEER_ADDRESS PEER_PORT"; returns when it listens
#	client NS PROTO ADDR PORT [OPTION...]	prints an answer; fails when there is none in
#					time; OPTION: --source ADDR --sport PORT --count N
#					--timeout SECONDS --size BYTES (see net.c) --hold. The
#					error is printed as its errno's name, such as ECONNREFUSED
#	held VAR NS PROTO ADDR PORT	opens a connection and keeps it; its name goes to $VAR
#	held_ask NAME_OF_HELD LINE	sends LINE through it, prints the answer
#	ask NS PROTO ADDR PORT NAME [OPTION...]		the answer's first word must be NAME
#	ask_from NS PROTO ADDR PORT NAME PEER [OPTION...]	and the second one PEER: the source
#					address that the server saw
#	refused NS PROTO ADDR PORT [OPTION...]	must be refused at once (ECONNREFUSED), not time out
#	unanswered NS PROTO ADDR PORT [OPTION...]	must not be answered, for long enough
#
# Others:
#	wait_for SECONDS COMMAND...	poll it every 30 ms until it succeeds; fails after SECONDS
#	nft_count NS TABLE NAME [reset]	the packets that a named counter of nft has seen, in a
#					table of the family inet
#	field NAME JSON			the value of the first member of that name. jq does more,
#					and takes as long to start as ten other programs
#	fields NAME JSON		those of all members of that name, a line each, of
#					what svcctl prints: a member a line
#	endpoints_in JSON		what svcctl says of a service, from its endpoints on
#	at_exit COMMAND...		to be done at the end, last one first
#	load_module / unload_module

TIMEOUT=${TIMEOUT:-5}		# seconds for one answer; the VM may be slow

lib_repo=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
lib_net=$lib_repo/build/tests/net
lib_in=$lib_repo/build/tests/in
PATH=$lib_repo/build/bin:$lib_repo/build/tools:$PATH
lib_count=0
lib_failed=0
lib_skipped=0
lib_at_exit=()
lib_namespaces=()
lib_scratch=$(mktemp -d)

lib_cleanup() {
	local i

	for ((i = ${#lib_at_exit[@]} - 1; i >= 0; i--)); do
		eval "${lib_at_exit[i]}"
	done
	for i in "${lib_namespaces[@]}"; do
		ns_del "$i"
	done
	rm -rf "$lib_scratch"
}
trap lib_cleanup EXIT
trap 'exit 1' INT TERM HUP

at_exit() { lib_at_exit+=("$(printf '%q ' "$@")"); }

# skip_all WHY: before anything was tested.
skip_all() {
	echo "TAP version 13"
	echo "1..0 # SKIP $1"
	exit 4
}

needs() {
	local tool

	for tool in "$@"; do
		command -v "$tool" >/dev/null || skip_all "no $tool on this machine"
	done
}

# ---- the module

module_loaded() { [ -d /sys/module/svcnat ]; }

load_module() {
	local depends

	module_loaded && return
	if [ -z "${SVCNAT_KO:-}" ]; then
		echo "# svcnat is not loaded and SVCNAT_KO is not set"
		return 1
	fi
	depends=$(modinfo -F depends "$SVCNAT_KO") || return 1
	# shellcheck disable=SC2086 # a comma-separated list to words
	[ -z "$depends" ] || modprobe -a ${depends//,/ } || return 1
	insmod "$SVCNAT_KO"
}

unload_module() { rmmod svcnat; }

begin() {
	echo "TAP version 13"
	load_module || { echo "Bail out! the module cannot be loaded"; exit 1; }
}

finish() {
	echo "1..$lib_count"
	echo "# Totals: pass:$((lib_count - lib_failed - lib_skipped)) fail:$lib_failed" \
		"skip:$lib_skipped"
	[ "$lib_failed" -eq 0 ] || exit 1
	[ "$lib_count" -eq 0 ] || [ "$lib_skipped" -lt "$lib_count" ] || exit 4
	exit 0
}

# ---- checks

pass() { echo "ok $((++lib_count)) $1"; }
skip() { echo "ok $((++lib_count)) $1 # SKIP $2"; lib_skipped=$((lib_skipped + 1)); }

# Further lines of the reason become KTAP comments.
fail() {
	echo "not ok $((++lib_count)) $1"
	lib_failed=$((lib_failed + 1))
	[ -z "${2:-}" ] || printf '%s\n' "$2" | sed 's/^/# /'
}

# Sets out and code. In this shell: COMMAND may set variables, and a daemon that
# it leaves behind holds no pipe open that anybody reads.
lib_run() {
	"$@" >"$lib_scratch/said" 2>&1
	code=$?
	out=$(<"$lib_scratch/said")
}

expect() {
	local name=$1 out code

	shift
	lib_run "$@"
	if [ "$code" -eq 0 ]; then
		pass "$name"
	else
		fail "$name" "exit $code from: $*"$'\n'"$out"
	fi
}

refuse() {
	local name=$1 text=$2 out code

	shift 2
	lib_run "$@"
	if [ "$code" -ne 1 ] && [ "$code" -ne 2 ]; then
		fail "$name" "exit $code, not 1 or 2, from: $*"$'\n'"$out"
	elif [[ $out != *"$text"* ]]; then
		fail "$name" "'$text' is not in what it said: $*"$'\n'"$out"
	else
		pass "$name"
	fi
}

same() {
	if [ "$2" = "$3" ]; then
		pass "$1"
	else
		fail "$1" "wanted: $2"$'\n'"got:    $3"
	fi
}

wait_for() {
	local end=$((${EPOCHREALTIME/./} + $1 * 1000000))

	shift
	until "$@" >/dev/null 2>&1; do
		((${EPOCHREALTIME/./} < end)) || return 1
		sleep 0.03
	done
}

nested() {
	local line out

	out=$("$@" 2>&1)
	while read -r line; do
		case $line in
		"ok "*) pass "${line#ok * }" ;;
		"not ok "*) fail "${line#not ok * }" ;;
		"# nlcheck: "[1-9]*) pass "it came to its end" ;;
		*) echo "$line" ;;
		esac
	done <<<"$out"
	[[ $out == *"# nlcheck: "* ]] || fail "$1 came to its end" "$out"
}

nft_count() {
	local said

	said=$(in_ns "$1" nft "${4:-list}" counter inet "$2" "$3")
	[[ $said =~ packets\ ([0-9]+) ]] && echo "${BASH_REMATCH[1]}"
}

field() {
	local value='"([^"]*)"|[^],}[:space:]]+'

	[[ $2 =~ \"$1\":\ *($value) ]] || return 1
	echo "${BASH_REMATCH[2]:-${BASH_REMATCH[1]}}"
}

fields() {
	local line

	while read -r line; do
		[[ $line =~ ^\"$1\":\ \"?([^\",]*) ]] && echo "${BASH_REMATCH[1]}"
	done <<<"$2"
}
endpoints_in() { echo "${1#*\"endpoints\":}"; }

# ---- namespaces

in_ns() { "$lib_in" "$@"; }

ns_add() {
	local lib_name s

	lib_name=$1-$(od -An -N3 -tx1 /dev/urandom | tr -d ' ')
	ip netns add "$lib_name" || return 1
	lib_namespaces+=("$lib_name")
	printf -v "$1" '%s' "$lib_name"
	ip -n "$lib_name" link set lo up
	for s in net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1 \
		net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.default.rp_filter=0 \
		net.ipv6.conf.default.accept_dad=0 net.ipv6.conf.all.accept_dad=0 "${@:2}"; do
		in_ns "$lib_name" sysctl -qw "$s" || return 1
	done
}

ns_del() {
	local pids

	[ -e "/run/netns/$1" ] || return 0
	pids=$(ip netns pids "$1")
	# shellcheck disable=SC2086
	[ -z "$pids" ] || kill -KILL $pids 2>/dev/null
	ip netns del "$1"
}

link() {
	local ns1=$1 if1=$2 addrs1=$3 ns2=$4 if2=$5 addrs2=$6 a

	ip link add "$if1" netns "$ns1" type veth peer name "$if2" netns "$ns2" || return 1
	ip -n "$ns1" link set "$if1" up
	ip -n "$ns2" link set "$if2" up
	for a in ${addrs1//,/ }; do
		ip -n "$ns1" addr add "$a" dev "$if1" || return 1
	done
	for a in ${addrs2//,/ }; do
		ip -n "$ns2" addr add "$a" dev "$if2" || return 1
	done
}

default_route() {
	local ns=$1 gw

	shift
	for gw in "$@"; do
		ip -n "$ns" route add default via "$gw" || return 1
	done
}

# ---- servers and clients

# The log says "ready" when the socket is bound; no port has to be polled.
server() {
	local ns=$1 log

	shift
	log=$(mktemp "$lib_scratch/server-XXXXXX")
	"$lib_in" "$ns" "$lib_net" server "$@" >"$log" 2>&1 &
	disown
	if ! wait_for 20 grep -q '^ready$' "$log"; then
		echo "# no server in $ns: $*: $(tail -1 "$log")"
		return 1
	fi
}

client() {
	local ns=$1

	shift
	in_ns "$ns" "$lib_net" client "$@"
}

lib_ask() {
	local wanted=$1 ns=$2 out line

	shift 2
	out=$(client "$ns" "$@" --timeout "$TIMEOUT" 2>&1) || { echo "$out"; return 1; }
	while read -r line; do
		[[ "$line " == "$wanted "* ]] || { echo "wanted '$wanted', got '$line'"; return 1; }
	done <<<"$out"
}

ask() { lib_ask "$5" "${@:1:4}" "${@:6}"; }
ask_from() { lib_ask "$5 $6" "${@:1:4}" "${@:7}"; }

refused() {
	local out

	# Before a lost packet would be sent again, after a second: at once.
	out=$(client "$@" --timeout 0.9 2>&1) && { echo "was answered: $out"; return 1; }
	[ "$out" = ECONNREFUSED ] || { echo "$out, not ECONNREFUSED"; return 1; }
}

unanswered() {
	local out

	out=$(client "$@" --timeout 0.6 2>&1) && { echo "was answered: $out"; return 1; }
	[ "$out" = ETIMEDOUT ] || { echo "$out, not ETIMEDOUT"; return 1; }
}

# The client reads from a fifo that this shell holds open; what it is told, it
# answers in its log, a line for a line.
held() {
	local lib_held

	lib_held=$(mktemp -d "$lib_scratch/held-XXXXXX")
	mkfifo "$lib_held/in"
	client "${@:2}" --hold --timeout "$TIMEOUT" <"$lib_held/in" >"$lib_held/out" 2>&1 &
	disown
	exec {lib_held_fd}>"$lib_held/in"
	echo "$lib_held_fd" >"$lib_held/fd"
	printf -v "$1" '%s' "$lib_held"
	wait_for "$TIMEOUT" test -s "$lib_held/out" && ! grep -q '^E[A-Z]*$' "$lib_held/out"
}

held_ask() {
	local before fd

	before=$(wc -l <"$1/out")
	fd=$(<"$1/fd")
	echo "$2" >&"$fd" || return 1
	wait_for "$TIMEOUT" lib_longer "$1/out" "$before" || { echo ETIMEDOUT; return 1; }
	tail -1 "$1/out"
	! tail -1 "$1/out" | grep -q '^E[A-Z]*$'
}

lib_longer() { [ "$(wc -l <"$1")" -gt "$2" ]; }

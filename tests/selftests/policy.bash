# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# The masquerade table: a service with an endpoint on this node and one elsewhere,
# and a network with each sort of client. Sourced after node.bash; policy_up makes
# it. A test has its own row(), which table() calls for each of its lines.

# shellcheck disable=SC2034,SC2154 # used by the tests; set by ns_add, node.bash

declare -A pod3_ip=([4]=10.244.3.10 [6]=fd44:3::10)
declare -A pod3_gw=([4]=10.244.3.1 [6]=fd44:3::1)

# policy_up PROTO...: with servers for these. pod1 is on this node; pod2 stands for
# one that is elsewhere. A third pod is the client among the pods, so that nobody is
# its own endpoint.
policy_up() {
	local f p

	node_up
	for f in "${families[@]}"; do
		for p in "$@"; do
			server "$pod1" "$p" "${pod1_ip[$f]}" 8080 local ||
				fail "server on pod1, $p IPv$f"
			server "$pod2" "$p" "${pod2_ip[$f]}" 8080 elsewhere ||
				fail "server on pod2, $p IPv$f"
		done
	done
	ns_add pod3
	link "$node" pod3 "${pod3_gw[4]}/24,${pod3_gw[6]}/64" \
		"$pod3" eth0 "${pod3_ip[4]}/24,${pod3_ip[6]}/64"
	default_route "$pod3" "${pod3_gw[4]}" "${pod3_gw[6]}"
}

# service FAMILY PROTO OPTION...: one with all four kinds of frontends
service() {
	local f=$1 p=$2

	shift 2
	svc add service test/web "$p" --replace "$@" \
		--frontend "cluster:$(at "${vip[$f]}" 80)" \
		--frontend "external:$(at "${external_ip[$f]}" 80)" \
		--frontend "loadbalancer:$(at "${lb_ip[$f]}" 80)" \
		--frontend nodeport:30080
}

# both FAMILY PROTO OPTION...: an endpoint here and one elsewhere
both() {
	local f=$1 p=$2

	shift 2
	service "$f" "$p" --endpoint "$(at "${pod1_ip[$f]}" 8080),local" \
		--endpoint "$(at "${pod2_ip[$f]}" 8080)" "$@"
}

# The functions below start no process, and what they find is in a variable: a test has
# hundreds of rows, and the VM is emulated.

# address_of KIND FAMILY: where it is reached, in $addr and $port
address_of() {
	port=80
	case $1 in
	cluster) addr=${vip[$2]} ;;
	external) addr=${external_ip[$2]} ;;
	loadbalancer) addr=${lb_ip[$2]} ;;
	nodeport) addr=${node_ip[$2]} port=30080 ;;
	esac
}

# source_of FROM FAMILY: the address of one of the network's namespaces, in $src
source_of() {
	local -n source_ip=$1_ip

	src=${source_ip[$2]}
}

# seen_as FROM FAMILY ANSWER...: the answers in short, in the array $seen: "elsewhere
# itself", "local node". An endpoint sees the node by the address on the endpoint's own
# link. Each one once is in $outcomes, those from elsewhere first.
seen_as() {
	local f=$2 name peer answer src where

	source_of "$1" "$f"
	seen=() outcomes=
	for answer in "${@:3}"; do
		read -r name peer _ <<<"$answer"
		case "$name $peer" in
		"local ${pod1_gw[$f]}" | "elsewhere ${pod2_gw[$f]}") seen+=("$name node") ;;
		*" $src") seen+=("$name itself") ;;
		*) seen+=("$name $peer") ;;
		esac
	done
	for where in elsewhere local; do
		for answer in "${seen[@]}"; do
			[[ $answer == "$where "* && ",$outcomes," != *",$answer,"* ]] || continue
			outcomes+=${outcomes:+,}$answer
		done
	done
}

# table FAMILY PROTO LINES: row FAMILY PROTO FROM KIND REST for each line "FROM KIND
# REST"; KIND "outer" is the three that are no ClusterIP
table() {
	local f=$1 p=$2 from kind rest k

	while read -r from kind rest; do
		[ -n "$from" ] || continue
		for k in ${kind/outer/external loadbalancer nodeport}; do
			# shellcheck disable=SC2086 # words
			row "$f" "$p" "$from" "$k" $rest
		done
	done <<<"$3"
}

# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# What the tests of session affinity share. Sourced after node.bash.

# shellcheck disable=SC2154 # pod1, pod2: ns_add

# On each pod one for each protocol and family; they answer "one" and "two".
affinity_servers() {
	local f p

	for f in "${families[@]}"; do
		for p in tcp udp; do
			server "$pod1" "$p" "${pod1_ip[$f]}" 8080 one || fail "server one $p IPv$f"
			server "$pod2" "$p" "${pod2_ip[$f]}" 8080 two || fail "server two $p IPv$f"
		done
	done
}

# add NAME PROTO FAMILY PORT [OPTION...]: both endpoints, two addresses
add() {
	svc add service "$1" "$2" --replace --frontend "$(at "${vip[$3]}" "$4")" \
		--frontend "external:$(at "${external_ip[$3]}" "$4")" \
		--endpoint "$(at "${pod1_ip[$3]}" 8080)" \
		--endpoint "$(at "${pod2_ip[$3]}" 8080)" "${@:5}"
}

# A port that a socket had before leads where conntrack remembers.
forget_udp() { in_ns "$node" conntrack -D -p udp -f "ipv$1" >/dev/null 2>&1; }

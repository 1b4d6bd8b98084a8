# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# What the tests of session affinity share. Sourced after node.bash.

# shellcheck disable=SC2154 # node: ns_add; the addresses: node.bash

# add NAME PROTO FAMILY PORT [OPTION...]: both endpoints, two addresses
add() {
	svc add service "$1" "$2" --replace --frontend "$(at "${vip[$3]}" "$4")" \
		--frontend "external:$(at "${external_ip[$3]}" "$4")" \
		--endpoint "$(at "${pod1_ip[$3]}" 8080)" \
		--endpoint "$(at "${pod2_ip[$3]}" 8080)" "${@:5}"
}

# A port that a socket had before leads where conntrack remembers.
forget_udp() { in_ns "$node" conntrack -D -p udp -f "ipv$1" >/dev/null 2>&1; }

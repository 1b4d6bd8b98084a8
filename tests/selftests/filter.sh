#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What is nobody's is dismissed by a field of bits, which grows with the frontends: of many
# services, as they come and go, each address and each NodePort is still known, in both
# families.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/node.bash"

needs ip svcctl jq awk
begin
node_up

# services FROM TO: a line for "svcctl restore" each. The Ith has 172.20.0.0 + I and
# fd72::I, and each twentieth a NodePort, 20000 + I / 20.
services() {
	awk -v from="$1" -v to="$2" 'BEGIN {
		for (i = from; i <= to; i++) {
			port = i % 20 ? "" : " --frontend nodeport:" 20000 + i / 20
			printf "add service many/four-%d udp --frontend cluster:172.20.%d.%d:80%s" \
				" --endpoint 10.244.1.1:8080\n", i, i / 256, i % 256, port
			printf "add service many/six-%d tcp --frontend cluster:[fd72::%x]:80%s" \
				" --endpoint [fd00:10:244::1]:8080\n", i, i, port
		}
	}'
}

# restore FROM TO...: these, and no others
restore() {
	while [ $# -gt 0 ]; do
		services "$1" "$2"
		shift 2
	done >"$lib_scratch/services"
	in_ns "$node" svcctl restore "$lib_scratch/services"
}

# says PROTO ADDRESS PORT: verdict and reason for what a client sends there
says() {
	local from=${client_ip[4]}

	case $2 in *:*) from=${client_ip[6]} ;; esac
	said=$(svc resolve -j "$(at "$from" 4000)" "$(at "$2" "$3")/$1") &&
		echo "$(field verdict "$said") $(field reason "$said")"
}

# Another port of the address, which only the field leads to.
four() { says udp "172.20.$(($1 / 256)).$(($1 % 256))" 81; }
six() { says tcp "fd72::$(printf %x "$1")" 81; }
port() { says udp "${node_ip[4]}" $((20000 + $1 / 20)); }
port6() { says tcp "${node_ip[6]}" $((20000 + $1 / 20)); }

# all OF WHAT I...: is the answer the same for each?
all() {
	local what=$1 answer=$2 i said

	shift 2
	for i in "$@"; do
		said=$("$what" "$i")
		[ "$said" = "$answer" ] || { echo "$what $i: $said"; return 1; }
	done
}

known() {
	all four "reject undefined-port" "$@" && all six "reject undefined-port" "$@"
}
unknown() { all four "pass no-service" "$@" && all six "pass no-service" "$@"; }
forwarded() { all port "dnat endpoint" "$@" && all port6 "dnat endpoint" "$@"; }
left_alone() { all port "pass no-service" "$@" && all port6 "pass no-service" "$@"; }

expect "some" restore 1 60
expect "are known" known 1 31 60
expect "their NodePorts, too" forwarded 20 60
expect "others are not" unknown 61 4000
expect "nor their ports" left_alone 80 4000

expect "many" restore 1 4000
expect "the first ones are known" known 1 60
expect "and the last" known 61 256 2047 4000
expect "NodePorts" forwarded 20 1000 4000
expect "not all of them" unknown 4001 20000
expect "ports, neither" left_alone 4020 8000

expect "most of them go" restore 1 100 3901 4000
expect "who stays is known" known 1 100 3901 4000
expect "with its port" forwarded 20 3920
expect "who went is not" unknown 101 3900
expect "nor its port" left_alone 120 2000
expect "others come" restore 1 100 3901 4000 5001 8000
expect "all are known" known 1 4000 5001 7777 8000
expect "all ports" forwarded 20 4000 5020 8000
expect "nobody else is" unknown 101 4001 8001

finish

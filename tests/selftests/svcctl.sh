#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# "svcctl add" with each argument wrong in turn: exit 1 or 2, one line that names
# the argument, the table as it was. (Every other command line that is wrong is
# in tests/unit/test_svcctl_kernel.c.)
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/node.bash"

needs ip svcctl jq
begin
ns_add node
expect "a service" svc add service test/web tcp --frontend 10.96.0.1:80 --endpoint 10.0.0.1:80
before=$(svc show -j; svc settings -j)
good=(add service test/bad tcp --frontend 10.96.0.2:80 --endpoint 10.0.0.2:80)

# wrong NAMED POSITION WORD: the good line with one word exchanged
wrong() {
	local line=("${good[@]}") out

	line[$2]=$3
	refuse "'$3' is refused and named" "$1" svc "${line[@]}"
	out=$(svc "${line[@]}" 2>&1)
	same "in one line: $3" 1 "$(wc -l <<<"$out")"
}

refuse "a verb that is none" 'unknown command "ad" for "svcctl"' svc ad "${good[@]:1}"
wrong "servce" 1 servce
wrong "name is empty" 2 ""
wrong "test bad" 2 "test bad"
wrong "icmp" 3 icmp
wrong "--fronted" 4 --fronted
wrong "10.96.0.2" 5 10.96.0.2
wrong "10.96.0.2:0" 5 10.96.0.2:0
wrong "10.96.0.2:65536" 5 10.96.0.2:65536
wrong "10.096.0.2:80" 5 10.096.0.2:80
wrong "10.96.0.256:80" 5 10.96.0.256:80
wrong "127.0.0.1:80" 5 127.0.0.1:80
wrong "0.0.0.0:80" 5 0.0.0.0:80
wrong "224.0.0.1:80" 5 224.0.0.1:80
wrong "inside:10.96.0.2:80" 5 inside:10.96.0.2:80
wrong "nodeport:10.96.0.2:80" 5 nodeport:10.96.0.2:80
wrong "fd00::1:80" 5 fd00::1:80
wrong "[fd00::1]:80" 5 "[fd00::1]:80"
wrong "10.96.0.1:80" 5 10.96.0.1:80
wrong "--endpont" 6 --endpont
wrong "10.0.0.2" 7 10.0.0.2
wrong "[fd00::2]:80" 7 "[fd00::2]:80"
wrong "10.0.0.2:http" 7 10.0.0.2:http
same "the table is as it was" "$before" "$(svc show -j; svc settings -j)"

expect "rmmod" unload_module
refuse "without the module one line says what to do" "modprobe svcnat" svc show
same "one line" 1 "$(svc "${good[@]}" 2>&1 | wc -l)"
expect "insmod" load_module

finish

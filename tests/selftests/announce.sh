#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Addresses of load balancers on a LAN of three nodes, each with its svcd, and a client that
# is on it. For each address exactly one node answers, the same one each time; when that node
# dies, or its svcd, another one takes over within three seconds, and gives it back later.
# Nothing else of the node is reached by it.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/node.bash"
. "$(dirname "$0")/svcd.bash"
. "$(dirname "$0")/cluster.bash"
. "$(dirname "$0")/announce.bash"

needs ip nft svcctl svcd jq curl ping
# Who does not answer for a second and a half is taken for dead.
[ ! -e /sys/kernel/debug/kmemleak ] || skip_all "a debug kernel is too slow"
begin
expect "three nodes, and one of them has svcd" announce_up
expect "it announces what nobody else does" wait_for 20 announced_by "$web" node
expect "a follower" start 2
expect "another one" start 3
expect "who is chosen announces" wait_for 20 announced_by "$web" other
expect "IPv6, too" wait_for 20 announced_by "$six" other
event() { svcctl describe service "$1" | grep -qF "$2"; }
expect "an Event says so" wait_for 10 event web \
	'announcing from node "other" with protocol "layer2"'
status() { on "$1" svcctl status; }
expect "the status, too" grep -q '^announced   2 of 2 addresses, by layer2; 2 of 2 other nodes' \
	<(status "${cluster[2]}")
metric() { in_ns "$1" curl -s http://127.0.0.1:10249/metrics | grep -qxF "$2"; }
expect "and the metrics" metric "${cluster[2]}" 'svcnat_announced{mode="layer2"} 2'

expect "answers are counted" count_answers
one_answers "three nodes"
expect "a request" ask "$lan" tcp "$web" 80 stable
expect "of IPv6" ask "$lan" tcp "$six" 80 stable

# ---- nothing else of the node

server "${cluster[2]}" tcp 0.0.0.0 22 ssh || fail "a server of the node"
server "${cluster[2]}" tcp :: 23 ssh6 || fail "a server of the node, IPv6"
expect "a NodePort" make_object "$(service np NodePort)"
expect "its endpoint" make_object "$(endpoints np 10.244.3.10)"
port=$(node_port np)
expect "the node's server" ask "$lan" tcp 192.168.70.2 22 ssh
refuse_all() {
	refused "$lan" tcp "$web" 22 && refused "$lan" tcp "$six" 23 &&
		refused "$lan" tcp "$web" "$port"
}
expect "its server of IPv6" ask "$lan" tcp fd70::2 23 ssh6
expect "its NodePort" wait_for 5 ask "$lan" tcp 192.168.70.2 "$port" stable
expect "neither of them by the address" refuse_all
expect "nor another port of the address" refused "$lan" tcp "$web" 81
expect "of IPv6" refused "$lan" tcp "$six" 81
same "it is on no interface" "" "$(ip -n "${cluster[2]}" addr | grep -F -e "$web" -e "$six")"

# ---- the node dies

# A machine that has other things to do is late: the fastest of three counts, and if even that
# one was, it is said.
for _ in 1 2 3; do
	expect "requests all the time" stream_start
	ip -n "$lan" link set l2 down
	expect "the node is dead" on "${cluster[2]}" svcd_kill KILL
	expect "another one takes over" goes_on
	stream_ends "a dead node"
	expect "the second one" grep -qw node <<<"$(announcers "$web")"
	one_answers "two nodes"
	in_time "$goal" && fast=yes || fast=no

	expect "requests all the time" stream_start
	ip -n "$lan" link set l2 up
	expect "it is back" start 2
	expect "it gets its own" wait_for 20 announced_by "$web" other
	expect "IPv6, too" wait_for 20 announced_by "$six" other
	expect "requests go on" goes_on
	stream_ends "handing back"
	one_answers "three nodes again"
	[ "$fast" != yes ] || break
done
if [ "$fast" = yes ]; then
	pass "a take-over within $goal ms"
else
	skip "a take-over within $goal ms" "the machine is too slow, or too busy"
fi

# ---- svcd dies, and the node lives on

expect "requests all the time" stream_start
expect "svcd is killed" on "${cluster[2]}" svcd_stop KILL
expect "another one takes over" wait_for 10 announced_by "$web" "node other"
expect "requests go on" goes_on
stream_ends "a dead svcd"
one_answers "a dead svcd"
expect "it starts" start 2
expect "it gets its own" wait_for 20 announced_by "$web" other
expect "IPv6, too" wait_for 20 announced_by "$six" other
[ "$lib_failed" -eq 0 ] || tail -n 30 "$lib_scratch"/*/log | sed 's/^/# /'
finish

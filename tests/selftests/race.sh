#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# CPUS: 2
#
# The first two datagrams of one socket before either is confirmed: each of them
# makes a connection, and only one of these is kept. Nothing is lost if both lead to
# one endpoint. Once held in a queue until both are there; then many times sent by
# two CPUs at once, of which some meet.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/node.bash"

needs ip svcctl conntrack nft
begin
node_up
in_ns "$node" sysctl -qw net.ipv6.ip_nonlocal_bind=1
rounds=${RACE_ROUNDS:-150}
# A client for each round: what affinity remembers of it is made in the race.
declare -A source_net=([4]=10.99.0.0/16 [6]=fd99::/64)
declare -A source=([4]=10.99.0.1 [6]=fd99::1)
declare -A source_held=([4]=10.99.255.1 [6]=fd99::ff01)
for f in "${families[@]}"; do
	server "$pod1" udp "${pod1_ip[$f]}" 8080 one || fail "server one IPv$f"
	server "$pod2" udp "${pod2_ip[$f]}" 8080 two || fail "server two IPv$f"
	ip -n "$node" "-$f" route add local "${source_net[$f]}" dev lo
done

# ct NAME: one of conntrack's counters, of all CPUs
ct() {
	local line sum=0

	while read -r line; do
		[[ $line =~ $1=([0-9]+) ]] && sum=$((sum + BASH_REMATCH[1]))
	done < <(in_ns "$node" conntrack -S)
	echo $sum
}

# datagrams FAMILY ROUNDS SOURCE: of each socket two; says of what it was not true
datagrams() {
	ip netns exec "$node" "$lib_repo/build/tests/race" "${vip[$1]}" 53 "$2" "$3"
}

# Both wait between LOCAL_OUT and POST_ROUTING, and go on together. 6.12 counts a
# clash; 6.1 looks for the first one's connection when the second comes out.
held() {
	local f=$1 pid

	queue_on "udp dport 8080" || return 1
	datagrams "$f" 1 "${source_held[$f]}" &
	pid=$!
	queue_holds 2 && queue_lets_go && wait "$pid" && queue_off
}

race() {
	local f=$1 what=$2 before races

	shift 2
	expect "IPv$f: $what" svc add service test/race udp --replace \
		--frontend "$(at "${vip[$f]}" 53)" --endpoint "$(at "${pod1_ip[$f]}" 8080)" \
		--endpoint "$(at "${pod2_ip[$f]}" 8080)" "$@"
	before="$(ct insert_failed) $(ct drop)"
	expect "IPv$f: two held datagrams are answered by one endpoint" held "$f"
	races=$(ct clash_resolve)
	expect "IPv$f: both of each socket are answered, by one endpoint" \
		datagrams "$f" "$rounds" "${source[$f]}"
	same "IPv$f: conntrack has lost none" "$before" "$(ct insert_failed) $(ct drop)"
	echo "# $(($(ct clash_resolve) - races)) of $rounds raced"
}

for f in "${families[@]}"; do
	race "$f" hash
	race "$f" source --scheduler source
	race "$f" maglev --scheduler maglev
	race "$f" affinity --affinity 60
done

# With the node's address, too, they leave by one port.
expect "who is no pod is masqueraded" svc settings pod-cidrs "${pod_cidr[4]},${pod_cidr[6]}"
for f in "${families[@]}"; do
	before=$(field masqueraded "$(svc stats -j)")
	race "$f" "masqueraded"
	expect "IPv$f: they were" test "$(field masqueraded "$(svc stats -j)")" -gt "$before"
done

finish

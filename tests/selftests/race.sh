#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# CPUS: 2
#
# The first two datagrams of one socket, on two CPUs at once: each of them makes
# a connection, and only one of these is kept. Nothing is lost if both lead to
# one endpoint.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/node.bash"

needs ip svcctl conntrack
begin
node_up
in_ns "$node" sysctl -qw net.ipv6.ip_nonlocal_bind=1
rounds=${RACE_ROUNDS:-150}
# A client for each round: what affinity remembers of it is made in the race.
declare -A source_net=([4]=10.99.0.0/16 [6]=fd99::/64)
declare -A source=([4]=10.99.0.1 [6]=fd99::1)
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

race() {
	local f=$1 what=$2 before races

	shift 2
	expect "IPv$f: $what" svc add service test/race udp --replace \
		--frontend "$(at "${vip[$f]}" 53)" --endpoint "$(at "${pod1_ip[$f]}" 8080)" \
		--endpoint "$(at "${pod2_ip[$f]}" 8080)" "$@"
	before="$(ct insert_failed) $(ct drop)"
	races=$(ct clash_resolve)
	expect "IPv$f: both datagrams are answered, by one endpoint" \
		in_ns "$node" "$lib_repo/build/tests/race" "${vip[$f]}" 53 "$rounds" "${source[$f]}"
	same "IPv$f: conntrack has lost none" "$before" "$(ct insert_failed) $(ct drop)"
	races=$(($(ct clash_resolve) - races))
	echo "# $races of $rounds raced"
	total=$((total + races))
}

for f in "${families[@]}"; do
	total=0
	race "$f" hash
	race "$f" source --scheduler source
	race "$f" maglev --scheduler maglev
	race "$f" affinity --affinity 60
	# Otherwise nothing was tested.
	expect "IPv$f: some did race" test "$total" -gt 0
done

# With the node's address, too, they leave by one port.
expect "who is no pod is masqueraded" svc settings pod-cidrs "${pod_cidr[4]},${pod_cidr[6]}"
for f in "${families[@]}"; do
	total=0
	before=$(field masqueraded "$(svc stats -j)")
	race "$f" "masqueraded"
	expect "IPv$f: they were" test "$(field masqueraded "$(svc stats -j)")" -gt "$before"
	expect "IPv$f: some did race" test "$total" -gt 0
done

finish

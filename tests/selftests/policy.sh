#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Policies: which of the two lists a connection's endpoint comes from, and who
# gets the node's address on the way. The whole masquerade table, row by row,
# with its overrides, by real packets and by resolve, in both families.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/node.bash"
. "$(dirname "$0")/policy.bash"

needs ip svcctl
begin
policy_up tcp

# row FAMILY PROTO FROM KIND LISTS MASQUERADE: LISTS is "all" or "local". With 20
# connections one of two endpoints is left out once in 500,000 rows; for "local"
# a single one that goes elsewhere is a failure.
row() {
	local f=$1 p=$2 from=$3 kind=$4 lists=$5 masquerade=$6 as=itself wanted count=20
	local addr port src answers seen outcomes

	[ "$masquerade" = no ] || as=node
	wanted="local $as"
	if [ "$lists" = all ]; then wanted="elsewhere $as,$wanted"; else count=4; fi
	address_of "$kind" "$f"
	mapfile -t answers < <(client "${!from}" "$p" "$addr" "$port" --count "$count" \
		--timeout 30)
	seen_as "$from" "$f" "${answers[@]}"
	same "IPv$f $from -> $kind: $lists, masquerade $masquerade" "$wanted" "$outcomes"
	source_of "$from" "$f"
	same "resolve says so" "$lists $masquerade" \
		"$(explained "$src" "$(at "$addr" "$port")/$p")"
}

explained() {
	local said list=all masquerade=no

	said=$(svc resolve "$1" "$2" -j) || return 1
	[ "$(field list "$said")" != local ] || list=local
	[ "$(field masquerade "$said")" != true ] || masquerade=yes
	echo "$list $masquerade"
}

expect "pod CIDRs" svc settings pod-cidrs "${pod_cidr[4]},${pod_cidr[6]}"
for f in "${families[@]}"; do
	expect "plain, IPv$f" both "$f" tcp
	table "$f" tcp "
		pod3	cluster	all	no
		pod3	outer	all	yes
		node	cluster	all	yes
		node	outer	all	yes
		client	cluster	all	yes
		client	outer	all	yes"

	expect "externalTrafficPolicy Local, IPv$f" both "$f" tcp --external-local
	table "$f" tcp "
		pod3	cluster	all	no
		pod3	outer	all	no
		node	cluster	all	yes
		node	outer	all	yes
		client	cluster	all	yes
		client	outer	local	no"

	expect "internalTrafficPolicy Local, IPv$f" both "$f" tcp --internal-local
	table "$f" tcp "
		pod3	cluster	local	no
		pod3	outer	all	yes
		node	cluster	local	yes
		node	outer	all	yes
		client	cluster	local	yes
		client	outer	all	yes"

	expect "both Local, IPv$f" both "$f" tcp --internal-local --external-local
	table "$f" tcp "
		pod3	cluster	local	no
		pod3	external	all	no
		node	cluster	local	yes
		node	external	all	yes
		client	cluster	local	yes
		client	outer	local	no"
done

# Overrides.
expect "masquerade-all" svc settings masquerade-all on
for f in "${families[@]}"; do
	expect "plain, IPv$f" both "$f" tcp
	table "$f" tcp "
		pod3	cluster	all	yes
		client	cluster	all	yes"
	expect "externally Local, IPv$f" both "$f" tcp --external-local
	table "$f" tcp "
		pod3	cluster	all	yes
		pod3	external	all	no"
done
expect "not any more" svc settings masquerade-all off

expect "no pod CIDR" svc settings pod-cidrs none
for f in "${families[@]}"; do
	expect "plain, IPv$f" both "$f" tcp
	table "$f" tcp "
		pod3	cluster	all	no
		node	cluster	all	no
		client	cluster	all	no
		client	external	all	yes"
	expect "externally Local, IPv$f" both "$f" tcp --external-local
	table "$f" tcp "
		pod3	external	local	no
		node	external	all	yes
		client	external	local	no"
	expect "internally Local, IPv$f" both "$f" tcp --internal-local
	table "$f" tcp "
		pod3	cluster	local	no
		node	cluster	local	no
		client	cluster	local	no"
done

# A pod that is its own endpoint gets the node's address, whatever the policy.
expect "pod CIDRs again" svc settings pod-cidrs "${pod_cidr[4]},${pod_cidr[6]}"
for f in "${families[@]}"; do
	expect "one endpoint, IPv$f" service "$f" tcp --external-local --internal-local \
		--endpoint "$(at "${pod1_ip[$f]}" 8080),local"
	expect "hairpin through the ClusterIP, IPv$f" \
		ask_from "$pod1" tcp "${vip[$f]}" 80 local "${pod1_gw[$f]}"
	expect "hairpin through the external address, IPv$f" \
		ask_from "$pod1" tcp "${external_ip[$f]}" 80 local "${pod1_gw[$f]}"
done

finish

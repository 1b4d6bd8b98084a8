#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Policies: which of the two lists a connection's endpoint comes from, and who
# gets the node's address on the way. The whole masquerade table, row by row,
# with its overrides, by real packets and by resolve, in both families.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/node.bash"

needs ip svcctl jq
begin
node_up

# pod1 is on this node; pod2 stands for one that is elsewhere.
for f in "${families[@]}"; do
	server "$pod1" tcp "${pod1_ip[$f]}" 8080 local || fail "server on pod1, IPv$f"
	server "$pod2" tcp "${pod2_ip[$f]}" 8080 elsewhere || fail "server on pod2, IPv$f"
done
# A third pod is the client among the pods, so that nobody is its own endpoint.
ns_add pod3
link "$node" pod3 10.244.3.1/24,fd44:3::1/64 "$pod3" eth0 10.244.3.10/24,fd44:3::10/64
default_route "$pod3" 10.244.3.1 fd44:3::1
declare -A pod3_ip=([4]=10.244.3.10 [6]=fd44:3::10)

# service FAMILY OPTION...: one with all four kinds of frontends
service() {
	local f=$1

	shift
	svc add service test/web tcp --replace "$@" \
		--frontend "cluster:$(at "${vip[$f]}" 80)" \
		--frontend "external:$(at "${external_ip[$f]}" 80)" \
		--frontend "loadbalancer:$(at "${lb_ip[$f]}" 80)" \
		--frontend nodeport:30080
}

# both FAMILY OPTION...: an endpoint here and one elsewhere
both() {
	local f=$1

	shift
	service "$f" --endpoint "$(at "${pod1_ip[$f]}" 8080),local" \
		--endpoint "$(at "${pod2_ip[$f]}" 8080)" "$@"
}

# kind FAMILY: where it is reached
address_of() {
	case $1 in
	cluster) echo "${vip[$2]} 80" ;;
	external) echo "${external_ip[$2]} 80" ;;
	loadbalancer) echo "${lb_ip[$2]} 80" ;;
	nodeport) echo "${node_ip[$2]} 30080" ;;
	esac
}

source_of() {
	case $1 in
	client) echo "${client_ip[$2]}" ;;
	node) echo "${node_ip[$2]}" ;;
	pod3) echo "${pod3_ip[$2]}" ;;
	esac
}

# outcomes FROM KIND FAMILY COUNT: where connections ended up, and as whom, each
# once: "elsewhere itself", "local node". The endpoint sees the node by the address
# on the endpoint's own link.
outcomes() {
	local from=$1 kind=$2 f=$3 addr port name peer

	read -r addr port <<<"$(address_of "$kind" "$f")"
	client "${!from}" tcp "$addr" "$port" --count "$4" --timeout 30 |
		while read -r name peer _; do
			case $peer in
			"${pod1_gw[$f]}" | "${pod2_gw[$f]}") echo "$name node" ;;
			"$(source_of "$from" "$f")") echo "$name itself" ;;
			*) echo "$name $peer" ;;
			esac
		done | sort -ru
}

# row FAMILY FROM KIND LISTS MASQUERADE: LISTS is "all" or "local". With 20
# connections one of two endpoints is left out once in 500,000 rows; for "local"
# a single one that goes elsewhere is a failure.
row() {
	local f=$1 from=$2 kind=$3 lists=$4 masquerade=$5 as=itself wanted count=20

	[ "$masquerade" = no ] || as=node
	wanted="local $as"
	if [ "$lists" = all ]; then wanted+=",elsewhere $as"; else count=4; fi
	same "IPv$f $from -> $kind: $lists, masquerade $masquerade" "$wanted" \
		"$(outcomes "$from" "$kind" "$f" "$count" | paste -sd,)"
	same "resolve says so" "$lists $masquerade" "$(explained "$from" "$kind" "$f")"
}

explained() {
	local addr port said list=all masquerade=no

	read -r addr port <<<"$(address_of "$2" "$3")"
	said=$(svc resolve "$(source_of "$1" "$3")" "$(at "$addr" "$port")" -j) || return 1
	[ "$(field list "$said")" != local ] || list=local
	[ "$(field masquerade "$said")" != true ] || masquerade=yes
	echo "$list $masquerade"
}

# table FAMILY LINES: "FROM KIND LISTS MASQUERADE", KIND "outer" is the three others
table() {
	local f=$1 from kind lists masquerade k

	while read -r from kind lists masquerade; do
		[ -n "$from" ] || continue
		for k in ${kind/outer/external loadbalancer nodeport}; do
			row "$f" "$from" "$k" "$lists" "$masquerade"
		done
	done <<<"$2"
}

expect "pod CIDRs" svc settings pod-cidrs "${pod_cidr[4]},${pod_cidr[6]}"
for f in "${families[@]}"; do
	expect "plain, IPv$f" both "$f"
	table "$f" "
		pod3	cluster	all	no
		pod3	outer	all	yes
		node	cluster	all	yes
		node	outer	all	yes
		client	cluster	all	yes
		client	outer	all	yes"

	expect "externalTrafficPolicy Local, IPv$f" both "$f" --external-local
	table "$f" "
		pod3	cluster	all	no
		pod3	outer	all	no
		node	cluster	all	yes
		node	outer	all	yes
		client	cluster	all	yes
		client	outer	local	no"

	expect "internalTrafficPolicy Local, IPv$f" both "$f" --internal-local
	table "$f" "
		pod3	cluster	local	no
		pod3	outer	all	yes
		node	cluster	local	yes
		node	outer	all	yes
		client	cluster	local	yes
		client	outer	all	yes"

	expect "both Local, IPv$f" both "$f" --internal-local --external-local
	table "$f" "
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
	expect "plain, IPv$f" both "$f"
	table "$f" "
		pod3	cluster	all	yes
		client	cluster	all	yes"
	expect "externally Local, IPv$f" both "$f" --external-local
	table "$f" "
		pod3	cluster	all	yes
		pod3	external	all	no"
done
expect "not any more" svc settings masquerade-all off

expect "no pod CIDR" svc settings pod-cidrs none
for f in "${families[@]}"; do
	expect "plain, IPv$f" both "$f"
	table "$f" "
		pod3	cluster	all	no
		node	cluster	all	no
		client	cluster	all	no
		client	external	all	yes"
	expect "externally Local, IPv$f" both "$f" --external-local
	table "$f" "
		pod3	external	local	no
		node	external	all	yes
		client	external	local	no"
	expect "internally Local, IPv$f" both "$f" --internal-local
	table "$f" "
		pod3	cluster	local	no
		node	cluster	local	no
		client	cluster	local	no"
done

# A pod that is its own endpoint gets the node's address, whatever the policy.
expect "pod CIDRs again" svc settings pod-cidrs "${pod_cidr[4]},${pod_cidr[6]}"
for f in "${families[@]}"; do
	expect "one endpoint, IPv$f" service "$f" --external-local --internal-local \
		--endpoint "$(at "${pod1_ip[$f]}" 8080),local"
	expect "hairpin through the ClusterIP, IPv$f" \
		ask_from "$pod1" tcp "${vip[$f]}" 80 local "${pod1_gw[$f]}"
	expect "hairpin through the external address, IPv$f" \
		ask_from "$pod1" tcp "${external_ip[$f]}" 80 local "${pod1_gw[$f]}"
done

finish

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The masquerade table again, for UDP and connection by connection: what resolve says
# of a connection from one source port is what its packet meets, endpoint, source
# address and all. Then who is a pod, a node, outside; the overrides that policy.sh
# does not have, hairpin among them; and verdicts where two rules meet.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/node.bash"
. "$(dirname "$0")/policy.bash"
. "$(dirname "$0")/verdicts.bash"

needs ip svcctl
begin
policy_up tcp udp

# Behind the client: a pod of another node, and somebody who is none.
declare -A far_ip=([4]=10.244.9.9 [6]=fd44:9::9)
declare -A stranger_ip=([4]=198.51.100.7 [6]=2001:db8:7::7)
# The node, by an address among the pods'. (Read by source_of.)
# shellcheck disable=SC2034
declare -A bridge_ip=([4]="${pod3_gw[4]}" [6]="${pod3_gw[6]}")
declare -A other_family=([4]=6 [6]=4)
for f in "${families[@]}"; do
	ip -n "$client" addr add "${far_ip[$f]}/${bits[$f]}" dev lo
	ip -n "$client" addr add "${stranger_ip[$f]}/${bits[$f]}" dev lo
done

# No source port is used twice: conntrack would remember the first connection.
sport=20000

# connections FROM FAMILY PROTO COUNT: to $addr and $port, an answer a line, from the
# ports $sport and up
connections() {
	local ns=$1 src source=()

	case $1 in
	far | stranger) ns=client ;;&
	bridge) ns=node ;;&
	far | stranger | bridge)
		source_of "$1" "$2"
		source=(--source "$src")
		;;
	esac
	client "${!ns}" "$3" "$addr" "$port" --sport "$sport" --count "$4" --timeout 30 \
		"${source[@]}"
}

# told FROM FAMILY PROTO PORT: what resolve has of one connection, from that port, to
# $addr and $port, in $told: the list, and what seen_as has of it, "all: local node". The
# verdict if it is no endpoint.
told() {
	local f=$2 src said where=nowhere as=itself lists=all from=$4 to=$port

	source_of "$1" "$f"
	if [ "$f" = 4 ]; then
		from=$src:$from to=$addr:$to
	else
		from=[$src]:$from to=[$addr]:$to
	fi
	said=$(svc resolve "$from" "$to/$3" -j)
	[[ $said =~ \"verdict\":\ *\"([a-z]*) ]] || { told=$said; return; }
	if [ "${BASH_REMATCH[1]}" != dnat ]; then
		told=${BASH_REMATCH[1]}
		return
	fi
	case ${said#*\"endpoint\":} in
	*"\"${pod1_ip[$f]}\""*) where=local ;;
	*"\"${pod2_ip[$f]}\""*) where=elsewhere ;;
	esac
	[[ $said != *'"masquerade": true'* ]] || as=node
	[[ $said != *'"list": "local"'* ]] || lists=local
	told="$lists: $where $as"
}

# row FAMILY PROTO FROM KIND LISTS MASQUERADE: LISTS is "all" or "local"; MASQUERADE
# "yes", "no", or "hairpin": of the connection to itself alone. With 20 connections one
# of two endpoints is left out once in 500,000 rows. resolve is asked about one of them;
# where there are two sorts, of each.
row() {
	local f=$1 p=$2 from=$3 kind=$4 lists=$5 masquerade=$6 wanted count=20 as=itself name
	local addr port answers seen outcomes told i

	[ "$masquerade" != yes ] || as=node
	wanted="local $as"
	[ "$masquerade" != hairpin ] || wanted="local node"
	if [ "$lists" = all ]; then wanted="elsewhere $as,$wanted"; else count=4; fi
	name="IPv$f $p $from -> $kind: $lists, masquerade $masquerade"
	address_of "$kind" "$f"
	mapfile -t answers < <(connections "$from" "$f" "$p" "$count")
	seen_as "$from" "$f" "${answers[@]}"
	same "$name" "$wanted" "$outcomes"
	for i in "${!seen[@]}"; do
		[ "$i" = 0 ] || [[ $masquerade = hairpin && ${seen[i]} != "${seen[0]}" ]] ||
			continue
		told "$from" "$f" "$p" $((sport + i))
		same "$name, resolve" "$lists: ${seen[i]}" "$told"
		[ "$i" = 0 ] || break
	done
	sport=$((sport + count))
}

# ---- the table

pods_are() { svc settings pod-cidrs "$1"; }

expect "pod CIDRs" pods_are "${pod_cidr[4]},${pod_cidr[6]}"
for f in "${families[@]}"; do
	expect "plain, IPv$f" both "$f" udp
	table "$f" udp "
		pod3	cluster	all	no
		pod3	outer	all	yes
		node	cluster	all	yes
		node	outer	all	yes
		client	cluster	all	yes
		client	outer	all	yes
		far	cluster	all	no
		far	nodeport all	yes
		stranger cluster all	yes
		bridge	cluster	all	no
		bridge	external all	yes"

	expect "externalTrafficPolicy Local, IPv$f" both "$f" udp --external-local
	table "$f" udp "
		pod3	cluster	all	no
		pod3	outer	all	no
		node	cluster	all	yes
		node	outer	all	yes
		client	cluster	all	yes
		client	outer	local	no
		far	nodeport all	no
		stranger external local	no
		bridge	external all	no"

	expect "internalTrafficPolicy Local, IPv$f" both "$f" udp --internal-local
	table "$f" udp "
		pod3	cluster	local	no
		pod3	outer	all	yes
		node	cluster	local	yes
		node	outer	all	yes
		client	cluster	local	yes
		client	outer	all	yes
		far	cluster	local	no
		stranger cluster local	yes
		bridge	cluster	local	no"

	# TCP: the whole of it is in policy.sh; here both policies, at the places it leaves out.
	expect "both Local, IPv$f" both "$f" tcp --internal-local --external-local
	table "$f" tcp "
		pod3	loadbalancer	all	no
		node	nodeport	all	yes
		far	cluster		local	no
		stranger loadbalancer	local	no"
done

# ---- overrides

# An endpoint as the client: to itself always as the node, to the other one by the table.
for f in "${families[@]}"; do
	expect "plain, IPv$f" both "$f" udp
	table "$f" udp "
		pod1	cluster		all	hairpin
		pod1	nodeport	all	yes"
	expect "externally Local, IPv$f" both "$f" udp --external-local
	table "$f" udp "
		pod1	outer		all	hairpin"
	expect "internally Local, IPv$f" both "$f" udp --internal-local
	table "$f" udp "
		pod1	cluster		local	hairpin
		pod1	external	all	yes"
	expect "plain, TCP, IPv$f" both "$f" tcp
	table "$f" tcp "
		pod1	cluster		all	hairpin"
done

expect "masquerade-all" svc settings masquerade-all on
for f in "${families[@]}"; do
	expect "internally Local, IPv$f" both "$f" udp --internal-local
	table "$f" udp "
		pod3	cluster		local	yes
		pod3	external	all	yes"
	expect "externally Local, IPv$f" both "$f" udp --external-local
	table "$f" udp "
		pod1	cluster		all	yes
		pod1	loadbalancer	all	hairpin
		client	nodeport	local	no"
done
expect "and no pod CIDR" pods_are none
for f in "${families[@]}"; do
	expect "externally Local, IPv$f" both "$f" udp --external-local
	table "$f" udp "
		pod3	cluster		all	yes
		node	cluster		all	yes
		client	cluster		all	yes
		pod3	external	local	no
		pod1	external	local	hairpin"
done
expect "not any more" svc settings masquerade-all off

# Of each family by itself.
for f in "${families[@]}"; do
	expect "a pod CIDR of IPv${other_family[$f]} alone" pods_are \
		"${pod_cidr[${other_family[$f]}]}"
	expect "plain, IPv$f" both "$f" udp
	table "$f" udp "
		client	cluster		all	no
		node	cluster		all	no
		pod1	cluster		all	hairpin
		pod3	external	all	yes"
	expect "externally Local, IPv$f" both "$f" udp --external-local
	table "$f" udp "
		far	nodeport	local	no
		node	loadbalancer	all	yes"
done

# Whoever is in a pod CIDR is a pod: the node too, and who only lives beside it.
for f in "${families[@]}"; do
	expect "a pod CIDR of the node and its neighbours, IPv$f" pods_are "${client_cidr[$f]}"
	expect "externally Local, IPv$f" both "$f" udp --external-local
	table "$f" udp "
		client	cluster		all	no
		client	external	all	no
		node	cluster		all	no
		node	loadbalancer	all	no
		pod3	cluster		all	yes
		pod3	nodeport	local	no"
done
expect "pod CIDRs again" pods_are "${pod_cidr[4]},${pod_cidr[6]}"

# ---- verdicts where two rules meet

# met WANTED FROM KIND FAMILY PROTO: the verdict, as resolve has it
met() {
	local addr port src

	address_of "$3" "$4"
	source_of "$2" "$4"
	same "resolve: IPv$4 $5 $2 -> $3 is $1" "$1" "$(verdict "$src" "$(at "$addr" "$port")/$5")"
}

# one_elsewhere FAMILY PROTO OPTION...
one_elsewhere() { service "$@" --endpoint "$(at "${pod2_ip[$1]}" 8080)"; }

nothing_there() {
	local f=$1 p=$2 v="$2 IPv$1" from

	expect "no endpoint, $v" service "$f" "$p"
	for from in client node pod3; do
		expect "the LoadBalancer address refuses $from, $v" \
			refused "${!from}" "$p" "${lb_ip[$f]}" 80
	done
	met "reject no-endpoints" node loadbalancer "$f" "$p"
	expect "both policies Local, and ranges, $v" service "$f" "$p" --internal-local \
		--external-local --source-range "${pod1_cidr[$f]}"
	for from in client pod3; do
		expect "the ClusterIP refuses $from, $v" refused "${!from}" "$p" "${vip[$f]}" 80
		expect "and the NodePort, $v" refused "${!from}" "$p" "${node_ip[$f]}" 30080
	done
	expect "so does the LoadBalancer address who is in the range, $v" \
		refused "$pod1" "$p" "${lb_ip[$f]}" 80
	met "reject no-endpoints" pod1 loadbalancer "$f" "$p"
	# Who is outside of it is not told that there is no endpoint.
	met "drop source-range" client loadbalancer "$f" "$p"
}

none_local() {
	local f=$1 p=$2 v="$2 IPv$1"

	expect "one elsewhere, externally Local, ranges, $v" one_elsewhere "$f" "$p" \
		--external-local --source-range "${client_cidr[$f]}"
	met "drop no-local" client loadbalancer "$f" "$p"
	counted no-local "by a packet, $v" unanswered "$client" "$p" "${lb_ip[$f]}" 80
	met "drop source-range" pod3 loadbalancer "$f" "$p"
	expect "a pod is short-circuited at the external address, $v" \
		ask_from "$pod3" "$p" "${external_ip[$f]}" 80 elsewhere "${pod3_ip[$f]}"
	expect "the node, which is in the range, at the LoadBalancer address, $v" \
		ask_from "$node" "$p" "${lb_ip[$f]}" 80 elsewhere "${pod2_gw[$f]}"

	expect "one elsewhere, internally Local, $v" one_elsewhere "$f" "$p" --internal-local
	met "drop no-local" pod3 cluster "$f" "$p"
	counted no-local "by a packet, $v" unanswered "$pod3" "$p" "${vip[$f]}" 80
	expect "a client is served at the external address, $v" \
		ask "$client" "$p" "${external_ip[$f]}" 80 elsewhere
	expect "another port of the ClusterIP is refused, $v" \
		refused "$pod3" "$p" "${vip[$f]}" 81
}

lists_apart() {
	local f=$1 p=$2 v="$2 IPv$1" here

	here=$(at "${pod1_ip[$f]}" 8080)
	expect "the local one drains, externally Local, $v" one_elsewhere "$f" "$p" \
		--external-local --endpoint "$here,local,weight=0"
	met "drop no-local" client nodeport "$f" "$p"
	expect "a pod gets the other, $v" ask "$pod3" "$p" "${lb_ip[$f]}" 80 elsewhere --count 4

	# As topology has it: the cluster list may be without what the local one has.
	expect "in the local list alone, externally Local, $v" service "$f" "$p" \
		--external-local --endpoint "$here,local-only"
	expect "serves who may have local ones only, $v" \
		ask_from "$client" "$p" "${external_ip[$f]}" 80 local "${client_ip[$f]}"
	expect "at the ClusterIP there is none, $v" refused "$client" "$p" "${vip[$f]}" 80
	expect "nor for the short circuit, $v" refused "$pod3" "$p" "${external_ip[$f]}" 80
	met "reject no-endpoints" pod3 external "$f" "$p"
}

for f in "${families[@]}"; do
	nothing_there "$f" tcp
	nothing_there "$f" udp
	none_local "$f" udp
	lists_apart "$f" udp
done

finish

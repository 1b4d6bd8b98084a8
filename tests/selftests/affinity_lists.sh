#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Session affinity and the two lists of endpoints: a client keeps its endpoint through
# the NodePort as through any address, but never outside of the list that the policy
# Local gives it; who is sent elsewhere for that keeps the new one.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/node.bash"

needs ip svcctl
begin
node_up
for f in "${families[@]}"; do
	for port in 8081 8082; do
		server "$pod1" tcp "${pod1_ip[$f]}" $port "here$port" || fail "server here, IPv$f"
		server "$pod2" tcp "${pod2_ip[$f]}" $port "there$port" || fail "server there, IPv$f"
	done
done

# service FAMILY LOCAL_POD [OPTION...]: two endpoints on each pod; those of LOCAL_POD
# are the node's own
service() {
	local f=$1 local_pod=$2 pod port endpoints=()

	shift 2
	for pod in "${pod1_ip[$f]}" "${pod2_ip[$f]}"; do
		for port in 8081 8082; do
			[ "$pod" != "$local_pod" ] || port+=,local
			endpoints+=(--endpoint "$(at "$pod" "$port")")
		done
	done
	svc add service test/web tcp --replace --affinity 600 \
		--frontend "$(at "${vip[$f]}" 80)" --frontend nodeport:30080 \
		--frontend "external:$(at "${external_ip[$f]}" 80)" "${endpoints[@]}" "$@"
}

# who FROM ADDRESS PORT: the names of ten answers, each once, in one line
who() {
	client "$1" tcp "$2" "$3" --count 10 --timeout "$TIMEOUT" 2>&1 | cut -d' ' -f1 |
		sort -u | paste -sd' '
}
# is_one ANSWER WORD: not two of them, and such an endpoint; "": any
is_one() { [[ $1 == [ht]*808? && $1 != *" "* && $1 == $2* ]]; }
# entry CLIENT: "ADDRESS PORT" of what it keeps
entry() {
	local said

	said=$(svc affinity show test/web --client "$1" -j)
	echo "$(field address "$said") $(field port "$said")"
}
# keeps FAMILY CLIENT NAME: the entry is that of the endpoint NAME
keeps() {
	local f=$1 pod=${pod1_ip[$1]}

	[[ $3 == here* ]] || pod=${pod2_ip[$f]}
	[ "$(entry "$2")" = "$pod ${3: -4}" ] || { entry "$2"; return 1; }
}
# kept_at FAMILY WORD: the client's first connection to the ClusterIP comes to such an
# endpoint; half of them do
kept_at() {
	local i

	for ((i = 0; i < 40; i++)); do
		svc affinity flush >/dev/null
		kept=$(client "$client" tcp "${vip[$1]}" 80 --timeout "$TIMEOUT" | cut -d' ' -f1)
		[[ $kept != "$2"* ]] || return 0
	done
	return 1
}

plain() {
	local f=$1 kept

	expect "IPv$f: a service" service "$f" "${pod1_ip[$f]}"
	kept=$(who "$client" "${node_ip[$f]}" 30080)
	expect "IPv$f: one endpoint through the NodePort: $kept" is_one "$kept" ""
	expect "IPv$f: it is remembered for the client, not for the node" \
		keeps "$f" "${client_ip[$f]}" "$kept"
	same "IPv$f: the same one through the other addresses" "$kept $kept" \
		"$(who "$client" "${vip[$f]}" 80) $(who "$client" "${external_ip[$f]}" 80)"
}

external_local() {
	local f=$1 kept now

	expect "IPv$f: externally Local" service "$f" "${pod1_ip[$f]}" --external-local
	expect "IPv$f: the client keeps an endpoint of another node" kept_at "$f" there
	now=$(who "$client" "${node_ip[$f]}" 30080)
	expect "IPv$f: through the NodePort it gets one here: $now" is_one "$now" here
	expect "IPv$f: and keeps it" keeps "$f" "${client_ip[$f]}" "$now"
	same "IPv$f: through the external address, too" "$now" \
		"$(who "$client" "${external_ip[$f]}" 80)"
	same "IPv$f: and through the ClusterIP, whose list has it as well" "$now" \
		"$(who "$client" "${vip[$f]}" 80)"
	expect "IPv$f: a pod keeps one of another node" pod_keeps "$f"
	same "IPv$f: the client still has its own" "$now" "$(who "$client" "${node_ip[$f]}" 30080)"

	expect "IPv$f: the others are local now" service "$f" "${pod2_ip[$f]}" --external-local
	same "IPv$f: nothing changes for the ClusterIP" "$now" "$(who "$client" "${vip[$f]}" 80)"
	now=$(who "$client" "${node_ip[$f]}" 30080)
	expect "IPv$f: but for the NodePort: $now" is_one "$now" there

	expect "IPv$f: none is local" service "$f" none --external-local
	expect "IPv$f: who keeps an endpoint is dropped like any other" \
		unanswered "$client" tcp "${node_ip[$f]}" 30080
	expect "IPv$f: and keeps it" keeps "$f" "${client_ip[$f]}" "$now"
	same "IPv$f: for the ClusterIP" "$now" "$(who "$client" "${vip[$f]}" 80)"
}
# Pods are short-circuited to all endpoints, through any address.
pod_keeps() {
	local i said

	for ((i = 0; i < 40; i++)); do
		svc affinity flush --client "${pod2_ip[$1]}" >/dev/null
		said=$(client "$pod2" tcp "${external_ip[$1]}" 80 --timeout "$TIMEOUT")
		said=${said%% *}
		[[ $said == there* ]] || continue
		[ "$(who "$pod2" "${node_ip[$1]}" 30080)" = "$said" ]
		return
	done
	return 1
}

internal_local() {
	local f=$1 now

	expect "IPv$f: internally Local" service "$f" "${pod2_ip[$f]}" --internal-local
	svc affinity flush >/dev/null
	now=$(who "$client" "${vip[$f]}" 80)
	expect "IPv$f: one of the node's own through the ClusterIP: $now" \
		is_one "$now" there
	same "IPv$f: and the same one through the NodePort" "$now" \
		"$(who "$client" "${node_ip[$f]}" 30080)"
}

expect "pod networks" svc settings pod-cidrs "${pod_cidr[4]},${pod_cidr[6]}"
for f in "${families[@]}"; do
	plain "$f"
	external_local "$f"
	internal_local "$f"
done

finish

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Each verdict that is not DNAT, with its reason and its counter, in both
# families: by packets, as the client sees it, and by resolve.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/node.bash"
. "$(dirname "$0")/verdicts.bash"

needs ip svcctl jq ping
begin
node_up

silent() { ! pings "$@"; }

for f in "${families[@]}"; do
	server "$pod1" tcp "${pod1_ip[$f]}" 8080 one || fail "server IPv$f"
	server "$pod1" udp "${pod1_ip[$f]}" 8080 one || fail "server UDP IPv$f"
	server "$node" tcp "${node_ip[$f]}" 2222 own || fail "the node's own server IPv$f"
done

for f in "${families[@]}"; do
	v=IPv$f
	c=${client_ip[$f]}

	# No endpoint anywhere.
	for p in tcp udp; do
		expect "no endpoints, $p $v" svc add service test/empty "$p" \
			--frontend "$(at "${vip[$f]}" 80)" --frontend nodeport:30080
		counted no-endpoints "refused to the client, $p $v" \
			refused "$client" "$p" "${vip[$f]}" 80
		counted no-endpoints "at the NodePort too, $p $v" \
			refused "$client" "$p" "${node_ip[$f]}" 30080
		counted no-endpoints "and to the node itself, $p $v" \
			refused "$node" "$p" "${vip[$f]}" 80
		counted no-endpoints "and to a pod, $p $v" \
			refused "$pod2" "$p" "${vip[$f]}" 80
		same "resolve, $p $v" "reject no-endpoints" \
			"$(verdict "$c" "$(at "${vip[$f]}" 80)/$p")"
		same "the service counts it, $p $v" true "$(svc stats services test/empty -j |
			jq --arg p "${p^^}" \
				'map(select(.protocol == $p))[0].counts."no-endpoints" >= 4')"
	done
	expect "an endpoint that drains is none, $v" svc add service test/empty tcp --replace \
		--frontend "$(at "${vip[$f]}" 80)" \
		--endpoint "$(at "${pod1_ip[$f]}" 8080),weight=0"
	counted no-endpoints "refused as well, $v" refused "$client" tcp "${vip[$f]}" 80
	expect "flush, $v" svc flush

	# Policy Local, none local, some elsewhere.
	expect "an endpoint elsewhere, $v" svc add service test/web tcp \
		--external-local --internal-local --frontend "$(at "${vip[$f]}" 80)" \
		--frontend "external:$(at "${external_ip[$f]}" 80)" --frontend nodeport:30080 \
		--frontend "loadbalancer:$(at "${lb_ip[$f]}" 80)" \
		--endpoint "$(at "${pod1_ip[$f]}" 8080)"
	counted no-local "dropped at the ClusterIP, $v" \
		unanswered "$client" tcp "${vip[$f]}" 80
	counted no-local "and from a process of the node, $v" \
		unanswered "$node" tcp "${vip[$f]}" 80
	for a in "${external_ip[$f]} 80" "${lb_ip[$f]} 80" "${node_ip[$f]} 30080"; do
		# shellcheck disable=SC2086 # address and port
		counted no-local "dropped at $a" unanswered "$client" tcp $a
	done
	same "resolve, $v" "drop no-local" "$(verdict "$c" "$(at "${vip[$f]}" 80)")"
	uncounted no-local "the node's short circuit, $v" \
		ask "$node" tcp "${external_ip[$f]}" 80 one
	expect "no endpoint at all, $v" svc del endpoint test/web tcp \
		"$(at "${pod1_ip[$f]}" 8080)"
	counted no-endpoints "is refused, not dropped, $v" \
		refused "$client" tcp "${external_ip[$f]}" 80

	# A ClusterIP, and a port or protocol that it does not have.
	expect "a service again, $v" svc add service test/web tcp --replace \
		--frontend "$(at "${vip[$f]}" 80)" --frontend nodeport:30080 \
		--frontend "external:$(at "${node_ip[$f]}" 80)" \
		--frontend "loadbalancer:$(at "${lb_ip[$f]}" 80)" \
		--endpoint "$(at "${pod1_ip[$f]}" 8080)"
	counted undefined-port "another port, $v" refused "$client" tcp "${vip[$f]}" 81
	counted undefined-port "another port, from the node, $v" \
		refused "$node" tcp "${vip[$f]}" 81
	counted undefined-port "another protocol, $v" refused "$client" udp "${vip[$f]}" 80
	counted undefined-port "a NodePort is none of the ClusterIP, $v" \
		refused "$client" tcp "${vip[$f]}" 30080
	same "resolve, $v" "reject undefined-port" "$(verdict "$c" "$(at "${vip[$f]}" 81)")"
	same "a protocol without ports, $v" "reject undefined-port" \
		"$(verdict "$c" "$(at "${vip[$f]}")/47")"
	uncounted undefined-port "the port that it has, $v" \
		ask "$client" tcp "${vip[$f]}" 80 one
	uncounted undefined-port "an external address is the node's: its own ports, $v" \
		ask "$client" tcp "${node_ip[$f]}" 2222 own

	# A LoadBalancer address that is announced here, and one that is not.
	server "$node" tcp "${any_ip[$f]}" "333$f" leak ||
		fail "a server on all addresses $v"
	expect "the route that announces it, $v" ip -n "$node" "-$f" route add local \
		"${lb_ip[$f]}/${bits[$f]}" dev lo
	counted undefined-port "the node's server does not leak through it, $v" \
		refused "$client" tcp "${lb_ip[$f]}" "333$f"
	counted undefined-port "not to the node itself, $v" \
		refused "$node" tcp "${lb_ip[$f]}" "333$f"
	counted undefined-port "nor to a pod, $v" refused "$pod2" tcp "${lb_ip[$f]}" "333$f"
	counted undefined-port "nor is a NodePort reached there, $v" \
		refused "$client" tcp "${lb_ip[$f]}" 30080
	uncounted undefined-port "its own port, $v" ask "$client" tcp "${lb_ip[$f]}" 80 one
	same "resolve, $v" "reject undefined-port" \
		"$(verdict "$c" "$(at "${lb_ip[$f]}" "333$f")")"
	expect "now an interface has it, $v" ip -n "$node" addr add \
		"${lb_ip[$f]}/${bits[$f]}" dev lan
	uncounted undefined-port "so it is the node's, $v" \
		ask "$client" tcp "${lb_ip[$f]}" "333$f" leak
	expect "not any more, $v" ip -n "$node" addr del "${lb_ip[$f]}/${bits[$f]}" dev lan
	ip -n "$node" "-$f" route del local "${lb_ip[$f]}/${bits[$f]}" dev lo 2>/dev/null
	same "not announced here, $v" "pass no-service" \
		"$(verdict "$c" "$(at "${lb_ip[$f]}" "333$f")")"

	# Inside of the service CIDR.
	uncounted unallocated "no service CIDR, $v" \
		unanswered "$client" tcp "${unallocated_ip[$f]}" 80
	expect "the service CIDR, $v" svc settings service-cidrs "${service_cidr[$f]}"
	counted unallocated "an address of nobody, $v" \
		unanswered "$client" tcp "${unallocated_ip[$f]}" 80
	counted unallocated "from the node, $v" \
		unanswered "$node" tcp "${unallocated_ip[$f]}" 80
	counted unallocated "UDP, $v" unanswered "$client" udp "${unallocated_ip[$f]}" 80
	same "resolve, $v" "drop unallocated" \
		"$(verdict "$c" "$(at "${unallocated_ip[$f]}" 80)")"
	uncounted unallocated "a service's address is not, $v" \
		ask "$client" tcp "${vip[$f]}" 80 one
	expect "a CIDR that covers the node by mistake, $v" \
		svc settings service-cidrs "${client_cidr[$f]}"
	uncounted unallocated "does not cut it off, $v" \
		ask "$client" tcp "${node_ip[$f]}" 2222 own

	# Not loaded yet.
	expect "armed, $v" svc settings service-cidrs "${service_cidr[$f]}" armed on
	counted not-loaded "an address of nobody, $v" \
		unanswered "$client" tcp "${unallocated_ip[$f]}" 80
	counted not-loaded "another port of a service that is there, $v" \
		unanswered "$client" tcp "${vip[$f]}" 81
	uncounted not-loaded "what is there works, $v" ask "$client" tcp "${vip[$f]}" 80 one
	same "resolve, $v" "drop not-loaded" "$(verdict "$c" "$(at "${vip[$f]}" 81)")"
	same "it says so, $v" true "$(field armed "$(svc settings -j)")"
	svc save | grep -v armed >"$lib_scratch/saved"
	expect "a complete load disarms, $v" svc restore "$lib_scratch/saved"
	same "it says so, $v" false "$(field armed "$(svc settings -j)")"
	counted undefined-port "then it is refused, $v" refused "$client" tcp "${vip[$f]}" 81

	# Ping.
	for a in "${vip[$f]}" "${lb_ip[$f]}"; do
		counted echo "ping $a is answered" pings "$client" "$a"
		counted echo "ping $a from the node" pings "$node" "$a"
	done
	counted echo "ping from a pod, $v" pings "$pod2" "${vip[$f]}"
	expect "an external address of nobody, $v" svc add service test/far udp \
		--frontend "external:$(at "${external_ip[$f]}" 53)"
	counted echo "ping to it is answered, $v" pings "$client" "${external_ip[$f]}"
	expect "not any more, $v" svc del service test/far udp
	same "resolve, $v" "echo echo" "$(verdict "$c" "$(at "${vip[$f]}")/icmp")"
	counted unallocated "not of an address that no service has, $v" \
		silent "$client" "${unallocated_ip[$f]}"
	expect "switched off, $v" svc settings echo off
	counted undefined-port "ping to a ClusterIP is refused, $v" \
		ping_refused "$client" "${vip[$f]}"
	uncounted echo "to a LoadBalancer address it passes, $v" silent "$client" "${lb_ip[$f]}"
	expect "on again, $v" svc settings echo on service-cidrs none

	# Source ranges, of LoadBalancer addresses only.
	expect "a range that has the client, $v" svc add service test/web tcp --replace \
		--frontend "$(at "${vip[$f]}" 80)" --frontend nodeport:30080 \
		--frontend "external:$(at "${external_ip[$f]}" 80)" \
		--frontend "loadbalancer:$(at "${lb_ip[$f]}" 80)" \
		--source-range "${client_cidr[$f]}" --endpoint "$(at "${pod1_ip[$f]}" 8080)"
	uncounted source-range "lets it in, $v" ask "$client" tcp "${lb_ip[$f]}" 80 one
	counted source-range "a pod is outside of it, $v" \
		unanswered "$pod2" tcp "${lb_ip[$f]}" 80
	expect "a range that has not, $v" svc add service test/web tcp --replace \
		--frontend "$(at "${vip[$f]}" 80)" --frontend nodeport:30080 \
		--frontend "external:$(at "${external_ip[$f]}" 80)" \
		--frontend "loadbalancer:$(at "${lb_ip[$f]}" 80)" \
		--source-range "${pod1_cidr[$f]}" --endpoint "$(at "${pod1_ip[$f]}" 8080)"
	counted source-range "keeps it out, $v" unanswered "$client" tcp "${lb_ip[$f]}" 80
	counted source-range "and the node, $v" unanswered "$node" tcp "${lb_ip[$f]}" 80
	same "resolve, $v" "drop source-range" "$(verdict "$c" "$(at "${lb_ip[$f]}" 80)")"
	uncounted source-range "a pod in it is let in, $v" \
		ask "$pod1" tcp "${lb_ip[$f]}" 80 one
	uncounted source-range "not out of the NodePort, $v" \
		ask "$client" tcp "${node_ip[$f]}" 30080 one
	uncounted source-range "nor of the external address, $v" \
		ask "$client" tcp "${external_ip[$f]}" 80 one
	same "the service counts it, $v" true "$(svc stats services test/web -j |
		jq '.[0].counts."source-range" >= 2')"
	expect "flush, $v" svc flush
done

finish

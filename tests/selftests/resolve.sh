#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# "svcctl resolve" says what the packet will meet: the same decision, asked
# without a packet. Each verdict, and each row of the masquerade table, is asked
# beside its packet in verdicts.sh and policy.sh; here is what the answer says.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/node.bash"

needs ip svcctl jq
begin
node_up
expect "pod CIDRs" svc settings pod-cidrs "${pod_cidr[4]},${pod_cidr[6]}"

for f in "${families[@]}"; do
	expect "a service, IPv$f" svc add service test/web tcp \
		--frontend "cluster:$(at "${vip[$f]}" 80)" \
		--frontend "external:$(at "${external_ip[$f]}" 80)" \
		--frontend "loadbalancer:$(at "${lb_ip[$f]}" 80)" \
		--frontend nodeport:30080 --endpoint "$(at "${pod1_ip[$f]}" 8080)"
	expect "one without endpoints, IPv$f" svc add service test/none udp \
		--frontend "cluster:$(at "${vip[$f]}" 53)"
done

# said NAME SRC DST PROTO FILTER WANTED
said() { same "$1" "$6" "$(svc resolve -j "$2" "$3/$4" | jq -r "$5")"; }

for f in "${families[@]}"; do
	c=$(at "${client_ip[$f]}" 4000) n=$(at "${node_ip[$f]}" 4000)
	p=$(at "${pod2_ip[$f]}" 4000) self=$(at "${pod1_ip[$f]}" 4000)
	v=$(at "${vip[$f]}" 80)
	all='"\(.verdict) \(.reason) \(.frontend) \(.origin) \(.masqueradeReason)"'
	said "client to ClusterIP, IPv$f" "$c" "$v" tcp "$all" \
		"dnat endpoint cluster outside off-cluster"
	said "node to ClusterIP, IPv$f" "$n" "$v" tcp "$all" \
		"dnat endpoint cluster node off-cluster"
	said "pod to ClusterIP, IPv$f" "$p" "$v" tcp "$all" "dnat endpoint cluster pod no-pod"
	said "hairpin, IPv$f" "$self" "$v" tcp "$all" "dnat endpoint cluster pod hairpin"
	said "pod to external, IPv$f" "$p" "$(at "${external_ip[$f]}" 80)" tcp "$all" \
		"dnat endpoint external pod external"
	said "client to LoadBalancer, IPv$f" "$c" "$(at "${lb_ip[$f]}" 80)" tcp "$all" \
		"dnat endpoint loadbalancer outside external"
	said "client to NodePort, IPv$f" "$c" "$(at "${node_ip[$f]}" 30080)" tcp "$all" \
		"dnat endpoint nodeport outside external"
	said "endpoint, IPv$f" "$c" "$v" tcp '"\(.endpoint.address) \(.endpoint.port)"' \
		"${pod1_ip[$f]} 8080"
	said "service, IPv$f" "$c" "$v" tcp '"\(.service) \(.owner) \(.endpoints)"' \
		"test/web hand 1"
	said "another port, IPv$f" "$c" "$(at "${vip[$f]}" 81)" tcp \
		'"\(.verdict) \(.reason) \(.service)"' "reject undefined-port null"
	said "another protocol, IPv$f" "$c" "$v" udp .reason undefined-port
	said "no service, IPv$f" "$c" "$(at "${external_ip[$f]}" 81)" tcp \
		'"\(.verdict) \(.reason) \(.service)"' "pass no-service null"
	said "no endpoints, IPv$f" "$c" "$(at "${vip[$f]}" 53)" udp \
		'"\(.verdict) \(.reason) \(.service)"' "reject no-endpoints test/none"
	said "what the choice depends on, IPv$f" "$c" "$v" tcp \
		'"\(.scheduler) \(.affinity) \(.clusterEndpoints) \(.localEndpoints) " +
			"\(.sourceRangeCount) \(.hash > 0)"' "hash 0 1 0 0 true"
	said "without a source port no endpoint, IPv$f" "${client_ip[$f]}" "$v" tcp \
		'"\(.verdict) \(.endpoint)"' "dnat null"
done
said "loopback NodePort" 127.0.0.1:4000 127.0.0.1:30080 tcp '"\(.verdict) \(.reason)"' \
	"pass loopback"
said "loopback NodePort, IPv6" '[::1]:4000' '[::1]:30080' tcp '"\(.verdict) \(.reason)"' \
	"pass loopback"
expect "for people too" svc resolve "${client_ip[4]}:4000" "${vip[4]}:80/tcp"
refuse "two families" "" svc resolve "${client_ip[4]}:4000" "[${vip[6]}]:80/tcp"
refuse "no port" "" svc resolve "${client_ip[4]}:4000" "${vip[4]}"

finish

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Each kind of frontend x TCP, UDP, SCTP x IPv4, IPv6, from a client, from the
# node and from a pod: the endpoint answers, and sees the source that the plain
# column of the masquerade table says. What no service has is left alone.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/node.bash"

needs ip svcctl jq
begin
node_up
protos=(tcp udp)
if modprobe sctp 2>/dev/null; then protos+=(sctp); else skip "SCTP" "no module sctp"; fi

expect "pod CIDRs" svc settings pod-cidrs "${pod_cidr[4]},${pod_cidr[6]}"

for f in "${families[@]}"; do
	for p in "${protos[@]}"; do
		server "$pod1" "$p" "${pod1_ip[$f]}" 8080 one || fail "server $p IPv$f"
		expect "add $p IPv$f" svc add service "test/$p" "$p" \
			--frontend "cluster:$(at "${vip[$f]}" 80)" \
			--frontend "external:$(at "${external_ip[$f]}" 80)" \
			--frontend "loadbalancer:$(at "${lb_ip[$f]}" 80)" \
			--frontend nodeport:30080 \
			--endpoint "$(at "${pod1_ip[$f]}" 8080)"
	done
done

# kind FAMILY: where it is reached
address_of() {
	case $1 in
	cluster) echo "${vip[$2]} 80" ;;
	external) echo "${external_ip[$2]} 80" ;;
	loadbalancer) echo "${lb_ip[$2]} 80" ;;
	nodeport) echo "${node_ip[$2]} 30080" ;;
	esac
}

for f in "${families[@]}"; do
	for p in "${protos[@]}"; do
		for kind in cluster external loadbalancer nodeport; do
			read -r addr port <<<"$(address_of "$kind" "$f")"
			for from in client node pod2; do
				peer=${pod1_gw[$f]}
				[ "$from/$kind" = pod2/cluster ] && peer=${pod2_ip[$f]}
				expect "$kind $p IPv$f from $from" ask_from "${!from}" "$p" \
					"$addr" "$port" one "$peer"
			done
		done
		expect "nodeport $p IPv$f on another address of the node" \
			ask "$pod2" "$p" "${pod2_gw[$f]}" 30080 one
	done
done

# Two addresses, one endpoint, and a client that uses one port for both: conntrack
# tells the two apart by another source port.
for f in "${families[@]}"; do
	held first "$client" tcp "${vip[$f]}" 80 --sport 45001 || fail "to the ClusterIP, IPv$f"
	held second "$client" tcp "${lb_ip[$f]}" 80 --sport 45001 || fail "to the other, IPv$f"
	expect "one port to two addresses, IPv$f" held_ask "$first" hello
	expect "both answer" held_ask "$second" hello
done

# What is nobody's.
server "$node" tcp "${node_ip[4]}" 8081 own || fail "server on the node"
expect "a port of the node that is no NodePort is its own" \
	ask "$client" tcp "${node_ip[4]}" 8081 own
expect "another port of a ClusterIP does not lead to the service" \
	refused "$client" tcp "${vip[4]}" 81
expect "a NodePort's number on an address that is not the node's does not either" \
	unanswered "$client" tcp 203.0.113.99 30080
expect "nor the loopback address" refused "$node" tcp 127.0.0.1 30080
expect "nor the loopback address in IPv6" refused "$node" tcp ::1 30080
server "$pod1" tcp "${pod1_ip[4]}" 80 direct || fail "server on port 80"
expect "a pod's own address is untouched, though a service has its port" \
	ask_from "$client" tcp "${pod1_ip[4]}" 80 direct "${client_ip[4]}"

finish

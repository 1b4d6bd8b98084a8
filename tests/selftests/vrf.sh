#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A node whose devices are in a VRF: its addresses there are the node's, for
# NodePorts as for the rest.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/node.bash"

needs ip svcctl nft
begin
node_up
if ! ip -n "$node" link add vrf0 type vrf table 10 2>/dev/null; then
	skip "VRF" "this kernel has none"
	finish
fi
ip -n "$node" link set vrf0 up
ip -n "$node" link set lan vrf vrf0
ip -n "$node" link set pod1 vrf vrf0
# IPv6 addresses go when a device changes its master.
ip -n "$node" addr replace fd50::1/64 dev lan nodad
ip -n "$node" addr replace fd44:1::1/64 dev pod1 nodad

for f in "${families[@]}"; do
	server "$pod1" tcp "${pod1_ip[$f]}" 8080 one || fail "server IPv$f"
	expect "the endpoint answers through the VRF, IPv$f" \
		wait_for 5 ask "$client" tcp "${pod1_ip[$f]}" 8080 one
	expect "a service, IPv$f" svc add service test/web tcp \
		--frontend "cluster:$(at "${vip[$f]}" 80)" --frontend nodeport:30080 \
		--endpoint "$(at "${pod1_ip[$f]}" 8080)"
	expect "NodePort on an address in the VRF, IPv$f" \
		ask_from "$client" tcp "${node_ip[$f]}" 30080 one "${pod1_gw[$f]}"
	expect "ClusterIP, IPv$f" ask "$client" tcp "${vip[$f]}" 80 one
	said=$(svc resolve -j -i lan "$(at "${client_ip[$f]}" 4000)" "$(at "${node_ip[$f]}" 30080)")
	same "resolve knows the VRF by its interface, IPv$f" "dnat nodeport" \
		"$(field verdict "$said") $(field frontend "$said")"
	said=$(svc resolve -j "$(at "${client_ip[$f]}" 4000)" "$(at "${node_ip[$f]}" 30080)")
	same "outside of it the address is not the node's, IPv$f" no-service \
		"$(field reason "$said")"
	said=$(svc resolve -j -i lan "$(at "${client_ip[$f]}" 4000)" "$(at "${pod2_gw[$f]}" 30080)")
	same "nor is one outside of it the node's in there, IPv$f" no-service \
		"$(field reason "$said")"
	expect "no endpoint any more, IPv$f" svc del endpoint test/web tcp --family "$f" \
		"$(at "${pod1_ip[$f]}" 8080)"
	expect "refused at the NodePort, IPv$f" refused "$client" tcp "${node_ip[$f]}" 30080
	expect "and at the ClusterIP, IPv$f" refused "$client" tcp "${vip[$f]}" 80
	expect "UDP, too, IPv$f" refused "$client" udp "${vip[$f]}" 80
	svc add endpoint test/web tcp --family "$f" "$(at "${pod1_ip[$f]}" 8080)" ||
		fail "endpoint IPv$f"
	# The way back is the VRF's, whatever there is outside of it.
	expect "a route to the client outside of the VRF, IPv$f" \
		ip -n "$node" "-$f" route add blackhole "${client_ip[$f]}"
	expect "it is refused all the same, IPv$f" refused "$client" udp "${vip[$f]}" 81
	expect "TCP, too, IPv$f" refused "$client" tcp "${vip[$f]}" 81
	expect "served, too, IPv$f" ask "$client" tcp "${vip[$f]}" 80 one
done
# pod2's device is outside: its address is none of the node's in this VRF.
for f in "${families[@]}"; do
	said=$(client "$client" tcp "${pod2_gw[$f]}" 30080 --timeout 1 2>&1)
	same "an address outside of the VRF leads to no endpoint, but to an error, IPv$f" E \
		"${said:0:1}"
done

# A stranger to whom the main table has a way, and the VRF says that it has none:
# what he is told must not leave the VRF.
declare -A stranger=([4]=198.51.100.7 [6]=fdaa::7)
declare -A nft_family=([4]=ip [6]=ip6)
told() { in_ns "$node" nft list table inet strangers | grep -c 'counter packets 0 '; }
in_ns "$node" nft add table inet strangers
in_ns "$node" nft add chain inet strangers post '{ type filter hook postrouting priority 0; }'
for f in "${families[@]}"; do
	ip -n "$client" "-$f" addr add "${stranger[$f]}" dev lo
	ip -n "$node" "-$f" route add table 10 unreachable default metric 4278198272
	ip -n "$node" "-$f" route add "${stranger[$f]}" via "${pod2_ip[$f]}"
	in_ns "$node" nft add rule inet strangers post \
		"${nft_family[$f]} daddr ${stranger[$f]} counter"
	expect "a stranger to the VRF hears nothing, UDP, IPv$f" \
		unanswered "$client" udp "${vip[$f]}" 81 --source "${stranger[$f]}"
	expect "nor by TCP, IPv$f" \
		unanswered "$client" tcp "${vip[$f]}" 81 --source "${stranger[$f]}"
done
same "nothing was sent to them outside of it" 2 "$(told)"

finish

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Which of the node's addresses have NodePorts: all, chosen ones, and the
# loopback addresses if that is switched on, for the node alone.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/node.bash"

needs ip svcctl jq
begin
node_up

for f in "${families[@]}"; do
	server "$pod1" tcp "${pod1_ip[$f]}" 8080 one || fail "server IPv$f"
	expect "a NodePort, IPv$f" svc add service test/web tcp --family "$f" \
		--frontend nodeport:30080 --endpoint "$(at "${pod1_ip[$f]}" 8080)"
done
expect "on every address" ask "$pod2" tcp "${pod2_gw[4]}" 30080 one
expect "IPv6 too" ask "$pod2" tcp "${pod2_gw[6]}" 30080 one

expect "chosen addresses" svc settings nodeport-cidrs 192.168.50.0/24
expect "a chosen one has it" ask "$client" tcp "${node_ip[4]}" 30080 one
expect "another one does not" refused "$pod2" tcp "${pod2_gw[4]}" 30080
expect "of IPv6, none was chosen: all have it" ask "$pod2" tcp "${pod2_gw[6]}" 30080 one
same "resolve says so" "pass no-service" \
	"$(svc resolve "${pod2_ip[4]}" "${pod2_gw[4]}:30080" -j | jq -r '"\(.verdict) \(.reason)"')"
expect "chosen addresses of both" svc settings nodeport-cidrs 192.168.50.0/24,fd50::/64
expect "now IPv6 has chosen ones too" refused "$pod2" tcp "${pod2_gw[6]}" 30080
expect "a chosen one of IPv6" ask "$client" tcp "${node_ip[6]}" 30080 one
expect "all again" svc settings nodeport-cidrs none
expect "all have it" ask "$pod2" tcp "${pod2_gw[4]}" 30080 one

# Loopback.
expect "127.0.0.1 has none" refused "$node" tcp 127.0.0.1 30080
expect "nor ::1" refused "$node" tcp ::1 30080
in_ns "$node" sysctl -qw net.ipv4.conf.all.route_localnet=1
expect "nor with route_localnet alone" refused "$node" tcp 127.0.0.1 30080
expect "switched on" svc settings loopback-nodeports on
expect "the node reaches it on 127.0.0.1, as its own address" \
	ask_from "$node" tcp 127.0.0.1 30080 one "${pod1_gw[4]}"
expect "and on 127.0.0.2" ask "$node" tcp 127.0.0.2 30080 one
expect "but not on ::1" refused "$node" tcp ::1 30080

# With route_localnet a neighbour could send to 127.0.0.1 of the node.
server "$node" tcp 127.0.0.1 4444 private || fail "a server on loopback"
in_ns "$client" sysctl -qw net.ipv4.conf.all.route_localnet=1
ip -n "$client" route del local 127.0.0.0/8 dev lo table local
ip -n "$client" route add 127.9.9.9/32 via 192.168.50.1
before=$(svc stats -j | jq .martian)
server "$node" tcp 127.9.9.9 4444 private || fail "a server on another loopback address"
expect "the node's own server is reached by itself" ask "$node" tcp 127.9.9.9 4444 private
expect "a neighbour is kept out" unanswered "$client" tcp 127.9.9.9 4444
expect "also from the NodePort there" unanswered "$client" tcp 127.9.9.9 30080
same "and counted" true "$([ "$(svc stats -j | jq .martian)" -gt "$before" ] && echo true)"
expect "switched off" svc settings loopback-nodeports off
expect "127.0.0.1 has none again" refused "$node" tcp 127.0.0.1 30080
expect "what the neighbour may is the administrator's business again" \
	ask "$client" tcp 127.9.9.9 4444 private

finish

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Beside others that use NAT: their translations work as before, for what is no
# service's; for a service's address the service comes first.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/node.bash"

needs ip svcctl jq nft iptables
begin
node_up
server "$pod1" tcp "${pod1_ip[4]}" 8080 one || fail "server one"
server "$pod2" tcp "${pod2_ip[4]}" 8080 two || fail "server two"

nft_rules() {
	in_ns "$node" nft -f - <<-RULES
	table ip other {
		chain pre {
			type nat hook prerouting priority dstnat;
			ip daddr 198.51.100.1 tcp dport 80 counter dnat to ${pod2_ip[4]}:8080
			ip daddr ${vip[4]} tcp dport 80 counter dnat to ${pod2_ip[4]}:8080
		}
		chain out {
			type nat hook output priority -100;
			ip daddr 198.51.100.1 tcp dport 80 counter dnat to ${pod2_ip[4]}:8080
		}
		chain post {
			type nat hook postrouting priority srcnat;
			ip saddr ${client_ip[4]} tcp dport 8080 counter masquerade
		}
	}
	RULES
}

iptables_rules() {
	local ipt=(in_ns "$node" iptables -t nat)

	"${ipt[@]}" -A PREROUTING -d 198.51.100.2 -p tcp --dport 80 \
		-j DNAT --to-destination "${pod2_ip[4]}:8080" &&
	"${ipt[@]}" -A PREROUTING -d 10.96.0.12 -p tcp --dport 80 \
		-j DNAT --to-destination "${pod2_ip[4]}:8080" &&
	"${ipt[@]}" -A OUTPUT -d 198.51.100.2 -p tcp --dport 80 \
		-j DNAT --to-destination "${pod2_ip[4]}:8080" &&
	"${ipt[@]}" -A POSTROUTING -s "${pod1_ip[4]}" -d "${pod2_ip[4]}" -j MASQUERADE
}

# The others' rules stand once before and once after the services.
expect "an nft table before" nft_rules
expect "services" svc add service test/web tcp --frontend "${vip[4]}:80" \
	--frontend 10.96.0.12:80 --frontend nodeport:30080 --endpoint "${pod1_ip[4]}:8080"
expect "an iptables table after" iptables_rules

for dst in 198.51.100.1 198.51.100.2; do
	expect "the other's DNAT to $dst, from a client" ask "$client" tcp "$dst" 80 two
	expect "the other's DNAT to $dst, from the node" \
		ask_from "$node" tcp "$dst" 80 two "${node_ip[4]}"
done
expect "the other's masquerade of its own connection" \
	ask_from "$client" tcp 198.51.100.1 80 two "${pod2_gw[4]}"
expect "the other's masquerade of plain traffic" \
	ask_from "$pod1" tcp "${pod2_ip[4]}" 8080 two "${pod2_gw[4]}"
expect "the service wins its address over nft" ask "$client" tcp "${vip[4]}" 80 one
expect "the service wins its address over iptables" ask "$client" tcp 10.96.0.12 80 one
expect "the other's masquerade of a service's connection that asks for none" \
	ask_from "$client" tcp "${vip[4]}" 80 one "${pod1_gw[4]}"

# What the service leaves alone, or comes too late for, is theirs to the end:
# no masquerade of ours on their connections.
others_first() {
	in_ns "$node" sysctl -qw net.ipv4.conf.all.route_localnet=1 &&
	in_ns "$node" iptables -t nat -A OUTPUT -d 127.0.0.1 -p tcp --dport 30080 \
		-j DNAT --to-destination "${pod2_ip[4]}:8081" &&
	in_ns "$node" iptables -t nat -A POSTROUTING -s 127.0.0.1 \
		-j SNAT --to-source "${node_ip[4]}" &&
	in_ns "$node" nft add table ip first &&
	in_ns "$node" nft "add chain ip first pre { type nat hook prerouting priority -110; }" &&
	in_ns "$node" nft add rule ip first pre ip daddr 10.96.0.13 tcp dport 80 \
		dnat to "${pod2_ip[4]}:8081"
}
server "$pod2" tcp "${pod2_ip[4]}" 8081 two || fail "server two, 8081"
expect "others that come first" others_first
expect "a loopback NodePort of theirs" \
	ask_from "$node" tcp 127.0.0.1 30080 two "${node_ip[4]}"
expect "a service whose address they took" svc add service test/late tcp \
	--frontend external:10.96.0.13:80 --endpoint "${pod1_ip[4]}:8080"
expect "it is theirs, and so is its source" \
	ask_from "$client" tcp 10.96.0.13 80 two "${client_ip[4]}"

expect "the service goes" svc flush
expect "the others get the addresses" ask "$client" tcp "${vip[4]}" 80 two
expect "and keep their own" ask "$client" tcp 198.51.100.2 80 two
expect "delete the nft table" in_ns "$node" nft delete table ip other
expect "iptables is as it was" ask "$client" tcp 10.96.0.12 80 two
expect "and the address of nobody is nobody's" unanswered "$client" tcp "${vip[4]}" 80

finish

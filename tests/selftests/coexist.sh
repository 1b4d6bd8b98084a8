#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Beside others that use NAT: their translations work as before, for what is no
# service's; for a service's address the service comes first.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/node.bash"

needs ip svcctl jq nft iptables ip6tables
begin
node_up
for f in "${families[@]}"; do
	server "$pod1" tcp "${pod1_ip[$f]}" 8080 one || fail "server one IPv$f"
	server "$pod2" tcp "${pod2_ip[$f]}" 8080 two || fail "server two IPv$f"
	server "$pod2" tcp "${pod2_ip[$f]}" 8081 two || fail "server two, 8081, IPv$f"
done
declare -A nft_ip=([4]=198.51.100.1 [6]=2001:db8:1::1)	# theirs alone
declare -A ipt_ip=([4]=198.51.100.2 [6]=2001:db8:1::2)
declare -A both_ip=([4]=10.96.0.12 [6]=fd96::12)	# a service's, too
declare -A late_ip=([4]=10.96.0.13 [6]=fd96::13)

nft_rules() {
	local f=$1 ip=ip to

	[ "$f" = 4 ] || ip=ip6
	to=$(at "${pod2_ip[$f]}" 8080)
	in_ns "$node" nft -f - <<-RULES
	table $ip other {
		chain pre {
			type nat hook prerouting priority dstnat;
			$ip daddr ${nft_ip[$f]} tcp dport 80 counter dnat to $to
			$ip daddr ${vip[$f]} tcp dport 80 counter dnat to $to
		}
		chain out {
			type nat hook output priority -100;
			$ip daddr ${nft_ip[$f]} tcp dport 80 counter dnat to $to
		}
		chain post {
			type nat hook postrouting priority srcnat;
			$ip saddr ${client_ip[$f]} tcp dport 8080 counter masquerade
		}
	}
	RULES
}

# ipt FAMILY ARGUMENT...
ipt() {
	local program=iptables

	[ "$1" = 4 ] || program=ip6tables
	in_ns "$node" "$program" -t nat "${@:2}"
}
iptables_rules() {
	local f=$1 to

	to=$(at "${pod2_ip[$f]}" 8080)
	ipt "$f" -A PREROUTING -d "${ipt_ip[$f]}" -p tcp --dport 80 \
		-j DNAT --to-destination "$to" &&
	ipt "$f" -A PREROUTING -d "${both_ip[$f]}" -p tcp --dport 80 \
		-j DNAT --to-destination "$to" &&
	ipt "$f" -A OUTPUT -d "${ipt_ip[$f]}" -p tcp --dport 80 \
		-j DNAT --to-destination "$to" &&
	ipt "$f" -A POSTROUTING -s "${pod1_ip[$f]}" -d "${pod2_ip[$f]}" -j MASQUERADE
}

# The others' rules stand once before and once after the services.
beside() {
	local f=$1 dst

	expect "IPv$f: an nft table before" nft_rules "$f"
	expect "IPv$f: services" svc add service test/web tcp \
		--frontend "$(at "${vip[$f]}" 80)" --frontend "$(at "${both_ip[$f]}" 80)" \
		--frontend nodeport:30080 --endpoint "$(at "${pod1_ip[$f]}" 8080)"
	expect "IPv$f: an iptables table after" iptables_rules "$f"

	for dst in "${nft_ip[$f]}" "${ipt_ip[$f]}"; do
		expect "the other's DNAT to $dst, from a client" ask "$client" tcp "$dst" 80 two
		expect "the other's DNAT to $dst, from the node" \
			ask_from "$node" tcp "$dst" 80 two "${node_ip[$f]}"
	done
	expect "IPv$f: the other's masquerade of its own connection" \
		ask_from "$client" tcp "${nft_ip[$f]}" 80 two "${pod2_gw[$f]}"
	expect "IPv$f: the other's masquerade of plain traffic" \
		ask_from "$pod1" tcp "${pod2_ip[$f]}" 8080 two "${pod2_gw[$f]}"
	expect "IPv$f: the service wins its address over nft" \
		ask "$client" tcp "${vip[$f]}" 80 one
	expect "IPv$f: the service wins its address over iptables" \
		ask "$client" tcp "${both_ip[$f]}" 80 one
	expect "IPv$f: the other's masquerade of a service's connection that asks for none" \
		ask_from "$client" tcp "${vip[$f]}" 80 one "${pod1_gw[$f]}"
}

# What the service leaves alone, or comes too late for, is theirs to the end:
# no masquerade of ours on their connections.
others_first() {
	local f=$1 ip=ip

	[ "$f" = 4 ] || ip=ip6
	in_ns "$node" nft add table "$ip" first &&
	in_ns "$node" nft "add chain $ip first pre { type nat hook prerouting priority -110; }" &&
	in_ns "$node" nft add rule "$ip" first pre "$ip" daddr "${late_ip[$f]}" tcp dport 80 \
		dnat to "$(at "${pod2_ip[$f]}" 8081)"
}
too_late() {
	local f=$1

	expect "IPv$f: others that come first" others_first "$f"
	expect "IPv$f: a service whose address they took" svc add service test/late tcp \
		--frontend "external:$(at "${late_ip[$f]}" 80)" \
		--endpoint "$(at "${pod1_ip[$f]}" 8080)"
	expect "IPv$f: it is theirs, and so is its source" \
		ask_from "$client" tcp "${late_ip[$f]}" 80 two "${client_ip[$f]}"
}

# NodePorts of theirs on a loopback address; in IPv6 no kernel has such.
loopback_rules() {
	in_ns "$node" sysctl -qw net.ipv4.conf.all.route_localnet=1 &&
	ipt 4 -A OUTPUT -d 127.0.0.1 -p tcp --dport 30080 \
		-j DNAT --to-destination "${pod2_ip[4]}:8081" &&
	ipt 4 -A POSTROUTING -s 127.0.0.1 -j SNAT --to-source "${node_ip[4]}"
}

for f in "${families[@]}"; do
	beside "$f"
done
expect "a loopback NodePort of theirs" loopback_rules
expect "is theirs" ask_from "$node" tcp 127.0.0.1 30080 two "${node_ip[4]}"
for f in "${families[@]}"; do
	too_late "$f"
done

expect "the services go" svc flush
for f in "${families[@]}"; do
	expect "IPv$f: the others get the addresses" ask "$client" tcp "${vip[$f]}" 80 two
	expect "IPv$f: and keep their own" ask "$client" tcp "${ipt_ip[$f]}" 80 two
	[ "$f" = 4 ] && ip=ip || ip=ip6
	expect "IPv$f: delete the nft table" in_ns "$node" nft delete table "$ip" other
	expect "IPv$f: iptables is as it was" ask "$client" tcp "${both_ip[$f]}" 80 two
	expect "IPv$f: and the address of nobody is nobody's" \
		unanswered "$client" tcp "${vip[$f]}" 80
done

finish

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Transparent proxies on the node (TPROXY): what they take for themselves stays theirs,
# be it a service's or not; everything else is as without them.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/node.bash"
. "$(dirname "$0")/conns.bash"

needs ip svcctl nft
begin
node_up
pod_servers
modprobe -qa nft_tproxy nft_socket
declare -A any_ip=([4]=0.0.0.0 [6]=::)
declare -A strange_ip=([4]=198.51.100.1 [6]=2001:db8:1::1)

# What is marked is the node's own, whatever its address.
for f in "${families[@]}"; do
	ip -n "$node" "-$f" rule add fwmark 1 lookup 100
	ip -n "$node" "-$f" route add local default dev lo table 100
	for p in tcp udp; do
		server "$node" "$p" "${any_ip[$f]}" "500$f" proxy --transparent ||
			fail "a proxy, $p IPv$f"
	done
done

# proxy FAMILY MATCH: takes what matches
proxy() {
	local ip=ip

	[ "$1" = 4 ] || ip=ip6
	in_ns "$node" nft -f - <<-RULES
		table inet proxy {
			chain pre {
				type filter hook prerouting priority mangle;
				$ip daddr $2 meta l4proto { tcp, udp } th dport 80 \
					tproxy $ip to :500$1 meta mark set 1 counter accept
			}
		}
	RULES
}
no_proxy() { in_ns "$node" nft delete table inet proxy; }

for f in "${families[@]}"; do
	for p in tcp udp; do
		svc add service test/web "$p" --frontend "$(at "${vip[$f]}" 80)" \
			--frontend "external:$(at "${external_ip[$f]}" 80)" \
			--endpoint "$(at "${pod1_ip[$f]}" 8080)" || fail "service $p IPv$f"
	done
done
if ! proxy 4 "${strange_ip[4]}"; then
	skip "TPROXY" "this kernel has none"
	finish
fi
no_proxy

# Somebody else's address is the proxy's.
beside() {
	local f=$1 p

	expect "IPv$f: a proxy for an address of nobody" proxy "$f" "${strange_ip[$f]}"
	expect "IPv$f: has what goes there, with the client's address" \
		ask_from "$client" tcp "${strange_ip[$f]}" 80 proxy "${client_ip[$f]}"
	held conn "$client" tcp "${strange_ip[$f]}" 80 || fail "a connection to the proxy"
	held served "$client" tcp "${vip[$f]}" 80 || fail "a connection to the service"
	for p in tcp udp; do
		expect "IPv$f $p: the service has its own" ask "$client" "$p" "${vip[$f]}" 80 one
		expect "IPv$f $p: through its other address, too" \
			ask "$client" "$p" "${external_ip[$f]}" 80 one
	done
	expect "IPv$f: a connection to the proxy goes on" says "$conn" proxy
	expect "IPv$f: so does one to the service" says "$served" one
	expect "IPv$f: no proxy any more" no_proxy
	expect "IPv$f: the address is nobody's" unanswered "$client" tcp "${strange_ip[$f]}" 80
}

# So is a service's, if the proxy wants that.
instead() {
	local f=$1 decided

	expect "IPv$f: a proxy for an address of the service" proxy "$f" "${vip[$f]}"
	decided=$(stat endpoint)
	expect "IPv$f: has what goes there" \
		ask_from "$client" tcp "${vip[$f]}" 80 proxy "${client_ip[$f]}"
	# It would have to answer from another socket, which this one does not.
	expect "IPv$f: datagrams, too" unanswered "$client" udp "${vip[$f]}" 80 --sport 26000
	same "IPv$f: nothing of that was decided about" "$decided" "$(stat endpoint)"
	expect "IPv$f: the service's other address is the service's" \
		ask "$client" tcp "${external_ip[$f]}" 80 one
	expect "IPv$f: the node's own clients do not come by the proxy" \
		ask "$node" tcp "${vip[$f]}" 80 one
	expect "IPv$f: no proxy any more" no_proxy
	expect "IPv$f: the address is the service's" ask "$client" tcp "${vip[$f]}" 80 one
	expect "IPv$f: for datagrams, too" ask "$client" udp "${vip[$f]}" 80 one
}
for f in "${families[@]}"; do
	beside "$f"
	instead "$f"
done

finish

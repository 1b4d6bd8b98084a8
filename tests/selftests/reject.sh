#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A service without endpoints refuses at once, whoever asks and however; with
# an endpoint it answers; deleted, its address is nobody's.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/node.bash"

needs ip svcctl jq nft
begin
node_up
expect "pod CIDRs" svc settings pod-cidrs "${pod_cidr[4]},${pod_cidr[6]}"

for f in "${families[@]}"; do
	for p in tcp udp; do
		frontends=(--frontend "cluster:$(at "${vip[$f]}" 80)"
			--frontend "external:$(at "${external_ip[$f]}" 80)"
			--frontend nodeport:30080)
		expect "add $p IPv$f without endpoints" \
			svc add service "test/$p" "$p" "${frontends[@]}"
		for from in client node pod1; do
			expect "ClusterIP $p IPv$f refuses $from" \
				refused "${!from}" "$p" "${vip[$f]}" 80
			expect "external address $p IPv$f refuses $from" \
				refused "${!from}" "$p" "${external_ip[$f]}" 80
			expect "NodePort $p IPv$f refuses $from" \
				refused "${!from}" "$p" "${node_ip[$f]}" 30080
		done
		server "$pod1" "$p" "${pod1_ip[$f]}" 8080 one || fail "server $p IPv$f"
		expect "its first endpoint, $p IPv$f" svc add service "test/$p" "$p" --replace \
			"${frontends[@]}" --endpoint "$(at "${pod1_ip[$f]}" 8080)"
		expect "answers, $p IPv$f" ask "$client" "$p" "${vip[$f]}" 80 one
		expect "its last endpoint goes, $p IPv$f" svc add service "test/$p" "$p" \
			--replace "${frontends[@]}"
		expect "refuses again, $p IPv$f" refused "$node" "$p" "${vip[$f]}" 80
		expect "the service goes, $p IPv$f" svc del service "test/$p" "$p" --family "$f"
		expect "its address is nobody's, $p IPv$f" \
			unanswered "$client" "$p" "${vip[$f]}" 80
	done
done
# SCTP tries on after a refusal: it is seen only that nobody answers.
if modprobe sctp 2>/dev/null; then
	expect "add sctp without endpoints" svc add service test/sctp sctp \
		--frontend "cluster:${vip[4]}:80"
	for from in client node pod1; do
		expect "ClusterIP sctp answers nobody: $from" \
			unanswered "${!from}" sctp "${vip[4]}" 80
	done
	server "$pod1" sctp "${pod1_ip[4]}" 8080 one || fail "server sctp"
	expect "its first endpoint, sctp" svc add service test/sctp sctp --replace \
		--frontend "cluster:${vip[4]}:80" --endpoint "${pod1_ip[4]}:8080"
	expect "answers, sctp" ask "$client" sctp "${vip[4]}" 80 one
	expect "the service goes, sctp" svc del service test/sctp sctp
else
	skip "SCTP" "no module sctp"
fi
# ---- with which packet

# What the client has got since the counters were set to nothing.
kinds() {
	in_ns "$client" nft -f - <<-RULES
		table inet kinds
		delete table inet kinds
		table inet kinds {
			chain input {
				type filter hook input priority 0;
				tcp flags & rst == rst counter comment "reset"
				icmp type 3 icmp code 3 counter comment "icmp"
				icmpv6 type 1 icmpv6 code 4 counter comment "icmpv6"
			}
		}
	RULES
}
got() { in_ns "$client" nft list table inet kinds | grep -q "packets [1-9].*\"$1\""; }
got_not() { ! got "$1"; }

declare -A unreachable=([4]=icmp [6]=icmpv6)
for f in "${families[@]}"; do
	for p in tcp udp sctp; do
		[ "$p" != sctp ] || [ -e /proc/net/sctp ] || continue
		expect "a service, $p IPv$f" svc add service test/kind "$p" \
			--frontend "$(at "${vip[$f]}" 80)"
		expect "counters" kinds
		client "$client" "$p" "${vip[$f]}" 80 --timeout 1 >/dev/null 2>&1
		if [ "$p" = tcp ]; then
			expect "a TCP reset, IPv$f" got reset
			expect "and no ICMP, IPv$f" got_not "${unreachable[$f]}"
		else
			expect "port unreachable, $p IPv$f" got "${unreachable[$f]}"
		fi
		expect "it goes, $p IPv$f" svc del service test/kind "$p"
	done
done
same "nothing is left" "0 0 0" "$(table_counts)"

finish

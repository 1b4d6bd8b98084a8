#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Conntrack zones, which somebody else's rule gives: a connection is handled in its
# zone like any other, to its end; two clients with one address and port, kept apart
# by zones, are two. What is not tracked at all is left alone.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/node.bash"
. "$(dirname "$0")/conns.bash"
. "$(dirname "$0")/guard.bash"

needs ip svcctl conntrack nft ss
begin
node_up
pod_servers
slow_to_forget
expect "count what arrives at the client" count_strays

# Both directions of all that passes the node.
zone_5() {
	in_ns "$node" nft -f - <<-RULES
		table inet zones {
			chain pre {
				type filter hook prerouting priority raw;
				ct zone set 5
			}
			chain out {
				type filter hook output priority raw;
				ct zone set 5
			}
		}
	RULES
}

# entries FAMILY PROTO ADDRESS ZONE
entries() {
	in_ns "$node" conntrack -L -f "ipv$1" -p "$2" -d "$3" -w "$4" 2>/dev/null | wc -l
}
# service FAMILY PROTO POD...
service() {
	local f=$1 p=$2 pod endpoints=()

	for pod in "${@:3}"; do
		endpoints+=(--endpoint "$(at "$pod" 8080)")
	done
	svc add service test/zone "$p" --replace --frontend "$(at "${vip[$f]}" 80)" \
		--frontend nodeport:30080 "${endpoints[@]}"
}

in_a_zone() {
	local f=$1 to=${vip[$1]} p

	for p in tcp udp; do
		expect "IPv$f $p: a service" service "$f" "$p" "${pod1_ip[$f]}"
		expect "IPv$f $p: answers a client in a zone" ask "$client" "$p" "$to" 80 one \
			--sport 23000
		same "IPv$f $p: the connection is in the zone, and in no other" "1 0" \
			"$(entries "$f" "$p" "$to" 5) $(entries "$f" "$p" "$to" 0)"
		expect "IPv$f $p: through the NodePort, with the node's address" \
			ask_from "$client" "$p" "${node_ip[$f]}" 30080 one "${pod1_gw[$f]}"
		expect "IPv$f $p: from the node" ask "$node" "$p" "$to" 80 one
		expect "IPv$f $p: no endpoint" service "$f" "$p"
		expect "IPv$f $p: is a refusal there, too" refused "$client" "$p" "$to" 80
	done
}

# The same connection is in another zone, too, as one that was made before the rule.
stale_in_zones() {
	local f=$1 to=${vip[$1]} udp

	expect "IPv$f: an endpoint again" service "$f" udp "${pod1_ip[$f]}"
	held conn "$client" udp "$to" 80 --sport 23001 || fail "a connection in the zone"
	expect "IPv$f: the same in another zone" in_ns "$node" conntrack -I -p udp -w 6 \
		-s "${client_ip[$f]}" -d "$to" --sport 23001 --dport 80 -t 300 \
		--dst-nat "$(at "${pod1_ip[$f]}" 8080)"
	expect "IPv$f: one that leads to the pod without a service" in_ns "$node" conntrack -I \
		-p udp -w 5 -s "${client_ip[$f]}" -d "${pod1_ip[$f]}" --sport 23002 --dport 8080 \
		-t 300
	udp=$(stat stale-udp)
	expect "IPv$f: the endpoint goes, another one comes" service "$f" udp "${pod2_ip[$f]}"
	same "IPv$f: the two have ended, whatever their zone" "$((udp + 2)) 0 0" \
		"$(stat stale-udp) $(entries "$f" udp "$to" 5) $(entries "$f" udp "$to" 6)"
	same "IPv$f: the third has not" 1 "$(entries "$f" udp "${pod1_ip[$f]}" 5)"
	expect "IPv$f: the next datagram reaches the other one" says "$conn" two
	expect "IPv$f: the service goes" svc del service test/zone udp --family "$f"
}

# INVALID packets are known by their addresses alone: conntrack does not say for which
# zone it has refused them.
guarded() {
	local f=$1 to=${vip[$1]} dropped strays again

	expect "IPv$f: TCP" service "$f" tcp "${pod1_ip[$f]}"
	held conn "$client" tcp "$to" 80 || fail "a connection to hold"
	dropped=$(stat invalid)
	strays=$(arrived strays)
	expect "IPv$f: an INVALID packet of an endpoint" \
		wild "$pod1" eth0 8080 "${pod1_ip[$f]}" 8080 "$conn"
	expect "IPv$f: is dropped" wait_for 5 stat_is invalid $((dropped + 1))
	same "IPv$f: and does not arrive" "$strays" "$(arrived strays)"
	expect "IPv$f: the connection goes on" says "$conn" one
	expect "IPv$f: an INVALID packet of somebody else" \
		stray "$pod2" send "${pod2_ip[$f]}" 8080 "${client_ip[$f]}" 4444 SA
	expect "IPv$f: comes through" wait_for 5 arrived_is strays $((strays + 1))

	again=$(stat rescheduled)
	expect "IPv$f: a connection is half closed" half_closed "$f" "$to" 40006
	expect "IPv$f: its endpoint goes, another one comes" service "$f" tcp "${pod2_ip[$f]}"
	expect "IPv$f: the port again reaches the other one" \
		ask "$client" tcp "$to" 80 two --sport 40006
	same "IPv$f: that is counted" $((again + 1)) "$(stat rescheduled)"
	in_ns "$pod1" nft delete table inet deaf
}

expect "a zone for all" zone_5
for f in "${families[@]}"; do
	in_a_zone "$f"
	stale_in_zones "$f"
	guarded "$f"
	expect "IPv$f: the service goes" svc del service test/zone tcp --family "$f"
done
in_ns "$node" nft delete table inet zones

# ---- two clients with one address

# The other one's packets are known by the device that they come in by.
ns_add client2
link "$client2" eth0 192.168.50.2/24,fd50::2/64 "$node" lan2 192.168.60.1/24,fd60::1/64
ip -n "$client2" route add default via 192.168.60.1 dev eth0 onlink
ip -n "$client2" route add default via fd60::1 dev eth0 onlink
for f in 4 6; do
	ip -n "$node" "-$f" rule add fwmark 2 lookup 102
	ip -n "$node" "-$f" route add "${client_ip[$f]}" dev lan2 table 102
done
two_tenants() {
	in_ns "$node" nft -f - <<-RULES
		table inet zones {
			chain raw {
				type filter hook prerouting priority raw;
				iifname "lan2" ct original zone set 7
			}
			chain back {
				type filter hook prerouting priority mangle;
				iifname "lan2" ct mark set 2
				meta mark set ct mark
			}
		}
	RULES
}
# both_entries FAMILY PROTO [OPTION...]
both_entries() {
	in_ns "$node" conntrack -L -f "ipv$1" -p "$2" -d "${vip[$1]}" --sport 24000 "${@:3}" \
		2>/dev/null | wc -l
}
expect "a zone for the other client" two_tenants
apart() {
	local f=$1 p=$2 one two

	expect "IPv$f $p: two endpoints" service "$f" "$p" "${pod1_ip[$f]}" "${pod2_ip[$f]}"
	held first "$client" "$p" "${vip[$f]}" 80 --sport 24000 || fail "the first client"
	held second "$client2" "$p" "${vip[$f]}" 80 --sport 24000 || fail "the second client"
	one=$(head -1 "$first/out")
	two=$(head -1 "$second/out")
	same "IPv$f $p: one tuple, one endpoint" "${one%% *}" "${two%% *}"
	expect "IPv$f $p: which tells them apart by the port: $one, $two" test "$one" != "$two"
	expect "IPv$f $p: the first goes on" says "$first" "${one%% *}"
	expect "IPv$f $p: the second, too" says "$second" "${two%% *}"
	same "IPv$f $p: the second one's is in a zone of its own" "2 1" \
		"$(both_entries "$f" "$p") $(both_entries "$f" "$p" --orig-zone 7)"
}
apart 4 tcp
apart 4 udp
apart 6 udp
in_ns "$node" nft delete table inet zones

# ---- not tracked

untracked() {
	in_ns "$node" nft -f - <<-RULES
		table inet raw {
			counter untranslated { }
			chain pre {
				type filter hook prerouting priority raw;
				iifname "lan" notrack
			}
			chain forward {
				type filter hook forward priority 0;
				ip daddr ${vip[4]} counter name untranslated
				ip6 daddr ${vip[6]} counter name untranslated
			}
		}
	RULES
}
expect "a client that is not tracked" untracked
for f in "${families[@]}"; do
	n=$(nft_count "$node" raw untranslated)
	expect "IPv$f: is no client of a service" unanswered "$client" udp "${vip[$f]}" 80 \
		--sport 25000
	expect "IPv$f: its packets are let by as they are" \
		test "$(nft_count "$node" raw untranslated)" -gt "$n"
done

finish

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Connections that lead to what is gone end with the command that took it away;
# so do those that slipped by before a service was there. All others stay.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/node.bash"
. "$(dirname "$0")/conns.bash"

needs ip svcctl jq conntrack nft
begin
node_up
svcnl() { in_ns "$node" "$lib_repo/build/tests/svcnl" "$@"; }
for f in "${families[@]}"; do
	for p in udp tcp; do
		server "$pod1" "$p" "${pod1_ip[$f]}" 8080 one || fail "server one, $p IPv$f"
		server "$pod2" "$p" "${pod2_ip[$f]}" 8080 two || fail "server two, $p IPv$f"
	done
done
declare -A silent_ip=([4]=10.96.0.20 [6]=fd96::20)
declare -A later_ip=([4]=10.96.0.30 [6]=fd96::30)

# ---- UDP: an endpoint goes, the last one, the service

udp_endpoint_goes() {
	local f=$1 name=test/udp$1 to=${vip[$1]} ep1 ep2 udp tcp

	ep1=$(at "${pod1_ip[$f]}" 8080)
	ep2=$(at "${pod2_ip[$f]}" 8080)
	expect "IPv$f: a service of one endpoint" svc add service "$name" udp \
		--frontend "$(at "$to" 53)" --frontend nodeport:30053 --endpoint "$ep1"
	held address "$client" udp "$to" 53 || fail "UDP to the address"
	held port "$client" udp "${node_ip[$f]}" 30053 || fail "UDP to the NodePort"
	held local "$node" udp "$to" 53 || fail "UDP from the node"
	held direct "$client" udp "${pod1_ip[$f]}" 8080 || fail "UDP to the pod itself"

	udp=$(stat stale-udp)
	tcp=$(stat stale-tcp)
	expect "IPv$f: another endpoint comes" svc add endpoint "$name" udp "$ep2"
	same "IPv$f: that ends nothing" "$udp" "$(stat stale-udp)"
	expect "IPv$f: it goes on where it was" says "$address" one
	expect "IPv$f: the first endpoint goes" svc del endpoint "$name" udp "$ep1"
	same "IPv$f: nothing leads there when the command returns" "|" \
		"$(leads "$f" udp "$to")|$(leads "$f" udp "${node_ip[$f]}")"
	same "IPv$f: three were ended, and counted" "$((udp + 3)) $tcp" \
		"$(stat stale-udp) $(stat stale-tcp)"
	expect "IPv$f: the next datagram of the socket is answered by the other one" \
		says "$address" two
	expect "IPv$f: through the NodePort" says "$port" two
	expect "IPv$f: from the node" says "$local" two
	expect "IPv$f: who talks to the pod itself does so still" says "$direct" one
	udp_last_endpoint_goes "$f" "$name" "$to" "$ep2"
}

udp_last_endpoint_goes() {
	local f=$1 name=$2 to=$3 ep2=$4 udp

	udp=$(stat stale-udp)
	expect "IPv$f: the endpoint drains" svc add endpoint "$name" udp "$ep2,weight=0"
	expect "IPv$f: that ends nothing" says "$address" two
	same "IPv$f: nor is anything counted" "$udp" "$(stat stale-udp)"
	expect "IPv$f: it goes, the last one" svc del endpoint "$name" udp "$ep2"
	same "IPv$f: nothing leads there" "" "$(leads "$f" udp "$to")"
	expect "IPv$f: the client is refused" broken "$address" ECONNREFUSED

	expect "IPv$f: one that slips by" slipped "$node" "$f" 5353 "$to"
	expect "IPv$f: the first endpoint" svc add endpoint "$name" udp "$ep2"
	same "IPv$f: ends it" "" "$(leads "$f" udp "$to")"
	expect "IPv$f: its next datagram is answered" ask "$client" udp "$to" 53 two --sport 5353

	expect "IPv$f: and another client's" ask "$client" udp "${node_ip[$f]}" 30053 two
	expect "IPv$f: a frontend goes, the others stay" svc add service "$name" udp --replace \
		--frontend "$(at "${later_ip[$f]}" 53)" --frontend nodeport:30053 --endpoint "$ep2"
	same "IPv$f: only what was through it ends" "|${pod2_ip[$f]}" \
		"$(leads "$f" udp "$to")|$(leads "$f" udp "${node_ip[$f]}")"
	expect "IPv$f: the service goes" svc del service "$name" udp --family "$f"
	same "IPv$f: nothing leads anywhere" "" "$(leads "$f" udp "${node_ip[$f]}")"
}

# ---- UDP that nobody answers, and that never pauses

send_on() {
	ip netns exec "$client" bash -c "exec 3<>/dev/udp/$1/53
		while :; do echo x >&3; sleep 0.05; done" 2>/dev/null &
	disown
	at_exit kill $! 2>/dev/null
}

udp_one_way() {
	local f=$1 name=test/oneway$1 to=${silent_ip[$1]} pod

	for pod in "$pod1" "$pod2"; do
		in_ns "$pod" nft -f - <<-RULES
			table inet silent$f {
				chain in {
					type filter hook input priority 0;
					udp dport 9999 drop
				}
			}
		RULES
	done
	expect "IPv$f: a service that never answers" svc add service "$name" udp \
		--frontend "$(at "$to" 53)" --endpoint "$(at "${pod1_ip[$f]}" 9999)"
	send_on "$to"
	expect "IPv$f: somebody sends all the time" \
		wait_for 5 leads_to "${pod1_ip[$f]}" "$f" udp "$to"
	expect "IPv$f: another endpoint" svc add endpoint "$name" udp \
		"$(at "${pod2_ip[$f]}" 9999)"
	expect "IPv$f: the first one goes" svc del endpoint "$name" udp \
		"$(at "${pod1_ip[$f]}" 9999)"
	expect "IPv$f: what is sent goes to the other one" \
		wait_for 5 leads_to "${pod2_ip[$f]}" "$f" udp "$to"
}

# ---- UDP before there is a service

udp_before() {
	local f=$1 name=test/later$1 to=${later_ip[$1]}

	expect "IPv$f: nobody answers for an address of nobody" \
		unanswered "$client" udp "$to" 53 --sport 5454
	expect "IPv$f: nor to the node" unanswered "$node" udp "$to" 53 --sport 5455
	same "IPv$f: two connections without a translation" "$to" "$(leads "$f" udp "$to")"
	expect "IPv$f: a service comes" svc add service "$name" udp \
		--frontend "$(at "$to" 53)" --endpoint "$(at "${pod1_ip[$f]}" 8080)"
	same "IPv$f: they have ended" "" "$(leads "$f" udp "$to")"
	expect "IPv$f: the client's next datagram is answered" \
		ask "$client" udp "$to" 53 one --sport 5454
	expect "IPv$f: the node's too" ask "$node" udp "$to" 53 one --sport 5455
}

# ---- TCP and SCTP

unanswered_first() {
	local f=$1 p=$2 name=test/$2$1 to=${vip[$1]} client_pid

	in_ns "$pod1" nft -f - <<-RULES
		table inet deaf {
			chain in {
				type filter hook input priority 0;
				$p dport 8080 drop
			}
		}
	RULES
	expect "IPv$f $p: a service whose endpoint is deaf" svc add service "$name" "$p" \
		--frontend "$(at "$to" 80)" --endpoint "$(at "${pod1_ip[$f]}" 8080)"
	client "$client" "$p" "$to" 80 --timeout 60 >"$lib_scratch/first" 2>&1 &
	client_pid=$!
	expect "IPv$f $p: a first packet waits" \
		wait_for 5 leads_to "${pod1_ip[$f]}" "$f" "$p" "$to"
	svc add endpoint "$name" "$p" "$(at "${pod2_ip[$f]}" 8080)" || fail "endpoint two"
	expect "IPv$f $p: the endpoint goes" svc del endpoint "$name" "$p" \
		"$(at "${pod1_ip[$f]}" 8080)"
	wait $client_pid
	same "IPv$f $p: the packet's repetition reaches the other one" two \
		"$(cut -d' ' -f1 "$lib_scratch/first")"
	in_ns "$pod1" nft delete table inet deaf
}

tcp_established() {
	local f=$1 name=test/tcp$1 to=${vip[$1]} ep1 ep2 tcp

	ep1=$(at "${pod1_ip[$f]}" 8080)
	ep2=$(at "${pod2_ip[$f]}" 8080)
	held second "$client" tcp "$to" 80 || fail "TCP to two"
	svc add endpoint "$name" tcp "$ep1" || fail "endpoint one"
	svc add endpoint "$name" tcp "$ep2,drain" || fail "two drains"
	held first "$client" tcp "$to" 80 || fail "TCP to one"
	tcp=$(stat stale-tcp)
	expect "IPv$f: an endpoint with a connection goes" svc del endpoint "$name" tcp "$ep1"
	expect "IPv$f: the connection lives on" says "$first" one
	expect "IPv$f: so does one to an endpoint that drains" says "$second" two
	same "IPv$f: none was ended" "$tcp" "$(stat stale-tcp)"

	expect "IPv$f: a service that resets" svc add service "$name" tcp --replace --reset \
		--frontend "$(at "$to" 80)" --endpoint "$ep2"
	same "IPv$f: has ended the connection to who is gone" "$((tcp + 1))" "$(stat stale-tcp)"
	expect "IPv$f: its client is reset" broken "$first" ECONNRESET EPIPE
	expect "IPv$f: the other connection lives on" says "$second" two
	expect "IPv$f: it goes as a whole" svc del service "$name" tcp --family "$f"
	same "IPv$f: that ends all of them" "" "$(leads "$f" tcp "$to")"
}

for f in "${families[@]}"; do
	udp_endpoint_goes "$f"
	udp_one_way "$f"
	udp_before "$f"
	unanswered_first "$f" tcp
	tcp_established "$f"
done
modprobe -q sctp
for f in "${families[@]}"; do
	if server "$pod2" sctp "${pod2_ip[$f]}" 8080 two; then
		unanswered_first "$f" sctp
	else
		skip "SCTP IPv$f" "this kernel has none"
	fi
done

# ---- what is nobody's business

declare -A foreign_ip=([4]=198.51.100.1 [6]=2001:db8:1::1)
declare -A mine_ip=([4]=10.96.0.40 [6]=fd96::40)
foreign_rules() {
	local f=$1 ip=ip to

	[ "$f" = 4 ] || ip=ip6
	to=$(at "${pod1_ip[$f]}" 8080)
	in_ns "$node" nft -f - <<-RULES
		table $ip foreign {
			chain pre {
				type nat hook prerouting priority dstnat;
				$ip daddr ${foreign_ip[$f]} udp dport 53 dnat to $to
				$ip daddr ${foreign_ip[$f]} tcp dport 80 dnat to $to
			}
		}
	RULES
}

ns_add elsewhere
declare -A foreign_udp=() foreign_tcp=()
for f in "${families[@]}"; do
	expect "IPv$f: somebody else's NAT" foreign_rules "$f"
	held "foreign_udp[$f]" "$client" udp "${foreign_ip[$f]}" 53 || fail "theirs, UDP IPv$f"
	held "foreign_tcp[$f]" "$client" tcp "${foreign_ip[$f]}" 80 || fail "theirs, TCP IPv$f"
	expect "IPv$f: a service with the same endpoint" svc add service "test/mine$f" udp \
		--frontend "$(at "${mine_ip[$f]}" 53)" --endpoint "$(at "${pod1_ip[$f]}" 8080)"
done
theirs() {
	local f=$1 to=${mine_ip[$1]} ns

	# The second walk of a change before would end it.
	expect "IPv$f: no walk is outstanding" wait_for 20 quiet
	for ns in "$node" "$elsewhere"; do
		expect "IPv$f: the same connection here and elsewhere" \
			slipped "$ns" "$f" 5656 "$to" --dst-nat "${pod1_ip[$f]}"
		same "IPv$f: it leads to the endpoint" "${pod1_ip[$f]}" \
			"$(leads_in "$ns" "$f" udp "$to")"
	done
	expect "IPv$f: it gets another endpoint" svc add service "test/mine$f" udp --replace \
		--frontend "$(at "$to" 53)" --endpoint "$(at "${pod2_ip[$f]}" 8080)"
	same "IPv$f: what is here has ended" "" "$(leads "$f" udp "$to")"
	same "IPv$f: what is elsewhere has not" "${pod1_ip[$f]}" \
		"$(leads_in "$elsewhere" "$f" udp "$to")"
	expect "IPv$f: somebody else's UDP goes on" says "${foreign_udp[$f]}" one
	expect "IPv$f: somebody else's TCP goes on" says "${foreign_tcp[$f]}" one
	expect "IPv$f: that service goes" svc del service "test/mine$f" udp
}
for f in "${families[@]}"; do
	theirs "$f"
done

# ---- many at once, and later

# svcnl's services: many/I is at that address and I.
declare -A many_net=([4]=10.97.0. [6]=fd97::)
many=250
for f in "${families[@]}"; do
	server "$pod1" udp "${pod1_ip[$f]}" 53 dns || fail "server dns IPv$f"
	expect "IPv$f: $many services" svcnl many $many "${pod1_ip[$f]}"
	for i in 0 1 2; do
		ask "$client" udp "${many_net[$f]}$i" 53 dns || fail "service $i IPv$f"
	done
done
expect "no walk is outstanding" wait_for 20 quiet
walks=$(stat stale-walks)
udp=$(stat stale-udp)
expect "delete all of them" svc flush --owner svcnl
same "when that returns six connections have ended" $((udp + 6)) "$(stat stale-udp)"
for f in "${families[@]}"; do
	same "IPv$f: all that there were" "|" \
		"$(leads "$f" udp "${many_net[$f]}0")|$(leads "$f" udp "${many_net[$f]}2")"
done
expect "by one walk for all, and another one a moment later" \
	wait_for 5 stat_is stale-walks $((walks + 2))
expect "and no more" wait_for 5 quiet

for f in "${families[@]}"; do
	expect "IPv$f: services of an owner who loads anew" svcnl many 2 "${pod1_ip[$f]}"
	ask "$client" udp "${many_net[$f]}1" 53 dns || fail "who loads anew, IPv$f"
	expect "IPv$f: and has none any more" svcnl resync
	same "IPv$f: its connection has ended" "" "$(leads "$f" udp "${many_net[$f]}1")"
done
for f in "${families[@]}"; do
	expect "IPv$f: once more" svcnl many 2 "${pod1_ip[$f]}"
	ask "$client" udp "${many_net[$f]}0" 53 dns || fail "service that is deleted, IPv$f"
done
expect "no walk is outstanding" wait_for 20 quiet
for f in "${families[@]}"; do
	walks=$(stat stale-walks)
	expect "IPv$f: who deletes without waiting" svcnl defer many/0 "$f"
	expect "IPv$f: is waited for by a worker" \
		wait_for 3 leads_to "" "$f" udp "${many_net[$f]}0"
	expect "IPv$f: which looks twice" wait_for 5 stat_is stale-walks $((walks + 2))
done
expect "and no more" quiet

# ---- in a VRF

# IPv6 addresses go when a device changes its master.
vrf_up() {
	ip -n "$node" link add vrf0 type vrf table 10 &&
		ip -n "$node" link set vrf0 up &&
		ip -n "$node" link set lan vrf vrf0 &&
		ip -n "$node" link set pod1 vrf vrf0 &&
		ip -n "$node" addr replace fd50::1/64 dev lan nodad &&
		ip -n "$node" addr replace fd44:1::1/64 dev pod1 nodad
}
in_vrf() {
	local f=$1 to=${node_ip[$1]}

	expect "IPv$f: a NodePort in a VRF" svc add service "test/vrf$f" udp --family "$f" \
		--frontend nodeport:30054 --endpoint "$(at "${pod1_ip[$f]}" 8080)"
	expect "IPv$f: answers" wait_for 5 ask "$client" udp "$to" 30054 one
	same "IPv$f: its connection leads to the endpoint" "${pod1_ip[$f]}" \
		"$(leads "$f" udp "$to")"
	expect "IPv$f: another endpoint instead" svc add service "test/vrf$f" udp --family "$f" \
		--replace --frontend nodeport:30054 --endpoint "$(at "${pod2_ip[$f]}" 8080)"
	same "IPv$f: the connection has ended" "" "$(leads "$f" udp "$to")"
	slipped "$node" "$f" 5757 "$to" --dst-nat "${pod2_ip[$f]}" >/dev/null 2>&1
	expect "IPv$f: another one, and the service goes" svc del service "test/vrf$f" udp
	same "IPv$f: somebody else's to another port stays" "${pod2_ip[$f]}" \
		"$(leads "$f" udp "$to")"
}

if vrf_up 2>/dev/null; then
	for f in "${families[@]}"; do
		in_vrf "$f"
	done
else
	skip "a NodePort in a VRF" "this kernel has none"
fi

finish

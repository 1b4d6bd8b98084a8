#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The path MTU through a service: a router on either side, or the node itself, that
# has a narrow way says so to who sent the packet, and who sent it understands,
# because the error is translated back, with the packet that it quotes.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/node.bash"

needs ip svcctl nft
begin
ns_add node net.ipv4.conf.all.send_redirects=0 net.ipv4.conf.default.send_redirects=0

# beyond N END ROUTER: $node -- $ROUTER -- $END, wide enough for 1,500 bytes
beyond() {
	local n=$1 end=$2 router=$3

	ns_add "$router"
	ns_add "$end"
	link "$node" "to$end" "10.$n.1.1/24,fd$n:1::1/64" \
		"${!router}" node "10.$n.1.2/24,fd$n:1::2/64"
	link "${!router}" end "10.$n.2.1/24,fd$n:2::1/64" \
		"${!end}" eth0 "10.$n.2.2/24,fd$n:2::2/64"
	default_route "${!router}" "10.$n.1.1" "fd$n:1::1"
	default_route "${!end}" "10.$n.2.1" "fd$n:2::1"
	ip -n "$node" route add "10.$n.2.0/24" via "10.$n.1.2"
	ip -n "$node" route add "fd$n:2::/64" via "fd$n:1::2"
}
beyond 51 far outer
beyond 52 pod inner
declare -A far_ip=([4]=10.51.2.2 [6]=fd51:2::2)
declare -A pod_ip=([4]=10.52.2.2 [6]=fd52:2::2)
# What the pod sees of who is masqueraded.
declare -A hidden_ip=([4]=10.52.1.1 [6]=fd52:1::1)
default_route "$node" 10.51.1.2 fd51:1::2
for f in "${families[@]}"; do
	for p in tcp udp; do
		server "${pod:?}" "$p" "${pod_ip[$f]}" 8080 one || fail "server $p IPv$f"
	done
done
stream=30000	# 21 segments, or 24 where it is narrow
datagram=1400	# one packet, or two

# hex ADDRESS: as a number; of IPv6 with :: in it
hex() {
	local head tail

	if [[ $1 != *:* ]]; then
		# shellcheck disable=SC2086,SC2046 # four words
		printf '0x%02x%02x%02x%02x' ${1//./ }
		return
	fi
	head=$(hex_groups "${1%%::*}")
	tail=$(hex_groups "${1##*::}")
	printf '0x%s%0*d%s' "$head" $((32 - ${#head} - ${#tail})) 0 "$tail"
}
hex_groups() {
	local group

	for group in ${1//:/ }; do
		printf '%04x' "0x$group"
	done
}

# quotes NS SOURCE_HEX DESTINATION_HEX FAMILY: count the errors that arrive there, and of
# these the ones that quote a packet with other addresses than it sent
quotes() {
	local error quoted

	if [ "$4" = 4 ]; then
		error="icmp type destination-unreachable icmp code frag-needed"
		quoted="@th,160,32 $2 @th,192,32 $3"
	else
		error="icmpv6 type packet-too-big"
		quoted="@th,128,128 $2 @th,256,128 $3"
	fi
	in_ns "$1" nft -f - <<-RULES
		table inet errors
		delete table inet errors
		table inet errors {
			counter told { }
			counter own { }
			chain in {
				type filter hook input priority 0;
				$error counter name told
				$error $quoted counter name own
			}
		}
	RULES
}
errors() { nft_count "$1" errors "$2"; }
# was_told NS: at least once, and each time about its own packet
was_told() {
	[ "$(errors "$1" told)" -gt 0 ] && [ "$(errors "$1" own)" = "$(errors "$1" told)" ]
}

# narrow NS FAMILY END DEVICE [GATEWAY]: from there to END no more than 1,300 bytes
narrow() {
	ip -n "$1" "-$2" route replace "$3" ${5:+via "$5"} dev "$4" mtu lock 1300
}
# Also what the ends have learned.
wide() {
	local ns

	ip -n "$1" "-$2" route del "$3" mtu lock 1300
	for ns in "$far" "$pod" "$node"; do
		ip -n "$ns" "-$2" route flush cache
	done
}

# Large enough to need it; the first that is too large may be lost.
through() { ask "$1" tcp "$2" "$3" one --size "$stream"; }
too_large() {
	local out

	out=$(client "$far" udp "$1" 53 --size "$datagram" --timeout "$TIMEOUT" 2>&1)
	[ "$out" = EMSGSIZE ] || { echo "$out, not EMSGSIZE"; return 1; }
}

# towards_pod FAMILY WHERE: the client has to hear of it
towards_pod() {
	local f=$1

	expect "IPv$f: $2: a stream passes" through "$far" "${vip[$f]}" 80
	expect "IPv$f: $2: the client was told, about its packets to the service" was_told "$far"
	ip -n "$far" "-$f" route flush cache
	expect "IPv$f: $2: a datagram that is too large is an error of its socket" \
		too_large "${vip[$f]}"
	expect "IPv$f: $2: the next one comes in two packets, and is answered" \
		ask "$far" udp "${vip[$f]}" 53 one --size "$datagram"
}

both_ways() {
	local f=$1 how=$2 peer=$3

	quotes "$far" "$(hex "${far_ip[$f]}")" "$(hex "${vip[$f]}")" "$f"
	quotes "$pod" "$(hex "${pod_ip[$f]}")" "$(hex "$peer")" "$f"
	expect "IPv$f, $how: wide everywhere" through "$far" "${vip[$f]}" 80
	same "IPv$f, $how: nobody is told anything" "0 0" \
		"$(errors "$far" told) $(errors "$pod" told)"

	narrow "$inner" "$f" "${pod_ip[$f]}" end
	towards_pod "$f" "$how, narrow behind the node"
	wide "$inner" "$f" "${pod_ip[$f]}"
	same "IPv$f, $how: the pod was told nothing" 0 "$(errors "$pod" told)"

	narrow "$outer" "$f" "${far_ip[$f]}" end
	expect "IPv$f, $how, narrow before the node: a stream passes" \
		through "$far" "${vip[$f]}" 80
	expect "IPv$f, $how, narrow before the node: the pod was told, about its packets" \
		was_told "$pod"
	expect "IPv$f, $how, narrow before the node: a large answer, too" \
		ask "$far" udp "${vip[$f]}" 53 one --size "$datagram"
	wide "$outer" "$f" "${far_ip[$f]}"
}

# The node is the router that says it, and a client itself.
at_the_node() {
	local f=$1

	quotes "$far" "$(hex "${far_ip[$f]}")" "$(hex "${vip[$f]}")" "$f"
	narrow "$node" "$f" "${pod_ip[$f]}" topod "$(gateway "$f")"
	towards_pod "$f" "narrow at the node"
	wide "$node" "$f" "${pod_ip[$f]}"

	narrow "$inner" "$f" "${pod_ip[$f]}" end
	expect "IPv$f: the node's own stream passes" through "$node" "${vip[$f]}" 80
	expect "IPv$f: one without a service, too" through "$far" "${pod_ip[$f]}" 8080
	wide "$inner" "$f" "${pod_ip[$f]}"
}
gateway() { if [ "$1" = 4 ]; then echo 10.52.1.2; else echo fd52:1::2; fi; }

# It is the errors that do it.
without_errors() {
	local f=$1

	in_ns "$inner" nft -f - <<-RULES
		table inet silent {
			chain out {
				type filter hook output priority 0;
				icmp type destination-unreachable drop
				icmpv6 type packet-too-big drop
			}
		}
	RULES
	narrow "$inner" "$f" "${pod_ip[$f]}" end
	expect "IPv$f: where nobody is told, a stream stands still" \
		stands_still "${vip[$f]}"
	wide "$inner" "$f" "${pod_ip[$f]}"
	in_ns "$inner" nft delete table inet silent
}
stands_still() {
	local out

	out=$(client "$far" tcp "$1" 80 --size "$stream" --timeout 1 2>&1)
	[ "$(tail -1 <<<"$out")" = ETIMEDOUT ] || { echo "$out, not ETIMEDOUT"; return 1; }
}

for f in "${families[@]}"; do
	expect "IPv$f: a service, TCP" svc add service test/web tcp \
		--frontend "$(at "${vip[$f]}" 80)" --endpoint "$(at "${pod_ip[$f]}" 8080)"
	expect "IPv$f: UDP" svc add service test/web udp \
		--frontend "$(at "${vip[$f]}" 53)" --endpoint "$(at "${pod_ip[$f]}" 8080)"
	both_ways "$f" plain "${far_ip[$f]}"
	at_the_node "$f"
	without_errors "$f"
done
expect "pod networks: who is outside is masqueraded" \
	svc settings pod-cidrs 10.244.0.0/16,fd44::/16
for f in "${families[@]}"; do
	both_ways "$f" masqueraded "${hidden_ip[$f]}"
done

finish

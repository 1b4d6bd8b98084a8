#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Changes: all at once or not at all, only to what they name, and unseen by
# connections that stand.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/node.bash"

needs ip svcctl jq nft
begin
node_up
for f in "${families[@]}"; do
	server "$pod1" tcp "${pod1_ip[$f]}" 8080 one || fail "server one, IPv$f"
	server "$pod2" tcp "${pod2_ip[$f]}" 8080 two || fail "server two, IPv$f"
done

expect "add" svc add service test/web tcp --frontend "${vip[4]}:80" \
	--endpoint "${pod1_ip[4]}:8080"
held conn "$client" tcp "${vip[4]}" 80 || fail "a connection to hold"

refuse "the same once more is refused" "the service exists" \
	svc add service test/web tcp --frontend "${vip[4]}:80" --endpoint "${pod2_ip[4]}:8080"
expect "and changed nothing" ask "$client" tcp "${vip[4]}" 80 one

refuse "another service cannot take the address" \
	"${vip[4]}:80/TCP is taken by service 'test/web' of owner 'hand'" \
	svc add service test/thief tcp --frontend 10.96.0.99:80 --frontend "${vip[4]}:80" \
	--endpoint "${pod2_ip[4]}:8080"
expect "nor keep the address that was free" unanswered "$client" tcp 10.96.0.99 80
same "the table is as it was" "1 1 1" "$(table_counts)"
expect "the same address with another protocol is another frontend" \
	svc add service test/thief udp --frontend "${vip[4]}:80"
expect "delete it" svc del service test/thief udp

expect "replace: another address, another endpoint" svc add service test/web tcp --replace \
	--frontend 10.96.0.11:80 --frontend external:203.0.113.10:80 \
	--endpoint "${pod2_ip[4]}:8080"
expect "the new address leads to the new endpoint" ask "$client" tcp 10.96.0.11 80 two
expect "the old address is nobody's" unanswered "$client" tcp "${vip[4]}" 80
expect "the connection through it goes on" held_ask "$conn" "still there"
expect "another kind for the same address" svc add service test/web tcp --replace \
	--frontend 10.96.0.11:80 --frontend loadbalancer:203.0.113.10:80 \
	--endpoint "${pod2_ip[4]}:8080"
same "is shown" "cluster loadbalancer" \
	"$(svc show -j | jq -r '[.[0].frontends[].kind] | sort | join(" ")')"
expect "and works" ask "$client" tcp 203.0.113.10 80 two

refuse "an endpoint twice" "${pod1_ip[4]}:8080 stands twice" \
	svc add service test/twice tcp --frontend 10.96.0.12:80 \
	--endpoint "${pod1_ip[4]}:8080" --endpoint "${pod1_ip[4]}:8080"
refuse "a frontend twice" "10.96.0.12:80/TCP stands twice" \
	svc add service test/twice tcp --frontend 10.96.0.12:80 --frontend external:10.96.0.12:80
same "changed nothing" "1 2 1" "$(table_counts)"

# Owners.
refuse "another owner's service cannot be replaced" "belongs to owner 'hand'" \
	svc add service test/web tcp --replace --owner other --frontend 10.96.0.11:80
refuse "nor deleted" "belongs to owner 'hand'" svc del service test/web tcp --owner other
expect "a service of another owner" svc add service test/other tcp --owner other \
	--frontend 10.96.0.13:80
expect "flush that owner" svc flush --owner other
same "deleted only its own" "test/web" "$(svc show -j | jq -r '[.[].name] | join(" ")')"

# Limits.
expect "a limit" svc settings max-services 1
refuse "refuses the next by name" "max-services" \
	svc add service test/more tcp --frontend 10.96.0.14:80
expect "but not a change" svc add service test/web tcp --replace \
	--frontend 10.96.0.11:80 --endpoint "${pod1_ip[4]}:8080"
expect "no limit" svc settings max-services 100 max-endpoints 2
refuse "too many endpoints" "max-endpoints" svc add service test/more tcp \
	--frontend 10.96.0.14:80 --endpoint 10.0.0.1:1 --endpoint 10.0.0.2:1
same "changed nothing" "1 1 1" "$(table_counts)"
expect "no limit again" svc settings max-endpoints 1000000

# ---- replaced 1,000 times while connections are made: none is lost

# What each of them lets by: an nft counter of the name "seen".
watch() {
	in_ns "$1" nft -f - <<-RULES
		table inet seen
		delete table inet seen
		table inet seen {
			counter seen { }
			chain seen {
				type filter hook $2 priority 300;
				$3 counter name seen
			}
		}
	RULES
}
seen() {
	local said

	said=$(in_ns "$1" nft list counter inet seen seen)
	[[ $said =~ packets\ ([0-9]+) ]] && echo "${BASH_REMATCH[1]}"
}
each_arrived() { [ "$(seen "$client")" -eq $(($(seen "$pod1") + $(seen "$pod2"))) ]; }

busy() {
	local f=$1 times=$2 to=$3 pid before after syn="tcp flags & (syn | ack) == syn" ip=ip

	[ "$f" = 4 ] || ip=ip6
	expect "a service that is busy, IPv$f" svc add service test/busy tcp \
		--frontend "$(at "$to" 80)" --endpoint "$(at "${pod1_ip[$f]}" 8080)"
	expect "counters, IPv$f" eval "watch '$client' output '$ip daddr $to $syn' &&
		watch '$pod1' input '$syn' && watch '$pod2' input '$syn' &&
		watch '$node' forward '$ip daddr $to'"
	ip netns exec "$client" "$lib_net" client tcp "$to" 80 --count 100000 --timeout 200 \
		>"$lib_scratch/busy" 2>&1 &
	pid=$!
	at_exit eval "kill $pid 2>/dev/null"
	expect "connections are made, IPv$f" wait_for 10 began 20
	before=$(wc -l <"$lib_scratch/busy")
	expect "it is replaced $times times, IPv$f" in_ns "$node" \
		"$lib_repo/build/tests/nlcheck" replace "$to" "${pod1_ip[$f]}" \
		"${pod2_ip[$f]}" "$times"
	after=$(wc -l <"$lib_scratch/busy")
	expect "connections went on meanwhile: $((after - before))" \
		test $((after - before)) -gt 50
	kill -0 $pid 2>/dev/null
	same "and the client goes on still" 0 $?
	kill $pid
	wait $pid 2>/dev/null
	wait_for 3 each_arrived
	same "each first packet has arrived, once" "$(seen "$client")" \
		$(($(seen "$pod1") + $(seen "$pod2")))
	same "none untranslated" 0 "$(seen "$node")"
	same "both endpoints answered them, and nobody else" "one two" \
		"$(cut -d' ' -f1 "$lib_scratch/busy" | head -n "$after" | sort -u | paste -sd' ')"
	expect "it goes, IPv$f" svc del service test/busy tcp
}
began() { [ "$(wc -l <"$lib_scratch/busy")" -ge "$1" ]; }

busy 4 1000 10.96.0.20
busy 6 300 fd96::20

# Address and endpoint change together: nobody ever gets the one with the other.
arrived() {
	local said

	said=$(in_ns "$node" nft list counter inet halves "$1")
	[[ $said =~ packets\ ([0-9]+) ]] && echo "${BASH_REMATCH[1]}"
}
in_ns "$node" nft -f - <<-RULES
	table inet halves {
		counter right { }
		counter wrong { }
		chain halves {
			type filter hook forward priority 0;
			ct original ip daddr 10.96.0.21 oifname "pod1" counter name right drop
			ct original ip daddr 10.96.0.22 oifname "pod2" counter name right drop
			ct original ip daddr { 10.96.0.21, 10.96.0.22 } \
				oifname { "pod1", "pod2" } counter name wrong drop
		}
	}
RULES
expect "a service whose address will change" svc add service test/busy udp \
	--frontend 10.96.0.21:80 --endpoint "${pod1_ip[4]}:8080"
flood() {
	while :; do
		in_ns "$client" "$lib_repo/build/tests/flood" 10.96.0.21 80 2000 10.9.0.1
		in_ns "$client" "$lib_repo/build/tests/flood" 10.96.0.22 80 2000 10.8.0.1
	done >/dev/null 2>&1
}
flood &
flood=$!
expect "it changes address and endpoint 2,000 times" in_ns "$node" \
	"$lib_repo/build/tests/nlcheck" swap 10.96.0.21 "${pod1_ip[4]}" 10.96.0.22 \
	"${pod2_ip[4]}" 2000
kill $flood
same "no packet has met half of a change" 0 "$(arrived wrong)"
expect "and many a whole one: $(arrived right)" test "$(arrived right)" -gt 100
in_ns "$node" nft delete table inet halves
expect "it goes" svc del service test/busy udp

# Some endpoints of many; the counters of those that stay go on.
expect "endpoints with options" svc add service test/set tcp --frontend 10.96.0.30:80 \
	--endpoint "${pod1_ip[4]}:8080,weight=3" --endpoint "${pod2_ip[4]}:8080,drain"
for ((i = 0; i < 5; i++)); do
	client "$client" tcp 10.96.0.30 80
done >"$lib_scratch/set"
same "the one that drains got nothing" "one" \
	"$(cut -d' ' -f1 "$lib_scratch/set" | sort -u | paste -sd' ')"
counters() {
	svc stats services test/set -j |
		jq -r '.[0].endpoints | map("\(.address) \(.connections)") | join(",")'
}
same "counted" "${pod1_ip[4]} 5,${pod2_ip[4]} 0" "$(counters)"
expect "an endpoint more, and another one back in use" svc add endpoint test/set tcp \
	10.244.9.9:8080,drain "${pod2_ip[4]}:8080"
same "the counters stay" "${pod1_ip[4]} 5,${pod2_ip[4]} 0,10.244.9.9 0" "$(counters)"
same "three endpoints" "3" "$(svc show test/set -j | jq '.[0].endpoints | length')"
refuse "one that is not there cannot go" "has no endpoint 10.1.1.1:1" \
	svc del endpoint test/set tcp 10.244.9.9:8080 10.1.1.1:1
same "and the other one did not either" "3" \
	"$(svc show test/set -j | jq '.[0].endpoints | length')"
expect "they go" svc del endpoint test/set tcp 10.244.9.9:8080 "${pod1_ip[4]}:8080"
expect "what is left has the connections" ask "$client" tcp 10.96.0.30 80 two
refuse "endpoints of no service" "no such service" \
	svc add endpoint test/none tcp --family 4 10.1.1.1:1
expect "back again" svc add endpoint test/set tcp "${pod1_ip[4]}:8080"
same "who comes back begins anew" "${pod1_ip[4]} 0" "$(counters | cut -d, -f1)"

# 10,000 endpoints: one message, and one of them changed.
seq 1 10000 | awk '{
	printf "--endpoint 10.%d.%d.%d:80 ", 100 + $1 / 65536, $1 / 256 % 256, $1 % 256
}' \
	>"$lib_scratch/many"
# shellcheck disable=SC2046 # words
expect "10,000 endpoints" svc add service test/large udp --frontend 10.96.0.40:53 \
	$(<"$lib_scratch/many")
expect "one goes" svc del endpoint test/large udp 10.100.0.1:80
expect "one comes" svc add endpoint test/large udp 10.100.200.1:80
same "still 10,000" 10000 "$(svc show test/large -v -j | jq '.[0].endpoints | length')"

expect "flush" svc flush
same "leaves nothing" "0 0 0" "$(table_counts)"
expect "but the connection" held_ask "$conn" "and still"

finish

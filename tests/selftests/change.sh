#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Changes: all at once or not at all, only to what they name, and unseen by
# connections that stand.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/node.bash"

needs ip svcctl nft
begin
node_up
for f in "${families[@]}"; do
	server "$pod1" tcp "${pod1_ip[$f]}" 8080 one || fail "server one, IPv$f"
	server "$pod2" tcp "${pod2_ip[$f]}" 8080 two || fail "server two, IPv$f"
done

declare -A second_ip=([4]=10.96.0.11 [6]=fd96::11)
declare -A free_ip=([4]=10.96.0.99 [6]=fd96::99)
conns=()

replaced() {
	local f=$1 to second free external ep1 ep2 conn

	to=$(at "${vip[$f]}" 80) external=$(at "${external_ip[$f]}" 80)
	second=$(at "${second_ip[$f]}" 80) free=$(at "${free_ip[$f]}" 80)
	ep1=$(at "${pod1_ip[$f]}" 8080) ep2=$(at "${pod2_ip[$f]}" 8080)
	expect "IPv$f: add" svc add service test/web tcp --frontend "$to" --endpoint "$ep1"
	held conn "$client" tcp "${vip[$f]}" 80 || fail "a connection to hold"
	conns+=("$conn")

	refuse "IPv$f: the same once more is refused" "the service exists" \
		svc add service test/web tcp --frontend "$to" --endpoint "$ep2"
	expect "IPv$f: and changed nothing" ask "$client" tcp "${vip[$f]}" 80 one

	refuse "IPv$f: another service cannot take the address" \
		"$to/TCP is taken by service 'test/web' of owner 'hand'" \
		svc add service test/thief tcp --frontend "$free" --frontend "$to" \
		--endpoint "$ep2"
	expect "IPv$f: nor keep the address that was free" \
		unanswered "$client" tcp "${free_ip[$f]}" 80
	same "IPv$f: the table is as it was" "1 1 1" "$(table_counts)"
	expect "IPv$f: the same address with another protocol is another frontend" \
		svc add service test/thief udp --frontend "$to"
	expect "IPv$f: delete it" svc del service test/thief udp

	expect "IPv$f: replace: another address, another endpoint" svc add service test/web tcp \
		--replace --frontend "$second" --frontend "external:$external" --endpoint "$ep2"
	expect "IPv$f: the new address leads to the new endpoint" \
		ask "$client" tcp "${second_ip[$f]}" 80 two
	expect "IPv$f: the old address is nobody's" unanswered "$client" tcp "${vip[$f]}" 80
	expect "IPv$f: the connection through it goes on" held_ask "$conn" "still there"
	expect "IPv$f: another kind for the same address" svc add service test/web tcp --replace \
		--frontend "$second" --frontend "loadbalancer:$external" --endpoint "$ep2"
	same "IPv$f: is shown" "cluster loadbalancer" \
		"$(fields kind "$(svc show -j)" | sort | paste -sd' ')"
	expect "IPv$f: and works" ask "$client" tcp "${external_ip[$f]}" 80 two

	refuse "IPv$f: an endpoint twice" "$ep1 stands twice" \
		svc add service test/twice tcp --frontend "$free" \
		--endpoint "$ep1" --endpoint "$ep1"
	refuse "IPv$f: a frontend twice" "$free/TCP stands twice" \
		svc add service test/twice tcp --frontend "$free" --frontend "external:$free"
	same "IPv$f: changed nothing" "1 2 1" "$(table_counts)"
	expect "IPv$f: it goes" svc del service test/web tcp
	expect "IPv$f: its connection does not" held_ask "$conn" "still there"
}
for f in "${families[@]}"; do
	replaced "$f"
done

# Owners.
expect "a service" svc add service test/web tcp --frontend 10.96.0.11:80 \
	--frontend loadbalancer:203.0.113.10:80 --endpoint "${pod2_ip[4]}:8080"
refuse "another owner's service cannot be replaced" "belongs to owner 'hand'" \
	svc add service test/web tcp --replace --owner other --frontend 10.96.0.11:80
refuse "nor deleted" "belongs to owner 'hand'" svc del service test/web tcp --owner other
expect "a service of another owner" svc add service test/other tcp --owner other \
	--frontend 10.96.0.13:80
expect "flush that owner" svc flush --owner other
same "deleted only its own" "test/web" "$(fields name "$(svc show -j)" | paste -sd' ')"

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
seen() { nft_count "$1" seen seen; }
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
arrived() { nft_count "$node" halves "$1"; }
flood() {
	while :; do
		in_ns "$client" "$lib_repo/build/tests/flood" "$1" 80 2000 "$3"
		in_ns "$client" "$lib_repo/build/tests/flood" "$2" 80 2000 "$4"
	done >/dev/null 2>&1
}
# halves FAMILY TIMES ADDRESS1 ADDRESS2 CLIENTS1 CLIENTS2
halves() {
	local f=$1 times=$2 first=$3 other=$4 ip=ip flood

	[ "$f" = 4 ] || ip=ip6
	in_ns "$node" nft -f - <<-RULES
		table inet halves {
			counter right { }
			counter wrong { }
			chain halves {
				type filter hook forward priority 0;
				ct original $ip daddr $first oifname "pod1" counter name right drop
				ct original $ip daddr $other oifname "pod2" counter name right drop
				ct original $ip daddr { $first, $other } \
					oifname { "pod1", "pod2" } counter name wrong drop
			}
		}
	RULES
	expect "a service whose address will change, IPv$f" svc add service test/busy udp \
		--frontend "$(at "$first" 80)" --endpoint "$(at "${pod1_ip[$f]}" 8080)"
	flood "${@:3}" &
	flood=$!
	expect "it changes address and endpoint $times times, IPv$f" in_ns "$node" \
		"$lib_repo/build/tests/nlcheck" swap "$first" "${pod1_ip[$f]}" "$other" \
		"${pod2_ip[$f]}" "$times"
	kill $flood
	same "no packet has met half of a change, IPv$f" 0 "$(arrived wrong)"
	expect "and many a whole one, IPv$f: $(arrived right)" test "$(arrived right)" -gt 100
	in_ns "$node" nft delete table inet halves
	expect "it goes, IPv$f" svc del service test/busy udp
}
halves 4 2000 10.96.0.21 10.96.0.22 10.9.0.1 10.8.0.1
halves 6 500 fd96::21 fd96::22 fd09::1 fd08::1

# Some endpoints of many; the counters of those that stay go on.
counters() {
	local said

	said=$(svc stats services test/set -j)
	paste -d' ' <(fields address "$said") <(fields connections "$said") | paste -sd,
}
endpoints_of() { fields address "$(endpoints_in "$(svc show "$1" -v -j)")" | wc -l; }
declare -A set_ip=([4]=10.96.0.30 [6]=fd96::30)
# Sorted, they come after those of the two pods.
declare -A more_ip=([4]=10.244.9.9 [6]=fd44:9::9)
declare -A none_ip=([4]=10.1.1.1 [6]=fd01::1)
some_endpoints() {
	local f=$1 ep1 ep2 more one=${pod1_ip[$1]} two=${pod2_ip[$1]}

	ep1=$(at "$one" 8080) ep2=$(at "$two" 8080) more=$(at "${more_ip[$f]}" 8080)
	expect "IPv$f: endpoints with options" svc add service test/set tcp \
		--frontend "$(at "${set_ip[$f]}" 80)" --endpoint "$ep1,weight=3" \
		--endpoint "$ep2,drain"
	same "IPv$f: the one that drains got nothing" "one" \
		"$(client "$client" tcp "${set_ip[$f]}" 80 --count 5 | cut -d' ' -f1 | sort -u |
			paste -sd' ')"
	same "IPv$f: counted" "$one 5,$two 0" "$(counters)"
	expect "IPv$f: an endpoint more, and another one back in use" \
		svc add endpoint test/set tcp "$more,drain" "$ep2"
	same "IPv$f: the counters stay" "$one 5,$two 0,${more_ip[$f]} 0" "$(counters)"
	same "IPv$f: three endpoints" 3 "$(endpoints_of test/set)"
	refuse "IPv$f: one that is not there cannot go" \
		"has no endpoint $(at "${none_ip[$f]}" 1)" \
		svc del endpoint test/set tcp "$more" "$(at "${none_ip[$f]}" 1)"
	same "IPv$f: and the other one did not either" 3 "$(endpoints_of test/set)"
	expect "IPv$f: they go" svc del endpoint test/set tcp "$more" "$ep1"
	expect "IPv$f: what is left has the connections" ask "$client" tcp "${set_ip[$f]}" 80 two
	refuse "IPv$f: endpoints of no service" "no such service" \
		svc add endpoint test/none tcp --family "$f" "$ep1"
	expect "IPv$f: back again" svc add endpoint test/set tcp "$ep1"
	same "IPv$f: who comes back begins anew" "$one 0" "$(counters | cut -d, -f1)"
	expect "IPv$f: it goes" svc del service test/set tcp
}

# 10,000 endpoints: one message, and one of them changed.
declare -A large_ip=([4]=10.96.0.40 [6]=fd96::40)
declare -A format=([4]='--endpoint 10.100.%d.%d:80 ' [6]='--endpoint [fd64::%x:%x]:80 ')
ten_thousand() {
	local f=$1 one more

	seq 1 10000 | awk -v format="${format[$f]}" '{ printf format, $1 / 256, $1 % 256 }' \
		>"$lib_scratch/many"
	# shellcheck disable=SC2059 # one like those
	one=$(printf "${format[$f]#* }" 0 1) more=$(printf "${format[$f]#* }" 200 1)
	# shellcheck disable=SC2046 # words
	expect "IPv$f: 10,000 endpoints" svc add service test/large udp \
		--frontend "$(at "${large_ip[$f]}" 53)" $(<"$lib_scratch/many")
	expect "IPv$f: one goes" svc del endpoint test/large udp "${one% }"
	expect "IPv$f: one comes" svc add endpoint test/large udp "${more% }"
	same "IPv$f: still 10,000" 10000 "$(svc show test/large -v -j | grep -c '"port": 80$')"
	expect "IPv$f: it goes" svc del service test/large udp
}
for f in "${families[@]}"; do
	some_endpoints "$f"
	ten_thousand "$f"
done

expect "flush" svc flush
same "leaves nothing" "0 0 0" "$(table_counts)"
for conn in "${conns[@]}"; do
	expect "but the connection" held_ask "$conn" "and still"
done

finish

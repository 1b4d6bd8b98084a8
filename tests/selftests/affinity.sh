#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Session affinity: a client keeps its endpoint, through whatever address of the
# service it comes; what ends that; and that the table is bounded.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/node.bash"
. "$(dirname "$0")/affinity.bash"

needs ip svcctl jq conntrack
begin
node_up
pod_servers

# More clients on the same device, for --source.
for i in 11 12 13; do
	ip -n "$client" addr add "192.168.50.$i/24" dev eth0
done

# add_one NAME FAMILY ENDPOINT [OPTION...]: TCP on port 80, that endpoint alone
add_one() {
	svc add service "$1" tcp --replace --frontend "$(at "${vip[$2]}" 80)" \
		--frontend "external:$(at "${external_ip[$2]}" 80)" --endpoint "$3" "${@:4}"
}

family_of() { if [[ $1 == *:* ]]; then echo 6; else echo 4; fi; }

# The words of N answers, each once, in one line: "one", "two" or "one two".
# who N PROTO ADDR PORT [OPTION...]
who() {
	local line word said=() ports=()
	local -A seen=()

	# No port twice: that would be one connection.
	[ "$2" != udp ] || { forget_udp "$(family_of "$3")"; ports=(--sport 20000); }
	while read -r line; do
		seen[${line%% *}]=1
	done < <(client "$client" "${@:2:3}" "${ports[@]}" --count "$1" --timeout "$TIMEOUT" \
		"${@:5}" 2>&1)
	for word in one two "${!seen[@]}"; do
		[ -z "${seen[$word]:-}" ] || said+=("$word")
		unset "seen[$word]"
	done
	echo "${said[*]}"
}

other() { if [ "$1" = one ]; then echo two; else echo one; fi; }
pod_of() { if [ "$1" = one ]; then echo "${pod1_ip[$2]}"; else echo "${pod2_ip[$2]}"; fi; }

# entries NAME: lines "CLIENT ENDPOINT"
entries() {
	svc affinity show "$1" -j | jq -r '.[] | "\(.client) \(.endpoint.address)"' | sort
}
none() { [ -z "$(entries "$1")" ]; }
age() { svc affinity show "$1" -j | jq '.[0].age'; }
older() { [ "$(age "$1")" -ge "$2" ]; }
# decided NAME REASON: how many connections of that service
decided() {
	svc stats services "$1" -j | jq --arg reason "$2" '.[0].counts[$reason]'
}
entries_now() { field affinity "$(svc settings -j)"; }
entries_are() { [ "$(entries_now)" -eq "$1" ]; }

# ---- one client, one endpoint

for f in "${families[@]}"; do
	for p in tcp udp; do
		n=test/$p$f
		expect "$p IPv$f: a service without affinity" add "$n" "$p" "$f" 80
		same "spreads one client's connections" "one two" \
			"$(who 40 "$p" "${vip[$f]}" 80)"
		same "and remembers nobody" "" "$(entries "$n")"
		expect "with affinity" add "$n" "$p" "$f" 80 --affinity 600
		kept=$(who 1 "$p" "${vip[$f]}" 80)
		same "it is remembered" "${client_ip[$f]} $(pod_of "$kept" "$f")" \
			"$(entries "$n")"
		before=$(decided "$n" endpoint)
		same "one endpoint for 40 source ports" "$kept" \
			"$(who 40 "$p" "${vip[$f]}" 80)"
		same "also through another address" "$kept" \
			"$(who 40 "$p" "${external_ip[$f]}" 80)"
		same "80 connections were decided so" 80 "$(decided "$n" affinity)"
		same "and none by the scheduler" "$before" "$(decided "$n" endpoint)"
	done
done

expect "another service, with the same endpoints" add test/other tcp 4 81 --affinity 600
same "shares nothing with it" "" "$(entries test/other)"
who 1 tcp "${vip[4]}" 81 >/dev/null
same "and has a decision of its own" "1 0" \
	"$(decided test/other endpoint) $(decided test/other affinity)"

# ---- show and flush

same "five entries in all" 5 "$(entries_now)"
expect "flush of one service" svc affinity flush test/other
same "deletes its entry" "" "$(entries test/other)"
same "and no other's" 4 "$(entries_now)"
expect "flush of one client" svc affinity flush --family 4 --client "${client_ip[4]}"
same "deletes its entries" 2 "$(entries_now)"
expect "flush of all" svc affinity flush
same "deletes all" 0 "$(entries_now)"
before=$(decided test/tcp4 endpoint)
kept=$(who 1 tcp "${vip[4]}" 80)
same "after that the scheduler decides" "$((before + 1))" "$(decided test/tcp4 endpoint)"

# ---- time

expect "an entry grows older" wait_for 20 older test/tcp4 3
begun=$SECONDS
who 1 tcp "${vip[4]}" 80 >/dev/null
now=$(age test/tcp4)
# However slow this machine is: had it not been refreshed, it would be older.
if [ "$now" -le $((SECONDS - begun + 1)) ]; then
	pass "a new connection makes it young again"
else
	fail "a new connection makes it young again" "$now s old"
fi
expect "a service that is replaced keeps its entries" add test/tcp4 tcp 4 80 --affinity 500
same "this one" "${client_ip[4]} $(pod_of "$kept" 4)" "$(entries test/tcp4)"

expect "a short time" add test/tcp4 tcp 4 80 --affinity 2
begun=${EPOCHREALTIME/./}
who 1 tcp "${vip[4]}" 80 >/dev/null
expect "the entry goes when its time is up" wait_for 30 none test/tcp4
lasted=$(((${EPOCHREALTIME/./} - begun) / 1000))
if [ "$lasted" -ge 2000 ]; then
	pass "and not before"
else
	fail "and not before" "after $lasted ms"
fi
before=$(decided test/tcp4 endpoint)
who 1 tcp "${vip[4]}" 80 >/dev/null
same "after that the scheduler decides" "$((before + 1))" "$(decided test/tcp4 endpoint)"
expect "old ones leave the table by themselves" wait_for 30 entries_are 0
expect "affinity that is switched off" add test/tcp4 tcp 4 80
same "is off at once" "one two" "$(who 40 tcp "${vip[4]}" 80)"

# ---- the endpoint goes

# drain FAMILY: the endpoint of the client
drain() {
	svc add service "test/tcp$1" tcp --replace --frontend "$(at "${vip[$1]}" 80)" \
		--affinity 600 --endpoint "$gone,weight=0" --endpoint "$stays"
}

# kept_one FAMILY: sets kept, gone, stays
kept_one() {
	kept=$(who 1 tcp "${vip[$1]}" 80)
	gone=$(at "$(pod_of "$kept" "$1")" 8080)
	stays=$(at "$(pod_of "$(other "$kept")" "$1")" 8080)
}

endpoint_goes() {
	local f=$1 n=test/tcp$1 to=${vip[$1]} kept gone stays before stream

	expect "IPv$f: affinity again" add "$n" tcp "$f" 80 --affinity 600
	kept_one "$f"
	expect "the client's endpoint leaves" add_one "$n" "$f" "$stays" --affinity 600
	same "and the entry with it" "" "$(entries "$n")"
	expect "the endpoint comes back" add "$n" tcp "$f" 80 --affinity 600
	same "the entry does not" "" "$(entries "$n")"
	before=$(decided "$n" endpoint)
	kept_one "$f"
	same "the scheduler decides anew" "$((before + 1))" "$(decided "$n" endpoint)"

	held stream "$client" tcp "$to" 80 || fail "a connection to the endpoint that will drain"
	expect "the client's endpoint drains" drain "$f"
	same "the entry is gone" "" "$(entries "$n")"
	same "new connections go elsewhere" "$(other "$kept")" "$(who 10 tcp "$to" 80)"
	same "and that is remembered" "${client_ip[$f]} $(pod_of "$(other "$kept")" "$f")" \
		"$(entries "$n")"
	same "the old one stays" "$kept" "$(held_ask "$stream" hello | cut -d' ' -f1)"
	expect "it drains no more" add "$n" tcp "$f" 80 --affinity 600
	same "the client stays where it is now" "$(other "$kept")" "$(who 40 tcp "$to" 80)"
	expect "all of the service's endpoints go" svc add service "$n" tcp --replace \
		--frontend "$(at "$to" 80)" --affinity 600
	expect "a client with affinity is refused as any other" refused "$client" tcp "$to" 80
	expect "the service goes" svc del service "$n" tcp --family "$f"
	expect "its entries leave the table" wait_for 30 entries_are 0
}
for f in "${families[@]}"; do
	endpoint_goes "$f"
done

# ---- bounds

full() { field affinity-full "$(svc stats -j)"; }
expect "a service for many clients" add test/many tcp 4 91 --affinity 600
before=$(full)
expect "room for two" svc settings max-affinity 2
for i in 11 12; do
	expect "client $i" test -n "$(who 1 tcp "${vip[4]}" 91 --source "192.168.50.$i")"
done
same "two of them are remembered" "192.168.50.11 192.168.50.12" \
	"$(entries test/many | cut -d' ' -f1 | paste -sd' ')"
same "the table was not full for them" "$before" "$(full)"
same "a third one is served by the scheduler" "one two" \
	"$(who 40 tcp "${vip[4]}" 91 --source 192.168.50.13)"
same "each time counted" "$((before + 40))" "$(full)"
same "those in the table keep theirs" 1 \
	"$(who 40 tcp "${vip[4]}" 91 --source 192.168.50.11 | wc -w)"
same "it has two entries still" 2 "$(entries_now)"
expect "a shorter time" add test/many tcp 4 91 --affinity 1
third() {
	client "$client" tcp "${vip[4]}" 91 --source 192.168.50.13 --timeout "$TIMEOUT" &&
		entries test/many | grep -q '^192.168.50.13 '
}
expect "makes room for the third" wait_for 30 third
expect "more room" svc settings max-affinity 1000000

# ---- with the module

expect "entries and rmmod: an entry" add test/many tcp 4 91 --affinity 600
who 1 tcp "${vip[4]}" 91 >/dev/null
expect "rmmod with entries in the table" timeout 20 rmmod svcnat
expect "and again" load_module

finish

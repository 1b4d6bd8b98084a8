#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Session affinity: a client keeps its endpoint, through whatever address of the
# service it comes; what ends that; and that the table is bounded.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/node.bash"
. "$(dirname "$0")/affinity.bash"

needs ip svcctl conntrack nft awk
begin
node_up
pod_servers

# More clients on the same device, for --source; never chosen without it.
declare -A other_ip=([4]=192.168.50. [6]=fd50::)
for i in 11 12 13; do
	ip -n "$client" addr add "${other_ip[4]}$i/24" dev eth0
	ip -n "$client" addr add "${other_ip[6]}$i/64" dev eth0 preferred_lft 0
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
	local said

	said=$(svc affinity show "$1" -j)
	paste -d' ' <(fields client "$said") <(fields address "$said") | sort
}
none() { [ -z "$(entries "$1")" ]; }
age() { field age "$(svc affinity show "$1" -j)"; }
older() { [ "$(age "$1")" -ge "$2" ]; }
# decided NAME REASON: how many connections of that service
decided() { field "$2" "$(svc stats services "$1" -j)"; }
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

for f in "${families[@]}"; do
	n=test/other$f
	expect "IPv$f: another service, with the same endpoints" add "$n" tcp "$f" 81 --affinity 600
	same "IPv$f: shares nothing with it" "" "$(entries "$n")"
	who 1 tcp "${vip[$f]}" 81 >/dev/null
	same "IPv$f: and has a decision of its own" "1 0" \
		"$(decided "$n" endpoint) $(decided "$n" affinity)"
done

# ---- show and flush

# Of each family TCP, UDP and the other service.
left=6
same "six entries in all" $left "$(entries_now)"
for f in "${families[@]}"; do
	expect "IPv$f: flush of one service" svc affinity flush "test/other$f"
	same "IPv$f: deletes its entry" "" "$(entries "test/other$f")"
	same "IPv$f: and no other's" $((left -= 1)) "$(entries_now)"
	expect "IPv$f: flush of one client" svc affinity flush --client "${client_ip[$f]}"
	same "IPv$f: deletes its entries" $((left -= 2)) "$(entries_now)"
done
for f in "${families[@]}"; do
	who 1 tcp "${vip[$f]}" 80 >/dev/null
done
same "two new ones" 2 "$(entries_now)"
expect "flush of one family" svc affinity flush --family 4
same "deletes its entries" "|${client_ip[6]}" \
	"$(entries test/tcp4)|$(entries test/tcp6 | cut -d' ' -f1)"
expect "flush of all" svc affinity flush
same "deletes all" 0 "$(entries_now)"

# ---- time

# Sets kept.
decides_anew() {
	local f=$1 n=test/tcp$1 before

	before=$(decided "$n" endpoint)
	kept=$(who 1 tcp "${vip[$f]}" 80)
	same "IPv$f: after that the scheduler decides" "$((before + 1))" "$(decided "$n" endpoint)"
}

grows_older() {
	local f=$1 n=test/tcp$1 begun=$SECONDS now

	who 1 tcp "${vip[$f]}" 80 >/dev/null
	now=$(age "$n")
	# However slow this machine is: had it not been refreshed, it would be older.
	if [ "$now" -le $((SECONDS - begun + 1)) ]; then
		pass "IPv$f: a new connection makes it young again"
	else
		fail "IPv$f: a new connection makes it young again" "$now s old"
	fi
	expect "IPv$f: a service that is replaced keeps its entries" \
		add "$n" tcp "$f" 80 --affinity 500
	same "IPv$f: this one" "${client_ip[$f]} $(pod_of "$2" "$f")" "$(entries "$n")"
}

times_out() {
	local f=$1 n=test/tcp$1 begun lasted

	expect "IPv$f: a short time" add "$n" tcp "$f" 80 --affinity 2
	begun=${EPOCHREALTIME/./}
	who 1 tcp "${vip[$f]}" 80 >/dev/null
	expect "IPv$f: the entry goes when its time is up" wait_for 30 none "$n"
	lasted=$(((${EPOCHREALTIME/./} - begun) / 1000))
	if [ "$lasted" -ge 2000 ]; then
		pass "IPv$f: and not before"
	else
		fail "IPv$f: and not before" "after $lasted ms"
	fi
	decides_anew "$f"
}

declare -A kept_before=()
for f in "${families[@]}"; do
	decides_anew "$f"
	kept_before[$f]=$kept
done
for f in "${families[@]}"; do
	expect "IPv$f: an entry grows older" wait_for 20 older "test/tcp$f" 3
done
for f in "${families[@]}"; do
	grows_older "$f" "${kept_before[$f]}"
done
for f in "${families[@]}"; do
	times_out "$f"
done
expect "old ones leave the table by themselves" wait_for 30 entries_are 0
for f in "${families[@]}"; do
	expect "IPv$f: affinity that is switched off" add "test/tcp$f" tcp "$f" 80
	same "IPv$f: is off at once" "one two" "$(who 40 tcp "${vip[$f]}" 80)"
done

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
third() {
	client "$client" tcp "${vip[$1]}" 91 --source "${other_ip[$1]}13" --timeout "$TIMEOUT" &&
		entries "test/many$1" | grep -q "^${other_ip[$1]}13 "
}
bounds() {
	local f=$1 n=test/many$1 to=${vip[$1]} o=${other_ip[$1]} before i

	expect "IPv$f: a service for many clients" add "$n" tcp "$f" 91 --affinity 600
	before=$(full)
	expect "IPv$f: room for two" svc settings max-affinity 2
	for i in 11 12; do
		expect "IPv$f: client $i" test -n "$(who 1 tcp "$to" 91 --source "$o$i")"
	done
	same "IPv$f: two of them are remembered" "${o}11 ${o}12" \
		"$(entries "$n" | cut -d' ' -f1 | paste -sd' ')"
	same "IPv$f: the table was not full for them" "$before" "$(full)"
	same "IPv$f: a third one is served by the scheduler" "one two" \
		"$(who 40 tcp "$to" 91 --source "${o}13")"
	same "IPv$f: each time counted" "$((before + 40))" "$(full)"
	same "IPv$f: those in the table keep theirs" 1 \
		"$(who 40 tcp "$to" 91 --source "${o}11" | wc -w)"
	same "IPv$f: it has two entries still" 2 "$(entries_now)"
	expect "IPv$f: a shorter time" add "$n" tcp "$f" 91 --affinity 5
	expect "IPv$f: makes room for the third" wait_for 60 third "$f"
	expect "IPv$f: more room" svc settings max-affinity 1000000
	expect "IPv$f: flush" svc affinity flush
}
for f in "${families[@]}"; do
	bounds "$f"
done

# ---- very many clients

# Nobody answers, and conntrack keeps nothing: each packet is its connection's first.
in_ns "$node" nft -f - <<-RULES || fail "the node's rules"
	table inet silent {
		chain forward {
			type filter hook forward priority 0
			udp dport 9 drop
		}
	}
RULES
declare -A few_ip=([4]=10.8.0.1 [6]=fd08::1) crowd_ip=([4]=10.9.0.1 [6]=fd09::1)
few=100 crowd=20000

# silent NAME FAMILY PORT
silent() {
	svc add service "$1" udp --replace --frontend "$(at "${vip[$2]}" "$3")" --affinity 600 \
		--endpoint "$(at "${pod1_ip[$2]}" 9)" --endpoint "$(at "${pod2_ip[$2]}" 9)"
}
# come FAMILY PORT N FIRST: a packet from each of N addresses
come() { in_ns "$client" "$lib_repo/build/tests/flood" "${vip[$1]}" "$2" "$3" "$4" 1; }
# listed NAME: how many clients, and how many different ones
listed() {
	svc affinity show "$1" >"$lib_scratch/listed" || return 1
	awk 'NR > 1 { n++; unlike += !seen[$3]++ } END { print n + 0, unlike + 0 }' \
		"$lib_scratch/listed"
}
# The few, as often as they can be listed until the file has gone: each time all of them,
# each once. Prints how often, and how often not.
listed_while() {
	local right=0 wrong=0

	while [ -e "$2" ]; do
		if [ "$(listed "$1")" = "$few $few" ]; then
			right=$((right + 1))
		else
			wrong=$((wrong + 1))
		fi
	done
	echo "$right $wrong"
}
# while_listed NAME COMMAND...: sets right, wrong
while_listed() {
	local going=$lib_scratch/going

	touch "$going"
	listed_while "$1" "$going" >"$lib_scratch/while" &
	"${@:2}"
	rm "$going"
	wait $!
	read -r right wrong <"$lib_scratch/while"
}
# decided_are NAME BY_AFFINITY BY_SCHEDULER
decided_are() { [ "$(decided "$1" affinity) $(decided "$1" endpoint)" = "$2 $3" ]; }
flush_crowd() { svc affinity flush "test/crowd$1" && wait_for 30 entries_are "$few"; }

many() {
	local f=$1 few_name=test/few$1 name=test/crowd$1 right wrong before

	expect "IPv$f: two services for many clients" silent "$few_name" "$f" 92
	expect "IPv$f: of which one gets very many" silent "$name" "$f" 93
	before=$(full)
	expect "IPv$f: $few clients" come "$f" 92 "$few" "${few_ip[$f]}"
	expect "IPv$f: each is remembered" wait_for 20 entries_are "$few"
	same "IPv$f: and listed" "$few $few" "$(listed "$few_name")"
	expect "IPv$f: $crowd clients more, listing the others meanwhile" \
		while_listed "$few_name" come "$f" 93 "$crowd" "${crowd_ip[$f]}"
	expect "IPv$f: the list always had all of them once ($right times)" \
		test "$right" -ge 1 -a "$wrong" -eq 0
	expect "IPv$f: all are remembered" wait_for 60 entries_are $((few + crowd))
	same "IPv$f: and listed" "$crowd $crowd" "$(listed "$name")"
	same "IPv$f: there was room" "$before" "$(full)"
	expect "IPv$f: they come again" come "$f" 93 "$crowd" "${crowd_ip[$f]}"
	expect "IPv$f: each has its endpoint" wait_for 60 decided_are "$name" "$crowd" "$crowd"
	expect "IPv$f: they are forgotten" while_listed "$few_name" flush_crowd "$f"
	expect "IPv$f: the others are not ($right lists)" test "$right" -ge 1 -a "$wrong" -eq 0
	expect "IPv$f: who come again" come "$f" 92 "$few" "${few_ip[$f]}"
	expect "IPv$f: and have theirs" wait_for 20 decided_are "$few_name" "$few" "$few"
	expect "IPv$f: flush" svc affinity flush
}
for f in "${families[@]}"; do
	many "$f"
done

# ---- with the module

for f in "${families[@]}"; do
	expect "entries and rmmod: an entry, IPv$f" add "test/many$f" tcp "$f" 91 --affinity 600
	who 1 tcp "${vip[$f]}" 91 >/dev/null
done
same "two are there" 2 "$(entries_now)"
expect "rmmod with entries in the table" timeout 20 rmmod svcnat
expect "and again" load_module

finish

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Packets that wait on the node (NFQUEUE) after their endpoint was chosen, while it
# goes: a walk cannot see their connections yet. The one that comes a second later
# ends them; what waits longer than that, the walk of the next change.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/node.bash"
. "$(dirname "$0")/conns.bash"

needs ip svcctl conntrack nft
begin
node_up
declare -A queued_ip=([4]=10.96.0.31 [6]=fd96::31)
for f in "${families[@]}"; do
	server "$pod1" udp "${pod1_ip[$f]}" 8080 one || fail "server one, IPv$f"
	server "$pod2" udp "${pod2_ip[$f]}" 8080 two || fail "server two, IPv$f"
done

# ---- until before the second walk

# Sets ms: from before the command until the packet goes on.
command_meanwhile() {
	local begun=${EPOCHREALTIME/./}

	"$@" || return 1
	queue_lets_go
	ms=$(((${EPOCHREALTIME/./} - begun) / 1000))
}

# queued_once FAMILY COMMAND...: no walk can see the packet meanwhile; the one that
# comes a second later does.
queued_once() {
	local f=$1 name=test/queued$1 to=${queued_ip[$1]}

	shift
	svc add service "$name" udp --replace --frontend "$(at "$to" 54)" \
		--endpoint "$(at "${pod1_ip[$f]}" 9998)" && queue_on "udp dport 9998" || return 1
	client "$client" udp "$to" 54 --sport 5999 --timeout 0.1 >/dev/null 2>&1
	queue_holds 1 && udp=$(stat stale-udp) && command_meanwhile "$@"
}

# udp_queued FAMILY HOW COMMAND...: HOW is what the command does
udp_queued() {
	local f=$1 how=$2 to=${queued_ip[$1]} udp ms=0 try=0 out code

	shift 2
	# Whoever is slower than that second has shown nothing.
	while
		lib_run queued_once "$f" "$@"
		[ "$code" -eq 0 ] && [ "$ms" -gt 900 ] && [ $((++try)) -lt 5 ]
	do
		queue_off
		end_udp
	done
	if [ "$code" -ne 0 ] || [ "$ms" -gt 900 ]; then
		queue_off
		end_udp
		# A kernel that checks itself may never be that fast.
		if [ "$code" -eq 0 ] && [ -e /proc/lockdep_stats ]; then
			skip "IPv$f: a packet waits while $how" "$ms ms"
		else
			fail "IPv$f: a packet waits while $how" "exit $code, $ms ms"$'\n'"$out"
		fi
		return
	fi
	pass "IPv$f: a packet waits while $how"
	expect "IPv$f: it goes on, and is ended a moment later" \
		wait_for 5 stat_is stale-udp $((udp + 1))
	same "IPv$f: nothing leads there" "" "$(leads "$f" udp "$to")"
	queue_off
}
end_udp() { in_ns "$node" conntrack -D -p udp --orig-port-dst 54 >/dev/null 2>&1; }

udp_queued_all() {
	local f=$1 name=test/queued$1 ep

	ep=$(at "${pod1_ip[$f]}" 9998)
	both_go() { svc del endpoint "$name" udp "$ep" && svc del service "$name" udp; }
	udp_queued "$f" "the endpoint goes" svc del endpoint "$name" udp "$ep"
	udp_queued "$f" "the service goes" svc del service "$name" udp
	udp_queued "$f" "the endpoint goes, and then the service" both_go
}


# ---- longer than that

# Nothing changes: it is late, and no more.
late() {
	local f=$1 to=${queued_ip[$1]} client_pid

	expect "IPv$f: a service" svc add service "test/late$f" udp --frontend "$(at "$to" 53)" \
		--endpoint "$(at "${pod1_ip[$f]}" 8080)"
	expect "IPv$f: its packets wait" queue_on "udp dport 8080"
	client "$client" udp "$to" 53 --sport 6001 --timeout 60 >"$lib_scratch/late" 2>&1 &
	client_pid=$!
	expect "IPv$f: this one" queue_holds
	expect "IPv$f: until no walk comes any more" wait_for 20 quiet
	queue_lets_go
	wait $client_pid
	same "IPv$f: is answered" one "$(cut -d' ' -f1 "$lib_scratch/late")"
}

# missed FAMILY: the endpoint goes, and both walks come, before the packet goes on
missed() {
	local f=$1 name=test/late$1 to=${queued_ip[$1]} udp

	client "$client" udp "$to" 53 --sport 6002 --timeout 0.1 >/dev/null 2>&1
	expect "IPv$f: another one waits" queue_holds 2
	udp=$(stat stale-udp)
	expect "IPv$f: its endpoint goes, another one comes" svc add service "$name" udp \
		--replace --frontend "$(at "$to" 53)" --endpoint "$(at "${pod2_ip[$f]}" 8080)"
	expect "IPv$f: that has ended the first" stat_is stale-udp $((udp + 1))
	expect "IPv$f: no walk comes any more" wait_for 20 quiet
	queue_lets_go
	expect "IPv$f: it goes on to where it was sent" wait_for 5 leads_to "${pod1_ip[$f]}" \
		"$f" udp "$to"
	queue_off
	expect "IPv$f: any other service" svc add service "test/other$f" udp \
		--frontend "$(at "${vip[$f]}" 53)" --endpoint "$(at "${pod1_ip[$f]}" 8080)"
	expect "IPv$f: its endpoint goes" svc del endpoint "test/other$f" udp \
		"$(at "${pod1_ip[$f]}" 8080)"
	same "IPv$f: that walk has found it" "" "$(leads "$f" udp "$to")"
	expect "IPv$f: the socket's next datagram reaches who is there" \
		ask "$client" udp "$to" 53 two --sport 6002
}

for f in "${families[@]}"; do
	udp_queued_all "$f"
	late "$f"
	missed "$f"
done

finish
